"""The level at which a waveform is played, as people write it: ``0.5 V``, ``1 Vpp``, ``200 mVrms``, ``-1 dBFS``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from crestfall.problem.arguments import finite_number
from crestfall.problem.quantities import factor_of

Kind = Literal["peak", "rms", "full scale", "range", "designed", "limits"]

_NEED = "a level such as '0.5 V', '1 Vpp', '200 mVrms', '-10 dBV', '-1 dBFS', '-1 to 3 V', 'designed' or 'limits'"
_SIZE = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*([a-zµμ]*)\s*(peak|rms|pp)?", re.IGNORECASE)
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\s*([a-zµμ]*)\s*(?:\bto\b|\.\.+|…)\s*({_NUMBER})\s*([a-zµμ]*)", re.IGNORECASE)
_PAIR = re.compile(rf"\[\s*({_NUMBER})()\s*,\s*({_NUMBER})\s*\]\s*([a-zµμ]*)", re.IGNORECASE)
_UNIT = re.compile(r"([numkµμ]?)([VA])(p|pk|rms|pp)?")
_LEAST_DB = -300.0


@dataclass(frozen=True)
class Level:
    """A level that is asked for.

    Attributes:
        kind: What is set: the certified true ``"peak"`` or the ``"rms"`` [V], the peak relative to
            ``"full scale"`` [dB], or the ``"range"`` from minimum to maximum [V]. Without a number: amplitudes as
            ``"designed"``, or as large as all ``"limits"`` allow.
        value: The number; of a range its lower end.
        upper: Upper end of a range [V].
    """

    kind: Kind
    value: float = 0.0
    upper: float = 0.0


def level_of(given: Any) -> Level:
    """A level from a text, or from a number, which is a peak [V].

    Raises:
        ValueError: It is not a level, or it is out of range.

    Example:
        >>> level_of("-1 dBFS"), level_of("1 Vpp"), level_of(0.25)
        (Level(kind='full scale', value=-1.0, upper=0.0), Level(kind='peak', value=0.5, upper=0.0),
        Level(kind='peak', value=0.25, upper=0.0))
        >>> level_of("-1 to 3 V")
        Level(kind='range', value=-1.0, upper=3.0)
        >>> level_of("loud")
        Traceback (most recent call last):
        ValueError: level is 'loud'; give a level such as '0.5 V', '1 Vpp', '200 mVrms', '-10 dBV', '-1 dBFS', ...
    """
    if not isinstance(given, str):
        return Level("peak", finite_number("level", given, _NEED, above_zero=True))
    text = given.strip().replace("\N{MINUS SIGN}", "-")
    if text.lower() in ("designed", "limits"):
        return Level("designed" if text.lower() == "designed" else "limits")
    if (ends := _RANGE.fullmatch(text) or _PAIR.fullmatch(text)) is not None:
        return _range(given, *ends.groups())
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"level is {given!r}; give {_NEED}")
    number, unit, of = float(match[1]), match[2], (match[3] or "").lower()
    found = _decibels(number, unit) if unit.lower().startswith("db") and not of else _size(number, unit, of)
    if found is None or not isfinite(found.value):
        raise ValueError(f"level is {given!r}; give {_NEED}")
    if found.kind == "full scale" and not _LEAST_DB <= found.value <= 0.0:
        raise ValueError(f"level is {given!r}; full scale is 0 dBFS, so give a level from {_LEAST_DB:g} to 0 dBFS")
    if found.kind != "full scale" and found.value <= 0.0:
        raise ValueError(f"level is {given!r}; it must be above 0")
    return found


_NAMED = re.compile(r"(?<![A-Za-z])(?:[numkµμ]?([VA])(?:p|pk|rms|pp)?|dB(V))(?![A-Za-z])", re.IGNORECASE)


def unit_of_level(given: Any) -> str:
    """The unit in which a level sets what is played: ``"V"`` or ``"A"``, empty where it names neither.

    Example:
        >>> [unit_of_level(one) for one in ("200 mVrms", "-1 to 3 A", "-10 dBV", "-1 dBFS", "limits", 0.5)]
        ['V', 'A', 'V', '', '', '']
    """
    match = _NAMED.search(given) if isinstance(given, str) else None
    return "" if match is None else (match[1] or match[2]).upper()


def base_of_unit(unit: str) -> tuple[float, str]:
    """What one of a unit is in V or A, and which of them; 1 and the unit itself where it is no part of either.

    Example:
        >>> base_of_unit("mV"), base_of_unit("V"), base_of_unit("kPa")
        ((0.001, 'V'), (1.0, 'V'), (1.0, 'kPa'))
    """
    match = _UNIT.fullmatch(unit)
    return (1.0, unit) if match is None or match[3] else (float(factor_of(unit, match[2])), match[2])


def in_unit_of_level(given: Any, unit: str) -> float:
    """One unit of a problem in the unit of a level: 0.001 for mA and a level in A, 1 where they say no such thing.

    Args:
        given: The level.
        unit: Unit of the amplitudes and limits of the problem.

    Example:
        >>> in_unit_of_level("10 mA", "mA"), in_unit_of_level("1 Vpp", "V"), in_unit_of_level("limits", "mA")
        (0.001, 1.0, 1.0)
    """
    factor, base = base_of_unit(unit)
    return factor if base == unit_of_level(given) else 1.0


def _range(given: str, low: str, low_unit: str, high: str, high_unit: str) -> Level:
    """A range from minimum to maximum, such as ``-1 to 3 V``."""
    units = [unit or high_unit for unit in (low_unit, high_unit)]
    matches = [_UNIT.fullmatch(unit) for unit in units]
    if high_unit or low_unit:
        if any(match is None or match[3] for match in matches):
            raise ValueError(f"level is {given!r}; give {_NEED}")
        factors = [float(factor_of(unit, unit[-1])) for unit in units]
    else:
        factors = [1.0, 1.0]
    ends = float(low) * factors[0], float(high) * factors[1]
    if not (ends[0] < ends[1] and isfinite(ends[1] - ends[0])):
        raise ValueError(f"level is {given!r}; the lower end of a range comes first")
    return Level("range", *ends)


def _decibels(number: float, unit: str) -> Level | None:
    """``dBFS`` of the peak; ``dBV`` of the RMS, the convention of audio analysers."""
    if unit.lower() == "dbfs":
        return Level("full scale", number)
    return Level("rms", 10.0 ** (number / 20.0)) if unit.lower() == "dbv" and abs(number) < 6000.0 else None


def _size(number: float, unit: str, of: str) -> Level | None:
    if not unit:
        return Level("peak", number) if of in ("", "peak") else None
    match = _UNIT.fullmatch(unit)
    if match is None or (of and match[3]):
        return None
    kind = of or match[3] or "peak"
    value = number * float(factor_of(match[1] + match[2], match[2]))
    return Level("rms", value) if kind == "rms" else Level("peak", value / 2.0 if kind == "pp" else value)
