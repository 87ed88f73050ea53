"""``crestfall atlas``: the best designs known, one of them in full, and their proof."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from enum import StrEnum
from json import dumps
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from crestfall.atlas import Entry, entries, highest_bound, proof_of, proved_peak
from crestfall.atlas.verify import faults, proof_fault
from crestfall.certainty.moments import BoundProof
from crestfall.certainty.peak_proof import PeakProof
from crestfall.cli.errors import EXIT_USAGE
from crestfall.cli.file_options import require_taken, takes_file_options
from crestfall.cli.outputs import playback_asked_for, require_writable, rows_of_files, write_all
from crestfall.cli.playback_options import takes_playback
from crestfall.cli.proof_file import has_few_boxes, require_proof_writable, row_of_proof
from crestfall.cli.report import as_json, print_design
from crestfall.cli.wrapping import Command, Group
from crestfall.design.design import Design
from crestfall.problem.notes import note
from crestfall.problem.quantities import quantity

EXIT_UNPROVEN = 1

_LESS = 0.999
"""What a proof that ships with the atlas may lose of the bound to rounding."""
_WIDTH = 120  # of a table that goes to a file or a pipe

app = typer.Typer(
    cls=Group,
    help="Look up the best designs found so far, and prove them again.",
    epilog=(
        "Examples:\n\n"
        "    crestfall atlas --kind odd\n\n"
        "    crestfall atlas show real 31 --out best31.json\n\n"
        "    crestfall atlas verify"
    ),
    rich_markup_mode=None,
)


class Kind(StrEnum):
    """Kinds of flat spectra that the atlas has."""

    real = "real"
    complex = "complex"
    odd = "odd"


_KIND_HELP = "real: harmonics 1..n; complex: 0..n-1; odd: 1, 3, …, 2n-1. All of one amplitude."


@app.callback(invoke_without_command=True)
def table(
    context: typer.Context,
    kind: Annotated[Kind | None, typer.Option(help=f"Only this kind. {_KIND_HELP}")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON array, with phases.")] = False,
) -> None:
    """Print the table of the best designs found so far; show and verify print more."""
    if context.invoked_subcommand is not None:
        if kind is not None or json:
            raise ValueError(f"--kind and --json go after {context.invoked_subcommand}, not before it")
        return
    chosen = _of(kind)
    if json:
        typer.echo(dumps([asdict(entry) for entry in chosen], allow_nan=False))
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    console.print(_table(chosen))


@takes_playback
@takes_file_options
def show(
    kind: Annotated[Kind, typer.Argument(help=_KIND_HELP)],
    number: Annotated[int | None, typer.Argument(metavar="N", help="Number of tones.", show_default=False)] = None,
    n: Annotated[int | None, typer.Option("--n", help="Number of tones, instead of N.")] = None,
    fundamental: Annotated[str, typer.Option(help="Frequency of harmonic 1, in Hz or with a unit.")] = "1",
    out: Annotated[
        list[Path] | None,
        typer.Option(help="File to write, of any kind: .json .csv .wav .npz, a picture .png, …. May be repeated."),
    ] = None,
    proof: Annotated[
        Path | None,
        typer.Option(help="Write the proof of the bound that comes with the atlas to this JSON file; see verify."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    playback: Mapping[str, Any] = MappingProxyType({}),  # fields of Playback
    file_options: dict[str, Any] | None = None,
) -> None:
    """Print one design with its phases, or write it to files.

    For instance: crestfall atlas show real 31 --fundamental 10 --out best31.json
    """
    outputs = out or []
    require_writable(outputs, overwrite)
    require_taken(file_options or {}, outputs)
    entry = _entry(kind, _one_number(number, n))
    shipped = None if proof is None else _shipped_proof(entry, proof, overwrite, outputs)
    found = _with_proof(entry, entry.design(quantity(fundamental, "Hz", name="--fundamental")))
    asked = playback_asked_for(playback, None, outputs, found.problem, file_options)
    written, failed = write_all(found, outputs, overwrite, asked, file_options)
    rows = rows_of_files(found, written, asked)
    if proof is not None and shipped is not None:
        shipped.save(proof, overwrite=overwrite)
        rows.append(("proof", row_of_proof(proof, shipped)))
    if json:
        typer.echo(as_json(found.summary()))
    else:
        print_design(found, rows)
        typer.echo("\nharmonic  phase_rad")
        for harmonic, phase in zip(entry.multisine.harmonic_numbers.tolist(), entry.phases_rad, strict=True):
            typer.echo(f"{harmonic:8d}  {phase!r}")
    if failed:
        sys.exit(EXIT_USAGE)


def verify(
    kind: Annotated[Kind | None, typer.Option(help=f"Only this kind. {_KIND_HELP}")] = None,
    proofs: Annotated[
        bool, typer.Option("--proofs", help="Also repeat the proofs of bounds, by moments and by branch and bound.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Prove every entry again from its phases: peak, crest factor, bound, gap, residual. Exit status 1 if one fails.

    For instance: crestfall atlas verify --kind real --proofs
    """
    chosen = _of(kind)
    wrong = [(entry, fault) for entry in _with_progress(chosen) for fault in faults(entry)]
    failed = len({(entry.kind, entry.n) for entry, _ in wrong})
    held = [f"{len(chosen) - failed} of {len(chosen)} entries hold: peak, crest factor, bound, gap, residual"]
    counts = {"entries": len(chosen)}
    if proofs:
        with_proof = [entry for entry in chosen if proof_of(entry) is not None]
        disproved = [(entry, fault) for entry in with_proof if (fault := proof_fault(entry)) is not None]
        wrong += disproved
        counts["proofs"] = len(with_proof)
        valid = len(with_proof) - len(disproved)
        held.append(f"{valid} of {len(with_proof)} proofs of bounds hold")
    if json:
        listed = [{"kind": entry.kind, "n": entry.n, "fault": fault} for entry, fault in wrong]
        typer.echo(dumps(counts | {"faults": listed}))
    else:
        for entry, fault in wrong:
            typer.echo(f"{entry.kind} n = {entry.n}: {fault}", err=True)
        typer.echo("\n".join(held))
    if wrong:
        sys.exit(EXIT_UNPROVEN)


