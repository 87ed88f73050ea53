r"""Synthesis: coefficients to samples over one period, and its adjoint. The only place that knows FFTs and grids.

With coefficients :math:`c_k = a_k e^{i\theta_k}` and harmonic numbers :math:`h_k`, the samples are

.. math:: z_j = \sum_k c_k e^{2\pi i h_k j / N}, \qquad x_j = \operatorname{Re} z_j, \qquad j = 0 … N-1,

a linear map ``S`` that is an inverse FFT; its adjoint :math:`(S^H w)_k = \sum_j w_j e^{-2\pi i h_k j/N}` is an FFT.
Harmonics above ``N / 2`` fold back onto the grid exactly as sampling folds them.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from array_api_compat import device
from scipy.fft import next_fast_len

from crestfall.problem.arrays import Array, IntArray
from crestfall.problem.multisine import Multisine
from crestfall.signal.backend import NUMPY, Backend


def band_numbers(ms: Multisine) -> IntArray:
    """Integers that describe the signal's band: what the peak depends on, shifted and reduced as far as it allows.

    A real signal keeps its harmonic numbers. The envelope of a complex signal does not change when all frequencies move
    by the same amount, so its numbers are counted from the lowest tone, in units of their common divisor.

    Example:
        >>> band_numbers(Multisine.harmonics([1001, 1003, 1007], complex=True)).tolist()
        [0, 1, 3]
    """
    if not ms.complex:
        return ms.harmonic_numbers
    shifted = ms.harmonic_numbers - ms.harmonic_numbers.min()
    return shifted // (int(np.gcd.reduce(shifted)) or 1)


def grid_size(band: int, oversampling: float) -> int:
    """A fast FFT length of at least ``oversampling`` samples per period of the highest harmonic ``band``."""
    return int(next_fast_len(max(8, int(np.ceil(oversampling * max(band, 1)))), real=True))


def odd_grid_size(least: int) -> int:
    """A fast and odd FFT length of at least ``least``: no tone then aliases onto another by powers of two."""
    size = least | 1
    while next_fast_len(size, real=True) != size:
        size += 2
    return size


class Synthesis:
    """Coefficients of a set of harmonics to ``N`` equally spaced samples of one period, and back.

    Args:
        numbers: ``(n,)`` harmonic numbers, any integers, repetitions allowed.
        n_samples: Number ``N`` of samples of the period.
        complex: Complex samples instead of their real part.
        backend: What computes (NumPy by default).
        fft: Its Fourier transforms, if others than its namespace's shall be used.

    Example:
        >>> s = Synthesis(np.array([1, 3]), 8, complex=False)
        >>> s.samples(np.array([1.0 + 0j, 0.5j])).round(3).tolist()
        [1.0, 0.354, 0.5, -1.061, -1.0, -0.354, -0.5, 1.061]
    """

    def __init__(
        self, numbers: IntArray, n_samples: int, *, complex: bool, backend: Backend = NUMPY, fft: Any = None
    ) -> None:
        self.n_samples = int(n_samples)
        self.complex = complex
        self._xp = backend.xp
        self._fft = fft or backend.xp.fft
        bins = np.mod(numbers, self.n_samples)
        self._width = self.n_samples if complex else self.n_samples // 2 + 1
        folded = np.zeros(bins.shape, dtype=bool) if complex else bins > self.n_samples // 2
        bins = np.where(folded, self.n_samples - bins, bins)
        self._bins = backend.as_they_are(bins)
        self._shared = None if np.unique(bins).size == bins.size else _SharedBins(bins, backend)
        self._conjugate = backend.as_they_are(folded) if folded.any() else None
        # irfft counts every bin twice (with its mirror image) except those that are their own image.
        own_image = (bins == 0) | (2 * bins == self.n_samples)
        scale = np.where(own_image, 1.0, 0.5)
        self._scale = backend.reals(scale) if own_image.any() and not complex else 0.5

    def samples(self, coefficients: Array) -> Array:
        """``(…, n)`` complex coefficients to ``(…, N)`` samples: real, or complex for a complex signal."""
        xp = self._xp
        values = coefficients
        if not self.complex:
            if self._conjugate is not None:
                values = xp.where(self._conjugate, xp.conj(values), values)
            values = values * self._scale
        spectrum = xp.zeros((*values.shape[:-1], self._width), dtype=values.dtype, device=device(values))
        if self._shared is None:
            spectrum[..., self._bins] = values
        else:
            spectrum[..., self._shared.bins] = self._shared.sums(values)
        if self.complex:
            return self._fft.ifft(spectrum, norm="forward")
        return self._fft.irfft(spectrum, n=self.n_samples, norm="forward")

    def adjoint(self, weights: Array) -> Array:
        """``(…, N)`` weights to ``(…, n)`` complex ``Σ_j w_j exp(-2πi h_k j / N)``; real signals take real weights."""
        xp = self._xp
        spectrum = self._fft.fft(weights) if self.complex else self._fft.rfft(weights)
        picked = spectrum[..., self._bins]
        if self._conjugate is not None:
            picked = xp.where(self._conjugate, xp.conj(picked), picked)
        return picked


def summed(values: Array, numbers: IntArray) -> tuple[Array, IntArray, int]:
    """The sums of the values that have the same number, the different numbers, and the additions behind each at most.

    Args:
        values: ``(…, n)`` values, in NumPy.
        numbers: ``(n,)`` integers.

    Returns:
        ``(…, b)`` sums, the ``(b,)`` different numbers, and ``m``: a value went through at most ``m`` additions, each
        of which rounds.

    Example:
        >>> sums, numbers, additions = summed(np.array([1.0, 2.0, 4.0]), np.array([3, 5, 3]))
        >>> sums.tolist(), numbers.tolist(), additions
        ([5.0, 2.0], [3, 5], 1)
    """
    shared = _SharedBins(numbers, NUMPY)
    if not shared.additions:
        return values, numbers, 0
    return shared.sums(values), shared.bins, shared.additions


class LinearMap(Protocol):
    """Coefficients ``(…, n)`` to samples ``(…, N)``, and the adjoint."""

    def samples(self, coefficients: Array) -> Array: ...

    def adjoint(self, weights: Array) -> Array: ...


class StackedSynthesis:
    """Several linear responses of the same tones, their samples side by side.

    Args:
        synthesis: Coefficients to the samples of one signal.
        responses: ``(outputs, n)`` complex factors of each tone in each output.

    Example:
        >>> stacked = StackedSynthesis(Synthesis(np.array([1]), 4, complex=False), np.array([[1.0], [2j]]))
        >>> stacked.samples(np.array([1.0 + 0j])).round(9).tolist()
        [1.0, 0.0, -1.0, 0.0, 0.0, -2.0, 0.0, 2.0]
    """

    def __init__(self, synthesis: LinearMap, responses: Array) -> None:
        self._synthesis, self._responses = synthesis, responses

    def samples(self, coefficients: Array) -> Array:
        """``(…, n)`` coefficients to ``(…, outputs · N)`` samples, output after output."""
        samples = self._synthesis.samples(coefficients[..., None, :] * self._responses)
        return samples.reshape(*samples.shape[:-2], -1)

    def adjoint(self, weights: Array) -> Array:
        """``(…, outputs · N)`` weights to ``(…, n)`` coefficients."""
        each = weights.reshape(*weights.shape[:-1], self._responses.shape[0], -1)
        return (self._synthesis.adjoint(each) * self._responses.conj()).sum(-2)


class _SharedBins:
    """Sums of the values that fall into one bin, for bins that several tones share.

    Neighbours are added in pairs until one value is left of each bin: as many passes as the logarithm of the largest
    number of tones in a bin, with rounding errors that grow no faster, and always in the same order.

    Args:
        bins: ``(n,)`` bin of each tone.
        backend: What computes.

    Attributes:
        bins: The different bins, rising.
    """

    def __init__(self, bins: IntArray, backend: Backend) -> None:
        order = np.argsort(bins, kind="stable")
        self._order = backend.as_they_are(order)
        self._passes: list[tuple[Array, Array, Array]] = []
        left = bins[order]
        while True:
            begins = np.flatnonzero(np.append(True, np.diff(left) != 0))
            if begins.size == left.size:
                break
            place = np.arange(left.size) - np.repeat(begins, np.diff(begins, append=left.size))
            kept = np.flatnonzero(place % 2 == 0)
            added = np.flatnonzero(place % 2 == 1)
            into = np.searchsorted(kept, added - 1)
            self._passes.append(tuple(map(backend.as_they_are, (kept, into, added))))
            left = left[kept]
        self.bins = backend.as_they_are(left)

    @property
    def additions(self) -> int:
        """Most additions that a value goes through; each of them rounds."""
        return len(self._passes)

    def sums(self, values: Array) -> Array:
        """``(…, n)`` values of the tones to ``(…, b)`` values of the bins."""
        values = values[..., self._order]
        for kept, into, added in self._passes:
            pairs = values[..., kept]
            pairs[..., into] += values[..., added]
            values = pairs
        return values
