"""Waves of one frequency as phasors, laid head to tail: what is left open is the peak of the sum."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crestfall.files.pictures.style import DESIGN, PEAK, tidy

_MOST_ARROWS = 200
_COLUMNS = 4


def plot_phasor_polygon(
    phases_by_name: Mapping[str, npt.ArrayLike], amplitudes: npt.ArrayLike = 1.0, *, figure: Figure | None = None
) -> Figure:
    """One panel for each set of phases: the phasors head to tail, and their sum.

    Args:
        phases_by_name: ``(n,)`` phases [rad] under the name of what chose them.
        amplitudes: ``(n,)`` amplitudes, or one for all.
        figure: Draw here instead of in a new figure.

    Returns:
        The figure. Arrows for up to 200 waves, a line for more; the titles give ``|Σ a_k exp(iθ_k)|``.

    Raises:
        ValueError: There is nothing to draw, or the amplitudes do not fit the phases.

    Example:
        >>> figure = plot_phasor_polygon({"all zero": [0.0, 0.0, 0.0]})
        >>> print(figure.axes[0].get_title())
        all zero
        sum 3
    """
    count = len(phases_by_name)
    if count == 0:
        raise ValueError("phases_by_name is empty; give at least one set of phases under a name")
    columns = min(count, _COLUMNS)
    rows = -(-count // columns)
    figure = figure if figure is not None else Figure(figsize=(3.2 * columns, 3.6 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, (name, phases) in zip(axes, phases_by_name.items(), strict=False):
        theta = np.asarray(phases, dtype=np.float64)
        a = np.asarray(amplitudes, dtype=np.float64)
        if theta.ndim != 1 or a.shape not in ((), theta.shape):
            raise ValueError(
                f"amplitudes have shape {a.shape} and the phases of {name!r} {theta.shape}; give n phases, and one "
                "amplitude for all or n"
            )
        _draw_polygon(ax, np.broadcast_to(a, theta.shape), theta, name)
    for ax in axes[count:]:
        ax.set_visible(False)
    return figure


def _draw_polygon(ax: Axes, amplitudes: np.ndarray, theta: np.ndarray, name: str) -> None:
    ends = np.concatenate(([0.0], np.cumsum(amplitudes * np.exp(1j * theta))))
    steps = np.diff(ends)
    if theta.size <= _MOST_ARROWS:
        ax.quiver(
            ends[:-1].real,
            ends[:-1].imag,
            steps.real,
            steps.imag,
            angles="xy",
            scale_units="xy",
            scale=1.0,
            color=DESIGN,
            width=0.012 if theta.size <= 60 else 0.006,
        )
    else:
        ax.plot(ends.real, ends.imag, color=DESIGN, linewidth=0.8)
    ax.plot([0.0, ends[-1].real], [0.0, ends[-1].imag], color=PEAK, linewidth=2.2, solid_capstyle="round")
    ax.plot(ends[-1].real, ends[-1].imag, "o", color=PEAK, markersize=5)
    ax.set_title(f"{name}\nsum {abs(ends[-1]):.3g}", fontsize="medium")
    span = 0.6 * max(float(np.ptp(ends.real)), float(np.ptp(ends.imag)), 0.5)
    middle = (ends.real.min() + ends.real.max()) / 2 + 1j * (ends.imag.min() + ends.imag.max()) / 2
    ax.set_xlim(middle.real - span, middle.real + span)
    ax.set_ylim(middle.imag - span, middle.imag + span)
    ax.set_aspect("equal")
    ax.tick_params(labelsize="small")
    tidy(ax)
