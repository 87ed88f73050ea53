r"""What the square of a signal contains for certain: the modulus that no phases can take from a coefficient of |x|².

The coefficient of :math:`e^{imt}` in :math:`|x|^2` is a sum over the pairs of tones whose frequencies differ (real
signals: or add up) to ``m``. The phases turn each term; at worst all others oppose the largest, and
``max(0, 2 · largest − sum)`` is left.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.multisine import Multisine

MOST_TONES = 512
"""Most tones whose pairs are listed."""


class SquareSpectrum(NamedTuple):
    """Certain parts of the spectrum of ``|x|²``, relative to the signal's power.

    Attributes:
        frequencies: ``(m,)`` harmonic numbers above 0.
        moduli: ``(m,)`` least moduli of their coefficients, over the power (mean of ``|x|²``); those above 0.
        degree: Highest frequency that ``|x|²`` can contain.
    """

    frequencies: IntArray
    moduli: FloatArray
    degree: int


def square_spectrum(ms: Multisine) -> SquareSpectrum:
    """The certain part of ``|x|²`` for distinct frequencies, at most ``MOST_TONES`` of them."""
    h, a = ms.harmonic_numbers, ms.amplitudes / ms.amplitude_scale
    low, high = np.triu_indices(ms.n, 1)
    products = a[low] * a[high]
    differences = np.abs(h[low] - h[high])
    if ms.complex:
        power, degree = float(np.sum(a**2)), int(np.ptp(h))
        frequencies, sizes = differences, products
    else:
        power, degree = float(np.sum(a**2)) / 2.0, 2 * int(np.max(h))
        frequencies = np.concatenate((differences, h[low] + h[high], 2 * h))
        sizes = np.concatenate((0.5 * products, 0.5 * products, 0.25 * a**2))
    order = np.lexsort((sizes, frequencies))
    frequencies, sizes = frequencies[order], sizes[order]
    if not frequencies.size:
        return SquareSpectrum(frequencies, sizes, degree)
    first = np.flatnonzero(np.diff(frequencies, prepend=-1))
    sums = np.add.reduceat(sizes, first)
    largest = np.maximum.reduceat(sizes, first)
    left = 2.0 * largest - sums
    certain = left > 1e-12 * sums  # what rounding alone may leave is nothing
    return SquareSpectrum(frequencies[first][certain], left[certain] / power, degree)
