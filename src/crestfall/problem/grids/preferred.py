"""Preferred frequencies: fractional octaves and series of rounded numbers."""

from __future__ import annotations

from math import floor, log, log10

import numpy as np

from crestfall.problem.arguments import finite_number, shown, whole_number
from crestfall.problem.arrays import FloatArray

SERIES = {
    "1-2-5": (1.0, 2.0, 5.0),
    "R5": (1.0, 1.6, 2.5, 4.0, 6.3),
    "R10": (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0),
    "R20": (1.0, 1.12, 1.25, 1.4, 1.6, 1.8, 2.0, 2.24, 2.5, 2.8, 3.15, 3.55, 4.0, 4.5, 5.0, 5.6, 6.3, 7.1, 8.0, 9.0),
    "E6": (1.0, 1.5, 2.2, 3.3, 4.7, 6.8),
    "E12": (1.0, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2),
    "third-octave": (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0),
}
"""Rounded numbers of one decade: Renard's (ISO 3), those of components (IEC 60063), nominal third octaves (ISO 266)."""

_MOST = 2**16
_OCTAVE = 10.0**0.3
"""The octave of IEC 61260: ten thirds of it are a decade."""


def preferred_numbers(lowest: float, highest: float, series: str = "R10") -> FloatArray:
    """The numbers of a series from ``lowest`` to ``highest``, both included, over any decades.

    Args:
        lowest: Lowest number, above 0.
        highest: Highest number.
        series: One of ``SERIES``.

    Raises:
        ValueError: The series is unknown, or the limits are out of order.

    Example:
        >>> preferred_numbers(8, 31.5).tolist(), preferred_numbers(1, 50, "1-2-5").tolist()
        ([8.0, 10.0, 12.5, 16.0, 20.0, 25.0, 31.5], [1.0, 2.0, 5.0, 10.0, 20.0, 50.0])
    """
    if not isinstance(series, str) or series not in SERIES:
        raise ValueError(f"series is {shown(series)}; choose one of {', '.join(SERIES)}")
    lowest, highest = _limits(lowest, highest)
    decades = range(floor(log10(lowest)) - 1, floor(log10(highest)) + 2)
    numbers = np.array([float(f"{one:g}e{decade}") for decade in decades for one in SERIES[series]])
    tolerance = 1e-9
    return numbers[(numbers >= lowest * (1 - tolerance)) & (numbers <= highest * (1 + tolerance))]


def fractional_octaves(lowest: float, highest: float, fraction: int = 3) -> FloatArray:
    r"""Exact midband frequencies of IEC 61260 from ``lowest`` to ``highest`` [Hz], ``fraction`` for each octave.

    .. math:: f_k = 1000\,G^{k/b} \;(b \text{ odd}), \quad 1000\,G^{(2k+1)/(2b)} \;(b \text{ even}), \quad G = 10^{3/10}

    Args:
        lowest: Lowest frequency [Hz], above 0.
        highest: Highest frequency [Hz].
        fraction: Bands for each octave: 1, 3, 6, 12, 24, …

    Raises:
        ValueError: The limits are out of order, or there are too many bands.

    Example:
        >>> fractional_octaves(500, 2000, 1).round(3).tolist(), fractional_octaves(100, 200, 3).round(3).tolist()
        ([501.187, 1000.0, 1995.262], [100.0, 125.893, 158.489, 199.526])
    """
    lowest, highest = _limits(lowest, highest)
    fraction = whole_number("fraction", fraction, 1, "an integer from 1 to 1000: 3 for third octaves", 1000)
    shift = 0.0 if fraction % 2 else 0.5
    first, last = (fraction * log(limit / 1000.0) / log(_OCTAVE) - shift for limit in (lowest, highest))
    steps = np.arange(np.ceil(first - 1e-9), np.floor(last + 1e-9) + 1.0)
    if steps.size > _MOST:
        raise ValueError(f"fraction is {fraction}, which makes {steps.size} bands; at most {_MOST} are made")
    return 1000.0 * _OCTAVE ** ((steps + shift) / fraction)


def _limits(lowest: float, highest: float) -> tuple[float, float]:
    need = "a finite frequency above 0 Hz"
    first, last = (
        finite_number(name, value, need, above_zero=True, unit="Hz")
        for name, value in (("lowest", lowest), ("highest", highest))
    )
    if last < first:
        raise ValueError(f"lowest {first} and highest {last} must be finite with 0 < lowest <= highest; swap them")
    return first, last
