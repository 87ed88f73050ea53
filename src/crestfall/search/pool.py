"""The few best designs so far: what a search perturbs, without the copies that symmetries make."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from crestfall.problem.arrays import FloatArray

_SAME = 1e-5


@dataclass
class Pool:
    """At most ``size`` designs, the lowest goal first.

    Time shifts, signs, time reversal and, for complex signals, a global phase make copies of a design. All of them have
    exactly its peak, while different local minima do not; so equal peaks mean the same design.

    Attributes:
        size: How many are kept.
        goals: Their goals (peak over RMS, or over the given samples), rising.
        phases: ``(n,)`` phases [rad] of each.

    Example:
        >>> pool = Pool(2)
        >>> [pool.offer(goal, np.zeros(1)) for goal in (1.4, 1.3, 1.3000001, 1.5, 1.35)]
        [True, True, False, False, True]
        >>> pool.goals
        [1.3, 1.35]
    """

    size: int
    goals: list[float] = field(default_factory=list)
    phases: list[FloatArray] = field(default_factory=list)

    def offer(self, goal: float, phases: FloatArray) -> bool:
        """Take a design in if it is among the best and new; whether it was."""
        place = int(np.searchsorted(self.goals, goal))
        for near in (place - 1, place):
            if 0 <= near < len(self.goals) and abs(self.goals[near] - goal) <= _SAME * goal:
                if goal < self.goals[near]:  # the same design, better polished
                    self.goals[near], self.phases[near] = goal, phases
                return False
        if place >= self.size:
            return False
        self.goals.insert(place, goal)
        self.phases.insert(place, phases)
        del self.goals[self.size :], self.phases[self.size :]
        return True

    def clear(self) -> None:
        """Forget all of them, to begin again elsewhere."""
        self.goals.clear()
        self.phases.clear()
