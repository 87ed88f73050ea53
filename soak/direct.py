"""Measures of sums of tones by direct summation on a dense grid and Newton's method. Nothing here knows the package.

A sum ``x`` of tones with coefficients ``c`` and ``ν`` oscillations in the span has ``|x''| ≤ Σ |c| (2πν)²``. On a grid
of step ``h`` the sample next to its highest top is therefore at most ``h²/8`` times that below the top, and so is
``|z|``. Newton's method refines all samples that high.
"""

from __future__ import annotations

from functools import cached_property
from math import ceil, gcd, pi, sqrt

import numpy as np

_FINE = 32
ROUNDING = 4e-12
"""Error that a sum in float64 may have, relative to the sum of the magnitudes of the coefficients."""


class Span:
    """The times that count, from 0 to 1: a period, or a window with both ends.

    Args:
        cycles: ``(n,)`` oscillations of each tone in the span, negative ones included.
        is_period: Whether the end is the beginning again.
        count: Equally spaced samples of a period that count; ``None`` for continuous time.
    """

    def __init__(self, cycles, is_period, count=None):
        self.cycles = np.asarray(cycles, dtype=np.float64)
        self.is_period, self.count = is_period, count
        points = _FINE * max(1, ceil(float(np.max(np.abs(self.cycles)))))
        self.times = np.arange(points) / points if is_period else np.linspace(0.0, 1.0, points + 1)

    @cached_property
    def _waves(self):
        return self._at(self.times)

    @cached_property
    def _waves_of_samples(self):
        return self._at(np.arange(self.count) / self.count)

    def _at(self, times):
        turns = np.multiply.outer(times, self.cycles)
        return np.exp(2j * pi * (turns - np.rint(turns)))

    def measure(self, measure, c, is_complex, *, continuous=False):
        """The measure of a signal with these coefficients ``(n,)``; ``continuous`` even where samples count."""
        if self.count is not None and not continuous:
            z = self._waves_of_samples @ c
            return _of_samples(measure, z if is_complex or measure == "envelope" else z.real.astype(complex))
        z = self._waves @ c
        if measure == "envelope" or (is_complex and measure == "peak"):
            return self._top(c, z, magnitude=True)
        if measure == "components":
            return max(self._top(turn * c, turn * z) for turn in (1, -1, 1j, -1j))
        if measure == "one-sided":
            return self._top(c, z)
        tops = self._top(c, z), self._top(-c, -z)
        return max(tops) if measure == "peak" else 0.5 * sum(tops)

    def _top(self, c, z, *, magnitude=False):
        """Highest value of ``Re z``, or of ``|z|``."""
        values = _heights(z, magnitude)
        step = 1.0 / self.times.size if self.is_period else 1.0 / (self.times.size - 1)
        below = step**2 / 8 * float(np.sum(np.abs(c) * (2 * pi * self.cycles) ** 2)) + 1e-12 * float(np.sum(np.abs(c)))
        left, right = np.roll(values, 1), np.roll(values, -1)
        if not self.is_period:
            left[0], right[-1] = -np.inf, -np.inf
        which = (values >= left) & (values >= right) & (values >= np.max(values) - below)
        return max(float(np.max(values)), self._refined(c, self.times[which], step, magnitude))

    def _refined(self, c, times, step, magnitude):
        w = 2j * pi * self.cycles
        best = -np.inf
        for _ in range(8):
            parts = self._at(times) * c
            z, d, dd = parts.sum(axis=1), parts @ w, parts @ w**2
            best = max(best, float(np.max(_heights(z, magnitude))))
            if magnitude:
                first, second = (z.conj() * d).real, np.abs(d) ** 2 + (z.conj() * dd).real
            else:
                first, second = d.real, dd.real
            with np.errstate(divide="ignore", invalid="ignore"):
                move = np.where(second < 0, -first / second, 0.25 * step * np.sign(first))
            times = times + np.clip(np.nan_to_num(move), -step, step)
            if not self.is_period:
                times = np.clip(times, 0.0, 1.0)
        return best

    def rms(self, c, is_complex):
        """Root mean square over the span, from the integrals of all products of two tones."""
        square = _mean_of_products(c, np.conj(c), np.subtract.outer(self.cycles, self.cycles), self.is_period)
        if is_complex:
            return sqrt(max(square.real, 0.0))
        other = _mean_of_products(c, c, np.add.outer(self.cycles, self.cycles), self.is_period)
        return sqrt(max(0.5 * (square + other).real, 0.0))


def _heights(z, magnitude):
    return np.abs(z) if magnitude else z.real


def _of_samples(measure, z):
    x = z.real
    return float(
        {
            "peak": lambda: np.max(np.abs(z)),
            "envelope": lambda: np.max(np.abs(z)),
            "range": lambda: 0.5 * (np.max(x) - np.min(x)),
            "one-sided": lambda: np.max(x),
            "components": lambda: max(np.max(np.abs(x)), np.max(np.abs(z.imag))),
        }[measure]()
    )


def _mean_of_products(a, b, cycles, is_period):
    """``∫ Σ a_k b_l e^{2πi ν_{kl} u} du`` from 0 to 1."""
    kernel = (np.abs(cycles) < 1e-9).astype(complex) if is_period else np.sinc(cycles) * np.exp(1j * pi * cycles)
    return complex(a @ kernel @ b)


def greatest_common_divisor(numbers):
    """That of all numbers but 0; 1 where all are 0."""
    return gcd(*(int(number) for number in numbers)) or 1
