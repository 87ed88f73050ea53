"""``crestfall measure``: how high a waveform or design reaches, with proof."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crestfall.certainty.measures import relative_peak_factor, sample_peak
from crestfall.cli.design_channels import show_set
from crestfall.cli.design_window import window_rows
from crestfall.cli.report import as_json, print_design, print_rows
from crestfall.cli.saved import saved_design
from crestfall.design.channels import DesignSet
from crestfall.design.design import Design
from crestfall.search.window.design import WindowDesign


def measure(
    file: Annotated[Path, typer.Argument(help="WAV file of whole periods, CSV with phase_rad, a saved design or set.")],
    sample_rate: Annotated[
        float | None, typer.Option(help="Also give the peak over samples at this rate in Hz (default: a WAV's own).")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object for a machine.")] = False,
) -> None:
    """Measure peak, crest factor and gap of the phases in a file.

    For instance: crestfall measure excitation.wav
    """
    design, own_rate = _read(file)
    if isinstance(design, DesignSet):
        if sample_rate is not None:
            raise ValueError("--sample-rate is for one signal; a set of designs is measured over continuous time")
        show_set(design, json=json)
        return
    if isinstance(design, WindowDesign):
        if sample_rate is not None:
            raise ValueError("--sample-rate: a design for a window is measured over continuous time; leave it out")
        typer.echo(as_json(design.summary())) if json else print_rows(window_rows(design))
        return
    ms = design.multisine
    rate = own_rate if sample_rate is None else sample_rate
    peak = None if rate is None else sample_peak(ms, design.phases, sample_rate=rate)
    rpf = None if ms.complex else relative_peak_factor(ms, design.phases)
    if json:
        more = {"sample_peak": peak, "sample_rate_hz": rate, "relative_peak_factor": rpf}
        typer.echo(as_json(design.summary() | more))
        return
    rows = []
    if rpf is not None and design.goal.measure != "range":  # a design for the range says it anyway
        rows.append(("relative peak factor", f"{rpf:.6f}   (max − min) / (2√2 rms)"))
    if peak is not None:
        rows.append(("sample peak", f"{peak:.9g}   at {rate:.9g} samples per second"))
    print_design(design, rows)


def _read(file: Path) -> tuple[Design | WindowDesign | DesignSet, float | None]:
    """The design of a file, and the sample rate [Hz] if the file has one."""
    from crestfall.files import load

    if file.suffix.lower() != ".wav":
        return saved_design(file), None
    from crestfall.files.wav import read_samples

    return load(file), float(read_samples(file)[1])
