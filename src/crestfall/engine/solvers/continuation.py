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

from crestfall.certainty.measures import crest_factor, true_peak
from crestfall.engine.objectives.amplitude_space import AmplitudeSpace
from crestfall.engine.objectives.device_map import DevicePhaseMap
from crestfall.engine.objectives.one_sided import RangeNorm, TopNorm
from crestfall.engine.objectives.p_norm import PNorm
from crestfall.engine.objectives.phase_space import LinearMap, Objective, PhaseSpace, Space
from crestfall.engine.objectives.streamed_space import StreamedSpace, usable_cores
from crestfall.engine.solvers.lbfgs import LBFGS
from crestfall.problem.arrays import Array, FloatArray
from crestfall.problem.goal import Goal
from crestfall.problem.multisine import Multisine
from crestfall.signal.backend import NUMPY, Backend
from crestfall.signal.shifted_grids import ShiftedGrids, coarse_size
from crestfall.signal.synthesis import StackedSynthesis, Synthesis, band_numbers, grid_size, odd_grid_size


@dataclass(frozen=True)
class Stage:
    """One exponent of the path.

    Attributes:
        squarings: Chooses ``p`` (see ``PNorm``).
        oversampling: Samples per period of the highest tone.
        samples_per_tone: Samples that are enough when the tones are few and far between; infinite when none are.
        solver: What lowers this p-norm.
        single: Whether samples in single precision are enough, where they are computed grid by grid.
    """

    squarings: int
    oversampling: float
    samples_per_tone: float
    solver: LBFGS
    single: bool = False

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

LONG_PATH = (
    Stage(2, 6.0, 128, LBFGS(100, 3e-5, memory=5), single=True),
    Stage(5, 12.0, 512, LBFGS(100, 2e-5, memory=5), single=True),
    Stage(7, 24.0, inf, LBFGS(120, 1e-5, memory=5), single=True),
    Stage(9, 32.0, inf, LBFGS(96, 1e-5, memory=5), single=True),
    Stage(9, 32.0, inf, LBFGS(24, 1e-5, memory=5)),
)
"""For very many tones: single precision until the last rounds. Its rounding moves the logarithm of a p-norm by some
1e-8, a hundredth of what a round gains at the end, and its derivatives by some millionths."""

SAMPLED_PATH = (*PATH, Stage(12, 32.0, inf, LBFGS(200, 1e-6)))
"""When given samples are the goal there is nothing between them, and the exponent may rise to 8194."""

TAIL = (Stage(10, 48.0, inf, LBFGS(500, 1e-6)), Stage(11, 64.0, inf, LBFGS(500, 1e-6)))
"""p = 2050 and 4098 for the true peak of what the path found: a polish without dense matrices, for many tones. With
1024 tones it lowers the peak by 0.2 %; a higher exponent gains nothing more, nor does a smaller tolerance."""

