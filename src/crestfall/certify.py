r"""The largest magnitude of a real trigonometric polynomial over continuous time, between two certified numbers.

Let :math:`u(t)` have degree at most ``D`` and let ``P`` bound :math:`\max|u|`. The proof has three steps:

1. **Grid.** ``N`` samples give ``P ≤ max_j |u(t_j)| / cos(πD/N)`` (Ehlich & Zeller 1964; Jetter, Pfander &
   Zimmermann, Rev. Anal. Numér. Théor. Approx. 30(2):179, 2001).
2. **Cells.** Within half a grid step ``r = π/N`` of a sample, :math:`u` is a Taylor polynomial of degree ``m - 1`` (one
   FFT for each derivative) plus a remainder of at most ``(D r)^m / m! · P``, by Bernstein's inequality
   ``|u^{(m)}| ≤ D^m P``. Cells that cannot reach the best value known are dropped at once.
3. **Bisection.** On a cell, the polynomial lies below its largest Bernstein coefficient. Cells are halved, and those
   that cannot win dropped, until that upper bound and the best value known agree to the tolerance.

The interval is widened by an allowance for the rounding of the FFTs, ``4 ε (log₂N + 8) Σ|c_k|``.
"""

from __future__ import annotations

from math import comb, cos, factorial, log2, pi
from typing import NamedTuple

import numpy as np

from crestfall._types import ComplexArray, FloatArray, IntArray
from crestfall.synthesis import Synthesis, grid_size

_OVERSAMPLING = 8.0
TERMS = 12  # with 8-fold oversampling the remainder is then 3e-14 of the peak
_SCREEN_TERMS = 3
_MAX_HALVINGS = 40


class Maximum(NamedTuple):
    """Where ``|u|`` is largest, and between which two numbers its maximum lies."""

    value: float
    low: float
    high: float
    angle: float
    """Phase of the period, 0 … 2π, at which ``value`` is reached."""


def rounding_allowance(coefficients: ComplexArray, n_samples: int) -> float:
    """Bound on the rounding error of one sample of a synthesis by FFT."""
    return 4.0 * float(np.finfo(np.float64).eps) * (log2(n_samples) + 8.0) * float(np.sum(np.abs(coefficients)))


def certified_maximum(coefficients: ComplexArray, degrees: IntArray, *, tolerance: float = 1e-13) -> Maximum:
    r"""Largest ``|u(t)|`` of ``u(t) = Re Σ_k c_k exp(i d_k t)`` over all ``t``.

    Args:
        coefficients: ``(m,)`` complex ``c_k``.
        degrees: ``(m,)`` integers ``d_k >= 0``.
        tolerance: Relative gap between the best value found and the upper bound at which to stop.

    Example:
        >>> peak = certified_maximum(np.array([1.0 + 0j, 1.0 + 0j]), np.array([1, 2]))
        >>> peak.low <= 2.0 <= peak.high, peak.high - peak.low < 1e-9
        (True, True)
    """
    degree = int(degrees.max())
    n_samples = grid_size(degree, _OVERSAMPLING)
    radius = pi / n_samples
    cells, taylor, bound = _candidate_cells(coefficients, degrees, n_samples, radius)
    remainder = (degree * radius) ** TERMS / factorial(TERMS) * bound
    value, upper, angle = largest_on_cells(cells, taylor, radius, tolerance)
    slack = remainder + rounding_allowance(coefficients, n_samples)
    return Maximum(value, max(value - slack, 0.0), upper + slack, angle % (2 * pi))


def _candidate_cells(
    coefficients: ComplexArray, degrees: IntArray, n_samples: int, radius: float
) -> tuple[IntArray, FloatArray, float]:
    """Cells that may hold the maximum, their Taylor coefficients in ``s = (t - t_j) / r``, and the grid bound ``P``."""
    synthesis = Synthesis(degrees, n_samples, complex=False)
    degree = int(degrees.max())

    def derivative(order: int) -> FloatArray:
        return synthesis.samples(coefficients * (1j * radius * degrees) ** order / factorial(order))

    first = derivative(0)
    reach = np.abs(first)
    best = float(reach.max())
    bound = best / cos(degree * radius)
    if bound == 0.0:
        return np.zeros(1, dtype=np.int64), np.zeros((1, TERMS)), 0.0
    screen = [first] + [derivative(order) for order in range(1, _SCREEN_TERMS)]
    for term in screen[1:]:
        reach += np.abs(term)
    reach += (degree * radius) ** _SCREEN_TERMS / factorial(_SCREEN_TERMS) * bound
    cells = np.flatnonzero(reach >= best)
    taylor = np.empty((cells.size, TERMS))
    for order in range(TERMS):
        samples = screen[order] if order < _SCREEN_TERMS else derivative(order)
        taylor[:, order] = samples[cells]
    taylor *= np.where(taylor[:, :1] < 0, -1.0, 1.0)
    return cells, taylor, bound


def largest_on_cells(
    cells: IntArray, taylor: FloatArray, radius: float, tolerance: float
) -> tuple[float, float, float]:
    """Largest value found, an upper bound, and the angle of that value, for polynomials on ``[-1, 1]``.

    Args:
        cells: ``(m,)`` numbers of the cells; cell ``j`` has its middle at the angle ``2 j radius``.
        taylor: ``(m, TERMS)`` coefficients in ``s``, which runs from -1 to 1 over a cell.
        radius: Half the width of a cell, as an angle.
        tolerance: Relative gap at which to stop.
    """
    bernstein = taylor @ _TO_BERNSTEIN
    centre = cells * (2.0 * radius)
    half = radius
    value, angle = -np.inf, 0.0
    for _ in range(_MAX_HALVINGS):
        upper = bernstein.max(axis=1)
        for column, side in ((0, -1.0), (-1, 1.0)):
            k = int(np.argmax(bernstein[:, column]))
            if bernstein[k, column] > value:
                value, angle = float(bernstein[k, column]), float(centre[k] + side * half)
        keep = upper > value * (1.0 + tolerance)
        if not keep.any():
            break
        bernstein, centre = bernstein[keep], centre[keep]
        bernstein = np.concatenate((bernstein @ _LEFT_HALF, bernstein @ _RIGHT_HALF))
        half /= 2.0
        centre = np.concatenate((centre - half, centre + half))
    else:
        return value, float(bernstein.max()), angle
    return value, value * (1.0 + tolerance), angle


def _bernstein_matrices(terms: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Power basis on [-1, 1] to Bernstein coefficients, and de Casteljau's two halves; all act from the right."""
    degree = terms - 1
    # s = 2 v - 1 with v in [0, 1]: first the powers of v, then Bernstein coefficients b_i = Σ_j C(i,j)/C(degree,j) a_j.
    to_v = np.array(
        [[comb(i, j) * 2.0**j * (-1.0) ** (i - j) if j <= i else 0.0 for j in range(terms)] for i in range(terms)]
    )
    to_b = np.array([[comb(i, j) / comb(degree, j) if j <= i else 0.0 for i in range(terms)] for j in range(terms)])
    left = np.array([[comb(i, j) / 2.0**i if j <= i else 0.0 for i in range(terms)] for j in range(terms)])
    right = left[::-1, ::-1].copy()
    return to_v @ to_b, left, right


_TO_BERNSTEIN, _LEFT_HALF, _RIGHT_HALF = _bernstein_matrices(TERMS)
