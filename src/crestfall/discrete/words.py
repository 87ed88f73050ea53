r"""Words over ``M`` phases :math:`2πm/M`, and the peaks of their signals over a grid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crestfall._types import FloatArray, IntArray
from crestfall.multisine import Multisine
from crestfall.synthesis import band_numbers, grid_size

_OVERSAMPLING = 8.0
MOST_ENTRIES = 2**24
"""Largest table of tones times samples."""


@dataclass(frozen=True, eq=False)
class Alphabet:
    """Tones that may only take ``levels`` equally spaced phases.

    Attributes:
        ms: The tones.
        levels: ``M``, at least 2.
    """

    ms: Multisine
    levels: int

    @cached_property
    def letters(self) -> NDArray[np.complex128]:
        """``(M,)`` unit phasors; exact where they lie on an axis."""
        letters = np.exp(2j * np.pi * np.arange(self.levels) / self.levels)
        return np.asarray(np.round(letters, 16), dtype=np.complex128)

    @cached_property
    def tones(self) -> NDArray[np.complex128]:
        """``(n, N)`` samples of each tone at phase 0, amplitudes relative to the largest."""
        numbers = band_numbers(self.ms)
        size = grid_size(int(np.max(np.abs(numbers))), _OVERSAMPLING)
        turns = np.multiply.outer(numbers, np.arange(size)) % size
        amplitudes = self.ms.amplitudes / self.ms.amplitude_scale
        return np.asarray(amplitudes[:, None] * np.exp(2j * np.pi * turns / size), dtype=np.complex128)

    def phases(self, words: IntArray) -> FloatArray:
        """Words ``(…, n)`` of levels 0 … M−1 to phases [rad]."""
        return 2.0 * np.pi * np.asarray(words) / self.levels

    def samples(self, words: IntArray) -> NDArray[np.complex128]:
        """``(…, N)`` analytic samples of words ``(…, n)``."""
        return np.asarray(self.letters[words] @ self.tones)

    def magnitudes(self, samples: NDArray[np.complex128]) -> FloatArray:
        """What counts of analytic samples: ``|Re z|``, or ``|z|`` for a complex signal."""
        return np.abs(samples) if self.ms.complex else np.abs(samples.real)

    def rounded(self, phases: FloatArray) -> IntArray:
        """The nearest words to phases ``(…, n)`` [rad]."""
        return np.rint(np.asarray(phases) * self.levels / (2.0 * np.pi)).astype(np.int64) % self.levels

    @property
    def first_letters(self) -> int:
        """Levels of the first tone that are enough: a common turn that changes no peak brings it to one of them."""
        if self.ms.complex:
            return 1
        return self.levels // 2 if self.levels % 2 == 0 else self.levels

    @property
    def words(self) -> int:
        """Number of words that an exhaustive search has to look at."""
        return int(self.first_letters * self.levels ** (self.ms.n - 1))
