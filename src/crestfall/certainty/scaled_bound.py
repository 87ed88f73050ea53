"""A bound of the peak of some tones as one of the same frequencies with other amplitudes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_ROUNDING = 1e-14


def scaled_bound(peak: float, amplitudes: npt.ArrayLike, others: npt.ArrayLike) -> float:
    r"""Peak that no phases can beat with other amplitudes; 0 or less where this says nothing.

    For every factor ``s`` and all phases, a sum with the amplitudes ``b`` differs from ``s`` times that with ``a`` by
    at most :math:`\sum_k|b_k - s a_k|`. ``s`` is the median ratio, which leaves nothing where they are proportional.

    Args:
        peak: Peak that no phases can beat, in the unit of the amplitudes.
        amplitudes: ``(n,)`` the amplitudes ``a`` that it is about.
        others: ``(n,)`` the other amplitudes ``b``, of the same frequencies in the same order.

    Example:
        >>> scaled_bound(1.75, [1.0, 1.0], [1.0, 1.0]), round(scaled_bound(1.75, [1.0, 1.0], [2.0, 2.1]), 6)
        (1.75, 3.4875)
    """
    a, b = np.asarray(amplitudes, np.float64), np.asarray(others, np.float64)
    if np.array_equal(a, b):
        return peak
    factor = float(np.median(b / a))
    return (factor * peak - float(np.sum(np.abs(b - factor * a)))) * (1.0 - _ROUNDING)
