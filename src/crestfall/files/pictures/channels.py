"""The picture of several inputs: a panel for each input in each experiment, all of one input on one scale."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crestfall.design.design import Design
from crestfall.files.pictures.curve import Curve, curve_of
from crestfall.files.pictures.levels import levels_of
from crestfall.files.pictures.style import BOUND, DESIGN, readable_unit, tidy
from crestfall.files.pictures.waveform import mark_window
from crestfall.problem.arrays import FloatArray

_MOST_PANELS = 64
_COLUMNS = 800


def plot_channels(design: Design, *, figure: Figure | None = None) -> Figure:
    """One period or the window of every input, between dashed lines at what was lowered.

    Args:
        design: A design of several inputs, at most 64 of them times experiments.
        figure: Draw here instead of in a new figure.

    Returns:
        The figure: a row for each input, a column for each experiment.

    Raises:
        ValueError: There are more than 64 panels.
    """
    rows, columns = len(design.channels), len(design.channels[0])
    if rows * columns > _MOST_PANELS:
        raise ValueError(f"{rows * columns} channels are too many for one picture (at most {_MOST_PANELS})")
    if figure is None:
        size = (9.0 if columns == 1 else max(9.0, 2.9 * columns), 1.0 + 1.7 * rows)
        figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey="row")
    figure.suptitle(_title(design), x=0.01, horizontalalignment="left", fontsize="large")
    for i in range(rows):
        for e in range(columns):
            curve = _curve(design, i, e)
            factor, unit = readable_unit(float(np.max(np.abs(curve.times))), "s")
            _draw(axes[i, e], design, curve, i, e, factor)
        axes[i, 0].set_ylabel("|z|" if curve.tones.complex else "x(t)")
        axes[i, 0].yaxis.label.set_fontsize(9)
    for ax in axes[-1]:
        whole = columns == 1 and design.problem.window is None
        ax.set_xlabel(f"time ({unit}), one period" if whole else f"time ({unit})", fontsize=9)
    return figure


def _curve(design: Design, i: int, e: int) -> Curve:
    one = design.channels[i][e]
    ms = one.multisine if design.problem.window is not None else one.multisine.on_period_of(design.multisine)
    return curve_of(one.problem, ms, one.phases, "", DESIGN)


def _draw(ax: Axes, design: Design, curve: Curve, i: int, e: int, factor: float) -> None:
    one, window = design.channels[i][e], design.problem.window
    t, low, high = _extremes(curve)
    ax.fill_between(t * factor, low, high, color=DESIGN, linewidth=0.9)
    for level in levels_of(one, curve.tones):
        if level.colour != BOUND:
            ax.axhline(level.height, color=level.colour, linewidth=1.0, linestyle=(0, (5, 3)))
    ax.set_xlim(curve.times[0] * factor, curve.times[-1] * factor)
    if window is not None:
        mark_window(ax, window.start * factor, window.end * factor)
    if curve.tones.complex:
        ax.set_ylim(bottom=0.0)
    tidy(ax, title=_heading(design, i, e))
    ax.title.set_fontsize(9)


def _heading(design: Design, i: int, e: int) -> str:
    channels, one = design.problem.channels, design.channels[i][e]
    assert channels is not None
    name = channels.names[i] if channels.experiments == 1 else f"{channels.names[i]}, exp. {e + 1}"
    figures = f"CF {one.crest_factor:.3f}"
    if not one.multisine.complex:
        figures += f", RPF {one.relative_peak_factor:.3f}"
    mine = [report for report in design.signals if (report.channel, report.experiment) == (channels.names[i], e)]
    worst = max(mine, key=lambda report: report.share)
    if worst.limit is not None:
        figures += f", {worst.share:.1%} of the limit"
    return f"{name}: {figures}"


def _extremes(curve: Curve) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Times [s] of columns, and the lowest and highest value of each; columns share their borders."""
    edges = np.linspace(0, len(curve.values) - 1, min(_COLUMNS, len(curve.values) - 1) + 1).astype(int)
    parts = [curve.values[a : b + 1] for a, b in pairwise(edges)]
    t = (curve.times[edges[:-1]] + curve.times[edges[1:]]) / 2.0
    return t, np.array([part.min() for part in parts]), np.array([part.max() for part in parts])


def _title(design: Design) -> str:
    channels = design.problem.channels
    assert channels is not None
    how = channels.kind
    if channels.experiments > 1:
        how += f" ({channels.matrix}, {channels.phases} phases)"  # type: ignore[union-attr]
    return f"{channels.count} inputs, {how}: {design.problem.figure} {design.figure:.4f}"
