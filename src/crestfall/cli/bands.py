"""``crestfall design --bands``: a design for each of several bands of a very wide range, with files and a manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from crestfall.cli.file_options import options_for
from crestfall.cli.option_names import errors_naming_options
from crestfall.cli.output_options import OutputOptions
from crestfall.cli.outputs import print_phases, require_folder, require_use, rows_of_files
from crestfall.cli.playback_options import errors_about_playback, in_playback_options
from crestfall.cli.progress import live_progress
from crestfall.cli.report import as_json, print_design, print_rows
from crestfall.design.any_phases import with_any_phases
from crestfall.design.design import Design
from crestfall.design.gain import require_level_in_reach
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.files.endings import PICTURES, ending_of
from crestfall.problem.problem import Problem
from crestfall.problem.quantities import quantity
from crestfall.search import Effort, minimize_bands
from crestfall.search.asking import method_for, require_possible
from crestfall.search.methods import METHODS


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


def require_bands_writable(outputs: Sequence[Path], bands: Sequence[Design], overwrite: bool) -> None:
    """Find out before the search that a file cannot be written."""
    from crestfall.files import WRITABLE
    from crestfall.files.bands import require_bands_free

    for path in outputs:
        if path.suffix.lower() in PICTURES:
            raise ValueError(f"--out {path}: pictures are made of one band; design it alone, or leave the picture out")
        if ending_of(path) not in WRITABLE:
            raise ValueError(f"--out {path}: ending {path.suffix!r} is unknown; use one of {', '.join(WRITABLE)}")
        require_folder(path)
    require_bands_free(outputs, bands, overwrite=overwrite)


def design_in_bands(
    problems: Sequence[Problem],
    effort: Effort,
    method: str | None,
    playbacks: Sequence[Playback],
    output: OutputOptions,
    *,
    given: Mapping[str, Any],
    file_options: Mapping[str, Any],
) -> None:
    """Search band by band within one time limit, write what was found, and report each band."""
    outputs, overwrite = output.out, output.overwrite
    from crestfall.files.bands import save_bands

    by_band = len({one.rate for one in playbacks}) > 1
    any_phases = [with_any_phases(one) for one in problems]
    require_bands_writable(outputs, any_phases, overwrite)
    _require_lengths(any_phases, outputs, playbacks, file_options, by_band=by_band)
    if outputs:
        rate_flag = "--band-rates" if by_band else "--rate"
        require_use(given, any_phases[0], outputs, playbacks[0], rate_flag)
    with errors_naming_options():
        for one in problems:
            require_possible(one, effort, method_for(one, method, METHODS))
    with live_progress(output.quiet or output.json) as progress, errors_naming_options():
        found = minimize_bands(problems, effort=effort, method=method, progress=progress)
    options = {str(path): options_for(path, dict(file_options)) for path in outputs}
    written: list[Path] = []
    with _bands_kept(found):
        if outputs:
            with errors_about_playback():
                written = save_bands(found, list(outputs), list(playbacks), overwrite=overwrite, options=options)
        if output.json:
            typer.echo(as_json({"bands": [one.summary() for one in found], "files": [str(path) for path in written]}))
        elif not output.quiet:
            _print(found, outputs, playbacks, written)


@contextmanager
def _bands_kept(found: Sequence[Design]) -> Iterator[None]:
    """Print the phases of all bands if anything goes wrong within: what took long to find must not be lost."""
    try:
        yield
    except BrokenPipeError:
        raise
    except BaseException:
        for number, design in enumerate(found, 1):
            typer.echo(f"band {number} of {len(found)}")
            print_phases(design)
        raise


def _print(
    found: Sequence[Design], outputs: Sequence[Path], playbacks: Sequence[Playback], written: Sequence[Path]
) -> None:
    from crestfall.files import paths_written
    from crestfall.files.bands import band_path

    for number, (design, playback) in enumerate(zip(found, playbacks, strict=True), 1):
        typer.echo(f"band {number} of {len(found)}")
        of_band = [one for path in outputs for one in paths_written(band_path(path, number), design)]
        print_design(design, rows_of_files(design, of_band, playback))
        typer.echo("")
    if written:
        print_rows([("manifest", str(written[-1]))])


def _require_lengths(
    any_phases: Sequence[Design],
    outputs: Sequence[Path],
    playbacks: Sequence[Playback],
    file_options: Mapping[str, Any],
    *,
    by_band: bool,
) -> None:
    from crestfall.files import length_of_file

    for number, (design, playback) in enumerate(zip(any_phases, playbacks, strict=True), 1):
        try:
            for path in outputs:
                length_of_file(design, path, playback, **options_for(path, dict(file_options)))
            require_level_in_reach(design, playback)
        except ValueError as error:
            hint = ""
            if "more than can be written" in str(error):
                hint = "; give each band a raster of its own, such as --snap 10mHz,10Hz, and --band-rates"
            message = in_playback_options(str(error))
            if by_band:
                message = message.replace("--rate ", "--band-rates ")
            raise ValueError(f"band {number}: {message}{hint}") from None
