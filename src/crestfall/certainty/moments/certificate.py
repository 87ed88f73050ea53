r"""Squares of polynomials that prove a peak, and what they prove in exact arithmetic.

For matrices ``B_k`` of a program (see ``program``) and any ``F_k``, :math:`\sum_k \langle F_k F_k^T, B_k\rangle \ge
0` at every ``M`` that phases can reach. It is a sum :math:`\sum_\alpha (u_\alpha + m\,w_\alpha)\,y_\alpha` with ``m =
M²``, of which
:math:`\sum_\alpha w_\alpha y_\alpha \ge 0`, being the expectation of something nowhere negative. No moment is above 1.
So an ``m`` with

.. math:: u_0 + m\,w_0 + \sum_{\alpha\ne0} |u_\alpha + m\,w_\alpha| < 0

is less than every ``M²``: a smaller ``M²`` would make the sum smaller still. The ``F_k`` are integers, and so is all
that is computed from them here: the solver that found them need not be trusted, and nothing is rounded but the last
root.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt, nextafter

import numpy as np

from crestfall.certainty.moments.program import Program
from crestfall.problem.arrays import FloatArray, IntArray

_BITS = 34
_NEGLIGIBLE = 1e-11


@dataclass(frozen=True)
class Certificate:
    """A proof of a lower bound.

    Attributes:
        order: Order of the program.
        squares: For each of its matrices an integer ``(size, rank)`` factor.
        bound: What it proves: ``M²`` is above this, in the units of the program.
        derivatives: Highest derivative of the program; 0 for moments of phasors.
    """

    order: int
    squares: tuple[IntArray, ...]
    bound: Fraction
    derivatives: int = 0


def certificate(program: Program, duals: list[FloatArray], solved_at: float, at_most: float) -> Certificate | None:
    """The dual matrices as squares of integers, with what they prove; ``None`` where that is nothing.

    Args:
        program: The conditions.
        duals: A symmetric matrix for each block, positive semidefinite to rounding.
        solved_at: ``m`` for which they were found.
        at_most: The largest ``m`` to be tried.
    """
    squares = tuple(_rounded(dual) for dual in duals)
    fixed, rising = coefficients(program, squares)
    low, high = Fraction(solved_at), Fraction(at_most)
    if not _is_proved(program, fixed, rising, low):
        return None
    while high - low > low / 2**24:  # what is proved is an interval of m, since the condition is convex
        middle = (low + high) / 2
        low, high = (middle, high) if _is_proved(program, fixed, rising, middle) else (low, middle)
    return Certificate(program.order, squares, low, program.derivatives)


def is_valid(program: Program, proof: Certificate) -> bool:
    """Whether the squares prove the bound, computed in integers.

    Raises:
        ValueError: The squares are not those of this program.
    """
    return proof.bound > 0 and _is_proved(program, *coefficients(program, proof.squares), proof.bound)


def _rounded(dual: FloatArray) -> IntArray:
    values, vectors = np.linalg.eigh(0.5 * (dual + dual.T))
    kept = values > _NEGLIGIBLE
    return np.rint(np.ldexp(vectors[:, kept] * np.sqrt(values[kept]), _BITS)).astype(np.int64)


def coefficients(program: Program, squares: tuple[IntArray, ...]) -> tuple[np.ndarray, np.ndarray]:
    """``u`` and ``w``, ``(moments,)`` Python integers over a common power of two.

    Raises:
        ValueError: The squares are not those of this program.
    """
    if [len(square) for square in squares] != [block.size for block in program.blocks]:
        raise ValueError("the squares have not the sizes of the programme's matrices")
    fixed, rising = (np.zeros(program.moments, dtype=object) for _ in range(2))
    for block, square in zip(program.blocks, squares, strict=True):
        whole = square.astype(object)
        gram = whole @ whole.T if whole.size else np.zeros((block.size, block.size), dtype=object)
        doubled = np.where(block.i == block.j, 1, 2) * block.factor
        weighted = gram[block.i, block.j] * doubled.astype(object)
        np.add.at(fixed, block.moment, weighted * program.constant[block.weight])
        np.add.at(rising, block.moment, weighted * program.linear[block.weight])
    return fixed, rising


def _is_proved(program: Program, fixed: np.ndarray, rising: np.ndarray, m: Fraction) -> bool:
    highest = int(program.half_degrees.max())
    powers = [m.numerator**k * m.denominator ** (highest - k) for k in range(highest + 1)]
    values = fixed * m.denominator + rising * m.numerator
    others = zip(values[1:], program.half_degrees[1:], strict=True)
    return bool(values[0] * powers[0] + sum(abs(value) * powers[k] for value, k in others) < 0)


def root_below(square: Fraction) -> float:
    """A float at most the root of a fraction, and near it.

    Example:
        >>> root_below(Fraction(2)) ** 2 <= 2.0, round(root_below(Fraction(2)), 12)
        (True, 1.414213562373)
    """
    shift = max(0, 128 + square.denominator.bit_length() - square.numerator.bit_length())
    shift += shift % 2
    scaled = isqrt((square.numerator << shift) // square.denominator)
    return nextafter(float(Fraction(scaled, 1 << (shift // 2))), 0.0)
