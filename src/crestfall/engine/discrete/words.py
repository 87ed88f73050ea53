r"""Words over ``M`` phases :math:`2πm/M`, and the peaks of their signals over a grid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.constraints import Constraint, PhaseMap, phase_map
from crestfall.problem.multisine import Multisine
from crestfall.signal.synthesis import band_numbers, grid_size

_OVERSAMPLING = 8.0
MOST_ENTRIES = 2**24
"""Largest table of tones times samples."""


@dataclass(frozen=True, eq=False)
class Alphabet:
    """Tones that may only take ``levels`` equally spaced phases. A word has a letter for each phase that is free.

    Attributes:
        ms: The tones.
        levels: ``M``, at least 2.
        constraints: Tones whose phases are held or linked (see ``require_alphabet_possible``).
    """

    ms: Multisine
    levels: int
    constraints: tuple[Constraint, ...] = ()

    @cached_property
    def phase_map(self) -> PhaseMap:
        """Free phases to those of all tones."""
        return phase_map(self.ms, self.constraints)

    @property
    def n(self) -> int:
        """Letters of a word: the tones, or the groups of linked ones, that are not held."""
        return self.phase_map.n_free

    @cached_property
    def letters(self) -> NDArray[np.complex128]:
        """``(M,)`` unit phasors; exact where they lie on an axis."""
        letters = np.exp(2j * np.pi * np.arange(self.levels) / self.levels)
        return np.asarray(np.round(letters, 16), dtype=np.complex128)

    @cached_property
    def tones(self) -> NDArray[np.complex128]:
        """``(n, N)`` samples of the tones of each letter where it is 0, amplitudes relative to the largest."""
        return self._parts[0]

    @cached_property
    def _parts(self) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
        """Samples of the tones of each letter ``(n, N)``, and of the tones that are held ``(N,)``."""
        numbers = band_numbers(self.ms)
        size = grid_size(int(np.max(np.abs(numbers))), _OVERSAMPLING)
        turns = np.multiply.outer(numbers, np.arange(size)) % size
        amplitudes = self.ms.amplitudes / self.ms.amplitude_scale
        tones: NDArray[np.complex128] = np.exp(2j * np.pi * turns / size)
        tones *= amplitudes[:, None]
        if self.phase_map.is_identity:
            return tones, np.zeros(size, dtype=np.complex128)
        tones *= self.letters[self._offsets][:, None]
        free = self.phase_map.slopes != 0.0
        groups = np.zeros((self.n, size), dtype=np.complex128)
        np.add.at(groups, self.phase_map.variables[free], tones[free])
        return groups, tones[~free].sum(axis=0)

    @cached_property
    def _offsets(self) -> IntArray:
        """``(n tones,)`` levels of the tones where all letters are 0."""
        return np.rint(self.phase_map.offsets * self.levels / (2.0 * np.pi)).astype(np.int64) % self.levels

    def phases(self, words: IntArray) -> FloatArray:
        """Words ``(…, n)`` of levels 0 … M−1 to the phases of all tones [rad]."""
        levels = np.asarray(words)
        if not self.phase_map.is_identity:
            free = self.phase_map.slopes != 0.0
            all_levels = np.broadcast_to(self._offsets, (*levels.shape[:-1], self.ms.n)).copy()
            all_levels[..., free] += levels[..., self.phase_map.variables[free]]
            levels = all_levels % self.levels
        return 2.0 * np.pi * levels / self.levels

    def samples(self, words: IntArray) -> NDArray[np.complex128]:
        """``(…, N)`` analytic samples of words ``(…, n)``."""
        return np.asarray(self.letters[words] @ self.tones + self._parts[1])

    def magnitudes(self, samples: NDArray[np.complex128]) -> FloatArray:
        """What counts of analytic samples: ``|Re z|``, or ``|z|`` for a complex signal."""
        return np.abs(samples) if self.ms.complex else np.abs(samples.real)

    def rounded(self, phases: FloatArray) -> IntArray:
        """The nearest words to phases ``(…, tones)`` [rad]."""
        free = np.asarray(phases)
        if not self.phase_map.is_identity:
            free = np.apply_along_axis(self.phase_map.nearest, -1, free)
        return np.rint(free * self.levels / (2.0 * np.pi)).astype(np.int64) % self.levels

    @property
    def first_letters(self) -> int:
        """Levels of the first letter that are enough: a common turn that changes no peak brings it to one of them."""
        if np.any(self.phase_map.slopes == 0.0):  # a turn would move the held tones, too
            return self.levels
        if self.ms.complex:
            return 1
        return self.levels // 2 if self.levels % 2 == 0 else self.levels

    @property
    def words(self) -> int:
        """Number of words that an exhaustive search has to look at."""
        return int(self.first_letters * self.levels ** (self.n - 1)) if self.n else 1
