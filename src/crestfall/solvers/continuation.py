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

import numpy as np
from array_api_compat import array_namespace

from crestfall._types import Array, FloatArray
from crestfall.goal import Goal
from crestfall.measures import crest_factor, true_peak
from crestfall.multisine import Multisine
from crestfall.objectives.amplitude_space import AmplitudeSpace
from crestfall.objectives.one_sided import RangeNorm, TopNorm
from crestfall.objectives.p_norm import PNorm
from crestfall.objectives.phase_space import LinearMap, Objective, PhaseSpace, Space
from crestfall.solvers.lbfgs import LBFGS
from crestfall.synthesis import StackedSynthesis, Synthesis, band_numbers, grid_size, odd_grid_size


@dataclass(frozen=True)
class Stage:
    """One exponent of the path.

    Attributes:
        squarings: Chooses ``p`` (see ``PNorm``).
        oversampling: Samples per period of the highest tone.
        samples_per_tone: Samples that are enough when the tones are few and far between; infinite when none are.
        solver: What lowers this p-norm.
    """

    squarings: int
    oversampling: float
    samples_per_tone: float
    solver: LBFGS

    @property
    def exponent(self) -> int:
        """The exponent ``p``."""
        return PNorm(self.squarings).exponent

    def patient(self) -> Stage:
        """This stage with a smaller tolerance."""
        solver = LBFGS(3 * self.solver.max_rounds, _PATIENCE * self.solver.tolerance)
        return replace(self, solver=solver)


PATH = (
    Stage(2, 6.0, 128, LBFGS(100, 3e-5)),
    Stage(5, 12.0, 512, LBFGS(100, 2e-5)),
    Stage(7, 24.0, inf, LBFGS(120, 1e-5)),
    Stage(9, 32.0, inf, LBFGS(120, 1e-5)),
)
"""p = 10, 66, 258, 1026."""

SAMPLED_PATH = (*PATH, Stage(12, 32.0, inf, LBFGS(200, 1e-6)))
"""When given samples are the goal there is nothing between them, and the exponent may rise to 8194."""

TAIL = (Stage(10, 48.0, inf, LBFGS(500, 1e-6)), Stage(11, 64.0, inf, LBFGS(500, 1e-6)))
"""p = 2050 and 4098 for the true peak of what the path found: a polish without dense matrices, for many tones. With
1024 tones it lowers the peak by 0.2 %; a higher exponent gains nothing more, nor does a smaller tolerance."""

_MANY_TONES, _VERY_MANY_TONES = 128, 2**15
_DENSE = 8
"""Harmonics per tone up to which a spectrum is dense; sparse tones gain nothing by patience."""
_PATIENCE = 0.3
"""Factor of the tolerances for many tones, which come down in more and smaller steps: for 256 and 1024 tones the path
then ends 0.3 % lower for twice the time; for 64 nothing is gained, and a tenth gains no more."""


