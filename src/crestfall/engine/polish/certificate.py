"""What proves that given phases are a local minimum of the peak, however they were found."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, pi

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray
from scipy.optimize import nnls

from crestfall.engine.polish.curvature import free_curvature
from crestfall.engine.polish.peaks import Peaks
from crestfall.engine.polish.stack import APART, Stack, signal_of
from crestfall.engine.polish.window_peaks import ANGLE
from crestfall.problem.arrays import ComparedByValue, ComplexArray, FloatArray, IntArray
from crestfall.problem.problem import Problem

_MOST = 5000
"""Peaks of tones that are far between: far more than tones."""
_SCAN = 4.0
_LISTED = 1e-9


@dataclass(frozen=True, eq=False)
class Certificate(ComparedByValue):
    r"""First- and second-order conditions of a local minimax at given phases.

    Phases are stationary when a convex combination of the gradients of the active peaks vanishes,
    :math:`\sum_i \lambda_i \nabla_\theta |x(t_i)| = 0` with :math:`\lambda \ge 0, \sum\lambda = 1`: no direction
    lowers all of them. The arrays list the peaks with a multiplier, ``(m,)`` each.

    For a range they are the maxima and minima of ``x`` less the middle between its largest and smallest value, which is
    one more variable for each output: the multipliers of its maxima and of its minima have the same sum.

    Attributes:
        peak: The highest peak, in the unit of the amplitudes; for a range half of it, for one side its maximum.
        times: When the active peaks occur [s], within the first period (of the envelope, for complex signals).
        heights: How high they are; for a range above or below the middle.
        signs: Their signs ±1, or directions ``z/|z|`` for complex signals; ±1 for ``I`` and ±i for ``Q``, where these
            count.
        outputs: Number of the problem's output that each belongs to; 0 for the drive.
        multipliers: ``λ``.
        residual: Least ``‖Σ λ_i ∇|x(t_i)|‖₂ / peak`` over all ``λ``, gradients by the phases in radians (and by the
            middle in units of the peak).
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


def certify(problem: Problem, phases: npt.ArrayLike, *, within: float = 1e-8) -> Certificate:
    """Certificate of given phases, from nothing but the problem and the phases.

    Args:
        problem: What is to be small: one drive, its amplitudes as they are. With outputs all
            heights are relative to their limits, and all gradients are by the free variables of the constraints.
        phases: ``(n,)`` phases [rad].
        within: Peaks within this relative distance of the highest count as candidates.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> found = certify(Problem(Multisine([1.0, 2.0])), np.array([0.0, np.pi / 2]))
        >>> found.is_strict_minimum, len(found.times), round(found.peak, 6)
        (True, 2, 1.760173)
    """
    stack = Stack.of(problem)
    free = stack.phase_map.nearest(problem.tones.require_phases(phases))
    if stack.follows_tops:  # a scan takes long
        scale = float(np.sum(np.abs(stack.signals[0].amplitudes)))
    else:
        scale = float(stack.peaks(stack.centred(free), within).heights.max())
    lift = stack.lift
    stack = stack.scaled(1.0 / scale)  # offsets are then counted in units of the peak, as phases are in radians
    fine = 1.0 if stack.follows_tops else _SCAN
    most = _MOST if stack.follows_tops else None
    peaks = stack.peaks(stack.centred(free, oversampling=fine), within, oversampling=fine, most=most)
    top = float(peaks.heights.max())
    rows = stack.slopes(peaks) / top
    weights, _ = nnls(np.vstack([rows.T, np.ones(len(rows))]), np.append(np.zeros(rows.shape[1]), 1.0))
    # Relative: next to the zeros of all tones, as in a very short window, slopes are large and all weights small.
    active = weights >= _LISTED * max(float(weights.max()), 1e-300)
    peaks, multipliers = peaks.pick(active), weights[active] / weights[active].sum()
    curvatures, _ = free_curvature(stack, peaks, multipliers)
    return Certificate(
        peak=scale * top - lift,
        times=_seconds(problem, peaks.times % APART),
        heights=scale * peaks.heights - lift,
        signs=_directions(problem, peaks),
        outputs=problem.signal_of_rows(signal_of(peaks.times)),
        multipliers=multipliers,
        residual=float(np.linalg.norm(multipliers @ rows[active])),
        spread=1.0 - float(peaks.heights.min()) / top,
        free_directions=len(curvatures),
        least_curvature=float(curvatures[0]) if len(curvatures) else inf,
    )


def _directions(problem: Problem, peaks: Peaks) -> ComplexArray:
    """Directions of the peaks in the plane of ``z``: those of ``Q``, the second row of each signal, along ``i``."""
    if not problem.splits_components:
        return peaks.signs
    return np.where(signal_of(peaks.times) % 2 == 1, 1j * peaks.signs, peaks.signs)


def _seconds(problem: Problem, angles: FloatArray) -> FloatArray:
    """Times [s] of the angles of peaks."""
    if problem.window is not None:
        return np.asarray(problem.window.start + angles / ANGLE * problem.window.duration)
    ms, repeats = problem.tones, 1
    if problem.is_about_magnitudes and problem.samples is None:
        # A complex envelope may repeat in one period of the signal: its angle counts the first time only.
        repeats = max(int(np.gcd.reduce(ms.harmonic_numbers - ms.harmonic_numbers.min())), 1)
    return np.asarray(angles / (2.0 * pi) * ms.period / repeats)
