"""The times that count: a whole period, samples of it, or a window of any length."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np

from crestfall.problem.arguments import finite_number, whole_number
from crestfall.problem.multisine import Multisine
from crestfall.problem.readable import readable

MAX_SAMPLES = 2**27
"""Most samples of one period that are computed."""

MOST_CYCLES = 2.0**52
"""Cycles of a tone from time 0 to the end of a window, after which its phase is lost in rounding."""

MOST_OSCILLATIONS = 2**16
"""Most oscillations of the fastest tone in a window, of a complex signal those of its band, whose peak is computed."""

MOST_PERIODS, MOST_POINTS = 1000, 2**20
"""More periods and samples than these are hardly meant: a fundamental was rounded, or given in another unit."""

LEAST_OSCILLATIONS = 1e-3
"""Least oscillations in a window: in a shorter one the tones hardly move, and all can pass through zero at once."""


@dataclass(frozen=True)
class Period:
    """Continuous time over one period of the tones: the true peak, peaks between samples included."""


@dataclass(frozen=True)
class Samples:
    """Equally spaced samples of one period; what happens between them does not count.

    Attributes:
        n: Number of samples of one period. The points ``linspace(0, period, n + 1)`` visit the same ones, since both
            ends of the period are one point.
        rate: Samples per second [Hz], instead of ``n``: all points of the period that sampling at this rate visits.

    Raises:
        ValueError: Neither or both are given, or the value is not above 0.

    Example:
        >>> ms = Multisine.harmonics([1, 2], fundamental=10.0)
        >>> Samples(64).count(ms), Samples(rate=48_000.0).count(ms), Samples(rate=25.0).count(ms)
        (64, 4800, 5)
    """

    n: int | None = None
    rate: float | None = None

    def __post_init__(self) -> None:
        if (self.n is None) == (self.rate is None):
            raise ValueError("samples: give either n (samples of one period) or rate (samples per second in Hz)")
        if self.n is not None:
            n = whole_number("samples: n", self.n, 1, "an integer of at least 1", MAX_SAMPLES)
            object.__setattr__(self, "n", n)
        if self.rate is not None:
            need = "a finite number of samples per second above 0"
            object.__setattr__(
                self, "rate", finite_number("samples: rate", self.rate, need, above_zero=True, unit="Hz")
            )

    def count(self, ms: Multisine) -> int:
        """Number of different points of one period that are visited.

        Sampling at ``rate`` for ever visits ``p`` points, where ``rate / fundamental = p / q`` in lowest terms.

        Raises:
            ValueError: The samples never repeat within ``MAX_SAMPLES`` points.
        """
        if self.n is not None:
            return self.n
        assert self.rate is not None
        ratio = samples_per_period(ms, self.rate)
        if ratio is not None and ratio.numerator > MAX_SAMPLES:
            raise ValueError(
                f"samples: the rate of {readable(self.rate, 'Hz', 12)} visits {ratio.numerator} points of a period of "
                f"{readable(ms.period, 's', 6)}, and at most {MAX_SAMPLES} can be computed; choose a lower rate or a "
                "higher fundamental"
            )
        if ratio is None:
            raise ValueError(
                f"samples: the rate of {readable(self.rate, 'Hz', 12)} shares no usable period with the fundamental of "
                f"{readable(ms.fundamental, 'Hz', 12)}; choose a rate that is a simple multiple of the fundamental"
            )
        if ratio.denominator > MOST_PERIODS and ratio.numerator > MOST_POINTS:
            each = max(round(self.rate / ms.fundamental), 2)
            raise ValueError(
                f"samples: the rate of {readable(self.rate, 'Hz', 12)} visits {ratio.numerator} points of a period, in "
                f"{ratio.denominator} periods; for {each} samples a period choose a rate of "
                f"{readable(each * ms.fundamental, 'Hz', 12)}, or a fundamental of "
                f"{readable(self.rate / each, 'Hz', 12)}"
            )
        return ratio.numerator


@dataclass(frozen=True)
class Window:
    """Continuous time from ``start`` to ``start + duration``; what comes before and after does not count.

    The tones need no common period then.

    Attributes:
        start: Beginning [s]; phases are those at time 0.
        duration: Length [s].

    Raises:
        ValueError: The start is not finite, or the duration not above 0.

    Example:
        >>> Window(0.5, 2.0).end, Window(0.5, 2.0).middle
        (2.5, 1.5)
    """

    start: float
    duration: float

    def __post_init__(self) -> None:
        start = finite_number("window: start", self.start, "a finite time in seconds", unit="s")
        need = "a finite length above 0 s"
        duration = finite_number("window: duration", self.duration, need, above_zero=True, unit="s")
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "duration", duration)

    @property
    def end(self) -> float:
        """End [s]."""
        return self.start + self.duration

    @property
    def middle(self) -> float:
        """Middle [s]."""
        return self.start + 0.5 * self.duration

    def count(self, sample_rate: float) -> int:
        """Samples at a rate [Hz] from the start to the end, both included: rounding must not lose the one at the end.

        Example:
            >>> Window(0.0, 0.3).count(10.0)
            4
        """
        return floor(min(self.duration * sample_rate * (1.0 + 1e-12), 2.0**62)) + 1

    def require_fit(self, ms: Multisine) -> None:
        """Raise a ``ValueError`` if rounding loses the phases of the tones, or the window is too long."""
        highest = float(np.max(np.abs(ms.frequencies)))
        farthest = max(abs(self.start), abs(self.end))
        if highest > 1e300 or not farthest * (highest or 1.0) <= MOST_CYCLES:
            raise ValueError(
                f"window: it lasts from {self.start} to {self.end} s, where a tone of {readable(highest, 'Hz')} has "
                "made more than 2^52 cycles and its phase is lost in rounding; count time from the window"
            )
        band = float(np.ptp(ms.frequencies)) if ms.complex else highest
        if 0.0 < band * self.duration < LEAST_OSCILLATIONS:
            raise ValueError(
                f"window: only {band * self.duration:.3g} oscillations of the fastest tone fall into it, and at least "
                f"{LEAST_OSCILLATIONS:g} are needed; give a longer window: in this one, all tones can be zero at once"
            )
        if band * self.duration >= MOST_OSCILLATIONS:
            raise ValueError(
                f"window: {band * self.duration:.3g} oscillations of the fastest tone fall into it, and at most "
                f"{MOST_OSCILLATIONS} are computed; shorten the window, or leave out the highest tones"
            )


Times = Period | Samples | Window


def samples_per_period(ms: Multisine, sample_rate: float) -> Fraction | None:
    """``sample_rate / fundamental`` as an exact fraction, or ``None`` when it is not one of moderate size."""
    exact = Fraction(repr(float(sample_rate))) / Fraction(repr(ms.fundamental))
    if exact.denominator <= 10**6:
        return exact
    simple = exact.limit_denominator(10**6)
    return simple if abs(simple - exact) <= exact * Fraction(1, 2**50) else None
