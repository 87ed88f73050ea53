"""A design in figures: a table for a person, one JSON object for a machine."""

from __future__ import annotations

import json
from math import isfinite, isnan
from typing import Any

import typer

from crestfall.design.design import Design
from crestfall.problem.amplitudes import AmplitudeReport


def as_json(values: dict[str, Any]) -> str:
    """Strict JSON: what is not finite is ``null``."""
    return json.dumps({key: _strict(value) for key, value in values.items()}, allow_nan=False)


def _strict(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value


def print_design(design: Design, more: list[tuple[str, str]] | None = None) -> None:
    """The design's figures, one a line, on standard output."""
    print_rows(_rows(design) + (more or []))


def print_rows(rows: list[tuple[str, str]]) -> None:
    """Names and values in two aligned columns."""
    # Plain text: file names and figures must neither wrap at some width nor be taken for markup.
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        typer.echo(f"{name:{width}}  {value}")


def _rows(design: Design) -> list[tuple[str, str]]:
    ms = design.multisine
    low, high = design.peak_interval
    kind = "complex" if ms.complex else "real"
    span = f"{min(ms.frequencies):.9g} … {max(ms.frequencies):.9g} Hz"
    rows = [
        ("tones", f"{ms.n} {kind}, {span}, fundamental {ms.fundamental:.9g} Hz"),
        ("peak", f"{design.peak:.9g}   certified between {low:.12g} and {high:.12g}"),
    ]
    if isnan(design.crest_factor):
        rows.append(("crest factor", "none: the tones cancel"))
    else:
        rows.append(("crest factor", f"{design.crest_factor:.6f}   ({design.papr_db:.3f} dB)"))
    rows.append(("lower bound", f"{design.lower_bound:.6f}   no phases have a lower crest factor"))
    gap = f"{design.gap:.2%} above the bound" if isfinite(design.gap) else "the bound is 0 and not reached"
    rows.append(("gap", gap))
    rows += _goal_rows(design)
    if design.goal.freedom is not None:
        rows += _amplitude_rows(design.amplitude_report)
    for report in design.output_reports:
        share = f"{report.peak:.6g} of {report.limit:g} allowed ({report.share:.1%})"
        rows.append((report.name, f"{share}, crest factor {report.crest_factor:.4f}"))
    if design.output_reports:
        binds = f"{design.largest_drive:.6g} peak within all limits; {design.output_reports[0].name} binds"
        rows.append(("largest drive", binds))
    rows.append(("status", design.status))
    return rows


def _goal_rows(design: Design) -> list[tuple[str, str]]:
    """What was minimised, where that is not the true peak of the drive."""
    measure, samples = design.goal.measure, design.provenance.goal_samples
    rows = []
    if measure == "range":
        rows.append(("relative peak factor", f"{design.relative_peak_factor:.6f}   (max − min) / (2√2 rms)"))
    if not design.goal.outputs and (measure != "peak" or samples is not None):
        over = "" if samples is None else f"   over {samples} samples a period"
        names = {"peak": "sample peak", "range": "half of the range", "one-sided": "maximum", "envelope": "envelope"}
        rows.append((names[measure], f"{design.goal_peak:.9g}{over}"))
    return rows


def _amplitude_rows(report: AmplitudeReport) -> list[tuple[str, str]]:
    bound = f"{report.lower_bound:.6f} is the least that any allowed amplitudes can reach"
    moved = f"{float(abs(report.changes_db).max()):.3g} dB at most"
    return [
        ("wanted tones", f"peak over their RMS {report.crest_factor:.6f}; {bound}"),
        ("amplitudes", f"moved by {moved}; extra tones hold {report.extra_power_share:.2%} of the power"),
    ]
