"""``crestfall verify``: proofs of lower bounds, repeated without the search that found them."""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from crestfall.certainty.peak_proof import PeakProof
from crestfall.cli.report import as_json
from crestfall.problem.multisine import Multisine

EXIT_UNPROVEN = 1


def verify(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="Proofs, as crestfall design --proof writes them.", show_default=False),
    ],
    tones: Annotated[
        Path | None,
        typer.Option(help="A design or a file of tones that the proofs must be about.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Repeat the proof of a lower bound from its file alone. Exit status 1 if a file proves nothing.

    For instance: crestfall verify bound.json --tones design.json
    """
    from crestfall.files import read_problem
    from crestfall.files.bound_proofs import load_proof

    ms = None if tones is None else read_problem(tones).tones
    rows = []
    for path in files:
        started = perf_counter()
        try:
            proof = load_proof(path)
        except ValueError as error:  # a missing file is no answer, and ends the command
            rows.append({"file": str(path), "proven": False, "reason": _after_path(error, path)})
            continue
        rows.append({"file": str(path)} | checked(proof, ms, started))
    if json:
        typer.echo(as_json({"proofs": rows}))
    else:
        for row in rows:
            text = row["statement"] if row["proven"] else f"proves nothing: {row['reason']}"
            typer.echo(f"{row['file']}: {text}", err=not row["proven"])
    if not all(row["proven"] for row in rows):
        sys.exit(EXIT_UNPROVEN)


def checked(proof: PeakProof, ms: Multisine | None, started: float) -> dict[str, object]:
    """What a proof says, if it does, and why not otherwise.

    Args:
        proof: The proof.
        ms: Tones that it must be about; ``None`` for its own.
        started: When its file began to be read, by ``perf_counter`` [s].
    """
    try:
        proof.check(ms)
    except ValueError as error:
        return {"proven": False, "reason": str(error)}
    seconds = perf_counter() - started
    return {
        "proven": True,
        "statement": f"{proof}; checked {proof.arithmetic}, {seconds:.1f} s",
        "peak": proof.peak,
        "crest_factor": proof.crest_factor,
        "argument": proof.argument,
        "harmonics": list(proof.harmonics),
        "amplitudes": list(proof.amplitudes),
        "complex": proof.complex,
    }


def _after_path(error: ValueError, path: Path) -> str:
    return str(error).removeprefix(f"{path}: ")
