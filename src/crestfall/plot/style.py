"""What all pictures share: colours that colour-blind readers can tell apart, and axes in readable units."""

from __future__ import annotations

from matplotlib.axes import Axes

DESIGN = "#0072B2"
REFERENCE = "#B0B0B0"
PEAK = "#D55E00"
BOUND = "#009E73"
"""Okabe & Ito's palette (2008)."""

_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p"))


def readable_unit(largest: float, unit: str) -> tuple[float, str]:
    """Factor and unit with which a quantity up to ``largest`` reads well.

    Example:
        >>> readable_unit(0.02, "s")
        (1000.0, 'ms')
        >>> readable_unit(106e6, "Hz")
        (1e-06, 'MHz')
    """
    for size, prefix in _PREFIXES:
        if abs(largest) >= size:
            return 1.0 / size, prefix + unit
    return 1.0, unit


def tidy(ax: Axes) -> None:
    """No frame on top and at the right, a faint grid behind the data."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(True, color="0.92", linewidth=0.8)
    ax.set_axisbelow(True)
