"""The picture of a design: waveform with peak and bound, spectrum, and what the phases did to the sample values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crestfall._types import FloatArray
from crestfall.closed_form import schroeder
from crestfall.design import Design
from crestfall.measures import crest_factor, sampled
from crestfall.multisine import Multisine
from crestfall.plot.style import BOUND, DESIGN, PEAK, REFERENCE, readable_unit, tidy
from crestfall.synthesis import band_numbers, grid_size

_MAX_POINTS = 200_000
_MOST_MARKED = 256


@dataclass(frozen=True)
class Curve:
    """One set of phases as it is drawn: ``|z|`` of a complex signal, ``x`` of a real one."""

    label: str
    colour: str
    values: FloatArray
    crest_factor: float


def plot_design(
    design: Design,
    *,
    reference: npt.ArrayLike | None = None,
    reference_name: str | None = None,
    figure: Figure | None = None,
) -> Figure:
    """Waveform over one period with its peak and bound lines, spectrum, and before/after histogram.

    Args:
        design: What to draw.
        reference: ``(n,)`` phases [rad] to compare with; by default those that the tones came with, else Schroeder's.
        reference_name: What to call them in the legend.
        figure: Draw here instead of in a new figure of 9 by 6 inches.

    Returns:
        The figure; save it with ``crestfall.plot.save_picture``.

    Raises:
        ValueError: The reference is not ``n`` finite phases.
    """
    ms = design.multisine
    before, name = _reference(ms, reference, reference_name)
    n_samples = _grid(ms)
    curves = (
        Curve(name, REFERENCE, _drawn(ms, before, n_samples), crest_factor(ms, before)),
        Curve("crestfall", DESIGN, _drawn(ms, design.phases, n_samples), design.crest_factor),
    )
    figure = figure if figure is not None else Figure(figsize=(9.0, 6.0), layout="constrained")
    axes = figure.subplot_mosaic([["waveform", "waveform"], ["spectrum", "histogram"]], height_ratios=(1.25, 1.0))
    _draw_waveform(axes["waveform"], design, curves)
    _draw_spectrum(axes["spectrum"], ms)
    _draw_histogram(axes["histogram"], design, curves)
    return figure


def _reference(ms: Multisine, reference: npt.ArrayLike | None, name: str | None) -> tuple[FloatArray, str]:
    if reference is not None:
        return ms.require_phases(reference), name or "reference"
    if ms.initial_phases is not None:
        return ms.initial_phases, name or "as given"
    return schroeder(ms), name or "Schroeder"


def _grid(ms: Multisine) -> int:
    """Samples of one period that show every crest, as far as a picture can."""
    return int(np.clip(grid_size(int(np.max(np.abs(band_numbers(ms)))), 16.0), 1024, _MAX_POINTS))


def _drawn(ms: Multisine, phases: FloatArray, n_samples: int) -> FloatArray:
    values = sampled(ms, phases, n_samples)
    return np.abs(values) if ms.complex else np.asarray(values, dtype=np.float64)


def _draw_waveform(ax: Axes, design: Design, curves: tuple[Curve, ...]) -> None:
    ms = design.multisine
    factor, unit = readable_unit(ms.period, "s")
    t = np.arange(curves[0].values.size) / curves[0].values.size * ms.period * factor
    for curve in curves:
        ax.plot(t, curve.values, color=curve.colour, linewidth=0.8, label=curve.label)
    signs = (1.0,) if ms.complex else (1.0, -1.0)
    for sign in signs:
        first = sign > 0
        peak_label = f"peak {design.peak:.5g}" if first else None
        ax.axhline(sign * design.peak, color=PEAK, linewidth=1.2, label=peak_label)
        bound_label = f"no phases below {design.peak_lower_bound:.5g}" if first else None
        ax.axhline(sign * design.peak_lower_bound, color=BOUND, linewidth=1.2, linestyle="--", label=bound_label)
    _mark_active_peaks(ax, design, factor)
    ax.set_xlim(0.0, ms.period * factor)
    ax.set_xlabel(f"time ({unit}), one period")
    ax.set_ylabel("envelope |z|" if ms.complex else "amplitude")
    ax.set_title(_title(design), fontsize="medium", loc="left")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.06), ncols=5, frameon=False, fontsize="small")
    tidy(ax)


def _mark_active_peaks(ax: Axes, design: Design, factor: float) -> None:
    """The peaks that hold each other at one height: the multipliers of the certificate stand on them."""
    ms = design.multisine
    if ms.has_repeated_frequencies or ms.n > _MOST_MARKED or ms.n == 1 or design.provenance.goal_samples is not None:
        return
    proof = design.certificate
    if proof.is_stationary:
        heights = proof.heights if ms.complex else proof.heights * proof.signs.real
        label = f"{len(proof.times)} active peaks"
        ax.plot(proof.times * factor, heights, "o", color=PEAK, markersize=3.2, label=label)


def _title(design: Design) -> str:
    if np.isnan(design.crest_factor):
        return f"{design.multisine.n} tones that cancel: {design.status}"
    gap = f", {design.gap:.1%} above the lower bound" if np.isfinite(design.gap) else ""
    tones = "1 tone" if design.multisine.n == 1 else f"{design.multisine.n} tones"
    return f"{tones}, crest factor {design.crest_factor:.4f} ({design.papr_db:.2f} dB){gap}"


def _draw_spectrum(ax: Axes, ms: Multisine) -> None:
    # A log axis reads best in the unit of its lower end, a linear one in that of its upper end.
    magnitudes = np.abs(ms.frequencies)
    logarithmic = bool(np.min(magnitudes) > 0 and np.max(magnitudes) > 100.0 * np.min(magnitudes))
    factor, unit = readable_unit(float(np.min(magnitudes) if logarithmic else np.max(magnitudes)), "Hz")
    f = ms.frequencies * factor
    if ms.n <= 200:
        ax.vlines(f, 0.0, ms.amplitudes, color=DESIGN, linewidth=1.2)
    ax.plot(f, ms.amplitudes, "o" if ms.n <= 200 else ",", color=DESIGN, markersize=3.5)
    ax.set_ylim(0.0, 1.1 * float(np.max(ms.amplitudes)))
    if logarithmic:
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter("{x:g}")
    ax.set_xlabel(f"frequency ({unit})")
    ax.set_ylabel("tone amplitude")
    ax.set_title("spectrum: the phases do not change it", fontsize="medium", loc="left")
    tidy(ax)


def _draw_histogram(ax: Axes, design: Design, curves: tuple[Curve, ...]) -> None:
    highest = max(float(np.max(np.abs(curve.values))) for curve in curves) or 1.0
    bins = np.linspace(0.0 if design.multisine.complex else -highest, highest, 61)
    for curve in curves:
        label = curve.label if np.isnan(curve.crest_factor) else f"{curve.label}: crest factor {curve.crest_factor:.3f}"
        filled = curve.colour == REFERENCE
        weights = np.full(curve.values.size, 100.0 / curve.values.size)
        ax.hist(
            curve.values,
            bins=bins.tolist(),
            weights=weights,
            histtype="stepfilled" if filled else "step",
            color=curve.colour,
            linewidth=1.4,
            label=label,
        )
    ax.set_xlabel("sample value |z|" if design.multisine.complex else "sample value")
    ax.set_ylabel("share of time (%)")
    ax.set_title("where the signal spends its time", fontsize="medium", loc="left")
    ax.margins(y=0.25)
    ax.legend(loc="upper center", frameon=False, fontsize="small")
    tidy(ax)
