r"""Constrained phases as a linear map of free ones: :math:`θ_k = θ_{0,k} + s_k\, φ_{v(k)}`.

Held, linked, mirrored and delayed tones are all of this kind: each phase depends on at most one free variable.
Gradients follow by the transpose, :math:`∂f/∂φ_v = \sum_{k: v(k)=v} s_k\, ∂f/∂θ_k`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import NamedTuple

import numpy as np
from scipy import sparse

from crestfall.problem.arrays import Array, ComparedByValue, FloatArray, IntArray

_ANGLE = 1e-9
_LARGEST_DENOMINATOR = 10**6
_LONGEST_SCAN = 2**16


class Relation(NamedTuple):
    r"""``θ_tone = factor · θ_other + offset`` [rad]; without ``other`` the phase is held at ``offset``."""

    tone: int
    other: int | None
    factor: float
    offset: float
    reason: str
    """The constraint that asks for it, in words, for the error when two of them contradict."""


@dataclass(frozen=True, eq=False)
class PhaseMap(ComparedByValue):
    """Free variables to phases.

    Attributes:
        offsets: ``(n,)`` ``θ₀`` [rad].
        slopes: ``(n,)`` ``s``, 0 for a held phase.
        variables: ``(n,)`` number ``v`` of the variable, 0 for a held phase.
        ranges: ``(n_free,)`` range of each variable after which all its phases have made whole turns.

    Example:
        >>> phase_map = PhaseMap.of(3, [Relation(2, 0, -1.0, 0.0, "mirror"), Relation(1, None, 0.0, 0.5, "hold")])
        >>> phase_map.n_free, phase_map.phases(np.array([0.3])).tolist()
        (1, [0.3, 0.5, -0.3])
    """

    offsets: FloatArray
    slopes: FloatArray
    variables: IntArray
    ranges: FloatArray

    @classmethod
    def of(cls, n: int, relations: Iterable[Relation]) -> PhaseMap:
        """The map of all phases ``(n,)`` that fulfil the relations.

        Raises:
            ValueError: Two relations contradict each other.
        """
        build = _Elimination(n)
        for relation in relations:
            build.impose(relation)
        return build.result()

    @property
    def n_free(self) -> int:
        """Number of free variables."""
        return len(self.ranges)

    @property
    def is_identity(self) -> bool:
        """Whether every phase is free."""
        return self.n_free == len(self.offsets) and bool(np.all(self.slopes == 1.0) and not self.offsets.any())

    @cached_property
    def matrix(self) -> sparse.csr_array:
        """``(n, n_free)`` matrix ``L`` of the map."""
        rows = np.flatnonzero(self.slopes)
        shape = (len(self.offsets), self.n_free)
        return sparse.csr_array((self.slopes[rows], (rows, self.variables[rows])), shape=shape)

    def phases(self, free: Array) -> Array:
        """``(…, n_free)`` variables to ``(…, n)`` phases [rad]."""
        if self.is_identity:
            return free
        if not self.n_free:
            return np.broadcast_to(self.offsets, (*free.shape[:-1], len(self.offsets)))
        return self.offsets + self.slopes * free[..., self.variables]

    def pull(self, gradient: Array) -> Array:
        """Gradients by the phases ``(…, n)`` to gradients by the variables ``(…, n_free)``."""
        return gradient if self.is_identity else gradient @ self.matrix

    def nearest(self, phases: FloatArray) -> FloatArray:
        r"""``(n_free,)`` variables whose phases agree best with the given ones ``(n,)`` [rad], whole turns not counted.

        .. math:: \max_{φ_v} \sum_{k: v(k)=v} \cos(θ_k - θ_{0,k} - s_k φ_v)
        """
        if self.is_identity:
            return phases
        rest = phases - self.offsets
        live = np.flatnonzero(self.slopes)
        order = live[np.argsort(self.variables[live], kind="stable")]
        groups = np.split(order, np.flatnonzero(np.diff(self.variables[order])) + 1) if len(order) else []
        fits = zip(groups, self.ranges, strict=True)
        return np.array([_best_agreement(rest[group], self.slopes[group], span) for group, span in fits])


def _best_agreement(angles: FloatArray, slopes: FloatArray, span: float) -> float:
    """``φ`` that maximises ``Σ cos(angle_k − slope_k φ)``."""
    size = np.abs(slopes)
    if np.ptp(size) <= 1e-12 * size[0]:  # one tone, or linked and mirrored ones: the mean on the circle
        return float(np.angle(np.sum(np.exp(1j * np.sign(slopes) * angles))) / size[0])
    # The whole span in steps that are short for the fastest tone, and then Newton's method.
    steps = 16 * float(size.max()) * span / (2.0 * np.pi)
    scan = np.linspace(0.0, span, int(min(steps + 16, _LONGEST_SCAN)), endpoint=False)
    agreement = np.zeros(len(scan))
    for angle, slope in zip(angles, slopes, strict=True):
        agreement += np.cos(angle - slope * scan)
    best = float(scan[int(np.argmax(agreement))])
    for _ in range(8):
        differences = angles - slopes * best
        curvature = float(np.sum(slopes**2 * np.cos(differences)))
        if curvature <= 0.0:
            break
        best += float(np.sum(slopes * np.sin(differences))) / curvature
    return best


class _Elimination:
    """Variables and rows while relations are imposed one by one; a dead variable has no rows."""

    def __init__(self, n: int) -> None:
        self.offsets, self.slopes, self.variables = np.zeros(n), np.ones(n), np.arange(n)
        self.reasons = [""] * n

    def impose(self, relation: Relation) -> None:
        """Make the map obey one more relation ``s_k φ_a − f s_j φ_b = r``."""
        k = relation.tone
        a, left = self.variables[k], self.slopes[k]
        rest = relation.offset - self.offsets[k]
        if relation.other is None:
            b, right = a, 0.0
        else:
            j = relation.other
            b, right = self.variables[j], relation.factor * self.slopes[j]
            rest += relation.factor * self.offsets[j]
        if left != 0.0 and right != 0.0 and a == b:
            left, right = left - right, 0.0
        if left == 0.0 and right == 0.0:
            if abs(np.angle(np.exp(1j * rest))) > _ANGLE:
                before = self.reasons[k] or "an earlier constraint"
                raise ValueError(f"{relation.reason} contradicts {before}, by {abs(rest):.6g} rad; give up one of them")
            return
        self.reasons[k] = relation.reason
        if left != 0.0:  # φ_a = (right φ_b + rest) / left
            self._replace(a, b, right / left, rest / left)
        else:  # φ_b = −rest / right
            self._replace(b, b, 0.0, -rest / right)

    def _replace(self, variable: int, by: int, factor: float, offset: float) -> None:
        """Put ``factor · φ_by + offset`` for a variable, in all rows that have it."""
        rows = (self.variables == variable) & (self.slopes != 0.0)
        self.offsets[rows] += self.slopes[rows] * offset
        self.slopes[rows] *= factor
        self.variables[rows] = by

    def result(self) -> PhaseMap:
        live = self.slopes != 0.0
        used, numbers = np.unique(self.variables[live], return_inverse=True)
        variables = np.zeros(len(live), dtype=np.int64)
        variables[live] = numbers
        # In units in which the phases of a variable move by one radian in the root mean square: a delay moves high
        # tones much farther than low ones, and solvers take all variables for alike.
        counts = np.bincount(numbers, minlength=len(used))
        units = np.sqrt(np.bincount(numbers, self.slopes[live] ** 2, len(used)) / np.maximum(counts, 1))
        slopes = self.slopes.copy()
        turns = np.ones(len(used))
        for variable in np.unique(numbers[slopes[live] % 1.0 != 0.0]):
            turns[variable] = _whole_turns(slopes[live][numbers == variable])
        slopes[live] /= units[numbers]
        return PhaseMap(self.offsets, slopes, variables, 2.0 * np.pi * turns * units)


def _whole_turns(slopes: FloatArray) -> float:
    """Least number of turns of a variable after which all phases have made whole turns."""
    turns = 1
    for slope in slopes:
        turns = lcm(turns, Fraction(float(slope)).limit_denominator(_LARGEST_DENOMINATOR).denominator)
        if turns > _LARGEST_DENOMINATOR:
            return float(_LARGEST_DENOMINATOR)
    return float(turns)
