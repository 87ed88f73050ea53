r"""Waveforms that are delayed in steps, as samples: what each adds to the sum, and what no delays can beat.

Waveform ``g`` with samples :math:`w_g(j)` and delay :math:`k_g` adds :math:`w_g(j - s k_g)`, with ``s`` samples a step,
so all sums are made of shifted copies. Whatever the delays, the sum has the same mean, and at its own highest sample
each waveform stands on at least the minima of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, gcd, inf, lcm
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from crestfall.problem.arrays import ComparedByValue, FloatArray, IntArray
from crestfall.problem.problem import Problem
from crestfall.signal.synthesis import Synthesis

Samples = npt.NDArray[Any]

_ROUNDING = 1e-9
_MOST_LEVELS, _MOST_DENOMINATOR = 16, 1000


@dataclass(frozen=True, eq=False)
class DelayedWaveforms(ComparedByValue):
    """The waveforms of a problem whose delays are counted in steps.

    Attributes:
        waveforms: ``(groups, rows, n)`` samples of each without delay, for each signal; complex where magnitudes count.
        held: ``(rows, n)`` samples of what does not move.
        counts: ``(groups,)`` different delays of each, in steps: fewer where a waveform repeats within the period.
        stride: Samples of a step.
        measure: What counts of the sums: ``"peak"``, ``"range"`` or ``"one-sided"``.
        origins: ``(groups,)`` variables [rad] of the problem's phase map without delay.
        turns: ``(groups,)`` what a step of delay takes from them [rad].

    Example:
        >>> from crestfall.problem.constraints import Delays
        >>> from crestfall.problem.multisine import Multisine
        >>> from crestfall.problem.times import Samples
        >>> ms = Multisine.harmonics([1, 1])
        >>> sums = DelayedWaveforms.of(Problem(ms, over=Samples(8), phases=[Delays([[0], [1]], steps=8)]))
        >>> round(float(sums.measured(sums.sum_at(np.array([0, 4])))), 9) + 0.0
        0.0
    """

    waveforms: Samples
    held: Samples
    counts: IntArray
    stride: int
    measure: str
    origins: FloatArray
    turns: FloatArray

    @classmethod
    def of(cls, problem: Problem) -> DelayedWaveforms:
        """The waveforms of a problem with ``Delays(…, steps=…)``."""
        steps, n, ms, phase_map = problem.delay_steps, problem.samples, problem.computed_tones, problem.phase_map
        assert steps is not None
        assert n is not None
        rows = np.ones((1, ms.n)) if problem.rows is None else problem.rows
        synthesis = Synthesis(ms.harmonic_numbers, n, complex=ms.complex)
        leads = np.array([np.flatnonzero(_moved(problem, v))[0] for v in range(phase_map.n_free)], dtype=np.int64)
        slopes, numbers = phase_map.slopes[leads], ms.harmonic_numbers[leads]
        origins = (problem.delay_origin[leads] - phase_map.offsets[leads]) / slopes
        coefficients = rows * ms.amplitudes * np.exp(1j * phase_map.phases(origins))
        waveforms, counts = [], []
        for v in range(phase_map.n_free):
            moved = _moved(problem, v)
            waveforms.append(synthesis.samples(np.where(moved, coefficients, 0.0)))
            counts.append(steps // gcd(steps, int(np.gcd.reduce(ms.harmonic_numbers[moved]))))
        return cls(
            waveforms=np.asarray(waveforms),
            held=np.asarray(synthesis.samples(np.where(phase_map.slopes == 0.0, coefficients, 0.0))),
            counts=np.array(counts, dtype=np.int64),
            stride=n // steps,
            measure=problem.measure if problem.measure in ("range", "one-sided") else "peak",
            origins=origins,
            turns=2.0 * np.pi * numbers / steps / slopes,
        )

    def variables(self, delays: IntArray) -> FloatArray:
        """``(groups,)`` variables [rad] of delays in steps."""
        return np.asarray(self.origins - self.turns * delays)

    def delays(self, variables: FloatArray) -> IntArray:
        """``(groups,)`` delays in steps, the nearest to variables."""
        return np.rint((self.origins - variables) / self.turns).astype(np.int64) % self.counts

    def copies(self, group: int) -> Samples:
        """``(counts, rows, n)`` copies of a waveform with every delay, as a view."""
        n = self.held.shape[-1]
        twice = np.concatenate([self.waveforms[group]] * 2, axis=-1)
        starts = (n - np.arange(self.counts[group]) * self.stride) % n
        return np.asarray(sliding_window_view(twice, n, axis=-1)[:, starts].swapaxes(0, 1))

    def delayed(self, group: int, delay: int) -> Samples:
        """``(rows, n)`` samples of a waveform with a delay in steps."""
        return np.roll(self.waveforms[group], int(delay) * self.stride, axis=-1)

    def sum_at(self, delays: IntArray) -> Samples:
        """``(rows, n)`` samples of everything."""
        return self.held + sum(self.delayed(group, delay) for group, delay in enumerate(delays))

    def measured(self, sums: Samples) -> FloatArray:
        """``(…,)`` measures of sums ``(…, rows, n)``, the largest of all rows."""
        return self.at_least(sums, 0.0, 0.0)

    def at_least(self, sums: Samples, low: FloatArray | float, high: FloatArray | float) -> FloatArray:
        """``(…,)`` what the measure is at least when more is added to sums ``(…, rows, n)``.

        Args:
            sums: Sums of some of the waveforms.
            low: ``(rows,)`` least value that the others add anywhere.
            high: ``(rows,)`` largest; of complex samples the largest magnitude.
        """
        if np.iscomplexobj(sums):
            return np.asarray(np.max(np.max(np.abs(sums), axis=-1) - high, axis=-1))
        top = np.max(sums, axis=-1) + low
        if self.measure == "one-sided":
            return np.asarray(np.max(top, axis=-1))
        bottom = np.min(sums, axis=-1) + high
        each = 0.5 * (top - bottom) if self.measure == "range" else np.maximum(top, -bottom)
        return np.asarray(np.max(each, axis=-1))

    def extremes(self, group: int) -> tuple[FloatArray, FloatArray]:
        """``(rows,)`` least and largest value of a waveform; of complex samples 0 and the largest magnitude."""
        samples = self.waveforms[group]
        if np.iscomplexobj(samples):
            return np.zeros(len(samples)), np.max(np.abs(samples), axis=-1)
        return np.min(samples, axis=-1), np.max(samples, axis=-1)

    def bound(self) -> float:
        """A measure that no delays can beat: of the mean, of each waveform on the minima of the others, of levels."""
        everything = self.held + np.sum(self.waveforms, axis=0)
        mean = np.mean(everything, axis=-1, keepdims=True)
        best = float(self.measured(mean))
        low, high = (np.sum([self.extremes(g)[k] for g in range(len(self.counts))], axis=0) for k in (0, 1))
        best = max(best, float(self.at_least(self.held, low, high)))
        least, most = (self.held.real.min(-1), self.held.real.max(-1))
        for group in range(len(self.counts)):
            own_low, own_high = self.extremes(group)
            rest = (
                low - own_low + least,
                high - own_high + (most if self.measure_is_real else np.abs(self.held).max()),
            )
            best = max(best, float(self.at_least(self.waveforms[group], *rest)))
        if self.measure == "range":  # what the mean is above itself is rounding
            best = best if best > _ROUNDING * float(np.max(np.abs(everything))) else 0.0
        return max(best, self._bound_of_levels(float(mean.real.max()))) * (1.0 - 1e-12 * np.sign(best))

    @property
    def measure_is_real(self) -> bool:
        """Whether the values count, and not magnitudes of complex samples."""
        return not np.iscomplexobj(self.held)

    def _bound_of_levels(self, mean: float) -> float:
        """The least level above the mean that sums of a few levels, as pulses have, can take at all."""
        one_row = self.measure_is_real and len(self.held) == 1 and self.measure != "range"
        if not one_row or np.ptp(self.held) > _ROUNDING * max(abs(mean), 1e-300):
            return -inf
        least, scale = float(self.held[0, 0]), max(float(np.ptp(one)) for one in self.waveforms)
        fractions: list[Fraction] = []
        for one in self.waveforms:
            levels = np.unique(np.round(one[0] / scale, 9))
            if levels.size > _MOST_LEVELS:
                return -inf
            least += float(one.min())
            ratios = [Fraction(float(step)).limit_denominator(_MOST_DENOMINATOR) for step in levels - levels[0]]
            if any(abs(float(ratio) - step) > 1e-8 for ratio, step in zip(ratios, levels - levels[0], strict=True)):
                return -inf
            fractions += [ratio for ratio in ratios if ratio]
        denominator = lcm(*(one.denominator for one in fractions))
        unit = gcd(*(int(one * denominator) for one in fractions)) / denominator * scale
        return least + unit * ceil((mean - least) / unit - 1e-6)


def _moved(problem: Problem, variable: int) -> npt.NDArray[np.bool_]:
    """``(n,)`` which tones a variable moves."""
    return np.asarray((problem.phase_map.variables == variable) & (problem.phase_map.slopes != 0.0))


def delays_bound(problem: Problem) -> float:
    """The value of a problem with delays in steps that none of them can beat, as ``value_of`` counts it."""
    return DelayedWaveforms.of(problem).bound()
