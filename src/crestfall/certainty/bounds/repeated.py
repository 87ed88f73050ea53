"""Repeated frequencies: the tones of one frequency add up to one phasor, whose magnitude the phases decide.

By the polygon inequality that magnitude is at least ``max(0, 2 a_max - Σ a)`` and at most ``Σ a``.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine


def crest_factor_bound(ms: Multisine) -> float:
    """Bernstein and Szegő's bound where the phases also decide how the power is shared among the frequencies.

    The lowest frequencies allow the lowest bound, so they get all the power that they can have.
    """
    least, relative = least_magnitudes(ms)
    most = _groups(ms)[1]
    largest = float(np.max(most))
    power = np.where((relative == 0.0) & (not ms.complex), np.sqrt(2.0), 1.0)  # of a constant, whose phase is 0 or π
    least, most = least / largest * power, most / largest * power
    return _least_weighted(least**2, most**2, relative**2)


def _groups(ms: Multisine) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of each distinct frequency: its share of the highest, the sum of its amplitudes, and the largest of them."""
    numbers, group = np.unique(ms.harmonic_numbers, return_inverse=True)
    total = np.bincount(group, ms.amplitudes).astype(np.float64)
    largest = np.zeros(numbers.size)
    np.maximum.at(largest, group, ms.amplitudes)
    return np.abs(numbers) / max(int(np.max(np.abs(numbers))), 1), total, largest


def least_magnitudes(ms: Multisine) -> tuple[FloatArray, FloatArray]:
    """Least magnitude of each distinct frequency, and its share of the highest frequency."""
    relative, total, largest = _groups(ms)
    least = 2.0 * largest - total
    # Equal sums in another order differ by rounding; what is not certainly above zero counts as zero.
    least[least <= 1e-12 * total] = 0.0
    return least, relative


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
