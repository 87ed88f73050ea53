"""A problem as arrays, ready for solvers: what the variables are, and where samples come from at each stage."""

from __future__ import annotations

from functools import cached_property
from math import inf

import numpy as np
from array_api_compat import array_namespace

from crestfall.certainty.value import value_of
from crestfall.engine.objectives.amplitude_space import AmplitudeSpace
from crestfall.engine.objectives.device_map import DevicePhaseMap
from crestfall.engine.objectives.one_sided import RangeNorm, TopNorm
from crestfall.engine.objectives.p_norm import PNorm
from crestfall.engine.objectives.phase_space import Objective, PhaseSpace, Space
from crestfall.engine.objectives.streamed_space import StreamedSpace, usable_cores
from crestfall.engine.polish.stack import least_lift, may_keep_its_sign, means_of
from crestfall.engine.solvers.continuation import LONG_PATH, PATH, SAMPLED_PATH, SPARSE_PATH, Stage
from crestfall.problem.arrays import Array, FloatArray, IntArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.signal.backend import NUMPY, Backend
from crestfall.signal.shifted_grids import ShiftedGrids, coarse_size
from crestfall.signal.synthesis import LinearMap, StackedSynthesis, Synthesis, band_numbers, grid_size, odd_grid_size
from crestfall.signal.window_signal import cycles, grid, offsets, turns_to_middle
from crestfall.signal.window_synthesis import WindowSynthesis

_MANY_TONES, _VERY_MANY_TONES = 128, 2**15
_STREAMED_TONES = 2**12
"""Above this many tones one start fills the cache, and its samples are computed grid by grid."""
_DENSE = 8
"""Harmonics per tone up to which a spectrum is dense; smaller tolerances gain nothing for sparse tones."""
_MOST_SPARSE_TONES = 512
_MOST_KEPT = 2**20
"""Entries of a window's matrix up to which it is kept from one stage to the next."""
_KEPT_VALUES = 4
"""Values of the latest variables that are known."""


