"""The value that a problem minimises, certified at given phases, and its lower bound."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from crestfall.certainty.bounds import (
    bernstein_szego,
    components_lower_bound,
    lower_bound,
    montgomery_vaughan,
    peak_lower_bound,
)
from crestfall.certainty.certified_maximum import Maximum
from crestfall.certainty.components import components_maximum
from crestfall.certainty.delayed_waveforms import delays_bound
from crestfall.certainty.measures import sampled, true_peak_maximum, true_top_maximum
from crestfall.certainty.window_maximum import window_maximum
from crestfall.problem.amplitudes.freedom import relative_squares
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import OutputSignal, Problem
from crestfall.problem.times import Window


def peak_maximum(ms: Multisine, phases: FloatArray, window: Window | None = None) -> Maximum:
    """Certified largest ``|x|`` (complex: ``|z|``) over continuous time: a period, or a window."""
    return true_peak_maximum(ms, phases) if window is None else window_maximum(ms, window, phases)


def drive_maximum(problem: Problem, ms: Multisine, phases: FloatArray) -> Maximum:
    """Certified peak over continuous time, as the problem counts it: of ``I`` and ``Q``, or of the magnitude."""
    return (components_maximum if problem.is_about_components else peak_maximum)(ms, phases, problem.window)


def top_maximum(ms: Multisine, phases: FloatArray, window: Window | None = None) -> Maximum:
    """Certified largest ``x`` of real tones over a period or a window."""
    return true_top_maximum(ms, phases) if window is None else window_maximum(ms, window, phases, one_sided=True)


def measured(problem: Problem, signal: OutputSignal, phases: FloatArray) -> tuple[float, float, float]:
    """The problem's measure of one signal, in its own unit, and a certified interval around it: value, low, high.

    Over samples it is what they are, and the interval is empty.

    Args:
        problem: For its measure and its times.
        signal: The signal.
        phases: ``(n,)`` phases [rad] of the drive.
    """
    ms, own_phases = signal.tones, signal.phases(phases)
    if problem.samples is not None:
        value = measure_of_samples(
            problem.measure, sampled(ms.on_period_of(problem.tones), own_phases, problem.samples)
        )
        return value, value, value
    if problem.measure == "range":
        top, bottom = (top_maximum(ms, own_phases + shift, problem.window) for shift in (0.0, np.pi))
        value, low, high = (0.5 * (top[k] + bottom[k]) for k in range(3))
        return value, low, high
    maximum = _MAXIMA.get(problem.measure, peak_maximum)(ms, own_phases, problem.window)
    return maximum.value, maximum.low, maximum.high


_MAXIMA = {"one-sided": top_maximum, "components": components_maximum}
_TWO_SIDED = ("peak", "envelope", "components")
"""Measures that are 0 for silence only."""


def measure_of_samples(measure: str, samples: NDArray[np.inexact]) -> float:
    """The measure of given samples ``(N,)``."""
    if measure == "range":
        return 0.5 * float(np.ptp(samples.real))
    if measure == "components":
        return max(float(np.max(np.abs(samples.real))), float(np.max(np.abs(samples.imag))))
    return float(np.max(samples.real if measure == "one-sided" else np.abs(samples)))


def value_of(problem: Problem, tones: Multisine, phases: FloatArray) -> float:
    """What is minimised: relative to the limits, or without outputs to the RMS that the tones have over a long time;
    for shapes, whose RMS depends on their delays, the measure itself.

    Args:
        problem: A problem of one drive.
        tones: Its tones, with the amplitudes that were chosen.
        phases: ``(n,)`` phases [rad].

    Example:
        >>> problem = Problem(Multisine([1.0, 2.0]))
        >>> round(value_of(problem, problem.tones, np.array([0.0, np.pi / 2])), 6)
        1.760173
    """
    signals = problem.signals(tones)
    values = [measured(problem, signal, phases)[0] / signal.limit for signal in signals]
    if problem.outputs:
        return max(values) / problem.loudness(tones)
    return values[0] / problem.unit_of_figure(signals[0].tones)


def value_bound(problem: Problem, tones: Multisine) -> float:
    """A value that no phases can beat, and with free amplitudes no allowed amplitudes; 0 where none is known.

    Args:
        problem: A problem of one drive.
        tones: Its tones, with the amplitudes that were chosen.
    """
    if problem.freedom is not None:
        return _bound_with_free_amplitudes(problem, tones)
    if problem.delay_steps is not None:
        return delays_bound(problem)
    signals = problem.signals(tones)
    bounds = [_measure_bound(problem, signal.tones) / signal.limit for signal in signals]
    return max(bounds) if problem.outputs else bounds[0] / problem.nominal_rms(signals[0].tones)


def _bound_with_free_amplitudes(problem: Problem, tones: Multisine) -> float:
    """The same where amplitudes may be chosen: Bernstein–Szegő (magnitudes: Parseval) for the least of them."""
    freedom = problem.freedom
    if freedom is None or problem.measure not in _TWO_SIDED or not problem.is_over_period:
        return 0.0
    components = problem.is_about_components
    magnitudes = problem.measured_tones(tones).complex and not components
    if problem.responses is None:
        return 1.0 if magnitudes else freedom.lower_bound(tones, components=components)
    slopes = 0.0 if magnitudes else relative_squares(tones)
    least = max(freedom.least_mean_square(np.abs(response) ** 2 * (1.0 + slopes)) for response in problem.responses)
    half = sqrt(0.5) if components else 1.0  # of the sum of both parts
    return problem.nominal_rms(problem.measured_tones(problem.tones)) * half * sqrt(least) * (1.0 - 1e-12)


def _measure_bound(problem: Problem, ms: Multisine) -> float:
    """A lower bound of the measure of a signal, in its own unit."""
    if ms.has_constant and problem.measure in ("range", "one-sided"):
        return _bound_beside_constant(problem, ms)
    if problem.window is not None:
        return true_peak_bound(problem, ms) if problem.measure in _TWO_SIDED else 0.0
    rms = ms.nominal_rms * (sqrt(0.5) * (1.0 - 1e-15) if problem.is_about_components else 1.0)
    if ms.has_repeated_frequencies:
        exact = problem.measure in _TWO_SIDED and problem.samples is None
        return true_peak_bound(problem, ms) if exact else 0.0
    if problem.samples is not None:
        # Enough samples have the tones' mean square; half of a range, less its middle, is no smaller than the RMS.
        band = int(np.ptp(ms.harmonic_numbers)) + 1 if ms.complex else 2 * int(np.max(ms.harmonic_numbers)) + 1
        return rms if problem.samples >= band and problem.measure != "one-sided" else 0.0
    if problem.measure == "range":  # the bound holds for the signal and any constant together
        return bernstein_szego(ms) * rms
    if problem.measure == "one-sided":  # (max - x)(x - min) has a mean of at least 0, and so has x
        scale = ms.amplitude_scale
        return rms / (float(np.sum(ms.amplitudes / scale)) * scale) * rms
    return components_lower_bound(ms) if problem.is_about_components else lower_bound(ms) * rms


def _bound_beside_constant(problem: Problem, ms: Multisine) -> float:
    """The bound of a signal with a constant, which changes no range and may lie on either side."""
    swings = ms.frequencies != 0.0
    if problem.measure == "one-sided" or not np.any(swings):
        return -float(np.sum(ms.amplitudes[~swings])) if problem.measure == "one-sided" else 0.0
    rest = ms.pick(np.flatnonzero(swings))
    return _measure_bound(problem, rest if problem.window is not None else rest.on_period_of(problem.tones))


def true_peak_bound(problem: Problem, ms: Multisine) -> float:
    """Peak over a period or a window that no phases can beat, in the unit of the amplitudes: of ``I`` and ``Q``, or of
    the magnitude.

    Args:
        problem: For its window, and whether ``I`` and ``Q`` count.
        ms: The tones.
    """
    if problem.window is not None:
        least = montgomery_vaughan(ms, problem.window)
        return least * sqrt(0.5) * (1.0 - 1e-15) if problem.is_about_components else least
    return components_lower_bound(ms) if problem.is_about_components else peak_lower_bound(ms)
