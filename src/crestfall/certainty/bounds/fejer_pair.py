r"""Fejér: a polynomial that is never negative cannot have a large coefficient.

:math:`y = M^2 - |x|^2 \ge 0`, with :math:`M = \max|x|`, is a trigonometric polynomial of some degree ``D`` and mean
:math:`M^2 - P`, ``P`` being the power. Fejér: its coefficients obey
:math:`|y_m| \le \operatorname{mean}(y) \cos\frac{\pi}{\lfloor D/m\rfloor + 2}`. So whatever ``|x|²`` contains for
certain at ``m`` (see ``square_spectrum``) forces

.. math:: \mathrm{CF}^2 \ge 1 + \frac{|y_m|}{P \cos\frac{\pi}{\lfloor D/m\rfloor + 2}}.

For flat tones the two outermost ones alone make the highest difference: ``CF² ≥ 1 + 2/n``, real and complex, and that
is the optimum for 2 and 3 complex tones.

Source: Fejér, J. reine angew. Math. 146:53, 1916.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from crestfall.certainty.bounds.square_spectrum import SquareSpectrum


def fejer_pair(square: SquareSpectrum) -> float:
    """Crest factor that no phases can beat.

    Example:
        >>> from crestfall.certainty.bounds.square_spectrum import square_spectrum
        >>> from crestfall.problem.multisine import Multisine
        >>> round(fejer_pair(square_spectrum(Multisine.harmonics(range(2), complex=True))) ** 2, 9)
        2.0
    """
    if not square.moduli.size:
        return 1.0
    excess = square.moduli / np.cos(np.pi / (square.degree // square.frequencies + 2))
    return sqrt(1.0 + float(np.max(excess)))
