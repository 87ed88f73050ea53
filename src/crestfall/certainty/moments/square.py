"""One sum of squares of a proof, with the polynomials that are squared: what a program is built from again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from crestfall.certainty.moments.cost import Step, can_be_built
from crestfall.certainty.moments.derivatives import free_monomials, program_with_rows, sums_of
from crestfall.certainty.moments.localiser import localisers
from crestfall.certainty.moments.program import Basis, Block, Program
from crestfall.certainty.moments.tones import ExactTones
from crestfall.problem.arguments import shown
from crestfall.problem.arrays import IntArray

KINDS = {"monomials": 0, "sums": 1, "differences": -1}
"""Polynomials of a square, and the sign of the conjugate (see ``Basis``)."""

_HIGHEST_ORDER = 8
_LARGEST_FACTOR = 2**63


@dataclass(frozen=True)
class Square:
    """The squares of ``p_r = Σ_i factors[i][r] · q_i``, times an inequality, in the average.

    Attributes:
        inequality: Which one: 0, 1, …; ``None`` for 1, which is nowhere negative either.
        kind: What the ``q_i`` are. With the phasors ``c`` of the tones, ``"monomials"`` ``c^α``, ``"sums"``
            ``c^α + c^−α`` and, last, 1, or ``"differences"`` ``c^α − c^−α``; with derivatives always ``"monomials"``.
        exponents: The ``α`` of each ``q_i``; for an inequality between derivatives, the component comes first.
        factors: An integer for each ``q_i`` and each square.
    """

    inequality: int | None
    kind: str
    exponents: tuple[tuple[int, ...], ...]
    factors: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, block: Block, factor: IntArray) -> Square:
        """The square of a block of a program, with its ``(size, rank)`` factor."""
        rows = [tuple(row) for row in block.basis.rows.tolist()]
        if block.basis.one:
            rows.append((0,) * block.basis.rows.shape[1])
        kind = next(kind for kind, sign in KINDS.items() if sign == block.basis.sign)
        return cls(block.localiser, kind, tuple(rows), tuple(tuple(row) for row in factor.tolist()))

    @property
    def matrix(self) -> IntArray:
        """The factors as ``(size, rank)``."""
        return np.array(self.factors, np.int64).reshape(len(self.factors), -1)


def require_squares(squares: Sequence[Square], tones: ExactTones, step: Step) -> None:
    """Raise unless the squares are of polynomials that the program of these tones can have.

    Raises:
        ValueError: They are not; the message says what is wrong with which.
    """
    order, derivatives = step
    if not 0 < order <= _HIGHEST_ORDER or derivatives < 0 or not can_be_built(tones, step):
        raise ValueError(f"a proof of order {order} with {derivatives} derivatives cannot be one of {tones.n} tones")
    if derivatives == 1:
        raise ValueError("derivatives is 1; the inequality between derivatives needs 2 of them, or none at all")
    width = derivatives + 1 if derivatives else tones.n
    halves = [1] * (derivatives - 1) if derivatives else [each.half_degree for each in localisers(tones)]
    seen: set[tuple[int | None, str, tuple[int, ...]]] = set()
    highest = 0
    for number, square in enumerate(squares):
        name = f"squares[{number}]"
        if square.inequality is not None and not 0 <= square.inequality < len(halves):
            raise ValueError(f"{name}: there is no inequality {square.inequality}; these tones have {len(halves)}")
        most = order - (0 if square.inequality is None else halves[square.inequality])
        _require_sizes(name, square, width + bool(derivatives and square.inequality is not None))
        degrees = _degrees(name, square, derivatives)
        if max(degrees) > most:
            raise ValueError(f"{name}: a polynomial has degree {max(degrees)}, more than {most} of order {order}")
        keys = {(square.inequality, square.kind, row) for row in square.exponents}
        if len(keys) < len(square.exponents) or keys & seen:
            raise ValueError(f"{name}: a polynomial is there twice")
        seen |= keys
        highest = max(highest, order - most + max(degrees))
    if highest != order:
        raise ValueError(f"order is {order}, but the polynomials are of order {highest}")


def program_of(squares: Sequence[Square], tones: ExactTones, step: Step) -> Program:
    """The program of these tones with a matrix for each of the squares, which ``require_squares`` has accepted."""
    if step.derivatives:
        chosen = [(square.inequality, square.exponents) for square in squares]
        return program_with_rows(tones, sums_of(tones, step.derivatives), step.order, chosen)
    return Program.with_bases(tones, step.order, [(square.inequality, _basis(square, tones.n)) for square in squares])


def scales_of(tones: ExactTones, step: Step) -> tuple[int, ...]:
    """Powers of two that the inequalities between phasors are divided by in a program, in the unit of the amplitudes.

    Example:
        >>> scales_of(ExactTones.of_numbers(np.array([1, 2]), [0.5, 2.0], False), Step(2))
        (2,)
    """
    if step.derivatives:
        return ()
    power = tones.unit.numerator.bit_length() - tones.unit.denominator.bit_length()
    return tuple(each.degree * power + each.size.bit_length() - 1 for each in localisers(tones))


def unknowns_of(step: Step) -> tuple[tuple[int, ...], ...]:
    """Exponents of the averages of derivatives that a program has as unknowns, 1 among them; none for phasors.

    Example:
        >>> unknowns_of(Step(2, 2))[:3]
        ((0, 0, 0), (0, 0, 4), (1, 0, 3))
    """
    return tuple(free_monomials(step.derivatives, step.order)) if step.derivatives else ()


def _basis(square: Square, n: int) -> Basis:
    one = square.kind == "sums" and not any(square.exponents[-1])
    rows = square.exponents[: len(square.exponents) - one]
    return Basis(np.array(rows, np.int64).reshape(len(rows), n), KINDS[square.kind], one)


def _require_sizes(name: str, square: Square, width: int) -> None:
    size, ranks = len(square.exponents), {len(row) for row in square.factors}
    if square.kind not in KINDS:
        raise ValueError(f"{name}: kind is {shown(square.kind)}; it is one of {', '.join(KINDS)}")
    if not size or any(len(row) != width for row in square.exponents):
        raise ValueError(f"{name}: every row of exponents must have {width} numbers")
    if len(square.factors) != size or len(ranks) != 1 or max(ranks) > size:
        raise ValueError(f"{name}: factors must have {size} rows of one length, at most {size}")
    if any(abs(value) >= _LARGEST_FACTOR for value in chain.from_iterable(square.factors)):
        raise ValueError(f"{name}: a factor has more than 63 bits")


def _degrees(name: str, square: Square, derivatives: int) -> list[int]:
    if not derivatives:
        if square.kind == "sums" and not all(map(any, square.exponents[:-1])):
            raise ValueError(f"{name}: the exponents of 1 come last")
        return [sum(map(abs, row)) for row in square.exponents]
    multiplied = square.inequality is not None
    if square.kind != "monomials" or any(value < 0 for row in square.exponents for value in row):
        raise ValueError(f"{name}: polynomials in derivatives are monomials with exponents from 0")
    if multiplied and any(row[0] > 1 for row in square.exponents):
        raise ValueError(f"{name}: there are the components 0 and 1")
    rows = [row[1:] if multiplied else row for row in square.exponents]
    components = [row[0] if multiplied else 0 for row in square.exponents]
    taken = [sum(k * e for k, e in enumerate(row)) + c for row, c in zip(rows, components, strict=True)]
    if len({(sum(row) % 2, order % 2) for row, order in zip(rows, taken, strict=True)}) > 1:
        raise ValueError(f"{name}: all monomials must have one parity of degree and of derivatives")
    return [sum(row) for row in rows]
