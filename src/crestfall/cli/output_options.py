"""The options of ``crestfall design`` that say what it writes and prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

_PANEL = "Files"


@dataclass(frozen=True)
class OutputOptions:
    """What the command line says about files and the report."""

    out: Annotated[
        list[Path],
        typer.Option(
            help="File to write: .wav .flac .csv .txt .json .npz .npy .mat .h5 .tdms .sigmf-meta .i16 .f32 .scpi .arb "
            "NAME_rigol.csv NAME_siglent.csv .wv .h .coe .mif .pwl .play.json, or a picture .png .svg .pdf. May be "
            "repeated.",
            rich_help_panel=_PANEL,
        ),
    ] = field(default_factory=list)
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that exist.", rich_help_panel=_PANEL)
    ] = False
    band_rates: Annotated[
        str | None,
        typer.Option(help="Rate of the files of each band, such as 1kHz,400kHz.", rich_help_panel=_PANEL),
    ] = None
    picture: Annotated[
        bool | None,
        typer.Option(help="Draw one period with characters (default: when standard output is a terminal)."),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only errors, and JSON if asked for.")] = False
