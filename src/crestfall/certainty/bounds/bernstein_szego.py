r"""Bernstein and Szegő: a band-limited real signal that reaches its peak must leave it slowly.

A real signal of exponential type ``K`` (its highest angular frequency) obeys :math:`x'^2 + K^2 x^2 \le K^2 M^2` with
:math:`M = \max|x|` at every instant. Its average over time gives

.. math:: \mathrm{CF}^2 \ge 1 + \frac{\sum_k a_k^2 (f_k/K)^2}{\sum_k a_k^2}.

Source: Bernstein 1912, Szegő 1928; for flat harmonics see Erdélyi, "Flatness of conjugate reciprocal unimodular
polynomials", 2015.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from crestfall.problem.multisine import Multisine


def bernstein_szego(ms: Multisine) -> float:
    """Crest factor that no phases of real tones of distinct frequencies can beat.

    Example:
        >>> round(bernstein_szego(Multisine.harmonics(range(1, 32))), 6)
        1.161738
    """
    relative = np.abs(ms.frequencies) / (np.max(np.abs(ms.frequencies)) or 1.0)
    weights = (ms.amplitudes / ms.amplitude_scale) ** 2 * ms.power_factors
    return sqrt(1.0 + float(np.sum(weights * relative**2) / np.sum(weights)))
