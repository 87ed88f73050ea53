"""``crestfall design``: a problem of any kind in, the design with the lowest peak out."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import typer

from crestfall.cli import completion
from crestfall.cli.bands import band_playbacks, design_in_bands
from crestfall.cli.cluster import HELP, cluster_client, is_lost, lost
from crestfall.cli.errors import EXIT_USAGE, complain
from crestfall.cli.file_options import require_taken, takes_file_options
from crestfall.cli.option_names import errors_naming_options
from crestfall.cli.outputs import (
    phases_kept,
    playback_asked_for,
    print_phases,
    require_folder,
    require_writable,
    rows_of_files,
    write_all,
)
from crestfall.cli.parsing import duration, fundamental_of, size
from crestfall.cli.playback_options import takes_playback
from crestfall.cli.problem_options import ProblemOptions
from crestfall.cli.progress import live_progress
from crestfall.cli.proof_file import require_proof_possible, write_proof
from crestfall.cli.report import as_json, print_design
from crestfall.cli.terminal_picture import picture_of, wanted, width_of_picture
from crestfall.cli.tones import ToneOptions, bands_from, problem_from
from crestfall.cli.waveform_options import ChannelOption, WaveformOption
from crestfall.design.design import Design
from crestfall.search import Effort, minimize_peak
from crestfall.search.asking import method_for, require_possible
from crestfall.search.methods import METHODS


@takes_playback
@takes_file_options
def design(
    tones: Annotated[
        Path | None,
        typer.Argument(
            help="CSV, TOML, JSON or text file with frequencies, amplitudes and optional phases; or a waveform of "
            "whole periods (.wav .csv .npy …); or a saved design, to continue from; or a problem file (.toml).",
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
    frequencies: Annotated[
        str | None,
        typer.Option(
            help="Frequencies instead: 1kHz,1.5kHz; with a fundamental also bands: 20..20000, odd:20..2000, "
            "log:20..20000:50, random:20..2000:4; or third-octave:20..20000, octaves/12:…, R10:…, 1-2-5:…"
        ),
    ] = None,
    shape: Annotated[
        list[str] | None,
        typer.Option(
            help="Instead of tones, a waveform that may only be delayed: pulse:5/12:4 (duty, amplitude), "
            "triangle:2, ripple.csv (samples of one period); add @2 for two periods in one. May be repeated."
        ),
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Steps of a period in which shapes are delayed.")] = None,
    fixed: Annotated[
        str | None,
        typer.Option(
            help="Add this waveform, which counts but is not chosen: a file of samples, cycle.csv or cycle.csv:60s "
            "(their duration), or a constant, 1.5."
        ),
    ] = None,
    fundamental: Annotated[
        str | None, typer.Option(help="Frequency of harmonic 1: 10, 2.5kHz, 1/60 (default 1, in Hz).")
    ] = None,
    period: Annotated[str | None, typer.Option(help="Period of harmonic 1 instead of its frequency: 60s.")] = None,
    amplitudes: Annotated[
        str | None, typer.Option(help="Law of the amplitudes: flat, pink, f^-1, '-3 dB/octave', '10:1, 1000:0.5'.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="Leave out mains, mains:60Hz:2Hz, sums, 900..1100. May be repeated.")
    ] = None,
    snap: Annotated[
        str | None, typer.Option(help="Round all frequencies to multiples of this, for instance 0.1Hz.")
    ] = None,
    bands: Annotated[
        int | None,
        typer.Option(
            help="Split the tones into this many bands, each a design with its own rate and files, and a manifest; "
            "--snap may then have a raster for each: 10mHz,10Hz."
        ),
    ] = None,
    band_rates: Annotated[str | None, typer.Option(help="Rate of the files of each band, such as 1kHz,400kHz.")] = None,
    complex: Annotated[bool, typer.Option("--complex", help="Complex baseband instead of a real signal.")] = False,
    waveform: WaveformOption = None,
    channel: ChannelOption = None,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            help="File to write: .wav .flac .csv .txt .json .npz .npy .mat .h5 .tdms .sigmf-meta .i16 .f32 .scpi .arb "
            "NAME_rigol.csv NAME_siglent.csv .wv .h .coe .mif .pwl .play.json, or a picture .png .svg .pdf. May be "
            "repeated."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,
    starts: Annotated[int | None, typer.Option(help="Number of starts (default: by the number of tones).")] = None,
    time_limit: Annotated[
        str | None, typer.Option(help="Search this long, for instance 10s, 2min, 1h; Ctrl-C ends it sooner.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the random starts: same seed, same answer.")] = 0,
    window: Annotated[
        str | None,
        typer.Option(
            metavar="START:END",
            help="Only this window counts, such as 0:0.05 or 0:50ms; tones need no common period.",
        ),
    ] = None,
    samples: Annotated[int | None, typer.Option(help="Only this many samples of one period count.")] = None,
    goal_rate: Annotated[
        str | None,
        typer.Option(
            help="Only samples at this rate count, such as 48kHz, not the true peak (the rate of files is --rate)."
        ),
    ] = None,
    points: Annotated[
        int | None, typer.Option(help="Only this many points of one period count, both ends included.")
    ] = None,
    measure: Annotated[
        str | None,
        typer.Option(
            help="What is minimised: peak, range, one-sided, envelope, components (default: the file's).",
            autocompletion=completion.measure,
        ),
    ] = None,
    target: Annotated[
        float | None, typer.Option(help="Stop as soon as what is minimised (the crest factor, …) is at most this.")
    ] = None,
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
        typer.Option(help="Allow only this many equally spaced phases: 2 for 0 and π, 4 for QPSK."),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            help="minimax (the search), or a baseline of the literature: schroeder, clip, l2p.",
            autocompletion=completion.method,
        ),
    ] = None,
    tolerance_db: Annotated[
        str | None, typer.Option(help="Let every amplitude move by this many dB, if that lowers the crest factor.")
    ] = None,
    move_lines: Annotated[
        str | None,
        typer.Option(
            help="Let every tone move to another line, if that lowers the crest factor: by 2 lines, 0.5Hz or 5%."
        ),
    ] = None,
    raster: Annotated[
        str | None,
        typer.Option(help="Spacing of the lines to which tones may move, such as 0.1Hz (default: the fundamental)."),
    ] = None,
    bound_time: Annotated[
        str | None,
        typer.Option(help="After the search, raise the lower bound for this long: a proof by moments, such as 30s."),
    ] = None,
    proof: Annotated[
        Path | None,
        typer.Option(
            help="Write the proof of --prove or --bound-time to this JSON file, which crestfall verify checks."
        ),
    ] = None,
    prove: Annotated[
        bool,
        typer.Option(
            "--prove", help="Prove by branch and bound that no phases are 0.1 % better: few tones, 60 s if no limit."
        ),
    ] = False,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="Save the state of that proof in this .npz file, and continue from it if the file exists."),
    ] = None,
    start_at_zero: Annotated[
        bool, typer.Option("--start-at-zero", help="Begin and end the period at a zero crossing; the peak is the same.")
    ] = False,
    max_memory: Annotated[
        str | None,
        typer.Option(help="Memory that may be used, such as 4GB; a problem that cannot fit is an error."),
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="Compute the search with PyTorch on cuda or cpu (default: NumPy).")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    picture: Annotated[
        bool | None,
        typer.Option(help="Draw one period with characters (default: when standard output is a terminal)."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only errors, and JSON if asked for.")] = False,
    playback: Mapping[str, Any] = MappingProxyType({}),  # fields of Playback
    file_options: dict[str, Any] | None = None,
) -> None:
    """Choose phases with the lowest peak and write the waveform.

    For instance: crestfall design tones.csv --out excitation.wav --out excitation.png
    """
    outputs = out or []
    if bands is None:
        require_writable(outputs, overwrite)
    require_taken(file_options or {}, outputs)
    changes = ProblemOptions(
        window=window,
        samples=samples,
        points=points,
        goal_rate=goal_rate,
        measure=measure,
        alphabet=alphabet,
        tolerance_db=tolerance_db,
        start_at_zero=start_at_zero,
        move_lines=move_lines,
        raster=raster,
        fundamental=fundamental_of(fundamental, period),
        exclude=exclude or (),
        fixed=None if shape else fixed,
    )
    with errors_naming_options():
        effort = Effort(
            starts=starts,
            time_limit=None if time_limit is None else duration(time_limit),
            seed=seed,
            target=target,
            stall_limit=None if stall_limit is None else duration(stall_limit, "--stall-limit"),
            workers=workers,
            device=device,
            max_memory=None if max_memory is None else size(max_memory),
            use_atlas=atlas,
            bound_time=None if bound_time is None else duration(bound_time, "--bound-time"),
            prove=prove,
            checkpoint=checkpoint,
        )
        times = changes.times
    if checkpoint is not None:
        require_folder(checkpoint, "--checkpoint")
    require_proof_possible(proof, effort, overwrite, bands)
    named = ToneOptions(
        harmonics=harmonics,
        frequencies=frequencies,
        fundamental=fundamental_of(fundamental, period),
        complex=complex,
        amplitudes=amplitudes,
        exclude=exclude or (),
        snap=snap,
        waveform=waveform,
        channel=channel,
        shapes=shape or (),
        steps=steps,
        fixed=fixed if shape else None,
    )
    if (several := bands_from(tones, named, bands, times)) is not None:
        if scheduler is not None:
            raise ValueError("--scheduler: bands are searched here, one after the other; leave it out")
        problems = [changes.applied_to(one) for one in several[0]]
        design_in_bands(
            problems,
            effort,
            method,
            outputs,
            band_playbacks(playback, several[1], band_rates, len(problems)),
            given=playback if band_rates is None else {**playback, "rate": band_rates},
            overwrite=overwrite,
            file_options=file_options or {},
            json=json,
            quiet=quiet,
        )
        return
    if band_rates is not None:
        raise ValueError("--band-rates goes with --bands; give --rate")
    asked = problem_from(tones, named, times)
    problem, begin = changes.applied_to(asked.problem), asked.begin
    asked_playback = playback_asked_for(playback, asked.playback, outputs, problem, file_options)
    with errors_naming_options():  # before a scheduler is waited for
        require_possible(problem, replace(effort, client=scheduler), method_for(problem, method, METHODS))
    with cluster_client(scheduler) as client, live_progress(quiet or json) as progress, errors_naming_options():
        effort = replace(effort, client=client)
        found = minimize_peak(problem, effort=effort, method=method, progress=progress, begin=begin)
        unreachable = is_lost(client)
    with phases_kept(found):
        written, failed = write_all(found, outputs, overwrite, asked_playback, file_options)
        proven = write_proof(found, proof, effort, overwrite)
        if json:
            typer.echo(as_json(found.summary()))
        elif not quiet:
            rows = rows_of_files(found, written, asked_playback)
            _print(found, rows if proven is None else [*rows, ("proof", proven)], picture)
    if unreachable:
        complain(lost(scheduler))
    if failed and not json:  # what took long to find must not be lost with the file that could not be written
        print_phases(found)
    if failed or unreachable or (proof is not None and proven is None):
        sys.exit(EXIT_USAGE)


def _print(found: Design, files: list[tuple[str, str]], picture: bool | None) -> None:
    print_design(found, files)
    if wanted(picture) and (width := width_of_picture()):
        typer.echo("\n" + "\n".join(picture_of(found, width)))
