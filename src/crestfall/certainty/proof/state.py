"""The state of a proof between two rounds: all that another process, or another day, needs to continue it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from crestfall.certainty.proof.boxes import whole
from crestfall.certainty.proof.signal import Signal
from crestfall.problem.arrays import ComparedByValue, FloatArray, IntArray
from crestfall.problem.multisine import Multisine
from crestfall.signal.synthesis import band_numbers


@dataclass(frozen=True, eq=False)
class ProofState(ComparedByValue):
    """The open boxes of a proof, and what it has found.

    Peaks are in units of the largest power of two that no amplitude is below (``Multisine.amplitude_scale``).

    Attributes:
        harmonics: ``(n,)`` harmonic numbers without a common divisor; of a complex signal counted from the lowest tone.
        amplitudes: ``(n,)`` amplitudes.
        complex: Whether the signal is complex.
        boxes: ``(count, 2d + 1)`` open boxes: centres and half widths [rad] of the free phases, and a lower
            bound on the peaks of all designs in the box.
        closed_bound: No design in the closed boxes has a peak below this; infinite when none is closed.
        count: Boxes bounded so far.
        rounds: Rounds so far.
        phases: ``(n,)`` phases [rad], the best found.

    Raises:
        ValueError: The arrays do not fit each other, or their numbers cannot be those of a proof.
    """

    harmonics: IntArray
    amplitudes: FloatArray
    complex: bool
    boxes: FloatArray
    closed_bound: float
    count: int
    rounds: int
    phases: FloatArray

    def __post_init__(self) -> None:
        n, d = self.phases.size, self.boxes.shape[-1] // 2
        fits = self.harmonics.shape == self.amplitudes.shape == self.phases.shape == (n,) and self.boxes.ndim == 2
        if not fits or self.boxes.shape[1] != 2 * d + 1 or d > n:
            raise ValueError("its arrays do not fit each other")
        finite = (self.amplitudes, self.phases, self.boxes)
        if not all(np.isfinite(values).all() for values in finite) or (self.boxes[:, d:] < 0.0).any():
            raise ValueError("its numbers cannot be those of a proof")
        if np.isnan(self.closed_bound) or min(self.count, self.rounds) < 0:
            raise ValueError("its numbers cannot be those of a proof")
        super().__post_init__()

    @classmethod
    def first(cls, signal: Signal) -> ProofState:
        """The state before the first round: one box, which is the whole domain."""
        ms = signal.ms
        return cls(band_numbers(ms), ms.amplitudes, ms.complex, whole(signal.width), inf, 0, 0, np.zeros(ms.n))

    def require_about(self, ms: Multisine) -> None:
        """Raise a ``ValueError`` unless it is about these tones, in this order."""
        theirs = ProofState.first(Signal.of(ms))
        if not np.array_equal(self.harmonics, theirs.harmonics) or self.complex != ms.complex:
            raise ValueError(
                f"the proof that was begun is about other tones ({self.phases.size} of them, harmonics "
                f"{', '.join(map(str, self.harmonics[:6]))}{', …' if self.phases.size > 6 else ''}); begin another one"
            )
        if not np.array_equal(self.amplitudes, theirs.amplitudes) or self.boxes.shape[1] != theirs.boxes.shape[1]:
            raise ValueError("the proof that was begun is about other amplitudes; begin another one")
