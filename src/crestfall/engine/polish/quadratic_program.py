r"""The convex step of the minimax polish: a small dense quadratic program, by a primal–dual interior point method.

.. math:: \min_{d, M}\; M + ½ dᵀ G d \quad\text{subject to}\quad h_i + J_i d + s_i = M,\; s_i ≥ 0

Eliminating ``s``, ``λ`` and ``M`` from Newton's equations leaves the ``n × n`` matrix ``G + J_cᵀ D J_c`` with
``D = λ/s`` and ``J_c`` the rows of ``J`` minus their ``D``-weighted mean; one Cholesky factor serves the predictor and
the corrector (Mehrotra, SIAM J. Optim. 2:575, 1992). ``G`` itself may be indefinite: only the eliminated matrix has to
be positive definite, and when it is not, ``NotConvexError`` asks the caller to add curvature.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import lapack

from crestfall.problem.arrays import FloatArray

_SPREAD = 30.0  # a warm start may be this far from the central path


class NotConvexError(ArithmeticError):
    """The program has no minimum that Newton's method can see: add curvature to ``G``."""


class Solution(NamedTuple):
    """``step`` (n,), ``level`` the model's peak M, ``multipliers`` (m,), number of ``iterations``."""

    step: FloatArray
    level: float
    multipliers: FloatArray
    iterations: int


def central_level(heights: FloatArray, mu: float) -> float:
    """The level ``M`` above all heights at which ``Σ μ/(M − h_i) = 1``."""
    highest = float(heights.max())
    level = max(highest + mu, float(np.nextafter(highest, np.inf)))  # above them even where μ is lost to rounding
    for _ in range(60):
        weights = mu / (level - heights)
        excess = float(weights.sum()) - 1.0
        if excess < 1e-10:
            break
        level += excess * mu / float(weights @ weights)
    return level


def solve_qp(
    hessian: FloatArray,
    rows: FloatArray,
    heights: FloatArray,
    multipliers: FloatArray,
    mu: float,
    *,
    tolerance: float = 1e-13,
    max_iterations: int = 40,
) -> Solution:
    """Solve the program from warm ``multipliers`` (m,) and barrier ``mu``; heights are of order 1.

    Raises:
        NotConvexError: ``hessian`` has negative curvature that the constraints do not hold.
    """
    m, n = rows.shape
    level = central_level(heights, mu)
    slack = level - heights
    lam = np.clip(multipliers, mu / slack / _SPREAD, mu / slack * _SPREAD)
    lam /= lam.sum()
    step, last = np.zeros(n), np.inf
    for iteration in range(max_iterations):
        dual = hessian @ step + rows.T @ lam
        primal = heights + rows @ step + slack - level
        short = 1.0 - float(lam.sum())
        gap = float(lam @ slack)
        error = max(float(np.abs(dual).max()), float(np.abs(primal).max()), abs(short))
        if iteration and gap < tolerance and (error < tolerance or error >= 0.5 * last):
            break
        if not np.isfinite(error):
            raise NotConvexError
        last = error if gap < tolerance else np.inf
        newton = _Newton(hessian, rows, lam, slack, dual, primal, short)
        _, _, d_slack, d_lam = newton.direction(lam * slack)
        length = min(_longest(slack, d_slack), _longest(lam, d_lam))
        predicted = max(float((lam + length * d_lam) @ (slack + length * d_slack)), 0.0)
        target = max((predicted / gap) ** 3 * gap, 0.1 * tolerance) / m
        move, d_level, d_slack, d_lam = newton.direction(lam * slack + length**2 * d_slack * d_lam - target)
        length = min(_longest(slack, d_slack), _longest(lam, d_lam))
        length = min(1.0, max(0.99, 1.0 - gap) * length)
        step += length * move
        level += length * d_level
        slack += length * d_slack
        lam += length * d_lam
    return Solution(step, level, lam, iteration)


def _longest(values: FloatArray, change: FloatArray) -> float:
    falling = change < 0
    return min(1.0, float(np.min(-values[falling] / change[falling]))) if falling.any() else 1.0


class _Newton:
    """Newton's equations of one interior-point iteration, factorised once."""

    def __init__(
        self,
        hessian: FloatArray,
        rows: FloatArray,
        lam: FloatArray,
        slack: FloatArray,
        dual: FloatArray,
        primal: FloatArray,
        short: float,
    ) -> None:
        self._rows, self._slack, self._dual, self._primal, self._short = rows, slack, dual, primal, short
        self._weights = lam / slack
        self._total = float(self._weights.sum())
        centred = (rows - (self._weights @ rows) / self._total) * np.sqrt(self._weights)[:, None]
        self._factor, failed = lapack.dpotrf(hessian + centred.T @ centred, lower=1, overwrite_a=1)
        if failed:
            raise NotConvexError

    def direction(self, complementarity: FloatArray) -> tuple[FloatArray, float, FloatArray, FloatArray]:
        """Changes of step, level, slack and multipliers that make ``λ s + … = λ s − complementarity``."""
        weights = self._weights
        pull = weights * self._primal - complementarity / self._slack
        missing = float(pull.sum()) - self._short
        right = -self._dual - self._rows.T @ (pull - weights * (missing / self._total))
        move, _ = lapack.dpotrs(self._factor, right, lower=1)
        moved = self._rows @ move
        d_level = (missing + float(weights @ moved)) / self._total
        return move, d_level, d_level - self._primal - moved, pull + weights * (moved - d_level)
