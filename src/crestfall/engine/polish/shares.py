r"""Which tones the peak is made of: how much it would follow if one of them became louder and all phases adapted.

The peak ``P`` of an optimal design is a function of the amplitudes. By the envelope theorem its derivative is that of
the Lagrangian at fixed phases and fixed instants,

.. math:: s_k = \frac{a_k}{P} \frac{\partial P}{\partial a_k}
          = \frac1P \sum_i \lambda_i \operatorname{Re}\bigl(\bar u_i H_k a_k e^{i(2\pi f_k t_i + \theta_k)}\bigr),

with the certificate's peaks :math:`t_i`, multipliers :math:`\lambda_i` and directions :math:`u_i`. The shares add
up to 1.
"""

from __future__ import annotations

import numpy as np

from crestfall.engine.polish.certificate import Certificate
from crestfall.problem.arrays import FloatArray
from crestfall.problem.problem import Problem


def tone_shares(problem: Problem, phases: FloatArray, certificate: Certificate) -> FloatArray:
    """``(n,)`` shares of the tones in the peak, which sum to 1; meant for stationary designs.

    Args:
        problem: What was to be small.
        phases: ``(n,)`` phases [rad].
        certificate: That of these phases.

    Returns:
        ``(n,)`` relative changes of the peak per relative change of each amplitude; a tone that fills the gaps between
        peaks has a share below 0.

    Example:
        >>> from crestfall.engine.polish.certificate import certify
        >>> from crestfall.problem.multisine import Multisine
        >>> problem, phases = Problem(Multisine([1.0, 2.0], [1.0, 0.5])), np.array([0.0, np.pi / 2])
        >>> tone_shares(problem, phases, certify(problem, phases)).sum().round(9)
        np.float64(1.0)
    """
    ms, responses = problem.tones, problem.responses
    factors = np.ones((1, ms.n)) if responses is None else responses
    # Whole periods are taken off first: f · t is then accurate for any frequency.
    turns = np.outer(certificate.times, ms.frequencies)
    angles = 2.0 * np.pi * (turns - np.rint(turns)) + phases
    tones = factors[certificate.outputs] * ms.amplitudes * np.exp(1j * angles)
    totals = tones.sum(axis=1)
    if problem.is_about_magnitudes:
        # The certificate's own directions are those of the envelope, which the carrier turns.
        directions = totals / np.abs(totals)
    elif problem.splits_components:
        directions = certificate.signs
    else:
        directions, tones = certificate.signs, tones.real
    aligned = (np.conj(directions)[:, None] * tones).real
    return np.asarray(certificate.multipliers @ aligned / certificate.peak, dtype=np.float64)
