"""Before and after: how much of its time the signal spends at each value."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from crestfall.files.pictures.curve import Curve
from crestfall.files.pictures.style import REFERENCE, tidy

_BINS = 61  # odd: zero is in the middle of one


def draw_histogram(ax: Axes, curves: tuple[Curve, ...]) -> None:
    """Share of the time that counts over the sample value; the crest factors stand in the legend."""
    magnitudes = curves[-1].tones.complex
    highest = max(float(np.max(np.abs(curve.counted))) for curve in curves) or 1.0
    edges = np.linspace(0.0 if magnitudes else -highest, highest, _BINS + 1)
    for curve in curves:
        silent = bool(np.isnan(curve.crest_factor))
        label = f"{curve.label}: " + ("silent" if silent else f"{curve.crest_factor:.3f}")
        share, _ = np.histogram(curve.counted, edges)
        ax.stairs(
            share * (100.0 / curve.counted.size),
            edges,
            color=curve.colour,
            fill=curve.colour == REFERENCE,
            linewidth=1.4,
            label=label,
        )
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel("sample value |z|" if magnitudes else "sample value")
    ax.set_ylabel("share of the time (%)")
    tidy(ax, title="sample values and crest factors", legend_columns=2)
