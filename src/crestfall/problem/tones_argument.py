"""The argument that most functions begin with: the tones. An error says how to make them of what was given instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np

from crestfall.problem.arguments import detached, shown
from crestfall.problem.multisine import Multisine

P = ParamSpec("P")
T = TypeVar("T")

EXAMPLE = "Multisine.harmonics(range(1, 32), fundamental=10.0)"


def require_tones(name: str, value: object, others: str = "") -> Multisine:
    """The tones that were given.

    Args:
        name: What the user calls them.
        value: What was given.
        others: What may be given instead, for the error.

    Raises:
        TypeError: It is not a ``Multisine``; one line says how to make one of the value.

    Example:
        >>> require_tones("ms", [10.0, 20.0])
        Traceback (most recent call last):
        TypeError: ms is [10.0, 20.0]; give Multisine([10.0, 20.0]) for frequencies in Hz, or Multisine.harmonics(...
    """
    if isinstance(value, Multisine):
        return value
    raise TypeError(f"{name} is {shown(value)}; give {_instead(value)}{others}")


def takes_tones(function: Callable[P, T]) -> Callable[P, T]:
    """A function that takes tones as its first argument, ``ms``: anything else is a ``TypeError`` of one line."""

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        if args or "ms" in kwargs:
            require_tones("ms", args[0] if args else kwargs["ms"])
        return function(*args, **kwargs)

    return checked


def _instead(value: object) -> str:
    """What to write, as far as the value shows what was meant."""
    if not isinstance(value, type) and isinstance(getattr(value, "multisine", None), Multisine):
        return f"its tones, the multisine of that {type(value).__name__}"
    if _are_numbers(value):
        # In the words of a list, which is what people write.
        given = shown(np.asarray(detached(value)).tolist() if not isinstance(value, range) else value)
        return (
            f"Multisine({given}) for frequencies in Hz, or Multisine.harmonics({given}, fundamental=10.0) for harmonics"
        )
    return f"the tones as a Multisine, such as {EXAMPLE}"


def _are_numbers(value: Any) -> bool:
    if not isinstance(value, Sequence) and not hasattr(value, "__array__"):
        return False
    try:
        found = np.asarray(detached(value))
    except (TypeError, ValueError, RuntimeError):
        return False
    return found.ndim == 1 and found.size > 0 and found.dtype.kind in "uif"
