r"""Where to look: a part of all phases that holds a copy, made by a symmetry, of every design.

Four changes leave the peak as it is: a time shift ``θ_k → θ_k + h_k τ``, the sign ``θ_k → θ_k + π`` (a complex signal:
any common phase), and time reversal ``θ → −θ``. They are used up in this order:

1. Shift and phase put one tone of a real signal, two tones of a complex one, at phase zero.
2. The shifts that keep it there form a finite cyclic group that turns tone ``k`` by multiples of ``2π g_k / d``:
   ``d = 2 h_i``, ``g_k = h_k + h_i`` for a real signal with tone ``i`` at zero (the odd multiples change the sign), and
   ``d = |h_i − h_j|``, ``g_k = h_k − h_i`` for a complex one with tones ``i, j`` at zero.
3. Tone after tone takes the part of the group that moves it: ``d / gcd(g_k u, d)`` copies, where ``u`` generates what
   the tones before have left over.
4. Time reversal halves the range of the first of them once more.

Nothing else is assumed: the amplitudes are any, and the harmonic numbers any that are distinct.
"""

from __future__ import annotations

from math import gcd, pi
from typing import NamedTuple

import numpy as np

from crestfall.problem.arrays import FloatArray, IntArray


class Domain(NamedTuple):
    """The free tones and the ranges of their phases; all others have phase zero."""

    free: IntArray
    """``(d,)`` indices of the free tones."""

    width: FloatArray
    """``(d,)`` rad: the phase of free tone ``j`` lies in ``[0, width[j]]``."""


def domain(numbers: IntArray, amplitudes: FloatArray, complex: bool) -> Domain:
    """The smallest domain that these symmetries give.

    Of all tones (pairs), the one whose phase (phase difference) turns fastest for its strength is fixed: it has the
    largest group of shifts.

    Args:
        numbers: ``(n,)`` distinct harmonic numbers; positive for a real signal.
        amplitudes: ``(n,)`` amplitudes.
        complex: Whether the signal is complex.

    Example:
        >>> free, width = domain(np.array([1, 2, 3]), np.ones(3), complex=False)
        >>> free.tolist(), (width / np.pi).round(3).tolist()
        ([0, 1], [2.0, 0.167])
    """
    # Python's integers: the products below must not overflow.
    h, a = [int(number) for number in numbers], [float(amplitude) for amplitude in amplitudes]
    n = len(h)
    if complex:
        pairs = [(abs(h[i] - h[j]) * min(a[i], a[j]), i, j) for i in range(n) for j in range(i)]
        _, i, j = max(pairs, default=(0.0, 0, 0))
        order, turn, fixed = abs(h[i] - h[j]), [number - h[i] for number in h], {i, j}
    else:
        i = max(range(n), key=lambda k: a[k] * h[k])
        order, turn, fixed = 2 * h[i], [number + h[i] for number in h], {i}
    free = [k for k in range(n) if k not in fixed]
    width = np.full(n, 2.0 * pi)
    left_over = 1
    for rank, k in enumerate(sorted(free, key=lambda k: gcd(turn[k], order))):
        copies = order // gcd(turn[k] * left_over, order)
        width[k] = 2.0 * pi / copies / (2 if rank == 0 else 1)
        left_over *= copies
    return Domain(np.array(free, dtype=np.int64), width[free])
