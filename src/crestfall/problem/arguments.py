"""Checks of single arguments, each with an error that names the argument, its value, and what to give instead.

A number may be of any type that says that it is one: Python's, NumPy's, a fraction, an array or a tensor without
dimensions. A quantity may also be text with its unit, ``"1 s"``. Truth values are not numbers.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable, Iterator
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.quantities import quantity

_NOT_NUMBERS = (bool, np.bool_, str, bytes, complex, np.complexfloating)
_LARGEST = 2**63 - 1
"""Largest integer that NumPy and files count with."""
_MOST_BITS = 256
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60


def shown(value: object) -> str:
    """A value in one line of an error, however long its own description is.

    Example:
        >>> print(shown(np.eye(2)), shown("a" * 100))
        array([[1., 0.], [0., 1.]]) 'aaaaaaaaaaaaaaaaaaaaaaaaaaa...aaaaaaaaaaaaaaaaaaaaaaaaaaaa'
    """
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:  # Python refuses to write very many digits
        return f"an integer of {value.bit_length()} bits"
    try:
        if isinstance(value, str | bytes | list | tuple | dict | set):
            return " ".join(_SHORT.repr(value).split())
        text = " ".join(repr(value).split())
    except Exception:  # what others wrote may fail here, too
        return f"of type {type(value).__name__}"
    return text if len(text) <= 2 * _SHORT.maxother else f"{text[: _SHORT.maxother]}…"


def finite_number(name: str, value: Any, need: str, *, above_zero: bool = False, unit: str | None = None) -> float:
    """A finite number, above 0 where that is asked for.

    Args:
        name: What the user calls it.
        value: What was given.
        need: What to give instead, for the error.
        above_zero: Whether it must be above 0.
        unit: The base unit that text is read in (see ``quantity``); by default text is refused.

    Raises:
        ValueError: It is not such a number.

    Example:
        >>> finite_number("time_limit", "2 min", "a number of seconds", unit="s")
        120.0
        >>> finite_number("limit", 10, "a finite number")
        10.0
        >>> finite_number("limit", "10", "a finite number")
        Traceback (most recent call last):
        ValueError: limit is '10'; give a finite number
    """
    one = _scalar(value)
    if isinstance(one, str) and unit is not None:
        one = quantity(str(one), unit, name=name)
    try:
        number = float(one)
        fits = not isinstance(one, _NOT_NUMBERS) and isfinite(number) and (number > 0 or not above_zero)
    except (TypeError, ValueError, OverflowError):
        fits = False
    if not fits:
        raise ValueError(f"{name} is {shown(value)}; give {need}")
    return number


def whole_number(name: str, value: Any, least: int, need: str, most: int | None = _LARGEST) -> int:
    """An integer of at least ``least`` and at most ``most``, of any type; with ``None`` there is no largest one.

    Raises:
        ValueError: It is not such an integer.

    Example:
        >>> whole_number("starts", 16.0, 1, "an integer of at least 1")
        16
    """
    one = _scalar(value)
    try:
        whole = int(one)
        fits = not isinstance(one, _NOT_NUMBERS) and whole == one and whole >= least
    except (TypeError, ValueError, OverflowError):
        fits = False
    if not fits:
        raise ValueError(f"{name} is {shown(value)}; give {need}")
    if most is not None and whole > most:
        limit = "" if str(most) in need else f", and at most {most}"
        raise ValueError(f"{name} is {shown(whole)}; give {need}{limit}")
    return whole


def seed_number(name: str, value: Any) -> int:
    """A seed: an integer of at least 0, one drawn from a NumPy ``Generator``, or for ``None`` a new one each time.

    Raises:
        ValueError: It is none of these.

    Example:
        >>> seed_number("seed", 7), seed_number("seed", np.random.default_rng(1)) < 2**32
        (7, True)
    """
    if value is None or isinstance(value, np.random.Generator):
        return int(np.random.default_rng(value).integers(2**32))
    need = "an integer of at least 0, such as 0, None for a new one each time, or a NumPy Generator"
    return whole_number(name, value, 0, need, most=None)


def generator_of(seed: Any) -> np.random.Generator:
    """Where random numbers come from: a generator goes on from where it is, anything else is a ``seed_number``.

    Raises:
        ValueError: It is neither.
    """
    return seed if isinstance(seed, np.random.Generator) else np.random.default_rng(seed_number("seed", seed))


def detached(values: Any) -> Any:
    """What was given; of a tensor its values in the memory of this machine, without their history."""
    return values.detach().cpu() if hasattr(values, "detach") else values


def require_flag(name: str, value: object) -> None:
    """Raise a ``ValueError`` unless a value is ``True`` or ``False``: the text ``"no"`` would count as true."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} is {shown(value)}; give True or False")


