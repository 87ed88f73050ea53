"""``crestfall move``: what is played between two saved designs while their tones go from one to the other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from crestfall.cli.option_names import errors_naming_options, errors_reworded
from crestfall.cli.outputs import require_folder
from crestfall.cli.parsing import duration as seconds_of
from crestfall.cli.report import as_json, print_rows
from crestfall.design.design import Design
from crestfall.design.move import PROFILES, Move
from crestfall.problem.quantities import quantity
from crestfall.problem.readable import readable


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
    from crestfall.files import encoded, load
    from crestfall.files.atomic import require_free, write_together
    from crestfall.files.move_samples import encoded_move

    if then.suffix.lower() != ".json":
        raise ValueError(f"--then is {then}; the second design is saved as .json, so give a name with that ending")
    for option, path in (("--out", out), ("--then", then)):
        require_folder(path, option)
        require_free(path, overwrite=overwrite)
    seconds = seconds_of(duration, "--duration")
    with errors_naming_options(), errors_reworded(_in_options):
        first, second = load(begin), load(end)
        found = Move.between(first, second, seconds, profile=profile, seed=seed)
        samples = encoded_move(found, out, quantity(rate, "Hz", name="--rate"))
        write_together([(out, samples), *encoded(found.end, then).items()], overwrite=overwrite)
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
    largest = float(np.max(np.abs(found.corrections_hz)))
    print_rows(
        [
            ("peak before", f"{found.begin.peak:.6g}"),
            ("peak of the move", f"{found.peak:.6g}   of its envelope, from samples{_above_ends(found, second, seed)}"),
            ("peak after", f"{found.end.peak:.6g}"),
            ("corrections", f"{readable(largest, 'Hz', 4)} at most, each averaged over the move"),
            ("written", f"{out}   {_samples_in_words(found, rate)}"),
            ("written", f"{then}   the second design as it goes on"),
        ]
    )


_MUCH = 0.05
"""Part by which the peak of a move is above those at its ends, from which on the other profile is tried."""


def _above_ends(found: Move, second: Design, seed: int) -> str:
    """How far the peak of the move is above its ends, and what may lower it; empty where it is about as high."""
    ends = max(found.begin.peak, found.end.peak)
    above = found.peak / ends - 1.0
    if not above > _MUCH:
        return ""
    other = next(one for one in PROFILES if one != found.profile)
    changed = Move.between(found.begin, second, found.duration, profile=other, seed=seed)
    lower = changed.peak < found.peak * (1.0 - 1e-3)
    hint = f"--profile {other} reaches {changed.peak:.6g}" if lower else f"--profile {other} is no lower"
    return f", {above:.1%} above the ends; {hint}; another --duration may lower it"


def _samples_in_words(move: Move, rate: str) -> str:
    """Rate and number of the samples of a move."""
    hertz = quantity(rate, "Hz", name="--rate")
    return f"{readable(hertz, 'Hz', 12)}, {round(move.duration * hertz)} samples"


def _in_options(message: str) -> str:
    """A message about the arguments of a move that names options."""
    for ours, theirs in (("sample_rate", "--rate"), ("duration is", "--duration is"), ("profile is", "--profile is")):
        message = re.sub(rf"(?<![-\w]){ours}", theirs, message)
    return message
