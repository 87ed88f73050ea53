r"""The fourth power: a signal whose square ripples must rise above its RMS.

:math:`M^2 \ge \operatorname{mean}|x|^4 / \operatorname{mean}|x|^2`, and by Parseval :math:`\operatorname{mean}|x|^4
= P^2 + 2\sum_{m>0} |(|x|^2)_m|^2`. With what ``|x|²`` contains for certain (see ``square_spectrum``),

.. math:: \mathrm{CF}^2 \ge 1 + 2 \sum_{m>0} \Bigl(\frac{|y_m|}{P}\Bigr)^2.

Strong for sparse tones: flat ones whose differences (and sums) are all distinct have ``CF² ≥ 2 − 1/n`` (complex) or
``3 − 3/(2n)`` (real), so that no phases help much.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from crestfall.certainty.bounds.square_spectrum import SquareSpectrum


def quartic(square: SquareSpectrum) -> float:
    """Crest factor that no phases can beat.

    Example:
        >>> from crestfall.certainty.bounds.square_spectrum import square_spectrum
        >>> from crestfall.problem.multisine import Multisine
        >>> round(quartic(square_spectrum(Multisine.harmonics([0, 1, 4, 9, 11], complex=True))) ** 2, 9)   # 2 - 1/5
        1.8
    """
    return sqrt(1.0 + 2.0 * float(np.sum(square.moduli**2)))
