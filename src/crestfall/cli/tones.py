"""Where the problem of a command comes from: a file of any kind, or a list of harmonics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from crestfall.cli.bands import rasters_of
from crestfall.cli.option_names import errors_naming_options
from crestfall.cli.parsing import harmonic_numbers
from crestfall.cli.shape_options import fixed_of, shapes_of
from crestfall.cli.waveform_options import errors_about_waveforms, rate_of_option
from crestfall.design.design import Design
from crestfall.design.playback import Playback
from crestfall.files.lines_text import changed_tones, multisine_of_lines
from crestfall.files.reading import read_bytes
from crestfall.files.tones import beginning_of, read_content
from crestfall.problem.bands import split_bands
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.problem.quantities import quantity
from crestfall.problem.times import Times


@dataclass(frozen=True)
class ToneOptions:
    """What the command line says about the tones, besides a file; ``None`` where it says nothing.

    Attributes:
        harmonics: Harmonic numbers (see ``crestfall.files.harmonics_text``).
        frequencies: Frequencies in words (see ``crestfall.files.lines_text``).
        fundamental: Fundamental of both [Hz].
        complex: Whether the tones are complex.
        amplitudes: Law of the amplitudes (see ``crestfall.problem.amplitude_laws``).
        exclude: What to leave out (see ``crestfall.files.lines_text``).
        snap: Raster to which frequencies are rounded, in Hz or with a unit.
        waveform: Says that the file holds samples, of this rate.
        channel: Which signal of a file of samples is meant.
        shapes: Periodic shapes that are only delayed (see ``crestfall.cli.shape_options``).
        steps: Steps of their common period.
        fixed: A waveform that is added to them.
    """

    harmonics: str | None = None
    frequencies: str | None = None
    fundamental: float | None = None
    complex: bool = False
    amplitudes: str | None = None
    exclude: Sequence[str] = ()
    snap: str | None = None
    waveform: str | None = None
    channel: str | None = None
    shapes: Sequence[str] = ()
    steps: int | None = None
    fixed: str | None = None

    @property
    def tones(self) -> Multisine | None:
        """The tones of ``--harmonics`` or ``--frequencies``, if one is given."""
        if self.harmonics is not None:
            numbers = harmonic_numbers(self.harmonics)
            given = 1.0 if self.fundamental is None else self.fundamental
            return self.changed(Multisine.harmonics(numbers, fundamental=given, complex=self.complex))
        if self.frequencies is not None:
            return self.changed(multisine_of_lines(self.frequencies, self.fundamental, complex=self.complex))
        return None

    def changed(self, ms: Multisine) -> Multisine:
        """Tones on the raster, without those to leave out, with the amplitudes of the law."""
        return changed_tones(
            ms,
            raster=None if self.snap is None else quantity(self.snap, "Hz", name="--snap"),
            exclude=self.exclude,
            fundamental=self.fundamental,
            amplitudes=self.amplitudes,
        )

    @property
    def changes(self) -> bool:
        """Whether anything changes the tones of a file."""
        return bool(self.exclude) or self.snap is not None or self.amplitudes is not None


class Asked(NamedTuple):
    """What the arguments of a command ask for.

    Attributes:
        problem: The problem.
        begin: The design to begin with, if the file is one.
        playback: What the file says is played, if it says anything.
    """

    problem: Problem
    begin: Design | None
    playback: Playback | None = None


def bands_from(
    path: Path | None, options: ToneOptions, bands: int | None, over: Times | None = None
) -> tuple[list[Problem], Playback | None] | None:
    """The problem of each band, and what the file says is played; ``None`` where no bands are asked for.

    Args:
        path: The file.
        options: What the command line says of the tones.
        bands: How many bands the command line asks for.
        over: The times that count, for tones whose file does not say.

    Raises:
        ValueError: As ``problem_from``; or a part of the tones cannot have what is asked for.
    """
    if bands is None:
        if path is None or path.suffix.lower() not in (".toml", ".json") or b"bands" not in read_bytes(path):
            return None
        content = read_content(path)
        return (list(content.found), content.playback) if isinstance(content.found, tuple) else None
    if options.shapes:
        raise ValueError(
            "--bands splits tones, and --shape gives shapes, which keep their lines; leave out one of them"
        )
    _require_one_way(path, options)
    rasters, whole = rasters_of(options.snap), replace(options, snap=None)
    if path is None:
        with errors_naming_options():
            ms, playback = whole.tones, None
        assert ms is not None
    else:
        content = read_content(path)
        playback = content.playback
        if not isinstance(content.found, Multisine):
            raise ValueError(f"--bands goes with a list of tones; write bands = {bands} into [tones] of {path} instead")
        with errors_naming_options():
            ms = whole.changed(content.found)
    with errors_naming_options():
        parts = split_bands(ms, bands, raster=rasters)
        return [Problem(one) if over is None else Problem(one, over=over) for one in parts], playback


def problem_from(path: Path | None, options: ToneOptions = ToneOptions(), over: Times | None = None) -> Asked:
    """The problem that the arguments describe: that of a problem file or a saved design, or just tones.

    Args:
        path: The file.
        options: What the command line says of the tones.
        over: The times that count, for tones whose file does not say.

    Raises:
        ValueError: Neither or several of file, harmonics and frequencies are given, or what they hold is not a problem.
        OSError: The file cannot be read.
    """
    if options.steps is not None and not options.shapes:
        own = f"; write samples = {options.steps} into [goal] of {path} instead" if path else "; leave it out"
        raise ValueError(f"--steps goes with --shape{own}")
    _require_one_way(path, options)
    if options.shapes:
        return Asked(_problem_of_shapes(options, over), None)
    with errors_naming_options():
        tones = options.tones
        if tones is not None and (options.waveform or options.channel):
            raise ValueError(
                "--waveform and --channel are about a file of samples; --harmonics and --frequencies need none"
            )
        if tones is not None:
            return Asked(Problem(tones) if over is None else Problem(tones, over=over), None)
    assert path is not None
    if options.fundamental is not None:
        raise ValueError("--fundamental and --period go with --harmonics or --frequencies; a file has its own tones")
    return _problem_of_file(path, options, over)


def _require_one_way(path: Path | None, options: ToneOptions) -> None:
    """Raise unless the tones are said in one way: by a file, by harmonics, by frequencies or by shapes."""
    ways = {
        str(path): path,
        "--harmonics": options.harmonics,
        "--frequencies": options.frequencies,
        "--shape": options.shapes,
    }
    said = [name for name, given in ways.items() if given]
    if not said:
        raise ValueError(
            "no tones are given; name a file of tones, or give --harmonics, such as --harmonics 1:31 --fundamental 10, "
            "or --frequencies, or --shape"
        )
    if len(said) > 1:
        count = {2: "two", 3: "three"}.get(len(said), "four")
        which = f"{', '.join(said[:-1])} and {said[-1]}"
        raise ValueError(f"{which} are {count} ways to say what is designed; give one of them")


def _problem_of_shapes(options: ToneOptions, over: Times | None) -> Problem:
    if options.changes or options.complex:
        raise ValueError("--shape: shapes keep their lines; leave out --snap, --exclude, --amplitudes and --complex")
    if options.waveform or options.channel:
        raise ValueError("--shape: --waveform and --channel are about a file of tones or samples; leave them out")
    if over is not None:
        raise ValueError("--shape: shapes count over their steps; give --steps instead of --samples and the like")
    shapes = shapes_of(options.shapes, options.fundamental, options.steps)
    if options.fixed is None:
        return shapes.problem()
    return shapes.problem(fixed=fixed_of(options.fixed, Multisine.harmonics([1], shapes.fundamental)))


def _problem_of_file(path: Path, options: ToneOptions, over: Times | None) -> Asked:
    with errors_about_waveforms():
        rate = rate_of_option(options.waveform)
        content = read_content(path, complex=options.complex, sample_rate=rate, channel=options.channel)
    found = content.found
    assert not isinstance(found, tuple)
    if isinstance(found, Multisine):
        with errors_naming_options():
            found = options.changed(found)
    problem, begin = beginning_of(found, path, over)
    if options.changes and not isinstance(found, Multisine):
        if problem.channels is not None or problem.constraints or problem.outputs:
            raise ValueError(
                f"--snap, --exclude and --amplitudes change tones alone; write raster_hz, exclude or amplitudes into "
                f"[tones] of {path} instead"
            )
        with errors_naming_options():
            lines = None if problem.lines is None else replace(problem.lines, around=None)
            problem, begin = replace(problem, multisine=options.changed(problem.multisine), lines=lines), None
    if options.complex and not problem.multisine.complex:
        raise ValueError(f"--complex: {path} says that its tones are real; leave it out")
    return Asked(problem, begin, content.playback)
