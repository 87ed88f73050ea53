"""Where searches begin: the phases that the tones came with, the closed forms, and then random phases without end."""

from __future__ import annotations

import numpy as np

from crestfall._types import FloatArray
from crestfall.closed_form import schroeder
from crestfall.solvers.continuation import Problem

_DEFAULT_SAMPLES = 2**16


class Starts:
    """Starts number 0, 1, 2, …: each is a function of the seed and its number alone.

    Whoever computes which start, in which order and on how many workers, start number ``k`` is therefore the same.

    Args:
        problem: The tones and the goal.
        seed: Seed of the random starts.
        closed_forms: Whether Schroeder's phases are one of the starts.
    """

    def __init__(self, problem: Problem, seed: int, *, closed_forms: bool = True) -> None:
        self._spans = problem.spans
        self._seed = seed
        ms = problem.ms
        fixed = [] if ms.initial_phases is None else [ms.initial_phases]
        if closed_forms:
            fixed.append(schroeder(ms))
        self.fixed = [problem.nearest(phases) for phases in fixed]

    def __getitem__(self, number: int) -> FloatArray:
        if number < len(self.fixed):
            return self.fixed[number]
        return np.random.default_rng([self._seed, number]).uniform(0.0, self._spans)

    def batch(self, first: int, count: int) -> FloatArray:
        """``(count, m)`` starts from number ``first`` on [rad]: variables of the problem's phase map."""
        return np.stack([self[number] for number in range(first, first + count)])


def default_starts(problem: Problem) -> int:
    """How many starts are worth their time when nothing is said: 512 for few tones, 2 for very many.

    The more tones, the less one start's result differs from another's, and the more it costs.
    """
    least = int(np.clip(4096 // problem.ms.n, 2, 16))
    return int(np.clip(_DEFAULT_SAMPLES // problem.samples_at(problem.path[0]), least, 512))
