r"""The peaks of a multisine, and how high they stand when the phases move.

With tones :math:`w_{ik} = \bar u_i a_k e^{i(h_k t_i + θ_k)}`, where :math:`u_i` is the sign of :math:`x(t_i)` (real) or
the direction :math:`z/|z|` (complex), every derivative of a height :math:`r_i = |x(t_i(θ))|` sums over a row of ``w``:

- height ``r = Σ Re w``, gradient ``∂r/∂θ_k = −Im w_k`` (envelope theorem: a moving maximum adds no first-order term),
- angular frequency of the carrier at the peak ``ω = Σ h Re w / r`` (complex; 0 for real signals),
- curvature in time ``r'' = −Σ h² Re w (+ r ω²)``,
- Hessian ``−diag(Re w) (+ Re w Re wᵀ / r)  + q qᵀ / |r''|`` with ``q_k = (h_k − ω) Re w_k``.
  The last term is the envelope term: a maximum that may move in time is *stiffer*; samples of a fixed grid lack it.

A range is a peak, too: half of ``max x − min x`` is the least peak of ``x + c`` over all constants ``c``, and heights
are linear in ``c``. A one-sided peak leaves out the minima: all signs are ``+1``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from crestfall.problem.arrays import ComplexArray, FloatArray, IntArray
from crestfall.problem.multisine import Multisine
from crestfall.signal.high_samples import Part, high_samples, is_long
from crestfall.signal.synthesis import band_numbers

_OVERSAMPLING = (
    16  # per period of the highest harmonic (real); |z|² has no faster ripple than (h_max − h_min), so half of it
)
_NEWTON_STEPS = 8
_FLAT = 0.03
_SAME = 0.05
_SAMPLES_OF_A_TOP = 64
"""Samples for each of the highest tops that are kept of a scan; most of them are not tops."""
_EXTREMES = 0.05
"""The maximum and the minimum of a signal that was centred on a grid are within this of its highest peak."""


@dataclass(frozen=True)
class Peaks:
    """Peaks in order of time: ``(m,)`` each, ``tones`` is ``(m, n)``."""

    times: FloatArray
    heights: FloatArray
    signs: ComplexArray
    tones: ComplexArray
    carrier: FloatArray
    curvature: FloatArray
    fixed: NDArray[np.bool_]
    """True for an instant that is not a peak and stays where it is."""

    def pick(self, which: NDArray) -> Peaks:
        return Peaks(*(getattr(self, name)[which] for name in self.__dataclass_fields__))

    def put(self, where: IntArray, peaks: Peaks) -> None:
        """Overwrite the peaks ``where``."""
        for name in self.__dataclass_fields__:
            getattr(self, name)[where] = getattr(peaks, name)

    @staticmethod
    def join(first: Peaks, second: Peaks) -> Peaks:
        names = first.__dataclass_fields__
        return Peaks(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in names))


@dataclass(frozen=True)
class Signal:
    """A multisine whose peaks are wanted: in continuous time, or over ``samples`` equally spaced points."""

    numbers: IntArray | FloatArray
    amplitudes: FloatArray | ComplexArray
    """Complex where a response turns the tones."""
    is_complex: bool
    samples: int | None = None
    one_sided: bool = False
    """Whether only maxima of ``x`` count, and not those of ``|x|``."""
    offset: float = 0.0
    """A constant that is added to a real signal."""

    @classmethod
    def of(cls, ms: Multisine, samples: int | None = None, *, one_sided: bool = False) -> Signal:
        """The signal of a multisine without repeated frequencies, in the numbers that its peak depends on."""
        numbers = band_numbers(ms) if samples is None else ms.harmonic_numbers
        if ms.complex:  # |z| only knows differences of the numbers; small ones are the most accurate
            numbers = numbers - round(float(numbers.min() + numbers.max()) / 2)
        return cls(numbers, ms.amplitudes, ms.complex, samples, one_sided)

    @property
    def shifts_in_time(self) -> bool:
        """Whether a shift in time changes no peak."""
        return self.samples is None

    @property
    def degree(self) -> float:
        """Highest number of ripples of |x| per period (half of them for real signals)."""
        if self.is_complex:
            return max(int(np.ptp(self.numbers)), 1)
        return max(int(np.abs(self.numbers).max()), 1)

    def grid(self, oversampling: float = 1.0) -> int:
        factor = _OVERSAMPLING * oversampling
        return int(fft.next_fast_len(max(int(factor * self.degree), 16), real=not self.is_complex))

    def values(self, phases: FloatArray, n_samples: int) -> NDArray[np.inexact]:
        """The signal at ``n_samples`` equally spaced points of one period, by one FFT."""
        coefficients = self.amplitudes * np.exp(1j * phases)
        # Real tones that fold are only met when the user's own grid is that coarse.
        if self.is_complex or 2 * self.degree >= n_samples:
            spectrum = np.zeros(n_samples, complex)
            np.add.at(spectrum, np.mod(self.numbers, n_samples).astype(np.int64), coefficients)
            analytic = fft.ifft(spectrum, norm="forward")
            return np.asarray(analytic if self.is_complex else analytic.real + self.offset)
        half = np.zeros(n_samples // 2 + 1, complex)
        halves = np.where(self.numbers == 0, coefficients.real, 0.5 * coefficients)
        numbers = self.numbers.astype(np.int64)
        np.add.at(half, np.abs(numbers), np.where(numbers < 0, halves.conj(), halves))
        return np.asarray(fft.irfft(half, n_samples, norm="forward") + self.offset)

    def heights(self, phases: FloatArray, n_samples: int) -> FloatArray:
        """What counts of the signal, ``|x|`` or ``x``, at ``n_samples`` equally spaced points of one period."""
        values = self.values(phases, n_samples)
        return values.real if self.one_sided else np.abs(values)

    def centred(self, phases: FloatArray, *, oversampling: float = 1.0) -> Signal:
        """The same signal with the offset that makes its maximum and its minimum equally high."""
        values = self.values(phases, self.samples or self.grid(oversampling)).real
        centred = replace(self, offset=self.offset - 0.5 * float(values.max() + values.min()))
        if self.samples is not None:
            return centred
        peaks = centred.peaks(phases, _EXTREMES, oversampling=oversampling)
        up = peaks.signs.real > 0
        above, below = peaks.heights[up].max(initial=0.0), peaks.heights[~up].max(initial=0.0)
        return replace(self, offset=centred.offset - 0.5 * float(above - below))

    def peaks(
        self, phases: FloatArray, window: float = 0.1, *, oversampling: float = 1.0, most: int | None = None
    ) -> Peaks:
        """All peaks within ``window`` (relative) of the highest one, or only the ``most`` highest of them."""
        if self.samples is not None:
            heights = self.heights(phases, self.samples)
            high = np.flatnonzero(heights >= (1.0 - window) * heights.max())
            return self.at(phases, high.astype(np.float64) * (2 * np.pi / self.samples))[0]
        n_samples = self.grid(oversampling)
        # between samples a peak can be higher than its sample: by 2 % at 16-fold oversampling
        margin = 0.01 + 1.05 * (1.0 - np.cos(np.pi / (_OVERSAMPLING * oversampling)))
        tops, (left, middle, right) = self._sampled_tops(phases, n_samples, 1.0 - window - margin, most)
        bend = left - 2 * middle + right
        offset = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1.0), 0.0)
        cell = 2 * np.pi / n_samples
        kept = highest_of(middle - 0.25 * (left - right) * offset, most)
        peaks = self.climb(phases, (tops + offset)[kept] * cell, cell)
        flat = peaks.times[peaks.curvature > -_FLAT * peaks.heights * self.degree**2]
        if len(flat):  # a flat top may be two tops closer together than the grid resolves: climb it from both sides
            sides = self.climb(phases, np.concatenate([flat - cell, flat + cell]), cell)
            peaks = Peaks.join(peaks, sides.pick(sides.curvature < 0))
        peaks, once = _in_order(peaks, cell)
        return peaks.pick(once & (peaks.heights >= (1.0 - window) * peaks.heights.max()))

    def _sampled_tops(
        self, phases: FloatArray, n_samples: int, ratio: float, most: int | None
    ) -> tuple[IntArray, FloatArray]:
        """Samples of at least ``ratio`` times the highest that are higher than their neighbours.

        Returns:
            ``(m,)`` numbers of the samples, and ``(3, m)`` heights: one before, there, and one after.
        """
        if not self.offset and is_long(len(self.numbers), n_samples):
            c, numbers = self.amplitudes * np.exp(1j * phases), self.numbers.astype(np.int64)
            part: Part = "complex" if self.is_complex else "value" if self.one_sided else "magnitude"
            few = None if most is None else _SAMPLES_OF_A_TOP * most
            found = high_samples(c, numbers, n_samples, ratio=ratio, part=part, most=few)
            kept = _tops(found.indices, found.heights, n_samples)
            tops = found.indices[kept]
            if most is not None:  # a top is at most a few percent higher than its sample, so all that count stay
                tops = tops[highest_of(found.heights[kept], 4 * most)]
            times = np.add.outer([-1, 0, 1], tops).ravel() * (2 * np.pi / n_samples)
            values = (self._rotations(times) @ c).reshape(3, -1)
            heights = np.abs(values) if self.is_complex else values.real
            return tops, heights if self.is_complex or self.one_sided else np.abs(heights)
        m = self.heights(phases, n_samples)
        high = np.flatnonzero(m >= ratio * m.max())
        tops = high[_tops(high, m[high], n_samples)]
        return tops, np.stack([m[tops - 1], m[tops], m[(tops + 1) % n_samples]])

    def follow(self, phases: FloatArray, times: NDArray[np.floating], cell: float) -> Peaks:
        """The tops near these times, each once."""
        peaks, once = _in_order(self.climb(phases, times, cell), cell)
        return peaks.pick(once)

    def climb(self, phases: FloatArray, times: NDArray[np.floating], cell: float) -> Peaks:
        """Halley's method in time from ``times`` (within about one ``cell``) to the tops."""
        peaks, slope, third = self.at(phases, times)
        moving, last = np.arange(len(times)), np.full(len(times), np.inf)
        for _ in range(_NEWTON_STEPS):
            bend = peaks.curvature[moving]
            safe = np.where(bend < 0, bend, -1.0)
            newton = -slope / safe
            halley = newton / np.maximum(1.0 + 0.5 * newton * third / safe, 0.5)
            step = np.where(bend < 0, np.clip(halley, -0.5 * cell, 0.5 * cell), 0.25 * cell * np.sign(slope))
            size = np.abs(step)
            still = (size > 1e-12 * cell) & ((size > 1e-6 * cell) | (size < 0.5 * last[moving]))
            last[moving], moving = size, moving[still]
            if not len(moving):
                break
            moved, slope, third = self.at(phases, peaks.times[moving] + step[still])
            peaks.put(moving, moved)
        return peaks

    def at(self, phases: FloatArray, times: NDArray[np.floating]) -> tuple[Peaks, FloatArray, FloatArray]:
        """The signal at ``times`` as if they were peaks; also the first and third derivative of ``|x|`` in time."""
        h = self.numbers.astype(np.float64)
        tones = self._rotations(times) * (self.amplitudes * np.exp(1j * phases))
        values = tones.sum(axis=1)
        if self.is_complex:
            signs = values / np.maximum(np.abs(values), 1e-300)
        elif self.one_sided:
            signs = np.ones(len(times), complex)
        else:
            signs = np.where(values.real + self.offset < 0, -1.0, 1.0).astype(complex)
        tones *= signs.conj()[:, None]
        moments = tones @ np.stack([np.ones_like(h), h, h**2, h**3], axis=1).astype(complex)
        height, slope = moments[:, 0].real + self.offset * signs.real, -moments[:, 1].imag
        curvature, third = -moments[:, 2].real, moments[:, 3].imag
        carrier = np.zeros_like(height)
        if self.is_complex:  # |z|'' and |z|''' where |z|' ≈ 0
            carrier = np.divide(moments[:, 1].real, height, out=carrier, where=height != 0.0)  # 0 where tones cancel
            curvature = curvature + height * carrier**2
            third = third - 3 * carrier * moments[:, 2].imag
        return (
            Peaks(self._within(times), height, signs, tones, carrier, curvature, np.zeros(len(times), bool)),
            slope,
            third,
        )

    def _within(self, times: NDArray[np.floating]) -> FloatArray:
        """The same times within one period."""
        return np.asarray(times % (2 * np.pi), dtype=np.float64)

    def _rotations(self, times: NDArray[np.floating]) -> ComplexArray:
        """``exp(i h t)``, ``(m, n)``; two short tables and one product where the numbers are dense."""
        times = np.where(times >= np.pi, times - 2 * np.pi, times).astype(np.float64)
        h = self.numbers
        low, span = int(h.min()), int(np.ptp(h)) + 1
        block = int(np.sqrt(span)) + 1
        if 4 * block > len(h):
            return np.exp(1j * np.multiply.outer(times, h))
        fine = np.exp(1j * np.multiply.outer(times, np.arange(block)))
        coarse = np.exp(1j * np.multiply.outer(times, low + block * np.arange(span // block + 1)))
        return coarse[:, (h - low) // block] * fine[:, (h - low) % block]


def _tops(high: IntArray, heights: FloatArray, n_samples: int) -> NDArray[np.bool_]:
    """Which of the high samples are higher than their neighbours; a neighbour that is not among them is lower."""
    before = np.where(np.roll(high, 1) == (high - 1) % n_samples, np.roll(heights, 1), -np.inf)
    behind = np.where(np.roll(high, -1) == (high + 1) % n_samples, np.roll(heights, -1), -np.inf)
    tops = (heights >= before) & (heights > behind)
    if not tops.any():  # a constant envelope has no strict maximum
        tops[int(np.argmax(heights))] = True
    return tops


def highest_of(heights: FloatArray, most: int | None) -> IntArray:
    """Indices of the ``most`` highest, rising; of all without a number."""
    if most is None or len(heights) <= most:
        return np.arange(len(heights))
    return np.sort(np.argsort(-heights, kind="stable")[:most])


def _in_order(peaks: Peaks, cell: float) -> tuple[Peaks, NDArray[np.bool_]]:
    """The peaks of a period in order of time, and which of them to keep so that each stands there once."""
    peaks = peaks.pick(np.argsort(peaks.times))
    gaps = np.diff(peaks.times, append=peaks.times[0] + 2 * np.pi)
    return peaks, gaps > _SAME * cell