app.command(cls=Command)(show)
app.command(cls=Command)(verify)


def _of(kind: Kind | None) -> list[Entry]:
    return [entry for entry in entries() if kind is None or entry.kind == kind]


def _one_number(argument: int | None, option: int | None) -> int:
    given = [value for value in (argument, option) if value is not None]
    if len(given) != 1:
        raise ValueError("say once how many tones, such as: crestfall atlas show real 31")
    return given[0]


def _entry(kind: Kind, n: int) -> Entry:
    known = {entry.n: entry for entry in _of(kind)}
    if n not in known:
        raise ValueError(f"N is {n}; the atlas has {kind.value} n = {_ranges(sorted(known))}; or use crestfall design")
    return known[n]


def _shipped_proof(entry: Entry, path: Path, overwrite: bool, outputs: list[Path]) -> PeakProof:
    """The proof of an entry's bound that comes with the atlas, which can be written to a file.

    Raises:
        ValueError: There is none, or the file is not one of a proof.
        OSError: The file exists, or its folder does not.
    """
    require_proof_writable(path, overwrite, outputs)
    found = proof_of(entry)
    if found is None:
        raise ValueError(f"--proof {path}: the atlas has no proof for {entry.kind} n = {entry.n}: {_why_not(entry)}")
    if found.crest_factor < entry.lower_bound * _LESS:
        note(
            f"the bound {entry.lower_bound:.4f} of {entry.kind} n = {entry.n} is by branch and bound, whose boxes were "
            f"not kept; {path} proves {found.crest_factor:.4f}"
        )
    return found


def _why_not(entry: Entry) -> str:
    """Why the atlas has no proof for an entry, and who has."""
    if not entry.proven:
        return "its bound is one by formula; crestfall design --bound-time 30s --proof FILE may prove a higher one"
    if entry.multisine.complex and entry.n == 2:
        return "shifts make all phases of two complex tones equivalent, so there is nothing to prove"
    if not has_few_boxes(entry.multisine):
        return "branch and bound proved it, but its boxes are too many for a file; crestfall design --prove repeats it"
    return "branch and bound proved it, but its boxes were not kept; crestfall design --prove --proof FILE finds them"


def _with_proof(entry: Entry, design: Design) -> Design:
    """The design with the highest bound that is proved for its tones."""
    found = proved_peak(entry)
    if found is None:
        return design
    proof = proof_of(entry)
    kept = proof if isinstance(proof, BoundProof) and proof.argument == found.argument else None
    return replace(design, proven_peak_bound=found.peak, proven_by=found.argument, bound_proof=kept)


def _ranges(numbers: list[int]) -> str:
    """Runs of numbers in few words.

    Example:
        >>> _ranges([2, 3, 4, 6, 9])
        '2–4, 6, 9'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _with_progress(chosen: Iterable[Entry]) -> Iterator[Entry]:
    """The same entries, with a bar on standard error in a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from chosen
        return
    yield from track(list(chosen), description="proving the entries again", console=console, transient=True)


def _table(chosen: list[Entry]) -> Table:
    table = Table(title="Best designs found so far", title_justify="left", box=None, pad_edge=False)
    table.add_column("kind")
    for name in ("n", "crest factor", "peak", "bound", "gap", "residual"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("date", no_wrap=True)
    table.add_column("found by")
    for entry in chosen:
        bound = highest_bound(entry)
        table.add_row(
            entry.kind,
            str(entry.n),
            f"{entry.crest_factor:.6f}",
            f"{entry.peak:.6f}",
            f"{bound:.6f}",
            f"{entry.crest_factor / bound - 1.0:.2%}",
            "–" if entry.residual is None else f"{entry.residual:.0e}",
            entry.date,
            entry.method + (", proven" if entry.proven else ""),
        )
    return table
