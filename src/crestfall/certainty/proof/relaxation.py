r"""What the peak of every design in a box is at least.

For instants ``t_i``, directions ``ψ_i`` and weights ``λ_i ≥ 0`` with ``Σ λ_i = 1``, every ``θ`` has

.. math:: \mathrm{peak}(θ) \ge \sum_i λ_i \operatorname{Re}(e^{-iψ_i} z(t_i; θ))
          = \sum_k a_k \operatorname{Re}(e^{iθ_k} G_k), \qquad G_k = \sum_i λ_i e^{i(h_k t_i - ψ_i)},

and the least value of the right side over ``|θ_k − c_k| ≤ r_k`` is exact, tone by tone:
``|G_k| cos(min(π, |arg(e^{ic_k} G_k)| + r_k))``. So any instants, directions and weights prove a bound. Good weights
are the multipliers of the linear program that replaces each arc of phases by its chord,
``e^{iδ} → cos r + i y sin r`` with ``|y| ≤ 1``: what is lost is the sagitta ``a_k (1 − cos r_k)``, second order in the
box, while the peak rises to first order around a minimum. So hundreds of boxes are enough for five tones.
"""

from __future__ import annotations

from math import inf, isfinite, pi

import numpy as np

from crestfall.certainty.proof.instants import instants
from crestfall.certainty.proof.interior_point import InteriorPoint
from crestfall.certainty.proof.signal import Signal
from crestfall.problem.arrays import FloatArray, IntArray

_STEPS = 30
_TOLERANCE = 1e-7

_MARGIN = 1e-12
"""Radians by which every box is widened when it is bounded: rounding of centres, half widths and domain leaves no gap
between the boxes (a centre is rounded at each of some hundred cuts, by less than 1e-15 rad)."""

_ARC_MARGIN = 1e-12
"""By how much an arc of excluded phases is made narrower, because of rounding: as a cosine, and in radians."""
_LEAST_SIZE = 1e-300
"""Least magnitude to divide by."""