class Problem:
    """A multisine with its goal, ready for any stage of the path.

    Args:
        ms: The tones.
        goal: What is to be small, and which phases may be chosen.
        xp: Array namespace that computes (NumPy by default).

    Attributes:
        phase_map: Free variables, which is what solvers and searches move, to phases. Where amplitudes are free, too,
            their variables follow behind.
    """

    def __init__(self, ms: Multisine, goal: Goal | None = None, xp: Array = np) -> None:
        self.ms = ms
        self.goal = goal or Goal()
        self.phase_map = self.goal.phase_map(ms)
        self._xp = xp
        self._complex = self.goal.is_about_magnitudes(ms)
        signal = ms.as_complex() if self._complex else ms
        self._numbers = band_numbers(signal) if self.goal.samples is None else ms.harmonic_numbers
        # Relative amplitudes: the p-norms then square nothing that is out of range.
        self._amplitudes = xp.asarray(ms.amplitudes / ms.amplitude_scale)
        self._band = int(np.max(np.abs(self._numbers)))
        self._freedom = self.goal.freedom
        responses = self.goal.responses(ms)
        self._response_scale = 1.0 if responses is None else float(np.max(np.abs(responses)))
        self._responses = None if responses is None else xp.asarray(responses / self._response_scale)

    @property
    def goal_samples(self) -> int | None:
        """Equally spaced samples of one period that count; ``None`` for continuous time."""
        return self.goal.samples

    @property
    def band(self) -> int:
        """Fastest oscillation of what is computed, per period."""
        return self._band

    @property
    def path(self) -> tuple[Stage, ...]:
        """The stages that lead to this goal."""
        path = PATH if self.goal_samples is None else SAMPLED_PATH
        most = _VERY_MANY_TONES if self.goal.samples is None else inf
        dense = self._band <= _DENSE * self.ms.n
        return tuple(stage.patient() for stage in path) if dense and _MANY_TONES < self.ms.n <= most else path

    def samples_at(self, stage: Stage) -> int:
        """Number of samples of one period at a stage.

        A few tones that are spread over a wide band need many samples to see every peak, but not to see what a low
        ``p`` averages: a coarse grid with an odd number of points, on which the tones alias, is enough for that.
        """
        if self.goal_samples is not None:
            return self.goal_samples
        every_peak = grid_size(self._band, stage.oversampling)
        average = stage.samples_per_tone * self.ms.n
        return every_peak if every_peak <= average else odd_grid_size(int(average))

    def space(self, stage: Stage) -> Space:
        """What the solver minimises at a stage."""
        synthesis, objective = self._synthesis(self.samples_at(stage)), self._objective(stage)
        if self._freedom is not None:
            return AmplitudeSpace(synthesis, self._freedom, self.ms.amplitude_scale, objective, self.phase_map)
        phase_map = None if self.phase_map.is_identity else self.phase_map
        return PhaseSpace(synthesis, self._amplitudes, objective, phase_map)

    @property
    def spans(self) -> FloatArray:
        """``(m,)`` ranges from which starts are drawn; free amplitudes start in the middle of theirs."""
        free = 0 if self._freedom is None else self._freedom.free.size
        return np.append(self.phase_map.spans, np.zeros(free))

    def nearest(self, phases: FloatArray) -> FloatArray:
        """``(m,)`` variables that agree best with the phases ``(n,)`` [rad]."""
        free = 0 if self._freedom is None else self._freedom.free.size
        return np.append(self.phase_map.nearest(phases), np.zeros(free)) if free else self.phase_map.nearest(phases)

    def phases(self, variables: Array) -> Array:
        """``(…, m)`` variables to ``(…, n)`` phases [rad]."""
        return self.phase_map.phases(variables[..., : self.phase_map.n_free])

    def tones(self, variables: FloatArray) -> Multisine:
        """The tones at variables ``(m,)``, with the amplitudes that belong to them."""
        if self._freedom is None:
            return self.ms
        return self.ms.with_amplitudes(self._freedom.amplitudes(variables[self.phase_map.n_free :]))

    def crest_factor(self, variables: FloatArray) -> float:
        """True peak over RMS at variables ``(m,)``; where amplitudes are free, over the RMS of the wanted tones."""
        tones, phases = self.tones(variables), self.phases(variables)
        if self._freedom is None:
            return crest_factor(tones, phases)
        wanted = self._freedom.wanted_rms(tones.amplitudes, complex=tones.complex)
        return true_peak(tones, phases) / float(wanted)

    def sampled_peaks(self, variables: Array) -> Array:
        """``(batch,)`` measures, relative to the limits, over the path's finest grid or the goal's samples."""
        xp = array_namespace(variables)
        synthesis = self._synthesis(self.samples_at(self.path[-1]))
        amplitudes, loudness = self._amplitudes, xp.ones(())
        if self._freedom is not None:
            amplitudes = self._freedom.amplitudes(variables[..., self.phase_map.n_free :])
            largest = self._freedom.wanted_rms(self._freedom.high, complex=self.ms.complex)
            loudness = self._freedom.wanted_rms(amplitudes, complex=self.ms.complex) / largest
            amplitudes = amplitudes / self.ms.amplitude_scale
        samples = synthesis.samples(amplitudes * xp.exp(1j * self.phases(variables)))
        if self.goal.measure == "one-sided":
            highest = xp.max(samples, axis=-1)
        elif self.goal.measure == "range":
            each = xp.reshape(samples, (samples.shape[0], self._outputs, -1))
            highest = 0.5 * xp.max(xp.max(each, axis=-1) - xp.min(each, axis=-1), axis=-1)
        else:
            highest = xp.max(xp.abs(samples), axis=-1)
        return highest / loudness * (self.ms.amplitude_scale * self._response_scale)

    @property
    def _outputs(self) -> int:
        return 1 if self._responses is None else int(self._responses.shape[0])

    def _objective(self, stage: Stage) -> Objective:
        if self.goal.measure == "range":
            return RangeNorm(stage.squarings, self._outputs)
        return TopNorm(stage.squarings) if self.goal.measure == "one-sided" else PNorm(stage.squarings)

    def _synthesis(self, n_samples: int) -> LinearMap:
        synthesis = Synthesis(self._numbers, n_samples, complex=self._complex, xp=self._xp)
        return synthesis if self._responses is None else StackedSynthesis(synthesis, self._responses)


class Followable(Protocol):
    """What a path needs to know of a problem."""

    @property
    def path(self) -> tuple[Stage, ...]: ...

    def samples_at(self, stage: Stage) -> int: ...

    def space(self, stage: Stage) -> Space: ...

    def sampled_peaks(self, variables: Array) -> Array: ...


def follow(
    problem: Followable, phases: Array, stages: tuple[Stage, ...], stop: Callable[[], bool]
) -> tuple[Array, Array]:
    """Lower each start along the given stages.

    Args:
        problem: The tones and the goal.
        phases: ``(batch, m)`` starts [rad], the problem's variables.
        stages: Exponents to pass, in order.
        stop: Asked before every evaluation; ``True`` ends with what there is.

    Returns:
        ``(batch, m)`` variables and ``(batch,)`` values of the last p-norm reached.
    """
    value = problem.sampled_peaks(phases)
    for stage in stages:
        if stop():
            break
        phases, value = stage.solver.minimize(problem.space(stage), phases, stop)
    return phases, value
