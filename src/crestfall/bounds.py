r"""Lower bounds: what no choice of phases can beat.

**Real signals.** Bernstein and Szegő: a real signal of exponential type ``K`` (highest frequency) obeys
``x'² + K²x² ≤ K²‖x‖²∞`` at every instant. Its average over time gives

.. math:: \mathrm{CF}^2 \ge 1 + \frac{\sum_k a_k^2 (f_k/K)^2}{\sum_k a_k^2}.

**Complex signals.** The peak is at least the RMS (Parseval): ``CF ≥ 1``.

**Repeated frequencies.** The tones of one frequency add up to a phasor whose magnitude is at least
``max(0, 2 a_max - Σ a)`` (polygon inequality); the bounds then hold with the least magnitudes.

Source: Bernstein 1912, Szegő 1928; for flat harmonics see Erdélyi, "Flatness of conjugate reciprocal unimodular
polynomials", 2015.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from crestfall._types import FloatArray
from crestfall.multisine import Multisine


def lower_bound(ms: Multisine) -> float:
    """Crest factor that no phases can beat.

    Exact for a single frequency: any sum of equal frequencies that is not silent has crest factor √2 (real) or 1.

    Example:
        >>> round(lower_bound(Multisine.harmonics(range(1, 32))), 6)
        1.161738
        >>> lower_bound(Multisine.harmonics(range(16), complex=True))
        1.0
    """
    if ms.complex:
        return 1.0
    relative = np.abs(ms.frequencies) / np.max(np.abs(ms.frequencies))
    if ms.has_repeated_frequencies:
        # The phases decide how the power is shared among the frequencies; the lowest frequency allows the lowest bound.
        least, relative = _least_magnitudes(ms)
        most = _total_magnitudes(ms)
        largest = float(np.max(most))
        least, most = least / largest, most / largest
        return _least_weighted(least**2, most**2, relative**2)
    weights = (ms.amplitudes / ms.amplitude_scale) ** 2
    return sqrt(1.0 + float(np.sum(weights * relative**2) / np.sum(weights)))


def peak_lower_bound(ms: Multisine) -> float:
    """Peak, in the unit of the amplitudes, that no phases can beat.

    Exact for a single frequency: 0 when the tones can cancel, else the largest amplitude minus all the others.

    Example:
        >>> peak_lower_bound(Multisine([50.0, 50.0, 50.0], [3.0, 1.0, 1.0]))
        1.0
    """
    least, relative = _least_magnitudes(ms)
    scale = ms.amplitude_scale
    squares = (least / scale) ** 2
    if ms.complex:
        return scale * sqrt(float(np.sum(squares)))
    return scale * sqrt(float(np.sum(squares * (1.0 + relative**2))) / 2.0)


def _groups(ms: Multisine) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of each distinct frequency: its share of the highest, the sum of its amplitudes, and the largest of them."""
    numbers, group = np.unique(ms.harmonic_numbers, return_inverse=True)
    total = np.bincount(group, ms.amplitudes).astype(np.float64)
    largest = np.zeros(numbers.size)
    np.maximum.at(largest, group, ms.amplitudes)
    return np.abs(numbers) / max(int(np.max(np.abs(numbers))), 1), total, largest


def _least_magnitudes(ms: Multisine) -> tuple[FloatArray, FloatArray]:
    relative, total, largest = _groups(ms)
    least = 2.0 * largest - total
    # Equal sums in another order differ by rounding; what is not certainly above zero counts as zero.
    least[least <= 1e-12 * total] = 0.0
    return least, relative


def _total_magnitudes(ms: Multisine) -> FloatArray:
    return _groups(ms)[1]


def _least_weighted(low: FloatArray, high: FloatArray, values: FloatArray) -> float:
    """``√(1 + least possible weighted mean of the values)`` with each weight free between its two ends."""
    order = np.argsort(values)
    low, high, values = low[order], high[order], values[order]
    best = np.inf
    # The least mean has the highest weights on the smallest values: try every place where to switch.
    for switch in range(1, values.size + 1):
        weights = np.concatenate((high[:switch], low[switch:]))
        best = min(best, float(np.sum(weights * values) / np.sum(weights)))
    return sqrt(1.0 + best)
