"""What a proof of some order would cost, before it is begun."""

from __future__ import annotations

from math import comb
from typing import NamedTuple

import numpy as np

from crestfall.certainty.moments.derivatives import derivative_program
from crestfall.certainty.moments.program import Program
from crestfall.certainty.moments.semidefinite import SMALL
from crestfall.certainty.moments.tones import ExactTones

_FEW_TONES, _SOME_TONES = 8, 10
"""Up to so many real tones the phasors give more than the derivatives, and up to so many in the end."""

_MOST_DERIVATIVES, _HIGHEST_ORDER = 6, 4
_MOST_MONOMIALS = 12_000
_MOST_PAIRS = 4_000_000
_MOST_MOMENTS = 6_000
_MOST_BYTES = 2e9
_ITERATIONS, _SOLUTIONS = 13, 6
_OPERATIONS_PER_S = 3e9
_OVERHEAD_S = 5e-4


class Cost(NamedTuple):
    """An estimate.

    Attributes:
        first_s: Seconds until the first bound.
        total_s: Seconds until the bound rises no further.
        nbytes: Bytes of the largest arrays.
    """

    first_s: float
    total_s: float
    nbytes: float


class Step(NamedTuple):
    """A program to be tried.

    Attributes:
        order: Its order.
        derivatives: 0 for phasors, else the highest derivative.
    """

    order: int
    derivatives: int = 0

    @property
    def name(self) -> str:
        """What the bound is called."""
        of = f"{self.derivatives} derivatives, " if self.derivatives else ""
        return f"moments of {of}order {self.order}"


def steps(tones: ExactTones) -> list[Step]:
    """What to try, one after the other, the cheap first."""
    if tones.complex or tones.n <= _FEW_TONES:
        return [Step(2), Step(3), Step(4)]
    if tones.n <= _SOME_TONES:
        return [Step(2), Step(3, 4), Step(3), Step(4, 4)]
    return [Step(2, 3), Step(3, 4), Step(2), Step(4, 4), Step(4, 5)]


def built(tones: ExactTones, step: Step) -> Program:
    """The program of a step."""
    if step.derivatives:
        return derivative_program(tones, step.derivatives, step.order)
    return Program.of(tones, step.order)


def can_be_built(tones: ExactTones, step: Step) -> bool:
    """Whether listing the conditions is a matter of a second or so.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> tones = ExactTones.of(Multisine.harmonics(range(1, 17)))
        >>> can_be_built(tones, Step(2)), can_be_built(tones, Step(4)), can_be_built(tones, Step(3, 4))
        (True, False, True)
    """
    n, order = tones.n, step.order
    if step.derivatives:
        return not tones.complex and step.derivatives <= _MOST_DERIVATIVES and order <= _HIGHEST_ORDER
    if sum(_count(n, degree) for degree in range(order + 1)) > _MOST_MONOMIALS:
        return False
    localising = sum(_count(n, degree) for degree in range(order))
    return localising**2 * n <= _MOST_PAIRS


def _count(n: int, degree: int) -> int:
    """Number of monomials of a degree in ``n`` phasors and their conjugates."""
    if degree == 0:
        return 1
    return sum(comb(n, k) * 2**k * comb(degree - 1, k - 1) for k in range(1, min(n, degree) + 1))


def cost(program: Program) -> Cost:
    """The cost of a program that has been built."""
    operations, nbytes = program.moments**3 / 3.0, 16.0 * program.moments**2
    for block in program.blocks:
        active = np.unique(block.moment).size
        operations += 4.0 * block.size**3 * (active if block.size > SMALL else block.size)
        if block.size > SMALL:
            nbytes += 8.0 * block.size**2 * active
    nbytes += 24.0 * max(block.size**2 * program.moments for block in program.blocks)
    each = operations / _OPERATIONS_PER_S + _OVERHEAD_S * len(program.blocks)
    return Cost(_ITERATIONS * each, _SOLUTIONS * _ITERATIONS * each, nbytes)


def is_possible(program: Program) -> bool:
    """Whether the arrays of a program fit into the memory of an ordinary computer."""
    return program.moments <= _MOST_MOMENTS and cost(program).nbytes <= _MOST_BYTES
