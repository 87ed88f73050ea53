"""Finds proofs by branch and bound that can be kept: the ends of boxes, times, directions and weights are integers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from crestfall.certainty.proof.box_proof import LEAF, PHASE_STEPS, TIME_STEPS, BoxProof, least_means, whole_box
from crestfall.certainty.proof.branch_and_bound import require_provable
from crestfall.certainty.proof.domain import Domain
from crestfall.certainty.proof.relaxation import Relaxation
from crestfall.certainty.proof.signal import Signal
from crestfall.problem.arguments import finite_number
from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.tones_argument import require_tones
from crestfall.signal.blas_threads import blas_threads_for
from crestfall.signal.synthesis import band_numbers

MOST_BOXES = 2**19
"""Most boxes of a proof that is kept; some 30 MB as a file."""

_BATCH = 256
"""Boxes that are bounded at once."""
_LEVELS = (3, 5, 9, 20, 2**6, 2**12)
"""Steps between 0 and the largest weight: the coarsest that still prove the peak are kept."""
_SPARE = 1e-5
"""What the bounds must exceed the peak by, relative to it, so that it is still proved after rounding to integers."""
_QUARTERED = 0.9
"""Part of a circle from which a range is cut in four: half circles bound nothing."""


class UnprovenError(ValueError):
    """There is no proof: some phases have a lower peak, it would be too long, or it was stopped."""


def prove_in_boxes(ms: Multisine, peak: float, *, stop: Callable[[], bool] | None = None) -> BoxProof:
    """Prove that no phases have a peak below a number, in boxes that can be kept and checked.

    Args:
        ms: The tones; distinct frequencies, few of them (see ``require_provable``).
        peak: What to prove, in the unit of the amplitudes. The nearer to the least possible peak, the more boxes: for
            seven flat tones, some 1900 if it is 0.1 % below, some 1250 if it is 3 % below.
        stop: Asked after every batch of boxes; ``True`` ends without a proof.

    Returns:
        The proof; ``check`` repeats it.

    Raises:
        ValueError: The tones are not covered, or the peak is not a finite number above 0.
        UnprovenError: Some phases have a lower peak, there would be too many boxes, or the proof was stopped.

    Example:
        >>> prove_in_boxes(Multisine([1.0, 2.0, 3.0]), 1.9).check()
        1.9
        >>> prove_in_boxes(Multisine([1.0, 2.0, 3.0]), 2.0)
        Traceback (most recent call last):
        crestfall.certainty.proof.box_prover.UnprovenError: peak is 2.0, but some phases have a lower one; ...
    """
    ms = require_tones("ms", ms)
    require_provable(ms)
    peak = finite_number("peak", peak, "a finite number above 0", above_zero=True)
    signal = Signal.of(ms)
    if signal.free.size == 0:
        raise UnprovenError("all phases of these tones are alike, up to shifts in time; there is nothing to prove")
    with blas_threads_for(ms.n):
        tree = _Tree(signal, peak)
        while tree.open_boxes:
            if stop is not None and stop():
                raise UnprovenError("the proof was stopped before it was complete")
            tree.bound_some()
    tones = tuple(band_numbers(ms).tolist()), tuple(ms.amplitudes.tolist()), ms.complex
    return BoxProof(*tones, peak, *tree.in_order())


class _Tree:
    """The boxes so far.

    Args:
        signal: The tones.
        peak: What is to be proved, in the unit of the amplitudes.
    """

    def __init__(self, signal: Signal, peak: float) -> None:
        self._signal, self._numbers, self._peak = signal, band_numbers(signal.ms), peak
        self._threshold = peak / signal.ms.amplitude_scale
        low, high = whole_box(Domain(signal.free, signal.width))
        self._boxes = [(low, high)]
        self._cuts: dict[int, tuple[int, int, int, int]] = {}  # tone, place, lower and upper box
        self._instants: dict[int, tuple[int, ...]] = {}
        self.open_boxes = [0]

    def bound_some(self) -> None:
        """Bound the newest boxes, keep the instants of those that are done, and cut the others."""
        some = [self.open_boxes.pop() for _ in range(min(_BATCH, len(self.open_boxes)))]
        ends = np.array([self._boxes[k] for k in some])
        low, high = ends[:, 0], ends[:, 1]
        half = np.pi * (high - low) / PHASE_STEPS
        centre = np.zeros((len(some), self._signal.n))
        centre[:, self._signal.free] = np.pi * (low + high) / PHASE_STEPS
        relaxed = Relaxation(self._signal, centre, half).solve(self._threshold * (1.0 + _SPARE))
        done = self._done(relaxed, low, high)
        for k, found in zip(some, done, strict=True):
            if found is not None:
                self._instants[k] = found
        left = np.array([place for place, found in enumerate(done) if found is None], np.int64)
        for place, score in zip(left.tolist(), relaxed.score(left, half[left]), strict=True):
            self._cut(some[place], int(score.argmax()))
        if len(self._boxes) > MOST_BOXES:
            raise UnprovenError(f"peak is {self._peak}; a proof needs more than {MOST_BOXES} boxes; give a lower one")

    def _done(self, relaxed: Relaxation, low: IntArray, high: IntArray) -> list[tuple[int, ...] | None]:
        """For each box the instants that prove the threshold, as coarse as possible; ``None`` without."""
        found: list[tuple[int, ...] | None] = [None] * len(low)
        times = np.rint(relaxed.times / (2.0 * np.pi) * TIME_STEPS).astype(np.int64) % TIME_STEPS
        # The signal may count from another carrier than the proof, which turns the direction of each instant.
        carrier = self._numbers[0] - round(self._signal.h[0])
        directions = np.rint(relaxed.directions / (2.0 * np.pi) * TIME_STEPS).astype(np.int64)
        directions = (directions + carrier * times) % TIME_STEPS
        largest = np.maximum(relaxed.weight.max(1, keepdims=True), 1e-300)
        for levels in _LEVELS:
            weights = np.rint(relaxed.weight / largest * levels).astype(np.int64)
            instants = np.stack([times, directions, weights], 2)
            proves = self._least(instants, low, high) >= self._threshold
            for k in np.flatnonzero(proves & (relaxed.bound > 0.0)):
                if found[k] is None:
                    found[k] = tuple(instants[k][weights[k] > 0].ravel().tolist())
        return found

    def _least(self, instants: IntArray, low: IntArray, high: IntArray) -> FloatArray:
        """See ``least_means``; instants may have no weights."""
        usable = instants.copy()
        usable[usable[..., 2].sum(1) == 0, 0, 2] = 1  # a box without weights proves nothing, but must not divide by 0
        return least_means(self._numbers, self._signal.a, self._signal.free, low, high, usable)

    def _cut(self, k: int, tone: int) -> None:
        """Cut a box in two across a tone; a whole circle in four."""
        low, high = self._boxes[k]
        width = high[tone] - low[tone]
        if width < 2:
            raise UnprovenError(f"peak is {self._peak}, but some phases have a lower one; give a lower number")
        place = low[tone] + width // 2
        upper, lower = low.copy(), high.copy()
        upper[tone] = lower[tone] = place
        first = len(self._boxes)
        self._boxes += [(low, lower), (upper, high)]
        self._cuts[k] = tone, place, first, first + 1
        for part in (first, first + 1):
            if width >= _QUARTERED * PHASE_STEPS:
                self._cut(part, tone)
            else:
                self.open_boxes.append(part)

    def in_order(self) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
        """``BoxProof.tree`` and ``BoxProof.boxes``."""
        tree: list[int] = []
        boxes, to_do = [], [0]
        while to_do:
            k = to_do.pop()
            if k in self._cuts:
                tone, place, lower, upper = self._cuts[k]
                tree += [tone, place]
                to_do += [upper, lower]
            else:
                tree.append(LEAF)
                boxes.append(self._instants[k])
        return tuple(tree), tuple(boxes)
