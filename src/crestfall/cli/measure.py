"""``crestfall measure``: how high a waveform or design reaches, with proof."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import numpy as np
import typer

from crestfall.certainty.measures import sample_peak, sampled
from crestfall.certainty.value import measure_of_samples
from crestfall.cli.option_names import errors_naming_options
from crestfall.cli.parsing import duration
from crestfall.cli.report import as_json, print_design, print_rows
from crestfall.cli.waveform_options import ChannelOption, WaveformOption, errors_about_waveforms, rate_of_option
from crestfall.design.design import Design
from crestfall.design.explain.commands import Commands
from crestfall.problem.problem import Measure, Problem
from crestfall.problem.quantities import quantity
from crestfall.problem.readable import readable
from crestfall.problem.times import MAX_SAMPLES, Period, Samples
from crestfall.search import Effort, minimize_peak
from crestfall.signal.window_signal import samples_from

_MOST_TONES = 24
_REDESIGN = "2s"
_MOST_TONES_AT_ONCE = 2**14
"""With more tones a single value takes a good part of a second, and a search of two seconds finds nothing."""
_CERTIFIED = 3
"""Peaks that a search certifies, however short it is."""


def measure(
    file: Annotated[
        Path,
        typer.Argument(
            help="Waveform of any kind (.wav .flac .csv .txt .npy .mat .h5 .arb .i16 …), CSV with phase_rad, or any "
            "saved design."
        ),
    ],
    sample_rate: Annotated[
        str | None, typer.Option(help="Also give the peak over samples at this rate, 48kHz (default: a WAV's own).")
    ] = None,
    waveform: WaveformOption = None,
    channel: ChannelOption = None,
    complex: Annotated[
        bool, typer.Option("--complex", help="Two signals of the file are I and Q of a complex one.")
    ] = False,
    drop_below: Annotated[
        str | None,
        typer.Option(
            help="Lines below this level, relative to the strongest, do not count (default: -60dB, or noise)."
        ),
    ] = None,
    redesign: Annotated[
        str | None,
        typer.Option(
            help="Search this long for phases with a lower peak, and say what they reach (default for waveforms: "
            f"{_REDESIGN}); 0 for none."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure a waveform, or the phases in a file: tones, peak, crest factor, bound, and what a redesign could reach.

    For instance: crestfall measure excitation.wav
    """
    if file.name.lower().endswith(".bands.json"):
        _measure_bands(file, json)
        return
    with errors_about_waveforms():
        design, own_rate, about = _read(file, waveform, channel, complex, drop_below)
    rate = own_rate if sample_rate is None else quantity(sample_rate, "Hz", name="--sample-rate")
    peak = None if rate is None or (about and sample_rate is None) else _highest_sample(design, rate)
    not_tried = _why_not_tried(design, redesign, is_waveform=about is not None)
    better = None
    if not not_tried:
        better = _redesigned(design, _REDESIGN if redesign is None and about is not None else redesign)
    if json:
        more = {} if about is None else {"waveform": about.summary()}
        if better is not None:
            more["redesign_crest_factor"] = better.crest_factor
        typer.echo(as_json(design.summary() | {"sample_peak": peak, "sample_rate_hz": rate} | more))
        return
    rows = _other_peaks(design)
    one = design.problem.channels is None and not np.isnan(design.crest_factor)
    if one and not design.multisine.complex and design.problem.measure != "range":  # else it is said anyway
        rows.append(("relative peak factor", f"{design.relative_peak_factor:.6f}   (max − min) / (2√2 rms)"))
    if peak is not None:
        rows.append(("sample peak", f"{peak:.9g}   at {rate:.9g} samples per second"))
    if better is not None:
        rows.append(("redesign", _in_words(design, better, file)))
    elif not_tried:
        rows.append(("redesign", not_tried))
    if about is not None:
        rows += _of_samples(about)
    print_design(design, figures=rows)
    if about is not None:
        typer.echo("")
        print_rows(_tones(design, about.unit))


def _measure_bands(file: Path, json: bool) -> None:
    """Each band of a manifest, whose files are checked."""
    from crestfall.files import load_bands

    designs = load_bands(file)
    if json:
        typer.echo(as_json({"bands": [one.summary() for one in designs]}))
        return
    for number, design in enumerate(designs, 1):
        typer.echo(f"band {number} of {len(designs)}")
        print_design(design)
        typer.echo("")


def _why_not_tried(design: Design, redesign: str | None, *, is_waveform: bool) -> str:
    """Why no redesign of very many tones is tried; empty where it is, and where nobody expects one."""
    n = design.multisine.n
    if n <= _MOST_TONES_AT_ONCE:
        return ""
    if redesign is None:
        return f"not tried with {n} tones; ask for it with --redesign 5min" if is_waveform else ""
    seconds = quantity(redesign, "s", name="--redesign")
    if not seconds > 0.0 or seconds >= (least := _least_time(design)):
        return ""
    more = f"give more time, such as --redesign {ceil(3.0 * least)}s"
    return f"not tried: the peaks of {n} tones alone take {least:.2g} s; {more}"


def _least_time(design: Design) -> float:
    """Seconds that a search takes at least: it certifies the peaks of where it begins and of what it found."""
    begin = perf_counter()
    _ = Design.of(design.problem, design.phases, status="").peak
    return _CERTIFIED * (perf_counter() - begin)


