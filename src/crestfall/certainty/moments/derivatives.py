r"""Conditions on a signal and its derivatives at one instant: for real tones, however many there are.

Let ``K`` be the highest angular frequency and :math:`x_k = x^{(k)}/K^k`. By Bernstein and Szegő
:math:`f = x_k\cos\varphi + x_{k+1}\sin\varphi` is nowhere above ``M``, and, being band-limited, too, obeys
:math:`f^2 + f'^2/K^2 \le M^2`. For all ``φ`` together that is

.. math:: M^2 I - \begin{pmatrix} x_k & x_{k+1} \\ x_{k+1} & x_{k+2} \end{pmatrix}^2 \succeq 0

Averages over time of monomials :math:`y_e = \overline{\prod_k x_k^{e_k}}` are unknown, but

- those of degree 2 are known from the amplitudes: :math:`\overline{x_i x_j} = \pm\tfrac12\sum_k a_k^2 (h_k/K)^{i+j}`,
  or 0 for odd ``i + j``;
- the average of a derivative is 0: with :math:`p' = \sum_k (\partial p/\partial x_k)\, x_{k+1}`, integration by parts
  expresses many of them by others;
- those with an odd number of derivatives, or of odd degree, vanish after averaging with :math:`x(-t)` and :math:`-x`;
- :math:`|y_e| \le M^{\deg}`.

As with phasors (see ``program``), :math:`E|p|^2 \ge 0` for polynomials ``p`` in :math:`x_0 \dots x_r`, and the matrix
above between two such polynomials is not negative in the average. The conditions do not grow with the number of
tones, which only enters through sums of powers of their frequencies.

At degree 2 this cannot beat Bernstein and Szegő's bound for very many tones (see ``docs/bounds.md``); from degree 4 on
it does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from math import lcm

import numpy as np

from crestfall.certainty.moments.program import Basis, Block, Program
from crestfall.certainty.moments.tones import ExactTones

Monomial = tuple[int, ...]
Polynomial = dict[Monomial, Fraction]
Pair = tuple[Fraction, Fraction]


def derivative_program(tones: ExactTones, derivatives: int, order: int) -> Program:
    """The conditions for real tones, in units in which the signal's power is 1: ``m`` is the squared crest factor.

    Args:
        tones: The tones.
        derivatives: Highest derivative ``r``.
        order: Half the highest degree of a monomial.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> program = derivative_program(ExactTones.of(Multisine.harmonics(range(1, 1001))), 3, 2)
        >>> program.moments, max(block.size for block in program.blocks)
        (14, 7)
    """
    return program_of_sums(tones, sums_of(tones, derivatives), order)


def sums_of(tones: ExactTones, derivatives: int) -> list[Fraction]:
    """Means of ``(h/K)^(2j)``, ``j = 0 … derivatives``, weighted with the power of the tones.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> sums_of(ExactTones.of(Multisine.harmonics([1, 2])), 1)
        [Fraction(1, 1), Fraction(5, 8)]
    """
    squares, top = [a * a for a in tones.a], tones.band
    sums = []
    for j in range(derivatives + 1):
        weighted = sum(s * int(h) ** (2 * j) for s, h in zip(squares, tones.h, strict=True))
        sums.append(Fraction(weighted, sum(squares) * top ** (2 * j)))
    return sums


def program_of_sums(tones: ExactTones, sums: Sequence[Fraction], order: int) -> Program:
    """The conditions for signals with these means of ``(h/K)^(2j)``, weighted with the power of the tones.

    Args:
        tones: Tones of which nothing but the power is used.
        sums: The means, ``j = 0 … r``; the first is 1.
        order: Half the highest degree of a monomial.
    """
    derivatives = len(sums) - 1
    chosen: list[tuple[int | None, list[Monomial]]] = []
    for odd_degree in (0, 1):
        for odd_derivatives in (0, 1):
            rows = [
                monomial
                for degree in range(odd_degree, order + 1, 2)
                for monomial in _monomials(derivatives, degree)
                if _order_of(monomial) % 2 == odd_derivatives
            ]
            chosen.append((None, rows))
            # The second component has one derivative more, and the parity of its factor makes up for it.
            pairs = [
                (component, *monomial)
                for component in (0, 1)
                for degree in range(odd_degree, order, 2)
                for monomial in _monomials(derivatives, degree)
                if (_order_of(monomial) + component) % 2 == odd_derivatives
            ]
            chosen += [(localiser, pairs) for localiser in range(derivatives - 1)]
    return program_with_rows(tones, sums, order, [(localiser, rows) for localiser, rows in chosen if rows])


def program_with_rows(
    tones: ExactTones, sums: Sequence[Fraction], order: int, chosen: Sequence[tuple[int | None, Sequence[Monomial]]]
) -> Program:
    """The conditions on any polynomials, given by their monomials.

    Args:
        tones: As for ``program_of_sums``.
        sums: Likewise.
        order: Half the highest degree of a monomial.
        chosen: Monomials of one parity, alone, or with the component first and the ``k`` of the matrix between them.
    """
    derivatives, known = len(sums) - 1, _quadratic(sums)
    free = free_monomials(derivatives, order)
    number = {monomial: k for k, monomial in enumerate(free)}
    weights: dict[Pair, int] = {}
    blocks = [_block(rows, localiser, known, number, weights) for localiser, rows in chosen]
    scale = lcm(*(value.denominator for pair in weights for value in pair))
    constant, linear = (np.array([int(pair[k] * scale) for pair in weights], dtype=object) for k in (0, 1))
    exponents = np.array(free, np.int64)
    half = exponents.sum(axis=1) // 2
    return Program(tones, order, blocks, exponents, constant, linear, scale, derivatives, half, tones.power)


def free_monomials(derivatives: int, order: int) -> list[Monomial]:
    """1, and the monomials whose averages are the unknowns."""
    free = [(0,) * (derivatives + 1)]
    for degree in range(4, 2 * order + 1, 2):
        free += _free(derivatives, degree)
    return free


def _quadratic(sums: Sequence[Fraction]) -> Polynomial:
    """Averages of the monomials of degree 2, over the power."""
    known = {}
    for monomial in _monomials(len(sums) - 1, 2):
        i, j = (k for k, exponent in enumerate(monomial) for _ in range(exponent))
        if (i + j) % 2 == 0:
            known[monomial] = (-1) ** ((j - i) // 2) * sums[(i + j) // 2]
    return known


@cache
def _monomials(derivatives: int, degree: int) -> tuple[Monomial, ...]:
    if derivatives == 0:
        return ((degree,),)
    return tuple((*rest, top) for top in range(degree + 1) for rest in _monomials(derivatives - 1, degree - top))


def _order_of(monomial: Monomial) -> int:
    """Number of derivatives taken in all."""
    return sum(k * exponent for k, exponent in enumerate(monomial))


def _derivative(monomial: Monomial) -> Iterator[tuple[Monomial, int]]:
    for k, exponent in enumerate(monomial):
        if exponent:
            changed = list(monomial)
            changed[k] -= 1
            changed[k + 1] += 1
            yield tuple(changed), exponent


@cache
def _reductions(derivatives: int, degree: int) -> dict[Monomial, Polynomial]:
    """Each monomial of an even degree above 2 by those that integration by parts leaves, in rational numbers."""
    even = [monomial for monomial in _monomials(derivatives, degree) if _order_of(monomial) % 2 == 0]
    # What has its highest derivative once is integrated first; then what has high derivatives.
    even.sort(key=lambda m: (m[_top(m)] != 1, -_top(m), [-e for e in reversed(m)]))
    place = {monomial: k for k, monomial in enumerate(even)}
    pivots: dict[int, dict[int, Fraction]] = {}
    for monomial in _monomials(derivatives, degree):
        if _order_of(monomial) % 2 == 1 and not monomial[derivatives]:
            _eliminate({place[m]: Fraction(c) for m, c in _derivative(monomial)}, pivots)
    solved: dict[int, Polynomial] = {}
    for k in reversed(range(len(even))):
        total: Polynomial = {}
        for other, value in pivots.get(k, {}).items():
            if other != k:
                for m, c in solved[other].items():
                    total[m] = total.get(m, Fraction(0)) - value * c
        solved[k] = {m: c for m, c in total.items() if c} if k in pivots else {even[k]: Fraction(1)}
    return {monomial: solved[k] for k, monomial in enumerate(even)}


def _top(monomial: Monomial) -> int:
    return max(k for k, exponent in enumerate(monomial) if exponent)


def _eliminate(row: dict[int, Fraction], pivots: dict[int, dict[int, Fraction]]) -> None:
    """Gauss: the row, less multiples of the others, becomes the pivot of its first column."""
    while row:
        first = min(row)
        lead = row[first]
        if first not in pivots:
            pivots[first] = {k: value / lead for k, value in row.items()}
            return
        for k, value in pivots[first].items():
            row[k] = row.get(k, Fraction(0)) - lead * value
            if not row[k]:
                del row[k]


def _free(derivatives: int, degree: int) -> list[Monomial]:
    return [monomial for monomial, by in _reductions(derivatives, degree).items() if by == {monomial: Fraction(1)}]


def _reduced(monomial: Monomial, known: Polynomial) -> Polynomial:
    """The average of a monomial, by free ones."""
    degree, one = sum(monomial), (0,) * len(monomial)
    if degree == 0:
        return {one: Fraction(1)}
    return {one: known[monomial]} if degree == 2 else _reductions(len(monomial) - 1, degree)[monomial]


def _block(
    rows: Sequence[Monomial],
    localiser: int | None,
    known: Polynomial,
    number: dict[Monomial, int],
    weights: dict[Pair, int],
) -> Block:
    """The matrix of these monomials; ``localiser`` is the ``k`` of the matrix between them, by the components."""
    parts = [(0, row) if localiser is None else (row[0], row[1:]) for row in rows]
    terms: list[tuple[int, int, int, int]] = []
    for i, (row, first) in enumerate(parts):
        for j, (column, second) in enumerate(parts[: i + 1]):
            total: dict[Monomial, Pair] = {}
            for exponents, constant, linear in _factors(len(first), localiser, row, column):
                product = tuple(a + b + c for a, b, c in zip(first, second, exponents, strict=True))
                for monomial, value in _reduced(product, known).items():
                    before = total.get(monomial, (Fraction(0), Fraction(0)))
                    total[monomial] = (before[0] + value * constant, before[1] + value * linear)
            terms += [
                (i, j, number[monomial], weights.setdefault(pair, len(weights)))
                for monomial, pair in total.items()
                if any(pair)
            ]
    columns = np.array(terms, np.int64).reshape(-1, 4).T
    basis = Basis(np.array(rows, np.int64), 0, False)
    factor = np.ones(len(terms), np.int64)
    return Block(basis, localiser, columns[0], columns[1], columns[2], factor, columns[3], np.ones(len(rows)))


def _factors(length: int, localiser: int | None, row: int, column: int) -> list[tuple[Monomial, int, int]]:
    """An entry of the matrix of the module's text: exponents, constant, and factor of ``m``."""
    one = (0,) * length
    if localiser is None:
        return [(one, 1, 0)]

    def product(i: int, j: int) -> tuple[Monomial, int, int]:
        return tuple((k == localiser + i) + (k == localiser + j) for k in range(length)), -1, 0

    if row == column:
        return [(one, 0, 1), product(row, row), product(row + 1, row + 1)]
    return [product(0, 1), product(1, 2)]
