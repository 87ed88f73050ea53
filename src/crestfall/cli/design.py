"""``crestfall design``: a problem of any kind in, the design with the lowest peak out."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from crestfall.cli.added_options import takes
from crestfall.cli.bands import band_playbacks, design_in_bands
from crestfall.cli.cluster import cluster_client, is_lost, lost
from crestfall.cli.errors import EXIT_USAGE, complain
from crestfall.cli.file_options import require_taken, takes_file_options
from crestfall.cli.option_names import errors_naming_options
from crestfall.cli.output_options import OutputOptions
from crestfall.cli.outputs import (
    phases_kept,
    playback_asked_for,
    print_phases,
    require_writable,
    rows_of_files,
    write_all,
)
from crestfall.cli.playback_options import takes_playback
from crestfall.cli.problem_options import ProblemOptions
from crestfall.cli.progress import live_progress
from crestfall.cli.proof_file import require_boxes_fit, require_proof_possible, write_proof
from crestfall.cli.report import as_json, print_design
from crestfall.cli.search_options import SearchOptions
from crestfall.cli.terminal_picture import picture_of, wanted, width_of_picture
from crestfall.cli.tones import Asked, ToneOptions, bands_from, problem_from
from crestfall.design.design import Design
from crestfall.design.playback import Playback
from crestfall.search import Effort, minimize_peak
from crestfall.search.asking import method_for, require_possible
from crestfall.search.methods import METHODS


# The help shows the groups from the last of these to the first.
@takes_file_options
@takes_playback
@takes(OutputOptions, "output")
@takes(SearchOptions, "search", panel="Search")
@takes(ProblemOptions, "changes", panel="What is minimised")
@takes(ToneOptions, "named", panel="Tones")
def design(
    tones: Annotated[
        Path | None,
        typer.Argument(
            help="CSV, TOML, JSON or text file with frequencies, amplitudes and optional phases; or a waveform of "
            "whole periods (.wav .csv .npy …); or a saved design, to continue from; or a problem file (.toml).",
            show_default=False,
        ),
    ] = None,
    *,
    named: ToneOptions,
    changes: ProblemOptions,
    search: SearchOptions,
    output: OutputOptions,
    playback: Mapping[str, Any],  # fields of Playback
    file_options: dict[str, Any],
) -> None:
    """Choose phases with the lowest peak and write the waveform.

    For instance: crestfall design tones.csv --out excitation.wav --out excitation.png
    """
    if named.bands is None:
        require_writable(output.out, output.overwrite)
    require_taken(file_options, output.out)
    effort = search.effort()
    require_proof_possible(search.proof, effort, output.overwrite, named.bands, output.out)
    with errors_naming_options():
        times = changes.times
    if (several := bands_from(tones, named, times)) is not None:
        if search.scheduler is not None:
            raise ValueError("--scheduler: bands are searched here, one after the other; leave it out")
        problems, of_file = [changes.applied_to(one, named) for one in several[0]], several[1]
        rates = output.band_rates
        design_in_bands(
            problems,
            effort,
            search.method,
            band_playbacks(playback, of_file, rates, len(problems)),
            output,
            given=playback if rates is None else {**playback, "rate": rates},
            file_options=file_options,
        )
        return
    if output.band_rates is not None:
        raise ValueError("--band-rates goes with --bands; give --rate")
    asked = problem_from(tones, named, times)
    asked = asked._replace(problem=changes.applied_to(asked.problem, named))
    require_boxes_fit(search.proof, effort, asked.problem.tones)
    played = playback_asked_for(playback, asked.playback, output.out, asked.problem, file_options)
    found, is_unreachable = _searched(asked, search, effort, quiet=output.quiet or output.json)
    is_all_written = _written(found, output, search, effort, played, file_options)
    if is_unreachable:
        complain(lost(search.scheduler))
    if is_unreachable or not is_all_written:
        sys.exit(EXIT_USAGE)


def _searched(asked: Asked, search: SearchOptions, effort: Effort, *, quiet: bool) -> tuple[Design, bool]:
    """The design, and whether the scheduler was lost on the way."""
    problem, method = asked.problem, search.method
    with errors_naming_options():  # before a scheduler is waited for
        require_possible(problem, replace(effort, client=search.scheduler), method_for(problem, method, METHODS))
    with cluster_client(search.scheduler) as client, live_progress(quiet) as progress, errors_naming_options():
        effort = replace(effort, client=client)
        found = minimize_peak(problem, effort=effort, method=method, progress=progress, begin=asked.begin)
        return found, is_lost(client)


def _written(
    found: Design,
    output: OutputOptions,
    search: SearchOptions,
    effort: Effort,
    played: Playback | None,
    file_options: dict[str, Any],
) -> bool:
    """Write all files and the report; whether every file could be written."""
    with phases_kept(found):
        written, failed = write_all(found, output.out, output.overwrite, played, file_options)
        proven = write_proof(found, search.proof, effort, output.overwrite)
        if output.json:
            typer.echo(as_json(found.summary()))
        elif not output.quiet:
            rows = rows_of_files(found, written, played)
            _print(found, rows if proven is None else [*rows, ("proof", proven)], output.picture)
    if failed and not output.json:  # what took long to find must not be lost with the file that could not be written
        print_phases(found)
    return not failed and (search.proof is None or proven is not None)


def _print(found: Design, files: list[tuple[str, str]], picture: bool | None) -> None:
    print_design(found, files)
    if wanted(picture) and (width := width_of_picture()):
        typer.echo("\n" + "\n".join(picture_of(found, width)))
