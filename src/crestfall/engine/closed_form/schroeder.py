"""Schroeder phases: a sweep whose speed follows the power spectrum."""

from __future__ import annotations

import numpy as np

from crestfall.engine.closed_form.by_frequency import ranks_by_frequency
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.tones_argument import takes_tones


@takes_tones
def schroeder(ms: Multisine) -> FloatArray:
    r"""Schroeder phases, for any power spectrum on any frequency grid.

    A sweep of constant amplitude has no crest; its power spectrum is set by how long it stays at each frequency. So
    each tone gets a share of the period in proportion to its share :math:`p_k` of the power, one tone after the other:
    the group delay between the tones ``k`` and ``k + 1`` is the part of the period spent so far,
    :math:`q_k = p_1 + … + p_k`, and the phase is its integral over frequency,

    .. math:: \theta_{k+1} = \theta_k - 2\pi\, m_k\, q_k, \qquad \theta_1 = 0.

    Here :math:`m_k` is the distance from tone ``k`` to tone ``k + 1`` in units of the greatest common divisor of all
    such distances: the period to fill is that of the envelope. For contiguous harmonics, odd harmonics and every other
    uniform grid :math:`m_k = 1`, and this is the classic formula
    :math:`\theta_k = -2\pi \sum_{j<k} (k - j)\, p_j`; with a flat spectrum, :math:`\theta_k = -\pi k (k - 1) / n`.

    Good for dense and smooth spectra, and as a start for a search. Crest factor of flat real harmonics 1..n: 1.79 for
    n = 15, 1.78 for 31, 1.71 for 64, 1.68 for 256 and 1024; about 1.35 for complex ones. On sparse or irregular grids
    it is no better than random phases.

    Source: Schroeder, IEEE Trans. Inf. Theory 16(1):85, 1970.

    Args:
        ms: The tones, in any order. Those of one frequency count as one tone and get one phase.

    Returns:
        ``(n,)`` phases [rad], cosine convention.

    Example:
        >>> from crestfall.certainty.measures import crest_factor
        >>> ms = Multisine.harmonics(range(1, 32))
        >>> round(crest_factor(ms, schroeder(ms)), 2)
        1.78
        >>> weighted = Multisine.harmonics([1, 2, 3], amplitudes=[1.0, 2.0, 1.0])
        >>> (schroeder(weighted) / np.pi).round(3).tolist()  # shares 1/6, 4/6, 1/6 of the power
        [0.0, -0.333, -2.0]
    """
    ranks = ranks_by_frequency(ms)
    # Relative first: the squares of very small or very large amplitudes would leave the range of a float.
    power = np.bincount(ranks, ms.amplitudes / np.max(ms.amplitudes)) ** 2
    share_so_far = np.cumsum(power)[:-1] / np.sum(power)
    distances = np.diff(np.unique(ms.harmonic_numbers))
    units = distances // max(int(np.gcd.reduce(distances)), 1)
    theta = np.concatenate(([0.0], np.cumsum(-2.0 * np.pi * units * share_so_far)))
    return theta[ranks]
