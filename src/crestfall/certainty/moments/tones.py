"""The tones in exact integers: what the conditions on the moments are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from crestfall.problem.arrays import IntArray
from crestfall.problem.multisine import Multisine
from crestfall.signal.synthesis import band_numbers


@dataclass(frozen=True)
class ExactTones:
    """Frequencies and amplitudes as integers.

    Attributes:
        h: ``(n,)`` harmonic numbers; of a complex signal counted from the lowest tone.
        a: ``n`` amplitudes as Python integers, in units of ``unit``.
        unit: What 1 in ``a`` stands for: a power of two times the unit of the amplitudes.
        complex: Whether the signal is complex.
    """

    h: IntArray
    a: tuple[int, ...]
    unit: Fraction
    complex: bool

    @classmethod
    def of(cls, ms: Multisine) -> ExactTones:
        """The tones of a multisine of distinct frequencies.

        Example:
            >>> ExactTones.of(Multisine([10.0, 30.0], [1.0, 0.75])).a
            (4, 3)
        """
        return cls.of_numbers(np.asarray(band_numbers(ms), np.int64), ms.amplitudes.tolist(), ms.complex)

    @classmethod
    def of_numbers(cls, numbers: IntArray, amplitudes: Sequence[float], complex: bool) -> ExactTones:
        """The tones of harmonic numbers, of a complex signal counted from the lowest.

        Example:
            >>> ExactTones.of_numbers(np.array([2, 6]), [0.5, 3.0], False).h.tolist()
            [1, 3]
        """
        h = numbers // (int(np.gcd.reduce(numbers)) or 1)
        exact = [Fraction(float(a)) for a in amplitudes]
        least = max(a.denominator for a in exact)  # powers of two, all of them
        integers = [int(a * least) for a in exact]
        common = int(np.gcd.reduce(np.array(integers, dtype=object)))
        common &= -common  # its largest power of two
        return cls(h, tuple(a // common for a in integers), Fraction(common, least), complex)

    @property
    def n(self) -> int:
        """Number of tones."""
        return len(self.a)

    @property
    def band(self) -> int:
        """Highest frequency: of ``x``, or of the envelope ``|z|²``."""
        return int(self.h.max())

    @property
    def power(self) -> Fraction:
        """Mean of ``|x|²``, in units of ``unit²``."""
        return Fraction(sum(a * a for a in self.a), 1 if self.complex else 2)


def has_moments(ms: Multisine) -> bool:
    """Whether the argument covers these tones: several of distinct frequencies, without a constant.

    Example:
        >>> has_moments(Multisine([1.0, 2.0])), has_moments(Multisine([1.0, 1.0]))
        (True, False)
    """
    return ms.n > 1 and not ms.has_repeated_frequencies and not ms.has_constant
