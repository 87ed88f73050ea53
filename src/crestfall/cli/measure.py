"""``crestfall measure``: how high a waveform or design reaches, with proof."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from crestfall.certainty.measures import sample_peak, sampled
from crestfall.certainty.value import measure_of_samples
from crestfall.cli.report import as_json, print_design
from crestfall.design.design import Design
from crestfall.problem.problem import Measure, Problem
from crestfall.problem.quantities import quantity
from crestfall.problem.times import MAX_SAMPLES, Period, Samples
from crestfall.signal.window_signal import samples_from


def measure(
    file: Annotated[Path, typer.Argument(help="WAV file of whole periods, CSV with phase_rad, or any saved design.")],
    sample_rate: Annotated[
        str | None, typer.Option(help="Also give the peak over samples at this rate, 48kHz (default: a WAV's own).")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object for a machine.")] = False,
) -> None:
    """Measure peak, crest factor and gap of the phases in a file.

    For instance: crestfall measure excitation.wav
    """
    design, own_rate = _read(file)
    rate = own_rate if sample_rate is None else quantity(sample_rate, "Hz", name="--sample-rate")
    peak = None if rate is None else _highest_sample(design, rate)
    if json:
        typer.echo(as_json(design.summary() | {"sample_peak": peak, "sample_rate_hz": rate}))
        return
    rows = _other_peaks(design)
    one = design.problem.channels is None and not np.isnan(design.crest_factor)
    if one and not design.multisine.complex and design.problem.measure != "range":  # else it is said anyway
        rows.append(("relative peak factor", f"{design.relative_peak_factor:.6f}   (max − min) / (2√2 rms)"))
    if peak is not None:
        rows.append(("sample peak", f"{peak:.9g}   at {rate:.9g} samples per second"))
    print_design(design, figures=rows)


def _other_peaks(design: Design) -> list[tuple[str, str]]:
    """Of complex tones: the peak of ``I`` and ``Q``, or where that is the peak already, that of the magnitude."""
    problem = design.problem
    if not design.multisine.complex or problem.channels is not None:
        return []
    measure: Measure = "peak" if problem.is_about_components else "components"
    asked = Problem(design.multisine, over=Period() if problem.samples is not None else problem.over, measure=measure)
    try:
        other = Design.of(asked, design.phases, status="")
    except ValueError:  # too many oscillations of I and Q in a window far from zero, where they reach the magnitude
        return []
    name = "magnitude" if problem.is_about_components else "I and Q"
    low, high = other.peak_interval
    return [(name, f"{other.peak:.9g}   certified between {low:.12g} and {high:.12g}")]


def _highest_sample(design: Design, rate: float) -> float:
    """Peak over samples at this rate [Hz]: of the highest input, in the window if there is one."""
    if not (np.isfinite(rate) and rate > 0):
        raise ValueError(f"--sample-rate is {rate}; it must be a finite number of samples per second")
    return max(_highest_of(one, rate) for row in design.channels for one in row)


def _highest_of(one: Design, rate: float) -> float:
    window = one.problem.window
    if window is None:
        if one.problem.is_about_components:
            samples = sampled(one.multisine, one.phases, Samples(rate=rate).count(one.multisine))
            return measure_of_samples(one.problem.measure, samples)
        return sample_peak(one.multisine, one.phases, sample_rate=rate)
    count = window.count(rate)
    if count > MAX_SAMPLES:
        raise ValueError(f"--sample-rate {rate} makes {count} samples of the window, more than {MAX_SAMPLES}")
    samples = samples_from(one.multisine, one.phases, window.start, rate, count)
    return measure_of_samples("components" if one.problem.is_about_components else "peak", samples)


def _read(file: Path) -> tuple[Design, float | None]:
    """The design of a file, and the sample rate [Hz] if the file has one."""
    from crestfall.files import load

    if file.suffix.lower() != ".wav":
        return load(file), None
    from crestfall.files.wav import read_sample_rate

    return load(file), float(read_sample_rate(file))
