"""``crestfall search``: a campaign over many problems, kept in a store."""

from __future__ import annotations

import sys
from math import isfinite
from pathlib import Path
from typing import Annotated

import typer

from crestfall.atlas.store.campaign import NotSavedError, Plan, Visit, run_campaign
from crestfall.atlas.store.database import Store
from crestfall.atlas.store.interruption import Interruption
from crestfall.cli.campaign_progress import campaign_progress
from crestfall.cli.cluster import HELP, cluster_client, is_lost, lost
from crestfall.cli.errors import EXIT_USAGE, complain
from crestfall.cli.parsing import duration
from crestfall.cli.problems import problems_from
from crestfall.cli.report import as_json
from crestfall.search.executors import WorkersLostError


def search(
    problems: Annotated[
        list[str],
        typer.Argument(
            metavar="PROBLEM…",
            help="real:2:64, complex:8, odd:2:32 (numbers of flat tones, both ends), a file of tones or a design.",
            show_default=False,
        ),
    ],
    store: Annotated[Path, typer.Option(help="File of the store; it is made if there is none.")],
    seconds: Annotated[str, typer.Option(help="Time of one search, in seconds or as 2min.")] = "10",
    rounds: Annotated[int, typer.Option(help="Searches of each problem.", min=1)] = 1,
    seed: Annotated[int, typer.Option(help="Seed; every search of a problem gets one of its own from it.", min=0)] = 0,
    time_limit: Annotated[
        str | None, typer.Option(help="End the campaign after this time, for instance 10min, 8h.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Processes that compute (default: all cores for searches of 5 s and more).", min=1),
    ] = None,
    scheduler: Annotated[str | None, typer.Option(help=HELP)] = None,
    atlas: Annotated[bool, typer.Option(help="Begin with the designs of the atlas.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, one object per line.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> None:
    """Search many problems for better designs and keep them in a store; Ctrl-C or a crash loses nothing saved.

    For instance: crestfall search real:2:512 --store designs.sqlite --seconds 20 --rounds 10 --time-limit 8h
    """
    limit = None if time_limit is None else duration(time_limit, "--time-limit")
    plan = Plan(duration(seconds, "--seconds"), rounds, seed, limit, workers, atlas)
    tones = problems_from(problems)
    report = _Report(json)
    with (
        cluster_client(scheduler) as client,
        Store.open(store) as designs,
        Interruption() as stop,
        campaign_progress(quiet or json) as progress,
    ):

        def visited(visit: Visit) -> None:
            progress.visited(visit)
            report.visited(visit)

        try:
            run_campaign(
                designs, tones, plan, on_visit=visited, on_progress=progress.searching, stop=stop, client=client
            )
        except NotSavedError as error:
            _rescue(error, json)
            sys.exit(EXIT_USAGE)
        except WorkersLostError:  # between two searches
            raise lost(scheduler) from None
        if is_lost(client):
            raise lost(scheduler)
    report.ended(store, stop.requested)


class _Report:
    """What a campaign prints: a line for each design that is saved, and one at the end."""

    def __init__(self, json: bool) -> None:
        self._json = json
        self._saved = self._failed = self._done = self._total = 0

    def visited(self, visit: Visit) -> None:
        self._done, self._total = visit.done, visit.total
        if visit.failure is not None:
            self._failed += 1
            complain(ValueError(f"the search for {visit.tones.name} failed: {visit.failure}"))
        if visit.saved is not None:
            self._saved += 1
            typer.echo(_as_json(visit) if self._json else _line(visit))
            sys.stdout.flush()

    def ended(self, store: Path, interrupted: bool) -> None:
        why = "interrupted" if interrupted else "time is up" if self._done < self._total else "finished"
        if self._json:
            typer.echo(as_json({"event": "end", "searches": self._done, "saved": self._saved, "why": why}))
        else:
            typer.echo(f"{why} after {self._done} searches, {self._saved} better designs saved in {store}")
        if self._failed:
            sys.exit(EXIT_USAGE)


def _line(visit: Visit) -> str:
    assert visit.saved is not None
    crest_factor = visit.saved.crest_factor(visit.tones)
    was = f", peak {1 - visit.saved.peak_high / visit.before:.2e} lower" if isfinite(visit.before) else ", the first"
    return f"saved {visit.tones.name}  crest factor {crest_factor:.6f}{was}"


def _as_json(visit: Visit) -> str:
    saved = visit.saved
    assert saved is not None
    return as_json(
        {
            "event": "saved",
            "problem": visit.tones.name,
            "key": visit.tones.identifier,
            "peak_interval": [saved.peak_low, saved.peak_high],
            "crest_factor": saved.crest_factor(visit.tones),
            "lower_bound": saved.lower_bound,
            "peak_before": visit.before,
            "date_utc": saved.date_utc,
        }
    )


def _rescue(error: NotSavedError, json: bool) -> None:
    """What took long to find must not be lost with the disk that it could not be written to."""
    found = error.improvement
    if json:
        values = {"problem": error.tones.name, "key": error.tones.identifier, "peak": found.peak_high}
        typer.echo(as_json({"event": "not saved", **values, "phases_rad": found.phases_rad.tolist()}))
    else:
        typer.echo(f"not saved {error.tones.name}  peak {found.peak_high!r}")
        typer.echo("phases_rad " + " ".join(repr(phase) for phase in found.phases_rad.tolist()))
    assert isinstance(error.__cause__, Exception)
    complain(error.__cause__)
