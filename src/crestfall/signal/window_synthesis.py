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

from crestfall.problem.arrays import Array, ComplexArray, FloatArray, IntArray
from crestfall.problem.extras import imported
from crestfall.signal.backend import NUMPY, Backend

MOST_ENTRIES = 2**22
"""Largest matrix, tones times samples, that is multiplied by."""
ACCURACY = 1e-13
"""Relative accuracy that is asked of finufft."""
MOST_DEVICE_ENTRIES = 2**27
"""The same on a device."""
MAX_SAMPLES = 2**22
_AT_ONCE = 2**20


class WindowSynthesis:
    """Phasors at the middle of a window to ``N`` samples of it, and back.

    On another backend than NumPy it is always the matrix.

    Args:
        offsets: ``(n,)`` frequencies [Hz].
        duration: Length of the window [s].
        n_samples: Number ``N`` of samples, odd.
        complex: Complex samples instead of their real part.
        turns: ``(n,)`` unit phasors that coefficients are multiplied by first: from time 0 to the middle of the window.
        backend: What computes (NumPy by default).

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

    def __init__(
        self,
        offsets: FloatArray,
        duration: float,
        n_samples: int,
        *,
        complex: bool,
        turns: ComplexArray | None = None,
        backend: Backend = NUMPY,
    ) -> None:
        if n_samples > MAX_SAMPLES:
            raise ValueError(
                f"the window needs {n_samples} samples, more than {MAX_SAMPLES}; shorten the window, or leave out the "
                "highest tones"
            )
        self.n_samples, self.complex = n_samples, complex
        self._rotors = None if turns is None else backend.complexes(turns)
        steps = self._turns = offsets * (duration / n_samples)
        most = MOST_ENTRIES if backend.is_numpy else MOST_DEVICE_ENTRIES
        self.is_exact = offsets.size * n_samples <= most
        if self.is_exact:
            j = np.arange(n_samples) - (n_samples - 1) // 2
            cycles = np.multiply.outer(steps, j)
            cycles -= np.rint(cycles)
            self._cosines = backend.reals(np.cos(2.0 * np.pi * cycles))
            self._sines = backend.reals(np.sin(2.0 * np.pi * cycles))
        elif backend.is_numpy:
            self._angles = 2.0 * np.pi * (steps - np.rint(steps))
            self._nufft = imported("finufft", "nufft")
        else:
            raise ValueError(
                f"{offsets.size} tones at {n_samples} samples of the window are too many for a device; leave out device"
            )

    def samples(self, coefficients: Array) -> Any:
        """``(…, n)`` phasors to ``(…, N)`` samples: real, or complex for a complex signal."""
        if self._rotors is not None:
            coefficients = coefficients * self._rotors
        if self.is_exact:
            real, imaginary = coefficients.real, coefficients.imag
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

    def adjoint(self, weights: Array) -> Array:
        """``(…, N)`` weights to ``(…, n)`` complex ``Σ_j w_j exp(-i j x_k)``; real signals take real weights."""
        back = self._transposed(weights)
        return back if self._rotors is None else back * self._rotors.conj()

    def _transposed(self, weights: Array) -> Array:
        if self.is_exact:
            if not self.complex:
                return weights @ self._cosines.T - 1j * (weights @ self._sines.T)
            real, imaginary = weights.real, weights.imag
            in_phase = real @ self._cosines.T + imaginary @ self._sines.T
            return in_phase + 1j * (imaginary @ self._cosines.T - real @ self._sines.T)
        rows = np.ascontiguousarray(weights, dtype=np.complex128).reshape(-1, self.n_samples)
        back = np.atleast_2d(self._nufft.nufft1d2(self._angles, rows, eps=ACCURACY, isign=-1))
        return np.asarray(back.reshape(*weights.shape[:-1], self._angles.size))
