"""The picture of several inputs: a panel for each input in each experiment, all of one input on one scale."""

from __future__ import annotations

from itertools import pairwise
from math import isnan

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crestfall.design.design import Design
from crestfall.design.signal_report import SignalReport
from crestfall.files.pictures.curve import Curve, curves_of
from crestfall.files.pictures.labels import lines_within, size_within
from crestfall.files.pictures.levels import levels_of
from crestfall.files.pictures.style import BOUND, DESIGN, QUADRATURE, tidy
from crestfall.files.pictures.waveform import mark_window
from crestfall.problem.arrays import FloatArray
from crestfall.problem.problem import Problem
from crestfall.problem.readable import readable_figure, readable_unit

_MOST_PANELS = 64
_COLUMNS = 800
_ROW, _COLUMN = 1.7, 2.9  # inches of a panel
_POINTS = 72.0  # of an inch
_SMALL = 9.0
_AS_HIGH = 1e-6


def plot_channels(design: Design, *, figure: Figure | None = None) -> Figure:
    """One period or the window of the worst signal of every input, between dashed lines at what was lowered.

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
        size = (9.0 if columns == 1 else max(9.0, _COLUMN * columns), 1.0 + _ROW * rows)
        figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey="row")
    title, width = _title(design), 0.97 * _POINTS * float(figure.get_size_inches()[0])
    figure.suptitle(title, x=0.01, horizontalalignment="left", fontsize=size_within(title, width, 12.0))
    for i in range(rows):
        number = _worst_signal(design, i)
        for e in range(columns):
            curves, signal = _signal(design, i, e, number)
            factor, unit = readable_unit(float(np.max(np.abs(curves[0].times))), "s")
            _draw(axes[i, e], signal, curves, factor)
            heading = _heading(_reports(design, i, e)[number])
            above = f"experiment {e + 1}\n" if i == 0 and columns > 1 else ""
            tidy(axes[i, e], title=above + heading)
            axes[i, e].title.set_fontsize(_SMALL)
        axes[i, 0].set_ylabel(_row_label(design, i, number, magnitudes=curves[0].tones.complex), fontsize=_SMALL)
    figure.align_ylabels(axes[:, 0])
    for ax in axes[-1]:
        whole = columns == 1 and design.problem.window is None
        ax.set_xlabel(f"time ({unit}), one period" if whole else f"time ({unit})", fontsize=_SMALL)
    return figure


def _reports(design: Design, i: int, e: int) -> list[SignalReport]:
    """The signals of an input in an experiment."""
    channels = design.problem.channels
    assert channels is not None
    return [report for report in design.signals if (report.channel, report.experiment) == (channels.names[i], e)]


def _worst_signal(design: Design, i: int) -> int:
    """Number of the signal of an input that is nearest to its limit in any experiment: what its row is about."""
    shares = np.array([[one.share for one in _reports(design, i, e)] for e in range(len(design.channels[0]))])
    highest = shares.max(axis=0)
    return int(np.flatnonzero(highest >= highest.max() * (1.0 - _AS_HIGH))[0])


def _signal(design: Design, i: int, e: int, number: int) -> tuple[tuple[Curve, ...], Design]:
    """A signal of an input in an experiment: as curves over the common period, and as a design of its own."""
    one = design.channels[i][e]
    signal = one.problem.signals(one.multisine)[number]
    phases = signal.phases(one.phases)
    alone = Problem(signal.tones, over=one.problem.over, measure=one.problem.measure)
    ms = signal.tones if design.problem.window is not None else signal.tones.on_period_of(design.multisine)
    return curves_of(alone, ms, phases, ("", ""), (DESIGN, QUADRATURE)), Design.of(alone, phases)


def _draw(ax: Axes, signal: Design, curves: tuple[Curve, ...], factor: float) -> None:
    window, curve = signal.problem.window, curves[0]
    for each in curves:
        t, low, high = _extremes(each)
        ax.fill_between(t * factor, low, high, color=each.colour, linewidth=0.9)
    for level in levels_of(signal, curve.tones):
        if level.colour != BOUND:
            ax.axhline(level.height, color=level.colour, linewidth=1.0, linestyle=(0, (5, 3)))
    ax.set_xlim(curve.times[0] * factor, curve.times[-1] * factor)
    if window is not None:
        mark_window(ax, window.start * factor, window.end * factor)
    if curve.tones.complex:
        ax.set_ylim(bottom=0.0)


def _heading(report: SignalReport) -> str:
    """The figures of the signal that is drawn."""
    if isnan(report.crest_factor):
        return "silent"
    figures = f"CF {report.crest_factor:.3f}"
    if report.limit is not None:
        return f"{figures}, {report.share:.1%} of the limit"
    rpf = report.relative_peak_factor
    return figures if rpf is None else f"{figures}, RPF {rpf:.3f}"


def _row_label(design: Design, i: int, number: int, *, magnitudes: bool) -> str:
    """Name of an input, and of its signal that is drawn; no higher than the row."""
    channels, report = design.problem.channels, _reports(design, i, 0)[number]
    assert channels is not None
    width = 0.9 * _POINTS * _ROW
    drawn = ("I, Q" if design.problem.splits_components else "x(t)") if report.name == "drive" else report.name
    what = f"|{'z' if report.name == 'drive' else report.name}|" if magnitudes else drawn
    return "\n".join([*lines_within(channels.names[i], width, _SMALL, 2), *lines_within(what, width, _SMALL, 1)])


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
    return f"{channels.count} inputs, {how}: {design.problem.figure} {readable_figure(design.figure)}"
