"""Rudin-Shapiro phases: signs only, with a peak that is proven for every power of two."""

from __future__ import annotations

import numpy as np

from crestfall.engine.closed_form.by_frequency import ranks_by_frequency
from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.tones_argument import takes_tones


@takes_tones
def rudin_shapiro(ms: Multisine) -> FloatArray:
    r"""Rudin-Shapiro phases: 0 or π, by the parity of the number of ``11`` in the binary digits of ``k = 0 … n-1``.

    The two polynomials :math:`P_{m+1}(z) = P_m(z) + z^{2^m} Q_m(z)` and :math:`Q_{m+1}(z) = P_m(z) - z^{2^m} Q_m(z)`
    obey :math:`|P_m|^2 + |Q_m|^2 = 2^{m+1}` on the unit circle. So for :math:`n = 2^m` flat contiguous tones the
    envelope never exceeds :math:`\sqrt{2n}`:

    .. math:: \text{complex: } \mathrm{PMEPR} \le 2, \ \mathrm{CF} \le \sqrt 2; \qquad
              \text{real: } \mathrm{CF} \le 2.

    Good where only the sign of a tone can be switched, and where a guarantee is worth more than the last decibel. For
    other ``n`` the sequence is cut off and the bound no longer holds as it stands.

    Source: Shapiro, Extremal problems for polynomials and power series, MIT thesis, 1951; Rudin, Proc. AMS 10:855,
    1959.

    Args:
        ms: The tones, in any order. Those of one frequency count as one tone and get one phase.

    Returns:
        ``(n,)`` phases [rad], cosine convention.

    Example:
        >>> from crestfall.certainty.measures import crest_factor
        >>> ms = Multisine.harmonics(range(8), complex=True)
        >>> (rudin_shapiro(ms) / np.pi).tolist()
        [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0]
        >>> crest_factor(ms, rudin_shapiro(ms)) ** 2 <= 2.0
        True
    """
    return np.pi * _parity(ranks_by_frequency(ms)).astype(np.float64)


def _parity(numbers: IntArray) -> IntArray:
    """Parity of the number of adjacent ones in the binary digits."""
    pairs = numbers & (numbers >> 1)
    shift = 1
    while shift < 64:
        pairs = pairs ^ (pairs >> shift)
        shift *= 2
    return pairs & 1
