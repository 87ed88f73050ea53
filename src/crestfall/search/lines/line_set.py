"""A set of lines, and how another one is made of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.movable_lines import LineRanges

_NEAR = 2
"""Steps of a small move."""
_TOGETHER = 0.25
"""Share of the moves that neighbours make together."""


class LineSet(NamedTuple):
    """Lines, the best variables known for them, and their score.

    Attributes:
        numbers: ``(n,)`` multiples of the raster.
        variables: ``(m,)`` variables [rad].
        score: Logarithm of the p-norm that they reach; lower is better.
    """

    numbers: IntArray
    variables: FloatArray
    score: float

    @property
    def key(self) -> tuple[int, ...]:
        """The lines, to be compared."""
        return tuple(self.numbers.tolist())


def mutated(numbers: IntArray, ranges: LineRanges, rng: np.random.Generator) -> IntArray:
    """Some of the lines moved: within their ranges, between their neighbours, and to no forbidden line.

    One line or a few, each by a step or two or to anywhere it may be; or neighbours together, whose steps stay equal.

    Example:
        >>> ranges = LineRanges(1.0, *(np.array(each) for each in ([2, 4], [2, 4], [1, 3], [3, 5])), frozenset([3]))
        >>> {tuple(mutated(np.array([2, 4]), ranges, np.random.default_rng(seed)).tolist()) for seed in range(99)} == {
        ...     (low, high) for low in (1, 2) for high in (4, 5)
        ... }
        True
    """
    moved, order = numbers.copy(), np.argsort(numbers)
    if rng.random() < _TOGETHER:
        return _together(moved, order, ranges, rng)
    for place in rng.integers(moved.size, size=min(int(rng.geometric(0.5)) + 1, moved.size)):
        k = order[place]
        low, high = ranges.low[k], ranges.high[k]
        if place > 0:
            low = max(low, moved[order[place - 1]] + 1)
        if place < moved.size - 1:
            high = min(high, moved[order[place + 1]] - 1)
        if rng.random() < 0.5:
            low, high = max(low, moved[k] - _NEAR), min(high, moved[k] + _NEAR)
        line = int(rng.integers(low, high + 1))
        if line not in ranges.forbidden:
            moved[k] = line
    return moved


def _together(moved: IntArray, order: IntArray, ranges: LineRanges, rng: np.random.Generator) -> IntArray:
    """The lines with neighbours, or all of them, shifted together: by as many steps, or one more from each to the next.

    They stay as they are where that is not allowed.
    """
    first, last = np.sort(rng.integers(moved.size, size=2)) if rng.random() < 0.5 else (0, moved.size - 1)
    block = order[first : last + 1]
    ramp = int(rng.choice((0, 0, 1, -1))) * (np.arange(block.size) - block.size // 2)
    low = int(np.max(ranges.low[block] - moved[block] - ramp))
    high = int(np.min(ranges.high[block] - moved[block] - ramp))
    if low > high:
        return moved
    shifted = moved.copy()
    shifted[block] += ramp + int(rng.integers(low, high + 1))
    if np.any(np.diff(shifted[order]) <= 0) or not ranges.forbidden.isdisjoint(shifted[block].tolist()):
        return moved
    return shifted
