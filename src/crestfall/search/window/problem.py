"""The tones in their window, ready for the p-norm path: the one thing that differs is where samples come from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from crestfall.certainty.window_maximum import grid
from crestfall.engine.objectives.p_norm import PNorm
from crestfall.engine.objectives.phase_space import PhaseSpace
from crestfall.engine.solvers.continuation import PATH, Stage
from crestfall.problem.arrays import FloatArray
from crestfall.problem.constraints import Constraint, Hold, Link, PhaseMap
from crestfall.search.window.tones import WindowedMultisine
from crestfall.signal.window_synthesis import WindowSynthesis


@dataclass(frozen=True)
class WindowProblem:
    """What ``solvers.continuation.follow`` needs, for a window (see ``Problem``).

    Attributes:
        tones: The tones and their window.
        constraints: Phases at time 0 that are held or linked.
    """

    tones: WindowedMultisine
    constraints: tuple[Constraint, ...] = ()

    def __post_init__(self) -> None:
        for constraint in self.constraints:
            if not isinstance(constraint, Hold | Link):
                raise ValueError(
                    f"constraints: in a window phases can be held and linked, not {type(constraint).__name__}; "
                    "leave it out, or take a whole period"
                )
        _ = self.phase_map

    @cached_property
    def phase_map(self) -> PhaseMap:
        """Free variables to phases at the middle of the window."""
        known = (constraint for constraint in self.constraints if isinstance(constraint, Hold | Link))
        found = PhaseMap.of(self.tones.n, (relation for one in known for relation in one.relations(self.tones)))
        return replace(found, offsets=found.offsets + self._turns) if self.constraints else found

    @property
    def _turns(self) -> FloatArray:
        """``(n,)`` angles [rad] from time 0 to the middle of the window."""
        turns = self.tones.frequencies * self.tones.middle
        return np.asarray(2.0 * np.pi * (turns - np.rint(turns)))

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
        phase_map = self.phase_map if self.constraints else None
        return PhaseSpace(self._synthesis(stage), amplitudes, PNorm(stage.squarings), phase_map)

    def sampled_peaks(self, variables: FloatArray) -> FloatArray:
        """``(batch,)`` peaks over the path's finest grid."""
        phases = self.phase_map.phases(variables)
        samples = self._synthesis(self.path[-1]).samples(self.tones.amplitudes * np.exp(1j * phases))
        return np.asarray(np.max(np.abs(samples), axis=-1))

    def phases(self, variables: FloatArray) -> FloatArray:
        """Phases [rad] at time 0, from the variables, which are phases at the middle of the window."""
        return np.mod(self.phase_map.phases(variables) - self._turns, 2.0 * np.pi)

    def _synthesis(self, stage: Stage) -> WindowSynthesis:
        tones = self.tones
        return WindowSynthesis(tones.offsets, tones.duration, self.samples_at(stage), complex=tones.complex)
