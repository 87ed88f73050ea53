r"""Second derivatives of the peak: the Hessian of the Lagrangian, and its sign where first derivatives say nothing.

At a local minimax point the peak falls along no direction to first order. On the directions in which no active peak
changes to first order, its second-order change is that of the Lagrangian :math:`Σ λ_i |x(t_i)|`.
"""

from __future__ import annotations

import numpy as np

from crestfall._types import FloatArray
from crestfall.polish.peaks import Peaks, Signal

_RANK = 1e-7


def peak_hessian(signal: Signal, peaks: Peaks, multipliers: FloatArray) -> FloatArray:
    """``Σ λ_i ∇²|x(t_i)|``, ``(n, n)``: exact, including the motion of the peaks in time."""
    curved = peaks.tones.real
    hessian = np.zeros((curved.shape[1], curved.shape[1]))
    if signal.samples is None:
        stiffness = np.where(peaks.fixed, 0.0, multipliers / np.maximum(-peaks.curvature, 1e-12 * peaks.heights))
        moving = (signal.numbers - peaks.carrier[:, None]) * curved * np.sqrt(stiffness)[:, None]
        hessian += moving.T @ moving
    if signal.is_complex:
        turning = curved * np.sqrt(multipliers / peaks.heights)[:, None]
        hessian += turning.T @ turning
    hessian[np.diag_indices_from(hessian)] -= multipliers @ curved
    return hessian


def symmetries(signal: Signal) -> FloatArray:
    """Orthonormal directions ``(n, 0…2)`` in which no peak changes: time shift, and global phase if complex."""
    directions = [signal.numbers.astype(float)] if signal.samples is None else []
    if signal.is_complex:
        directions.append(np.ones(len(signal.numbers)))
    if not directions:
        return np.zeros((len(signal.numbers), 0))
    basis, size, _ = np.linalg.svd(np.stack(directions, axis=1), full_matrices=False)
    return basis[:, size > 1e-9 * size[0]] if size[0] > 0 else basis[:, :0]


def free_curvature(signal: Signal, peaks: Peaks, multipliers: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Curvatures ``(f,)``, rising, relative to the peak, of the directions ``(n, f)`` that move no peak at first.

    ``f = 0`` at a vertex: as many independent active peaks as freedoms plus one. All curvatures positive, or a vertex,
    is sufficient for a strict local minimum (up to symmetries).
    """
    top = float(peaks.heights.max())
    _, size, right = np.linalg.svd(np.vstack([peaks.tones.imag / top, symmetries(signal).T]))
    free = right[int(np.sum(size > _RANK * max(float(size[0]), 1e-300))) :].T
    if not free.shape[1]:
        return np.zeros(0), free
    curvatures, vectors = np.linalg.eigh(free.T @ peak_hessian(signal, peaks, multipliers) @ free / top)
    return curvatures, free @ vectors
