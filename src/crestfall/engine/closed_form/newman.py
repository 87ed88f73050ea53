"""Newman phases: a quadratic, for flat spectra."""

from __future__ import annotations

import numpy as np

from crestfall.engine.closed_form.by_frequency import ranks_by_frequency
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.tones_argument import takes_tones


@takes_tones
def newman(ms: Multisine) -> FloatArray:
    r"""Newman phases, :math:`\theta_k = \pi (k-1)^2 / n` for the tones ``k = 1 … n`` by rising frequency.

    The phases of a linear sweep. They differ from Schroeder's flat phases only by a shift in time and a reversal. The
    envelope of complex contiguous harmonics is therefore the same (crest factor about 1.35); a real signal meets it at
    other moments. Amplitudes and gaps between the tones are not taken into account.

    Good for flat, uniformly spaced tones. Crest factor of flat real harmonics 1..n: 1.83 for n = 15, 1.76 for 31, 1.71
    for 64, 1.68 for 256 and 1024.

    Source: Newman, Proc. AMS 16:1287, 1965, for polynomials; Boyd, IEEE Trans. Circuits Syst. 33(10):1018, 1986, for
    multisines.

    Args:
        ms: The tones, in any order. Those of one frequency count as one tone and get one phase.

    Returns:
        ``(n,)`` phases [rad], cosine convention.

    Example:
        >>> from crestfall.certainty.measures import crest_factor
        >>> ms = Multisine.harmonics(range(1, 32))
        >>> round(crest_factor(ms, newman(ms)), 2)
        1.76
    """
    ranks = ranks_by_frequency(ms)
    return np.pi * ranks.astype(np.float64) ** 2 / (int(np.max(ranks)) + 1)
