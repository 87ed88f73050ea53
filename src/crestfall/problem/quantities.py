"""Quantities as people write them: numbers with SI prefixes and units, ``10 kHz``, ``1/60 Hz``, ``-3 dB``, ``90 deg``.

Options, problem files, headings and cells of tables, and fields of the studio are read here. The reader is given the
unit that is wanted, because a text alone is ambiguous: ``1 min`` could be a thousandth of an inch, ``100 rad/s`` begins
with the prefix ronto, and ``1,5`` may be 15. QuantiPhy reads texts without the unit, makes these mistakes, and refuses
fractions and ``10'000``; working around that would take more code than this.
"""

from __future__ import annotations

import re
import reprlib
import sys
from fractions import Fraction
from functools import cache
from math import isfinite, pi
from numbers import Real
from typing import NamedTuple

Factor = Fraction | float

_PREFIXES = {
    **dict(zip("fpnumkMGT", (Fraction(10) ** power for power in (-15, -12, -9, -6, -3, 3, 6, 9, 12)), strict=True)),
    "µ": Fraction(1, 10**6),  # the micro sign
    "μ": Fraction(1, 10**6),  # the Greek letter
    "K": Fraction(1000),
}


class _Unit(NamedTuple):
    example: str
    prefixes: str
    """SI prefixes that people use with it: others are mistakes of capitals."""
    others: dict[str, Factor]
    """Other units of the same quantity, in the base unit."""


_PER_SECOND: dict[str, Factor] = {
    f"{prefix}{unit}": _PREFIXES[prefix] if prefix else Fraction(1)
    for prefix in ("", *"kMG")
    for unit in ("S/s", "Sa/s")
}
"""Samples per second."""
_CURRENTS: dict[str, Factor] = {
    f"{prefix}A": _PREFIXES[prefix] if prefix else Fraction(1) for prefix in ("", *"pnumkMµμK")
}
"""Levels are in the unit of the amplitudes, whatever that is."""
_UNITS = {
    "Hz": _Unit(
        "a frequency such as 10 kHz",
        "numkMGTµμK",
        {
            **_PER_SECOND,
            "rad/s": 0.5 / pi,
            "krad/s": 500.0 / pi,
            "1/s": Fraction(1),
            "rpm": Fraction(1, 60),
            "1/min": Fraction(1, 60),
        },
    ),
    "s": _Unit(
        "a time such as 20 ms, 10 s, 2 min or 1 h",
        "fpnumkµμ",
        {"sec": Fraction(1), "min": Fraction(60), "h": Fraction(3600)},
    ),
    "V": _Unit("a voltage such as 20 mV, or a current", "pnumkMµμK", _CURRENTS),
    "A": _Unit("a current such as 20 mA", "pnumkMµμK", {}),
    "rad": _Unit("an angle such as 90 deg or 1.5 rad", "numµμ", {"deg": pi / 180.0, "°": pi / 180.0}),
    "dB": _Unit("a number of decibels such as -3 dB", "", {}),
    "B": _Unit(
        "an amount such as 4 GB, 500 MB or 2 GiB",
        "kMGTK",
        {f"{letter}iB": Fraction(2) ** (10 * power) for power, letter in enumerate("KMGT", 1)},
    ),
    "": _Unit("a number such as 0.5", "fpnumkMGTµμK", {"%": Fraction(1, 100)}),
}

_NO_PREFIX_ALONE = ("rad", "dB")
_LONGEST = 80
_LARGEST = Fraction(sys.float_info.max)
_GAP = "[ \N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}'\N{RIGHT SINGLE QUOTATION MARK}]"
_GROUPED = re.compile(rf"(?<![\d.])(\d{{1,3}})((?:{_GAP}\d{{3}})+)(?!\d)")
_GROUPED_BY_POINTS = re.compile(r"(?<![\d.,])([1-9]\d{0,2})((?:\.\d{3})+)(?![\d.])")
_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?0*\d{1,3})?"
_QUANTITY = re.compile(rf"([+-]?)\s*({_NUMBER})(?:\s*/\s*({_NUMBER}))?\s*([^\d\s.,+_-].*)?")


def quantity(text: str | float, unit: str, *, name: str = "value", decimal_comma: bool = False) -> float:
    """The number that a text says, in the base unit asked for.

    SI prefixes, a prefix alone (``10k``) or no unit at all, fractions (``1/60``), thousands set off by a
    no-break space, a thin space, a blank or an apostrophe, and the typographic minus are understood. Capitals matter
    only where they tell two units apart: ``mhz`` is refused, as it may be mHz or MHz.

    Args:
        text: What was written; a number counts in the base unit.
        unit: Base unit: ``"Hz"``, ``"s"``, ``"V"``, ``"A"``, ``"rad"``, ``"dB"``, ``"B"`` (bytes), ``""`` (none).
        name: What the value is called where it was written, for the error.
        decimal_comma: Whether a comma may stand for the decimal point.

    Raises:
        ValueError: The text is not a finite number in such a unit; one line with the name, the text and an example.

    Example:
        >>> quantity("1.5 MHz", "Hz"), quantity("1/60", "Hz"), quantity("90 deg", "rad"), quantity("2 min", "s")
        (1500000.0, 0.016666666666666666, 1.5707963267948966, 120.0)
        >>> quantity("0,5 kHz", "Hz", decimal_comma=True), quantity("10'000", "Hz"), quantity("-3 dB", "dB")
        (500.0, 10000.0, -3.0)
        >>> quantity("5 V", "Hz", name="--fundamental")
        Traceback (most recent call last):
        ValueError: --fundamental is '5 V'; give a frequency such as 10 kHz
    """
    value = _number(text) if not isinstance(text, str) else _value(text, unit, name, decimal_comma)
    if value is None:
        comma = ", with a decimal point" if isinstance(text, str) and "," in text and not decimal_comma else ""
        raise ValueError(f"{name} is {reprlib.repr(text)}; give {_UNITS[unit].example}{comma}")
    return value


