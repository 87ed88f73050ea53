"""Equally spaced phases: silence from waves of one frequency."""

from __future__ import annotations

import numpy as np

from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.tones_argument import takes_tones


@takes_tones
def equally_spaced(ms: Multisine) -> FloatArray:
    r"""Equally spaced phases, :math:`\theta_k = 2\pi k / n` for the tones ``k = 0 … n-1`` in the order given.

    For ``n ≥ 2`` equal waves of *one* frequency the phasors are the corners of a regular polygon and their sum is zero:
    the exact answer to the question this library began with. Interleaved power converters run this way. With unequal
    amplitudes the polygon does not close; ``minimize_peak`` then closes it where that is possible.

    Tones of *different* frequency gain nothing: for contiguous harmonics such phases are a mere shift in time of all
    zeros.

    Args:
        ms: The tones.

    Returns:
        ``(n,)`` phases [rad], cosine convention.

    Example:
        >>> from crestfall.certainty.measures import true_peak
        >>> ms = Multisine([50.0] * 5)
        >>> true_peak(ms, equally_spaced(ms)) < 1e-14
        True
    """
    return 2.0 * np.pi * np.arange(ms.n) / ms.n
