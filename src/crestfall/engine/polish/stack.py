"""Several signals whose highest peak counts, as the free variables of a phase map move them.

The polish and the certificate see only this: for the drive alone with free phases it is one signal and the identity.
For a range each signal has an offset of its own, one more variable after those of the phases: half of a range is the
least peak that an offset leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crestfall.engine.polish.peaks import Peaks, Signal
from crestfall.engine.polish.window_peaks import WindowSignal
from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.constraints import PhaseMap
from crestfall.problem.problem import Problem

LONG_WINDOW = 2.0
"""Cycles of the slowest tone from which a window is long enough for every signal to change its sign."""
APART = 8.0
"""Times of the next signal begin this much later [rad]: more than a period, so that no two signals mix."""

_LONG_SCAN, _SCAN_OF_A_TONE = 2**17, 2**11
"""Samples of a scan from which tops are followed instead: in all, and for each tone."""


def may_keep_its_sign(problem: Problem) -> bool:
    """Whether signals may stay on one side of zero: in a short window, or around a constant.

    Over a period, and nearly so in a long window, tones alone have no mean.
    """
    lowest = float(np.min(np.abs(problem.tones.frequencies)))
    return problem.tones.has_constant or (problem.window is not None and lowest * problem.window.duration < LONG_WINDOW)


def means_of(problem: Problem) -> FloatArray | None:
    """``(signals,)`` means of the signals over the times that count, relative to their limits.

    Over a period they are what the constant makes, whatever the phases; ``None`` where phases change them, as in a
    window, or where a tone is the same at all samples that count.
    """
    ms, phase_map, samples = problem.tones, problem.phase_map, problem.samples
    constant = ms.frequencies == 0.0
    if problem.window is not None or np.any(phase_map.slopes[constant] != 0.0):
        return None
    if samples is not None and np.any(ms.harmonic_numbers[~constant] % samples == 0):
        return None
    each = (ms.amplitudes * np.exp(1j * phase_map.offsets))[constant]
    rows = np.ones((1, ms.n)) if problem.rows is None else problem.rows
    return np.asarray((rows[:, constant] @ each).real)


def least_lift(problem: Problem) -> float:
    """A constant that puts the maximum of each signal above zero, whatever the phases: as small as is sure to.

    Heights are relative to the highest. The more is added to all of them, the less they differ: powers of them tell
    high peaks from low ones only with far higher exponents. Above its mean a signal always rises.
    """
    if not may_keep_its_sign(problem):
        return 0.0
    means = means_of(problem)
    if means is not None:
        return -float(np.min(means))
    responses = 1.0 if problem.rows is None else np.max(np.abs(problem.rows), axis=0)
    return float(np.sum(problem.tones.amplitudes * responses))


def signal_of(times: NDArray[np.floating]) -> IntArray:
    """Number of the signal that each time belongs to."""
    return (times // APART).astype(np.int64)


@dataclass(frozen=True)
class Stack:
    """Signals of one set of tones; ``times`` of signal ``j`` are ``8 j`` plus the phase of the period, 0 … 2π.

    Attributes:
        signals: The signals, with the responses (and limits) in their complex amplitudes.
        phase_map: Free variables to phases.
        is_range: Whether the signals have offsets that are variables, too.
        lift: A constant that is added to signals whose maximum may be below zero, as in a short window or around a
            constant: heights are relative to the highest, and that must be above zero.
    """

    signals: tuple[Signal, ...]
    phase_map: PhaseMap
    is_range: bool = False
    lift: float = 0.0

    @classmethod
    def of(cls, problem: Problem) -> Stack:
        """What the problem says must be small, each signal relative to its limit; amplitudes as they are."""
        tones = problem.computed_tones
        one_sided, lift = problem.measure == "one-sided", 0.0
        plain: Signal
        if problem.window is None:
            plain = Signal.of(tones, problem.samples, one_sided=one_sided)
        else:
            plain = WindowSignal.within(tones, problem.window, one_sided=one_sided)
        if one_sided:
            lift = least_lift(problem)
            plain = replace(plain, offset=lift)
        signals: tuple[Signal, ...] = (plain,)
        if problem.rows is not None:
            signals = tuple(replace(plain, amplitudes=plain.amplitudes * row) for row in problem.rows)
        return cls(signals, problem.phase_map, problem.measure == "range", lift)

    def scaled(self, factor: float) -> Stack:
        """All signals times a factor."""
        signals = (replace(one, amplitudes=one.amplitudes * factor, offset=one.offset * factor) for one in self.signals)
        return replace(self, signals=tuple(signals), lift=self.lift * factor)

    @property
    def numbers(self) -> IntArray | FloatArray:
        """``(n,)`` harmonic numbers, or cycles in a window, as the signals have them."""
        return self.signals[0].numbers

    @property
    def n_variables(self) -> int:
        """Free variables of the phases, and offsets."""
        return self.phase_map.n_free + (len(self.signals) if self.is_range else 0)

    @property
    def is_complex(self) -> bool:
        """Whether magnitudes of complex samples count."""
        return self.signals[0].is_complex

    @property
    def shifts_in_time(self) -> bool:
        """Whether a shift in time changes no peak."""
        return self.signals[0].shifts_in_time

    @property
    def samples(self) -> int | None:
        """Equally spaced samples that count; ``None`` for continuous time."""
        return self.signals[0].samples

    @cached_property
    def damping(self) -> FloatArray:
        """``(m,)`` diagonal of the trust region's matrix: squared motions of the phases, weighted by amplitude.

        Heights are exactly linear in the offsets, which need no trust.
        """
        amplitudes = np.max([np.abs(signal.amplitudes) for signal in self.signals], axis=0)
        if not self.phase_map.is_identity:
            amplitudes = self.phase_map.matrix.power(2).T @ amplitudes
        return np.append(amplitudes, np.zeros(self.n_variables - self.phase_map.n_free))

    def grid(self) -> int:
        """Points of one period of the coarsest scan."""
        return self.signals[0].grid()

    def phases(self, variables: FloatArray) -> FloatArray:
        """``(n,)`` phases [rad] of the variables ``(m,)``."""
        return np.asarray(self.phase_map.phases(variables[: self.phase_map.n_free]))

    def centred(self, variables: FloatArray, *, oversampling: float = 1.0) -> FloatArray:
        """The variables, with the best offsets for their phases after them if there are any."""
        if not self.is_range:
            return variables
        free, phases = variables[: self.phase_map.n_free], self.phases(variables)
        found = [signal.centred(phases, oversampling=oversampling).offset for signal in self.signals]
        return np.append(free, found)

    def peaks(
        self, variables: FloatArray, window: float, *, oversampling: float = 1.0, most: int | None = None
    ) -> Peaks:
        """All peaks of all signals within ``window`` (relative) of the highest one, or the ``most`` highest of each."""
        phases, signals = self.phases(variables), self._at_offsets(variables)
        found = [signal.peaks(phases, window, oversampling=oversampling, most=most) for signal in signals]
        if len(found) == 1:
            return found[0]
        together = found[0]
        for number, peaks in enumerate(found[1:], start=1):
            together = Peaks.join(together, replace(peaks, times=peaks.times + APART * number))
        return together.pick(together.heights >= (1.0 - window) * together.heights.max())

    def follow(self, variables: FloatArray, times: NDArray[np.floating]) -> Peaks:
        """The tops of all signals near these times, each once; heights as they are.

        Only for signals without offsets over a whole period.
        """
        phases, number, found = self.phases(variables), signal_of(times), None
        cell = 2 * np.pi / self.grid()
        for k, signal in enumerate(self.signals):
            mine = times[number == k]
            if len(mine):
                peaks = signal.follow(phases, mine - APART * k, cell)
                peaks = replace(peaks, times=peaks.times + APART * k)
                found = peaks if found is None else Peaks.join(found, peaks)
        assert found is not None
        return found

    @property
    def follows_tops(self) -> bool:
        """Whether a scan of the period costs far more than to follow the tops that are known."""
        ordinary = self.samples is None and not self.is_range and self.shifts_in_time
        return ordinary and self.grid() * len(self.signals) > max(_LONG_SCAN, _SCAN_OF_A_TONE * len(self.numbers))

    def at(self, variables: FloatArray, times: NDArray[np.floating]) -> Peaks:
        """The signals at ``times`` as if they were peaks."""
        phases, signals = self.phases(variables), self._at_offsets(variables)
        if len(signals) == 1 or not len(times):
            return signals[0].at(phases, times)[0]
        number = signal_of(times)
        order, parts = [], []
        for k in np.unique(number):
            which = np.flatnonzero(number == k)
            peaks = signals[k].at(phases, times[which] - APART * k)[0]
            order.append(which)
            parts.append(replace(peaks, times=peaks.times + APART * k))
        together = parts[0]
        for part in parts[1:]:
            together = Peaks.join(together, part)
        return together.pick(np.argsort(np.concatenate(order)))

    def slopes(self, peaks: Peaks) -> FloatArray:
        """``(peaks, m)`` derivatives of the heights by the variables."""
        by_phase = np.asarray(self.phase_map.pull(-peaks.tones.imag))
        if not self.is_range:
            return by_phase
        own = signal_of(peaks.times)[:, None] == np.arange(len(self.signals))
        return np.hstack([by_phase, np.where(own, peaks.signs.real[:, None], 0.0)])

    def reduced(self, hessian: FloatArray) -> FloatArray:
        """Second derivatives by the phases ``(n, n)`` to those by the variables ``(m, m)``."""
        if not self.phase_map.is_identity:
            matrix = self.phase_map.matrix
            hessian = np.asarray(matrix.T @ (hessian @ matrix))
        return np.pad(hessian, (0, self.n_variables - len(hessian))) if self.is_range else hessian

    def _at_offsets(self, variables: FloatArray) -> tuple[Signal, ...]:
        if not self.is_range:
            return self.signals
        offsets = variables[self.phase_map.n_free :]
        return tuple(replace(one, offset=float(c)) for one, c in zip(self.signals, offsets, strict=True))
