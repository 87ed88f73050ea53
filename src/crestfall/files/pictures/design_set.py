"""The picture of a set: a panel for each input in each experiment, all of one input on one scale."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crestfall.certainty.measures import true_top
from crestfall.design.channels.design_set import DesignSet
from crestfall.design.channels.report import ChannelReport
from crestfall.files.pictures.style import DESIGN, PEAK, readable_unit, tidy
from crestfall.problem.arrays import FloatArray
from crestfall.signal.synthesis import Synthesis, grid_size

_MOST_PANELS = 64
_MOST_POINTS = 2**17
_COLUMNS = 800


def plot_design_set(found: DesignSet, *, figure: Figure | None = None) -> Figure:
    """One period of every channel, between dashed lines: ± its peak or, if a range was minimised, its two ends.

    Args:
        found: What to draw; at most 64 channels.
        figure: Draw here instead of in a new figure.

    Returns:
        The figure: a row for each input, a column for each experiment.

    Raises:
        ValueError: There are more than 64 channels.

    Example:
        >>> import crestfall as cf
        >>> both = [cf.Multisine([1.0, 3.0]), cf.Multisine([2.0, 4.0])]
        >>> figure = plot_design_set(DesignSet.interleaved(both, [[0.0, 0.0], [0.0, 1.0]], names=["x", "y"]))
        >>> [ax.get_title(loc="left").split(":")[0] for ax in figure.axes]
        ['x', 'y']
    """
    rows, columns = found.n_inputs, found.n_experiments
    if rows * columns > _MOST_PANELS:
        raise ValueError(f"{rows * columns} channels are too many for one picture (at most {_MOST_PANELS})")
    if figure is None:
        size = (9.0 if columns == 1 else max(9.0, 2.9 * columns), 1.0 + 1.7 * rows)
        figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey="row")
    figure.suptitle(_title(found), x=0.01, horizontalalignment="left", fontsize="large")
    factor, unit = readable_unit(found.period, "s")
    reports = iter(found.reports)
    for i in range(rows):
        for e in range(columns):
            _draw(axes[i, e], found, i, e, factor, next(reports))
        axes[i, 0].set_ylabel("|z|" if found.tones.complex else "x(t)")
        axes[i, 0].yaxis.label.set_fontsize(9)
    for ax in axes[-1]:
        ax.set_xlabel(f"time ({unit}), one period" if columns == 1 else f"time ({unit})", fontsize=9)
    return figure


def _draw(ax: Axes, found: DesignSet, i: int, e: int, factor: float, report: ChannelReport) -> None:
    t, low, high = _extremes(_period(found, i, e))
    ax.fill_between(t * found.period * factor, low, high, color=DESIGN, linewidth=0.9)
    for level in _levels(found, i, e):
        ax.axhline(level, color=PEAK, linewidth=1.0, linestyle=(0, (5, 3)))
    ax.set_xlim(0.0, found.period * factor)
    if found.tones.complex:
        ax.set_ylim(bottom=0.0)
    name = report.name if found.n_experiments == 1 else f"{report.name}, exp. {e + 1}"
    figures = f"CF {report.crest_factor:.3f}"
    if report.relative_peak_factor is not None:
        figures += f", RPF {report.relative_peak_factor:.3f}"
    if found.limits is not None:
        figures += f", {report.share:.1%} of the limit"
    tidy(ax, title=f"{name}: {figures}")
    ax.title.set_fontsize(9)


def _period(found: DesignSet, i: int, e: int) -> FloatArray:
    """One common period as finely as a picture shows."""
    design = found.designs[i][e]
    numbers = np.rint(design.multisine.frequencies / found.tones.fundamental).astype(np.int64)
    size = min(max(grid_size(int(np.max(np.abs(numbers))), 16.0), 1024), _MOST_POINTS)
    synthesis = Synthesis(numbers, size, complex=found.tones.complex)
    samples = synthesis.samples(design.multisine.coefficients(design.phases))
    return np.abs(samples) if found.tones.complex else samples


def _levels(found: DesignSet, i: int, e: int) -> tuple[float, ...]:
    """Heights of the dashed lines."""
    design = found.designs[i][e]
    if found.tones.complex:
        return (design.peak,)
    if found.measure == "range":
        return true_top(design.multisine, design.phases), -true_top(design.multisine, design.phases + np.pi)
    return design.peak, -design.peak


def _extremes(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Times in periods, and the lowest and highest value of each column, so that no peak is left out."""
    closed = np.append(values, values[0])
    edges = np.linspace(0, len(values), min(_COLUMNS, len(values)) + 1).astype(int)
    parts = [closed[a : b + 1] for a, b in pairwise(edges)]
    t = (edges[:-1] + edges[1:]) / (2.0 * len(values))
    return t, np.array([part.min() for part in parts]), np.array([part.max() for part in parts])


def _title(found: DesignSet) -> str:
    worst = found.worst
    figure = "relative peak factor" if found.measure == "range" else "crest factor"
    what = figure if found.limits is None else "share of its limit"
    how = "interleaved" if found.matrix is None else f"orthogonal ({found.matrix}, {found.phases} phases)"
    return f"{found.n_inputs} inputs, {how}: worst {what} {worst.share:.4f}"
