"""The best design so far: what boxes have to beat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from crestfall.certainty.proof.instants import estimated_peak
from crestfall.certainty.proof.relaxation import Relaxation
from crestfall.certainty.proof.signal import Signal
from crestfall.problem.arrays import FloatArray

_LEAST_GAIN = 2e-6
_FIRST_RADIUS = 0.3
_LAST_RADIUS = 1e-7


class Incumbent:
    """Phases, and the certified upper end of their true peak; candidates are lowered before they count.

    Args:
        signal: The tones.
        phases: ``(n,)`` phases [rad] to begin with.
        stop: Asked before each step of a descent; ``True`` ends it with what there is.
    """

    def __init__(self, signal: Signal, phases: FloatArray, stop: Callable[[], bool]) -> None:
        self.signal, self._stop, self._offers = signal, stop, 0
        self.phases, self.peak = phases, signal.certified_peak(phases)[1]
        self._lower(phases)

    def offer(self, candidates: FloatArray) -> None:
        """Lower the best of ``(batch, n)`` candidates if it is already better, or if it is this one's turn.

        Every first, second, fourth, eighth … offer is lowered whatever its peak: the best design can have a valley of
        its own, and few descents are enough to meet it.
        """
        self._offers += 1
        its_turn = self._offers & (self._offers - 1) == 0
        _, heights = self.signal.heights(candidates)
        best = candidates[int(np.argmin(heights.max(1)))]
        if its_turn or estimated_peak(self.signal, best) < self.peak * (1.0 - _LEAST_GAIN):
            self._lower(best)

    def _lower(self, phases: FloatArray) -> None:
        """Trust-region descent: the relaxation of a box around the point gives the step, the box adapts."""
        signal, height, radius = self.signal, estimated_peak(self.signal, phases), _FIRST_RADIUS
        while radius > _LAST_RADIUS and not self._stop():
            half = np.full((1, signal.free.size), radius)
            trial = Relaxation(signal, phases[None], half).solve().candidates()[0]
            there = estimated_peak(signal, trial)
            radius *= 0.25 if there >= height else 0.5 if there > height * (1.0 - 1e-4) else 1.0
            if there < height:
                phases, height = trial, there
        peak = signal.certified_peak(phases)[1]
        if peak < self.peak:
            self.phases, self.peak = phases, peak
