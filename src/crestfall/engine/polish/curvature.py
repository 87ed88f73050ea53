r"""Second derivatives of the peak: the Hessian of the Lagrangian, and its sign where first derivatives say nothing.

At a local minimax point the peak falls along no direction to first order. On the directions in which no active peak
changes to first order, its second-order change is that of the Lagrangian :math:`Σ λ_i |x(t_i)|`.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import block_diag

from crestfall.engine.polish.peaks import Peaks
from crestfall.engine.polish.stack import Stack, signal_of
from crestfall.problem.arrays import FloatArray

_RANK = 1e-7


def peak_hessian(stack: Stack, peaks: Peaks, multipliers: FloatArray) -> FloatArray:
    """``Σ λ_i ∇²|x(t_i)|`` by the variables, ``(m, m)``: exact, including the motion of the peaks in time."""
    curved = peaks.tones.real
    hessian = np.zeros((curved.shape[1], curved.shape[1]))
    if stack.samples is None:
        stiffness = np.where(peaks.fixed, 0.0, multipliers / np.maximum(-peaks.curvature, 1e-12 * peaks.heights))
        moving = (stack.numbers - peaks.carrier[:, None]) * curved * np.sqrt(stiffness)[:, None]
        hessian += moving.T @ moving
    if stack.is_complex:
        turning = curved * np.sqrt(multipliers / peaks.heights)[:, None]
        hessian += turning.T @ turning
    hessian[np.diag_indices_from(hessian)] -= multipliers @ curved
    return stack.reduced(hessian)


def symmetries(stack: Stack, peaks: Peaks) -> FloatArray:
    """Orthonormal directions ``(m, …)`` in which none of the peaks changes, however far one goes.

    A time shift, a global phase of complex signals, and for a range the offsets of signals that have no such peak.
    """
    basis = _phase_symmetries(stack)
    if not stack.is_range:
        return basis
    absent = np.setdiff1d(np.arange(len(stack.signals)), signal_of(peaks.times))
    return np.asarray(block_diag(basis, np.eye(len(stack.signals))[:, absent]))


def _phase_symmetries(stack: Stack) -> FloatArray:
    n, m = len(stack.numbers), stack.phase_map.n_free
    directions = [stack.numbers.astype(float)] if stack.shifts_in_time else []
    if stack.is_complex:
        directions.append(np.ones(n))
    if not directions:
        return np.zeros((m, 0))
    basis, size, _ = np.linalg.svd(np.stack(directions, axis=1), full_matrices=False)
    basis = basis[:, size > 1e-9 * max(float(size.max(initial=0.0)), 1e-300)]
    if stack.phase_map.is_identity:
        return basis
    # What the variables do to the phases beyond those directions; where that is nothing, they are symmetries, too.
    matrix = stack.phase_map.matrix.toarray()
    beyond = matrix - basis @ (basis.T @ matrix)
    _, size, right = np.linalg.svd(beyond)
    rank = int(np.sum(size > _RANK * max(float(size.max(initial=0.0)), 1.0)))
    return right[rank:].T


def free_curvature(stack: Stack, peaks: Peaks, multipliers: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Curvatures ``(f,)``, rising, relative to the peak, of the directions ``(m, f)`` that move no peak at first.

    ``f = 0`` at a vertex: as many independent active peaks as freedoms plus one. All curvatures positive, or a vertex,
    is sufficient for a strict local minimum (up to symmetries).
    """
    top = float(peaks.heights.max())
    _, size, right = np.linalg.svd(np.vstack([stack.slopes(peaks) / top, symmetries(stack, peaks).T]))
    free = right[int(np.sum(size > _RANK * max(float(size.max(initial=0.0)), 1e-300))) :].T
    if not free.shape[1]:
        return np.zeros(0), free
    curvatures, vectors = np.linalg.eigh(free.T @ peak_hessian(stack, peaks, multipliers) @ free / top)
    return curvatures, free @ vectors
