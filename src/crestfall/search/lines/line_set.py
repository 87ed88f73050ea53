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

    One line or a few, each by a step or two or to anywhere it may be; or neighbours together, which keeps their steps.

    Example:
        >>> ranges = LineRanges(1.0, *(np.array(each) for each in ([2, 4], [2, 4], [1, 3], [3, 5])), frozenset([3]))
        >>> {tuple(mutated(np.array([2, 4]), ranges, np.random.default_rng(seed)).tolist()) for seed in range(99)} == {
        ...     (low, high) for low in (1, 2) for high in (4, 5)
        ... }
        True
    """
    moved, order = numbers.copy(), np.argsort(numbers)
    if rng.random() < _TOGETHER:
        first, last = np.sort(rng.integers(moved.size, size=2))
        if rng.random() < 0.5:  # all of them: the ends are rarely drawn
            first, last = 0, moved.size - 1
        return _shifted(moved, order, int(first), int(last), ranges, rng)
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


def _shifted(
    moved: IntArray, order: IntArray, first: int, last: int, ranges: LineRanges, rng: np.random.Generator
) -> IntArray:
    """The lines with those from one place to another shifted by the same number of steps, if that is allowed."""
    block = order[first : last + 1]
    low, high = np.max(ranges.low[block] - moved[block]), np.min(ranges.high[block] - moved[block])
    if first > 0:
        low = max(low, moved[order[first - 1]] + 1 - moved[block[0]])
    if last < moved.size - 1:
        high = min(high, moved[order[last + 1]] - 1 - moved[block[-1]])
    shifted = moved[block] + int(rng.integers(low, high + 1))
    if ranges.forbidden.isdisjoint(shifted.tolist()):
        moved[block] = shifted
    return moved
