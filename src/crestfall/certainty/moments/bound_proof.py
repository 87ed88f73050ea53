"""A proof of a lower bound that can be kept, saved, and checked without the solver that found it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np

from crestfall.certainty.moments.bound import MomentBound
from crestfall.certainty.moments.certificate import Certificate, is_valid
from crestfall.certainty.moments.cost import Step, built
from crestfall.certainty.moments.square import Square, program_of, require_squares, scales_of, unknowns_of
from crestfall.certainty.moments.tones import ExactTones
from crestfall.certainty.peak_proof import PeakProof
from crestfall.problem.multisine import Multisine


@dataclass(frozen=True, repr=False)
class BoundProof(PeakProof):
    """A proof that no phases of some tones have a lower peak, in integers. Made by ``prove_bound``.

    It holds for every fundamental, and for a complex signal at every place of the band. ``check`` repeats it in exact
    arithmetic; ``docs/bounds.md`` describes its file and how others can.

    Attributes:
        harmonics: Harmonic numbers without a common divisor; of a complex signal counted from the lowest tone.
        amplitudes: Amplitudes, each taken for exactly the number that the float is.
        complex: Whether the signal is complex.
        peak: No phases have a peak below this, in the unit of the amplitudes.
        order: Order of the program of moments.
        derivatives: Highest derivative of the signal in it; 0 for moments of phasors.
        squares: The sums of squares that prove it.

    Raises:
        ValueError: These cannot be a proof; one that can may still be wrong, which ``check`` finds out.

    Example:
        >>> from crestfall import prove_bound
        >>> proof = prove_bound(Multisine.harmonics(range(1, 4), fundamental=10.0), effort=60.0)
        >>> proof.check() == proof.peak, round(proof.crest_factor, 2)
        (True, 1.59)
    """

    order: int
    derivatives: int
    squares: tuple[Square, ...]

    LARGEST_HARMONIC: ClassVar[int] = 2**53
    EVIDENCE: ClassVar[str] = "squares"
    CHECKER: ClassVar[str] = "examples/check_bound.py"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_squares(self.squares, self._tones, self._step)

    @classmethod
    def of(cls, ms: Multisine, bound: MomentBound) -> BoundProof:
        """The proof of a bound by moments of these tones."""
        tones, found = ExactTones.of(ms), bound.certificate
        blocks = built(tones, Step(found.order, found.derivatives)).blocks
        kept = [Square.of(block, square) for block, square in zip(blocks, found.squares, strict=True)]
        return cls(
            tuple(tones.h.tolist()),
            tuple(ms.amplitudes.tolist()),
            ms.complex,
            bound.peak,
            found.order,
            found.derivatives,
            tuple(kept),
        )

    @property
    def _step(self) -> Step:
        return Step(self.order, self.derivatives)

    @property
    def _tones(self) -> ExactTones:
        return ExactTones.of_numbers(np.array(self.harmonics, np.int64), self.amplitudes, self.complex)

    @property
    def scales(self) -> tuple[int, ...]:
        """For phasors, the power of two that each inequality is divided by, in the unit of the amplitudes."""
        return scales_of(self._tones, self._step)

    @property
    def unknowns(self) -> tuple[tuple[int, ...], ...]:
        """For derivatives, the exponents of the averages that are unknown, 1 among them."""
        return unknowns_of(self._step)

    @property
    def argument(self) -> str:
        """What proves it, such as ``"moments of order 3"``."""
        return self._step.name

    @property
    def arithmetic(self) -> str:
        """How ``is_valid`` computes."""
        return "in exact arithmetic"

    def is_valid(self) -> bool:
        """Whether it proves its peak, computed in exact integers from the tones, the polynomials and the factors."""
        tones = self._tones
        program = program_of(self.squares, tones, self._step)
        m = (Fraction(self.peak) / tones.unit) ** 2 / program.power
        matrices = tuple(square.matrix for square in self.squares)
        return is_valid(program, Certificate(self.order, matrices, m, self.derivatives))
