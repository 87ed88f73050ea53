"""What the figures show of a design: as few points as the eye can tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from crestfall.certainty.measures import sampled
from crestfall.design.design import Design
from crestfall.files.pictures.curve import as_drawn, oscillations
from crestfall.files.pictures.style import readable_unit
from crestfall.problem.arrays import FloatArray
from crestfall.signal.synthesis import grid_size

_COLUMNS = 1500
_MOST_SAMPLES = 2**22
_REMEMBERED = 32


@dataclass(frozen=True)
class Wave:
    """One period, ready to be drawn.

    Attributes:
        times: ``(m,)`` times in ``unit``.
        values: ``(m,)`` values: samples, or where the period has more than can be shown, lowest and highest of each
            column in turn.
        unit: Unit of the times.
        duration: One period in that unit.
        peak: The true peak.
        bound: Peak that no phases can get below.
        is_envelope: Whether the values are those of an envelope, which is never negative.
    """

    times: FloatArray
    values: FloatArray
    unit: str
    duration: float
    peak: float
    bound: float
    is_envelope: bool


def prepared(design: Design) -> Design:
    """The design, with what the page will ask of it worked out here: in a thread, where nobody waits for it."""
    _ = design.output_reports
    wave_of(design)
    return design


@lru_cache(_REMEMBERED)
def wave_of(design: Design) -> Wave:
    """The waveform of a design; those of the latest designs are remembered.

    Example:
        >>> import crestfall as cf
        >>> wave = wave_of(cf.Design.of(cf.Multisine([10.0, 20.0]), [0.0, 1.0]))
        >>> wave.unit, wave.duration, bool(abs(wave.values.max() - wave.peak) < 0.01)
        ('ms', 100.0, True)
    """
    ms, drawn = design.multisine, as_drawn(design.multisine)
    n_samples = int(np.clip(grid_size(oscillations(ms), 16.0), 1024, _MOST_SAMPLES))
    samples = sampled(drawn, design.phases, n_samples)
    values: FloatArray = np.abs(samples) if drawn.complex else np.asarray(samples, dtype=np.float64)
    factor, unit = readable_unit(ms.period, "s")
    duration = ms.period * factor
    values = np.append(values, values[0])
    times = np.linspace(0.0, duration, values.size)
    if values.size > 2 * _COLUMNS:
        times, values = _thinned(times, values)
    return Wave(times, values, unit, duration, design.peak, design.peak_lower_bound, drawn.complex)


def _thinned(times: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest value of each column, in the order in which they come."""
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
    """The tones of a design."""
    ms = design.multisine
    low, high = float(np.min(ms.frequencies)), float(np.max(ms.frequencies))
    if low > 0 and high > 100.0 * low:  # the ticks are powers of ten, which need no prefix
        return Lines(ms.frequencies, ms.amplitudes, "Hz", True)
    factor, unit = readable_unit(float(np.max(np.abs(ms.frequencies))), "Hz")
    return Lines(ms.frequencies * factor, ms.amplitudes, unit, False)
