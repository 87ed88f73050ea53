"""Amplitudes as visitors type them: numbers, or levels with a unit."""

from __future__ import annotations

import re

from crestfall.files.reading import shown
from crestfall.problem.amplitude_units import amplitude_unit
from crestfall.problem.quantities import number_and_unit
from crestfall.studio.field_specs import short


def amplitudes_of(text: str) -> tuple[list[float], str]:
    """Linear peak amplitudes, one for each number of a text, and the unit that they are in: V, A or none.

    Raises:
        ValueError: Something is not an amplitude above 0; the message begins with the label of the field.

    Example:
        >>> amplitudes_of("1 0,5; 0.25"), amplitudes_of("200 mV 1Vpp"), amplitudes_of("-20 dB")
        (([1.0, 0.5, 0.25], ''), ([0.2, 0.5], 'V'), ([0.1], ''))
        >>> amplitudes_of("1 loud")
        Traceback (most recent call last):
        ValueError: Amplitudes is 'loud'; give a number such as 0.5, or a level such as 200 mV or -6 dB
    """
    sizes, units = [], set()
    for size, unit in _levels(text):
        sizes.append(_amplitude(size, unit))
        units.add(_base(unit))
    if len(units) > 1:
        raise ValueError(f"{short('amplitudes')}: some have a unit of {' and some of '.join(sorted(units, key=len))}")
    return sizes, next(iter(units), "")


def _levels(text: str) -> list[tuple[str, str]]:
    """Numbers and what follows each of them."""
    found: list[tuple[str, str]] = []
    for part in text.replace(";", " ").split():
        if found and not found[-1][1] and re.match(r"[A-Za-zµμ%]", part):
            try:
                amplitude_unit(part)
            except ValueError:
                pass
            else:
                found[-1] = found[-1][0], part
                continue
        read = number_and_unit(part, decimal_comma=True)
        unit = "" if read is None else read[1]
        found.append((part.removesuffix(unit), unit))
    return found


def _amplitude(size: str, unit: str) -> float:
    read = number_and_unit(size, decimal_comma=True)
    try:
        if read is None:
            raise ValueError
        value = amplitude_unit(unit)(read[0])
    except ValueError:
        example = "give a number such as 0.5, or a level such as 200 mV or -6 dB"
        raise ValueError(f"{short('amplitudes')} is {shown(size + unit)}; {example}") from None
    if not value > 0.0:
        raise ValueError(f"{short('amplitudes')} is {shown(size + unit)}; write a number above 0")
    return value


def _base(unit: str) -> str:
    """``V``, ``A``, or nothing for decibels of an unknown reference."""
    name = unit.lower()
    if not name or name in ("db", "dbfs"):
        return ""
    return "A" if re.fullmatch("[a-zµμ]?a(rms|eff|p.*)?", name) else "V"
