r"""Bounds for both parts of a complex signal at once: inequalities in squares of a real signal hold for their sum.

Bernstein and Szegő hold for ``I`` and for ``Q``, real signals up to the highest :math:`K = \max|f_k|`. How the power is
shared between the two is up to the phases, but its sum is not:

.. math:: 2 K^2 M^2 \ge \overline{K^2 |z|^2 + |z'|^2} \quad\Rightarrow\quad
          \frac{2 M^2}{\sum_k a_k^2} \ge 1 + \frac{\sum_k a_k^2 (f_k/K)^2}{\sum_k a_k^2},
          \qquad M = \max(|I|, |Q|)

So do the triangles of autocorrelations (see ``triangle``). Where no ``|f|`` occurs twice and none is 0, ``I`` alone is
a real multisine of half the power, for which all bounds of real signals hold.
"""

from __future__ import annotations

import numpy as np

from crestfall.problem.multisine import Multisine


def in_phase_tones(ms: Multisine) -> Multisine | None:
    """``I`` as real tones, up to the signs of their phases; ``None`` where two share a frequency, or one is at 0 Hz.

    Example:
        >>> in_phase_tones(Multisine.harmonics([-3, 1, 2], complex=True)).harmonic_numbers.tolist()
        [3, 1, 2]
        >>> in_phase_tones(Multisine.harmonics([-1, 1, 2], complex=True)) is None
        True
    """
    numbers = np.abs(ms.harmonic_numbers)
    if np.any(numbers == 0) or np.unique(numbers).size < ms.n:
        return None
    return Multisine.harmonics(numbers, ms.fundamental, ms.amplitudes)
