"""All phases zero: the worst choice, and the yardstick of every test."""

from __future__ import annotations

import numpy as np

from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.tones_argument import takes_tones


@takes_tones
def zero_phases(ms: Multisine) -> FloatArray:
    r"""All phases zero, :math:`\theta_k = 0`: every crest falls on ``t = 0``.

    The peak is :math:`\sum_k a_k`, the highest that any phases can give, so the crest factor of ``n`` equal real tones
    is :math:`\sqrt{2n}`. Good for an impulse-like excitation, for a test whose answer is known, and as a reminder of
    where not to start a descent: by symmetry it is a stationary point of every peak-like objective.

    Args:
        ms: The tones.

    Returns:
        ``(n,)`` phases [rad], cosine convention.

    Example:
        >>> from crestfall.certainty.measures import crest_factor
        >>> ms = Multisine.harmonics(range(1, 33))
        >>> round(crest_factor(ms, zero_phases(ms)), 6)  # sqrt(2 * 32)
        8.0
    """
    return np.zeros(ms.n)
