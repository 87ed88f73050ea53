"""Amplitudes as visitors type them: numbers, or levels with a unit."""

from __future__ import annotations

import re
from fractions import Fraction

from crestfall.files.reading import shown
from crestfall.problem.amplitude_units import amplitude_unit
from crestfall.problem.quantities import factor_of, number_and_unit
from crestfall.problem.readable import readable
from crestfall.studio.field_specs import short

_LINEAR = re.compile("[numkµμ]?([VA])")


def amplitudes_of(text: str, unit: str = "") -> tuple[list[float], str]:
    """Linear peak amplitudes, one for each number of a text, and their unit: V, A, the given one or none.

    Args:
        text: The numbers, with or without units.
        unit: Unit of the amplitudes so far, which they keep where it is one of voltage or current like theirs.

    Raises:
        ValueError: Something is not an amplitude above 0; the message begins with the label of the field.

    Example:
        >>> amplitudes_of("1 0,5; 0.25"), amplitudes_of("200 mV 1Vpp"), amplitudes_of("-20 dB")
        (([1.0, 0.5, 0.25], ''), ([0.2, 0.5], 'V'), ([0.1], ''))
        >>> amplitudes_of("5 mA"), amplitudes_of("5 mA", "mA"), amplitudes_of("5", "mA")
        (([0.005], 'A'), ([5.0], 'mA'), ([5.0], ''))
        >>> amplitudes_of("1 loud")
        Traceback (most recent call last):
        ValueError: Amplitudes is 'loud'; give a number such as 0.5, or a level such as 200 mV or -6 dB
    """
    sizes, units = [], set()
    for size, given in _levels(text):
        sizes.append(_amplitude(size, given))
        units.add(_base(given))
    if len(units) > 1:
        kinds = " and some ".join(f"in {one}" if one else "without a unit" for one in sorted(units))
        raise ValueError(f"{short('amplitudes')}: some are {kinds}; give all in the same")
    base = next(iter(units), "")
    factor = factor_between(base, unit)
    return (sizes, base) if factor is None else ([scaled(size, factor) for size in sizes], unit)


def factor_between(before: str, after: str) -> float | None:
    """By how much numbers grow from one unit of voltage or current to another; ``None`` for other units.

    Example:
        >>> factor_between("A", "mA"), factor_between("mV", "V"), factor_between("V", "mA"), factor_between("", "mA")
        (1000.0, 0.001, None, None)
    """
    one, other = (_LINEAR.fullmatch(unit) for unit in (before, after))
    if one is None or other is None or one[1] != other[1]:
        return None
    return float(Fraction(factor_of(before, one[1])) / Fraction(factor_of(after, one[1])))


def scaled(size: float, factor: float) -> float:
    """A number times a power of ten, with the digits that it was typed with."""
    return float(f"{size * factor:.15g}")


def amplitude_text(size: float, unit: str) -> str:
    """An amplitude as the field shows it: with its unit, if that is one of voltage or current.

    Example:
        >>> amplitude_text(0.005, "A"), amplitude_text(5.0, "mA"), amplitude_text(5.0, "Pa"), amplitude_text(1.0, "")
        ('5 mA', '5 mA', '5', '1')
    """
    base = unit if unit in ("V", "A") else ""
    if base and 1e-9 <= size < 1e3:
        return readable(size, base)
    return f"{size:.9g} {unit}" if _LINEAR.fullmatch(unit) else f"{size:.9g}"


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
