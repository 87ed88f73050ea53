"""``crestfall explain``: a saved design explained in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from crestfall.cli.report import as_json
from crestfall.cli.waveform_options import ChannelOption, WaveformOption, errors_about_waveforms, rate_of_option
from crestfall.cli.wrapping import fitted
from crestfall.design.design import Design
from crestfall.design.explain import Explanation
from crestfall.design.explain import explain as explanation_of


def explain(
    file: Annotated[
        Path, typer.Argument(help="A saved design of any kind, CSV with phase_rad, or a waveform.", show_default=False)
    ],
    waveform: WaveformOption = None,
    channel: ChannelOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say in plain words what a design is, what is proven, what binds, and what to try next.

    For instance: crestfall explain excitation.json
    """
    from crestfall.files import load

    with errors_about_waveforms():
        design = load(file, sample_rate=rate_of_option(waveform), channel=channel)
    explanation = explanation_of(design, str(file))
    typer.echo(as_json(_numbers(design, explanation)) if json else fitted(str(explanation), later="  "))


def _numbers(design: Design, explanation: Explanation) -> dict[str, Any]:
    """The same keys for every kind of design."""
    known, shares = explanation.certificates, explanation.tone_shares
    return {
        "sections": {section.title: list(section.lines) for section in explanation.sections},
        "crest_factor": design.crest_factor,
        "figure": design.problem.figure,
        "figure_value": design.figure,
        "lower_bound": design.lower_bound,
        "gap": design.gap,
        "stationary": None if known is None else all(one.is_stationary for one in known),
        "strict_minimum": None if known is None else all(one.is_strict_minimum for one in known),
        "peaks": _peaks(explanation),
        "tone_shares": None if shares is None else shares.tolist(),
    }


def _peaks(explanation: Explanation) -> list[dict[str, Any]] | None:
    """The peaks that balance each other in the worst signal."""
    proof = explanation.certificate
    if proof is None:
        return None
    rows = zip(proof.times, proof.heights, proof.multipliers, proof.outputs, strict=True)
    return [
        {
            "time_s": float(time),
            "height": float(height),
            "multiplier": float(weight),
            "output": explanation.peak_names[number],
        }
        for time, height, weight, number in rows
    ]
