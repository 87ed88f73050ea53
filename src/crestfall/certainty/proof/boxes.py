"""Boxes of phases: those still open, and how one is cut into smaller ones.

A box is a row ``(centre, half width, bound)`` of ``2 d + 1`` numbers; the bound is a peak that no design in it beats.
"""

from __future__ import annotations

import numpy as np

from crestfall.problem.arrays import FloatArray

_WHOLE_CIRCLE = 3.0
"""Half width [rad] from which a phase counts as free all around; half circles bound nothing, so it is quartered."""


def whole(width: FloatArray) -> FloatArray:
    """``(1, 2d + 1)`` the box that is the whole domain, from the ranges ``(d,)`` of the free phases [rad]."""
    return np.concatenate([width / 2.0, width / 2.0, [0.0]])[None]


class OpenBoxes:
    """The open boxes, in one growing array; the places of those that leave are filled again.

    Args:
        boxes: ``(count, 2d + 1)`` the boxes to begin with.
        most: Beyond this many boxes the newest leave first, not those of lowest bound, so that memory stays bounded.

    Example:
        >>> boxes = OpenBoxes(whole(np.array([2.0])))
        >>> boxes.push(np.array([[3.0, 0.5, 1.5]]))
        >>> boxes.lowest, boxes.pop(1).tolist(), boxes.lowest
        (0.0, [[1.0, 1.0, 0.0]], 1.5)
    """

    def __init__(self, boxes: FloatArray, most: int = 2**17) -> None:
        self._data = boxes.copy()
        self._size, self._most = len(boxes), most

    def __len__(self) -> int:
        return self._size

    @property
    def rows(self) -> FloatArray:
        """``(count, 2d + 1)`` all open boxes."""
        return self._data[: self._size].copy()

    @property
    def lowest(self) -> float:
        """The lowest bound of an open box; infinite when none is open."""
        return float(self._data[: self._size, -1].min(initial=np.inf))

    def pop(self, count: int) -> FloatArray:
        """Up to ``count`` boxes, ``(count, 2d + 1)``: those with the lowest bounds."""
        count = min(count, self._size)
        if not count:
            return self._data[:0].copy()
        if self._size > self._most:
            self._size -= count
            return self._data[self._size : self._size + count].copy()
        taken = np.argpartition(self._data[: self._size, -1], count - 1)[:count]
        boxes = self._data[taken]
        self._size -= count
        leaves_end = np.zeros(count, dtype=np.bool_)
        leaves_end[taken[taken >= self._size] - self._size] = True
        self._data[taken[taken < self._size]] = self._data[self._size : self._size + count][~leaves_end]
        return boxes

    def push(self, boxes: FloatArray) -> None:
        """Open ``(count, 2d + 1)`` more boxes."""
        need = self._size + len(boxes)
        if need > len(self._data):
            self._data = np.concatenate([self._data, np.empty((need, self._data.shape[1]))])
        self._data[self._size : need] = boxes
        self._size = need


def split(boxes: FloatArray, score: FloatArray) -> FloatArray:
    """Cut every box across the free tone of the highest score ``(batch, d)``.

    It is cut in four if that tone has its whole circle, else in two.

    Example:
        >>> split(np.array([[0.0, 1.0, 0.5, 1.0, 2.0]]), np.array([[0.0, 1.0]])).tolist()
        [[0.0, 0.5, 0.5, 0.5, 2.0], [0.0, 1.5, 0.5, 0.5, 2.0]]
    """
    d = score.shape[1]
    tone = score.argmax(1)
    half = boxes[np.arange(len(boxes)), d + tone]
    parts = []
    for count, chosen in ((2, half < _WHOLE_CIRCLE), (4, half >= _WHOLE_CIRCLE)):
        at, k = np.arange(int(chosen.sum())), tone[chosen]
        for j in range(count):
            part = boxes[chosen].copy()
            part[at, k] += half[chosen] * ((2 * j + 1) / count - 1)
            part[at, d + k] /= count
            parts.append(part)
    return np.concatenate(parts)