def factor_of(text: str, unit: str) -> Factor:
    """What one of a unit is in the base unit: a ``Fraction`` where that is exact.

    Args:
        text: The unit as it was written, with or without a prefix, or a prefix alone; it must not be empty.
        unit: Base unit (see ``quantity``).

    Raises:
        ValueError: There is no such unit of this quantity, or it may be two.

    Example:
        >>> factor_of("kHz", "Hz"), round(factor_of("deg", "rad"), 6), factor_of("KHZ", "Hz")
        (Fraction(1000, 1), 0.017453, Fraction(1000, 1))
    """
    known = _known(unit)
    if text in known:
        return known[text]
    if len(text) == 1 and text.lower() in _UNITS[unit].prefixes.lower() and unit not in _NO_PREFIX_ALONE:
        if (unit, text) == ("s", "m"):
            raise _AmbiguousError("that may be minutes or milliseconds; write min or ms")
        return factor_of(f"{text}{unit}", unit)
    alike = {spelling: factor for spelling, factor in known.items() if spelling.lower() == text.lower()}
    if not alike:
        raise ValueError(f"the unit {reprlib.repr(text)} is unknown; give {_UNITS[unit].example}")
    if text == "mhz":
        raise _AmbiguousError("'mhz' may be mHz or MHz; write one of them")
    return next((factor for spelling, factor in alike.items() if spelling[0] == text[0]), min(alike.values()))


# ------------------------------------------------------------------ parts


class _AmbiguousError(ValueError):
    """A unit that may be two."""


@cache
def _known(unit: str) -> dict[str, Factor]:
    """All spellings of a unit of this quantity."""
    base = _UNITS[unit]
    return {unit: Fraction(1), **{f"{prefix}{unit}": _PREFIXES[prefix] for prefix in base.prefixes}, **base.others}


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    number = float(value)
    return number if isfinite(number) else None


def has_grouping_points(text: str) -> bool:
    """Whether points in a text set off thousands, where commas are decimal ones.

    Example:
        >>> has_grouping_points("1.500 Hz"), has_grouping_points("1.5")
        (True, False)
    """
    return _GROUPED_BY_POINTS.search(text) is not None


def number_and_unit(text: str, *, decimal_comma: bool = False) -> tuple[Fraction, str] | None:
    """The exact number of a text, and what follows it; ``None`` unless it is a finite number, with or without a unit.

    Example:
        >>> number_and_unit("102.4 MHz"), number_and_unit("-0,5", decimal_comma=True), number_and_unit("f (Hz)")
        ((Fraction(512, 5), 'MHz'), (Fraction(-1, 2), ''), None)
    """
    match = _QUANTITY.fullmatch(_plain(text, decimal_comma)) if len(text) <= _LONGEST else None
    if match is None:
        return None
    sign, numerator, denominator, written = match.groups()
    number = Fraction(numerator)
    if denominator is not None:
        if not Fraction(denominator):
            return None
        number /= Fraction(denominator)
    if number > _LARGEST:
        return None
    return (-number if sign == "-" else number), written or ""


def _value(text: str, unit: str, name: str, decimal_comma: bool) -> float | None:
    found = number_and_unit(text, decimal_comma=decimal_comma)
    if found is None:
        return None
    number, written = found
    try:
        factor = factor_of(written or unit, unit)
    except _AmbiguousError as error:
        raise ValueError(f"{name} is {reprlib.repr(text)}; {error}") from None
    except ValueError:
        return None
    try:
        value = float(number * factor) if isinstance(factor, Fraction) else float(number) * factor
    except OverflowError:
        return None
    return value if isfinite(value) else None


def _plain(text: str, decimal_comma: bool) -> str:
    """The text with a simple minus, a decimal point and no gaps between thousands."""
    text = re.sub("[\N{MINUS SIGN}\N{EN DASH}]", "-", text.strip())
    if decimal_comma:
        text = _GROUPED_BY_POINTS.sub(lambda match: match[1] + match[2].replace(".", ""), text)
        text = re.sub(r"(?<!,)(?<=\d),(?=\d)(?!\d*[.,])", ".", text, count=1) if text.count(",") == 1 else text
    return _GROUPED.sub(lambda match: match[1] + re.sub(_GAP, "", match[2]), text)
