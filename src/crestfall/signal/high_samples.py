r"""The high samples of a few tones over a long period, found without computing all samples in full precision.

Samples of a period fall into blocks of :math:`2w + 1` around their middles :math:`t_b`, and for a real signal

.. math:: x(t_b \pm s) = \sum_k \operatorname{Re}(c_k e^{i h_k t_b}) \cos(h_k s)
          \mp \sum_k \operatorname{Im}(c_k e^{i h_k t_b}) \sin(h_k s).

Both sums are products of a matrix of blocks and tones with a matrix of tones and offsets, which all blocks share. The
larger of the two magnitudes is the sum of the two sums' magnitudes. In single precision ``n`` tones take ``2 n``
operations a sample at the full speed of the processor, and next to no memory; a Fourier transform needs fewer
operations only for hundreds of tones, and waits for the memory where a period is long.
"""

from __future__ import annotations

from math import pi
from typing import NamedTuple

import numpy as np

from crestfall.problem.arrays import ComplexArray, FloatArray, IntArray

_MOST_TONES = 256
_LEAST_SAMPLES = 2**17
_HALF_BLOCK, _BLOCKS_AT_ONCE = 1024, 256
_SINGLE = 2.0**-24
"""Largest relative error of rounding to single precision."""


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
    coefficients: ComplexArray, numbers: IntArray, n_samples: int, *, ratio: float, one_sided: bool = False
) -> HighSamples:
    r"""The samples ``j`` of :math:`x_j = \operatorname{Re} \sum_k c_k e^{2\pi i h_k j / N}` that may be high.

    Args:
        coefficients: ``(n,)`` complex ``c_k``.
        numbers: ``(n,)`` harmonic numbers ``h_k`` below 2^24.
        n_samples: ``N``, below 2^36.
        ratio: Every sample of at least ``ratio`` times the largest magnitude is found.
        one_sided: Whether ``x`` counts instead of ``|x|`` (the magnitude).

    Example:
        >>> found = high_samples(np.array([1.0 + 0j]), np.array([3]), 12, ratio=0.9)
        >>> found.indices.tolist()
        [0, 2, 4, 6, 8, 10]
    """
    offsets = np.arange(min(_HALF_BLOCK, n_samples // 2) + 1)
    width, turn = 2 * offsets.size - 1, 2.0 * pi / n_samples
    angles = turn * np.multiply.outer(numbers, offsets)
    cosines, sines = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
    scale = float(np.ldexp(1.0, int(np.frexp(np.max(np.abs(coefficients)))[1])))
    coefficients = coefficients / scale
    # Rounded factors, products, and as many sums as there are tones; what is below the least number adds nothing.
    error = (coefficients.size + 8.0) * _SINGLE * float(np.sum(np.abs(coefficients)))
    best, found = 0.0, []
    middles = np.arange(offsets.size - 1, n_samples + offsets.size - 1, width)
    for first in range(0, middles.size, _BLOCKS_AT_ONCE):
        middle = middles[first : first + _BLOCKS_AT_ONCE]
        turned = coefficients * np.exp(1j * turn * (np.multiply.outer(middle, numbers) % n_samples))
        even, odd = turned.real.astype(np.float32) @ cosines, turned.imag.astype(np.float32) @ sines
        largest = np.abs(odd)
        largest += even if one_sided else np.abs(even)
        of_block = largest.max(axis=1)
        best = max(best, float(of_block.max()))
        least = np.float32(ratio * (best - error) - error)
        blocks = np.flatnonzero(of_block >= least)
        row, offset = np.nonzero(largest[blocks] >= least)
        block = blocks[row]
        for side in (1, -1):
            heights = even[block, offset] - side * odd[block, offset]
            found.append((middle[block] + side * offsets[offset], heights if one_sided else np.abs(heights)))
    indices, heights = (np.concatenate(parts) for parts in zip(*found, strict=True))
    high = heights >= ratio * (best - error) - error
    indices, once = np.unique(indices[high] % n_samples, return_index=True)
    return HighSamples(indices, scale * heights[high][once].astype(np.float64), scale * best, scale * error)
