r"""Waves of one single frequency: the exact optimum, by closing a polygon.

The sum of :math:`a_k \cos(2\pi f t + \theta_k)` is one phasor, and its peak is the length of that phasor,

.. math::
    R(\theta) = \Bigl|\sum_k a_k e^{i\theta_k}\Bigr|, \qquad
    \min_\theta R = \max\Bigl(0,\; a_\max - \sum_{k \ne \max} a_k\Bigr).

Phasors laid head to tail close a polygon exactly when the longest is no longer than all the others together (the
polygon inequality, which is the triangle inequality applied again and again); otherwise the others can at best all
point against the longest.
"""

from __future__ import annotations

from math import atan2, fsum, pi, sqrt

import numpy as np
import numpy.typing as npt

from crestfall.problem.arrays import FloatArray


def least_resultant(amplitudes: npt.ArrayLike) -> float:
    """Least possible ``|Σ a_k exp(iθ_k)|``: ``max(0, a_max − Σ others)``.

    Args:
        amplitudes: ``(n,)`` amplitudes, none below zero, in any unit.

    Returns:
        The least peak that waves of one frequency can have, in the unit of the amplitudes.

    Raises:
        ValueError: The amplitudes are not a vector of finite numbers, or one is below zero.

    Example:
        >>> least_resultant([3.0, 1.0, 1.0]), least_resultant([1.0, 1.0, 1.0])
        (1.0, 0.0)
    """
    a, scale = _scaled(amplitudes)
    return max(0.0, 2.0 * float(a.max()) - fsum(a)) * scale


def cancelling_phases(amplitudes: npt.ArrayLike) -> FloatArray:
    """Phases [rad] for which the resultant of equal frequencies is the least possible, in ``O(n log n)``.

    Equal amplitudes get equally spaced phases. Otherwise the amplitudes are dealt into three groups whose sums satisfy
    the triangle inequality; each group points one way, along the sides of that triangle.

    Args:
        amplitudes: ``(n,)`` amplitudes, none below zero, in any unit.

    Returns:
        ``(n,)`` phases with ``|Σ a_k exp(iθ_k)| = least_resultant(amplitudes)``, to some ``1e-16 Σ a_k``. One wave has
        nothing to choose, and gets phase 0.

    Raises:
        ValueError: The amplitudes are not a vector of finite numbers, or one is below zero.

    Example:
        >>> theta = cancelling_phases([3.0, 4.0, 5.0])
        >>> bool(abs(np.sum(np.array([3.0, 4.0, 5.0]) * np.exp(1j * theta))) < 1e-14)
        True
        >>> cancelling_phases([1.0, 1.0]).round(12).tolist()
        [0.0, 3.14159265359]

    References:
        W. Kahan, "Miscalculating Area and Angles of a Needle-like Triangle", 2014, for angles that keep all digits
        where the polygon is almost flat.
    """
    a, _ = _scaled(amplitudes)
    if np.all(a == a[0]):
        return 2.0 * pi * np.arange(a.size) / a.size
    order = np.argsort(-a, kind="stable")
    group = np.empty(a.size, dtype=np.int64)
    group[order] = _deal(a[order])
    sides = np.array([fsum(a[group == g]) for g in range(3)])
    return _closing_directions(sides)[group]


def _scaled(amplitudes: npt.ArrayLike) -> tuple[FloatArray, float]:
    """The amplitudes divided by the power of two next above the largest, so that no sum over- or underflows."""
    try:
        a = np.asarray(amplitudes, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"amplitudes are not real numbers ({error}); give one amplitude for each wave") from None
    if a.ndim != 1 or a.size == 0:
        raise ValueError(f"amplitudes have shape {a.shape}; give a vector with one amplitude for each wave")
    good = np.isfinite(a) & (a >= 0)
    if not np.all(good):
        k = int(np.argmin(good))
        raise ValueError(f"amplitudes[{k}] is {a[k]:.9g}; an amplitude must be finite and not below 0")
    # The largest power of two that a float holds is 2^1023.
    exponent = min(int(np.frexp(a.max())[1]), 1023)
    return np.ldexp(a, -exponent), float(np.ldexp(1.0, exponent))


def _deal(descending: FloatArray) -> npt.NDArray[np.int64]:
    """Group 0, 1 or 2 of each amplitude, so that no group's sum exceeds the other two together if that can be."""
    groups = np.arange(descending.size) % 3
    if 2.0 * fsum(descending[groups == 0]) > fsum(descending):
        # The longest side alone; the others alternate, so that their sums differ by less than the longest side.
        groups = 1 + np.arange(descending.size) % 2
        groups[0] = 0
    return groups


def _closing_directions(sides: FloatArray) -> FloatArray:
    """Directions of three sides, laid head to tail, that close; the longest against the others when it is too long.

    The half-angle formulas, with brackets that must stay where they are: in ``c − (a − b)`` nothing cancels that was
    rounded before, so that both angles agree about how far from flat the triangle is.
    """
    order = np.argsort(-sides, kind="stable")
    a, b, c = (float(side) for side in sides[order])
    excess = c - (a - b)  # b + c − a
    directions = np.zeros(3)
    if excess <= 0.0:
        directions[order] = 0.0, pi, pi
        return directions
    whole, less_b, less_c = a + (b + c), c + (a - b), b + (a - c)
    angle_b = 2.0 * atan2(sqrt(excess * less_c), sqrt(whole * less_b))
    angle_c = 2.0 * atan2(sqrt(excess * less_b), sqrt(whole * less_c))
    directions[order] = 0.0, pi - angle_c, angle_b - pi
    return directions
