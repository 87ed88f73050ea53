"""``crestfall demo``: what phases can do, and the question that this project began with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from crestfall.cli.report import as_json, print_rows
from crestfall.cli.wrapping import fitted
from crestfall.design.design import Design
from crestfall.engine.closed_form import random_phases, schroeder, zero_phases
from crestfall.problem.multisine import Multisine
from crestfall.search import minimize_peak

_SHOWN = 8


def demo(
    equal: Annotated[
        int | None, typer.Option(help="The original question: this many waves of one frequency.", min=1)
    ] = None,
    samples: Annotated[
        int, typer.Option(help="With --equal: points over [0, 2π], both ends included.", min=2)
    ] = 48_000,
    steps: Annotated[int, typer.Option(help="With --equal: steps of the gradient descents.", min=1)] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of everything random.", min=0)] = 0,
    out: Annotated[Path | None, typer.Option(help="Write a picture: .png, .svg or .pdf.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that exists.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare phases side by side: 31 harmonics, or with --equal N the original question.

    For instance: crestfall demo --equal 5 --out polygon.png
    """
    if out is not None:
        from crestfall.files.atomic import require_free

        require_free(out, overwrite=overwrite)
    figure = (
        _harmonics(seed, json, out is not None) if equal is None else _equal(equal, samples, steps, seed, json, out)
    )
    if out is not None:
        from crestfall.files.pictures import save_picture

        save_picture(figure, out, overwrite=overwrite)


def _harmonics(seed: int, json: bool, draw: bool) -> Any:
    """Zero, random, Schroeder's and our phases for 31 flat harmonics."""
    ms = Multisine.harmonics(range(1, 32), fundamental=10.0)
    named = {
        "zero phases": Design.of(ms, zero_phases(ms)),
        "random phases": Design.of(ms, random_phases(ms, seed=seed)),
        "Schroeder's phases": Design.of(ms, schroeder(ms)),
        "crestfall": minimize_peak(ms, seed=seed),
    }
    if json:
        typer.echo(as_json({name: design.crest_factor for name, design in named.items()}))
    else:
        typer.echo(fitted("31 tones of equal amplitude at 10, 20, … 310 Hz; crest factor = true peak / rms") + "\n")
        print_rows([(name, f"{design.crest_factor:.4f}") for name, design in named.items()])
        typer.echo(fitted(f"\nno phases at all can be below {named['crestfall'].lower_bound:.4f}"))
    return named["crestfall"].plot() if draw else None


def _equal(n: int, samples: int, steps: int, seed: int, json: bool, out: Path | None) -> Any:
    """The question's two lines for every way to answer it."""
    from crestfall.engine.closed_form.equal_waves import compare_equal_waves

    rows = compare_equal_waves(n, samples=samples, steps=steps, seed=seed)
    if json:
        found = {row.method: {"phases_rad": row.phases.tolist(), "maximum": row.maximum} for row in rows}
        typer.echo(as_json(found))
    else:
        typer.echo(fitted(f"{n} waves sin(t + θ_i) at {samples} points of [0, 2π]: least largest |sum|") + "\n")
        for row in rows:
            typer.echo(fitted(f"{row.method} ({row.seconds:.3f} s)"))
            typer.echo(fitted(f"  optimal theta: {_abbreviated(row.phases)}"))
            typer.echo(fitted(f"  maximum value over the samples: {row.maximum:.6g}"))
            typer.echo(fitted(f"  {row.note}") + "\n" if row.note else "")
    if out is None:
        return None
    from crestfall.files.pictures import plot_phasor_polygon

    return plot_phasor_polygon({row.method: row.phases for row in rows})


def _abbreviated(phases: np.ndarray) -> str:
    shown = ", ".join(f"{phase:.6f}" for phase in phases[:_SHOWN])
    rest = "" if phases.size <= _SHOWN else f", … ({phases.size} phases)"
    return f"[{shown}{rest}]"
