r"""Polynomials in the phasors that are nowhere negative when the peak is ``M``.

Real: a signal of highest frequency ``K`` obeys :math:`x^2 + x'^2/K^2 \le M^2` at every instant (Bernstein, Szegő). With
:math:`x = \tfrac12\sum_{k,s} a_k c_k^s` and :math:`x' = \tfrac12\sum_{k,s} i s h_k a_k c_k^s` at time 0, ``s = ±1``,

.. math:: M^2 - \tfrac14 \sum_{j,k,s,s'} a_j a_k \Bigl(1 - s s' \frac{h_j h_k}{K^2}\Bigr) c_j^s c_k^{s'} \ge 0

Complex: :math:`M^2 - |z|^2 \ge 0`, and :math:`f = |z|^2`, which lies between 0 and ``M²`` and whose highest frequency
is the bandwidth ``D``, obeys :math:`M^2 f - f^2 - f'^2/D^2 \ge 0`: the same inequality for :math:`f - M^2/2`.

One instant is enough: a shift in time changes no expectation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from crestfall.certainty.moments.tones import ExactTones
from crestfall.problem.arrays import IntArray


@dataclass(frozen=True)
class Localiser:
    """The polynomial ``Σ_t (constant_t + m linear_t) c^{rows_t} / scale`` with ``m = M²``, never negative.

    Attributes:
        rows: ``(terms, n)`` exponents.
        constant: ``(terms,)`` Python integers.
        linear: ``(terms,)`` Python integers.
        scale: Positive integer that the coefficients are multiples of 1 over; ``m`` is in units of
            ``ExactTones.unit²``.
        degree: Highest degree of a term.
    """

    rows: IntArray
    constant: Any
    linear: Any
    scale: int
    degree: int

    @property
    def half_degree(self) -> int:
        """By how much the degree of what it multiplies is below the order."""
        return (self.degree + 1) // 2

    @property
    def size(self) -> int:
        """A power of two near the largest coefficient: what it is divided by, so that numbers are near 1."""
        largest = max(max(abs(int(c)) for c in self.constant) // self.scale, 1)
        return 1 << (largest.bit_length() - 1)


def localisers(tones: ExactTones) -> list[Localiser]:
    """All that hold for these tones."""
    if tones.complex:
        return [_envelope(tones), _envelope_and_slope(tones)]
    return [_bernstein_szego(tones)]


def _bernstein_szego(tones: ExactTones) -> Localiser:
    """``4K²`` times the polynomial of a real signal."""
    n, squared = tones.n, tones.band**2
    units = np.concatenate((np.eye(n, dtype=np.int64), -np.eye(n, dtype=np.int64)))
    signed, amplitudes = [*map(int, tones.h), *(-int(h) for h in tones.h)], tones.a * 2
    first, second = np.tril_indices(2 * n)
    twice = np.where(first == second, 1, 2)
    constant = [
        -int(t) * amplitudes[j] * amplitudes[k] * (squared - signed[j] * signed[k])
        for j, k, t in zip(first, second, twice, strict=True)
    ]
    return _collected(units[first] + units[second], constant, [0] * len(constant), 4 * squared, 2)


def _envelope(tones: ExactTones) -> Localiser:
    units = np.eye(tones.n, dtype=np.int64)
    first, second = (index.ravel() for index in np.indices((tones.n, tones.n)))
    constant = [-tones.a[j] * tones.a[k] for j, k in zip(first, second, strict=True)]
    return _collected(units[first] - units[second], constant, [0] * len(constant), 1, 2)


def _envelope_and_slope(tones: ExactTones) -> Localiser:
    """``D²`` times the polynomial of the squared envelope."""
    units, squared = np.eye(tones.n, dtype=np.int64), tones.band**2
    first, second = (index.ravel() for index in np.indices((tones.n, tones.n)))
    rows = units[first] - units[second]
    weights = [tones.a[j] * tones.a[k] for j, k in zip(first, second, strict=True)]
    differences = [int(tones.h[j] - tones.h[k]) for j, k in zip(first, second, strict=True)]
    left, right = np.tril_indices(len(rows))
    twice = np.where(left == right, 1, 2)
    constant = [
        -int(t) * weights[p] * weights[q] * (squared - differences[p] * differences[q])
        for p, q, t in zip(left, right, twice, strict=True)
    ]
    linear = [squared * weight for weight in weights]
    all_rows = np.concatenate((rows[left] + rows[right], rows))
    return _collected(all_rows, constant + [0] * len(linear), [0] * len(constant) + linear, squared, 4, free=False)


def _collected(
    rows: IntArray, constant: list[int], linear: list[int], scale: int, degree: int, *, free: bool = True
) -> Localiser:
    """Equal monomials collected; ``free`` adds the term ``m``."""
    if free:
        rows = np.concatenate((rows, np.zeros((1, rows.shape[1]), np.int64)))
        constant, linear = [*constant, 0], [*linear, scale]
    distinct, which = np.unique(rows, axis=0, return_inverse=True)
    totals = np.zeros((2, len(distinct)), dtype=object)
    for total, values in zip(totals, (constant, linear), strict=True):
        np.add.at(total, which.ravel(), np.array(values, dtype=object))
    kept = (totals != 0).any(axis=0)
    return Localiser(distinct[kept], totals[0, kept], totals[1, kept], scale, degree)
