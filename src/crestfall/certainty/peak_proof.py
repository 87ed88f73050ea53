"""What every proof of a lower bound claims: no phases of these tones have a lower peak."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import isfinite, sqrt
from os import PathLike
from typing import ClassVar

import numpy as np

from crestfall.problem.multisine import Multisine
from crestfall.problem.tones_argument import require_tones
from crestfall.signal.synthesis import band_numbers

_ROUNDING = 1e-12
_NAMED = 8
"""Most harmonics that a message lists."""


@dataclass(frozen=True, repr=False)
class PeakProof(ABC):
    """A proof that no phases of some tones have a lower peak; subclasses hold the evidence.

    The claim holds for every fundamental, and for a complex signal at every place of the band.

    Attributes:
        harmonics: Harmonic numbers without a common divisor; of a complex signal counted from the lowest tone.
        amplitudes: Amplitudes.
        complex: Whether the signal is complex.
        peak: No phases have a peak below this, in the unit of the amplitudes.

    Raises:
        ValueError: There are no such tones, or no such peak.
    """

    harmonics: tuple[int, ...]
    amplitudes: tuple[float, ...]
    complex: bool
    peak: float

    LARGEST_HARMONIC: ClassVar[int]
    """Largest harmonic number that the arithmetic of ``is_valid`` takes."""
    EVIDENCE: ClassVar[str]
    """What a message calls the evidence, such as ``"boxes"``."""

    def __post_init__(self) -> None:
        n, numbers = len(self.harmonics), set(self.harmonics)
        if n < 2 or len(self.amplitudes) != n:
            raise ValueError(f"there are {n} harmonics and {len(self.amplitudes)} amplitudes; give two or more tones")
        lowest, highest = min(numbers), max(numbers)
        if len(numbers) < n or highest > self.LARGEST_HARMONIC or (lowest != 0 if self.complex else lowest < 1):
            need = f"from {0 if self.complex else 1} to {self.LARGEST_HARMONIC}"
            raise ValueError(f"harmonics must be distinct integers {need}; a complex signal has its lowest at 0")
        if int(np.gcd.reduce(np.array(self.harmonics))) != 1:
            raise ValueError("harmonics have a common divisor; divide them by it")
        if not all(value > 0.0 and isfinite(value) for value in (self.peak, *self.amplitudes)):
            raise ValueError("peak and amplitudes must be finite numbers above 0")

    @property
    @abstractmethod
    def argument(self) -> str:
        """What proves it, such as ``"moments of order 3"``."""

    @property
    @abstractmethod
    def arithmetic(self) -> str:
        """How ``is_valid`` computes, such as ``"in exact arithmetic"``."""

    @abstractmethod
    def is_valid(self) -> bool:
        """Whether the evidence proves the peak."""

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
        theirs = zip(band_numbers(ms).tolist(), ms.amplitudes.tolist(), strict=True)
        return sorted(theirs) == sorted(zip(self.harmonics, self.amplitudes, strict=True))

    def check(self, ms: Multisine | None = None) -> float:
        """Repeat the proof (see ``is_valid``).

        Args:
            ms: Tones that it must be about; by default its own.

        Returns:
            The peak that no phases can beat.

        Raises:
            ValueError: It does not prove this peak, or is about other tones.
        """
        if ms is not None and not self.is_about(ms):
            raise ValueError(f"it is about other tones, {self._tones_in_words}; make one for yours")
        if not self.is_valid():
            raise ValueError(f"its {self.EVIDENCE} do not prove that no phases have a peak below {self.peak!r}")
        return self.peak

    def save(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        """Write it to a JSON file (see ``crestfall.files.bound_proofs``).

        Args:
            path: Where to; the name ends with ``.json``.
            overwrite: Replace an existing file.

        Raises:
            ValueError: The name has another ending.
            OSError: The file exists already, or cannot be written.
        """
        from crestfall.files.bound_proofs import save_proof

        save_proof(self, path, overwrite=overwrite)

    @property
    def _tones_in_words(self) -> str:
        kind, n = "complex" if self.complex else "real", len(self.harmonics)
        few = ", ".join(map(str, self.harmonics[:_NAMED])) + (", …" if n > _NAMED else "")
        return f"{n} {kind} tones at harmonics {few}"

    def __str__(self) -> str:
        return (
            f"no phases of these {len(self.harmonics)} tones have a crest factor below "
            f"{int(self.crest_factor * 1e4) / 1e4:.4f} (peak {self.peak!r}): {self.argument}"
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._tones_in_words}, peak={self.peak!r}, {self.argument})"
