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
from crestfall.problem.tones_in_words import amplitudes_in_words, harmonics_in_short
from crestfall.signal.synthesis import band_numbers

_ROUNDING = 1e-12


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
    CHECKER: ClassVar[str]
    """The program in the sources of this package that checks its file and shares no code with it."""

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
            raise ValueError(f"it is about other tones, {self.tones_in_words}; make one for yours")
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
    def tones_in_words(self) -> str:
        """The tones that it is about, such as ``"5 real tones (harmonics 1:5, all of amplitude 1)"``."""
        kind = "complex" if self.complex else "real"
        where = harmonics_in_short(self.harmonics) + (" from the lowest tone on" if self.complex else "")
        return f"{len(self.harmonics)} {kind} tones (harmonics {where}, {amplitudes_in_words(self._rising_amplitudes)})"

    @property
    def _rising_amplitudes(self) -> list[float]:
        """Amplitudes in the order of the harmonics as they are named."""
        return [a for _, a in sorted(zip(self.harmonics, self.amplitudes, strict=True))]

    def __str__(self) -> str:
        return (
            f"no phases of {self.tones_in_words} have a crest factor below "
            f"{int(self.crest_factor * 1e4) / 1e4:.4f} (peak {self.peak!r}): {self.argument}"
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.tones_in_words}, peak={self.peak!r}, {self.argument})"
