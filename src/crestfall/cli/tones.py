"""Where the problem of a command comes from: a file of any kind, or a list of harmonics."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from crestfall.cli.bands import rasters_of
from crestfall.cli.option_names import errors_naming_options
from crestfall.cli.parsing import fundamental_of, harmonic_numbers
from crestfall.cli.shape_options import fixed_of, shapes_of
from crestfall.cli.waveform_options import ChannelOption, WaveformOption, errors_about_waveforms, rate_of_option
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
    """What the command line says about the tones, besides a file."""

    harmonics: Annotated[
        str | None,
        typer.Option(
            help="Harmonic numbers instead of a file: 1:31 (both ends), 1:2:63 (start:step:stop), 1,3,7:11; or odd:63, "
            "odd-odd:63, random-odd:127:4, log:1:1000:20 (low:high:how many), odd-log:1:1000:20, "
            "intermodulation-free:12."
        ),
    ] = None
    frequencies: Annotated[
        str | None,
        typer.Option(
            help="Frequencies instead: 1kHz,1.5kHz; with a fundamental also bands: 20..20000, odd:20..2000, "
            "log:20..20000:50, random:20..2000:4; or third-octave:20..20000, octaves/12:…, R10:…, 1-2-5:…"
        ),
    ] = None
    fundamental: Annotated[
        str | None,
        typer.Option(help="Frequency of harmonic 1: 10, 2.5kHz, 1/60 (default 1, in Hz)."),
    ] = None
    period: Annotated[
        str | None,
        typer.Option(help="Period of harmonic 1 instead of its frequency: 60s."),
    ] = None
    amplitudes: Annotated[
        str | None,
        typer.Option(help="Law of the amplitudes: flat, pink, f^-1, '-3 dB/octave', '10:1, 1000:0.5'."),
    ] = None
    exclude: Annotated[
        list[str],
        typer.Option(help="Leave out mains, mains:60Hz:2Hz, sums, 900..1100. May be repeated."),
    ] = field(default_factory=list)
    snap: Annotated[
        str | None,
        typer.Option(help="Round all frequencies to multiples of this, for instance 0.1Hz."),
    ] = None
    complex: Annotated[
        bool,
        typer.Option("--complex", help="Complex baseband instead of a real signal."),
    ] = False
    bands: Annotated[
        int | None,
        typer.Option(
            help="Split the tones into this many bands, each a design with its own rate and files, and a manifest; "
            "--snap may then have a raster for each: 10mHz,10Hz."
        ),
    ] = None
    shapes: Annotated[
        list[str],
        typer.Option(
            "--shape",
            help="Instead of tones, a waveform that may only be delayed: pulse:5/12:4 (duty, amplitude), "
            "triangle:2, ripple.csv (samples of one period); add @2 for two periods in one. May be repeated.",
        ),
    ] = field(default_factory=list)
    steps: Annotated[int | None, typer.Option(help="Steps of a period in which shapes are delayed.")] = None
    fixed: Annotated[
        str | None,
        typer.Option(
            help="Add this waveform, which counts but is not chosen: a file of samples, cycle.csv or cycle.csv:60s "
            "(their duration), or a constant, 1.5."
        ),
    ] = None
    waveform: WaveformOption = None
    channel: ChannelOption = None

    @cached_property
    def fundamental_hz(self) -> float | None:
        """The fundamental that ``--fundamental`` or ``--period`` gives [Hz]."""
        return fundamental_of(self.fundamental, self.period)

    @property
    def tones(self) -> Multisine | None:
        """The tones of ``--harmonics`` or ``--frequencies``, if one is given."""
        if self.harmonics is not None:
            numbers = harmonic_numbers(self.harmonics)
            given = 1.0 if self.fundamental_hz is None else self.fundamental_hz
            return self.changed(Multisine.harmonics(numbers, fundamental=given, complex=self.complex))
        if self.frequencies is not None:
            return self.changed(multisine_of_lines(self.frequencies, self.fundamental_hz, complex=self.complex))
        return None

    def changed(self, ms: Multisine) -> Multisine:
        """Tones on the raster, without those to leave out, with the amplitudes of the law."""
        return changed_tones(
            ms,
            raster=None if self.snap is None else quantity(self.snap, "Hz", name="--snap"),
            exclude=self.exclude,
            fundamental=self.fundamental_hz,
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
    path: Path | None, options: ToneOptions, over: Times | None = None
) -> tuple[list[Problem], Playback | None] | None:
    """The problem of each band, and what the file says is played; ``None`` where no bands are asked for.

    Args:
        path: The file.
        options: What the command line says of the tones.
        over: The times that count, for tones whose file does not say.

    Raises:
        ValueError: As ``problem_from``; or a part of the tones cannot have what is asked for.
    """
    bands = options.bands
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
    if options.fundamental_hz is not None:
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
    shapes = shapes_of(options.shapes, options.fundamental_hz, options.steps)
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
