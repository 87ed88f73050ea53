"""``crestfall design``: tones in, the design with the lowest peak out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from crestfall.cli.cluster import HELP, cluster_client, is_lost, lost
from crestfall.cli.design_channels import design_channels
from crestfall.cli.design_window import design_window
from crestfall.cli.errors import EXIT_USAGE, complain
from crestfall.cli.outputs import require_writable, write_all
from crestfall.cli.parsing import duration, size
from crestfall.cli.progress import live_progress
from crestfall.cli.report import as_json, print_design
from crestfall.cli.terminal_picture import picture_of, room, wanted
from crestfall.cli.tones import problem_from
from crestfall.engine.discrete import minimize_peak_discrete, require_alphabet_possible
from crestfall.files.channels_toml import ChannelsProblem
from crestfall.search import minimize_peak
from crestfall.search.window.problem import WindowProblem


def design(
    tones: Annotated[
        Path | None,
        typer.Argument(
            help="CSV, TOML, JSON or text file with frequencies, amplitudes and, if you like, phases; or a WAV file "
            "with one period; or a saved design (.json, .npz, .mat); or a problem file (.toml) with limits and "
            "constraints.",
            show_default=False,
        ),
    ] = None,
    harmonics: Annotated[
        str | None,
        typer.Option(
            help="Harmonic numbers instead of a file: 1:31 (both ends), 1:2:63 (start:step:stop), 1,3,7:11; or odd:63, "
            "odd-odd:63, random-odd:127:4, log:1:1000:20 (low:high:how many), odd-log:1:1000:20, "
            "intermodulation-free:12."
        ),
    ] = None,
    fundamental: Annotated[float | None, typer.Option(help="Frequency of harmonic 1 in Hz (default 1).")] = None,
    complex: Annotated[bool, typer.Option("--complex", help="Complex baseband instead of a real signal.")] = False,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            help="File to write: .wav .csv .json .npz .mat .sigmf-meta .i16 .f32 .scpi .arb .h, or a picture .png .svg "
            ".pdf. May be repeated."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,
    starts: Annotated[int | None, typer.Option(help="Number of starts (default: what the size deserves).")] = None,
    time_limit: Annotated[
        str | None, typer.Option(help="Search this long, for instance 10s, 2min, 1h; Ctrl-C ends it sooner.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the random starts: same seed, same answer.", min=0)] = 0,
    sample_rate: Annotated[
        float | None, typer.Option(help="Minimise the peak over samples at this rate in Hz, not the true peak.")
    ] = None,
    points: Annotated[
        int | None, typer.Option(help="Minimise the peak over this many points of one period, both ends included.")
    ] = None,
    target: Annotated[float | None, typer.Option(help="Stop as soon as the crest factor is at most this.")] = None,
    stall_limit: Annotated[
        str | None, typer.Option(help="Stop when nothing better was found for this long, for instance 10s.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes that compute (default: all cores for 5 s or more, else one).")
    ] = None,
    scheduler: Annotated[str | None, typer.Option(help=HELP)] = None,
    atlas: Annotated[bool, typer.Option(help="Begin with the design of the atlas, if it knows the problem.")] = True,
    alphabet: Annotated[
        int | None,
        typer.Option(
            help="Allow only this many equally spaced phases: 2 for 0 and π, 4 for QPSK. --starts counts descents."
        ),
    ] = None,
    method: Annotated[
        str, typer.Option(help="minimax (the search), or a baseline of the literature: schroeder, clip, l2p.")
    ] = "minimax",
    tolerance_db: Annotated[
        float | None, typer.Option(help="Let every amplitude move by this many dB, where that lowers the crest factor.")
    ] = None,
    prove: Annotated[
        bool,
        typer.Option(
            "--prove", help="Prove by branch and bound that no phases are 0.1 % better: few tones, 60 s if no limit."
        ),
    ] = False,
    start_at_zero: Annotated[
        bool, typer.Option("--start-at-zero", help="Begin and end the period at a zero crossing; the peak is the same.")
    ] = False,
    max_memory: Annotated[
        str | None, typer.Option(help="Memory that may be used, for instance 4GB or 500MB; what cannot fit is refused.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="Compute the search with PyTorch on cuda or cpu (default: NumPy).")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object for a machine.")] = False,
    picture: Annotated[
        bool | None,
        typer.Option(help="Draw one period with characters (default: when standard output is a terminal)."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors, and JSON if asked for.")] = False,
) -> None:
    """Choose phases with the lowest peak and write the waveform.

    For instance: crestfall design tones.csv --out excitation.wav --out excitation.png
    """
    outputs = out or []
    require_writable(outputs, overwrite)
    seconds = None if time_limit is None else duration(time_limit)
    memory = None if max_memory is None else size(max_memory)
    problem = problem_from(tones, harmonics, fundamental, complex)
    common: dict[str, Any] = {
        "overwrite": overwrite,
        "starts": starts,
        "time_limit": seconds,
        "seed": seed,
        "workers": workers,
        "start_at_zero": start_at_zero,
        "json": json,
        "quiet": quiet,
    }
    special: dict[str, Any] = {  # what searches of another kind do not have, and refuse
        "sample_rate": sample_rate,
        "points": points,
        "target": target,
        "stall_limit": stall_limit,
        "alphabet": alphabet,
        "method": None if method == "minimax" else method,
        "tolerance_db": tolerance_db,
        "prove": prove,
        "scheduler": scheduler,
        "max_memory": memory,
        "device": device,
    }
    if isinstance(problem, WindowProblem):
        design_window(problem, outputs, **common, **special)
        return
    if isinstance(problem, ChannelsProblem):
        design_channels(problem, outputs, **common, atlas=atlas, **special)
        return
    goal = problem.goal
    rate = problem.sample_rate if sample_rate is None and points is None else sample_rate
    if sample_rate is None and points is None:
        points = problem.n_points
    levels = problem.alphabet if alphabet is None else alphabet
    tolerance = problem.tolerance_db if tolerance_db is None else tolerance_db
    if levels is not None:
        require_alphabet_possible(problem.multisine, goal, levels, sampled=rate is not None or points is not None)
        _refuse_beside_alphabet(
            target=target,
            stall_limit=stall_limit,
            workers=workers,
            scheduler=scheduler,
            prove=prove,
            start_at_zero=start_at_zero,
            tolerance_db=tolerance,
            max_memory=memory,
            device=device,
        )
        if method != "minimax":
            raise ValueError("--alphabet has a search of its own; leave out --method")
    with cluster_client(scheduler) as client, live_progress(quiet or json) as progress:
        if levels is not None:
            found = minimize_peak_discrete(
                problem.multisine,
                levels,
                constraints=goal.constraints,
                descents=starts,
                time_limit=seconds,
                seed=seed,
                progress=progress,
            )
        else:
            found = minimize_peak(
                problem.multisine,
                starts=starts,
                time_limit=seconds,
                seed=seed,
                progress=progress,
                sample_rate=rate,
                n_points=points,
                outputs=goal.outputs,
                constraints=goal.constraints,
                measure=goal.measure,
                target=target,
                stall_limit=None if stall_limit is None else duration(stall_limit),
                workers=workers,
                use_atlas=atlas,
                method=method,
                prove=prove,
                start_at_zero=start_at_zero,
                tolerance_db=tolerance,
                extra=problem.extra,
                client=client,
                max_memory=memory,
                device=device,
            )
        unreachable = is_lost(client)
    written, failed = write_all(found, outputs, overwrite)
    if json:
        typer.echo(as_json(found.summary()))
    elif not quiet:
        effort = f"{found.provenance.method}, {found.provenance.starts} starts, {found.provenance.seconds:.2f} s"
        print_design(found, [("found by", effort), *(("written", str(path)) for path in written)])
        if wanted(picture) and (width := room()):
            typer.echo("\n" + "\n".join(picture_of(found, width)))
    if unreachable:
        complain(lost(scheduler))
    if failed and not json:  # what took long to find must not be lost with the file that could not be written
        typer.echo("phases_rad " + " ".join(repr(phase) for phase in found.phases.tolist()))
    if failed or unreachable:
        sys.exit(EXIT_USAGE)


def _refuse_beside_alphabet(**options: object) -> None:
    """Raise for options that the discrete search does not have: better than to leave them out in silence."""
    for name, value in options.items():
        if value is not None and value is not False:
            raise ValueError(f"--alphabet has a search of its own; leave out --{name.replace('_', '-')}")
