"""The least peak that any phases can reach: bound boxes of phases, drop those that cannot win, cut the others.

The boxes cover the domain in which every design has a copy (``domain``). Each has a lower bound (``relaxation``), the
best design so far an upper one (``incumbent``). A box whose bound is within the wanted gap of the best design is done
with; the box with the lowest bound is cut next. At any moment the lowest bound of all boxes, open or done with, is
proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf, isfinite, nextafter

import numpy as np
import numpy.typing as npt

from crestfall.certainty.proof.boxes import OpenBoxes, split
from crestfall.certainty.proof.incumbent import Incumbent
from crestfall.certainty.proof.relaxation import Relaxation
from crestfall.certainty.proof.signal import Signal
from crestfall.problem.arrays import ComparedByValue, FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.readable import readable
from crestfall.signal.synthesis import band_numbers

MAX_TONES = 16
"""Most tones: each costs about four times as much as the one before, and flat ones take minutes from 11 on."""

MAX_BAND = 2048
"""Largest harmonic number (complex: distance of the outermost tones), counted in the largest common divisor."""

_BATCH = 512
_BATCH_SAMPLES = 2**22
_SMALLEST_GAP = 1e-6


@dataclass(frozen=True, eq=False)
class Proof(ComparedByValue):
    """What is proved when the search ends, or at any moment before: ``lower_bound`` ≤ least possible peak ≤ ``peak``.

    Attributes:
        lower_bound: Peak, in the unit of the amplitudes, that no phases can beat; 0 when nothing is known yet.
        peak: Certified upper end of the true peak of ``phases``, in the unit of the amplitudes.
        phases: ``(n,)`` phases [rad], the best found.
        boxes: Boxes bounded so far.
        proven: Whether ``gap`` is as small as was asked for.
    """

    lower_bound: float
    peak: float
    phases: FloatArray
    boxes: int
    proven: bool

    @property
    def gap(self) -> float:
        """``peak / lower_bound − 1``: how far the peak can be from the least possible one."""
        return self.peak / self.lower_bound - 1.0 if self.lower_bound > 0.0 else inf


def require_provable(ms: Multisine) -> None:
    """Raise unless branch and bound covers these tones.

    Raises:
        ValueError: A frequency occurs twice, or there are too many tones or too high harmonic numbers.
    """
    if ms.has_repeated_frequencies:
        numbers, counts = np.unique(ms.harmonic_numbers, return_counts=True)
        twice = float(ms.frequencies[ms.harmonic_numbers == numbers[counts > 1][0]][0])
        raise ValueError(
            f"frequencies hold {readable(twice, 'Hz')} more than once, which branch and bound does not cover; "
            "merge the tones of one frequency, or leave out prove"
        )
    if ms.n > MAX_TONES:
        raise ValueError(
            f"there are {ms.n} tones, too many for branch and bound, which takes at most {MAX_TONES} (and proves 0.1 % "
            "within minutes for about 11); leave out prove, the design still has a lower bound"
        )
    band = int(np.max(band_numbers(ms)))
    if band > MAX_BAND:
        raise ValueError(
            f"the tones reach {band} times their largest common divisor, too far for branch and bound, which takes at "
            f"most {MAX_BAND}; use a coarser raster, or leave out prove"
        )


def prove(
    ms: Multisine,
    incumbent_phases: npt.ArrayLike | None = None,
    *,
    gap: float = 1e-3,
    stop: Callable[[], bool] | None = None,
    progress: Callable[[Proof], None] | None = None,
) -> Proof:
    """Prove the global minimum of the true peak over all phases, to a relative gap.

    Args:
        ms: The tones; distinct frequencies, at most ``MAX_TONES`` of them.
        incumbent_phases: ``(n,)`` phases [rad] of a good design: it saves boxes, but nothing depends on it.
        gap: Relative gap at which the proof is complete, from 1e-6 to 1.
        stop: Asked after every batch of boxes (some 30 ms) and between steps of a descent; ``True`` ends with what is
            proved by then.
        progress: Called with what is proved after every batch.

    Returns:
        The proof. Real flat tones 1..7 take about 0.3 s, 1..9 some seconds, each further tone about four times more.

    Raises:
        ValueError: The tones are not covered (see ``require_provable``), the gap is out of range, or the phases are not
            ``n`` finite numbers.

    Example:
        >>> proof = prove(Multisine([1.0, 2.0, 3.0]))
        >>> proof.proven, round(proof.peak, 3), proof.gap <= 1e-3
        (True, 1.98, True)
    """
    require_provable(ms)
    if not (isfinite(gap) and _SMALLEST_GAP <= gap <= 1.0):
        raise ValueError(f"gap is {gap}; give a relative gap from {_SMALLEST_GAP} to 1, such as 1e-3")
    phases = np.zeros(ms.n) if incumbent_phases is None else ms.require_phases(incumbent_phases)
    signal = Signal.of(ms)
    if signal.free.size == 0:  # one tone, or two complex ones: a shift makes any phases any others
        low, high = signal.certified_peak(phases)
        return _scaled(Proof(low, high, phases, 0, True), ms.amplitude_scale)
    stop = stop or (lambda: False)
    proof = None
    for state in _search(signal, Incumbent(signal, phases, stop), gap):
        proof = _scaled(state, ms.amplitude_scale)
        if progress is not None:
            progress(proof)
        if stop():
            break
    assert proof is not None
    return proof


def _scaled(proof: Proof, scale: float) -> Proof:
    """The proof in the unit of the amplitudes; where that rounds, it rounds outwards."""
    low, high = nextafter(proof.lower_bound * scale, 0.0), nextafter(proof.peak * scale, inf)
    return Proof(low, high, proof.phases, proof.boxes, proof.proven)


def _search(signal: Signal, best: Incumbent, gap: float) -> Iterator[Proof]:
    """Bound and cut boxes, yielding what is proved after every batch."""
    open_boxes, d = OpenBoxes(signal.width), signal.free.size
    done_with, boxes = inf, 0
    batch = min(_BATCH, max(8, _BATCH_SAMPLES // signal.grid.size))
    while True:
        box = open_boxes.pop(batch)
        centre = np.zeros((len(box), signal.n))
        centre[:, signal.free] = box[:, :d]
        relaxed = Relaxation(signal, centre, box[:, d : 2 * d]).solve(best.peak / (1.0 + gap))
        best.offer(relaxed.candidates())
        box[:, -1] = np.fmax(box[:, -1], relaxed.bound)
        boxes += len(box)
        is_open = box[:, -1] < best.peak / (1.0 + gap)
        done_with = min(done_with, float(box[~is_open, -1].min(initial=inf)))
        open_boxes.push(split(box[is_open], relaxed.score()[is_open]))
        proof = Proof(min(done_with, open_boxes.lowest, best.peak), best.peak, best.phases, boxes, False)
        if proof.gap <= gap or not len(open_boxes):
            yield Proof(proof.lower_bound, proof.peak, proof.phases, boxes, True)
            return
        yield proof
