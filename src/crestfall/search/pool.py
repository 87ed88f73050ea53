"""The few best designs so far: what a search perturbs, without the copies that symmetries make."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from crestfall.problem.arrays import FloatArray

_SAME = 1e-5


@dataclass
class Pool:
    """At most ``size`` designs, the lowest value first.

    Time shifts, signs, time reversal and, for complex signals, a global phase make copies of a design. All of them have
    exactly its peak, while different local minima do not; so equal peaks mean the same design.

    Attributes:
        size: How many are kept.
        values: What is minimised, of each, rising.
        variables: ``(m,)`` variables [rad] of each.

    Example:
        >>> pool = Pool(2)
        >>> [pool.offer(value, np.zeros(1)) for value in (1.4, 1.3, 1.3000001, 1.5, 1.35)]
        [True, True, False, False, True]
        >>> pool.values
        [1.3, 1.35]
    """

    size: int
    values: list[float] = field(default_factory=list)
    variables: list[FloatArray] = field(default_factory=list)

    def offer(self, value: float, variables: FloatArray) -> bool:
        """Take a design in if it is among the best and new; whether it was."""
        place = int(np.searchsorted(self.values, value))
        for near in (place - 1, place):
            if 0 <= near < len(self.values) and abs(self.values[near] - value) <= _SAME * value:
                if value < self.values[near]:  # the same design, better polished
                    self.values[near], self.variables[near] = value, variables
                return False
        if place >= self.size:
            return False
        self.values.insert(place, value)
        self.variables.insert(place, variables)
        del self.values[self.size :], self.variables[self.size :]
        return True

    def clear(self) -> None:
        """Forget all of them, to begin again elsewhere."""
        self.values.clear()
        self.variables.clear()
