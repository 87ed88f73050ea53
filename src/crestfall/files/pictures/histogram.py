"""Before and after: how much of its time the signal spends at each value."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from crestfall.files.pictures.curve import Curve, as_drawn
from crestfall.files.pictures.style import REFERENCE, tidy
from crestfall.problem.multisine import Multisine

_BINS = 61  # odd: zero is in the middle of one


def draw_histogram(ax: Axes, ms: Multisine, curves: tuple[Curve, ...]) -> None:
    """Share of one period over the sample value; the crest factors stand in the legend."""
    highest = max(float(np.max(np.abs(curve.values))) for curve in curves) or 1.0
    edges = np.linspace(0.0 if as_drawn(ms).complex else -highest, highest, _BINS + 1)
    for curve in curves:
        silent = bool(np.isnan(curve.crest_factor))
        label = f"{curve.label}: " + ("silent" if silent else f"{curve.crest_factor:.3f}")
        share, _ = np.histogram(curve.values, edges)
        ax.stairs(
            share * (100.0 / curve.values.size),
            edges,
            color=curve.colour,
            fill=curve.colour == REFERENCE,
            linewidth=1.4,
            label=label,
        )
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel("sample value |z|" if as_drawn(ms).complex else "sample value")
    ax.set_ylabel("share of the time (%)")
    tidy(ax, title="sample values and crest factors", legend_columns=2)
