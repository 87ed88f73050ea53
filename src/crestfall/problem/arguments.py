"""Checks of single arguments, each with an error that names the argument, its value, and what to give instead.

A number may be of any type that says that it is one: Python's, NumPy's, a fraction. Text and truth values are none.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.problem.arrays import FloatArray

_NO_NUMBERS = (bool, np.bool_, str, bytes)


def finite_number(name: str, value: Any, need: str, *, above_zero: bool = False) -> float:
    """A finite number, above 0 where that is asked for.

    Raises:
        ValueError: It is none.

    Example:
        >>> finite_number("limit", 10, "a finite number")
        10.0
        >>> finite_number("limit", "10", "a finite number")
        Traceback (most recent call last):
        ValueError: limit is '10'; give a finite number
    """
    try:
        number = float(value)
        fits = not isinstance(value, _NO_NUMBERS) and isfinite(number) and (number > 0 or not above_zero)
    except (TypeError, ValueError, OverflowError):
        fits = False
    if not fits:
        raise ValueError(f"{name} is {value!r}; give {need}")
    return number


def whole_number(name: str, value: Any, least: int, need: str) -> int:
    """An integer of at least ``least``, of any type.

    Raises:
        ValueError: It is none.

    Example:
        >>> whole_number("starts", 16.0, 1, "an integer of at least 1")
        16
    """
    try:
        whole = int(value)
        fits = not isinstance(value, _NO_NUMBERS) and whole == value and whole >= least
    except (TypeError, ValueError, OverflowError):
        fits = False
    if not fits:
        raise ValueError(f"{name} is {value!r}; give {need}")
    return whole


def require_flag(name: str, value: object) -> None:
    """Raise a ``ValueError`` unless a value is ``True`` or ``False``: the text ``"no"`` would count as true."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} is {value!r}; give True or False")


def items(name: str, values: Any, need: str) -> tuple[Any, ...]:
    """What a list, a tuple or a generator holds.

    Raises:
        TypeError: It is text, or holds nothing that can be gone through.

    Example:
        >>> items("limits", (limit for limit in [1.0, 2.0]), "a list of numbers")
        (1.0, 2.0)
    """
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise TypeError(f"{name} is {values!r}; give {need}")
    return tuple(values)


def real_numbers(name: str, values: npt.ArrayLike, need: str) -> FloatArray:
    """Real numbers as a new array, from lists, generators, Series, DataArrays, or tensors without their history.

    Raises:
        ValueError: They are of another type, such as text; a value is masked; or they are a table with named columns.

    Example:
        >>> real_numbers("amplitudes", [1, 2], "every tone needs an amplitude").tolist()
        [1.0, 2.0]
    """
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        masked = np.flatnonzero(np.ma.getmaskarray(values)).tolist()
        raise ValueError(
            f"{name} are masked at {reprlib.repr(masked)}; leave those tones out everywhere, as with .compressed(), or "
            "give values for them"
        )
    if hasattr(values, "columns"):
        raise ValueError(
            f"{name} are a table of type {type(values).__name__}; give one column, or Multisine.from_table"
        )
    if isinstance(values, Iterator):
        values = list(values)
    try:
        raw = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
        if raw.dtype.kind not in "uifO":
            raise TypeError(f"they are of type {raw.dtype}")
        # Adding 0 makes a negative zero positive: the two are equal, and what is equal must have equal hashes.
        return np.asarray(raw.astype(np.float64) + 0.0)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise ValueError(f"{name} are not real numbers ({error}); {need}") from None
