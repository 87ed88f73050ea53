"""Curves and lines of a design for the figures, with no more points than can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from crestfall.certainty.measures import sampled
from crestfall.design.channel_figures import name_in_experiment
from crestfall.design.design import Design
from crestfall.design.signal_report import SignalReport
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
class Level:
    """A horizontal line.

    Attributes:
        role: ``"peak"``, ``"limit"`` or ``"bound"``, which no phases can get below.
        height: Where it is.
    """

    role: str
    height: float


@dataclass(frozen=True)
class Wave:
    """One period or one window of a signal, ready to be drawn.

    Attributes:
        times: ``(m,)`` times in ``unit`` from the start of the period or window.
        values: ``(m,)`` values: samples, or where there are more than can be shown, lowest and highest of each column
            in turn.
        quadrature: The same of ``Q`` where ``I`` and ``Q`` count, at times of its own; else ``None``.
        unit: Unit of the times.
        duration: The period or the window in that unit.
        stretch: What the times are, for the label of their axis.
        peak: The measure of the problem: the true peak, the highest value, half of the range.
        limit: What the measure must not exceed, or ``None``.
        bound: Measure that no phases can get below; 0 where none is known, or several signals share the goal.
        levels: Lines at these heights.
        is_envelope: Whether the values are those of an envelope, which is never negative.
    """

    times: FloatArray
    values: FloatArray
    quadrature: tuple[FloatArray, FloatArray] | None
    unit: str
    duration: float
    stretch: str
    peak: float
    limit: float | None
    bound: float
    levels: tuple[Level, ...]
    is_envelope: bool

    @property
    def highest(self) -> float:
        """Largest magnitude of what is drawn."""
        curves = [self.values, *([] if self.quadrature is None else [self.quadrature[1]])]
        return max(*(float(np.max(np.abs(curve))) for curve in curves), *(abs(one.height) for one in self.levels))


def prepared(design: Design) -> Design:
    """The design, with all that the page shows of it computed: in a thread, so that the page does not wait."""
    _ = design.figure, design.crest_factor, design.peak_interval, design.lower_bound, design.gap
    wave_of(design, worst_of(design))
    return design


def worst_of(design: Design) -> int:
    """Number of the signal with the largest share."""
    return design.signals.index(design.worst)


def names_of(design: Design) -> list[str]:
    """What the signals are called: by input, experiment and output, as far as there are several.

    Example:
        >>> import crestfall as cf
        >>> problem = cf.Problem(cf.Multisine([1.0, 2.0, 3.0, 4.0]), channels=cf.Interleaved(2, names=["x", "y"]))
        >>> names_of(cf.Design.of(problem, [0.0, 0.0, 0.0, 1.5]))
        ['x', 'y']
    """
    channels, has_outputs = design.problem.channels, bool(design.problem.outputs)
    names = []
    for report in design.signals:
        of_input = "" if report.channel is None else name_in_experiment(channels, report.channel, report.experiment)
        parts = [of_input, report.name if has_outputs and report.name != report.channel else ""]
        names.append(": ".join(part for part in parts if part) or "drive")
    return names


@lru_cache(_REMEMBERED)
def wave_of(design: Design, number: int = 0) -> Wave:
    """The waveform of one of the signals that count; the latest ones are remembered.

    Example:
        >>> import crestfall as cf
        >>> wave = wave_of(cf.Design.of(cf.Multisine([10.0, 20.0]), [0.0, 1.0]))
        >>> wave.unit, wave.duration, bool(abs(wave.values.max() - wave.peak) < 0.01)
        ('ms', 100.0, True)
    """
    report = design.signals[number]
    places, samples, seconds, stretch, magnitude = _sampled(report)
    components = report.problem.splits_components
    factor, unit = readable_unit(seconds, "s")
    curve = np.abs(samples) if magnitude else samples.real
    times, values = _thinned(places * seconds * factor, curve)
    second = _thinned(places * seconds * factor, samples.imag) if components else None
    bound = _bound(design, report)
    middle = 0.5 * float(np.max(curve) + np.min(curve)) if report.problem.measure == "range" else 0.0
    one_sided = magnitude or report.problem.measure == "one-sided"
    heights = {"peak": report.value, "limit": report.limit or 0.0, "bound": bound}
    levels = [
        Level(role, middle + side * height)
        for role, height in heights.items()
        if height > 0.0
        for side in ((1.0,) if one_sided else (1.0, -1.0))
    ]
    return Wave(
        times,
        values,
        second,
        unit,
        seconds * factor,
        stretch,
        report.value,
        report.limit,
        bound,
        tuple(levels),
        magnitude,
    )


def _sampled(report: SignalReport) -> tuple[FloatArray, npt.NDArray[np.inexact], float, str, bool]:
    """Places from 0 to 1, samples there, what they span [s], in words, and whether magnitudes are drawn."""
    ms, window, components = report.tones, report.problem.window, report.problem.splits_components
    if window is None:
        ms = ms.on_period_of(report.problem.tones)
    drawn = as_drawn(ms)
    if (held := report.problem.held_samples) is not None:
        seconds, stretch = ms.period, "one period"
        places = np.linspace(0.0, 1.0, held * max(1, _LEAST_SAMPLES // held) + 1)
        samples = held_at(sampled(drawn, report.phases, held), places)
    elif window is None:
        seconds, stretch = ms.period, "one period"
        count = _count(grid_size(oscillations(ms.real_part() if components else ms), _OVERSAMPLING))
        samples = sampled(drawn, report.phases, count)
        samples = np.append(samples, samples[0])
        places = np.linspace(0.0, 1.0, count + 1)
    else:
        seconds, stretch = window.duration, "from the start of the window"
        c = ms.coefficients(report.phases)
        if components:
            in_phase, quadrature = (_window_samples(ms.real_part(), window, c * turn) for turn in (1.0, -1j))
            samples = in_phase + 1j * quadrature
        else:
            samples = _window_samples(drawn, window, c)
        places = (np.arange(samples.size) + 0.5) / samples.size
    return places, samples, seconds, stretch, drawn.complex and not components


def _bound(design: Design, report: SignalReport) -> float:
    """What no phases get the signal's measure below, where the goal is about this signal alone."""
    if len(design.signals) > 1 or not design.figure > 0.0:
        return 0.0
    return design.lower_bound / design.figure * report.value


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
        frequencies: ``(n,)`` frequencies [Hz].
        amplitudes: ``(n,)`` amplitudes.
        is_logarithmic: Whether a logarithmic axis spreads them more evenly.
    """

    frequencies: FloatArray
    amplitudes: FloatArray
    is_logarithmic: bool


def lines_of(design: Design) -> Lines:
    """The tones of a design of one drive."""
    ms = design.multisine
    return Lines(ms.frequencies, ms.amplitudes, is_log_spaced(ms.frequencies))


_LEAST_RATIO = 8.0


def is_log_spaced(frequencies: FloatArray) -> bool:
    """Whether steps between neighbours are nearer to one ratio than to one difference.

    Example:
        >>> is_log_spaced(np.array([1.0, 3.0, 9.0, 31.0, 99.0])), is_log_spaced(np.arange(1.0, 4000.0))
        (True, False)
    """
    f = np.unique(frequencies)
    if f.size < 4 or f[0] <= 0.0 or f[-1] < _LEAST_RATIO * f[0]:
        return False
    differences, ratios = np.diff(f), np.diff(np.log(f))
    return bool(np.std(ratios) / np.mean(ratios) < np.std(differences) / np.mean(differences))
