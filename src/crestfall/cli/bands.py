"""``crestfall design --bands``: a design for each of several bands of a very wide range, with files and a manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from crestfall.cli.file_options import options_for
from crestfall.cli.option_names import errors_naming_options
from crestfall.cli.outputs import require_folder
from crestfall.cli.playback_options import errors_about_playback
from crestfall.cli.progress import live_progress
from crestfall.cli.report import as_json, print_design, print_rows
from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.problem.problem import Problem
from crestfall.problem.quantities import quantity
from crestfall.search import Effort, minimize_bands

_PICTURES = (".png", ".svg", ".pdf")


def rasters_of(text: str | None) -> list[float] | None:
    """The rasters of ``--snap``: one, or one for each band, separated by commas.

    Example:
        >>> rasters_of("10mHz, 10Hz")
        [0.01, 10.0]
    """
    return None if text is None else [quantity(part, "Hz", name="--snap") for part in text.split(",")]


def band_playbacks(given: Mapping[str, Any], of_file: Playback | None, rates: str | None, count: int) -> list[Playback]:
    """What is played of each band.

    Raises:
        ValueError: There is not a rate for each band, or one is said twice.
    """
    with errors_about_playback():
        common = (AS_DESIGNED if of_file is None else of_file).changed(**given)
    if rates is None:
        return [common] * count
    values = [quantity(part, "Hz", name="--band-rates") for part in rates.split(",")]
    if "rate" in given or "samples_per_period" in given:
        raise ValueError("--band-rates and --rate say the same thing; give one of them")
    if len(values) != count or min(values) <= 0.0:
        raise ValueError(f"--band-rates is {rates!r}, but there are {count} bands; give a rate above 0 for each")
    return [common.changed(rate=rate) for rate in values]


def require_bands_writable(outputs: Sequence[Path], bands: int, overwrite: bool) -> None:
    """Find out before the search that a file cannot be written."""
    from crestfall.files.atomic import require_free
    from crestfall.files.bands import band_path, manifest_path

    for path in outputs:
        if path.suffix.lower() in _PICTURES:
            raise ValueError(f"--out {path}: pictures are made of one band; design it alone, or leave the picture out")
        require_folder(path)
        for number in range(1, bands + 1):
            require_free(band_path(path, number), overwrite=overwrite)
    if outputs:
        require_free(manifest_path(outputs[0]), overwrite=overwrite)


def design_in_bands(
    problems: Sequence[Problem],
    effort: Effort,
    method: str | None,
    outputs: Sequence[Path],
    playbacks: Sequence[Playback],
    *,
    overwrite: bool,
    file_options: Mapping[str, Any],
    json: bool,
    quiet: bool,
) -> None:
    """Search band by band within one time limit, write what was found, and report each band."""
    from crestfall.files.bands import save_bands

    require_bands_writable(outputs, len(problems), overwrite)
    with errors_about_playback():
        _require_lengths(problems, outputs, playbacks, file_options)
    with live_progress(quiet or json) as progress, errors_naming_options():
        found = minimize_bands(problems, effort=effort, method=method, progress=progress)
    options = {str(path): options_for(path, dict(file_options)) for path in outputs}
    written: list[Path] = []
    if outputs:
        with errors_about_playback():
            written = save_bands(found, list(outputs), list(playbacks), overwrite=overwrite, options=options)
    if json:
        typer.echo(as_json({"bands": [one.summary() for one in found], "files": [str(path) for path in written]}))
    elif not quiet:
        _print(found, written)


def _print(found: Sequence[Design], written: Sequence[Path]) -> None:
    for number, design in enumerate(found, 1):
        typer.echo(f"band {number} of {len(found)}")
        print_design(design)
        typer.echo("")
    if written:
        print_rows([("written", str(path)) for path in written])


def _require_lengths(
    problems: Sequence[Problem],
    outputs: Sequence[Path],
    playbacks: Sequence[Playback],
    file_options: Mapping[str, Any],
) -> None:
    import numpy as np

    from crestfall.files import WRITABLE, length_of_file
    from crestfall.files.endings import ending_of

    for number, (problem, playback) in enumerate(zip(problems, playbacks, strict=True), 1):
        any_phases = Design(problem, problem.tones, np.zeros(problem.tones.n))
        for path in outputs:
            if ending_of(path) not in WRITABLE:
                raise ValueError(f"--out {path}: ending {path.suffix!r} is unknown; use one of {', '.join(WRITABLE)}")
            try:
                length_of_file(any_phases, path, playback, **options_for(path, dict(file_options)))
            except ValueError as error:
                hint = ""
                if "more than can be written" in str(error):
                    hint = "; give each band a raster of its own, such as --snap 10mHz,10Hz, and --band-rates"
                raise ValueError(f"band {number}: {error}{hint}") from None
