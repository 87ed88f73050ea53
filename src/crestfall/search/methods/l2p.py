r"""L2p: least squares of the samples' p-th powers, for rising ``p``.

With residuals :math:`r_j = |x_j|^p` the sum of squares is :math:`\sum_j |x_j|^{2p}`, and Gauss–Newton applies. The
derivatives are :math:`∂r_j/∂θ_k = -p\,|x_j|^{p-2} \operatorname{Im}(\bar x_j c_k e^{2πi h_k j/N})`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy import fft, linalg

from crestfall.problem.arrays import Array, ComplexArray, FloatArray, IntArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
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
_ENTRIES_AT_ONCE = 2**20


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
    amplitudes = ms.amplitudes / ms.amplitude_scale
    phases, peak = start, float(np.max(np.abs(synthesis.samples(amplitudes * np.exp(1j * start)))))
    yield Step(phases, peak * ms.amplitude_scale)
    for exponent in _EXPONENTS:
        residuals = PowerResiduals(synthesis, numbers, amplitudes, exponent)
        for phases, peak in _levenberg_marquardt(residuals, phases):  # noqa: B020 (each from the last one's answer)
            yield Step(phases, peak * ms.amplitude_scale)


def _levenberg_marquardt(residuals: PowerResiduals, phases: FloatArray) -> Iterator[tuple[FloatArray, float]]:
    """Phases and sample peak after each step that was tried."""
    norm, peak = residuals.norm_and_peak(phases)
    damping = _FIRST_DAMPING
    for _ in range(_STEPS):
        matrix, gradient = residuals.normal_equations(phases)
        while True:
            moved = phases + _damped_step(matrix, gradient, damping)
            trial, trial_peak = residuals.norm_and_peak(moved)
            if trial < norm:  # False for nan, too
                break
            yield phases, peak  # whoever watches the clock must be asked before the next O(n³)
            damping *= 4.0
            if damping > _MOST_DAMPING:
                return
        damping = max(damping / 10.0, _LEAST_DAMPING)
        fall, norm, phases, peak = 1.0 - trial / norm, trial, moved, trial_peak
        yield phases, peak
        if fall < _TOLERANCE:
            return


def _damped_step(matrix: FloatArray, gradient: FloatArray, damping: float) -> FloatArray:
    """Solution ``d`` of ``(A + λ diag A) d = -g``, or ``nan`` when rounding has made the matrix indefinite.

    Solved in units of ``√diag A``, so that the damping alone sets the condition, however unequal the amplitudes are.
    """
    diagonal = np.diagonal(matrix)
    if not diagonal.min() > 0.0:  # a tone that moves no sample, such as the only one of a complex signal
        return np.full_like(gradient, np.nan)
    unit = 1.0 / np.sqrt(diagonal)
    scaled = matrix * unit[:, None] * unit
    scaled[np.diag_indices_from(scaled)] = 1.0 + damping
    try:
        factor = linalg.cho_factor(scaled, lower=True, overwrite_a=True, check_finite=False)
    except linalg.LinAlgError:
        return np.full_like(gradient, np.nan)
    return np.asarray(-unit * linalg.cho_solve(factor, unit * gradient, check_finite=False))


@dataclass(frozen=True)
class PowerResiduals:
    """The residuals ``|x_j|^p``, with samples in units of their peak so that no power overflows.

    Attributes:
        synthesis: Coefficients to samples.
        numbers: ``(n,)`` harmonic numbers, as the synthesis has them.
        amplitudes: ``(n,)`` amplitudes.
        exponent: ``p``, at least 2.
    """

    synthesis: Synthesis
    numbers: IntArray
    amplitudes: FloatArray
    exponent: int

    def norm_and_peak(self, phases: FloatArray) -> tuple[float, float]:
        r"""``(mean |x|^{2p})^{1/2p}`` and ``max |x|`` over the samples."""
        magnitudes = np.abs(self.synthesis.samples(self._coefficients(phases)))
        peak = float(magnitudes.max())
        mean = float(np.mean((magnitudes / peak) ** (2 * self.exponent)))
        return peak * mean ** (0.5 / self.exponent), peak

    def normal_equations(self, phases: FloatArray) -> tuple[FloatArray, FloatArray]:
        r"""``JᵀJ (n, n)`` and ``Jᵀr (n,)``, in units of the peak.

        Products of imaginary parts are real parts of products, so ``JᵀJ`` is Toeplitz plus Hankel in the harmonic
        numbers, and one FFT of each kind of weights holds all its entries:

        .. math:: (J^T J)_{kl} = \tfrac{p^2}{2}\operatorname{Re}\bigl(c_k\bar c_l W_{h_k-h_l}
                  - c_k c_l V_{h_k+h_l}\bigr),

        :math:`W_m = \sum_j |x_j|^{2p-2} e^{2πimj/N}` and :math:`V_m = \sum_j |x_j|^{2p-4}\bar x_j^2 e^{2πimj/N}`,
        which is ``W`` for a real signal.
        """
        p = self.exponent
        c = self._coefficients(phases)
        x = self.synthesis.samples(c)
        peak = np.max(np.abs(x))
        c, x = c / peak, x / peak
        weights = np.abs(x) ** (2 * p - 2)
        gradient = p * np.imag(np.conj(c) * self.synthesis.adjoint(weights * x))
        spectrum = mirrored = fft.ifft(weights, norm="forward")
        if self.synthesis.complex:
            mirrored = fft.ifft(np.abs(x) ** (2 * p - 4) * np.conj(x) ** 2, norm="forward")
        return 0.5 * p**2 * self._matrix(c, spectrum, mirrored), gradient

    def _matrix(self, c: ComplexArray, spectrum: ComplexArray, mirrored: ComplexArray) -> FloatArray:
        n, size = c.size, self.synthesis.n_samples
        h = np.mod(self.numbers, size)
        matrix = np.empty((n, n))
        rows_at_once = max(1, _ENTRIES_AT_ONCE // n)  # index tables of all entries would fill the memory
        for first in range(0, n, rows_at_once):
            rows = slice(first, first + rows_at_once)
            toeplitz = spectrum[(h[rows, None] - h) % size] * np.conj(c)
            hankel = mirrored[(h[rows, None] + h) % size] * c
            matrix[rows] = np.real(c[rows, None] * (toeplitz - hankel))
        return matrix

    def _coefficients(self, phases: Array) -> ComplexArray:
        return np.asarray(self.amplitudes * np.exp(1j * phases))


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
