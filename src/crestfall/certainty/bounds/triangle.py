r"""Three instants: values that all stay within ±M cannot be uncorrelated in every way at once.

Numbers ``u, v, w`` in ``[-M, M]`` obey ``uv + uw − vw ≤ M²`` and ``−uv − uw − vw ≤ M²`` (both are linear in each of
them, so the corners decide). At three instants a lag apart, averaged over time, with the autocorrelation
:math:`R(τ) = \frac12 \sum_k a_k^2 \cos(2π f_k τ)`:

.. math:: M^2 \ge R(s) + R(t) - R(s + t), \qquad M^2 \ge -R(s) - R(t) - R(s + t) \quad\text{for all } s, t.

It forgets the band limit, and wins where most of the power lies well below the highest frequency. Real signals.
"""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from crestfall.problem.multisine import Multisine

_LAGS = 256


def triangle(ms: Multisine) -> float:
    """Crest factor that no phases of real tones of distinct frequencies can beat.

    Example:
        >>> from crestfall.certainty.bounds.bernstein_szego import bernstein_szego
        >>> ms = Multisine.harmonics(range(1, 21), amplitudes=[0.6**k for k in range(20)])
        >>> round(triangle(ms), 3), round(bernstein_szego(ms), 3)
        (1.094, 1.004)
    """
    weights = (ms.amplitudes / ms.amplitude_scale) ** 2
    weights = weights / np.sum(weights)
    best = 1.0
    index = np.arange(_LAGS)
    # The whole period, and a closer look at the first cycle of the mean frequency. Lags are fractions of a period, so
    # that whole turns are taken off in integers: the three lags fit together exactly, however high the numbers.
    for cycles in (1, max(round(float(np.sum(weights * ms.harmonic_numbers))), 1)):
        parts = _LAGS * cycles
        r = np.cos(np.multiply.outer(np.arange(2 * _LAGS), ms.harmonic_numbers) % parts * (2.0 * pi / parts)) @ weights
        both, total = r[:_LAGS, None] + r[None, :_LAGS], r[np.add.outer(index, index)]
        best = max(best, float(np.max(both - total)), float(np.max(-both - total)))
    return sqrt(best)
