"""The picture of a design: waveform with peak and bound, tones, and what the phases did to the sample values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from crestfall.design.design import Design
from crestfall.engine.closed_form import schroeder
from crestfall.files.pictures.curve import curve_of
from crestfall.files.pictures.histogram import draw_histogram
from crestfall.files.pictures.spectrum import draw_spectrum
from crestfall.files.pictures.style import DESIGN, REFERENCE
from crestfall.files.pictures.waveform import draw_closer_look, draw_waveform, is_dense
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine


def plot_design(
    design: Design,
    *,
    reference: npt.ArrayLike | None = None,
    reference_name: str | None = None,
    figure: Figure | None = None,
) -> Figure:
    """Waveform over one period with its peak and bound lines, tones, and before/after histogram.

    A period with too many oscillations to tell apart is drawn as the band that it fills, next to a closer look at the
    surroundings of the peak.

    Args:
        design: What to draw.
        reference: ``(n,)`` phases [rad] to compare with; by default those that the tones came with, else Schroeder's.
        reference_name: What to call them in the legend.
        figure: Draw here instead of in a new figure of 9 by 6 inches.

    Returns:
        The figure; save it with ``crestfall.files.pictures.save_picture``.

    Raises:
        ValueError: The reference is not ``n`` finite phases.

    Example:
        >>> import crestfall as cf
        >>> figure = plot_design(cf.Design.of(cf.Multisine([1.0, 2.0]), [0.0, np.pi / 2]))
        >>> [ax.get_title(loc="left") for ax in figure.axes[1:]]
        ['tones', 'sample values and crest factors']
    """
    ms = design.multisine
    before, name = _reference(ms, reference, reference_name)
    curves = (
        curve_of(ms, before, name, REFERENCE),
        curve_of(ms, design.phases, "crestfall", DESIGN),
    )
    figure = figure if figure is not None else Figure(figsize=(9.0, 6.0), layout="constrained")
    top = "WWWWCC" if is_dense(design) else "WWWWWW"
    axes = figure.subplot_mosaic(f"{top};TTTHHH", height_ratios=(1.25, 1.0))
    figure.suptitle(_title(design), x=0.01, horizontalalignment="left", fontsize="large")
    draw_waveform(axes["W"], design, curves)
    if "C" in axes:
        axes["C"].sharey(axes["W"])
        draw_closer_look(axes["C"], design, curves)
    draw_spectrum(axes["T"], ms)
    draw_histogram(axes["H"], ms, curves)
    return figure


def _reference(ms: Multisine, reference: npt.ArrayLike | None, name: str | None) -> tuple[FloatArray, str]:
    if reference is not None:
        return ms.require_phases(reference), name or "reference"
    if ms.initial_phases is not None:
        return ms.initial_phases, name or "as given"
    return schroeder(ms), name or "Schroeder"


def _title(design: Design) -> str:
    tones = "1 tone" if design.multisine.n == 1 else f"{design.multisine.n} tones"
    if np.isnan(design.crest_factor):
        return f"{tones} that cancel"
    above = "" if not np.isfinite(design.gap) else f", {design.gap:.1%} above the lower bound"
    if design.gap == 0.0:
        above = ", equal to the lower bound"
    return f"{tones}, crest factor {design.crest_factor:.4f} ({design.papr_db:.2f} dB){above}"