_LONGEST_UNIT = 12
"""Most characters of a unit."""


def unit_text(name: str, value: object) -> str:
    """A unit for labels: a short text on one line, or an empty one.

    Raises:
        ValueError: It is not such a text.

    Example:
        >>> unit_text("unit", "m/s²")
        'm/s²'
        >>> unit_text("unit", 5)
        Traceback (most recent call last):
        ValueError: unit is 5; give a unit such as 'V' or 'mA', of at most 12 characters
    """
    if isinstance(value, str) and len(value) <= _LONGEST_UNIT and value.isprintable():
        return value.strip()
    raise ValueError(f"{name} is {shown(value)}; give a unit such as 'V' or 'mA', of at most 12 characters")


def items(name: str, values: Any, need: str, *, is_one: Callable[[Any], bool] | None = None) -> tuple[Any, ...]:
    """What a list, a tuple, an array or a generator holds.

    Args:
        name: What the user calls it.
        values: What was given.
        need: What to give instead, for the error.
        is_one: Says of a value whether it is a single item, which counts as a list of one.

    Raises:
        TypeError: It is text, or cannot be iterated over.

    Example:
        >>> items("limits", (limit for limit in [1.0, 2.0]), "a list of numbers")
        (1.0, 2.0)
    """
    if is_one is not None and is_one(values):
        return (values,)
    # Plain numbers: those of a tensor know their history, and an array without dimensions cannot be iterated over.
    held = values.tolist() if hasattr(values, "tolist") else values
    if isinstance(held, str | bytes) or not isinstance(held, Iterable):
        raise TypeError(f"{name} is {shown(values)}; give {need}")
    return tuple(held)


def whole_numbers(name: str, values: Any, least: int, need: str, most: int = _LARGEST) -> IntArray:
    """Integers ``(n,)`` of at least ``least`` and at most ``most``, of any type.

    Raises:
        TypeError: It is not a list.
        ValueError: One is not such an integer; the message names it.

    Example:
        >>> whole_numbers("numbers", [1, 2.0], 1, "a harmonic number of at least 1").tolist()
        [1, 2]
    """
    each = items(name, values, f"a list, each {need}")
    return np.array(
        [whole_number(f"{name}[{k}]", one, least, need, most) for k, one in enumerate(each)], dtype=np.int64
    )


def real_numbers(name: str, values: npt.ArrayLike, need: str, *, unit: str | None = None) -> FloatArray:
    """Real numbers as a new array, from lists, generators, Series, DataArrays, or tensors without their history.

    Args:
        name: What the user calls them.
        values: What was given.
        need: What to give instead, for the error.
        unit: The base unit that text is read in (see ``quantity``); by default text is refused.

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
        raw = np.asarray(detached(values))
        if unit is not None and raw.dtype.kind in "UTO":
            raw = _read(name, raw, unit)
        if raw.dtype.kind not in "uifO":
            raise TypeError(f"they are of type {raw.dtype}")
        # Adding 0 makes a negative zero positive: the two are equal, and what is equal must have equal hashes.
        return np.asarray(raw.astype(np.float64) + 0.0)
    except _UnreadableError as error:
        raise ValueError(str(error)) from None
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise ValueError(f"{name} are not real numbers ({error}); {need}") from None


# ------------------------------------------------------------------ parts


class _UnreadableError(ValueError):
    """Text among numbers that is not a quantity of the unit."""


def _scalar(value: Any) -> Any:
    """The number in an array or a tensor without dimensions."""
    return value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value


def _read(name: str, raw: npt.NDArray[Any], unit: str) -> npt.NDArray[Any]:
    """An array with the quantities that its texts say."""
    found = np.empty(raw.shape, dtype=object)
    for place, value in np.ndenumerate(raw):
        where = f"{name}[{place[0]}]" if place else name
        try:
            found[place] = quantity(str(value), unit, name=where) if isinstance(value, str) else value
        except ValueError as error:
            raise _UnreadableError(str(error)) from None
    return found
