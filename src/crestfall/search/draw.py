"""Where the starts of a task come from, as a recipe: a worker draws them itself, so that a message stays small.

The starts of a task are hundreds of times ``n`` numbers; what decides about them is a seed and, for changed copies of
good designs, the few designs. Every recipe gives the same starts wherever and however often it is carried out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crestfall.engine.solvers.continuation import Problem
from crestfall.problem.arrays import FloatArray
from crestfall.search.starts import Starts
from crestfall.search.strategy import Change


@dataclass(frozen=True)
class Fresh:
    """Starts ``first``, ``first + 1``, … of the seed (see ``Starts``).

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> Fresh(seed=0, first=1, count=3).starts(Problem(Multisine([1.0, 2.0]))).shape
        (3, 2)
    """

    seed: int
    first: int
    count: int
    closed_forms: bool = True

    def starts(self, problem: Problem) -> FloatArray:
        """``(count, m)`` starts [rad], variables of the problem."""
        return Starts(problem, self.seed, closed_forms=self.closed_forms).batch(self.first, self.count)


@dataclass(frozen=True, eq=False)
class Changed:
    """Changed copies of the pool's designs.

    Attributes:
        change: How they are changed.
        pool: ``(m,)`` variables [rad] of each good design.
        count: How many starts.
        entropy: Seeds the changes: seed of the search, number of the round, place in it.
    """

    change: Change
    pool: tuple[FloatArray, ...]
    count: int
    entropy: tuple[int, ...]

    def starts(self, problem: Problem) -> FloatArray:
        """``(count, m)`` starts [rad], variables of the problem."""
        return self.change(problem.ms, list(self.pool), self.count, np.random.default_rng(self.entropy))


Draw = Fresh | Changed
