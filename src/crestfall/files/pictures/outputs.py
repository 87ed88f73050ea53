"""The outputs of a design, each relative to its limit: what was minimised where there are limits."""

from __future__ import annotations

from matplotlib.axes import Axes

from crestfall.design.design import Design
from crestfall.files.pictures.curve import curves_of, oscillations
from crestfall.files.pictures.style import OUTPUTS, PEAK, tidy
from crestfall.files.pictures.waveform import draw_curve
from crestfall.problem.readable import readable_unit

_MOST_SEPARATE = 300


def draw_outputs(ax: Axes, design: Design) -> None:
    """One period of every output over its limit, between lines at the largest share."""
    problem = design.problem
    factor, unit = readable_unit(design.multisine.period, "s")
    magnitudes = False
    for number, (signal, report) in enumerate(zip(problem.signals(design.multisine), design.signals, strict=True)):
        tones = signal.tones.with_amplitudes(signal.tones.amplitudes / signal.limit)
        label, colour = f"{report.name} {report.share:.1%}", OUTPUTS[number % len(OUTPUTS)]
        drawn, phases = tones.on_period_of(design.multisine), signal.phases(design.phases)
        for curve in curves_of(problem, drawn, phases, (label, f"_{label}"), (colour, colour)):  # I and Q are alike
            magnitudes = magnitudes or curve.tones.complex
            draw_curve(ax, curve, factor, dense=oscillations(curve.tones) > _MOST_SEPARATE)
    top = design.worst.share
    sides = {"peak": (1, -1), "components": (1, -1), "range": ()}  # a range has no height of its own
    for side in (1,) if magnitudes else sides.get(problem.measure, (1,)):
        ax.axhline(side * top, color=PEAK, linewidth=1.2)
    ax.set_xlim(0.0, design.multisine.period * factor)
    if magnitudes:
        ax.set_ylim(bottom=0.0)
    ax.set_xlabel(f"time ({unit}), one period")
    ax.set_ylabel("share of the limit")
    tidy(ax, title="outputs, each over its limit", legend_columns=4)
