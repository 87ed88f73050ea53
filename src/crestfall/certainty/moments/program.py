r"""The matrices that must be positive semidefinite when phases have the peak ``M``: conditions on the moments.

Take any phases with peak ``M``, and the average over all shifts in time, over both signs (complex: all common
rotations) and over time reversal. None of these changes the peak. The moments :math:`y_\alpha = E c^\alpha` of that
average are real, :math:`y_{-\alpha} = y_\alpha`, and vanish unless the charge :math:`\sum_k h_k\alpha_k` is 0 and
:math:`\sum_k\alpha_k` is even (complex: 0). For every polynomial ``p``, :math:`E|p|^2 \ge 0` and :math:`E\,g\,|p|^2
\ge 0`, where ``g`` is a localiser (see ``localiser``). In matrices: of order ``d``, with monomials up to degree
``d``,

.. math:: [\,y_{\alpha-\beta}\,] \succeq 0, \qquad \Bigl[\sum_t g_t\, y_{\alpha-\beta+\delta_t}\Bigr] \succeq 0

where the second one takes monomials up to degree :math:`d - \lceil\deg g/2\rceil`. The symmetries split both into
blocks: by charge and by parity of the degree (complex: by :math:`\sum_k\alpha_k`); time reversal splits what it maps
to itself into sums and differences of a monomial and its conjugate.

Source: Lasserre, SIAM J. Optim. 11:796, 2001; Putinar, Indiana Univ. Math. J. 42:969, 1993; with symmetries, Riener,
Theobald, Andrén & Lasserre, Math. Oper. Res. 38:122, 2013.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from crestfall.certainty.moments.localiser import localisers
from crestfall.certainty.moments.monomials import MomentNumbers, has_positive_lead, monomials
from crestfall.certainty.moments.tones import ExactTones
from crestfall.problem.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class Basis:
    """Polynomials: monomials (``sign`` 0), or sums (1) or differences (−1) of each with its conjugate.

    Attributes:
        rows: ``(count, n)`` exponents; of polynomials in derivatives, where a matrix multiplies them, the component
            comes first.
        sign: Which of the three.
        one: Whether the monomial 1 follows.
    """

    rows: IntArray
    sign: int
    one: bool

    @property
    def size(self) -> int:
        """Number of polynomials."""
        return len(self.rows) + self.one


@dataclass(frozen=True)
class Block:
    """One matrix: the entry ``(i, j)``, ``i ≥ j``, is ``Σ factor · (constant + m linear) · y_moment`` over its terms.

    Attributes:
        basis: The polynomials that its rows stand for.
        localiser: Which localiser, over its ``size``, multiplies their products; ``None`` for a moment matrix.
        i: ``(terms,)`` rows.
        j: ``(terms,)`` columns.
        moment: ``(terms,)`` numbers of moments.
        factor: ``(terms,)`` small integers.
        weight: ``(terms,)`` which pair of coefficients of ``Program.constant`` and ``Program.linear``.
        identity: ``(size,)`` diagonal of the matrix that relaxes the condition; 0 for moment matrices, which need none.
    """

    basis: Basis
    localiser: int | None
    i: IntArray
    j: IntArray
    moment: IntArray
    factor: IntArray
    weight: IntArray
    identity: FloatArray

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.basis.size


@dataclass(frozen=True)
class Program:
    """The conditions of one order.

    Attributes:
        tones: The tones.
        order: The order ``d``.
        blocks: The matrices, moment matrices first.
        exponents: ``(moments, n)`` exponents of the moments; the first is 0.
        constant: Python integers, coefficients of the terms (see ``Block``).
        linear: Python integers, what ``m`` is multiplied by.
        scale: Positive integer that all of them are divided by, for computing; no sign depends on it.
        derivatives: 0 for moments of phasors; else the highest derivative of the signal in ``derivatives``.
        half_degrees: ``(moments,)`` powers of ``m`` that bound the moments: 0 for phasors.
        power: What ``m`` is in units of, times ``ExactTones.unit²``.
    """

    tones: ExactTones
    order: int
    blocks: list[Block]
    exponents: IntArray
    constant: Any
    linear: Any
    scale: int
    derivatives: int
    half_degrees: IntArray
    power: Fraction

    @property
    def moments(self) -> int:
        """Number of moments, ``y_0 = 1`` among them."""
        return len(self.exponents)

    @classmethod
    def of(cls, tones: ExactTones, order: int) -> Program:
        """The conditions for these tones.

        Example:
            >>> from crestfall.problem.multisine import Multisine
            >>> program = Program.of(ExactTones.of(Multisine.harmonics(range(1, 9))), 2)
            >>> program.moments, max(block.size for block in program.blocks)
            (51, 8)
        """
        rows = monomials(tones.n, order)
        chosen: list[tuple[int | None, Basis]] = [(None, basis) for basis in _bases(rows, tones, by_charge=True)]
        for number, localiser in enumerate(localisers(tones)):
            degree = order - localiser.half_degree
            if degree >= 0:
                chosen += [(number, basis) for basis in _bases(rows[: degree + 1], tones, by_charge=False)]
        return cls.with_bases(tones, order, chosen)

    @classmethod
    def with_bases(cls, tones: ExactTones, order: int, chosen: Sequence[tuple[int | None, Basis]]) -> Program:
        """The conditions on any polynomials, each with the localiser that multiplies their products.

        They hold for whatever polynomials; those of ``of`` leave nothing out and keep the matrices small.
        """
        numbers = MomentNumbers(tones.n)
        found = localisers(tones)
        scale = lcm(*(localiser.scale * localiser.size for localiser in found))
        constant, linear, weights = [scale], [0], []
        for localiser in found:
            weights.append(np.arange(len(localiser.rows)) + len(constant))
            times = scale // (localiser.scale * localiser.size)
            constant, linear = [*constant, *(localiser.constant * times)], [*linear, *(localiser.linear * times)]
        alone = np.zeros((1, tones.n), np.int64), np.zeros(1, np.int64)
        blocks = [
            _filled(basis, *(alone if k is None else (found[k].rows, weights[k])), tones, numbers, k)
            for k, basis in chosen
        ]
        fixed, rising = (np.array(values, dtype=object) for values in (constant, linear))
        exponents = numbers.exponents
        powers = np.zeros(len(exponents), np.int64)
        return cls(tones, order, blocks, exponents, fixed, rising, scale, 0, powers, Fraction(1))


def _bases(layers: list[IntArray], tones: ExactTones, *, by_charge: bool) -> list[Basis]:
    """What the symmetries leave apart; of two sectors that reversal exchanges, one."""
    rows = np.concatenate(layers)
    charge = rows @ tones.h
    sector = rows.sum(axis=1) if tones.complex else np.abs(rows).sum(axis=1) % 2
    keys = np.stack((charge if by_charge else np.zeros_like(charge), sector), axis=1)
    found: list[Basis] = []
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    starts = np.flatnonzero(np.diff(keys[order], axis=0, prepend=np.iinfo(np.int64).min // 2).any(axis=1))
    for members in np.split(order, starts[1:]):
        first, second = keys[members[0]]
        if first == 0 and (second == 0 or not tones.complex):
            found += _reversible(rows[members])
        elif first > 0 or (first == 0 and second > 0):
            found.append(Basis(rows[members], 0, False))
    return found


def _reversible(rows: IntArray) -> list[Basis]:
    lead = has_positive_lead(rows)
    pairs, one = rows[lead > 0], bool(np.any(lead == 0))
    both = [Basis(pairs, 1, one), Basis(pairs, -1, False)]
    return [basis for basis in both if basis.size]


def _filled(
    basis: Basis,
    shifts: IntArray,
    weights: IntArray,
    tones: ExactTones,
    numbers: MomentNumbers,
    localiser: int | None,
) -> Block:
    """The block of a basis: every product of two of its elements times every term of a polynomial."""
    rows, last = basis.rows, len(basis.rows)
    i, j = np.tril_indices(last)
    if basis.sign == 0:
        differences, factor = rows[i] - rows[j], np.ones(len(i), np.int64)
        diagonal = np.ones(last)
    else:  # E (c^α ± c^−α)(c^−β ± c^β)
        differences = np.concatenate((rows[i] - rows[j], rows[i] + rows[j]))
        factor = np.repeat([2, 2 * basis.sign], len(i))
        i, j, diagonal = np.tile(i, 2), np.tile(j, 2), np.full(last, 2.0)
    if basis.one:
        i, j = np.append(i, np.full(last + 1, last)), np.append(j, np.arange(last + 1))
        differences = np.concatenate((differences, rows, np.zeros((1, tones.n), np.int64)))
        factor, diagonal = np.append(factor, [2] * last + [1]), np.append(diagonal, 1.0)
    entry, term = _neutral(differences, shifts, tones)
    rows = differences[entry] + shifts[term]
    total = rows.sum(axis=1)
    kept = (total if tones.complex else total % 2) == 0  # what polynomials of different sectors would have more
    rows, entry, term = rows[kept], entry[kept], term[kept]
    moment = numbers.of(rows)
    identity = np.zeros(basis.size) if localiser is None else diagonal
    return Block(basis, localiser, i[entry], j[entry], moment, factor[entry], weights[term], identity)


def _neutral(differences: IntArray, shifts: IntArray, tones: ExactTones) -> tuple[IntArray, IntArray]:
    """Which products of a difference and a shift have an expectation that need not vanish."""
    wanted = -(differences @ tones.h)
    charges = shifts @ tones.h
    order = np.argsort(charges, kind="stable")
    low = np.searchsorted(charges[order], wanted, "left")
    count = np.searchsorted(charges[order], wanted, "right") - low
    entry = np.repeat(np.arange(len(differences)), count)
    within = np.arange(len(entry)) - np.repeat(np.cumsum(count) - count, count)
    return entry, order[np.repeat(low, count) + within]
