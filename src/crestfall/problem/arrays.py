"""Array types for annotations, and objects that hold arrays."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

T = TypeVar("T")

Array = Any
"""An array of any library that follows the Python Array API standard (NumPy, PyTorch, …)."""


class ComparedByValue:
    """A frozen dataclass (``eq=False``) with arrays: they are read-only, and two objects are equal if all fields are.

    A dataclass alone would compare arrays element by element, which fails, and copies and pickles would forget
    that arrays are read-only. ``None`` and ``nan`` are equal to themselves.

    Example:
        >>> from copy import deepcopy
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True, eq=False)
        ... class Result(ComparedByValue):
        ...     phases: FloatArray
        >>> result = Result(np.zeros(2))
        >>> deepcopy(result) == result, deepcopy(result).phases.flags.writeable
        (True, False)
    """

    def __post_init__(self) -> None:
        make_read_only(vars(self))

    def __setstate__(self, state: dict[str, Any]) -> None:
        make_read_only(state)
        vars(self).update(state)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        names = [field.name for field in fields(self) if field.compare]  # type: ignore[arg-type]
        return all(_same(getattr(self, name), getattr(other, name)) for name in names)

    def __hash__(self) -> int:
        values = (getattr(self, field.name) for field in fields(self) if field.compare)  # type: ignore[arg-type]
        return hash(tuple(_hashable(value) for value in values))


def make_read_only(state: dict[str, Any]) -> None:
    """Make the arrays among an object's attributes read-only, those in tuples, too."""
    for value in state.values():
        read_only(value)


def read_only(value: T) -> T:
    """An array, or a tuple of arrays and other things, after its arrays were made read-only.

    Example:
        >>> read_only((np.zeros(2), "x"))[0].flags.writeable
        False
    """
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
    elif isinstance(value, tuple):
        for one in value:
            read_only(one)
    return value


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        numbers = all(np.asarray(value).dtype.kind in "fc" for value in (one, other))
        return np.array_equal(one, other, equal_nan=numbers)
    return bool(one == other or (one != one and other != other))


def _hashable(value: Any) -> Any:
    return (value.shape, value.tobytes()) if isinstance(value, np.ndarray) else value
