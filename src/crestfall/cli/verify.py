"""``crestfall verify``: proofs of lower bounds, repeated without the search that found them."""

from __future__ import annotations

import sys
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer

from crestfall.certainty.measures import peak_interval
from crestfall.certainty.peak_proof import PeakProof
from crestfall.cli.errors import EXIT_USAGE, complain
from crestfall.cli.report import as_json
from crestfall.cli.wrapping import fitted
from crestfall.design.design import Design
from crestfall.problem.multisine import Multisine

EXIT_UNPROVEN = 1


def verify(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="Proofs, as crestfall design --proof writes them.", show_default=False),
    ],
    tones: Annotated[
        Path | None,
        typer.Option(
            help="A design or a file of tones that the proofs must be about. Of a design it is also said how far it is "
            "from the best possible.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Repeat the proof of a lower bound from its file alone. Exit status 1 if a file proves nothing, 2 if one cannot be
    read.

    For instance: crestfall verify bound.json --tones design.json
    """
    from crestfall.files import read_beginning

    problem, design = (None, None) if tones is None else read_beginning(tones)
    ms = None if problem is None else problem.tones
    single = None if design is None else _single_drive(design)
    rows = []
    unreadable = False
    for path in files:
        try:
            row = _verdict(path, ms)
        except OSError as error:
            unreadable = True
            row = {"file": str(path), "proven": False, "reason": str(error)}
            if not json:
                complain(error)
        else:
            if row["proven"] and single is not None:
                row |= _distance(tones, single, row["peak"])
            if not json:
                _print_row(row)
        rows.append(row)
    if json:
        typer.echo(as_json({"proofs": rows}))
    if not all(row["proven"] for row in rows):
        sys.exit(EXIT_USAGE if unreadable else EXIT_UNPROVEN)


def _verdict(path: Path, ms: Multisine | None) -> dict[str, Any]:
    """What the proof of a file says; raises ``OSError`` where there is no file to read."""
    from crestfall.files.bound_proofs import load_proof

    started = perf_counter()
    try:
        proof = load_proof(path)
    except ValueError as error:
        return {"file": str(path), "proven": False, "reason": str(error).removeprefix(f"{path}: ")}
    return {"file": str(path)} | checked(proof, ms, started)


def checked(proof: PeakProof, ms: Multisine | None, started: float) -> dict[str, Any]:
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
        "checker": proof.CHECKER,
    }


def _single_drive(design: Design) -> Design | None:
    """The design, if it is one set of phases for tones whose amplitudes and frequencies are given."""
    problem = design.problem
    is_single = problem.channels is None and problem.freedom is None and problem.lines is None and problem.fixed is None
    return design if is_single else None


def _distance(path: Path | None, design: Design, least: float) -> dict[str, Any]:
    """How far a design is above the least peak that any phases of its tones can have: the two halves of an optimum."""
    highest = peak_interval(design.multisine, design.phases)[1]
    excess = highest / least - 1.0
    return {
        "design": str(path),
        "design_peak": highest,
        "design_excess": excess,
        "distance": f"{path} is within {_percent_up(excess)} of the best possible: its peak, certified anew, is at "
        f"most {highest!r}",
    }


def _percent_up(share: float) -> str:
    """A share in percent, rounded up.

    Example:
        >>> _percent_up(0.0010000001), _percent_up(0.12)
        ('0.101 %', '12.000 %')
    """
    return f"{ceil(share * 1e5) / 1e3:.3f} %"


def _print_row(row: dict[str, Any]) -> None:
    """One line for a file, and one for the design that goes with it."""
    if not row["proven"]:
        typer.echo(fitted(f"{row['file']}: proves nothing: {row['reason']}", sys.stderr), err=True)
        return
    typer.echo(fitted(f"{row['file']}: {row['statement']}; {row['checker']} checks it without crestfall"))
    if "distance" in row:
        typer.echo(fitted(row["distance"]))
