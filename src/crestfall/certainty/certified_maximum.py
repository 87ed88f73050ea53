r"""The largest magnitude of a real trigonometric polynomial over continuous time, between two certified numbers.

Let :math:`u(t)` have degree at most ``D`` and let ``P`` bound :math:`\max|u|`. The proof has three steps:

1. **Grid.** The sample next to the maximum is at least ``P cos(πD/N)`` (Riesz), so ``N`` samples give
   ``P ≤ max_j |u(t_j)| / cos(πD/N)`` (Ehlich & Zeller 1964; Jetter, Pfander & Zimmermann, Rev. Anal. Numér. Théor.
   Approx. 30(2):179, 2001), and the maximum is next to a sample of at least ``cos(πD/N)`` times the largest.
2. **Cells.** Within half a grid step ``r = π/N`` of a sample, :math:`u` is a Taylor polynomial of degree ``m - 1`` (one
   FFT for each derivative, or sums over few tones at few cells) plus a remainder of at most ``(D r)^m / m! · P``, by
   Bernstein's inequality ``|u^{(m)}| ≤ D^m P``. Cells that cannot reach the best value known are dropped at once.
3. **Bisection.** On a cell, the polynomial lies below its largest Bernstein coefficient. Cells are halved, and those
   that cannot win dropped, until that upper bound and the best value known agree to the tolerance.

The interval is widened by a bound on all rounding: that of the synthesis (see ``rounding_allowance``), and
``300 ε P`` for at most 41 products with matrices of 12 rows whose weights add up to 1, ``13 ε/2`` each.
"""

from __future__ import annotations

from math import comb, cos, factorial, log2, pi, sqrt
from typing import NamedTuple

import numpy as np

from crestfall.problem.arrays import ComplexArray, FloatArray, IntArray
from crestfall.signal.high_samples import HighSamples, high_samples, is_long
from crestfall.signal.synthesis import Synthesis, grid_size, summed

_OVERSAMPLING = 8.0
TERMS = 12  # with 8-fold oversampling the remainder is then 3e-14 of the peak
_SCREEN_TERMS = 3
_MAX_HALVINGS = 40
_MOST_TONES_SUMMED, _TONES_AT_ONCE, _CELLS_AT_ONCE = 2**16, 64, 2**14
BISECTION_ROUNDING = 300.0 * float(np.finfo(np.float64).eps)


class Maximum(NamedTuple):
    """Where ``|u|`` is largest, and between which two numbers its maximum lies."""

    value: float
    low: float
    high: float
    angle: float
    """Phase of the period, 0 … 2π, at which ``value`` is reached."""


def rounding_allowance(coefficients: ComplexArray, n_samples: int) -> float:
    r"""Bound on the rounding error of one sample of a synthesis by FFT, and of a Taylor polynomial of such samples.

    A sample is a sum over the tones. On its way through an FFT of radix ``p`` each term is multiplied by rounded
    twiddle factors and added, and its relative error grows by at most ``4.24 u`` (twiddle: product √5 u, factor u, sum
    u) for radix 2, ``6.24 u`` for 4, ``10.3 u`` for 8, ``8.9 u`` for 3 and ``11.6 u`` for 5, with ``u = ε/2``: at most
    ``5.6 u = 2.8 ε`` for each doubling of ``N``. With ``6 ε`` for the coefficients, and ``exp(πD/N) ≤ 1.49`` for the
    derivatives of a polynomial on its cell, :math:`1.49\,(2.8\log_2 N + 6)\,ε \sum|c_k|` bounds it all.

    The twiddle factors are taken to be right to half a unit in the last place, as pocketfft computes them, and ``N`` to
    have no prime factors above 5. Direct sums are right to ``(m + 5) u``, which is less for up to 64 tones at a time;
    those of any number of such parts are added with compensation (Kahan), which rounds by ``2 u`` more.
    """
    epsilon = float(np.finfo(np.float64).eps)
    return (5.0 * log2(n_samples) + 16.0) * epsilon * float(np.sum(np.abs(coefficients)))


def certified_maximum(
    coefficients: ComplexArray,
    degrees: IntArray,
    *,
    tolerance: float = 1e-13,
    magnitude_of: tuple[ComplexArray, IntArray] | None = None,
) -> Maximum:
    r"""Largest ``|u(t)|`` of ``u(t) = Re Σ_k c_k exp(i d_k t)`` over all ``t``.

    Args:
        coefficients: ``(m,)`` complex ``c_k``, the largest of a magnitude near 1.
        degrees: ``(m,)`` integers ``d_k``; below 0 they count as ``Re c e^{-idt} = Re \bar c e^{idt}``.
        tolerance: Relative gap between the best value found and the upper bound at which to stop.
        magnitude_of: Coefficients and numbers of few complex tones ``z``, if ``u`` is ``|z|²``: they are fewer than the
            terms of ``u``.

    Example:
        >>> peak = certified_maximum(np.array([1.0 + 0j, 1.0 + 0j]), np.array([1, 2]))
        >>> peak.low <= 2.0 <= peak.high, peak.high - peak.low < 1e-9
        (True, True)
    """
    coefficients, degrees = np.where(degrees < 0, coefficients.conj(), coefficients), np.abs(degrees)
    degree = int(degrees.max())
    n_samples = grid_size(degree, _OVERSAMPLING)
    radius = pi / n_samples
    rounding = rounding_allowance(coefficients, n_samples)
    coefficients, degrees, additions = summed(coefficients, degrees)
    rounding *= 1.0 + additions / 16.0  # an addition rounds by ε/2, times 1.49 as above; that is less than 31 ε / 16
    cells, taylor, bound = _candidate_cells(coefficients, degrees, n_samples, radius, magnitude_of)
    remainder = (degree * radius) ** TERMS / factorial(TERMS) * bound
    value, upper, angle = largest_on_cells(cells, taylor, radius, tolerance)
    slack = remainder + rounding + BISECTION_ROUNDING * bound
    return Maximum(value, max(value - slack, 0.0), upper + slack, angle % (2 * pi))


