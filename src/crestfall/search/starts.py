"""Where searches begin: the phases that the tones came with, the closed forms, and then random phases without end."""

from __future__ import annotations

import numpy as np

from crestfall._types import FloatArray
from crestfall.closed_form import schroeder
from crestfall.multisine import Multisine
from crestfall.solvers.continuation import Problem

_DEFAULT_SAMPLES = 2**16


class Starts:
    """Starts number 0, 1, 2, …: each is a function of the seed and its number alone.

    Whoever computes which start, in which order and on how many workers, start number ``k`` is therefore the same.
    """

    def __init__(self, ms: Multisine, seed: int) -> None:
        self._n = ms.n
        self._seed = seed
        self.fixed = [schroeder(ms)]
        if ms.initial_phases is not None:
            self.fixed.insert(0, ms.initial_phases)

    def __getitem__(self, number: int) -> FloatArray:
        if number < len(self.fixed):
            return self.fixed[number]
        return np.random.default_rng([self._seed, number]).uniform(0.0, 2.0 * np.pi, self._n)

    def batch(self, first: int, count: int) -> FloatArray:
        """``(count, n)`` starts from number ``first`` on [rad]."""
        return np.stack([self[number] for number in range(first, first + count)])


def default_starts(problem: Problem) -> int:
    """How many starts are worth their time when nothing is said: 512 for few tones, 2 for very many.

    The more tones, the less one start's result differs from another's, and the more it costs.
    """
    least = int(np.clip(4096 // problem.ms.n, 2, 16))
    return int(np.clip(_DEFAULT_SAMPLES // problem.samples_at(problem.path[0]), least, 512))
