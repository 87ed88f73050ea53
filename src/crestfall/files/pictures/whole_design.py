"""The picture of a design: waveform with peak and bound, tones, and what the phases did to the sample values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from crestfall.design.design import Design
from crestfall.engine.closed_form import schroeder
from crestfall.files.pictures.channels import plot_channels
from crestfall.files.pictures.curve import curves_of, together
from crestfall.files.pictures.histogram import draw_histogram
from crestfall.files.pictures.outputs import draw_outputs
from crestfall.files.pictures.spectrum import draw_spectrum
from crestfall.files.pictures.style import DESIGN, QUADRATURE, REFERENCE
from crestfall.files.pictures.waveform import draw_closer_look, draw_waveform, is_dense
from crestfall.problem.arrays import FloatArray
from crestfall.problem.readable import readable_figure
from crestfall.signal.window_signal import schroeder_in_window


def plot_design(
    design: Design,
    *,
    reference: npt.ArrayLike | None = None,
    reference_name: str | None = None,
    figure: Figure | None = None,
) -> Figure:
    """Waveform with lines at what was minimised and at its bound, outputs, tones, and before/after histogram.

    One period is drawn; or the window that counts, its ends marked, and a little of what comes before and after. Too
    many oscillations to tell apart are drawn as the band that they fill, next to a closer look at the surroundings of
    the peak. Several inputs get a panel for each input in each experiment.

    Args:
        design: What to draw.
        reference: ``(n,)`` phases [rad] to compare with; by default those that the tones came with, else Schroeder's.
        reference_name: What to call them in the legend.
        figure: Draw here instead of in a new figure.

    Returns:
        The figure; save it with ``crestfall.files.pictures.save_picture``.

    Raises:
        ValueError: The reference is not ``n`` finite phases, or several inputs need more than 64 panels.

    Example:
        >>> import crestfall as cf
        >>> figure = plot_design(cf.Design.of(cf.Multisine([1.0, 2.0]), [0.0, np.pi / 2]))
        >>> [ax.get_title(loc="left") for ax in figure.axes[1:]]
        ['tones', 'sample values and crest factors']
    """
    if design.problem.channels is not None:
        if reference is not None or reference_name is not None:
            raise ValueError("reference: several inputs are drawn without one; leave it out")
        return plot_channels(design, figure=figure)
    ms, problem = design.multisine, design.problem
    before, name = _reference(design, reference, reference_name)
    names = ("crestfall, I", "crestfall, Q") if problem.splits_components else ("crestfall",)
    old = curves_of(problem, ms, before, (name, f"_{name}"), (REFERENCE, REFERENCE))
    new = curves_of(problem, ms, design.phases, names, (DESIGN, QUADRATURE))
    rows = ["WWWWCC" if is_dense(design) else "WWWWWW", *["OOOOOO"] * bool(problem.outputs), "TTTHHH"]
    heights = (*(1.25,) * (len(rows) - 1), 1.0)
    size = (9.0, 6.0 if len(rows) == 2 else 8.6)
    figure = figure if figure is not None else Figure(figsize=size, layout="constrained")
    axes = figure.subplot_mosaic(";".join(rows), height_ratios=heights)
    figure.suptitle(_title(design), x=0.01, horizontalalignment="left", fontsize="large")
    draw_waveform(axes["W"], design, old, new)
    if "C" in axes:
        axes["C"].sharey(axes["W"])
        draw_closer_look(axes["C"], design, old, new)
    if "O" in axes:
        draw_outputs(axes["O"], design)
    draw_spectrum(axes["T"], ms, design.problem.unit)
    draw_histogram(axes["H"], (together(old, name), together(new, "crestfall")))
    return figure


def _reference(design: Design, reference: npt.ArrayLike | None, name: str | None) -> tuple[FloatArray, str]:
    ms, window = design.multisine, design.problem.window
    if reference is not None:
        return ms.require_phases(reference), name or "reference"
    if ms.initial_phases is not None:
        return ms.initial_phases, name or "as given"
    return schroeder(ms) if window is None else schroeder_in_window(ms, window), name or "Schroeder"


def _title(design: Design) -> str:
    tones = "1 tone" if design.own_tones.n == 1 else f"{design.own_tones.n} tones"
    tones += " and a fixed waveform" if design.fixed_tones else ""
    if np.isnan(design.crest_factor):
        return f"{tones} that cancel"
    above = "" if not np.isfinite(design.gap) else f", {design.gap:.1%} above the lower bound"
    if design.gap == 0.0:
        above = ", equal to the lower bound"
    if design.problem.is_about_drive:
        return f"{tones}, crest factor {design.crest_factor:.4f} ({design.papr_db:.2f} dB){above}"
    return f"{tones}, {design.problem.figure} {readable_figure(design.figure)}{above}"
