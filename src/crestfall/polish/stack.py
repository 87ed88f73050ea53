"""Several signals whose highest peak counts, as the free variables of a phase map move them.

The polish and the certificate see only this: for the drive alone with free phases it is one signal and the identity.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crestfall._types import FloatArray, IntArray
from crestfall.constraints import PhaseMap
from crestfall.goal import Goal
from crestfall.multisine import Multisine
from crestfall.polish.peaks import Peaks, Signal

APART = 8.0
"""Times of the next signal begin this much later [rad]: more than a period, so that no two signals mix."""


def signal_of(times: NDArray[np.floating]) -> IntArray:
    """Number of the signal that each time belongs to."""
    return (times // APART).astype(np.int64)


@dataclass(frozen=True)
class Stack:
    """Signals of one set of tones; ``times`` of signal ``j`` are ``8 j`` plus the phase of the period, 0 … 2π.

    Attributes:
        signals: The signals, with the responses (and limits) in their complex amplitudes.
        phase_map: Free variables to phases.
    """

    signals: tuple[Signal, ...]
    phase_map: PhaseMap

    @classmethod
    def of(cls, ms: Multisine, goal: Goal) -> Stack:
        """What the goal says must be small, each signal relative to its limit."""
        plain = Signal.of(ms.as_complex() if goal.is_about_magnitudes(ms) else ms, goal.samples)
        responses = goal.responses(ms)
        signals: tuple[Signal, ...] = (plain,)
        if responses is not None:
            signals = tuple(replace(plain, amplitudes=plain.amplitudes * response) for response in responses)
        return cls(signals, goal.phase_map(ms))

    def scaled(self, factor: float) -> Stack:
        """All signals times a factor."""
        return replace(self, signals=tuple(replace(one, amplitudes=one.amplitudes * factor) for one in self.signals))

    @property
    def numbers(self) -> IntArray:
        """``(n,)`` harmonic numbers, as the signals have them."""
        return self.signals[0].numbers

    @property
    def is_complex(self) -> bool:
        """Whether magnitudes of complex samples count."""
        return self.signals[0].is_complex

    @property
    def samples(self) -> int | None:
        """Equally spaced samples that count; ``None`` for continuous time."""
        return self.signals[0].samples

    @cached_property
    def damping(self) -> FloatArray:
        """``(m,)`` diagonal of the trust region's matrix: squared motions of the phases, weighted by amplitude."""
        amplitudes = np.max([np.abs(signal.amplitudes) for signal in self.signals], axis=0)
        if self.phase_map.is_identity:
            return np.asarray(amplitudes)
        return np.asarray(self.phase_map.matrix.power(2).T @ amplitudes)

    def grid(self) -> int:
        """Points of one period of the coarsest scan."""
        return self.signals[0].grid()

    def peaks(self, variables: FloatArray, window: float, *, oversampling: float = 1.0) -> Peaks:
        """All peaks of all signals within ``window`` (relative) of the highest one."""
        phases = self.phase_map.phases(variables)
        found = [signal.peaks(phases, window, oversampling=oversampling) for signal in self.signals]
        if len(found) == 1:
            return found[0]
        together = found[0]
        for number, peaks in enumerate(found[1:], start=1):
            together = Peaks.join(together, replace(peaks, times=peaks.times + APART * number))
        return together.pick(together.heights >= (1.0 - window) * together.heights.max())

    def at(self, variables: FloatArray, times: NDArray[np.floating]) -> Peaks:
        """The signals at ``times`` as if they were peaks."""
        phases = self.phase_map.phases(variables)
        if len(self.signals) == 1 or not len(times):
            return self.signals[0].at(phases, times)[0]
        number = signal_of(times)
        order, parts = [], []
        for k in np.unique(number):
            which = np.flatnonzero(number == k)
            peaks = self.signals[k].at(phases, times[which] - APART * k)[0]
            order.append(which)
            parts.append(replace(peaks, times=peaks.times + APART * k))
        together = parts[0]
        for part in parts[1:]:
            together = Peaks.join(together, part)
        return together.pick(np.argsort(np.concatenate(order)))

    def slopes(self, peaks: Peaks) -> FloatArray:
        """``(peaks, m)`` derivatives of the heights by the variables."""
        return self.phase_map.pull(-peaks.tones.imag)

    def reduced(self, hessian: FloatArray) -> FloatArray:
        """Second derivatives by the phases ``(n, n)`` to those by the variables ``(m, m)``."""
        if self.phase_map.is_identity:
            return hessian
        matrix = self.phase_map.matrix
        return np.asarray(matrix.T @ (hessian @ matrix))
