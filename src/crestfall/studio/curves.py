"""Curves and lines of a design for the figures, with no more points than can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from crestfall.certainty.measures import sampled
from crestfall.design.channel_figures import drive_of
from crestfall.design.design import Design
from crestfall.files.pictures.curve import as_drawn, oscillations
from crestfall.problem.arrays import ComplexArray, FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.readable import readable_unit
from crestfall.problem.times import Window
from crestfall.signal.held import held_at
from crestfall.signal.synthesis import grid_size
from crestfall.signal.window_signal import grid, offsets, turns_to_middle
from crestfall.signal.window_synthesis import WindowSynthesis

_COLUMNS = 1500
_LEAST_SAMPLES, _MOST_SAMPLES = 1024, 2**22
_OVERSAMPLING = 16.0
_REMEMBERED = 32


@dataclass(frozen=True)
class Wave:
    """One period or one window, ready to be drawn.

    Attributes:
        times: ``(m,)`` times in ``unit`` from the start of the period or window.
        values: ``(m,)`` values: samples, or where there are more than can be shown, lowest and highest of each column
            in turn.
        quadrature: The same of ``Q`` where ``I`` and ``Q`` count, at times of its own; else ``None``.
        unit: Unit of the times.
        duration: The period or the window in that unit.
        stretch: What the times are, for the label of their axis.
        peak: The true peak.
        bound: Peak that no phases can get below.
        is_envelope: Whether the values are those of an envelope, which is never negative.
    """

    times: FloatArray
    values: FloatArray
    quadrature: tuple[FloatArray, FloatArray] | None
    unit: str
    duration: float
    stretch: str
    peak: float
    bound: float
    is_envelope: bool


def prepared(design: Design) -> Design:
    """The design, with all that the page shows of it computed: in a thread, so that the page does not wait."""
    _ = design.figure, design.crest_factor, design.peak_interval, design.lower_bound, design.gap
    wave_of(drive_of(design)[1])
    return design


@lru_cache(_REMEMBERED)
def wave_of(design: Design) -> Wave:
    """The waveform of a design of one drive; those of the latest designs are remembered.

    Example:
        >>> import crestfall as cf
        >>> wave = wave_of(cf.Design.of(cf.Multisine([10.0, 20.0]), [0.0, 1.0]))
        >>> wave.unit, wave.duration, bool(abs(wave.values.max() - wave.peak) < 0.01)
        ('ms', 100.0, True)
    """
    ms, window, components = design.multisine, design.problem.window, design.problem.splits_components
    drawn = as_drawn(ms)
    if (held := design.problem.held_samples) is not None:
        seconds, stretch = ms.period, "one period"
        places = np.linspace(0.0, 1.0, held * max(1, _LEAST_SAMPLES // held) + 1)
        samples = held_at(sampled(drawn, design.phases, held), places)
    elif window is None:
        seconds, stretch = ms.period, "one period"
        count = _count(grid_size(oscillations(ms.real_part() if components else ms), _OVERSAMPLING))
        samples = sampled(drawn, design.phases, count)
        samples = np.append(samples, samples[0])
        places = np.linspace(0.0, 1.0, count + 1)
    else:
        seconds, stretch = window.duration, "from the start of the window"
        c = ms.coefficients(design.phases)
        if components:
            in_phase, quadrature = (_window_samples(ms.real_part(), window, c * turn) for turn in (1.0, -1j))
            samples = in_phase + 1j * quadrature
        else:
            samples = _window_samples(drawn, window, c)
        places = (np.arange(samples.size) + 0.5) / samples.size
    factor, unit = readable_unit(seconds, "s")
    magnitude = drawn.complex and not components
    times, values = _thinned(places * seconds * factor, np.abs(samples) if magnitude else samples.real)
    second = _thinned(places * seconds * factor, samples.imag) if components else None
    limits = design.peak, design.peak_lower_bound
    return Wave(times, values, second, unit, seconds * factor, stretch, *limits, magnitude)


def _count(samples: int) -> int:
    return int(np.clip(samples, _LEAST_SAMPLES, _MOST_SAMPLES))


def _window_samples(ms: Multisine, window: Window, coefficients: ComplexArray) -> npt.NDArray[np.inexact]:
    """Samples in the middle of equal cells of the window; of complex tones as if they lay around 0 Hz."""
    count = min(_count(grid(ms, window, _OVERSAMPLING)) | 1, _MOST_SAMPLES - 1)
    turns = turns_to_middle(ms, window)
    synthesis = WindowSynthesis(offsets(ms), window.duration, count, complex=ms.complex, turns=turns)
    return np.asarray(synthesis.samples(coefficients))


def _thinned(times: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest value of each column, in the order in which they come; all where these are not many more."""
    if values.size <= 2 * _COLUMNS:
        return times, values
    edges = np.linspace(0, values.size, _COLUMNS, endpoint=False).astype(np.intp)
    parts = np.split(np.arange(values.size), edges[1:])
    chosen = np.concatenate([np.sort([part[np.argmin(values[part])], part[np.argmax(values[part])]]) for part in parts])
    return times[chosen], values[chosen]


@dataclass(frozen=True)
class Lines:
    """The spectrum, ready to be drawn.

    Attributes:
        frequencies: ``(n,)`` frequencies in ``unit``.
        amplitudes: ``(n,)`` amplitudes.
        unit: Unit of the frequencies.
        is_logarithmic: Whether they span so much that a logarithmic axis reads better.
    """

    frequencies: FloatArray
    amplitudes: FloatArray
    unit: str
    is_logarithmic: bool


def lines_of(design: Design) -> Lines:
    """The tones of a design of one drive."""
    ms = design.multisine
    low, high = float(np.min(ms.frequencies)), float(np.max(ms.frequencies))
    if low > 0 and high > 100.0 * low:  # the ticks are powers of ten, which need no prefix
        return Lines(ms.frequencies, ms.amplitudes, "Hz", True)
    factor, unit = readable_unit(float(np.max(np.abs(ms.frequencies))), "Hz")
    return Lines(ms.frequencies * factor, ms.amplitudes, unit, False)
