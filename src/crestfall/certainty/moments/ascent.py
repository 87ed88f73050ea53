"""The largest ``m = M²`` that the conditions of one order exclude, by Newton's method on how far they are violated."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from crestfall.certainty.moments.certificate import Certificate, certificate
from crestfall.certainty.moments.program import Block, Program
from crestfall.certainty.moments.semidefinite import Matrix, Solved, solve
from crestfall.problem.arrays import FloatArray

_CLOSE = 1e-5
_GAP = 0.05
_FIRST_STEP = 1.4
"""The first step of Newton's method is far too short, and may be this much longer."""
_MOST_RATIO = 0.6
"""Later steps are taken for a geometric series, and go to where it ends, with at most this ratio."""
_NEARLY = 0.8
_FURTHEST = 2.5
_MOST_STEPS = 12


def ascend(program: Program, start: float, stop: Callable[[], bool]) -> Iterator[Certificate]:
    """Certificates of rising bounds, until the next one would hardly be higher.

    ``violation(m)`` is the least ``t`` with which all conditions hold when ``t`` times a fixed positive matrix is
    added to each localising one. It falls with ``m`` and, as far as seen, is convex: Newton's steps then come from
    below. Where a step was too long, half of it is tried.

    Args:
        program: The conditions.
        start: ``m`` to begin with, known to be a bound.
        stop: Asked before each iteration.
    """
    low, m, newton, before = start, start, start, 0.0
    for _ in range(_MOST_STEPS):
        matrices = _matrices(program, m)
        solved = solve(matrices, _objective(program), _inside(program, matrices), relative=_GAP, enough=0.0, stop=stop)
        if solved is None:
            return
        if solved.bound <= 0.0:
            m = newton if low < newton < m else 0.5 * (low + m)
            newton = low
            if m - low < _CLOSE * m:
                return
            continue
        gain = solved.bound / _slope(program, solved)
        found = certificate(program, solved.duals, m, m + _FURTHEST * gain)
        if found is not None:
            yield found
            low = max(low, float(found.bound))
        if gain < _CLOSE * m:
            return
        newton = m + gain
        longer = 1.0 / (1.0 - min(gain / before, _MOST_RATIO)) if before else _FIRST_STEP
        m = max(newton if low > m + _NEARLY * gain else m + longer * gain, low * (1.0 + _CLOSE))
        before = gain


def _objective(program: Program) -> FloatArray:
    """The violation, which is the last variable; the others are the moments but ``y_0``."""
    return np.append(np.zeros(program.moments - 1), 1.0)


def _coefficients(program: Program) -> tuple[FloatArray, FloatArray]:
    constant, linear = (np.array([int(c) / program.scale for c in each]) for each in (program.constant, program.linear))
    return constant, linear


def _matrices(program: Program, m: float) -> list[Matrix]:
    constant, linear = _coefficients(program)
    values = constant + m * linear
    return [_matrix(block, values, program.moments - 1) for block in program.blocks]


def _matrix(block: Block, values: FloatArray, last: int) -> Matrix:
    diagonal = np.flatnonzero(block.identity)
    return Matrix(
        block.size,
        np.concatenate((block.i, diagonal)),
        np.concatenate((block.j, diagonal)),
        np.concatenate((block.moment - 1, np.full(len(diagonal), last))),
        np.concatenate((block.factor * values[block.weight], block.identity[diagonal])),
    )


def _inside(program: Program, matrices: list[Matrix]) -> FloatArray:
    """Independent phases, and a violation with which all matrices are positive definite."""
    least = 0.0
    for block, matrix in zip(program.blocks, matrices, strict=True):
        if not block.identity.any():
            continue
        here = matrix.variable == -1
        whole = np.zeros((block.size, block.size))
        np.add.at(whole, (matrix.row[here], matrix.column[here]), matrix.value[here])
        whole += np.tril(whole, -1).T
        roots = np.sqrt(block.identity)
        least = min(least, float(np.linalg.eigvalsh(whole / np.outer(roots, roots))[0]))
    return np.append(np.zeros(program.moments - 1), 0.5 - 1.1 * least)


def _slope(program: Program, solved: Solved) -> float:
    """How fast the violation falls with ``m``."""
    linear = _coefficients(program)[1]
    moments = np.append(1.0, solved.variables[:-1])
    total = 0.0
    for block, dual in zip(program.blocks, solved.duals, strict=True):
        doubled = np.where(block.i == block.j, 1, 2) * block.factor * dual[block.i, block.j]
        total += float(np.sum(doubled * linear[block.weight] * moments[block.moment]))
    return total
