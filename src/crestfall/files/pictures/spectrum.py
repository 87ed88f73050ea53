"""The tones: amplitude over frequency."""

from __future__ import annotations

from math import ceil, floor, log10

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, NullFormatter

from crestfall.files.pictures.style import DESIGN, tidy
from crestfall.problem.multisine import Multisine
from crestfall.problem.readable import label_in, readable_unit

_MOST_MARKERS = 150
_MOST_VECTORS = 2000  # more lines than this go into a vector picture as a bitmap
_DECADES = 100.0


def draw_spectrum(ax: Axes, ms: Multisine, unit: str = "") -> None:
    """Stems; a logarithmic axis for frequencies over more than two decades, decibels for such amplitudes.

    Args:
        ax: Where to draw.
        ms: The tones.
        unit: Unit of their amplitudes, where it is known.
    """
    strongest = float(np.max(ms.amplitudes))
    in_decibels = bool(np.min(ms.amplitudes) * _DECADES < strongest)
    heights = 20.0 * np.log10(ms.amplitudes / strongest) if in_decibels else ms.amplitudes
    floor_level = 10.0 * floor(float(np.min(heights)) / 10.0 - 0.5) if in_decibels else 0.0
    f = _frequency_axis(ax, ms)
    few = ms.n <= _MOST_MARKERS
    width = 1.2 if few else max(0.15, 1.2 * _MOST_MARKERS / ms.n)
    ax.vlines(f, floor_level, heights, color=DESIGN, linewidth=width, rasterized=ms.n > _MOST_VECTORS)
    if few:
        ax.plot(f, heights, "o", color=DESIGN, markersize=3.5)
    ax.set_ylim(floor_level, floor_level + 1.08 * (float(np.max(heights)) - floor_level))
    unit = "dB" if in_decibels else unit
    ax.set_ylabel(label_in("tone amplitude", unit))
    tidy(ax, title="tones")


def _frequency_axis(ax: Axes, ms: Multisine) -> np.ndarray:
    """Label the axis; returns the frequencies in its unit."""
    magnitudes = np.abs(ms.frequencies)
    low, high = float(np.min(ms.frequencies)), float(np.max(ms.frequencies))
    if low > 0 and high > _DECADES * low:
        ax.set_xscale("log")
        ax.set_xlim(low / (high / low) ** 0.04, high * (high / low) ** 0.04)
        # Several prefixes on one axis: each tick carries its own.
        ax.xaxis.set_major_formatter(EngFormatter(unit="Hz"))
        ax.xaxis.set_minor_formatter(NullFormatter())
        decades = range(ceil(log10(low)), floor(log10(high)) + 1)
        every = max(1, ceil(len(decades) / 5))
        ax.set_xticks([10.0**power for power in decades[::every]])
        ax.set_xlabel("frequency")
        return ms.frequencies
    factor, unit = readable_unit(float(np.max(magnitudes)), "Hz")
    ax.set_xlabel(f"frequency ({unit})")
    return ms.frequencies * factor
