"""``crestfall explain``: a saved design in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crestfall.cli.report import as_json
from crestfall.cli.saved import saved_design
from crestfall.design.channels import DesignSet
from crestfall.design.channels.explain import explain_set, stationary
from crestfall.design.design import Design
from crestfall.design.explain import Explanation
from crestfall.design.explain import explain as explanation_of
from crestfall.search.window.design import WindowDesign
from crestfall.search.window.explain import explain_window


def explain(
    file: Annotated[
        Path, typer.Argument(help="A saved design (.json, .npz, .mat), CSV with phase_rad, or a WAV file.")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object for a machine.")] = False,
) -> None:
    """Say in plain words what a design is, what is proven, what binds, and what to try next.

    For instance: crestfall explain excitation.json
    """
    design = saved_design(file)
    name = str(file)
    if isinstance(design, DesignSet):
        words = explain_set(design, name)
    else:
        words = explain_window(design, name) if isinstance(design, WindowDesign) else explanation_of(design, name)
    typer.echo(as_json(_numbers(design, words)) if json else str(words))


def _numbers(design: Design | WindowDesign | DesignSet, words: Explanation) -> dict[str, object]:
    sections = {section.title: list(section.lines) for section in words.sections}
    if isinstance(design, DesignSet):
        figures = {"lower_bound": design.lower_bound, "gap": design.gap, "stationary": stationary(design)}
        return {"sections": sections, **figures}
    certificate, shares = words.certificate, words.tone_shares
    peaks = None
    if certificate is not None and isinstance(design, Design):
        names = [output.name for output in design.goal.outputs] or ["drive"]
        rows = zip(certificate.times, certificate.heights, certificate.multipliers, certificate.outputs, strict=True)
        peaks = [
            {"time_s": float(time), "height": float(height), "multiplier": float(weight), "output": names[number]}
            for time, height, weight, number in rows
        ]
    return {
        "sections": sections,
        "crest_factor": design.summary()["crest_factor"],
        "lower_bound": design.lower_bound if isinstance(design, Design) else design.peak_lower_bound / design.rms,
        "gap": design.gap,
        "stationary": None if certificate is None else certificate.is_stationary,
        "strict_minimum": None if certificate is None else certificate.is_strict_minimum,
        "peaks": peaks,
        "tone_shares": None if shares is None else shares.tolist(),
    }
