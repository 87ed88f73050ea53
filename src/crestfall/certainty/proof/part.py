"""A part of a proof: some boxes are bounded, dropped or cut, again and again, until there are none or enough is done.

Parts do not know of each other, so any process can do any of them.
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
_BATCH_SAMPLES = 2**22


class Bounded(NamedTuple):
    """What has become of the boxes of a part."""

    boxes: FloatArray
    """``(count, 2d + 1)`` boxes that are still open."""

    closed_bound: float
    """No design in what is done with has a peak below this; infinite when nothing is."""

    bounded: int
    """Boxes that were bounded."""

    candidate: FloatArray
    """``(n,)`` phases [rad] of the best design that a bound suggested."""


@dataclass(frozen=True, eq=False)
class Part:
    """Some boxes, and what is asked about them.

    Attributes:
        ms: The tones.
        boxes: ``(count, 2d + 1)`` the boxes.
        threshold: A box with a bound of at least this peak is done with, in units of ``ms.amplitude_scale``.
        most: Boxes to bound before the rest is given back.
    """

    ms: Multisine
    boxes: FloatArray
    threshold: float
    most: int

    def bounded(self, stop: Callable[[], bool]) -> Bounded:
        """Bound and cut the boxes; ``stop`` is asked before each batch of them."""
        with blas_threads_for(self.ms.n):
            return self._bounded(stop)

    def _bounded(self, stop: Callable[[], bool]) -> Bounded:
        signal = Signal.of(self.ms)
        still_open, closed, bounded = OpenBoxes(self.boxes), inf, 0
        candidate, lowest = np.zeros(signal.n), inf
        batch = min(_BATCH, max(8, _BATCH_SAMPLES // signal.grid.size))
        while len(still_open) and bounded < self.most and not stop():
            boxes = still_open.pop(batch)
            step = bounded_once(signal, boxes, self.threshold)
            bounded += len(boxes)
            closed = min(closed, step.closed_bound)
            still_open.push(step.boxes)
            suggested = step.candidates
            heights = signal.heights(suggested)[1].max(1)
            if heights.min() < lowest:
                candidate, lowest = suggested[int(heights.argmin())], float(heights.min())
        return Bounded(still_open.rows, closed, bounded, candidate)


class Step(NamedTuple):
    """What bounding some boxes once gives; see ``Bounded``, but with all ``(batch, n)`` candidates."""

    boxes: FloatArray
    closed_bound: float
    candidates: FloatArray


def bounded_once(signal: Signal, boxes: FloatArray, threshold: float) -> Step:
    """Bound each box once: it is done with, or narrowed and cut.

    Args:
        signal: The tones.
        boxes: ``(batch, 2d + 1)`` the boxes.
        threshold: Peak from which a box is done with.
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
        closed = min(closed, threshold)  # what was cut off is no lower
    pieces = split(np.c_[narrow, bound[at]], relaxed.score(at, narrow[:, d:]))
    return Step(pieces, closed, relaxed.candidates())
