"""A proof of a lower bound that can be kept, saved, and checked without the solver that found it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isfinite, sqrt
from os import PathLike

import numpy as np

from crestfall.certainty.moments.bound import MomentBound
from crestfall.certainty.moments.certificate import Certificate, is_valid
from crestfall.certainty.moments.cost import Step, built
from crestfall.certainty.moments.square import Square, program_of, require_squares, scales_of, unknowns_of
from crestfall.certainty.moments.tones import ExactTones
from crestfall.problem.multisine import Multisine
from crestfall.problem.tones_argument import require_tones

_LARGEST_HARMONIC = 2**53
_ROUNDING = 1e-12


@dataclass(frozen=True)
class BoundProof:
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

    harmonics: tuple[int, ...]
    amplitudes: tuple[float, ...]
    complex: bool
    peak: float
    order: int
    derivatives: int
    squares: tuple[Square, ...]

    def __post_init__(self) -> None:
        n, numbers = len(self.harmonics), set(self.harmonics)
        if n < 2 or len(self.amplitudes) != n:
            raise ValueError(f"there are {n} harmonics and {len(self.amplitudes)} amplitudes; give two or more tones")
        lowest, highest = min(numbers), max(numbers)
        if len(numbers) < n or highest > _LARGEST_HARMONIC or (lowest != 0 if self.complex else lowest < 1):
            need = "from 0" if self.complex else "from 1"
            raise ValueError(f"harmonics must be distinct integers {need}; a complex signal has its lowest at 0")
        if int(np.gcd.reduce(np.array(self.harmonics))) != 1:
            raise ValueError("harmonics have a common divisor; divide them by it")
        if not all(value > 0.0 and isfinite(value) for value in (self.peak, *self.amplitudes)):
            raise ValueError("peak and amplitudes must be finite numbers above 0")
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
        """How ``check`` computes, in words."""
        return "in exact arithmetic"

    @property
    def crest_factor(self) -> float:
        """Crest factor that no phases can beat, rounded down."""
        largest = max(self.amplitudes)
        power = sum((a / largest) ** 2 for a in self.amplitudes) / (1.0 if self.complex else 2.0)
        return self.peak / (largest * sqrt(power)) * (1.0 - _ROUNDING)

    def is_about(self, ms: Multisine) -> bool:
        """Whether these are its tones, in any order, with any fundamental.

        Example:
            >>> from crestfall import prove_bound
            >>> proof = prove_bound(Multisine.harmonics([1, 2, 3]), effort=60.0)
            >>> proof.is_about(Multisine([30.0, 20.0, 10.0])), proof.is_about(Multisine([10.0, 20.0, 40.0]))
            (True, False)
        """
        ms = require_tones("ms", ms)
        if ms.n != len(self.harmonics) or ms.complex != self.complex or ms.has_repeated_frequencies:
            return False
        theirs = zip(ExactTones.of(ms).h.tolist(), ms.amplitudes.tolist(), strict=True)
        return sorted(theirs) == sorted(zip(self.harmonics, self.amplitudes, strict=True))

    def is_valid(self) -> bool:
        """Whether it proves its peak, computed in exact integers from the tones, the polynomials and the factors."""
        tones = self._tones
        program = program_of(self.squares, tones, self._step)
        m = (Fraction(self.peak) / tones.unit) ** 2 / program.power
        matrices = tuple(square.matrix for square in self.squares)
        return is_valid(program, Certificate(self.order, matrices, m, self.derivatives))

    def check(self, ms: Multisine | None = None) -> float:
        """Repeat the proof in exact integers (see ``is_valid``).

        Args:
            ms: Tones that it must be about; by default its own.

        Returns:
            The peak that no phases can beat.

        Raises:
            ValueError: It does not prove this peak, or is about other tones.
        """
        if ms is not None and not self.is_about(ms):
            raise ValueError(f"it is about other tones, {self._tones_in_words()}; make one for yours")
        if not self.is_valid():
            raise ValueError(f"its squares do not prove that no phases have a peak below {self.peak!r}")
        return self.peak

    def save(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        """Write it to a JSON file (see ``crestfall.files.bound_proofs``).

        Args:
            path: Where to; the name ends with ``.json``.
            overwrite: Replace an existing file.
        """
        from crestfall.files.bound_proofs import save_proof

        save_proof(self, path, overwrite=overwrite)

    def _tones_in_words(self) -> str:
        kind, n = "complex" if self.complex else "real", len(self.harmonics)
        few = ", ".join(map(str, self.harmonics[:8])) + (", …" if n > 8 else "")
        return f"{n} {kind} tones at harmonics {few}"

    def __str__(self) -> str:
        return (
            f"no phases of these {len(self.harmonics)} tones have a crest factor below "
            f"{int(self.crest_factor * 1e4) / 1e4:.4f} (peak {self.peak!r}): {self.argument}"
        )

    def __repr__(self) -> str:
        return f"BoundProof({self._tones_in_words()}, peak={self.peak!r}, {self.argument})"
