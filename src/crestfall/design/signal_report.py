"""One signal of a design in figures: the drive, an output, an input in an experiment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite, nan, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crestfall.certainty.certified_maximum import Maximum
from crestfall.certainty.measures import angle_to_seconds, ratio_to_rms, rms, sampled, true_range
from crestfall.certainty.value import drive_maximum, measured, top_maximum
from crestfall.problem.arrays import ComplexArray, FloatArray, make_read_only, read_only
from crestfall.problem.division import default_limit
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import OutputSignal, Problem
from crestfall.problem.times import Period
from crestfall.signal.window_signal import window_rms


@dataclass(frozen=True, eq=False)
class SignalReport:
    """A signal at the chosen phases; every design has at least one. Figures are computed when they are asked for.

    Attributes:
        name: What it is called.
        channel: Name of the input that it belongs to; ``None`` where there is one drive.
        experiment: Number of the experiment, from 0.
        limit: What is allowed, or ``None``.
    """

    name: str
    channel: str | None
    experiment: int
    limit: float | None
    _problem: Problem
    _signal: OutputSignal
    _phases: FloatArray
    _wanted: Multisine | None = None

    def __post_init__(self) -> None:
        make_read_only(vars(self))

    def __setstate__(self, state: dict[str, Any]) -> None:
        make_read_only(state)
        vars(self).update(state)

    @property
    def unit(self) -> str:
        """Unit of the signal, as far as the problem names it."""
        named = {output.name: output.unit for output in self._problem.outputs}
        return named.get(self.name, self._problem.unit)

    @cached_property
    def _held(self) -> NDArray[np.inexact] | None:
        """``(n,)`` samples of one period that are held, where the signal is made of them."""
        count = self._problem.held_samples
        if count is None:
            return None
        return read_only(sampled(self._signal.tones.on_period_of(self._problem.tones), self._own_phases, count))

    @cached_property
    def _maximum(self) -> Maximum:
        if self._held is not None:
            heights = np.abs(self._held)
            highest = int(np.argmax(heights))
            peak = float(heights[highest])
            return Maximum(peak, peak, peak, 2.0 * pi * highest / heights.size)
        return drive_maximum(self._problem, self._signal.tones, self._own_phases)

    @cached_property
    def _own_phases(self) -> FloatArray:
        return read_only(self._signal.phases(self._phases))

    @property
    def problem(self) -> Problem:
        """The problem of the drive that it belongs to: of one input, where there are several."""
        return self._problem

    @property
    def tones(self) -> Multisine:
        """Its tones, with the amplitudes that the response gives them."""
        return self._signal.tones

    @property
    def phases(self) -> FloatArray:
        """Its phases [rad], with what the response adds to those of the drive."""
        return self._own_phases

    @property
    def peak(self) -> float:
        """True peak over continuous time, in the period or the window, in the unit of the signal.

        With the measure ``"components"`` that of the larger of ``I`` and ``Q``.
        """
        return self._maximum.value

    @property
    def peak_interval(self) -> tuple[float, float]:
        """Certified ``(low, high)`` around the peak."""
        return self._maximum.low, self._maximum.high

    @property
    def peak_time(self) -> float:
        """A time [s] at which the peak is reached: in the first period, or in the window."""
        window, angle = self._problem.window, self._maximum.angle
        if window is None:
            ms = self._signal.tones if self._held is None else self._problem.tones
            return angle_to_seconds(ms, angle)
        return window.start + angle / (2.0 * pi) * window.duration

    @cached_property
    def rms(self) -> float:
        """Root mean square over the period or the window."""
        window = self._problem.window
        if self._held is not None:
            return float(np.sqrt(np.mean(np.abs(self._held) ** 2)))
        if window is None:
            return rms(self._signal.tones, self._own_phases)
        return window_rms(self._signal.tones, window, self._own_phases)

    @property
    def crest_factor(self) -> float:
        """``peak / rms``; ``nan`` for tones that cancel."""
        if self._problem.window is None and self._held is None:
            return ratio_to_rms(self.peak, self._signal.tones, self._own_phases)
        return self.peak / self.rms if self.rms > 0.0 else nan

    @cached_property
    def relative_peak_factor(self) -> float | None:
        """``(max − min) / (2√2 rms)`` over continuous time; ``None`` for complex signals, or tones that cancel."""
        ms, window = self._signal.tones, self._problem.window
        if ms.complex or not isfinite(self.crest_factor):
            return None
        if self._held is not None:
            return float(np.ptp(self._held)) / (2.0 * sqrt(2.0) * self.rms)
        if window is None:
            return true_range(ms, self._own_phases) / (2.0 * sqrt(2.0) * self.rms)
        top, bottom = (top_maximum(ms, self._own_phases + shift, window).value for shift in (0.0, pi))
        return (top + bottom) / (2.0 * sqrt(2.0) * self.rms)

    @cached_property
    def _measured(self) -> tuple[float, float, float]:
        if self._problem.measure in ("peak", "components") and self._problem.samples is None:
            return self._maximum[:3]
        return measured(self._problem, self._signal, self._phases)

    @property
    def value(self) -> float:
        """The problem's measure of it, in the unit of the signal."""
        return self._measured[0]

    @property
    def value_interval(self) -> tuple[float, float]:
        """Certified ``(low, high)`` around the value."""
        return self._measured[1], self._measured[2]

    @property
    def share(self) -> float:
        """``value / limit``; without a limit ``value / rms``, for a range in units of that of a sine.

        The RMS is that of the wanted tones over a long time. The largest share of all signals is what was minimised.
        """
        wanted = self._signal.tones if self._wanted is None else self._wanted
        return self.value / (default_limit(wanted, self._problem) if self.limit is None else self.limit)

    def reach(self, gain: float, offset: float) -> float:
        """How high the signal may rise if the drive is scaled and a constant is added to it, in the unit of the signal.

        The certified upper end of the true peak, or of the measure where that is a range or one-sided, and what the
        response makes of the constant: nothing if it is a derivative, its factor if it is one number.

        Args:
            gain: Factor of the amplitudes of the drive.
            offset: Constant that is added to the drive.

        Raises:
            ValueError: How the signal answers to a constant is not known.
        """
        by_measure = self._problem.measure in ("range", "one-sided")
        peak = self._highest_over_time if by_measure else self.peak_interval[1]
        return gain * peak + (abs(offset) * self._factor_of_offset if offset else 0.0)

    @cached_property
    def _highest_over_time(self) -> float:
        """Certified upper end of the measure over continuous time, even where only samples count."""
        problem = self._problem
        if problem.samples is not None and problem.held_samples is None:
            problem = replace(problem, over=Period(), outputs=())
        return measured(problem, self._signal, self._phases)[2]

    @cached_property
    def _response(self) -> ComplexArray:
        """``(n,)`` response of the signal to the drive at the tones."""
        tones = self._problem.tones
        output = next((one for one in self._problem.outputs if one.name == self.name), None)
        return np.ones(tones.n, complex) if output is None else output.responses(tones)

    @cached_property
    def _is_one_number(self) -> bool:
        """Whether the response is the same number at all tones; at a single tone a complex one may be a filter's."""
        first = self._response[0]
        if self._response.size == 1:
            return _is_real(first)
        return bool(np.allclose(self._response, first, rtol=1e-12, atol=0.0))

    @property
    def is_multiple_of_drive(self) -> bool:
        """Whether the signal is the drive times a number, at all times."""
        return self._is_one_number and _is_real(self._response[0])

    @property
    def _factor_of_offset(self) -> float:
        """Magnitude of the response at 0 Hz."""
        if self._is_one_number:
            return float(abs(self._response[0]))
        frequencies = self._problem.tones.frequencies
        slopes = self._response / np.where(frequencies == 0.0, 1.0, frequencies)
        one_slope = bool(np.allclose(slopes, slopes[0], rtol=1e-9, atol=0.0))
        if one_slope and (slopes.size > 1 or (_is_real(-1j * slopes[0]) and slopes[0].imag > 0.0)):
            return 0.0  # a derivative
        raise ValueError(
            f"offset: how output {self.name!r} answers to a constant is not known, so that its limit cannot be kept; "
            "leave offset out, or give beyond_limits=True"
        )

    def summary(self) -> dict[str, Any]:
        """The figures as plain numbers."""
        crest_factor = self.crest_factor
        return {
            "name": self.name,
            "channel": self.channel,
            "experiment": self.experiment,
            "peak": self.peak,
            "peak_interval": list(self.peak_interval),
            "crest_factor": crest_factor if isfinite(crest_factor) else None,
            "relative_peak_factor": self.relative_peak_factor,
            "value": self.value,
            "limit": self.limit,
            "share": self.share,
        }

    def __repr__(self) -> str:
        where = "" if self.channel is None else f", {self.channel}, experiment {self.experiment}"
        return f"SignalReport({self.name!r}{where}, peak={self.peak:.6g}, share={self.share:.6g})"


def _is_real(number: complex) -> bool:
    """Whether the imaginary part is only rounding."""
    return bool(abs(number.imag) <= 1e-12 * abs(number))
