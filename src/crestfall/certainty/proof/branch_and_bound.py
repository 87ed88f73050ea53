"""The least peak that any phases can reach: bound boxes of phases, drop those that cannot win, cut the others.

The boxes cover the domain in which every design has a copy (``domain``). Each has a lower bound (``relaxation``), the
best design so far an upper one (``incumbent``). A box whose bound is within the wanted gap of the best design is
closed; the others are narrowed and cut. At any moment the lowest bound of all boxes, open or closed, is proved.

Boxes are bounded in rounds of a few parts (``part``), those with the lowest bounds first. Parts are independent, so
several processes can share a round, and the proof does not depend on how many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite, nextafter

import numpy as np
import numpy.typing as npt

from crestfall.certainty.proof.boxes import OpenBoxes
from crestfall.certainty.proof.incumbent import Incumbent
from crestfall.certainty.proof.part import Part, PartResult
from crestfall.certainty.proof.signal import Signal
from crestfall.certainty.proof.state import ProofState
from crestfall.problem.arrays import ComparedByValue, FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.readable import readable
from crestfall.signal.blas_threads import blas_threads_for
from crestfall.signal.synthesis import band_numbers

MAX_TONES = 16
"""Most tones: each costs about four times as much as the one before, and flat ones take minutes from 12 on."""

MAX_BAND = 2048
"""Largest harmonic number (complex: distance of the outermost tones), counted in the largest common divisor."""

_PARTS = 16
"""Most parts of a round. A constant: what is proved must not depend on the number of processes."""
_PART_BEGIN = 256
"""Boxes that a part begins with."""
_PART_MOST = 4096
"""Boxes that a part bounds at most; some 0.2 s."""
_SMALLEST_GAP = 1e-6
_ROUNDING = 1e-13
_SAME_PEAK = 1e-6
"""Relative: how much the peak of a design may differ when it is lowered once more, or on another machine."""

Runner = Callable[[Sequence[Part]], Iterable[tuple[int, PartResult]]]
"""Bounds parts: yields the index and the result of each, in any order; of all, unless it has to stop."""


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
            "within minutes for about 12); leave out prove, the design still has a lower bound"
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
    run: Runner | None = None,
    begin: ProofState | None = None,
    keep: Callable[[ProofState], None] | None = None,
) -> Proof:
    """Prove the global minimum of the true peak over all phases, to a relative gap.

    Args:
        ms: The tones; distinct frequencies, at most ``MAX_TONES`` of them.
        incumbent_phases: ``(n,)`` phases [rad] of a good design: it saves boxes, but nothing depends on it.
        gap: Relative gap at which the proof is complete, from 1e-6 to 1.
        stop: Asked after every batch of boxes (some 30 ms) and between steps of a descent; ``True`` ends with what is
            proved by then.
        progress: Called with what is proved after every part of a round (some 0.2 s).
        run: Bounds the parts of a round; by default this process does, one after the other.
        begin: State in which an earlier proof of the same tones stopped, to continue from.
        keep: Called with the state after every round.

    Returns:
        The proof. Real flat tones 1..7 take about 0.3 s, 1..9 some seconds, each further tone about four times more.

    Raises:
        ValueError: The tones are not covered (see ``require_provable``), the gap is out of range, the phases are not
            ``n`` finite numbers, or the earlier proof is about other tones or was to a wider gap.

    Example:
        >>> proof = prove(Multisine([1.0, 2.0, 3.0]))
        >>> proof.proven, round(proof.peak, 3), proof.gap <= 1e-3
        (True, 1.98, True)
    """
    require_provable(ms)
    if not (isfinite(gap) and _SMALLEST_GAP <= gap <= 1.0):
        raise ValueError(f"gap is {gap}; give a relative gap from {_SMALLEST_GAP} to 1, such as 1e-3")
    phases = np.zeros(ms.n) if incumbent_phases is None else ms.require_phases(incumbent_phases)
    if begin is not None:
        begin.require_about(ms)
    signal = Signal.of(ms)
    if signal.free.size == 0:  # one tone, or two complex ones: a shift makes any phases any others
        low, high = signal.certified_peak(phases)
        return _scaled(Proof(low, high, phases, 0, True), ms.amplitude_scale)
    stop = stop or _never

    def report() -> None:
        if progress is not None:
            progress(_scaled(search.proof, ms.amplitude_scale))

    with blas_threads_for(ms.n):
        search = _Search(Incumbent(signal, phases, stop), begin or ProofState.first(signal), gap)
        search.require_gap()
        while not search.proof.proven and not stop():
            search.bound_round(run or _here(stop), report)
            if keep is not None:
                keep(search.state)
    return _scaled(search.proof, ms.amplitude_scale)


def _never() -> bool:
    return False


def _here(stop: Callable[[], bool]) -> Runner:
    """The parts one after the other, in this process."""

    def run(parts: Sequence[Part]) -> Iterator[tuple[int, PartResult]]:
        for place, part in enumerate(parts):
            if stop():
                return
            yield place, part.bound(stop)

    return run


def _scaled(proof: Proof, scale: float) -> Proof:
    """The proof in the unit of the amplitudes; where that rounds, it rounds outwards."""
    low, high = nextafter(proof.lower_bound * scale, 0.0), nextafter(proof.peak * scale, inf)
    return Proof(low, high, proof.phases, proof.boxes, proof.proven)


class _Search:
    """A proof in progress, round after round.

    Args:
        best: The best design so far.
        state: The boxes to begin with.
        gap: Relative gap at which it is complete.
    """

    def __init__(self, best: Incumbent, state: ProofState, gap: float) -> None:
        self._best, self._begin, self._gap = best, state, gap
        best.offer(state.phases[None])
        self._open, self._closed_bound = OpenBoxes(state.boxes), state.closed_bound
        self._count, self._round = state.count, state.rounds
        self._in_work: list[FloatArray] = []

    @property
    def threshold(self) -> float:
        """A box with a bound of at least this peak is closed."""
        return self._best.peak / (1.0 + self._gap) * (1.0 + _ROUNDING)

    @property
    def proof(self) -> Proof:
        """What is proved now."""
        lowest = min([self._open.lowest, *(float(boxes[:, -1].min(initial=inf)) for boxes in self._in_work)])
        bound = min(lowest, self._closed_bound, self._best.peak)
        return Proof(bound, self._best.peak, self._best.phases, self._count, lowest >= self.threshold)

    @property
    def state(self) -> ProofState:
        """Its state between two rounds."""
        return replace(
            self._begin,
            boxes=self._open.rows,
            closed_bound=self._closed_bound,
            count=self._count,
            rounds=self._round,
            phases=self._best.phases,
        )

    def require_gap(self) -> None:
        """Raise a ``ValueError`` if boxes are done with that would not be at this gap: they are not there any more."""
        if self._closed_bound < self.threshold * (1.0 - _SAME_PEAK):
            raise ValueError(
                f"the proof that was begun is to a wider gap, {self._best.peak / self._closed_bound - 1.0:.2g} instead "
                f"of {self._gap:.2g}; begin another one"
            )

    def bound_round(self, run: Runner, report: Callable[[], None]) -> None:
        """Bound the lowest boxes. Results are taken over in the order of the parts, whichever came first."""
        taken = self._open.pop(_PARTS * _PART_BEGIN)
        self._in_work = np.array_split(taken, -(-len(taken) // _PART_BEGIN))
        most = min(_PART_MOST, _PART_BEGIN << min(2 * self._round, 30))
        parts = [Part(self._best.signal.ms, boxes, self.threshold, most) for boxes in self._in_work]
        candidates: dict[int, FloatArray] = {}
        for place, result in run(parts):
            candidates[place], self._in_work[place] = result.candidate, result.boxes
            self._count += result.boxes_bounded
            self._closed_bound = min(self._closed_bound, result.closed_bound)
            if len(candidates) < len(parts):
                report()
        for boxes in self._in_work:
            self._open.push(boxes)
        self._in_work = []
        for place in sorted(candidates):
            self._best.offer(candidates[place][None])
        self._round += 1
        if len(candidates) == len(parts):
            report()
