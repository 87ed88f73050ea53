r"""A semidefinite program of many small matrices: least ``b·v`` with ``C_k + Σ v_i A_ki ⪰ 0`` for all ``k``.

Primal-dual interior point with the direction of Helmberg, Kojima and Monteiro and Mehrotra's corrector. It begins at a
strictly feasible ``v``, which the caller has; its dual matrices become feasible on the way. Nothing that is proved
rests on its arithmetic (see ``certificate``).

Source: Helmberg, Rendl, Vanderbei & Wolkowicz, SIAM J. Optim. 6:342, 1996; Mehrotra, SIAM J. Optim. 2:575, 1992.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.linalg
import scipy.sparse

from crestfall.problem.arrays import FloatArray, IntArray

SMALL = 6
"""Up to this size the maps of all matrices are multiplied at once, as sparse ones."""

_MOST_ITERATIONS = 60
_STEP = 0.95


class Matrix(NamedTuple):
    """One matrix: entries ``(row, column)`` with the number of the variable that they multiply; −1 is the constant."""

    size: int
    row: IntArray
    column: IntArray
    variable: IntArray
    value: FloatArray


@dataclass(frozen=True)
class Solved:
    """What the iterations came to.

    Attributes:
        variables: ``(m,)`` values ``v``.
        duals: One symmetric ``(size, size)`` matrix for each of the matrices.
        objective: ``b·v``, not below the least one.
        bound: ``−Σ_k ⟨C_k, X_k⟩``, not above the least one, but for the residual.
        residual: Largest error of a dual equation ``Σ_k ⟨A_ki, X_k⟩ = b_i``.
        converged: Whether gap and residual are within the tolerance.
    """

    variables: FloatArray
    duals: list[FloatArray]
    objective: float
    bound: float
    residual: float
    converged: bool


def solve(
    matrices: list[Matrix],
    objective: FloatArray,
    start: FloatArray,
    *,
    relative: float = 0.0,
    tolerance: float = 1e-7,
    enough: float = -np.inf,
    stop: Callable[[], bool] = lambda: False,
) -> Solved | None:
    """The least ``objective · v``; ``None`` where it was stopped before its duals were of any use.

    Args:
        matrices: The matrices.
        objective: ``(m,)`` coefficients ``b``.
        start: ``(m,)`` values at which all matrices are positive definite.
        relative: Gap, as a share of the objective, that is small enough.
        tolerance: Of the residual, and of a gap that is small enough whatever the objective.
        enough: Objective at which the question is answered: the iterations end below it.
        stop: Asked before each iteration.

    Example:
        >>> one = np.zeros(1, np.int64)   # least v with [[v, 1], [1, v]] ⪰ 0
        >>> at = np.array([0, 1, 1]), np.array([0, 1, 0]), np.array([0, 0, -1]), np.ones(3)
        >>> found = solve([Matrix(2, *at)], np.ones(1), np.array([3.0]))
        >>> round(found.objective, 6), found.duals[0].round(3).tolist()
        (1.0, [[0.5, -0.5], [-0.5, 0.5]])
    """
    groups = _grouped(matrices, len(objective))
    state = _State(groups, objective, start)
    converged = False
    for _ in range(_MOST_ITERATIONS):
        if stop():
            return None
        value = float(objective @ state.v)
        converged = state.gap() < max(tolerance, relative * abs(value)) and state.residual() < tolerance
        if converged or value < enough:
            break
        try:
            state.advance()
        except np.linalg.LinAlgError:  # at the end of what rounding allows
            break
    duals: list[FloatArray] = [np.zeros((0, 0))] * len(matrices)
    for group, stack in zip(groups, state.x, strict=True):
        for k, number in enumerate(group.members):
            duals[number] = stack[k]
    return Solved(state.v, duals, float(objective @ state.v), state.bound(), state.residual(), converged)


class _Group:
    """All matrices of one size, as stacks ``(count, size, size)``."""

    def __init__(self, members: list[int], matrices: list[Matrix], variables: int) -> None:
        self.members, self.size = members, matrices[members[0]].size
        self.entries = self.size**2
        rows, columns, values = [], [], []
        for k, number in enumerate(members):
            _, i, j, variable, value = matrices[number]
            off = i != j
            place = k * self.entries + np.concatenate((i * self.size + j, j[off] * self.size + i[off]))
            rows.append(np.concatenate((variable, variable[off])) % (variables + 1))  # the constant comes last
            columns.append(place)
            values.append(np.concatenate((value, value[off])))
        shape = (variables + 1, len(members) * self.entries)
        triple = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        whole = scipy.sparse.csr_matrix(triple, shape=shape)
        self.constant = whole[variables].toarray().reshape(-1, self.size, self.size)
        self.map = whole[:variables]
        self.adjoint = self.map.T.tocsr()
        self.own = [] if self.size <= SMALL else [self._own(k) for k in range(len(members))]

    def _own(self, k: int) -> tuple[IntArray, scipy.sparse.csr_matrix, FloatArray]:
        """Which variables matrix ``k`` has, their entries, and the same as ``(size, variables · size)``."""
        part = self.map[:, k * self.entries : (k + 1) * self.entries]
        active = np.flatnonzero(np.diff(part.indptr))
        part = part[active]
        dense = part.toarray().reshape(len(active), self.size, self.size).transpose(1, 0, 2)
        return active, part, np.ascontiguousarray(dense).reshape(self.size, -1)

    def at(self, v: FloatArray) -> FloatArray:
        """The linear part of all matrices."""
        return (self.adjoint @ v).reshape(-1, self.size, self.size)

    def add_schur(self, total: FloatArray, x: FloatArray, inverse: FloatArray) -> None:
        """Add ``⟨A_i, X A_j S⁻¹⟩`` of all matrices."""
        if not self.own:
            count, size = len(x), self.size
            products = np.einsum("kab,kdc->kacbd", x, inverse).reshape(count, size**2, size**2)
            index = np.arange(count)
            middle = scipy.sparse.bsr_matrix((products, index, np.arange(count + 1)))
            total += (self.map @ middle @ self.adjoint).toarray()
            return
        for (active, part, wide), one, other in zip(self.own, x, inverse, strict=True):
            size, count = self.size, len(active)
            product = ((one @ wide).reshape(size * count, size) @ other).reshape(size, count, size)
            product = product.transpose(0, 2, 1).reshape(self.entries, count)
            total[np.ix_(active, active)] += part @ product


def _grouped(matrices: list[Matrix], variables: int) -> list[_Group]:
    sizes: dict[int, list[int]] = {}
    for number, matrix in enumerate(matrices):
        sizes.setdefault(matrix.size, []).append(number)
    return [_Group(members, matrices, variables) for _, members in sorted(sizes.items())]


class _State:
    """The point, and a step of the method."""

    def __init__(self, groups: list[_Group], objective: FloatArray, start: FloatArray) -> None:
        self.groups, self.b, self.v = groups, objective, start.astype(np.float64)
        self.s = [group.constant + group.at(self.v) for group in groups]
        self.x = [np.linalg.inv(s) for s in self.s]
        self.rows = sum(len(group.members) * group.size for group in groups)

    def gap(self) -> float:
        return float(sum(np.sum(x * s) for x, s in zip(self.x, self.s, strict=True)))

    def bound(self) -> float:
        return -float(sum(np.sum(g.constant * x) for g, x in zip(self.groups, self.x, strict=True)))

    def residual(self) -> float:
        return float(np.abs(self.b - self._adjoint(self.x)).max())

    def _adjoint(self, stacks: list[FloatArray]) -> FloatArray:
        return sum((g.map @ x.ravel() for g, x in zip(self.groups, stacks, strict=True)), np.zeros(len(self.b)))

    def advance(self) -> None:
        """One predictor and corrector."""
        lower_s = [_inverse_factor(s) for s in self.s]
        lower_x = [_inverse_factor(x) for x in self.x]
        inverse = [_transposed(one) @ one for one in lower_s]
        schur = np.zeros((len(self.b), len(self.b)))
        for group, x, s in zip(self.groups, self.x, inverse, strict=True):
            group.add_schur(schur, x, s)
        schur = 0.5 * (schur + schur.T)
        np.fill_diagonal(schur, np.diag(schur) * (1.0 + 1e-14))
        factor = scipy.linalg.cho_factor(schur, lower=True, check_finite=False)
        mu = self.gap() / self.rows
        predicted = self._direction(factor, inverse, 0.0, None)
        dx, ds = predicted[1:]
        lengths = _length(lower_s, ds), _length(lower_x, dx)
        after = sum(
            np.sum((x + lengths[1] * a) * (s + lengths[0] * b))
            for x, a, s, b in zip(self.x, dx, self.s, ds, strict=True)
        )
        centring = min(max((after / self.rows / mu) ** 2, 1e-6), 1.0)
        correction = [_symmetric(a @ b @ s) for a, b, s in zip(dx, ds, inverse, strict=True)]
        dv, dx, ds = self._direction(factor, inverse, centring * mu, correction)
        self.v = self.v + _length(lower_s, ds) * dv
        length = _length(lower_x, dx)
        self.x = [x + length * a for x, a in zip(self.x, dx, strict=True)]
        self.s = [group.constant + group.at(self.v) for group in self.groups]

    def _direction(
        self,
        factor: tuple[FloatArray, bool],
        inverse: list[FloatArray],
        target: float,
        correction: list[FloatArray] | None,
    ) -> tuple[FloatArray, list[FloatArray], list[FloatArray]]:
        """The step towards ``X S = target`` times identity."""
        aimed = [target * s for s in inverse]
        if correction is not None:
            aimed = [a - c for a, c in zip(aimed, correction, strict=True)]
        dv = scipy.linalg.cho_solve(factor, self._adjoint(aimed) - self.b, check_finite=False)
        ds = [group.at(dv) for group in self.groups]
        dx = [a - x - _symmetric(x @ d @ s) for a, x, d, s in zip(aimed, self.x, ds, inverse, strict=True)]
        return dv, dx, ds


def _inverse_factor(stack: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(np.linalg.cholesky(stack)), np.float64)


def _transposed(stack: FloatArray) -> FloatArray:
    return np.swapaxes(stack, 1, 2)


def _symmetric(stack: FloatArray) -> FloatArray:
    return 0.5 * (stack + _transposed(stack))


def _length(lower: list[FloatArray], steps: list[FloatArray]) -> float:
    """How far all matrices stay positive definite, from the inverses of their Cholesky factors; at most 1."""
    least = min(
        float(np.linalg.eigvalsh(one @ step @ _transposed(one)).min()) for one, step in zip(lower, steps, strict=True)
    )
    return 1.0 if least >= 0.0 else min(1.0, -_STEP / least)
