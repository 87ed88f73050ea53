"""The waveform between its peak lines and the lines that no phases can get below; a closer look where it is dense."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from crestfall.design.design import Design
from crestfall.files.pictures.curve import Curve, as_drawn, oscillations, values_at
from crestfall.files.pictures.style import BOUND, PEAK, readable_unit, tidy
from crestfall.problem.arrays import FloatArray

_MOST_SEPARATE = 300  # oscillations that can be told apart in the width of a page
_COLUMNS = 1200
_MOST_MARKED = 256
_ZOOM_OSCILLATIONS = 12
_ZOOM_POINTS = 600


def is_dense(design: Design) -> bool:
    """Whether one period has too many oscillations to tell them apart in one picture."""
    return oscillations(design.multisine) > _MOST_SEPARATE


def draw_waveform(ax: Axes, design: Design, curves: tuple[Curve, ...]) -> None:
    """One period. A dense one is drawn as the band that it fills: lines would only cover each other."""
    ms = design.multisine
    factor, unit = readable_unit(ms.period, "s")
    for curve in curves:
        if is_dense(design):
            t, low, high = _band(curve.values)
            ax.fill_between(t * ms.period * factor, low, high, color=curve.colour, linewidth=0.2, label=curve.label)
        else:
            t = np.linspace(0.0, ms.period * factor, curve.values.size + 1)
            ax.plot(t, np.append(curve.values, curve.values[0]), color=curve.colour, linewidth=1.0, label=curve.label)
    _draw_levels(ax, design)
    if not is_dense(design):
        _mark_active_peaks(ax, design, factor)
    ax.set_xlim(0.0, ms.period * factor)
    ax.set_xlabel(f"time ({unit}), one period")
    ax.set_ylabel("envelope |z|" if as_drawn(ms).complex else "x(t)")
    if as_drawn(ms).complex:
        ax.set_ylim(bottom=0.0)
    tidy(ax, title="one period", legend_columns=5)


def draw_closer_look(ax: Axes, design: Design, curves: tuple[Curve, ...]) -> None:
    """A few oscillations around the peak."""
    ms = design.multisine
    width = _ZOOM_OSCILLATIONS / oscillations(ms) * ms.period
    offsets = np.linspace(-width / 2.0, width / 2.0, _ZOOM_POINTS)
    factor, unit = readable_unit(width / 2.0, "s")
    for curve in curves:
        values = values_at(ms, curve.phases, design.peak_time + offsets)
        ax.plot(offsets * factor, values, color=curve.colour, linewidth=1.0)
    _draw_levels(ax, design)
    ax.plot(0.0, values_at(ms, design.phases, np.array([design.peak_time]))[0], "o", color=PEAK, markersize=4.0)
    ax.set_xlim(offsets[0] * factor, offsets[-1] * factor)
    at, at_unit = readable_unit(design.peak_time, "s")
    ax.set_xlabel(f"offset ({unit})")
    tidy(ax, title=f"around the peak at {design.peak_time * at:.6g} {at_unit}")
    ax.tick_params(labelleft=False)


def _band(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Column centres in periods, and the lowest and highest sample of each column."""
    edges = np.linspace(0, values.size, _COLUMNS, endpoint=False).astype(np.intp)
    t = np.append(np.arange(_COLUMNS), _COLUMNS) / _COLUMNS
    low, high = np.minimum.reduceat(values, edges), np.maximum.reduceat(values, edges)
    return t, np.append(low, low[0]), np.append(high, high[0])


def _draw_levels(ax: Axes, design: Design) -> None:
    """Peak and bound, at both signs of a real signal."""
    silent = bool(np.isnan(design.crest_factor))
    labels = ("peak 0, to rounding" if silent else f"peak {design.peak:.5g}", f"bound {design.peak_lower_bound:.5g}")
    for sign in (1.0,) if as_drawn(design.multisine).complex else (1.0, -1.0):
        names = labels if sign > 0 else (None, None)
        ax.axhline(sign * design.peak, color=PEAK, linewidth=1.2, label=names[0])
        ax.axhline(sign * design.peak_lower_bound, color=BOUND, linewidth=1.2, linestyle=(0, (5, 3)), label=names[1])


def _mark_active_peaks(ax: Axes, design: Design, factor: float) -> None:
    """The peaks that hold each other at one height: the multipliers of the certificate stand on them."""
    ms = design.multisine
    if ms.has_repeated_frequencies or ms.n > _MOST_MARKED or ms.n == 1 or design.provenance.goal_samples is not None:
        return
    envelope = design.goal.measure == "envelope" and not as_drawn(ms).complex
    if design.goal.outputs or envelope:  # what was lowered is not what is drawn
        return
    proof = design.certificate
    if proof.is_stationary:
        heights = values_at(ms, design.phases, proof.times)
        label = f"{len(proof.times)} active peaks"
        ax.plot(proof.times * factor, heights, "o", color=PEAK, markersize=3.6, label=label, clip_on=False)