def _candidate_cells(
    coefficients: ComplexArray,
    degrees: IntArray,
    n_samples: int,
    radius: float,
    magnitude_of: tuple[ComplexArray, IntArray] | None,
) -> tuple[IntArray, FloatArray, float]:
    """Cells that may hold the maximum, their Taylor coefficients in ``s = (t - t_j) / r``, and the grid bound ``P``."""
    synthesis = Synthesis(degrees, n_samples, complex=False)
    derivatives = _Derivatives(coefficients, degrees, synthesis, radius)
    drop = cos(int(degrees.max()) * radius)
    # Next to its top, where the slope is 0, the polynomial falls by no more than its largest curvature makes it.
    fall = 0.5 * radius**2 * float(np.abs(coefficients) @ degrees.astype(np.float64) ** 2) * (1.0 + 1e-12)
    high = _screened(coefficients, degrees, n_samples, drop, fall, magnitude_of)
    if high is not None and derivatives.few(high.indices):
        taylor = np.stack(derivatives.by_sums(high.indices, range(TERMS)), axis=1)
        largest = high.best + high.error if magnitude_of is None else (high.best + high.error) ** 2
        return high.indices, _upright(taylor), min(largest / drop, largest + fall)
    first = synthesis.samples(coefficients)
    magnitudes = np.abs(first)
    best = float(magnitudes.max())
    bound = min(best / drop, best + fall)
    if bound == 0.0:
        return np.zeros(1, dtype=np.int64), np.zeros((1, TERMS)), 0.0
    cells = np.flatnonzero(magnitudes >= max(best * drop, best - fall - 1e-12 * best))
    columns = [first[cells]]
    if not derivatives.few(cells):
        columns += derivatives.by_fft(cells, range(1, _SCREEN_TERMS))
        reach = np.sum(np.abs(columns), axis=0)
        reach += (int(degrees.max()) * radius) ** _SCREEN_TERMS / factorial(_SCREEN_TERMS) * bound
        keep = reach >= best
        cells, columns = cells[keep], [column[keep] for column in columns]
    orders = range(len(columns), TERMS)
    columns += derivatives.by_sums(cells, orders) if derivatives.few(cells) else derivatives.by_fft(cells, orders)
    return cells, _upright(np.stack(columns, axis=1)), bound


def _screened(
    coefficients: ComplexArray,
    degrees: IntArray,
    n_samples: int,
    drop: float,
    fall: float,
    magnitude_of: tuple[ComplexArray, IntArray] | None,
) -> HighSamples | None:
    """The samples next to which the maximum may be, where few tones make that quick."""
    if is_long(coefficients.size, n_samples) and magnitude_of is None:
        return high_samples(coefficients, degrees, n_samples, ratio=drop, fall=fall)
    if magnitude_of is not None and is_long(magnitude_of[0].size, n_samples):
        return high_samples(*magnitude_of, n_samples, ratio=sqrt(drop), part="complex")
    return None


def _upright(taylor: FloatArray) -> FloatArray:
    """The polynomials of ``|u|``, ``(m, TERMS)``: those below 0 turned over."""
    return taylor * np.where(taylor[:, :1] < 0, -1.0, 1.0)


class _Derivatives:
    """Taylor coefficients ``r^m u^(m)(t_j) / m!`` at cells ``j``, by FFT or tone by tone, whichever is less work."""

    def __init__(self, coefficients: ComplexArray, degrees: IntArray, synthesis: Synthesis, radius: float) -> None:
        self._c, self._degrees, self._synthesis, self._radius = coefficients, degrees, synthesis, radius

    def few(self, cells: IntArray) -> bool:
        """Whether sums over the tones at these cells are less work than FFTs, and no less exact."""
        n = self._synthesis.n_samples
        return self._c.size <= _MOST_TONES_SUMMED and cells.size * self._c.size <= 0.15 * n * log2(n) + 4096

    def by_fft(self, cells: IntArray, orders: range) -> list[FloatArray]:
        """One FFT for each order."""
        return [self._synthesis.samples(self._terms(order))[cells] for order in orders]

    def by_sums(self, cells: IntArray, orders: range) -> list[FloatArray]:
        """Sums over at most 64 tones at a time, whose rounding errors are then fewer than those of an FFT."""
        terms = np.stack([self._terms(order) for order in orders], axis=1)
        n = self._synthesis.n_samples
        sums = np.zeros((cells.size, len(orders)))
        lost = np.zeros_like(sums)
        for tone in range(0, self._c.size, _TONES_AT_ONCE):
            some = slice(tone, tone + _TONES_AT_ONCE)
            for first in range(0, cells.size, _CELLS_AT_ONCE):
                part = slice(first, first + _CELLS_AT_ONCE)
                turns = np.multiply.outer(cells[part], self._degrees[some]) % n
                more = (np.exp(turns * (2j * pi / n)) @ terms[some]).real - lost[part]
                total = sums[part] + more
                lost[part] = (total - sums[part]) - more
                sums[part] = total
        return list(sums.T)

    def _terms(self, order: int) -> ComplexArray:
        return np.asarray(self._c * (1j * self._radius * self._degrees) ** order / factorial(order))


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
