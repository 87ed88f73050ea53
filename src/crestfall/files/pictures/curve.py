"""One set of phases as it is drawn: samples of one period or of a window, and a closer look at any part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, pi, sqrt

import numpy as np
import numpy.typing as npt

from crestfall.certainty.measures import sampled
from crestfall.design.design import Design
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.problem.times import Period, Times, Window
from crestfall.signal.held import held_at
from crestfall.signal.synthesis import band_numbers, grid_size
from crestfall.signal.window_signal import cycles

_MAX_POINTS = 200_000
_CHUNK = 2**21
_LEAST_OF_STAIRS = 4096
_MARGIN = 0.06
"""Part of a window that is drawn before and after it."""


@dataclass(frozen=True)
class Curve:
    """``x`` of a real signal, ``|z|`` of a complex one or one of its parts ``I`` and ``Q``, for one set of phases.

    Attributes:
        label: Its name in the legends.
        colour: Its colour.
        tones: What is drawn; of a narrow band on a high carrier and for the measure ``envelope`` its envelope; real
            ones for ``I`` and ``Q``.
        phases: ``(n,)`` phases [rad].
        times: ``(N,)`` equally spaced times [s]: one period, both ends included; or a window, with a margin around it.
        values: ``(N,)`` samples.
        counted: Those that count: of one period, or within the window.
        crest_factor: Its true crest factor, that of ``I`` and ``Q`` together; ``nan`` for silence.
        held: ``(n,)`` samples of one period that are held, where the signal is made of them.
    """

    label: str
    colour: str
    tones: Multisine
    phases: FloatArray
    times: FloatArray
    values: FloatArray
    counted: FloatArray
    crest_factor: float
    held: FloatArray | None = None

    def at(self, times: FloatArray) -> FloatArray:
        """What is drawn, at any times [s]."""
        if self.held is not None:
            return held_at(self.held, times / self.tones.period)
        return values_at(self.tones, self.phases, times)


def curves_of(
    problem: Problem, ms: Multisine, phases: FloatArray, labels: Sequence[str], colours: Sequence[str]
) -> tuple[Curve, ...]:
    """Sample one period, or the window, as finely as a picture can show: one curve, or those of ``I`` and ``Q``.

    Args:
        problem: For its times and its measure.
        ms: The tones, with the amplitudes that were chosen.
        phases: ``(n,)`` phases [rad].
        labels: The name in the legends, or those of ``I`` and ``Q``.
        colours: As many colours.
    """
    over: Times = Period() if problem.window is None else problem.window
    shown = shown_tones(problem, ms)
    if (count := problem.held_samples) is not None and not problem.splits_components:
        return (_stairs(problem, shown, phases, count, labels[0], colours[0]),)
    if not problem.splits_components:
        crest_factor = Design.of(Problem(shown, over=over), phases).crest_factor
        return (_curve(shown, phases, problem.window, labels[0], colours[0], crest_factor),)
    crest_factor = Design.of(Problem(ms, over=over, measure="components"), phases).crest_factor
    return tuple(
        _curve(shown, phases - turn, problem.window, label, colour, crest_factor)
        for turn, label, colour in zip((0.0, 0.5 * pi), labels, colours, strict=True)
    )


def shown_tones(problem: Problem, ms: Multisine) -> Multisine:
    """The tones of what is drawn: complex ones for a magnitude, real ones for ``I`` and ``Q``, which share them."""
    return ms.real_part() if problem.splits_components else problem.measured_tones(ms)


def together(curves: Sequence[Curve], label: str) -> Curve:
    """One curve that has the values of all that count, under another name."""
    return replace(curves[0], label=label, counted=np.concatenate([curve.counted for curve in curves]))


def _stairs(problem: Problem, shown: Multisine, phases: FloatArray, count: int, label: str, colour: str) -> Curve:
    """The curve of samples that are held."""
    held = _shown(shown, sampled(shown, phases, count))
    turns = np.linspace(0.0, 1.0, count * ceil(_LEAST_OF_STAIRS / count) + 1)
    crest_factor = float(np.max(np.abs(held)) / np.sqrt(np.mean(held**2)))
    values = held_at(held, turns)
    return Curve(label, colour, shown, phases, turns * shown.period, values, held, crest_factor, held)


def _curve(
    shown: Multisine, phases: FloatArray, window: Window | None, label: str, colour: str, crest_factor: float
) -> Curve:
    if window is None:
        drawn = as_drawn(shown)
        values = _shown(drawn, sampled(drawn, phases, _points(oscillations(shown))))
        times = np.linspace(0.0, shown.period, values.size + 1)
        closed = np.append(values, values[0])
        return Curve(label, colour, drawn, phases, times, closed, values, crest_factor)
    times, values = _around(shown, phases, window)
    counted = values[(times >= window.start) & (times <= window.end)]
    return Curve(label, colour, shown, phases, times, values, counted, crest_factor)


def oscillations(ms: Multisine, window: Window | None = None) -> int:
    """Fastest oscillation of what is drawn, per period or in a window."""
    if window is not None:
        return max(1, ceil(cycles(ms, window)))
    return max(1, int(np.max(np.abs(band_numbers(as_drawn(ms))))))


def as_drawn(ms: Multisine) -> Multisine:
    """The tones themselves; of a narrow band on a high carrier, the envelope."""
    return ms.as_complex() if ms.is_narrow_band else ms


def values_at(ms: Multisine, phases: FloatArray, times: FloatArray) -> FloatArray:
    """What is drawn, at any times [s]."""
    c = ms.coefficients(phases)
    total = np.zeros(times.size, dtype=np.complex128)
    step = max(1, _CHUNK // times.size)
    for first in range(0, ms.n, step):
        part = slice(first, first + step)
        total += np.exp(2j * pi * np.multiply.outer(times, ms.frequencies[part])) @ c[part]
    drawn = as_drawn(ms)
    return _shown(drawn, total if drawn.complex else total.real)


def _points(band: int) -> int:
    return int(np.clip(grid_size(band, 16.0), 1024, _MAX_POINTS))


def _around(ms: Multisine, phases: FloatArray, window: Window) -> tuple[FloatArray, FloatArray]:
    """Times [s] and values of a window and of a margin around it."""
    count = _points(ceil((1.0 + 2.0 * _MARGIN) * oscillations(ms, window)))
    start = window.start - _MARGIN * window.duration
    step = (1.0 + 2.0 * _MARGIN) * window.duration / (count - 1)
    # A product of two matrices: exp(iω(s + t)) = exp(iωs) exp(iωt).
    width = ceil(sqrt(count))
    starts = start + step * width * np.arange(ceil(count / width))
    turns = np.exp(2j * pi * np.multiply.outer(ms.frequencies, step * np.arange(width)))
    samples = (np.exp(2j * pi * np.multiply.outer(starts, ms.frequencies)) * ms.coefficients(phases)) @ turns
    values = samples.ravel()[:count]
    return np.asarray(start + step * np.arange(count)), _shown(ms, values if ms.complex else values.real)


def _shown(ms: Multisine, values: npt.NDArray[np.inexact]) -> FloatArray:
    return np.abs(values) if ms.complex else np.asarray(values, dtype=np.float64)
