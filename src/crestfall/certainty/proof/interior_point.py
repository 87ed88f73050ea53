"""Many small minimax programs at once: ``min M`` subject to ``b_i + A_i y ≤ M`` and ``|y_k| ≤ 1``."""

from __future__ import annotations

import numpy as np

from crestfall.problem.arrays import BoolArray, FloatArray

_STATE = ("b", "a", "g", "y", "top", "weight", "sides", "gap")


class InteriorPoint:
    """A primal-dual interior-point method (Mehrotra's kind, without a corrector), batched over programs.

    Args:
        b: ``(batch, m)`` heights.
        a: ``(batch, m, d)`` slopes.

    Attributes:
        y: ``(batch, d)`` where the method stands.
        top: ``(batch,)`` its ``M``.
        weight: ``(batch, m)`` positive multipliers of the rows.
        gap: ``(batch,)`` total complementarity before the last step: how far ``M`` can still fall.
    """

    def __init__(self, b: FloatArray, a: FloatArray) -> None:
        batch, m, d = a.shape
        self.b, self.a = b, a
        self.g = np.concatenate([a, np.full((batch, m, 1), -1.0)], 2)
        self.y = np.zeros((batch, d))
        self.top = b.max(1) + 0.3 * np.abs(b).max(1)
        self.weight = np.full((batch, m), 1.0 / m)
        start = (self.top[:, None] - b).mean(1) / m
        self.sides = np.broadcast_to(start[:, None, None], (batch, 2, d)).copy()  # multipliers of y ≤ 1 and of −y ≤ 1
        self.gap = np.full(batch, np.inf)

    def keep(self, chosen: BoolArray) -> None:
        """Go on with the chosen programs only."""
        for name in _STATE:
            setattr(self, name, getattr(self, name)[chosen])

    def step(self) -> None:
        """One Newton step towards a tenth of the complementarity (half of it at first).

        A program that rounding has brought to its limit may get a NaN; whoever reads the state has to skip it.
        """
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            self._step()

    def _step(self) -> None:
        d, sign = self.y.shape[1], np.array([[1.0], [-1.0]])
        slack = self.top[:, None] - self.b - np.matmul(self.a, self.y[..., None])[..., 0]
        margin = 1.0 - sign * self.y[:, None, :]
        rows = slack.shape[1] + 2 * d
        mu = ((self.weight * slack).sum(1) + (self.sides * margin).sum((1, 2))) / rows
        target = np.where(np.isinf(self.gap), 0.5 * mu, 0.1 * mu)[:, None]
        self.gap = mu * rows
        move = self._direction(slack, margin, target)
        rise = np.matmul(self.g, move[..., None])[..., 0]
        side = sign * move[:, None, :d]
        weight = target / slack + self.weight / slack * rise - self.weight
        sides = target[..., None] / margin + self.sides / margin * side - self.sides
        primal = 0.95 / np.maximum(np.maximum((rise / slack).max(1), (side / margin).max((1, 2))), 0.95)
        dual = 0.95 / np.maximum(np.maximum((-weight / self.weight).max(1), (-sides / self.sides).max((1, 2))), 0.95)
        self.y += primal[:, None] * move[:, :d]
        self.top += primal * move[:, d]
        self.weight += dual[:, None] * weight
        self.sides += dual[:, None, None] * sides

    def _direction(self, slack: FloatArray, margin: FloatArray, target: FloatArray) -> FloatArray:
        """Newton's direction ``(batch, d + 1)`` of ``(y, M)``."""
        d, sign = self.y.shape[1], np.array([[1.0], [-1.0]])
        ratio = self.weight / slack
        hessian = np.matmul((self.g * ratio[..., None]).transpose(0, 2, 1), self.g)
        every = np.arange(d + 1)
        hessian[:, every[:d], every[:d]] += (self.sides / margin).sum(1)
        hessian[:, every, every] *= 1.0 + 1e-12  # positive definite but for rounding, which must not make it singular
        right = -np.matmul((target / slack)[:, None, :], self.g)[:, 0]
        right[:, :d] -= (sign * target[..., None] / margin).sum(1)
        right[:, d] -= 1.0
        return np.linalg.solve(hessian, right[..., None])[..., 0]
