"""The waveform between its peak lines and the lines that no phases can get below; a closer look where it is dense."""

from __future__ import annotations

from math import isnan

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from crestfall.design.design import Design
from crestfall.files.pictures.curve import Curve, oscillations, shown_tones
from crestfall.files.pictures.levels import levels_of
from crestfall.files.pictures.style import OUTSIDE, PEAK, tidy
from crestfall.problem.arrays import FloatArray
from crestfall.problem.readable import label_in, readable_unit

_MOST_SEPARATE = 300  # oscillations that can be told apart in the width of a page
_COLUMNS = 1200
_MOST_MARKED = 256
_ZOOM_OSCILLATIONS = 12
_ZOOM_POINTS = 600
_DASHES = (0, (5, 3))


def is_dense(design: Design) -> bool:
    """Whether there are too many oscillations to tell them apart in one picture."""
    ms = shown_tones(design.problem, design.multisine)
    return oscillations(ms, design.problem.window) > _MOST_SEPARATE


def draw_waveform(ax: Axes, design: Design, before: tuple[Curve, ...], after: tuple[Curve, ...]) -> None:
    """One period or the window. A dense one is drawn as the band that it fills: lines would only cover each other.

    Args:
        ax: Where to draw.
        design: The design.
        before: What it is compared with; one curve, or ``I`` and ``Q``.
        after: The same of the design.
    """
    factor, unit = _time_axis(ax, design, after[0])
    for curve in (*before, *after):
        draw_curve(ax, curve, factor, dense=is_dense(design))
    _draw_levels(ax, design, after[0])
    if not is_dense(design):
        _mark_active_peaks(ax, design, after, factor)
    magnitudes, window = after[0].tones.complex, design.problem.window
    dots = _samples(ax, design, after, factor)
    ax.set_xlabel(f"time ({unit}){dots}" if window is not None else f"time ({unit}), one period{dots}")
    what = "envelope |z|" if magnitudes else "x(t)" if len(after) == 1 else "I(t), Q(t)"
    ax.set_ylabel(label_in(what, design.problem.unit))
    if magnitudes:
        ax.set_ylim(bottom=0.0)
    tidy(ax, title="one period" if window is None else "the window that counts", legend_columns=4 + len(after))


def draw_curve(ax: Axes, curve: Curve, factor: float, *, dense: bool) -> None:
    """A line, or the band that it fills."""
    if dense:
        t, low, high = _band(curve)
        ax.fill_between(t * factor, low, high, color=curve.colour, linewidth=0.2, label=curve.label)
    else:
        ax.plot(curve.times * factor, curve.values, color=curve.colour, linewidth=1.0, label=curve.label)


def _time_axis(ax: Axes, design: Design, curve: Curve) -> tuple[float, str]:
    """Limit and shade the axis; returns the factor and unit of its times."""
    window = design.problem.window
    factor, unit = readable_unit(float(np.max(np.abs(curve.times))), "s")
    ax.set_xlim(curve.times[0] * factor, curve.times[-1] * factor)
    if window is not None:
        mark_window(ax, window.start * factor, window.end * factor)
    return factor, unit


def mark_window(ax: Axes, start: float, end: float) -> None:
    """The ends of a window, and what does not count outside; the limits of the axis stand already."""
    left, right = ax.get_xlim()
    for a, b in ((left, start), (end, right)):
        ax.axvspan(a, b, color=OUTSIDE, linewidth=0.0, zorder=0.0)
    for at in (start, end):
        ax.axvline(at, color="0.4", linewidth=1.0)
    ax.set_xlim(left, right)


def draw_closer_look(ax: Axes, design: Design, before: tuple[Curve, ...], after: tuple[Curve, ...]) -> None:
    """A few oscillations around the peak."""
    window, tones = design.problem.window, after[0].tones
    width = _ZOOM_OSCILLATIONS / oscillations(tones, window) * (tones.period if window is None else window.duration)
    offsets = np.linspace(-width / 2.0, width / 2.0, _ZOOM_POINTS)
    factor, unit = readable_unit(width / 2.0, "s")
    for curve in (*before, *after):
        ax.plot(offsets * factor, curve.at(design.peak_time + offsets), color=curve.colour, linewidth=1.0)
    _draw_levels(ax, design, after[0])
    highest = max((float(curve.at(np.array([design.peak_time]))[0]) for curve in after), key=abs)
    ax.plot(0.0, highest, "o", color=PEAK, markersize=4.0)
    ax.set_xlim(offsets[0] * factor, offsets[-1] * factor)
    at, at_unit = readable_unit(design.peak_time, "s")
    ax.set_xlabel(f"offset ({unit})")
    tidy(ax, title=f"around the peak at {design.peak_time * at:.6g} {at_unit}")
    ax.tick_params(labelleft=False)


def _band(curve: Curve) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Times [s] of columns, and the lowest and highest sample of each."""
    edges = np.linspace(0, curve.values.size - 1, _COLUMNS + 1).astype(np.intp)
    low, high = (part(curve.values, edges[:-1]) for part in (np.minimum.reduceat, np.maximum.reduceat))
    return curve.times[edges], np.append(low, low[-1]), np.append(high, high[-1])


def _draw_levels(ax: Axes, design: Design, curve: Curve) -> None:
    for level in levels_of(design, curve.tones):
        style = _DASHES if level.dashed else "-"
        ax.axhline(level.height, color=level.colour, linewidth=1.2, linestyle=style, label=level.label)


def _mark_active_peaks(ax: Axes, design: Design, curves: tuple[Curve, ...], factor: float) -> None:
    """The peaks that hold each other at one height: the multipliers of the certificate stand on them."""
    ms, problem = design.multisine, design.problem
    if ms.n > _MOST_MARKED or ms.n == 1 or problem.alphabet is not None or isnan(design.crest_factor):
        return
    # What was lowered must be what is drawn.
    if problem.outputs or problem.samples is not None or not problem.phase_map.n_free:
        return
    proof = design.certificate
    if proof.is_stationary:
        label = f"{len(proof.times)} active peaks"
        of_q = np.abs(proof.signs.imag) > np.abs(proof.signs.real)
        heights = curves[0].at(proof.times) if len(curves) == 1 else _either(curves, of_q, proof.times)
        ax.plot(proof.times * factor, heights, "o", color=PEAK, markersize=3.6, label=label, clip_on=False)


def _either(curves: tuple[Curve, ...], second: npt.NDArray[np.bool_], times: FloatArray) -> FloatArray:
    """Values of the first of two curves, or of the second, at times [s]."""
    return np.where(second, curves[1].at(times), curves[0].at(times))


def _samples(ax: Axes, design: Design, curves: tuple[Curve, ...], factor: float) -> str:
    """Mark the samples that count, where that is a few; returns what to say about them."""
    count = design.problem.samples
    if count is None or count > _MOST_MARKED or is_dense(design):
        return ""
    times = np.arange(count) / count * design.multisine.period
    for curve in curves:
        ax.plot(times * factor, curve.at(times), ".", color="0.25", markersize=3.6, clip_on=False)
    return f"; dots are the {count} samples that count"
