"""The value that a problem minimises, certified at given phases, and its lower bound."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from crestfall.certainty.bounds import bernstein_szego, lower_bound, montgomery_vaughan, peak_lower_bound
from crestfall.certainty.certified_maximum import Maximum
from crestfall.certainty.measures import sampled, true_peak_maximum, true_top_maximum
from crestfall.certainty.window_maximum import window_maximum
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import OutputSignal, Problem
from crestfall.problem.times import Window


def peak_maximum(ms: Multisine, phases: FloatArray, window: Window | None = None) -> Maximum:
    """Certified largest ``|x|`` (complex: ``|z|``) over continuous time: a period, or a window."""
    return true_peak_maximum(ms, phases) if window is None else window_maximum(ms, window, phases)


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
    maximum = (top_maximum if problem.measure == "one-sided" else peak_maximum)(ms, own_phases, problem.window)
    return maximum.value, maximum.low, maximum.high


def measure_of_samples(measure: str, samples: NDArray[np.inexact]) -> float:
    """The measure of given samples ``(N,)``."""
    if measure == "range":
        return 0.5 * float(np.ptp(samples.real))
    return float(np.max(samples.real if measure == "one-sided" else np.abs(samples)))


def value_of(problem: Problem, tones: Multisine, phases: FloatArray) -> float:
    """What is minimised: relative to the limits, or without outputs to the RMS that the tones have over a long time.

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
    return values[0] / problem.nominal_rms(signals[0].tones)


def value_bound(problem: Problem, tones: Multisine) -> float:
    """A value that no phases can beat, and with free amplitudes no allowed amplitudes; 0 where none is known.

    Args:
        problem: A problem of one drive.
        tones: Its tones, with the amplitudes that were chosen.
    """
    if problem.freedom is not None:
        return _bound_with_free_amplitudes(problem, tones)
    signals = problem.signals(tones)
    bounds = [_measure_bound(problem, signal.tones) / signal.limit for signal in signals]
    return max(bounds) if problem.outputs else bounds[0] / problem.nominal_rms(signals[0].tones)


def _bound_with_free_amplitudes(problem: Problem, tones: Multisine) -> float:
    """The same where amplitudes may be chosen: Bernstein–Szegő (complex: Parseval) for the least of them."""
    freedom = problem.freedom
    if freedom is None or problem.measure not in ("peak", "envelope") or not problem.is_over_period:
        return 0.0
    magnitudes = problem.measured_tones(tones).complex
    if problem.responses is None:
        return 1.0 if magnitudes else freedom.lower_bound(tones)
    slopes = 0.0 if magnitudes else (tones.frequencies / float(np.max(tones.frequencies))) ** 2
    least = max(freedom.least_mean_square(np.abs(response) ** 2 * (1.0 + slopes)) for response in problem.responses)
    return problem.nominal_rms(problem.measured_tones(problem.tones)) * sqrt(least) * (1.0 - 1e-12)


def _measure_bound(problem: Problem, ms: Multisine) -> float:
    """A lower bound of the measure of a signal, in its own unit."""
    if problem.window is not None:
        return montgomery_vaughan(ms, problem.window) if problem.measure in ("peak", "envelope") else 0.0
    rms = ms.nominal_rms
    if ms.has_repeated_frequencies:
        exact = problem.measure in ("peak", "envelope") and problem.samples is None
        return peak_lower_bound(ms) if exact else 0.0
    if problem.samples is not None:
        # Enough samples have the tones' mean square; half of a range, less its middle, is no smaller than the RMS.
        band = int(np.ptp(ms.harmonic_numbers)) + 1 if ms.complex else 2 * int(np.max(ms.harmonic_numbers)) + 1
        return rms if problem.samples >= band and problem.measure != "one-sided" else 0.0
    if problem.measure == "range":  # the bound holds for the signal and any constant together
        return bernstein_szego(ms) * rms
    if problem.measure == "one-sided":  # (max - x)(x - min) has a mean of at least 0, and so has x
        scale = ms.amplitude_scale
        return rms / (float(np.sum(ms.amplitudes / scale)) * scale) * rms
    return lower_bound(ms) * rms
