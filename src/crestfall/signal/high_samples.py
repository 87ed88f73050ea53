r"""The high samples of a few tones over a long period, found without computing all samples in full precision.

Samples of a period fall into blocks of :math:`2w + 1` around their middles :math:`t_b`, and for a real signal

.. math:: x(t_b \pm s) = \sum_k \operatorname{Re}(c_k e^{i h_k t_b}) \cos(h_k s)
          \mp \sum_k \operatorname{Im}(c_k e^{i h_k t_b}) \sin(h_k s).

Both sums are products of a matrix of blocks and tones with a matrix of tones and offsets, which all blocks share; a
complex signal has two more for its imaginary part. In single precision ``n`` tones take ``2 n`` operations a sample at
the full speed of the processor, and next to no memory; a Fourier transform needs fewer operations only for hundreds of
tones, and waits for memory where a period is long.
"""

from __future__ import annotations

from math import inf, pi
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crestfall.problem.arrays import ComplexArray, FloatArray, IntArray

_MOST_TONES = 256
_LEAST_SAMPLES = 2**17
_HALF_BLOCK, _BLOCKS_AT_ONCE = 1024, 256
_SINGLE = 2.0**-24
"""Largest relative error of rounding to single precision."""

Single = NDArray[np.float32]
Part = Literal["magnitude", "value", "complex"]


class HighSamples(NamedTuple):
    """Samples that may be among the highest.

    Attributes:
        indices: Their numbers, rising; every sample within the ratio asked for is among them.
        heights: Their magnitudes, to within ``error``.
        best: Largest magnitude of all samples, to within ``error``.
        error: Bound on the error of a magnitude.
    """

    indices: IntArray
    heights: FloatArray
    best: float
    error: float


def is_long(n_tones: int, n_samples: int) -> bool:
    """Whether ``high_samples`` is faster than a Fourier transform, by measurement."""
    return n_tones <= _MOST_TONES and n_samples >= _LEAST_SAMPLES


def high_samples(
    coefficients: ComplexArray,
    numbers: IntArray,
    n_samples: int,
    *,
    ratio: float,
    fall: float = inf,
    part: Part = "magnitude",
    most: int | None = None,
) -> HighSamples:
    r"""The samples ``j`` of :math:`z_j = \sum_k c_k e^{2\pi i h_k j / N}`, or of its real part, that may be high.

    Args:
        coefficients: ``(n,)`` complex ``c_k``.
        numbers: ``(n,)`` harmonic numbers ``h_k`` of a magnitude below 2^24.
        n_samples: ``N``, below 2^36.
        ratio: Every sample of at least ``ratio`` times the largest is found,
        fall: unless it is more than ``fall`` below it.
        part: What is high: the ``"magnitude"`` of the real part ``x``, ``x`` itself (``"value"``), or ``|z|``
            (``"complex"``).
        most: If there are far more samples than this, only so many of the highest are returned.

    Example:
        >>> found = high_samples(np.array([1.0 + 0j]), np.array([3]), 12, ratio=0.9)
        >>> found.indices.tolist()
        [0, 2, 4, 6, 8, 10]
    """
    scale = float(np.ldexp(1.0, int(np.frexp(np.max(np.abs(coefficients)))[1])))
    coefficients, fall = coefficients / scale, fall / scale
    offsets = np.arange(min(_HALF_BLOCK, n_samples // 2) + 1)
    angles = 2.0 * pi / n_samples * np.multiply.outer(numbers, offsets)
    tables = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
    # Rounded factors, products, and as many sums as there are tones; what is below the least number adds nothing.
    error = (coefficients.size + 8.0) * _SINGLE * float(np.sum(np.abs(coefficients)))
    error *= 2.0 if part == "complex" else 1.0
    best, found = 0.0, _Found(most)

    def least() -> float:
        """What every sample that counts reaches, as far as is known by now."""
        return max(ratio * (best - error), best - error - fall) - error

    middles = np.arange(offsets.size - 1, n_samples + offsets.size - 1, 2 * offsets.size - 1)
    for first in range(0, middles.size, _BLOCKS_AT_ONCE):
        middle = middles[first : first + _BLOCKS_AT_ONCE]
        angles = (np.multiply.outer(middle, numbers) % n_samples) * (2.0 * pi / n_samples)
        sums = _sums(coefficients * np.exp(1j * angles), tables, part)
        of_block = _largest(sums, part).max(axis=1)
        best = max(best, float(of_block.max()))
        floor = np.float32(max(least(), found.floor))
        blocks = np.flatnonzero(of_block >= floor)
        for side, heights in zip((1, -1), _both_sides([one[blocks] for one in sums], part), strict=True):
            row, offset = np.nonzero(heights >= floor)
            found.add(middle[blocks[row]] + side * offsets[offset], heights[row, offset])
    indices, heights = found.all_above(least())
    indices, once = np.unique(indices % n_samples, return_index=True)
    return HighSamples(indices, scale * heights[once].astype(np.float64), scale * best, scale * error)


def _sums(turned: ComplexArray, tables: tuple[Single, Single], part: Part) -> list[Single]:
    """The even and the odd sum ``(blocks, w + 1)`` of the real part; for complex signals of the imaginary one, too."""
    cosines, sines = tables
    real, imaginary = turned.real.astype(np.float32), turned.imag.astype(np.float32)
    sums = [real @ cosines, imaginary @ sines]
    return [*sums, imaginary @ cosines, real @ sines] if part == "complex" else sums


def _largest(sums: list[Single], part: Part) -> Single:
    """The larger height of the two samples at each offset, before and after the middles of blocks."""
    if part == "complex":
        return np.asarray(np.maximum(*_both_sides(sums, part)))
    even, odd = sums
    largest = np.abs(odd)
    largest += even if part == "value" else np.abs(even)
    return largest


def _both_sides(sums: list[Single], part: Part) -> tuple[Single, Single]:
    """Heights ``(blocks, w + 1)`` of the samples after the middles of blocks, and of those before them."""
    even, odd = sums[:2]
    if part == "value":
        return even - odd, even + odd
    if part == "magnitude":
        return np.abs(even - odd), np.abs(even + odd)
    even_too, odd_too = sums[2:]
    return np.hypot(even - odd, even_too + odd_too), np.hypot(even + odd, even_too - odd_too)


class _Found:
    """Samples found so far; where there are too many, the highest of them."""

    def __init__(self, most: int | None) -> None:
        self._most, self._count, self.floor = most, 0, 0.0
        self._indices: list[IntArray] = []
        self._heights: list[Single] = []

    def add(self, indices: IntArray, heights: Single) -> None:
        self._indices.append(indices)
        self._heights.append(heights)
        self._count += len(indices)
        if self._most is not None and self._count > 4 * self._most:
            indices, heights = np.concatenate(self._indices), np.concatenate(self._heights)
            kept = np.argpartition(-heights, self._most)[: self._most]
            self._indices, self._heights, self._count = [indices[kept]], [heights[kept]], self._most
            self.floor = float(heights[kept].min())

    def all_above(self, least: float) -> tuple[IntArray, Single]:
        indices, heights = np.concatenate(self._indices), np.concatenate(self._heights)
        high = heights >= least
        return indices[high], heights[high]
