"""The signal in the smallest numbers that describe it, sampled for many phases at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crestfall.certainty.measures import peak_interval
from crestfall.certainty.proof.domain import domain
from crestfall.problem.arrays import ComplexArray, FloatArray, IntArray
from crestfall.problem.multisine import Multisine
from crestfall.signal.synthesis import band_numbers

SAMPLES_PER_CYCLE = 32
"""Samples per cycle of the fastest tone. They only guide the search: no proof rests on a grid."""

_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Signal:
    """Tones with amplitudes near 1, without carrier and common divisor, and what is computed once for all boxes.

    Attributes:
        ms: The tones as given.
        h: ``(n,)`` harmonic numbers, as floats.
        a: ``(n,)`` amplitudes, divided by the power of two ``ms.amplitude_scale``.
        complex: Whether the peak is that of ``|Σ a e^{i(ht+θ)}|`` instead of its real part.
        degree: Largest ``|h|``, at least 1.
        free: ``(d,)`` indices of the tones whose phases are free (see ``domain``).
        width: ``(d,)`` rad, ranges of their phases.
        grid: ``(N,)`` times within one period [rad].
        waves: ``(n, N)`` values ``e^{iht}`` on the grid.
    """

    ms: Multisine
    h: FloatArray
    a: FloatArray
    complex: bool
    degree: int
    free: IntArray
    width: FloatArray
    grid: FloatArray
    waves: ComplexArray

    @classmethod
    def of(cls, ms: Multisine) -> Signal:
        """The signal of tones with distinct frequencies."""
        h, a = band_numbers(ms), ms.amplitudes / ms.amplitude_scale
        # As ``BoxProof`` has them: where tones turn equally fast for their strength, rounding decides which is fixed.
        free, width = domain(h, ms.amplitudes / ms.amplitudes.max(), ms.complex)
        if ms.complex:
            h = h - h.max() // 2  # a carrier does not change |z|; the lowest degree needs the coarsest grid
        degree = max(1, int(np.abs(h).max()))
        count = SAMPLES_PER_CYCLE * degree
        grid = 2.0 * np.pi * np.arange(count) / count
        if not ms.complex and np.all(h % 2 == 1):
            grid = grid[: count // 2]  # x(t + π) = −x(t): the second half holds the same peaks
        waves = np.exp(1j * np.outer(h, grid))
        return cls(ms, h.astype(np.float64), a, ms.complex, degree, free, width, grid, waves)

    @property
    def n(self) -> int:
        """Number of tones."""
        return len(self.h)

    @property
    def rounding(self) -> float:
        """Bound on the rounding error of a weighted mean of up to ``6 n`` heights.

        ``e^{iht}`` is a product of ``h`` factors that are each rounded by less than ``2 ε`` with their product, and
        three more such factors make a height of it; the mean of ``6 n`` terms and the sum over ``n`` tones are rounded
        at most ``7 n`` times: together less than ``ε (20 degree + 7 n + 40) / 2`` of the sum of amplitudes. Four times
        that is allowed.
        """
        return 2.0 * _EPS * (20 * self.degree + 7 * self.n + 40) * float(self.a.sum())

    def waves_at(self, times: FloatArray) -> ComplexArray:
        """``(…, n)`` values ``e^{iht}`` at times ``(…)`` [rad]: products of ``e^{it}``, far cheaper than exponentials.

        Example:
            >>> signal = Signal.of(Multisine([1.0, 2.0, 5.0]))
            >>> np.allclose(signal.waves_at(np.array([0.7])), np.exp(1j * 0.7 * signal.h))
            True
        """
        power = np.exp(1j * times)  # e^{it}, its square, the square of that, …
        waves = np.ones((*times.shape, self.n), dtype=np.complex128)
        left = np.abs(self.h).astype(np.int64)
        while left.any():
            waves[..., left % 2 == 1] *= power[..., None]
            power = power * power
            left //= 2
        negative = self.h < 0.0
        waves[..., negative] = waves[..., negative].conj()
        return waves

    def height(self, samples: ComplexArray) -> FloatArray:
        """What the peak is the maximum of: ``|Re z|``, or ``|z|`` for a complex signal."""
        return np.abs(samples if self.complex else samples.real)

    def heights(self, phases: FloatArray) -> tuple[ComplexArray, FloatArray]:
        """``(batch, N)`` samples on the grid and their heights, for ``(batch, n)`` phases [rad]."""
        samples = (self.a * np.exp(1j * phases)) @ self.waves
        return samples, self.height(samples)

    def certified_peak(self, phases: FloatArray) -> tuple[float, float]:
        """Certified interval around the true peak of ``(n,)`` phases, in the scale of ``a``."""
        low, high = peak_interval(self.ms, phases)
        return low / self.ms.amplitude_scale, high / self.ms.amplitude_scale
