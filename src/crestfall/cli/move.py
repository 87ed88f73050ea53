"""``crestfall move``: what is played between two saved designs while their tones go from one to the other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from crestfall.cli.option_names import errors_naming_options
from crestfall.cli.parsing import duration as seconds_of
from crestfall.cli.report import as_json, print_rows
from crestfall.design.move import Move
from crestfall.problem.quantities import quantity


def move(
    begin: Annotated[Path, typer.Argument(help="Saved design before the move.")],
    end: Annotated[Path, typer.Argument(help="Saved design after it, with as many tones.")],
    duration: Annotated[str, typer.Option(help="Time of the move, such as 100us.")],
    rate: Annotated[str, typer.Option(help="Samples per second, such as 1GHz.")],
    out: Annotated[Path, typer.Option(help="File of samples to write: .npy .txt .f32.")],
    then: Annotated[Path, typer.Option(help="File for the second design, shifted to where the move ends (.json).")],
    profile: Annotated[str, typer.Option(help="How frequencies change: linear or smooth.")] = "linear",
    seed: Annotated[int, typer.Option(help="Seed of the random choices: same seed, same answer.")] = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Join two sets of tones, such as traps, by a move whose phases fit both.

    For instance: crestfall move a.json b.json --duration 100us --rate 1GHz --out move.f32 --then b-after.json
    """
    from crestfall.files import load
    from crestfall.files.atomic import require_free
    from crestfall.files.move_samples import save_move

    for path in (out, then):
        require_free(path, overwrite=overwrite)
    with errors_naming_options():
        found = Move.between(load(begin), load(end), seconds_of(duration, "--duration"), profile=profile, seed=seed)
        save_move(found, out, quantity(rate, "Hz", name="--rate"), overwrite=overwrite)
        found.end.save(then, overwrite=overwrite)
    largest = float(np.max(np.abs(found.corrections_hz)))
    if json:
        values = {
            "peak": found.peak,
            "peak_before": found.begin.peak,
            "peak_after": found.end.peak,
            "corrections_hz": found.corrections_hz.tolist(),
            "turns": found.turns.tolist(),
        }
        typer.echo(as_json(values))
        return
    print_rows(
        [
            ("peak before", f"{found.begin.peak:.6g}"),
            ("peak of the move", f"{found.peak:.6g}   of its envelope, from samples"),
            ("peak after", f"{found.end.peak:.6g}"),
            ("corrections", f"{largest:.4g} Hz at most, on average over the move"),
            ("written", str(out)),
            ("written", f"{then}   the second design as it goes on"),
        ]
    )
