"""Numbers as visitors type them into fields; what is wrong with one begins with the label of its field."""

from __future__ import annotations

from crestfall.files.reading import shown
from crestfall.problem.quantities import quantity


def number(text: str, label: str, unit: str = "", *, least: float | None = 0.0, most: float | None = None) -> float:
    """A finite number, in a unit (see ``crestfall.problem.quantities``), above ``least`` if there is one, from a field.

    Raises:
        ValueError: It is not such a number; the message begins with the label of the field.

    Example:
        >>> number(" 2,5 kHz ", "Fundamental", "Hz")
        2500.0
        >>> number("ten", "Fundamental", "Hz")
        Traceback (most recent call last):
        ValueError: Fundamental is 'ten'; give a frequency such as 10 kHz
    """
    value = quantity(text, unit, name=label, decimal_comma=True)
    if least is not None and value <= least:
        raise ValueError(f"{label} is {shown(text)}; write a number above {least:g}")
    if most is not None and value > most:
        raise ValueError(f"{label} is {shown(text)}; this studio allows {most:g} at most")
    return value


def whole(text: str, label: str, *, least: int) -> int:
    """A whole number of at least ``least`` from a field.

    Raises:
        ValueError: It is not such a number; the message begins with the label of the field.
    """
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12 and int(digits) >= least):
        raise ValueError(f"{label} is {shown(text)}; write a whole number such as {max(least, 4) if least else 0}")
    return int(digits)


def exact(value: float) -> str:
    """A number that reads back as the same, in few digits if they suffice."""
    short = f"{value:.12g}"
    return short if float(short) == value else repr(value)
