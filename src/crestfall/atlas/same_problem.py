"""When two multisines are the same problem: their peaks can be lowered by the same phases.

A fundamental only stretches time, a common factor of the amplitudes only scales the signal, the order of the tones does
not matter, and the envelope of a complex signal does not feel a common offset of the frequencies. What is left is the
*key*: the kind of signal, the harmonic numbers in rising order and the amplitudes relative to the largest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crestfall._types import FloatArray, IntArray
from crestfall.multisine import Multisine
from crestfall.synthesis import band_numbers

_DIGITS = 9


@dataclass(frozen=True)
class Key:
    """What decides about the best phases.

    Attributes:
        complex: Whether the signal is complex.
        numbers: Harmonic numbers, rising; of complex signals counted from the lowest tone.
        amplitudes: Amplitudes relative to the largest, in the same order, to 9 digits.
    """

    complex: bool
    numbers: tuple[int, ...]
    amplitudes: tuple[float, ...]


def key_of(ms: Multisine) -> Key:
    """The key of a multisine.

    Example:
        >>> key_of(Multisine([300.0, 100.0], [1.0, 2.0])) == key_of(Multisine([0.1, 0.3], [4.0, 2.0]))
        True
        >>> key_of(Multisine([5, 6, 8], complex=True)) == key_of(Multisine([-1, 0, 2], complex=True))
        True
    """
    order = order_of(ms)
    relative = np.round(ms.amplitudes[order] / np.max(ms.amplitudes), _DIGITS)
    return Key(ms.complex, tuple(band_numbers(ms)[order].tolist()), tuple(relative.tolist()))


def order_of(ms: Multisine) -> IntArray:
    """Indices that put the tones in rising order of frequency."""
    return np.argsort(ms.harmonic_numbers, kind="stable")


def in_key_order(ms: Multisine, phases: FloatArray) -> FloatArray:
    """Phases of the tones of ``ms`` in the order of its key."""
    return phases[order_of(ms)]


def from_key_order(ms: Multisine, phases: FloatArray) -> FloatArray:
    """Phases in the order of the key for the tones of ``ms``."""
    own = np.empty_like(phases)
    own[order_of(ms)] = phases
    return own
