"""The least peak over delays in steps: descents over single delays, and branch and bound over all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np

from crestfall.certainty.delayed_waveforms import DelayedWaveforms, Samples
from crestfall.engine.discrete.sequences import Stop
from crestfall.problem.arrays import FloatArray, IntArray

_AT_ONCE = 2**21
"""Numbers that are computed at once."""
_ALIKE = 1e-9
_EQUAL = 1e-11
"""Relative difference of values that counts as none."""


def descend(sums: DelayedWaveforms, delays: IntArray, stop: Stop) -> IntArray:
    """The delays after changes of single ones, each to its best, until none is better.

    Args:
        sums: The waveforms.
        delays: ``(groups,)`` delays to begin with, in steps.
        stop: Asked before each change; ``True`` ends the descent.
    """
    delays = delays.copy()
    total = sums.sum_at(delays)
    value, unchanged = float(sums.measured(total)), 0
    while unchanged < len(delays) and not stop():
        for group in range(len(delays)):
            rest = total - sums.delayed(group, delays[group])
            values = values_with(sums, rest, group, stop)
            best = int(np.argmin(values))
            unchanged += 1
            if values[best] < value - _EQUAL * abs(value):
                delays[group], value, unchanged = best, float(values[best]), 0
                total = rest + sums.delayed(group, best)
            if unchanged >= len(delays) or stop():
                break
    return delays


def values_with(
    sums: DelayedWaveforms,
    rest: Samples,
    group: int,
    stop: Stop,
    low: FloatArray | float = 0.0,
    high: FloatArray | float = 0.0,
) -> FloatArray:
    """``(counts,)`` what the measure is at least with every delay of one waveform (see ``at_least``)."""
    copies = sums.copies(group)
    values = np.full(len(copies), inf)
    chunk = max(1, _AT_ONCE // rest.size)
    for first in range(0, len(copies), chunk):
        if first and stop():
            break
        part = slice(first, first + chunk)
        values[part] = sums.at_least(copies[part] + rest, low, high)
    return values


@dataclass
class _Node:
    """Some waveforms with their delays."""

    bound: float
    delays: tuple[int, ...]


class DelayTree:
    """Branch and bound over delays, one waveform after the other, the largest first.

    A branch is cut where what is placed already, on the minima of all others, is as high as the best so far. Where
    nothing is held, the first waveform stays where it is, since all of them can be shifted together; equal waveforms
    have rising delays.

    Args:
        sums: The waveforms.
        best: A value that is known to be reached.

    Attributes:
        lower: A value that no delays can beat, as far as is known.
        nodes: Branches that were looked at.
    """

    def __init__(self, sums: DelayedWaveforms, best: float) -> None:
        self.sums, self.best = sums, best
        spread = np.ptp(sums.waveforms.real, axis=-1).max(axis=-1)
        self.order = np.argsort(-spread, kind="stable")
        self.lower, self.nodes = sums.bound(), 0
        lows, highs = zip(*(sums.extremes(int(group)) for group in self.order), strict=True)
        self._low = [np.sum(lows[k:], axis=0) + 0.0 * lows[0] for k in range(len(lows))] + [0.0 * lows[0]]
        self._high = [np.sum(highs[k:], axis=0) + 0.0 * highs[0] for k in range(len(highs))] + [0.0 * highs[0]]
        held = sums.held
        self._shifts_freely = bool(np.max(np.abs(held - held[..., :1])) <= _ALIKE * (np.max(np.abs(held)) + 1e-300))

    @property
    def is_proven(self) -> bool:
        """Whether nothing is better than the best so far."""
        return not self.lower < self.best - _EQUAL * abs(self.best)

    def run(self, stop: Stop, found: Callable[[float, IntArray], object]) -> None:
        """Look at branches until nothing is left, or until it is stopped.

        Args:
            stop: Asked before each branch.
            found: Called with each better value and its delays.
        """
        root, stack = self.lower, [_Node(self.lower, ())]
        while stack and not self.is_proven:
            node = stack.pop()
            if node.bound >= self.best - _EQUAL * abs(self.best):
                continue
            if stop():
                stack.append(node)
                break
            stack += self._branches(node, stop, found)
            self.nodes += 1
        left = min((node.bound for node in stack), default=inf)
        self.lower = max(root, min(left, self.best))

    def _branches(self, node: _Node, stop: Stop, found: Callable[[float, IntArray], object]) -> list[_Node]:
        """What follows from a node, the most promising last; whole sets of delays are reported."""
        depth = len(node.delays)
        group, sums = int(self.order[depth]), self.sums
        rest = sums.held + sum(sums.delayed(int(g), d) for g, d in zip(self.order, node.delays, strict=False))
        values = values_with(sums, rest, group, lambda: False, self._low[depth + 1], self._high[depth + 1])
        allowed = np.arange(len(values))
        if depth == 0 and self._shifts_freely:
            allowed = allowed[:1]
        elif depth > (1 if self._shifts_freely else 0) and self._is_like_the_one_before(depth):
            allowed = allowed[node.delays[-1] :]
        if depth + 1 == len(self.order):
            best = int(allowed[np.argmin(values[allowed])])
            if values[best] < self.best - _EQUAL * abs(self.best):
                delays = np.zeros(len(self.order), dtype=np.int64)
                delays[self.order] = (*node.delays, best)
                self.best = float(values[best])
                found(self.best, delays)
            return []
        worth = allowed[values[allowed] < self.best - _EQUAL * abs(self.best)]
        order = worth[np.argsort(-values[worth], kind="stable")]
        return [_Node(max(node.bound, float(values[k])), (*node.delays, int(k))) for k in order]

    def _is_like_the_one_before(self, depth: int) -> bool:
        one, other = (self.sums.waveforms[int(self.order[k])] for k in (depth - 1, depth))
        return bool(np.max(np.abs(one - other)) <= _ALIKE * np.max(np.abs(one)))
