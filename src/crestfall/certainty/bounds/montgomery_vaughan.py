r"""What no phases can beat within a window: the mean square there cannot fall far below what the tones carry.

Montgomery and Vaughan: for frequencies ``λ_k`` [Hz] that are at least ``δ`` apart, and for ``δ_k`` from the nearest
other one,

.. math:: \int_0^T \Bigl|\sum_k c_k e^{2\pi i\lambda_k t}\Bigr|^2 dt
          \ge \sum_k |c_k|^2 \max\Bigl(T - \tfrac1\delta,\; T - \tfrac{3}{2\delta_k}\Bigr)
          \quad\text{(one of the two choices for all } k).

The peak is at least the root of the mean. A real tone is a pair of frequencies ``±f_k`` with ``|c| = a_k / 2``.

Source: Montgomery & Vaughan, "Hilbert's inequality", J. London Math. Soc. (2) 8:73, 1974.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from crestfall.problem.multisine import Multisine
from crestfall.problem.times import Window


def montgomery_vaughan(ms: Multisine, window: Window) -> float:
    """Peak within the window that no phases can beat; 0 where the window is too short to tell.

    Example:
        >>> round(montgomery_vaughan(Multisine([100.0, 200.0, 300.0]), Window(0.0, 1.0)), 3)
        1.219
    """
    lines, halves = ms.frequencies, ms.amplitudes
    if not ms.complex:
        swings = ms.frequencies != 0.0  # a constant is one line
        halves = np.where(swings, 0.5, 1.0) * ms.amplitudes
        lines, halves = np.append(lines, -lines[swings]), np.append(halves, halves[swings])
    scale = float(ms.amplitudes.max())
    order = np.argsort(lines)
    powers = (halves[order] / scale) ** 2
    if order.size == 1:
        return scale * sqrt(float(powers[0]))
    gaps = np.diff(lines[order])
    nearest = np.minimum(np.append(np.inf, gaps), np.append(gaps, np.inf))
    with np.errstate(divide="ignore", over="ignore"):
        lost = np.stack((np.full(order.size, 1.0 / nearest.min()), 1.5 / nearest))
    with np.errstate(invalid="ignore", over="ignore"):
        shares = np.sum(powers * (1.0 - lost / window.duration), axis=1)
    return scale * sqrt(max(float(np.nanmax(shares, initial=0.0)), 0.0)) * (1.0 - 1e-12)
