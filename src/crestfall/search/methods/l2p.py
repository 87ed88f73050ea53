r"""L2p: least squares of the samples' p-th powers, for rising ``p``.

With residuals :math:`r_j = |x_j|^p` the sum of squares is :math:`\sum_j |x_j|^{2p}`, and Gauss–Newton applies
(see ``power_residuals``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import lapack

from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.search.methods.power_residuals import PowerPoint, PowerResiduals, ToeplitzPlusHankel
from crestfall.search.methods.published import PublishedMethod, Step
from crestfall.signal.synthesis import Synthesis, band_numbers, grid_size

MOST_TONES = 8192
"""Most tones for which the dense normal equations (0.5 GB) are set up."""

_OVERSAMPLING = 32.0
_EXPONENTS = (2, 4, 8, 16, 32, 64, 128, 256)
_STEPS = 30
_TOLERANCE = 1e-5
_FIRST_DAMPING = 0.1
_LEAST_DAMPING = 1e-6
_MOST_DAMPING = 1e8


def l2p(ms: Multisine, start: FloatArray) -> Iterator[Step]:
    r"""Minimise :math:`\lVert x\rVert_{2p}` for p = 2, 4, 8, …, 256, each from the last one's answer.

    Each step solves the damped normal equations (Levenberg–Marquardt, Marquardt's scaling)

    .. math:: (J^T J + λ \operatorname{diag} J^T J)\, d = -J^T r, \qquad r_j = |x_j|^p,

    which are dense, ``n × n``: O(n³) time, and O(n²) memory. They are set up by one FFT, see ``PowerResiduals``.

    The paper leaves open how finely to sample and when to stop. Here: 32 samples per period of the highest tone
    (complex: of the band); an exponent ends after 30 steps or when the norm falls by less than 1e-5, relative; the
    damping starts at 0.1, is divided by 10 after a step that lowers the norm, down to 1e-6, and multiplied by 4 after
    one that does not. A complex signal has the residuals ``|z|^p``.

    Source: Guillaume, Schoukens, Pintelon & Kollár, IEEE Trans. Instrum. Meas. 40(6):982, 1991.

    Args:
        ms: Tones of distinct frequencies, at most ``MOST_TONES``.
        start: ``(n,)`` phases [rad]; the paper starts from Schroeder's or random ones.

    Yields:
        The start, then the phases after each step that was tried: new ones, or the same again if the norm rose.

    Example:
        >>> from crestfall.engine.closed_form import schroeder
        >>> ms = Multisine.harmonics(range(1, 16))
        >>> steps = list(l2p(ms, schroeder(ms)))
        >>> steps[-1].sample_peak < 0.85 * steps[0].sample_peak
        True
    """
    numbers = band_numbers(ms)
    synthesis = Synthesis(numbers, grid_size(int(np.max(np.abs(numbers))), _OVERSAMPLING), complex=ms.complex)
    entries = ToeplitzPlusHankel(numbers, synthesis.n_samples)
    scale = ms.amplitude_scale
    amplitudes, phases = ms.amplitudes / scale, start
    yield Step(start, scale * float(np.max(np.abs(synthesis.samples(amplitudes * np.exp(1j * start))))))
    for exponent in _EXPONENTS:
        residuals = PowerResiduals(synthesis, entries, amplitudes, exponent)
        for point in _levenberg_marquardt(residuals, phases):
            phases = point.phases
            yield Step(phases, scale * point.peak)


def _levenberg_marquardt(residuals: PowerResiduals, phases: FloatArray) -> Iterator[PowerPoint]:
    """Where the iteration is after each step that was tried."""
    point = residuals.at(phases)
    damping = _FIRST_DAMPING
    for _ in range(_STEPS):
        matrix, gradient = residuals.normal_equations(point)
        while True:
            step = _damped_step(matrix, gradient, damping)
            if step is not None and (trial := residuals.at(point.phases + step)).norm < point.norm:
                break
            yield point  # the time limit is checked before the next O(n³)
            damping *= 4.0
            if damping > _MOST_DAMPING:
                return
        damping = max(damping / 10.0, _LEAST_DAMPING)
        fall, point = 1.0 - trial.norm / point.norm, trial
        yield point
        if fall < _TOLERANCE:
            return


def _damped_step(matrix: FloatArray, gradient: FloatArray, damping: float) -> FloatArray | None:
    """Solution ``d`` of ``(A + λ diag A) d = -g``, or ``None`` when rounding has made the matrix indefinite.

    Solved in units of ``√diag A``, so that the damping alone sets the condition, however unequal the amplitudes are.
    """
    diagonal = np.diagonal(matrix)
    if not diagonal.min() > 0.0:  # a tone that moves no sample, such as the only one of a complex signal
        return None
    unit = 1.0 / np.sqrt(diagonal)
    scaled = matrix * unit[:, None]
    scaled *= unit
    scaled.flat[:: len(unit) + 1] = 1.0 + damping
    # SciPy's own functions check their input for longer than so few unknowns take to solve. The transpose is the
    # matrix itself, in the order of LAPACK.
    _, step, failed = lapack.dposv(scaled.T, unit * gradient, lower=1, overwrite_a=1, overwrite_b=1)
    return None if failed else np.asarray(-unit * step)


@dataclass(frozen=True)
class L2p(PublishedMethod):
    """Guillaume's L2p as a method (see ``l2p``)."""

    name: str = field(default="l2p", init=False)
    title: str = field(default="L2p (Guillaume et al. 1991)", init=False, repr=False)
    unproven: str = field(default="a minimum of the 2p-norm over samples", init=False, repr=False)

    def steps(self, ms: Multisine, start: FloatArray) -> Iterator[Step]:
        """The start, then the phases after each step that was tried."""
        return l2p(ms, start)

    def refusal(self, problem: Problem) -> str | None:
        """Its equations are dense."""
        if problem.tones.n > MOST_TONES:
            n = problem.tones.n
            return f"it solves dense equations, and {n} tones are more than {MOST_TONES}; use method 'minimax'"
        return PublishedMethod.refusal(self, problem)