_MANY_TONES, _VERY_MANY_TONES = 128, 2**15
_STREAMED_TONES = 2**12
"""Above this many tones one start fills the cache, and its samples are computed grid by grid."""
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
        backend: What computes the path (NumPy by default).
        threads: Threads that one start may use, where it is large enough to; by default one for each core.

    Attributes:
        phase_map: Free variables, which is what solvers and searches move, to phases. Where amplitudes are free, too,
            their variables follow behind.
    """

    def __init__(
        self, ms: Multisine, goal: Goal | None = None, backend: Backend = NUMPY, threads: int | None = None
    ) -> None:
        self.ms, self.backend, self.threads = ms, backend, threads or usable_cores()
        self.goal = goal or Goal()
        self.phase_map = self.goal.phase_map(ms)
        self._complex = self.goal.is_about_magnitudes(ms)
        signal = ms.as_complex() if self._complex else ms
        self._numbers = band_numbers(signal) if self.goal.samples is None else ms.harmonic_numbers
        # Relative amplitudes: the p-norms then square nothing that is out of range.
        self._amplitudes = backend.reals(ms.amplitudes / ms.amplitude_scale)
        self._band = int(np.max(np.abs(self._numbers)))
        self._freedom = self.goal.freedom
        self._device_freedom = None if self._freedom is None else self._freedom.on(backend)
        as_it_is = backend.is_numpy or self.phase_map.is_identity
        self._device_map = self.phase_map if as_it_is else DevicePhaseMap.of(self.phase_map, backend)
        responses = self.goal.responses(ms)
        self._response_scale = 1.0 if responses is None else float(np.max(np.abs(responses)))
        self._responses = None if responses is None else backend.complexes(responses / self._response_scale)

    def on_host(self) -> Problem:
        """The same problem for NumPy."""
        return self if self.backend.is_numpy else Problem(self.ms, self.goal, threads=self.threads)

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
        if self.goal_samples is None and self.ms.n > _VERY_MANY_TONES:
            return LONG_PATH
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
        if self.is_streamed(stage):
            return self._streamed_space(stage)
        synthesis, objective = self._synthesis(self.samples_at(stage)), self._objective(stage)
        if self._device_freedom is not None:
            scale = self.ms.amplitude_scale
            return AmplitudeSpace(synthesis, self._device_freedom, scale, objective, self._device_map)
        phase_map = None if self.phase_map.is_identity else self._device_map
        return PhaseSpace(synthesis, self._amplitudes, objective, phase_map)

    def is_streamed(self, stage: Stage) -> bool:
        """Whether a stage is computed grid by grid: the peak of one signal, with samples close enough to see it."""
        one_peak = self.goal.measure in ("peak", "envelope") and self._responses is None and self._freedom is None
        sees_it = self.goal_samples is None and self.samples_at(stage) >= stage.oversampling * self._band
        return self.backend.is_numpy and one_peak and sees_it and self.ms.n > _STREAMED_TONES

    @property
    def is_complex(self) -> bool:
        """Whether the samples are complex."""
        return self._complex

    @property
    def coarse_samples(self) -> int:
        """Samples of a grid as coarse as the band allows."""
        return coarse_size(self._band, complex=self._complex)

    def streamed_grids(self, stage: Stage) -> int:
        """How many coarse grids make up the grid of a stage."""
        return max(1, round(stage.oversampling * self._band / self.coarse_samples))

    def _streamed_space(self, stage: Stage) -> StreamedSpace:
        coarse, count = self.coarse_samples, self.streamed_grids(stage)
        grids = ShiftedGrids.of(self._numbers, coarse, count, complex=self._complex, single=stage.single)
        phase_map = None if self.phase_map.is_identity else self.phase_map
        return StreamedSpace(grids, self._amplitudes, PNorm(stage.squarings), self.threads, phase_map)

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
        if self.is_streamed(self.path[-1]):
            return self._streamed_space(self.path[-1]).peaks(variables) * self.ms.amplitude_scale
        synthesis = self._synthesis(self.samples_at(self.path[-1]))
        amplitudes, loudness = self._amplitudes, self.backend.reals(1.0)
        freedom, m = self._device_freedom, self.phase_map.n_free
        if freedom is not None:
            amplitudes = freedom.amplitudes(variables[..., m:])
            largest = freedom.wanted_rms(freedom.high, complex=self.ms.complex)
            loudness = freedom.wanted_rms(amplitudes, complex=self.ms.complex) / largest
            amplitudes = amplitudes / self.ms.amplitude_scale
        samples = synthesis.samples(amplitudes * xp.exp(1j * self._device_map.phases(variables[..., :m])))
        if self.goal.measure == "one-sided":
            highest = xp.max(samples, axis=-1)
        elif self.goal.measure == "range":
            each = xp.reshape(samples, (samples.shape[0], self.signals, -1))
            highest = 0.5 * xp.max(xp.max(each, axis=-1) - xp.min(each, axis=-1), axis=-1)
        else:
            highest = xp.max(xp.abs(samples), axis=-1)
        return highest / loudness * (self.ms.amplitude_scale * self._response_scale)

    @property
    def signals(self) -> int:
        """Signals that are computed side by side: the drive, or its outputs."""
        return 1 if self._responses is None else int(self._responses.shape[0])

    def _objective(self, stage: Stage) -> Objective:
        if self.goal.measure == "range":
            return RangeNorm(stage.squarings, self.signals)
        return TopNorm(stage.squarings) if self.goal.measure == "one-sided" else PNorm(stage.squarings)

    def _synthesis(self, n_samples: int) -> LinearMap:
        synthesis = Synthesis(self._numbers, n_samples, complex=self._complex, backend=self.backend)
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
    value = None
    for stage in stages:
        if stop():
            break
        phases, value = stage.solver.minimize(problem.space(stage), phases, stop)
    return phases, problem.sampled_peaks(phases) if value is None else value
