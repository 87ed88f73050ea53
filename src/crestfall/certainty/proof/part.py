"""A part of a proof: some boxes are bounded, and closed or cut, until none is open or a number of them is bounded.

Parts are independent of each other, so any process can do any of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

import numpy as np

from crestfall.certainty.proof.boxes import OpenBoxes, split
from crestfall.certainty.proof.relaxation import Relaxation
from crestfall.certainty.proof.signal import Signal
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.signal.blas_threads import blas_threads_for

_BATCH = 256
"""Boxes that are bounded at once."""
_BATCH_SAMPLES = 2**22
"""Samples that these have together at most, to bound the memory."""


class PartResult(NamedTuple):
    """What has become of the boxes of a part."""

    boxes: FloatArray
    """``(count, 2d + 1)`` boxes that are still open."""

    closed_bound: float
    """No design in the closed boxes has a peak below this; infinite when none is closed."""

    boxes_bounded: int
    """How many boxes were bounded, those included that were cut."""

    candidate: FloatArray
    """``(n,)`` phases [rad] of the best design that a bound suggested."""


@dataclass(frozen=True, eq=False)
class Part:
    """Some open boxes, and how far to go with them.

    Attributes:
        ms: The tones.
        boxes: ``(count, 2d + 1)`` the boxes (see ``ProofState``).
        threshold: A box with a bound of at least this peak is closed, in units of ``ms.amplitude_scale``.
        most: Boxes to bound before those still open are given back.
    """

    ms: Multisine
    boxes: FloatArray
    threshold: float
    most: int

    def bound(self, stop: Callable[[], bool]) -> PartResult:
        """Bound and cut the boxes; ``stop`` is asked before each batch of them."""
        with blas_threads_for(self.ms.n):
            return self._bound(stop)

    def _bound(self, stop: Callable[[], bool]) -> PartResult:
        signal = Signal.of(self.ms)
        still_open, closed, count = OpenBoxes(self.boxes), inf, 0
        candidate, lowest = np.zeros(signal.n), inf
        batch = min(_BATCH, max(8, _BATCH_SAMPLES // signal.grid.size))
        while len(still_open) and count < self.most and not stop():
            boxes = still_open.pop(batch)
            step = bound_once(signal, boxes, self.threshold)
            count += len(boxes)
            closed = min(closed, step.closed_bound)
            still_open.push(step.boxes)
            suggested = step.candidates
            heights = signal.heights(suggested)[1].max(1)
            if heights.min() < lowest:
                candidate, lowest = suggested[int(heights.argmin())], float(heights.min())
        return PartResult(still_open.rows, closed, count, candidate)


class Step(NamedTuple):
    """What bounding some boxes once gives: as ``PartResult``, but with all ``(batch, n)`` candidates."""

    boxes: FloatArray
    closed_bound: float
    candidates: FloatArray


def bound_once(signal: Signal, boxes: FloatArray, threshold: float) -> Step:
    """Bound each box once: it is closed, or narrowed and cut.

    Args:
        signal: The tones.
        boxes: ``(batch, 2d + 1)`` the boxes.
        threshold: Peak from which a box is closed, in units of ``ms.amplitude_scale``.
    """
    d = signal.free.size
    centre = np.zeros((len(boxes), signal.n))
    centre[:, signal.free] = boxes[:, :d]
    relaxed = Relaxation(signal, centre, boxes[:, d : 2 * d]).solve(threshold)
    bound = np.fmax(boxes[:, -1], relaxed.bound)
    is_open = bound < threshold
    closed = float(bound[~is_open].min(initial=inf))
    at = np.flatnonzero(is_open)
    narrow = relaxed.narrowed(threshold, at)
    if (narrow[:, d : 2 * d] < boxes[at, d : 2 * d]).any():
        closed = min(closed, threshold)  # no design that was cut off is below it
    pieces = split(np.c_[narrow, bound[at]], relaxed.score(at, narrow[:, d:]))
    return Step(pieces, closed, relaxed.candidates())
