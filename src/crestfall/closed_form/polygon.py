r"""Tones of one single frequency: the exact optimum, by closing a polygon.

The sum of :math:`a_k \cos(2\pi f t + \theta_k)` is one phasor, :math:`R = |\sum_k a_k e^{i\theta_k}|`, and the peak
is ``R``. Phasors laid head to tail close a polygon exactly when the longest is no longer than all the others together
(the polygon inequality); otherwise the others can at best all point against the longest.
"""

from __future__ import annotations

from math import acos, fsum, pi

import numpy as np
import numpy.typing as npt

from crestfall._types import FloatArray


def least_resultant(amplitudes: npt.ArrayLike) -> float:
    """Least possible ``|Σ a_k exp(iθ_k)|``: ``max(0, a_max − Σ others)``.

    Args:
        amplitudes: ``(n,)`` amplitudes above zero.

    Example:
        >>> least_resultant([3.0, 1.0, 1.0]), least_resultant([1.0, 1.0, 1.0])
        (1.0, 0.0)
    """
    a = np.asarray(amplitudes, dtype=np.float64)
    return max(0.0, 2.0 * float(a.max()) - fsum(a))


def cancelling_phases(amplitudes: npt.ArrayLike) -> FloatArray:
    """Phases [rad] for which the resultant of equal frequencies is the least possible, in ``O(n log n)``.

    Equal amplitudes get equally spaced phases. Otherwise the amplitudes are dealt into three groups whose sums satisfy
    the triangle inequality; each group points one way, along the sides of that triangle.

    Args:
        amplitudes: ``(n,)`` amplitudes above zero.

    Returns:
        ``(n,)`` phases with ``|Σ a_k exp(iθ_k)| = least_resultant(amplitudes)``, to some ``1e-16 Σ a_k``.

    Example:
        >>> theta = cancelling_phases([3.0, 4.0, 5.0])
        >>> bool(abs(np.sum(np.array([3.0, 4.0, 5.0]) * np.exp(1j * theta))) < 1e-14)
        True
        >>> cancelling_phases([1.0, 1.0]).round(12).tolist()
        [0.0, 3.14159265359]
    """
    a = np.asarray(amplitudes, dtype=np.float64)
    if np.all(a == a[0]):
        return 2.0 * pi * np.arange(a.size) / a.size
    order = np.argsort(-a, kind="stable")
    group = np.empty(a.size, dtype=np.int64)
    group[order] = _deal(a[order])
    sides = [fsum(a[group == g]) for g in range(3)]
    return _triangle_directions(*sides)[group]


def _deal(descending: FloatArray) -> npt.NDArray[np.int64]:
    """Group 0, 1 or 2 of each amplitude, so that no group's sum exceeds the other two together if that can be."""
    groups = np.arange(descending.size) % 3
    if 2.0 * fsum(descending[groups == 0]) > fsum(descending):
        # The longest side alone; the others alternate, so that their sums differ by less than the longest side.
        groups = 1 + np.arange(descending.size) % 2
        groups[0] = 0
    return groups


def _triangle_directions(a: float, b: float, c: float) -> FloatArray:
    """Directions of three sides, laid head to tail, that close; or ``(0, π, π)`` when the first is too long."""
    if a >= b + c:
        return np.array([0.0, pi, pi])
    # Law of cosines: the exterior angles at both ends of side a.
    beta = acos(np.clip((c * c - a * a - b * b) / (2.0 * a * b), -1.0, 1.0))
    gamma = acos(np.clip((b * b - a * a - c * c) / (2.0 * a * c), -1.0, 1.0))
    return np.array([0.0, beta, -gamma])
