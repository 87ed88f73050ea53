"""What the columns of a table of samples are: times or values, and in which unit."""

from __future__ import annotations

import re
from typing import NamedTuple

from crestfall.problem.quantities import factor_of

_TIMES = ("time", "times", "zeit", "temps", "tiempo", "t", "second", "seconds", "sec", "x", "xpos", "x-axis")
_SECONDS = ("s", "second", "seconds", "sec", "secs", "")
_UNIT = re.compile(r"(.*?)\s*[\[(]\s*([^\])]*?)\s*[\])]|(.*?)(?:\s*/\s*|(?:^|\s+)in\s+)(\S+)|(.*?)_([A-Za-zµμ]{1,12})")
_PREFIXES = "pnuµμmkM"
_LONGEST = 100


class SampleColumn(NamedTuple):
    """A column of a table of samples."""

    name: str
    is_time: bool
    factor: float
    """From the numbers of the table to seconds, volts or amperes."""
    unit: str


def sample_column(heading: str, unit: str = "") -> SampleColumn:
    """The meaning of a heading.

    Args:
        heading: As it is written.
        unit: The unit, where a line of its own says it.

    Raises:
        ValueError: It is a time in a unit that is not known.

    Example:
        >>> sample_column("Time (ms)"), sample_column("U / mV")
        (SampleColumn(name='Time (ms)', is_time=True, factor=0.001, unit='s'),
        SampleColumn(name='U / mV', is_time=False, factor=0.001, unit='V'))
        >>> sample_column("acceleration [m/s^2]").unit
        'm/s^2'
    """
    text = " ".join(heading.strip().strip("\"'").split())
    name, said = _name_and_unit(text[:_LONGEST])
    unit = unit.strip().strip("\"'[]() ") or said
    if name.lower() in _TIMES or text.lower() in _TIMES or (not name and unit in _SECONDS[:1]):
        return SampleColumn(text, True, _seconds(text, unit), "s")
    for base in ("V", "A"):
        if unit.endswith(base) and len(unit) <= 2 and (unit[0] in _PREFIXES or len(unit) == 1):
            return SampleColumn(text, False, float(factor_of(unit, base)), base)
    return SampleColumn(text, False, 1.0, "V" if unit.lower() in ("volt", "volts", "v") else unit)


def _name_and_unit(text: str) -> tuple[str, str]:
    match = _UNIT.fullmatch(text)
    if match is None:
        return text, ""
    groups = match.groups()
    return next(((groups[k], groups[k + 1]) for k in (0, 2, 4) if groups[k + 1] is not None), (text, ""))


def _seconds(heading: str, unit: str) -> float:
    if unit.lower() in _SECONDS:
        return 1.0
    try:
        return float(factor_of(unit, "s"))
    except ValueError:
        raise ValueError(
            f"column {heading!r} is a time in {unit!r}, which is not a known unit; use s, ms, us, ns, min or h"
        ) from None
