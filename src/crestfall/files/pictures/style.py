"""What all pictures share: colours that colour-blind readers can tell apart, and axes in readable units."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

DESIGN = "#0072B2"
QUADRATURE = "#E69F00"
REFERENCE = "#B0B0B0"
PEAK = "#D55E00"
BOUND = "#009E73"
OUTPUTS = ("#0072B2", "#E69F00", "#CC79A7", "#56B4E9", "#F0E442", "#000000")
OUTSIDE = "0.93"
"""Okabe & Ito's palette (2008)."""

_INK = "0.2"
_SMALL = 8.5
_TITLE = 10.0
_LEGEND_LINE = 16.0  # points that a legend of one line takes between an axes and its title


def tidy(ax: Axes, *, title: str = "", legend_columns: int = 0) -> None:
    """No frame on top and at the right, a faint grid behind the data, few round ticks, the legend clear of the data.

    Args:
        ax: The axes, with everything drawn and labelled.
        title: Heading at the upper left, if any.
        legend_columns: Put a legend of so many columns between heading and data; 0 for none.
    """
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color("0.5")
    ax.tick_params(colors=_INK, labelsize=_SMALL)
    ax.grid(True, which="major", color="0.92", linewidth=0.8)
    ax.set_axisbelow(True)
    for label in (ax.xaxis.label, ax.yaxis.label):
        label.set_color(_INK)
        label.set_fontsize(_SMALL + 0.5)
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "linear":
            axis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10]))
    if title:
        pad = _LEGEND_LINE + 6.0 if legend_columns else 6.0
        ax.set_title(title, loc="left", fontsize=_TITLE, color="black", pad=pad)
    if legend_columns:
        legend = ax.legend(
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            borderaxespad=0.2,
            borderpad=0.2,
            handlelength=1.6,
            columnspacing=1.4,
            ncols=legend_columns,
            frameon=False,
            fontsize=_SMALL,
            labelcolor=_INK,
        )
        # A long legend may reach over the edge of its axes; the layout must not shrink all axes for it.
        legend.set_in_layout(False)
