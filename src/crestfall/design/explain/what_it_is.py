"""The first section: tones, times, inputs, how high the signal reaches, and where its phases come from."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, sqrt

import numpy as np

from crestfall.design.design import Design
from crestfall.design.explain.figure import full_name
from crestfall.engine.closed_form import schroeder
from crestfall.problem.channels import Orthogonal
from crestfall.problem.problem import Problem
from crestfall.problem.readable import in_unit, readable, readable_figure
from crestfall.signal.energy_spread import largest_energy_share

_SWEEP = 0.25
"""Share of its energy that a part of the band has in a sixteenth of the period, from which it is called a sweep."""

_MOST_LINES = 40

_MATRICES = {
    "hadamard": "signs (a Hadamard matrix), which change no peak",
    "chirp": "the constant phase shifts of a chirp matrix",
    "dft": "the constant phase shifts of a DFT matrix",
}


def what_it_is(design: Design) -> list[str]:
    """Sentences about what the design is."""
    lines = [f"{_tones(design)}; {_times(design)}.", *_inputs(design)]
    if isnan(design.crest_factor):
        return [*lines, "The tones cancel: the signal is silent, and silence has no crest factor."]
    lines += [*_fixed(design), _height(design), *_figure(design)]
    source = design.provenance
    effort = f", {source.starts} start{'s' * (source.starts > 1)}" if source.starts else ""
    lines.append(f"The phases come from: {source.method}{effort}.")
    return [*lines, *_spread(design), *_amplitudes(design), *_lines(design)]


def _spread(design: Design) -> list[str]:
    """Whether it is more like noise or like a sweep."""
    if design.problem.channels is not None or not design.problem.is_over_period:
        return []
    share = largest_energy_share(design.multisine, design.phases)
    if share is None:
        return []
    kind = "like a sweep" if share > _SWEEP else "like noise"
    return [
        f"No eighth of the tones has more than {share:.1%} of its energy in any sixteenth of the period (even: 6.2%): "
        f"it is {kind}."
    ]


def _tones(design: Design) -> str:
    ms = design.own_tones
    low, high = min(ms.frequencies), max(ms.frequencies)
    kind = "complex tone" if ms.complex else "tone"
    equal = "amplitudes all equal"
    if np.ptp(ms.amplitudes) != 0.0:
        equal = f"amplitudes from {ms.amplitudes.min():.4g} to {ms.amplitudes.max():.4g}"
    span = readable(low, "Hz") if low == high else f"{readable(low, 'Hz')} to {readable(high, 'Hz')}"
    return f"{ms.n} {kind}{'s' * (ms.n > 1)}, {span}, {equal}"


def _times(design: Design) -> str:
    problem = design.problem
    if problem.window is not None:
        span = f"from {readable(problem.window.start, 's')} to {readable(problem.window.end, 's')}"
        return f"{span}; what comes before and after does not count, and no period is needed"
    period = f"one period takes {readable(problem.tones.period, 's', 6)}"
    if problem.samples is None:
        return period
    return f"{period}, and {problem.samples} samples of it count"


def _inputs(design: Design) -> list[str]:
    """What tells several inputs apart."""
    channels = design.problem.channels
    if channels is None:
        return []
    names = ", ".join(channels.names)
    if not isinstance(channels, Orthogonal):
        counts = ", ".join(str(row[0].multisine.n) for row in design.channels)
        return [
            f"Signals for {channels.count} inputs ({names}) in one experiment.",
            f"Each input has frequencies of its own ({counts} tones), so that one record tells all responses apart.",
        ]
    shared = "All inputs share one set of phases."
    if channels.phases == "own":
        shared = "Each input has phases of its own."
    return [
        f"Signals for {channels.count} inputs ({names}) in {channels.experiments} experiments.",
        f"The inputs differ by {_MATRICES[str(channels.matrix)]}. {shared}",
    ]


def _fixed(design: Design) -> list[str]:
    """What is added to the tones as it is."""
    fixed = design.problem.fixed
    if fixed is None:
        return []
    parts = []
    if fixed.tones is not None:
        parts = ["one tone with a fixed phase" if fixed.tones.n == 1 else f"{fixed.tones.n} tones with fixed phases"]
    parts += [f"a constant of {fixed.offset:.6g}"] if fixed.offset else []
    if fixed.tones is None and design.problem.held_samples is not None:
        return [f"Their mean is {fixed.offset:.6g}, which no delays change."]
    counts = "counts and was" if fixed.n == 1 else "count and were"
    return [f"A fixed waveform is added to them, {' and '.join(parts)}, which {counts} not chosen."]


def _height(design: Design) -> str:
    ms, height = design.multisine, in_unit(f"{design.peak:.6g}", design.problem.unit)
    if design.problem.channels is not None:
        return f"The highest peak is {height}, the largest crest factor {design.crest_factor:.4f}."
    times = f"{design.crest_factor:.4f} times its rms ({design.papr_db:.2f} dB)"
    if ms.has_repeated_frequencies:
        changes = "delays" if design.problem.delay_steps is not None else "phases"
        times += f"; the {changes} change the rms, too, which is {design.rms:.6g} here"
    if design.problem.window is not None:
        peak = "The larger peak of I and Q" if design.problem.is_about_components else "Its peak"
        return f"{peak} there is {height}, {times}."
    if design.problem.held_samples is not None or design.problem.fixed is not None:
        return f"Its peak is {height}, {times}."
    one = "a single complex tone has 1" if ms.complex else f"a single sine has {sqrt(2):.4f}"
    components = design.problem.is_about_components
    asked = Problem(ms, measure="components" if components else "peak")
    formula = Design.of(asked, schroeder(ms), status="").crest_factor
    known = "" if isnan(formula) else f", Schroeder's phases for these tones {formula:.4f}"
    peak = "The larger peak of I and Q" if components else "Its peak"
    return f"{peak} is {height}, {times}; {one}{known}."


def _figure(design: Design) -> list[str]:
    """What was minimised, where that is not the crest factor of the drive."""
    if design.problem.is_about_drive:
        return []
    return [f"What was minimised is the {full_name(design.problem)}: {readable_figure(design.figure)}."]


def _amplitudes(design: Design) -> list[str]:
    """What became of amplitudes that were free."""
    freedom = design.problem.freedom
    if freedom is None:
        return []
    report, extra = design.amplitude_report, int(np.sum(~freedom.wanted))
    moved = float(np.max(np.abs(report.changes_db), initial=0.0))
    lines = [f"The amplitudes were chosen, too: the wanted ones moved by {moved:.3g} dB at most."]
    if extra:
        lines.append(
            f"{extra} of the tones {'are' if extra > 1 else 'is'} extra and carr{'y' if extra > 1 else 'ies'} "
            f"{report.extra_power_share:.2%} of the power."
        )
    return lines


def _lines(design: Design) -> list[str]:
    """Which lines have moved."""
    lines, moved = design.problem.lines, design.moved_lines
    if lines is None:
        return []
    which = f"{len(moved)} of {design.problem.multisine.n} tones" if moved else "No tone"
    return [f"The lines were chosen, too, within {lines.tolerance}: {which} moved{_from_to(moved)}."]


def _from_to(moved: Sequence[tuple[int, float, float]]) -> str:
    shown = ", ".join(f"{readable(old, 'Hz')} → {readable(new, 'Hz')}" for _, old, new in moved[:_MOST_LINES])
    return (f": {shown}" if shown else "") + (", …" if len(moved) > _MOST_LINES else "")
