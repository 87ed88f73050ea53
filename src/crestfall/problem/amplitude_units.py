"""Units of amplitudes, as generators and analysers name them, to linear peak amplitudes.

=====================================  ================================================================
``V``, ``mV``, ``A``, ``mA``, …        the peak amplitude; also ``Vp``, ``Vpk``, ``V peak``
``Vrms``, ``mVrms``, ``Arms``, …       √2 times it is the peak amplitude
``Vpp``, ``mVpp``, …                   half of it is the peak amplitude
``dB``, ``dBFS``                       ``20 log10`` of the peak amplitude
``dBV``, ``dBmV``, ``dBµV``, ``dBu``   ``20 log10`` of the RMS over 1 V, 1 mV, 1 µV, √0.6 V
``dBm``, ``dBW``, ``W``, ``mW``        power into 50 Ω, or into a given load: ``dBm 600 ohm``
=====================================  ================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from math import sqrt

from crestfall.problem.quantities import factor_of

_OHM = 50.0
_MOST_DECIBELS = 6000.0
_SQRT_2 = sqrt(2.0)
_VOLTAGES = {"db": 1.0, "dbfs": 1.0, "dbv": _SQRT_2, "dbmv": 1e-3 * _SQRT_2, "dbuv": 1e-6 * _SQRT_2}
_VOLTAGES["dbu"] = sqrt(1.2)
"""Peak amplitude at 0 dB."""
_POWERS = {"dbm": 1e-3, "dbw": 1.0}
"""Power at 0 dB [W]."""

_LOAD = re.compile(r"(.*?)[\s_,;@/]*(?<![\d.])(\d+(?:\.\d+)?)[\s_]*(?:ohms?|Ω|Ω)", re.IGNORECASE)
_LINEAR = re.compile(r"(.?)([VA])[\s_]*(rms|eff|pk-?pk|p-?p|peak|pk|p|0-pk)?", re.IGNORECASE)
_OF_KIND = {"rms": _SQRT_2, "eff": _SQRT_2, "pp": 0.5, "pkpk": 0.5}
_NO_UNIT = ("", "1", "-", "lin", "linear")
KNOWN = "V, mV, Vrms, Vpp, A, dB, dBV, dBu, dBm, W"


def amplitude_unit(unit: str) -> Callable[[Fraction], float]:
    """A function that converts numbers in a unit to linear peak amplitudes.

    Raises:
        ValueError: The unit is unknown. The function itself raises it for decibels beyond ±6000 and powers below 0.

    Example:
        >>> half, volt = amplitude_unit("Vpp"), amplitude_unit("dBV")
        >>> half(Fraction(3)), round(volt(Fraction(0)), 6), round(amplitude_unit("dBm")(Fraction(10)), 6)
        (1.5, 1.414214, 1.0)
    """
    name, load = unit.strip(), _OHM
    if match := _LOAD.fullmatch(name):
        name, load = match[1], float(match[2])
    key = re.sub("[µμ]", "u", name).lower()
    if load != _OHM and (key not in (*_POWERS, "w", "mw", "uw", "kw") or load <= 0):
        raise ValueError(f"{unit!r} names a load, which belongs to a power in dBm, dBW or W")
    if key in _NO_UNIT:
        return float
    if key in _VOLTAGES:
        return lambda value: _VOLTAGES[key] * 10.0 ** (_decibels(value) / 20.0)
    if key in _POWERS:
        return lambda value: sqrt(2.0 * load * _POWERS[key]) * 10.0 ** (_decibels(value) / 20.0)
    if re.fullmatch("[numkµμ]?W", name):
        watt = float(factor_of(name[:-1] + "V", "V"))
        return lambda value: _of_power(float(value) * watt, load)
    if match := _LINEAR.fullmatch(name):
        factor = factor_of(f"{match[1]}{match[2].upper()}", match[2].upper())
        of_kind = _OF_KIND.get((match[3] or "").lower().replace("-", ""), 1.0)
        return lambda value: float(value * Fraction(factor)) * of_kind
    raise ValueError(
        f"the unit {unit!r} of an amplitude is unknown; known are {KNOWN}; without a unit numbers stay as they are"
    )


def _decibels(value: Fraction) -> float:
    if abs(value) > _MOST_DECIBELS:
        raise ValueError(f"{float(value):g} dB is out of range; give a level between -6000 and 6000 dB")
    return float(value)


def _of_power(watts: float, load: float) -> float:
    if watts < 0.0:
        raise ValueError("a power must not be below 0")
    return sqrt(2.0 * load * watts)
