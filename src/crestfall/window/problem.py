"""The tones in their window, ready for the p-norm path: the one thing that differs is where samples come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crestfall._types import FloatArray
from crestfall.objectives.p_norm import PNorm
from crestfall.objectives.phase_space import PhaseSpace
from crestfall.solvers.continuation import PATH, Stage
from crestfall.window.peak import grid
from crestfall.window.synthesis import WindowSynthesis
from crestfall.window.tones import WindowedMultisine


@dataclass(frozen=True)
class WindowProblem:
    """What ``solvers.continuation.follow`` needs, for a window (see ``Problem``)."""

    tones: WindowedMultisine

    @property
    def path(self) -> tuple[Stage, ...]:
        """The stages that lead to the peak."""
        return PATH

    def samples_at(self, stage: Stage) -> int:
        """Number of samples of the window at a stage; few tones need few of them for what a low ``p`` averages."""
        every_peak = grid(self.tones, stage.oversampling)
        average = stage.samples_per_tone * self.tones.n
        return every_peak if every_peak <= average else int(average) | 1

    def space(self, stage: Stage) -> PhaseSpace:
        """What the solver minimises at a stage: phases are counted from the middle of the window."""
        amplitudes = self.tones.amplitudes / self.tones.amplitudes.max()
        return PhaseSpace(self._synthesis(stage), amplitudes, PNorm(stage.squarings))

    def sampled_peaks(self, variables: FloatArray) -> FloatArray:
        """``(batch,)`` peaks over the path's finest grid."""
        samples = self._synthesis(self.path[-1]).samples(self.tones.amplitudes * np.exp(1j * variables))
        return np.asarray(np.max(np.abs(samples), axis=-1))

    def phases(self, variables: FloatArray) -> FloatArray:
        """Phases [rad] at time 0, from those at the middle of the window."""
        turns = self.tones.frequencies * self.tones.middle
        return np.mod(variables - 2.0 * np.pi * (turns - np.rint(turns)), 2.0 * np.pi)

    def _synthesis(self, stage: Stage) -> WindowSynthesis:
        tones = self.tones
        return WindowSynthesis(tones.offsets, tones.duration, self.samples_at(stage), complex=tones.complex)
