"""What proves that given phases are a local minimum of the peak, however they were found."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, pi

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from crestfall._types import FloatArray, IntArray
from crestfall.goal import Goal
from crestfall.multisine import Multisine
from crestfall.polish.curvature import free_curvature
from crestfall.polish.stack import APART, Stack, signal_of

_SCAN = 4.0
_LISTED = 1e-9


@dataclass(frozen=True)
class Certificate:
    r"""First- and second-order conditions of a local minimax at given phases.

    Phases are stationary when a convex combination of the gradients of the active peaks vanishes,
    :math:`\sum_i \lambda_i \nabla_\theta |x(t_i)| = 0` with :math:`\lambda \ge 0, \sum\lambda = 1`: no direction
    lowers all of them. The arrays list the peaks with a multiplier, ``(m,)`` each.

    Attributes:
        peak: The highest peak, in the unit of the amplitudes.
        times: When the active peaks occur [s], within the first period (of the envelope, for complex signals).
        heights: How high they are.
        signs: Their signs ±1, or directions ``z/|z|`` for complex signals.
        outputs: Number of the goal's output that each belongs to; 0 for the drive.
        multipliers: ``λ``.
        residual: Least ``‖Σ λ_i ∇|x(t_i)|‖₂ / peak`` over all ``λ``, gradients by the phases in radians.
        spread: ``(peak − lowest active height) / peak``.
        free_directions: Directions in which no active peak changes to first order, symmetries left out; 0 is a vertex.
        least_curvature: Smallest eigenvalue, per peak, of the Lagrangian's Hessian on them; infinite at a vertex.
    """

    peak: float
    times: FloatArray
    heights: FloatArray
    signs: NDArray[np.complex128]
    outputs: IntArray
    multipliers: FloatArray
    residual: float
    spread: float
    free_directions: int
    least_curvature: float

    @property
    def is_stationary(self) -> bool:
        """First order: residual and spread are at most 1e-8."""
        return self.residual <= 1e-8 and self.spread <= 1e-8

    @property
    def is_strict_minimum(self) -> bool:
        """Stationary, and a vertex or curved upwards: sufficient for a strict local minimum up to symmetries."""
        return self.is_stationary and self.least_curvature > 0


def certify(ms: Multisine, phases: FloatArray, *, goal: Goal | None = None, within: float = 1e-8) -> Certificate:
    """Certificate of given phases, from nothing but the tones and the phases.

    Args:
        ms: The tones, no frequency twice.
        phases: ``(n,)`` phases [rad].
        goal: What is to be small, and which phases are allowed; the drive's true peak by default. With outputs all
            heights are relative to their limits, and all gradients are by the free variables of the constraints.
        within: Peaks within this relative distance of the highest count as candidates.

    Raises:
        ValueError: A frequency occurs twice, or the measure is a range or one-sided.

    Example:
        >>> found = certify(Multisine([1.0, 2.0]), np.array([0.0, np.pi / 2]))
        >>> found.is_strict_minimum, len(found.times), round(found.peak, 6)
        (True, 2, 1.760173)
    """
    if ms.has_repeated_frequencies:
        raise ValueError("frequencies occur twice; a certificate needs distinct ones, add up the tones of each first")
    goal = goal or Goal()
    if goal.measure not in ("peak", "envelope"):
        raise ValueError(f"measure is {goal.measure!r}; a certificate is about 'peak' or 'envelope'")
    stack = Stack.of(ms, goal)
    variables = stack.phase_map.nearest(ms.require_phases(phases))
    peaks = stack.peaks(variables, within, oversampling=_SCAN)
    top = float(peaks.heights.max())
    rows = stack.slopes(peaks) / top
    weights, _ = nnls(np.vstack([rows.T, np.ones(len(rows))]), np.append(np.zeros(rows.shape[1]), 1.0))
    active = weights > _LISTED
    peaks, multipliers = peaks.pick(active), weights[active] / weights[active].sum()
    curvatures, _ = free_curvature(stack, peaks, multipliers)
    return Certificate(
        peak=top,
        times=peaks.times % APART / (2.0 * pi) * ms.period / _repeats(ms, goal),
        heights=peaks.heights,
        signs=peaks.signs,
        outputs=signal_of(peaks.times),
        multipliers=multipliers,
        residual=float(np.linalg.norm(multipliers @ rows[active])),
        spread=1.0 - float(peaks.heights.min()) / top,
        free_directions=len(curvatures),
        least_curvature=float(curvatures[0]) if len(curvatures) else inf,
    )


def _repeats(ms: Multisine, goal: Goal) -> int:
    """How often a complex envelope repeats in one period of the signal: its angle counts the first time only."""
    if not goal.is_about_magnitudes(ms) or goal.samples is not None:
        return 1
    return max(int(np.gcd.reduce(ms.harmonic_numbers - ms.harmonic_numbers.min())), 1)