class Relaxation:
    """Lower bounds of a batch of boxes, with what they say about where to look and what to split.

    Args:
        signal: The tones.
        centre: ``(batch, n)`` phases [rad].
        half: ``(batch, d)`` half widths of the free tones [rad].

    Attributes:
        times: ``(batch, m)`` instants [rad].
        directions: ``(batch, m)`` directions [rad].
        bound: ``(batch,)`` no design in the box has a lower peak; ``−inf`` until ``solve``.
        y: ``(batch, d)`` the minimiser's place on each chord, −1 to 1.
        weight: ``(batch, m)`` the weights of the best bound.
    """

    def __init__(self, signal: Signal, centre: FloatArray, half: FloatArray) -> None:
        self.signal, self.centre, self.half = signal, centre, half
        self.times, self.directions = instants(signal, centre, half)
        at_centre = (signal.a * np.exp(1j * centre))[:, None, :] * np.exp(-1j * self.directions)[..., None]
        self.rows = at_centre * signal.waves_at(self.times)  # (batch, m, n): what tone k adds to height i at the centre
        short = np.minimum(half, pi / 2)  # a chord beyond the half circle would turn back
        self.cos, self.sin = np.cos(short), np.sin(short)
        free = self.rows[..., signal.free]
        self.b = self.rows.real.sum(2) - np.matmul(free.real, (1.0 - self.cos)[..., None])[..., 0]
        self.a = -free.imag * self.sin[:, None, :]
        self.y = np.zeros_like(half)
        self.weight = np.zeros(self.b.shape)
        self.bound = np.full(len(half), -inf)

    def solve(self, threshold: float = inf) -> Relaxation:
        """Raise the bounds until each box is decided: bound ≥ threshold, or no weights can get there."""
        at = np.arange(len(self.b))
        state = InteriorPoint(self.b, self.a)
        for step in range(_STEPS):
            state.step()
            if step < 3 or step % 2 == 0:
                continue
            usable = np.isfinite(state.weight).all(1) & np.isfinite(state.y).all(1)
            if not usable.all():
                at = at[usable]
                state.keep(usable)
            if not at.size:
                break
            bound = self._raise(at, state)
            reachable = (state.b + np.matmul(state.a, state.y[..., None])[..., 0]).max(1)
            undecided = (bound < threshold) & (state.gap > _TOLERANCE * np.abs(reachable))
            if isfinite(threshold):
                undecided &= reachable >= threshold
            if not undecided.any():
                break
            if not undecided.all():
                at = at[undecided]
                state.keep(undecided)
        return self

    def _raise(self, at: IntArray, state: InteriorPoint) -> FloatArray:
        """Take over the method's place and, where they prove more, its weights; what these prove now."""
        weight = state.weight / state.weight.sum(1, keepdims=True)
        bound = self.proven_by(weight, at)
        better = bound > self.bound[at]
        self.bound[at] = np.where(better, bound, self.bound[at])
        self.weight[at] = np.where(better[:, None], weight, self.weight[at])
        self.y[at] = state.y
        return bound

    def proven_by(self, weight: FloatArray, at: IntArray) -> FloatArray:
        """What weights ``(batch, m)``, positive and of sum 1, prove for the boxes ``at``: the exact least value."""
        g = np.matmul(weight[:, None, :], self.rows[at])[:, 0]
        total, free = g.real.sum(1), g[:, self.signal.free]
        turn = np.minimum(np.abs(np.angle(free)) + self.half[at] + _MARGIN, pi)
        return total + (np.abs(free) * np.cos(turn) - free.real).sum(1) - self.signal.rounding

    def candidates(self) -> FloatArray:
        """``(batch, n)`` phases: the minimiser of each program, put back on the circles."""
        phases = self.centre.copy()
        phases[:, self.signal.free] += np.arctan2(self.y * self.sin, self.cos)
        return phases

    def narrowed(self, threshold: float, at: IntArray) -> FloatArray:
        r"""What is left of the boxes ``at``: ``(batch, 2d)`` centres and half widths [rad].

        The smaller boxes hold all designs of those boxes whose peak is below the threshold.
        With the weights of the bound, whatever the other tones do, tone ``k`` of such a design has
        ``a_k |G_k| cos(θ_k + arg G_k) < threshold − (bound − its own least term)``, which an arc of phases violates.
        Where that arc overlaps an end of the range of the tone, that end is cut off.
        """
        signal, half = self.signal, self.half[at]
        g = np.matmul(self.weight[at][:, None, :], self.rows[at])[:, 0][:, signal.free]
        size, angle = np.maximum(np.abs(g), _LEAST_SIZE), np.angle(g)
        least = size * np.cos(np.minimum(np.abs(angle) + half + _MARGIN, pi))
        most = threshold - self.bound[at][:, None] + least
        arc = np.arccos(np.clip(most / size + _ARC_MARGIN, -1.0, 1.0)) - _ARC_MARGIN  # half of its width
        from_low, from_high = _within_half_turn(angle - half), _within_half_turn(angle + half)
        low = -half + np.where(np.abs(from_low) < arc, arc - from_low, 0.0)
        high = half - np.where(np.abs(from_high) < arc, arc + from_high, 0.0)
        circle = (half >= pi) & (arc > 0.0)  # the arc may lie anywhere
        low, high = np.where(circle, arc - angle, low), np.where(circle, 2.0 * pi - arc - angle, high)
        usable = low < high
        low, high = np.where(usable, low, -half), np.where(usable, high, half)
        centre = self.centre[at][:, signal.free] + 0.5 * (low + high)
        return np.concatenate([centre, 0.5 * (high - low)], 1)

    def score(self, at: IntArray, half: FloatArray) -> FloatArray:
        """``(batch, d)`` what halving the range of a tone may gain, for boxes ``at`` of half widths ``(batch, d)`` rad.

        It is the tone's sagitta, weighted by the tone's part in the bound and by ``y``.
        """
        free = self.signal.free
        lean = np.matmul(self.weight[at][:, None, :], self.rows[at][..., free].real)[:, 0].clip(0)
        return (1.0 - np.cos(half)) * (0.5 * self.signal.a[free] + lean) * (1.0 - 0.5 * self.y[at] ** 2)


def _within_half_turn(angle: FloatArray) -> FloatArray:
    """Angles [rad] from −π to π."""
    return (angle + pi) % (2.0 * pi) - pi