def _redesigned(design: Design, time: str | None) -> Design | None:
    """What other phases of the same tones reach within a time; ``None`` where it is not asked for or cannot be said."""
    if time is None or (seconds := quantity(time, "s", name="--redesign")) == 0.0:
        return None
    duration(time, "--redesign")
    if design.problem.channels is not None or design.multisine.n == 1:
        return None
    with errors_naming_options():
        return minimize_peak(design.problem, effort=Effort(time_limit=seconds, workers=1), begin=design)


def _in_words(design: Design, better: Design, file: Path) -> str:
    reached, gain = f"crest factor {better.crest_factor:.6f}", 1.0 - better.figure / design.figure
    if gain < 1e-4:
        return f"{reached}   no lower one was found in {better.provenance.seconds:.1f} s"
    return f"{reached}   {gain:.1%} lower, with other phases; {Commands.of(str(file)).design()} finds them"


def _of_samples(about: Any) -> list[tuple[str, str]]:
    """What the samples themselves say."""
    used = "" if about.n_used == about.n_samples else f", of which the first {about.n_used} were measured"
    periods = f"{about.periods:.6g} period{'s' * (about.periods != 1)}"
    unit = f" {about.unit}" if about.unit else ""
    offset = abs(about.offset) if about.design.multisine.complex else about.offset
    figures = f"crest factor {about.crest_factor_of_samples:.6f}, offset {offset:.6g}{unit}"
    noise = (
        "not seen" if about.noise_db is None else f"{about.noise_db:.1f} dB in a line, relative to the strongest tone"
    )
    return [
        ("samples", f"{about.n_samples} at {readable(about.rate_hz, 'Hz')}, {periods}{used}"),
        ("of the samples", f"peak {about.peak:.9g}{unit}, RMS {about.rms:.9g}{unit}, {figures}"),
        ("besides the tones", f"RMS {about.noise_rms:.3g}{unit}; noise floor {noise}"),
        ("tones above", f"{about.threshold_db:.1f} dB, relative to the strongest"),
    ]


def _tones(design: Design, unit: str) -> list[tuple[str, str]]:
    """A line for each tone; of a long list, the strongest."""
    ms = design.multisine
    strongest = np.sort(np.argsort(-ms.amplitudes, kind="stable")[:_MOST_TONES])
    rows = [("frequency", f"{'amplitude' + (f' [{unit}]' if unit else ''):20}  phase (cosine)")]
    rows += [
        (readable(f, "Hz"), f"{a:<20.9g}  {np.degrees(p):+.4f} deg")
        for f, a, p in zip(*(each[strongest] for each in (ms.frequencies, ms.amplitudes, design.phases)), strict=True)
    ]
    rest = ms.n - _MOST_TONES
    return [*rows, ("…", f"{rest} weaker ones; --json lists all")] if rest > 0 else rows


def _other_peaks(design: Design) -> list[tuple[str, str]]:
    """Of complex tones: the peak of ``I`` and ``Q``, or where that is the peak already, that of the magnitude."""
    problem = design.problem
    if not design.multisine.complex or problem.channels is not None:
        return []
    measure: Measure = "peak" if problem.is_about_components else "components"
    asked = Problem(design.multisine, over=Period() if problem.samples is not None else problem.over, measure=measure)
    try:
        other = Design.of(asked, design.phases, status="")
    except ValueError:  # too many oscillations of I and Q in a window far from zero, where they reach the magnitude
        return []
    name = "magnitude" if problem.is_about_components else "I and Q"
    low, high = other.peak_interval
    return [(name, f"{other.peak:.9g}   certified between {low:.12g} and {high:.12g}")]


def _highest_sample(design: Design, rate: float) -> float:
    """Peak over samples at this rate [Hz]: of the highest input, in the window if there is one."""
    if not (np.isfinite(rate) and rate > 0):
        raise ValueError(f"--sample-rate is {rate}; it must be a finite number of samples per second")
    return max(_highest_of(one, rate) for row in design.channels for one in row)


def _highest_of(one: Design, rate: float) -> float:
    window = one.problem.window
    if window is None:
        if one.problem.is_about_components:
            samples = sampled(one.multisine, one.phases, Samples(rate=rate).count(one.multisine))
            return measure_of_samples(one.problem.measure, samples)
        return sample_peak(one.multisine, one.phases, sample_rate=rate)
    count = window.count(rate)
    if count > MAX_SAMPLES:
        raise ValueError(f"--sample-rate {rate} makes {count} samples of the window, more than {MAX_SAMPLES}")
    samples = samples_from(one.multisine, one.phases, window.start, rate, count)
    return measure_of_samples("components" if one.problem.is_about_components else "peak", samples)


def _read(
    file: Path, waveform: str | None, channel: str | None, complex: bool, drop_below: str | None
) -> tuple[Design, float | None, Any]:
    """The design of a file, the sample rate [Hz] if the file has one, and what was measured of its samples, if any."""
    from crestfall.files.tones import is_waveform
    from crestfall.files.waveforms import measure_waveform

    rate = rate_of_option(waveform)
    if is_waveform(file, sample_rate=rate, channel=channel, complex=complex):
        below = None if drop_below is None else quantity(drop_below, "dB", name="--drop-below")
        found = measure_waveform(file, rate, channel=channel, complex=complex, drop_below_db=below)
        return found.design, found.rate_hz, found
    if drop_below is not None:
        raise ValueError(f"--drop-below: {file} holds a design with all its tones, no samples; leave it out")
    return _of_design(file)


def _of_design(file: Path) -> tuple[Design, float | None, None]:
    from crestfall.files import load

    if file.suffix.lower() != ".wav":
        return load(file), None, None
    from crestfall.files.wav import read_sample_rate

    return load(file), float(read_sample_rate(file)), None
