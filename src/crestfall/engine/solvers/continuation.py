"""The path from a smooth objective to the peak: p-norms of rising exponent, each started from the last one's answer.

At low ``p`` few samples describe ``|x|^p`` exactly and the landscape is smooth; at high ``p`` only the highest extrema
count, and the grid must be fine enough that an optimiser cannot hide peaks between its points: with 16 samples per
period of the highest tone the true peak still lies 1.2 % above the sampled one at ``p = 1026``, with 32 it is 0.3 %.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import Protocol

from crestfall.engine.objectives.p_norm import PNorm
from crestfall.engine.objectives.phase_space import Space
from crestfall.engine.solvers.lbfgs import LBFGS
from crestfall.problem.arrays import Array


@dataclass(frozen=True)
class Stage:
    """One exponent of the path.

    Attributes:
        squarings: Chooses ``p`` (see ``PNorm``).
        oversampling: Samples per period of the highest tone; infinite for all samples that count.
        samples_per_tone: Samples that are enough when the tones are few and far between; infinite when none are.
        solver: What lowers this p-norm.
        single: Whether samples in single precision are enough, where they are computed grid by grid.
        cut: Of a batch, one start in so many goes on from here (see ``crestfall.search.elimination``).
    """

    squarings: int
    oversampling: float
    samples_per_tone: float
    solver: LBFGS
    single: bool = False
    cut: int = 1

    @property
    def exponent(self) -> int:
        """The exponent ``p``."""
        return PNorm(self.squarings).exponent

    def for_many_tones(self) -> Stage:
        """This stage with a smaller tolerance."""
        solver = LBFGS(3 * self.solver.max_rounds, PATIENCE * self.solver.tolerance)
        return replace(self, solver=solver)


PATH = (
    Stage(0, 6.0, 128, LBFGS(100, 3e-5)),
    Stage(2, 6.0, 128, LBFGS(100, 3e-5), cut=8),
    Stage(3, 8.0, 256, LBFGS(100, 2e-5)),
    Stage(4, 10.0, 512, LBFGS(100, 2e-5)),
    Stage(5, 12.0, 512, LBFGS(100, 2e-5), cut=4),
    Stage(6, 16.0, inf, LBFGS(100, 2e-5)),
    Stage(7, 24.0, inf, LBFGS(100, 2e-5)),
    Stage(8, 24.0, inf, LBFGS(100, 2e-5)),
    Stage(9, 32.0, inf, LBFGS(120, 1e-5)),
)
"""p = 4, 10, 18, 34, 66, 130, 258, 514, 1026."""

LATE, VERY_LATE = 4, 6
"""Numbers of the stages, p = 66 and 258, with which some batches begin."""

SPARSE_PATH = (*PATH[:5], Stage(7, 24.0, 2048, LBFGS(120, 1e-5)))
"""For tones that are far between: no stage sees every peak. The polish, which does, begins early."""

LONG_PATH = (
    Stage(2, 6.0, 128, LBFGS(100, 3e-5, memory=5), single=True, cut=8),
    Stage(5, 12.0, 512, LBFGS(100, 2e-5, memory=5), single=True, cut=4),
    Stage(7, 24.0, inf, LBFGS(120, 1e-5, memory=5), single=True),
    Stage(9, 32.0, inf, LBFGS(96, 1e-5, memory=5), single=True),
    Stage(9, 32.0, inf, LBFGS(24, 1e-5, memory=5)),
)
"""For very many tones: single precision until the last rounds. Its rounding moves the logarithm of a p-norm by some
1e-8, a hundredth of what a round gains at the end, and its derivatives by some millionths."""

SAMPLED_PATH = (*PATH, Stage(12, inf, inf, LBFGS(200, 1e-6)))
"""Where samples count there is nothing between them, and the exponent may rise to 8194 on all of them."""

TAIL = (Stage(10, 48.0, inf, LBFGS(500, 1e-6)), Stage(11, 64.0, inf, LBFGS(500, 1e-6)))
"""p = 2050 and 4098 for the true peak of what the path found: a polish without dense matrices, for many tones. With
1024 tones it lowers the peak by 0.2 %; a higher exponent gains nothing more, nor does a smaller tolerance."""

PATIENCE = 0.3
"""Factor of the tolerances for many tones, which come down in more and smaller steps: for 256 and 1024 tones the path
then ends 0.3 % lower for twice the time; for 64 nothing is gained, and a tenth gains no more."""


class Followable(Protocol):
    """What a path needs to know of a problem."""

    @property
    def path(self) -> tuple[Stage, ...]: ...

    def samples_at(self, stage: Stage) -> int: ...

    def space(self, stage: Stage) -> Space: ...

    def sampled_values(self, variables: Array) -> Array: ...


def follow(
    problem: Followable, phases: Array, stages: tuple[Stage, ...], stop: Callable[[], bool]
) -> tuple[Array, Array | None]:
    """Lower each start along the given stages.

    Args:
        problem: The problem.
        phases: ``(batch, m)`` starts [rad], the problem's variables.
        stages: Exponents to pass, in order.
        stop: Asked before every evaluation; ``True`` ends with what there is.

    Returns:
        ``(batch, m)`` variables and ``(batch,)`` values of the last p-norm reached; ``None`` if stopped before any.
    """
    value = None
    for stage in stages:
        if stop():
            break
        phases, value = stage.solver.minimize(problem.space(stage), phases, stop)
    return phases, value
