"""When two multisines are the same problem: their peaks can be lowered by the same phases.

A fundamental only stretches time, a common factor of the amplitudes only scales the signal, the order of the tones does
not matter, and the envelope of a complex signal does not feel a common offset of the frequencies. What is left is the
*key*: the kind of signal, the harmonic numbers in rising order and the amplitudes relative to the largest. Atlas and
store both compare keys; the store also writes down ``identifier``, and measures peaks with the tones of ``canonical``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.multisine import Multisine
from crestfall.signal.synthesis import band_numbers

_DIGITS = 9


@dataclass(frozen=True)
class Key:
    """What decides about the best phases.

    Attributes:
        complex: Whether the signal is complex.
        numbers: Harmonic numbers, rising; of complex signals counted from the lowest tone.
        amplitudes: Amplitudes relative to the largest, in the same order, to 9 significant digits.
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
    relative = ms.amplitudes[order] / np.max(ms.amplitudes)
    # Significant digits, not decimal places: a very weak tone must not become one of amplitude 0.
    amplitudes = tuple(float(f"{amplitude:.{_DIGITS}g}") for amplitude in relative.tolist())
    return Key(ms.complex, tuple(band_numbers(ms)[order].tolist()), amplitudes)


def canonical(key: Key) -> Multisine:
    """The tones of a key: fundamental 1 Hz, largest amplitude 1, frequencies rising.

    Example:
        >>> canonical(key_of(Multisine([300.0, 100.0], [2.0, 4.0])))
        Multisine(n=2, 1 … 3 Hz, fundamental 1 Hz, real)
    """
    return Multisine.harmonics(key.numbers, 1.0, key.amplitudes, complex=key.complex)


def identifier(key: Key) -> str:
    """A text that is the same for the same problem, and in practice for no other.

    Example:
        >>> identifier(key_of(Multisine([300.0, 100.0])))
        'real-2-5ce30685d434769a264ff9c8a31f6928'
    """
    content = json.dumps([key.complex, key.numbers, key.amplitudes])
    return f"{'complex' if key.complex else 'real'}-{len(key.numbers)}-{sha256(content.encode()).hexdigest()[:32]}"


def order_of(ms: Multisine) -> IntArray:
    """Indices that put the tones in rising order of frequency, those of one frequency in rising order of amplitude."""
    return np.lexsort((ms.amplitudes, ms.harmonic_numbers))


def in_key_order(ms: Multisine, phases: FloatArray) -> FloatArray:
    """Phases of the tones of ``ms`` in the order of its key."""
    return phases[order_of(ms)]


def from_key_order(ms: Multisine, phases: FloatArray) -> FloatArray:
    """Phases in the order of the key for the tones of ``ms``."""
    own = np.empty_like(phases)
    own[order_of(ms)] = phases
    return own
