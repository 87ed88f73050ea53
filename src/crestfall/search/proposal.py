"""Where the starts of a task come from: a worker makes them itself, so that a message stays small.

The starts of a task are hundreds of times ``n`` numbers; what decides about them is a seed and, for perturbed copies of
good designs, the few designs. Every proposal gives the same starts wherever and however often it is made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.problem.arrays import FloatArray
from crestfall.search.starts import Starts
from crestfall.search.strategy import Perturbation


@dataclass(frozen=True)
class RandomStarts:
    """Starts ``first``, ``first + 1``, … of the seed (see ``Starts``).

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> from crestfall.problem.problem import Problem
        >>> RandomStarts(seed=0, first=1, count=3).starts(CompiledProblem(Problem(Multisine([1.0, 2.0])))).shape
        (3, 2)
    """

    seed: int
    first: int
    count: int
    closed_forms: bool = True

    def starts(self, problem: CompiledProblem) -> FloatArray:
        """``(count, m)`` starts [rad], variables of the problem."""
        return Starts(problem, self.seed, closed_forms=self.closed_forms).batch(self.first, self.count)


@dataclass(frozen=True, eq=False)
class PerturbedStarts:
    """Perturbed copies of the pool's designs.

    Attributes:
        perturbation: How they are perturbed.
        pool: ``(m,)`` variables [rad] of each good design.
        count: How many starts.
        entropy: Seeds the perturbations: seed of the search, number of the round, place in it.
    """

    perturbation: Perturbation
    pool: tuple[FloatArray, ...]
    count: int
    entropy: tuple[int, ...]

    def starts(self, problem: CompiledProblem) -> FloatArray:
        """``(count, m)`` starts [rad], variables of the problem."""
        return self.perturbation(problem.ms, list(self.pool), self.count, np.random.default_rng(self.entropy))


Proposal = RandomStarts | PerturbedStarts
