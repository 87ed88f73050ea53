r"""The residuals :math:`r_j = |x_j|^p` of L2p, the sum of their squares, and its normal equations.

Their derivatives are :math:`∂r_j/∂θ_k = -p\,|x_j|^{p-2} \operatorname{Im}(\bar x_j c_k e^{2πi h_k j/N})`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import fft

from crestfall.problem.arrays import Array, ComplexArray, FloatArray, IntArray
from crestfall.signal.synthesis import Synthesis

_ENTRIES_AT_ONCE = 2**18
"""Index tables of more entries would not stay in the cache, and of all entries of many tones fill the memory."""


class PowerPoint(NamedTuple):
    """Phases, and what their samples are.

    Attributes:
        phases: ``(n,)`` [rad].
        norm: :math:`(\\operatorname{mean} |x|^{2p})^{1/2p}` over the samples, in the unit of the amplitudes.
        peak: ``max |x|`` over the samples.
        coefficients: ``(n,)``, in units of the peak.
        samples: ``(N,)``, in units of the peak, so that no power overflows.
        inner: ``(N,)`` :math:`|x|^{2p-4}`, in units of the peak.
        weights: ``(N,)`` :math:`|x|^{2p-2}`, in units of the peak.
    """

    phases: FloatArray
    norm: float
    peak: float
    coefficients: ComplexArray
    samples: Array
    inner: FloatArray
    weights: FloatArray


class ToeplitzPlusHankel:
    r"""Matrices with the entries :math:`\operatorname{Re}(c_k \bar c_l W_{h_k-h_l} - c_k c_l V_{h_k+h_l})`.

    Args:
        numbers: ``(n,)`` harmonic numbers.
        n_samples: Length ``N`` of the transforms ``W`` and ``V``.
    """

    def __init__(self, numbers: IntArray, n_samples: int) -> None:
        self._size = n_samples
        self._numbers = np.mod(numbers, n_samples)
        self._rows = max(1, _ENTRIES_AT_ONCE // len(numbers))
        self._table = self._indices(slice(None)) if self._rows >= len(numbers) else None

    def matrix(self, c: ComplexArray, spectrum: ComplexArray, mirrored: ComplexArray) -> FloatArray:
        """The ``(n, n)`` matrix of coefficients ``c (n,)`` and transforms ``W (N,)`` and ``V (N,)``."""
        if self._table is not None:
            return _entries(c, c, spectrum, mirrored, self._table)
        matrix = np.empty((c.size, c.size))
        for first in range(0, c.size, self._rows):
            rows = slice(first, first + self._rows)
            matrix[rows] = _entries(c[rows], c, spectrum, mirrored, self._indices(rows))
        return matrix

    def _indices(self, rows: slice) -> tuple[IntArray, IntArray]:
        h = self._numbers
        return (h[rows, None] - h) % self._size, (h[rows, None] + h) % self._size


def _entries(
    left: ComplexArray,
    right: ComplexArray,
    spectrum: ComplexArray,
    mirrored: ComplexArray,
    indices: tuple[IntArray, IntArray],
) -> FloatArray:
    toeplitz = spectrum.take(indices[0])
    toeplitz *= right.conj()
    hankel = mirrored.take(indices[1])
    hankel *= right
    toeplitz -= hankel
    return np.asarray(left.real[:, None] * toeplitz.real - left.imag[:, None] * toeplitz.imag)


class PowerResiduals:
    """The residuals ``|x_j|^p`` for one exponent.

    Args:
        synthesis: Coefficients to samples.
        entries: The normal equations' entries, for the same numbers and samples.
        amplitudes: ``(n,)`` amplitudes.
        exponent: ``p``: 2 or a higher power of two, which repeated squaring reaches.
    """

    def __init__(
        self, synthesis: Synthesis, entries: ToeplitzPlusHankel, amplitudes: FloatArray, exponent: int
    ) -> None:
        self.synthesis, self.entries, self.amplitudes, self.exponent = synthesis, entries, amplitudes, exponent

    def at(self, phases: FloatArray) -> PowerPoint:
        """Norm, peak and powers of the samples at the phases ``(n,)`` [rad]."""
        coefficients = self.amplitudes * np.exp(1j * phases)
        samples = self.synthesis.samples(coefficients)
        peak = float(np.max(np.abs(samples)))
        samples = samples / peak
        squares = samples.real**2 + samples.imag**2 if self.synthesis.complex else samples * samples
        inner, power = np.ones_like(squares), squares
        for _ in range(self.exponent.bit_length() - 2):
            power = power * power
            inner = inner * power
        weights = inner * squares
        norm = peak * float(weights @ squares / squares.size) ** (0.5 / self.exponent)
        return PowerPoint(phases, norm, peak, coefficients / peak, samples, inner, weights)

    def normal_equations(self, point: PowerPoint) -> tuple[FloatArray, FloatArray]:
        r"""``JᵀJ (n, n)`` and ``Jᵀr (n,)``, in units of the peak.

        Products of imaginary parts are real parts of products, so ``JᵀJ`` is Toeplitz plus Hankel in the harmonic
        numbers, and one FFT of each kind of weights holds all its entries:

        .. math:: (J^T J)_{kl} = \tfrac{p^2}{2}\operatorname{Re}\bigl(c_k\bar c_l W_{h_k-h_l}
                  - c_k c_l V_{h_k+h_l}\bigr),

        :math:`W_m = \sum_j |x_j|^{2p-2} e^{2πimj/N}` and :math:`V_m = \sum_j |x_j|^{2p-4}\bar x_j^2 e^{2πimj/N}`,
        which is ``W`` for a real signal.
        """
        c, x = point.coefficients, point.samples
        gradient = self.exponent * np.imag(np.conj(c) * self.synthesis.adjoint(point.weights * x))
        spectrum = mirrored = fft.ifft(point.weights, norm="forward")
        if self.synthesis.complex:
            mirrored = fft.ifft(point.inner * np.conj(x) ** 2, norm="forward")
        return 0.5 * self.exponent**2 * self.entries.matrix(c, spectrum, mirrored), gradient
