"""``crestfall store``: look into a store of designs, take designs out, check it, merge another into it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from crestfall.atlas.store.database import Spent, Store
from crestfall.atlas.store.improvement import Improvement
from crestfall.atlas.store.merge import merge as merge_stores
from crestfall.atlas.store.stored_tones import StoredTones
from crestfall.atlas.store.verify import verify as verify_store
from crestfall.cli.errors import EXIT_USAGE, complain
from crestfall.cli.problems import problems_from
from crestfall.cli.report import as_json, print_design, print_rows
from crestfall.cli.wrapping import Command, Group, fitted

store_app = typer.Typer(
    help="Look into a store of designs, take designs out, check it, merge another into it.",
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

StorePath = Annotated[Path, typer.Argument(metavar="STORE", help="File of the store.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object per line.")]


@store_app.command("list", cls=Command)
def list_designs(store: StorePath, json: Json = False) -> None:
    """List the best design of every problem."""
    with Store.read(store) as designs:
        spent, counts = designs.spent(), designs.counts()
        for tones in designs.problems():
            best = designs.best(tones)
            of_this = spent.get(tones.identifier, Spent())
            figures = _figures(tones, best, counts[tones.identifier], of_this)
            if json:
                typer.echo(as_json(figures))
            else:
                typer.echo(fitted(_line(figures), later="    "))


@store_app.command(cls=Command)
def show(
    store: StorePath,
    problem: Annotated[str, typer.Argument(help="Problem word, name or key as listed, or a file of tones.")],
    json: Json = False,
) -> None:
    """Show the best design of a problem and how it was found."""
    with Store.read(store) as designs:
        tones = _asked_for(designs, problem)
        history = designs.history(tones)
    if not history:
        raise ValueError(f"{store}: {tones.name} has no design yet; search longer")
    design = history[0].design(tones)
    steps = [
        {
            "date_utc": row.date_utc,
            "peak_interval": [row.peak_low, row.peak_high],
            "crest_factor": row.crest_factor(tones),
            "residual": row.residual,
            "method": row.method,
            "seed": row.seed,
            "starts": row.starts,
            "seconds": row.seconds,
            "version": row.version,
        }
        for row in history
    ]
    if json:
        typer.echo(as_json({**design.summary(), "problem": tones.name, "key": tones.identifier, "history": steps}))
        return
    print_design(design, [("problem", tones.name), ("key", tones.identifier)])
    typer.echo("")
    print_rows([(str(step["date_utc"]), f"{step['crest_factor']:.9f}   {step['method']}") for step in steps])


@store_app.command(cls=Command)
def export(
    store: StorePath,
    problems: Annotated[
        list[str] | None, typer.Argument(metavar="[PROBLEM]…", help="Problems (default: all of the store).")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("designs"),
    format: Annotated[str, typer.Option(help="json, csv, npz or wav.")] = "json",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,
) -> None:
    """Write the best designs to files, one each, for the tones as they were asked for."""
    from crestfall.files import FORMATS

    if f".{format}" not in FORMATS:
        raise ValueError(f"--format is {format!r}; use one of {', '.join(name[1:] for name in FORMATS)}")
    with Store.read(store) as designs:
        chosen = designs.problems() if not problems else [_asked_for(designs, problem) for problem in problems]
        for tones in chosen:
            best = designs.best(tones)
            if best is not None:
                path = out / f"{tones.name.replace(':', '-')}.{format}"
                best.design(tones).save(path, overwrite=overwrite)
                typer.echo(f"written {path}")


@store_app.command(cls=Command)
def verify(store: StorePath) -> None:
    """Compute every certified peak again and check the file; exit code 2 if anything is wrong."""
    checked = wrong = 0
    with Store.read(store) as designs:
        for _, finding in verify_store(designs):
            checked += 1
            if finding is not None:
                wrong += 1
                complain(ValueError(f"{store}: {finding}"))
    if wrong:
        sys.exit(EXIT_USAGE)
    typer.echo(f"{checked - 1} problems verified")


@store_app.command(cls=Command)
def merge(
    store: StorePath, other: Annotated[Path, typer.Argument(metavar="OTHER", help="Store to merge into the first.")]
) -> None:
    """Merge OTHER into STORE: the best of both; OTHER is not changed."""
    if store.exists() and other.exists() and store.samefile(other):
        raise ValueError(f"{store} and {other} are one file; give two stores")
    with Store.read(other) as source, Store.open(store) as target:
        done = merge_stores(target, source)
    for refusal in done.refused:
        complain(ValueError(f"{other}: {refusal}"))
    typer.echo(f"{done.problems} problems, {done.improved} of them better now, {done.added} designs taken over")
    if done.refused:
        sys.exit(EXIT_USAGE)


def _asked_for(designs: Store, problem: str) -> StoredTones:
    """The problem of the store that a word, a file, a name or the beginning of a key means."""
    known = {tones.identifier: tones for tones in designs.problems()}
    named = [tones for key, tones in known.items() if key.startswith(problem) or tones.name == problem]
    if len(named) == 1:
        return named[0]
    if not named:
        asked = problems_from([problem])
        found = known.get(StoredTones(asked[0]).identifier) if len(asked) == 1 else None
        if found is not None:
            return StoredTones(asked[0])  # with frequencies and amplitudes as they are asked for now
    count = "several problems are" if named else "no problem is"
    raise ValueError(f"{designs.path}: {count} called {problem!r}; see the names in crestfall store list")


def _figures(tones: StoredTones, best: Improvement | None, count: int, spent: Spent) -> dict[str, object]:
    figures: dict[str, object] = {"problem": tones.name, "key": tones.identifier, "n": tones.asked.n}
    if best is not None:
        crest_factor = best.crest_factor(tones)
        figures |= {"crest_factor": crest_factor, "lower_bound": best.lower_bound}
        figures |= {"gap": crest_factor / best.lower_bound - 1.0, "residual": best.residual, "date_utc": best.date_utc}
    return figures | {"improvements": count, "rounds": spent.rounds, "seconds": spent.seconds}


def _line(figures: dict[str, object]) -> str:
    spent = f"{figures['improvements']} improvements, {figures['rounds']} searches, {figures['seconds']:.0f} s"
    if "crest_factor" not in figures:
        return f"{figures['problem']:24}  no design yet; {spent}"
    return (
        f"{figures['problem']:24}  crest factor {figures['crest_factor']:.6f}, gap {figures['gap']:.2%}; "
        f"{spent}, {figures['date_utc']}"
    )
