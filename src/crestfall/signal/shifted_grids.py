r"""Synthesis on a fine grid, piece by piece: the grid is the union of coarse grids, each shifted a little further.

A grid of ``N = L M`` samples of one period falls into ``L`` grids of ``M`` samples,

.. math:: t_{j,r} = \frac{j}{M} + \frac{r}{L M}, \qquad
          z(t_{j,r}) = \sum_k \bigl(c_k e^{2\pi i h_k r/(LM)}\bigr)\, e^{2\pi i h_k j/M}, \qquad r = 0 … L-1,

so a coarse FFT of turned coefficients gives each of them. ``M`` need only exceed the band: an oversampling of 32 is 16
transforms of a sixteenth of the length, which are faster than the long one (no zeros are transformed, and a piece stays
in the cache), may run side by side, and need the memory of one piece.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

from crestfall.problem.arrays import Array, FloatArray, IntArray
from crestfall.signal.synthesis import Synthesis


def coarse_size(band: int, *, complex: bool) -> int:
    """Least fast length ``M`` of a grid that the tones do not alias on: above ``2 band``, or ``band`` for complex ones.

    Example:
        >>> coarse_size(31, complex=False), coarse_size(31, complex=True)
        (64, 32)
    """
    return int(fft.next_fast_len((1 if complex else 2) * band + 1, real=not complex))


@dataclass(frozen=True, eq=False)
class ShiftedGrids:
    """``L`` shifted grids of ``M`` samples.

    Attributes:
        synthesis: Coefficients to the ``M`` samples of the grid that is not shifted.
        turns: ``(L, n)`` factors ``exp(2πi h r / (L M))`` of the coefficients, in the precision that computes.

    Example:
        >>> grids = ShiftedGrids.of(np.array([1, 2]), 5, 3, complex=False)
        >>> pieces = [grids.samples(np.array([1.0, 1j]), r) for r in range(3)]
        >>> whole = Synthesis(np.array([1, 2]), 15, complex=False).samples(np.array([1.0, 1j]))
        >>> bool(np.allclose(np.stack(pieces, axis=-1).ravel(), whole))
        True
    """

    synthesis: Synthesis
    turns: Array

    @classmethod
    def of(cls, numbers: IntArray, coarse: int, count: int, *, complex: bool, single: bool = False) -> ShiftedGrids:
        """Grids for the harmonic ``numbers``, in single or double precision."""
        turns = np.empty((count, numbers.size), np.complex64 if single else np.complex128)
        for shift in range(count):
            # Reduced first: a large angle would lose the digits that single precision has.
            _cos_sin(2.0 * np.pi * ((numbers * shift) % (coarse * count)) / (coarse * count), turns[shift])
        # SciPy's transforms, unlike NumPy's, are fast in single precision in both directions.
        return cls(Synthesis(numbers, coarse, complex=complex, fft=fft), turns)

    @property
    def count(self) -> int:
        """``L``."""
        return len(self.turns)

    def coefficients(self, amplitudes: FloatArray, phases: FloatArray) -> Array:
        """``(n,)`` coefficients ``a exp(iθ)`` in the precision that computes."""
        c = np.empty(phases.shape, self.turns.dtype)
        _cos_sin(phases, c)
        c *= amplitudes.astype(c.real.dtype)
        return c

    def samples(self, coefficients: Array, shift: int) -> Array:
        """``(n,)`` coefficients to the ``(M,)`` samples of one grid."""
        return self.synthesis.samples(coefficients * self.turns[shift])

    def adjoint(self, weights: Array, shift: int) -> Array:
        """``(M,)`` weights of one grid's samples to their part ``(n,)`` of the adjoint."""
        back = self.synthesis.adjoint(weights)
        back *= self.turns[shift].conj()
        return back


def _cos_sin(angles: FloatArray, out: Array) -> None:
    """``exp(i angle)`` into ``out``; in single precision the angle is first brought to one turn in double."""
    if out.dtype == np.complex64:
        angles = (angles - 2.0 * np.pi * np.rint(angles / (2.0 * np.pi))).astype(np.float32)
    np.cos(angles, out=out.real)
    np.sin(angles, out=out.imag)