class CompiledProblem:
    """A problem of one drive, ready for any stage of the path.

    Args:
        problem: What is asked.
        backend: What computes the path (NumPy by default).
        threads: Threads that one start may use, where it is large enough to; by default one for each core.

    Attributes:
        phase_map: Free variables, which is what solvers and searches move, to phases. Where amplitudes are free, too,
            their variables follow.
    """

    def __init__(self, problem: Problem, backend: Backend = NUMPY, threads: int | None = None) -> None:
        self.problem, self.backend, self.threads = problem, backend, threads or usable_cores()
        self.ms = ms = problem.tones
        self.phase_map = problem.phase_map
        self.freedom = problem.freedom
        self.is_complex = problem.is_about_magnitudes
        self._signal = problem.computed_tones
        # Relative amplitudes: the p-norms then square nothing that is out of range.
        relative = ms.amplitudes / ms.amplitude_scale
        if problem.measure == "range" and ms.has_constant and means_of(problem) is not None:
            relative = np.where(ms.frequencies == 0.0, 0.0, relative)  # no range has it, and each side is seen apart
        self._amplitudes = backend.reals(relative)
        self._device_freedom = None if self.freedom is None else self.freedom.on(backend)
        as_it_is = backend.is_numpy or self.phase_map.is_identity
        self._device_map = self.phase_map if as_it_is else DevicePhaseMap.of(self.phase_map, backend)
        responses = problem.rows
        self._response_scale = 1.0 if responses is None else float(np.max(np.abs(responses)))
        self._responses = None if responses is None else backend.complexes(responses / self._response_scale)
        self._kept: dict[int, LinearMap] = {}
        self._values: list[tuple[FloatArray, float]] = []

    def on_host(self) -> CompiledProblem:
        """The same problem for NumPy."""
        return self if self.backend.is_numpy else CompiledProblem(self.problem, threads=self.threads)

    # ------------------------------------------------------------------ variables

    @property
    def ranges(self) -> FloatArray:
        """``(m,)`` ranges of the starts; free amplitudes start in the middle of theirs."""
        free = 0 if self.freedom is None else self.freedom.free.size
        return np.append(self.phase_map.ranges, np.zeros(free))

    def nearest(self, phases: FloatArray) -> FloatArray:
        """``(m,)`` variables that agree best with the phases ``(n,)`` [rad]."""
        free = 0 if self.freedom is None else self.freedom.free.size
        return np.append(self.phase_map.nearest(phases), np.zeros(free)) if free else self.phase_map.nearest(phases)

    def without_extra_tones(self) -> Multisine:
        """The tones as they were asked for, extra ones as small as they may be."""
        if self.freedom is None:
            return self.ms
        return self.ms.with_amplitudes(np.where(self.freedom.wanted, self.ms.amplitudes, self.freedom.low))

    def variables_of(self, phases: FloatArray, tones: Multisine) -> FloatArray:
        """``(m,)`` variables that agree best with phases ``(n,)`` [rad] and with the amplitudes of tones."""
        variables = self.nearest(phases)
        if self.freedom is not None:
            variables[self.phase_map.n_free :] = self.freedom.variables(tones.amplitudes)
        return variables

    def phases(self, variables: Array) -> Array:
        """``(…, m)`` variables to ``(…, n)`` phases [rad]."""
        return self.phase_map.phases(variables[..., : self.phase_map.n_free])

    def tones(self, variables: FloatArray) -> Multisine:
        """The tones at variables ``(m,)``, with the amplitudes that belong to them."""
        if self.freedom is None:
            return self.ms
        return self.ms.with_amplitudes(self.freedom.amplitudes(variables[self.phase_map.n_free :]))

    def value(self, variables: FloatArray) -> float:
        """What is minimised at variables ``(m,)``, certified over continuous time (see ``value_of``)."""
        for known, value in self._values:
            if np.array_equal(known, variables):
                return value
        value = value_of(self.problem, self.tones(variables), np.asarray(self.phases(variables)))
        # The best so far is asked for again and again; with very many tones each value takes seconds.
        self._values = [(np.array(variables), value), *self._values[: _KEPT_VALUES - 1]]
        return value

    # ------------------------------------------------------------------ stages

    @property
    def path(self) -> tuple[Stage, ...]:
        """The stages that lead to the peak."""
        n, samples = self.ms.n, self.problem.samples
        if samples is None and n > _VERY_MANY_TONES:
            return LONG_PATH
        path = PATH if samples is None else SAMPLED_PATH
        if self.is_sparse:
            return SPARSE_PATH
        most = _VERY_MANY_TONES if samples is None else inf
        dense = self.band <= _DENSE * n
        return tuple(stage.for_many_tones() for stage in path) if dense and _MANY_TONES < n <= most else path

    @property
    def is_sparse(self) -> bool:
        """Whether the grids that would see every peak are far larger than the tones are many."""
        problem, n = self.problem, self.ms.n
        followed = problem.is_over_period and self.freedom is None and problem.measure != "range"
        if not followed or n > _MOST_SPARSE_TONES:
            return False
        return SPARSE_PATH[-1].oversampling * self.band > SPARSE_PATH[-1].samples_per_tone * n

    @cached_property
    def band(self) -> float:
        """Fastest oscillation of what is computed, per period or per window."""
        if self.problem.window is not None:
            return cycles(self._signal, self.problem.window)
        return int(np.max(np.abs(self._numbers)))

    @cached_property
    def _numbers(self) -> IntArray:
        return band_numbers(self._signal) if self.problem.samples is None else self.ms.harmonic_numbers

    def samples_at(self, stage: Stage) -> int:
        """Number of samples at a stage.

        A few tones that are spread over a wide band need many samples to see every peak, but not to see what a low
        ``p`` averages: a coarse grid with an odd number of points, on which the tones alias, is enough for that.
        """
        if self.problem.samples is not None:
            return self._samples_of_a_period(stage, self.problem.samples)
        average = stage.samples_per_tone * self.ms.n
        if self.problem.window is not None:
            every_peak = grid(self._signal, self.problem.window, stage.oversampling)
            return every_peak if every_peak <= average else int(average) | 1
        every_peak = grid_size(int(self.band), stage.oversampling)
        return every_peak if every_peak <= average else odd_grid_size(int(average))

    def _samples_of_a_period(self, stage: Stage, samples: int) -> int:
        """Samples at a stage where only samples count: fewer on the way if there are many, all of them at the end."""
        if samples <= 2 * self.band or stage.oversampling == inf:
            return samples
        return min(grid_size(int(self.band), stage.oversampling), samples)

    def space(self, stage: Stage, single: LinearMap | None = None) -> Space:
        """What the solver minimises at a stage.

        Args:
            stage: The stage.
            single: What makes samples of one signal of the tones, where other frequencies are tried.
        """
        if single is None and self.is_streamed(stage):
            return self._streamed_space(stage)
        synthesis = self._synthesis(self.samples_at(stage)) if single is None else self._of_all_signals(single)
        objective = self._objective(stage)
        if self._device_freedom is not None:
            scale = self.ms.amplitude_scale
            return AmplitudeSpace(synthesis, self._device_freedom, scale, objective, self._device_map)
        phase_map = None if self.phase_map.is_identity else self._device_map
        return PhaseSpace(synthesis, self._amplitudes, objective, phase_map)

    def is_streamed(self, stage: Stage) -> bool:
        """Whether a stage is computed grid by grid: the peak of one signal, with samples close enough to see it."""
        problem = self.problem
        one_peak = problem.measure in ("peak", "envelope") and self._responses is None and self.freedom is None
        return (
            self.backend.is_numpy
            and one_peak
            and problem.is_over_period
            and self.ms.n > _STREAMED_TONES
            and self.samples_at(stage) >= stage.oversampling * self.band
        )

    @property
    def coarse_samples(self) -> int:
        """Samples of a grid as coarse as the band allows."""
        return coarse_size(int(self.band), complex=self.is_complex)

    def streamed_grids(self, stage: Stage) -> int:
        """How many coarse grids make up the grid of a stage."""
        return max(1, round(stage.oversampling * self.band / self.coarse_samples))

    @property
    def signals(self) -> int:
        """Signals that are computed side by side: the drive, or its outputs; ``I`` and ``Q`` are two."""
        return 1 if self._responses is None else int(self._responses.shape[0])

    def sampled_values(self, variables: Array) -> Array:
        """``(batch,)`` measures, relative to the limits, over the path's finest grid or the samples that count."""
        xp = array_namespace(variables)
        if self.is_streamed(self.path[-1]):
            return self._streamed_space(self.path[-1]).peaks(variables) * self.ms.amplitude_scale
        synthesis = self._synthesis(self.samples_at(self.path[-1]))
        amplitudes, loudness = self._amplitudes, self.backend.reals(1.0)
        freedom, m = self._device_freedom, self.phase_map.n_free
        if freedom is not None:
            amplitudes = freedom.amplitudes(variables[..., m:])
            asked = freedom.wanted_rms(self.backend.reals(self.ms.amplitudes), complex=self.ms.complex)
            loudness = freedom.wanted_rms(amplitudes, complex=self.ms.complex) / asked
            amplitudes = amplitudes / self.ms.amplitude_scale
        samples = synthesis.samples(amplitudes * xp.exp(1j * self._device_map.phases(variables[..., :m])))
        if self.problem.measure == "one-sided":
            highest = xp.max(samples, axis=-1)
        elif self.problem.measure == "range":
            each = xp.reshape(samples, (samples.shape[0], self.signals, -1))
            highest = 0.5 * xp.max(xp.max(each, axis=-1) - xp.min(each, axis=-1), axis=-1)
        else:
            highest = xp.max(xp.abs(samples), axis=-1)
        return highest / loudness * (self.ms.amplitude_scale * self._response_scale)

    # ------------------------------------------------------------------ parts

    @cached_property
    def _shift_of_tops(self) -> float:
        """What puts the maximum above zero, in the unit of the samples that are computed."""
        return least_lift(self.problem) / (self.ms.amplitude_scale * self._response_scale)

    @cached_property
    def _shift_of_range(self) -> float:
        """What keeps signals on both sides of zero; a constant changes no range and is left out of the samples."""
        if not may_keep_its_sign(self.problem) or means_of(self.problem) is not None:
            return 0.0
        return float(np.sum(self.ms.amplitudes)) / self.ms.amplitude_scale

    def _objective(self, stage: Stage) -> Objective:
        if self.problem.measure == "range":
            return RangeNorm(stage.squarings, self.signals, self._shift_of_range)
        if self.problem.measure == "one-sided":
            return TopNorm(stage.squarings, self._shift_of_tops)
        return PNorm(stage.squarings)

    def _synthesis(self, n_samples: int) -> LinearMap:
        if n_samples not in self._kept:
            synthesis = self._new_synthesis(n_samples)
            if self.problem.window is None or n_samples * self.ms.n > _MOST_KEPT:
                return synthesis
            self._kept[n_samples] = synthesis
        return self._kept[n_samples]

    def _new_synthesis(self, n_samples: int) -> LinearMap:
        window, signal = self.problem.window, self._signal
        synthesis: LinearMap
        if window is None:
            synthesis = Synthesis(self._numbers, n_samples, complex=self.is_complex, backend=self.backend)
        else:
            turns = turns_to_middle(signal, window)
            synthesis = WindowSynthesis(
                offsets(signal), window.duration, n_samples, complex=self.is_complex, turns=turns, backend=self.backend
            )
        return self._of_all_signals(synthesis)

    def _of_all_signals(self, synthesis: LinearMap) -> LinearMap:
        return synthesis if self._responses is None else StackedSynthesis(synthesis, self._responses)

    def _streamed_space(self, stage: Stage) -> StreamedSpace:
        coarse, count = self.coarse_samples, self.streamed_grids(stage)
        grids = ShiftedGrids.of(self._numbers, coarse, count, complex=self.is_complex, single=stage.single)
        phase_map = None if self.phase_map.is_identity else self.phase_map
        return StreamedSpace(grids, self._amplitudes, PNorm(stage.squarings), self.threads, phase_map)
