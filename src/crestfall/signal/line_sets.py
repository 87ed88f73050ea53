"""Synthesis of several sets of lines at once: each start of a batch has frequencies of its own."""

from __future__ import annotations

import numpy as np
from scipy import fft

from crestfall.problem.arrays import Array, ComplexArray, FloatArray, IntArray


class SynthesisOfSets:
    """Coefficients of a batch of sets of harmonics to ``N`` samples of one period each, and back.

    Harmonics above ``N / 2`` fold back onto the grid, as in ``Synthesis``; those that meet add up. Samples are in
    single precision, which is enough to compare sets.

    Args:
        numbers: ``(batch, n)`` harmonic numbers, any integers.
        n_samples: Number ``N`` of samples of the period.
        complex: Complex samples instead of their real part.

    Example:
        >>> s = SynthesisOfSets(np.array([[1], [2]]), 4, complex=False)
        >>> s.samples(np.ones((2, 1), complex)).round(9).tolist()
        [[1.0, 0.0, -1.0, 0.0], [1.0, -1.0, 1.0, -1.0]]
    """

    def __init__(self, numbers: IntArray, n_samples: int, *, complex: bool) -> None:
        self._n_samples, self._complex = n_samples, complex
        self._width = n_samples if complex else n_samples // 2 + 1
        bins = np.mod(numbers, n_samples)
        self._folded = np.zeros(bins.shape, dtype=bool) if complex else bins > n_samples // 2
        self._bins = np.where(self._folded, n_samples - bins, bins)
        own_image = (self._bins == 0) | (2 * self._bins == n_samples)
        self._scale = np.where(own_image | complex, 1.0, 0.5)

    def samples(self, coefficients: Array) -> Array:
        """``(batch, …, n)`` coefficients to ``(batch, …, N)`` samples."""
        folded, scale = (self._like(each, coefficients.ndim) for each in (self._folded, self._scale))
        values = np.where(folded, coefficients.conj(), coefficients) * scale
        spectrum = np.zeros((*values.shape[:-1], self._width), dtype=np.complex64)
        np.add.at(spectrum.ravel(), self._places(values.shape), values.astype(np.complex64).ravel())
        if self._complex:
            return fft.ifft(spectrum, norm="forward")
        return fft.irfft(spectrum, n=self._n_samples, norm="forward")

    def adjoint(self, weights: Array) -> Array:
        """``(batch, …, N)`` weights to ``(batch, …, n)`` coefficients."""
        spectrum = fft.fft(weights) if self._complex else fft.rfft(weights)
        shape = (*weights.shape[:-1], self._bins.shape[-1])
        picked = spectrum.ravel()[self._places(shape)].reshape(shape)
        return np.where(self._like(self._folded, weights.ndim), picked.conj(), picked)

    def _places(self, shape: tuple[int, ...]) -> IntArray:
        """Places in the spectra of the whole batch, one after the other."""
        rows = np.arange(int(np.prod(shape[:-1]))).reshape(*shape[:-1], 1)
        return np.asarray((self._like(self._bins, len(shape)) + rows * self._width).ravel())

    @staticmethod
    def _like(each: Array, ndim: int) -> Array:
        return each.reshape(each.shape[0], *(1,) * (ndim - 2), each.shape[-1])


class WindowOfSets:
    """The same for equally spaced times of a window, by direct sums.

    Args:
        frequencies: ``(batch, n)`` frequencies [Hz].
        times: ``(N,)`` times [s].
        complex: Complex samples instead of their real part.
    """

    def __init__(self, frequencies: FloatArray, times: FloatArray, *, complex: bool) -> None:
        turns = 2.0 * np.pi * frequencies[:, None, :] * times[:, None]
        self._waves: ComplexArray = np.exp(1j * turns)
        self._complex = complex

    def samples(self, coefficients: Array) -> Array:
        """``(batch, …, n)`` coefficients to ``(batch, …, N)`` samples."""
        z = np.einsum("bjk,b...k->b...j", self._waves, coefficients)
        return z if self._complex else z.real

    def adjoint(self, weights: Array) -> Array:
        """``(batch, …, N)`` weights to ``(batch, …, n)`` coefficients."""
        return np.einsum("bjk,b...j->b...k", self._waves.conj(), weights)
