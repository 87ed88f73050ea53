r"""Coefficients to samples of a window, and the adjoint, for frequencies on no raster.

Samples stand in the middle of ``N`` equal cells that tile the window. With phasors ``d_k`` at the middle of the window
and ``x_k = 2π f_k T / N``,

.. math:: z_j = \sum_k d_k e^{i j x_k}, \qquad j = -\tfrac{N-1}{2} … \tfrac{N-1}{2} \quad (N \text{ odd}),

is a non-uniform Fourier transform of type 1, and its adjoint one of type 2. Small problems multiply by a matrix; large
ones need finufft (Barnett, Magland & af Klinteberg, SIAM J. Sci. Comput. 41(5):C479, 2019), the extra ``nufft``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from crestfall.problem.arrays import ComplexArray, FloatArray, IntArray

MOST_ENTRIES = 2**22
"""Largest matrix, tones times samples, that is multiplied by."""
ACCURACY = 1e-13
"""Relative accuracy that is asked of finufft."""
MAX_SAMPLES = 2**22
_AT_ONCE = 2**20


class WindowSynthesis:
    """Phasors at the middle of a window to ``N`` samples of it, and back.

    Args:
        offsets: ``(n,)`` frequencies [Hz].
        duration: Length of the window [s].
        n_samples: Number ``N`` of samples, odd.
        complex: Complex samples instead of their real part.

    Attributes:
        is_exact: Whether nothing but rounding stands between coefficients and samples.

    Raises:
        ValueError: There are too many samples.
        ImportError: The matrix would be too large, and finufft is not installed.

    Example:
        >>> synthesis = WindowSynthesis(np.array([1.0]), duration=1.5, n_samples=3, complex=False)
        >>> synthesis.samples(np.array([1.0 + 0j])).round(9).tolist()   # at -0.5, 0 and 0.5 s from the middle
        [-1.0, 1.0, -1.0]
    """

    def __init__(self, offsets: FloatArray, duration: float, n_samples: int, *, complex: bool) -> None:
        if n_samples > MAX_SAMPLES:
            raise ValueError(
                f"the window needs {n_samples} samples, more than {MAX_SAMPLES}; shorten the window, or leave out the "
                "highest tones"
            )
        self.n_samples, self.complex = n_samples, complex
        turns = self._turns = offsets * (duration / n_samples)
        self.is_exact = offsets.size * n_samples <= MOST_ENTRIES
        if self.is_exact:
            j = np.arange(n_samples) - (n_samples - 1) // 2
            cycles = np.multiply.outer(turns, j)
            cycles -= np.rint(cycles)
            self._cosines, self._sines = np.cos(2.0 * np.pi * cycles), np.sin(2.0 * np.pi * cycles)
        else:
            self._angles = 2.0 * np.pi * (turns - np.rint(turns))
            self._nufft = _finufft()

    def samples(self, coefficients: ComplexArray) -> Any:
        """``(…, n)`` phasors to ``(…, N)`` samples: real, or complex for a complex signal."""
        if self.is_exact:
            real, imaginary = np.ascontiguousarray(coefficients.real), np.ascontiguousarray(coefficients.imag)
            in_phase = real @ self._cosines - imaginary @ self._sines
            return in_phase + 1j * (real @ self._sines + imaginary @ self._cosines) if self.complex else in_phase
        rows = np.ascontiguousarray(coefficients, dtype=np.complex128).reshape(-1, self._angles.size)
        samples = np.atleast_2d(self._nufft.nufft1d1(self._angles, rows, self.n_samples, eps=ACCURACY, isign=1))
        samples = samples.reshape(*coefficients.shape[:-1], self.n_samples)
        return samples if self.complex else samples.real

    def at(self, cells: IntArray, coefficients: ComplexArray) -> Any:
        """``(n, m)`` phasors to ``(cells, m)`` samples at some places only, tone by tone."""
        samples = np.empty((cells.size, coefficients.shape[1]), dtype=np.complex128)
        step = max(1, _AT_ONCE // self._turns.size)
        for first in range(0, cells.size, step):
            j = cells[first : first + step] - (self.n_samples - 1) // 2
            cycles = np.multiply.outer(j, self._turns)
            samples[first : first + step] = np.exp(2j * np.pi * (cycles - np.rint(cycles))) @ coefficients
        return samples if self.complex else samples.real

    def adjoint(self, weights: Any) -> ComplexArray:
        """``(…, N)`` weights to ``(…, n)`` complex ``Σ_j w_j exp(-i j x_k)``; real signals take real weights."""
        if self.is_exact:
            if not self.complex:
                return np.asarray(weights @ self._cosines.T - 1j * (weights @ self._sines.T))
            real, imaginary = np.ascontiguousarray(weights.real), np.ascontiguousarray(weights.imag)
            in_phase = real @ self._cosines.T + imaginary @ self._sines.T
            return np.asarray(in_phase + 1j * (imaginary @ self._cosines.T - real @ self._sines.T))
        rows = np.ascontiguousarray(weights, dtype=np.complex128).reshape(-1, self.n_samples)
        back = np.atleast_2d(self._nufft.nufft1d2(self._angles, rows, eps=ACCURACY, isign=-1))
        return np.asarray(back.reshape(*weights.shape[:-1], self._angles.size))


def _finufft() -> Any:
    try:
        import finufft
    except ImportError:
        raise ImportError(
            "so many tones over so long a window need finufft; install it with: pip install 'crestfall[nufft]'"
        ) from None
    return finufft
