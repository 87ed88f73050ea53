"""``crestfall convert``: a saved design as other files, at another rate, length or level."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import typer

from crestfall.cli.errors import EXIT_USAGE
from crestfall.cli.file_options import require_taken, takes_file_options
from crestfall.cli.outputs import playback_asked_for, require_writable, rows_of_files, write_all
from crestfall.cli.playback_options import takes_playback
from crestfall.cli.report import as_json, print_rows
from crestfall.cli.waveform_options import ChannelOption, WaveformOption, errors_about_waveforms, rate_of_option


@takes_playback
@takes_file_options
def convert(
    file: Annotated[Path, typer.Argument(help="Saved design, CSV with phase_rad, or a waveform of whole periods.")],
    out: Annotated[list[Path], typer.Option(help="File to write, of any kind. May be repeated.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,
    waveform: WaveformOption = None,
    channel: ChannelOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only errors, and JSON if asked for.")] = False,
    playback: Mapping[str, Any] = MappingProxyType({}),  # fields of Playback
    file_options: dict[str, Any] | None = None,
) -> None:
    """Write a saved design to other files: another format, rate, length or level.

    For instance: crestfall convert design.json --out excitation.arb --rate 1MHz --level 1Vpp
    """
    from crestfall.files import WRITABLE, length_of_file, load, read_playback
    from crestfall.files.endings import ending_of

    require_writable(out, overwrite)
    require_taken(file_options or {}, out)
    with errors_about_waveforms():
        design = load(file, sample_rate=rate_of_option(waveform), channel=channel)
    asked_playback = playback_asked_for(playback, read_playback(file), out, design.problem, file_options)
    written, failed = write_all(design, out, overwrite, asked_playback, file_options)
    if json:
        lengths = {
            str(path): length_of_file(design, path, asked_playback) if ending_of(path) in WRITABLE else None
            for path in written
        }
        typer.echo(as_json({"files": {name: length and length._asdict() for name, length in lengths.items()}}))
    elif written and not quiet:
        print_rows(rows_of_files(design, written, asked_playback))
    if failed:
        sys.exit(EXIT_USAGE)
