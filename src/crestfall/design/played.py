"""A design as it is played: the samples of every signal at the rate, the length and the level that were asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor, isfinite, isnan, log10, pi
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from crestfall.certainty.value import top_maximum
from crestfall.design.design import Design
from crestfall.design.level import Level
from crestfall.design.loop import periods_to_play
from crestfall.design.playback import Playback
from crestfall.problem.arrays import FloatArray
from crestfall.problem.times import MAX_SAMPLES, Samples, samples_per_period
from crestfall.signal.waveform import require_nyquist

MAX_BYTES = 2**30
"""Most bytes of all samples together: files of more are not read back."""

LEAST_PEAK = 1e-290
"""Smallest peak that is scaled to full scale: far smaller ones have no accurate inverse."""

_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Played:
    """Whole periods of a design's waveform, or its window once, of every signal that is played.

    Attributes:
        values: ``(inputs, experiments, N)`` float64, or complex128, in volts (the unit of the amplitudes).
        sample_rate_hz: Samples per second [Hz].
        periods: Number of whole periods; what fades in or out is not counted.
        gain: Factor from the design's amplitudes to those of ``values``.
        offset: Constant that was added [V].
        full_scale: Value [V] of the last step of a converter.
        names: What the inputs are called; ``("drive",)`` where there is one.
        start_s: Time of the first sample; not 0 for a window that begins elsewhere, or with something before it.
        first: Index of the sample with which the first period begins.
        playback: What was asked for.
    """

    values: npt.NDArray[Any]
    sample_rate_hz: float
    periods: int
    gain: float
    offset: float
    full_scale: float
    names: tuple[str, ...]
    start_s: float
    first: int
    playback: Playback

    @property
    def one(self) -> npt.NDArray[Any]:
        """``(N,)`` samples of the only signal."""
        return self.values[0, 0]

    @property
    def times_s(self) -> FloatArray:
        """``(N,)`` times [s]."""
        return np.asarray(self.start_s + np.arange(self.values.shape[2]) / self.sample_rate_hz)

    @property
    def in_frames(self) -> npt.NDArray[Any]:
        """``(experiments · N, inputs)``: a channel for each input, the experiments one after the other."""
        inputs, experiments, count = self.values.shape
        return self.values.transpose(1, 2, 0).reshape(experiments * count, inputs)

    def signals(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Name and ``(N,)`` samples of each signal, by inputs and then experiments."""
        for name, rows in zip(self.names, self.values, strict=True):
            for number, row in enumerate(rows, 1):
                yield (name if len(rows) == 1 else f"{name} experiment {number}"), row


def played(design: Design, playback: Playback) -> Played:
    """What is played of a design.

    Raises:
        ValueError: A tone reaches half the rate, the periods do not close, the level is above a limit or full scale,
            there would be too many samples, or the design has no period or no level to be scaled to. The message names
            the field of the playback and what to do.

    Example:
        >>> from crestfall import Multisine
        >>> found = played(Design.of(Multisine([1.0]), [0.0]), Playback(rate=4.0, level="2 V", lead=0.5))
        >>> (found.one.round(9) + 0.0).tolist(), found.first
        ([0.0, 0.0, 2.0, 0.0, -2.0, 0.0], 2)
    """
    rate, periods, _ = length_of(design, playback)
    gain, offset = scale_of(design, playback)
    if not isfinite(gain * design.peak_interval[1] + abs(offset)):
        raise ValueError(f"level is {playback.level!r}, offset {playback.offset}: the samples would not be finite")
    signal = gain * design.waveform(rate, periods)
    if design.problem.channels is None:
        signal = signal[None, None]
    if playback.compensate_hold:
        signal = _raised(signal, design, rate, periods)
    full_scale = _full_scale(design, playback, gain, offset, signal)
    values, first = _with_edges(signal, playback, rate)
    window, channels = design.problem.window, design.problem.channels
    return Played(
        values=values + offset if offset else values,
        sample_rate_hz=float(rate),
        periods=periods,
        gain=gain,
        offset=offset,
        full_scale=full_scale,
        names=("drive",) if channels is None else tuple(channels.names),
        start_s=(0.0 if window is None else window.start) - first / rate,
        first=first,
        playback=playback,
    )


# ------------------------------------------------------------------ rate and length


class Length(NamedTuple):
    """How long something is played.

    Attributes:
        rate_hz: Samples per second [Hz].
        periods: Number of periods; 1 for a window.
        samples: Samples of one signal, with all that comes before and after it.
    """

    rate_hz: float
    periods: int
    samples: int


def length_of(design: Design, playback: Playback) -> Length:
    """How long a design is played, without computing a sample; phases and level do not matter.

    Raises:
        ValueError: A tone reaches half the rate, the periods do not close, or there would be too many samples.
    """
    rate, window = rate_to_play(design, playback), design.problem.window
    if window is not None:
        require_nyquist(design.multisine, rate, "rate")
        periods, count = _once(playback), window.count(rate)
    else:
        periods = periods_to_play(
            design.multisine,
            rate,
            playback.periods,
            playback.duration,
            multiple_of=playback.multiple_of,
            may_not_close=playback.seam,
        )
        ratio = samples_per_period(design.multisine, rate)
        count = ceil(periods * (rate / design.multisine.fundamental if ratio is None else ratio))
    samples = count + sum(edges_of(playback, rate))
    _require_size(design, rate, periods, samples)
    return Length(float(rate), periods, samples)


def rate_to_play(design: Design, playback: Playback) -> float:
    """The rate [Hz] that a playback asks for, or the default one."""
    if playback.rate is not None:
        return playback.rate
    if playback.samples_per_period is not None:
        if design.problem.window is not None:
            raise ValueError("samples_per_period goes with a period, and the design is for a window; give rate")
        return playback.samples_per_period * design.multisine.fundamental
    return default_rate(design)


def default_rate(design: Design) -> float:
    """Sample rate [Hz] that gives a power of two of samples a period, at least 4 for the fastest tone's cycle.

    Tones without a common period get the next of 1, 2, 5, 10, 20, … that does. A design for samples that count is
    played at their rate.

    Example:
        >>> from crestfall import Multisine
        >>> default_rate(Design.of(Multisine([100.0, 300.0]), [0.0, 0.0]))
        1600.0
    """
    ms = design.multisine
    if (own := rate_of_samples(design)) is not None:
        return own
    if not ms.has_period:
        return round_rate(4.0 * float(np.max(np.abs(ms.frequencies))))
    highest = max(1, int(np.max(np.abs(ms.harmonic_numbers))))
    # A power of two times a float is exact, so that the period is a whole number of samples.
    return ms.fundamental * 2.0 ** (4 * highest - 1).bit_length()


def rate_of_samples(design: Design) -> float | None:
    """The rate [Hz] of the samples that count, where these can be played: more than two a cycle of the fastest tone.

    Where a period is not a whole number of samples, the fewest periods that are one visit all points that count.

    Example:
        >>> import crestfall as cf
        >>> ms = cf.Multisine([100.0, 300.0])
        >>> [rate_of_samples(Design.of(cf.Problem(ms, over=cf.Samples(n)), [0.0, 1.0])) for n in (6, 7)]
        [None, 700.0]
    """
    over, ms = design.problem.over, design.multisine
    if not isinstance(over, Samples):
        return None
    rate = (over.n or 0) * ms.fundamental if over.rate is None else over.rate
    highest = float(np.max(np.abs(ms.frequencies)))
    return rate if rate > 2.0 * highest and over.count(ms) > 2 * int(np.max(np.abs(ms.harmonic_numbers))) else None


def round_rate(least: float) -> float:
    """The first of 1, 2, 5, 10, 20, … that is not below a rate.

    Example:
        >>> round_rate(1234.5), round_rate(5000.0), round_rate(0.03)
        (2000.0, 5000.0, 0.05)
    """
    power = floor(log10(least)) if least > 0.0 else 0
    return next(rate for p in (power, power + 1) for digit in (1, 2, 5) if (rate := float(f"{digit}e{p}")) >= least)


def _once(playback: Playback) -> int:
    """A window has neither periods nor a signal around it."""
    for name in ("fade_in", "fade_out"):
        if getattr(playback, name):
            raise ValueError(f"{name} is {getattr(playback, name)}, but a window has no signal around it; leave it out")
    for name in ("duration", "periods", "multiple_of"):
        if getattr(playback, name) not in (None, 1):
            raise ValueError(f"{name} is {getattr(playback, name)}, but a window is played once; leave {name} out")
    return 1


def _require_size(design: Design, rate: float, periods: int, count: int) -> None:
    """Raise before anything large is computed."""
    window, channels = design.problem.window, design.problem.channels
    signals = 1 if channels is None else channels.count * channels.experiments
    size = count * signals * (16 if design.multisine.complex else 8)
    if count > MAX_SAMPLES or size > MAX_BYTES:
        what = "the window" if window is not None else f"{periods} period(s)"
        raise ValueError(
            f"rate is {rate:.12g} Hz: {what} of {signals} signal(s) make {count * signals:.12g} samples in all, more "
            f"than can be written ({MAX_SAMPLES} a signal, {MAX_BYTES} bytes); give a lower rate or fewer periods"
        )


# ------------------------------------------------------------------ level


def scale_of(design: Design, playback: Playback) -> tuple[float, float]:
    """Factor from the amplitudes of the design to what is played, and the constant that is added [V].

    Raises:
        ValueError: The level is above a limit of the problem, or the design has nothing to be scaled to it.
    """
    level = playback.asked_level
    if design.worst.limit is not None and not playback.beyond_limits:
        _require_steady(design, playback)
    if level is None or level.kind != "range":
        return gain_of(design, playback), playback.offset
    if playback.offset:
        raise ValueError(f"offset is {playback.offset}, but a level from {level.value:g} to {level.upper:g} V sets it")
    if playback.compensate_hold:
        raise ValueError(f"level is {playback.level!r}, which compensate_hold would exceed; give a peak or an RMS")
    if isnan(design.crest_factor):
        raise ValueError(f"level is {playback.level!r}, but the tones cancel, and silence has no range")
    if design.multisine.complex:
        raise ValueError(f"level is {playback.level!r}, but a complex signal has no minimum and maximum")
    top, bottom = _largest_and_least(design)
    if design.problem.channels is None:
        gain = (level.upper - level.value) / (top + bottom)
        offset = level.upper - gain * top
    else:  # each signal has ends of its own, so that none of their offsets would suit all
        gain = 0.5 * (level.upper - level.value) / max(top, bottom)
        offset = 0.5 * (level.upper + level.value)
    if design.worst.limit is not None and not playback.beyond_limits:
        _require_limits(design, playback, gain, offset)
    return gain, offset


def _largest_and_least(design: Design) -> tuple[float, float]:
    """Certified upper ends of the maximum, and of minus the minimum, over all signals that are played."""
    signals = [one for row in design.channels for one in row]
    window = design.problem.window
    ends = [max(top_maximum(one.multisine, one.phases + turn, window).high for one in signals) for turn in (0.0, pi)]
    return ends[0], ends[1]


def gain_of(design: Design, playback: Playback) -> float:
    """Factor from the amplitudes of the design to what is played.

    Raises:
        ValueError: The level is above a limit of the problem, or the design has nothing to be scaled to it.
    """
    has_limits = design.worst.limit is not None
    level = playback.asked_level or Level("limits" if has_limits else "designed")
    if level.kind == "limits":
        if not has_limits:
            raise ValueError("level is 'limits', but the problem has none; give a level such as '0.5 V'")
        gain = _largest_gain(design, playback.offset) / _raise_of_hold(design, playback)
    elif level.kind == "full scale" and playback.full_scale is not None:
        largest = playback.full_scale * 10.0 ** (level.value / 20.0) - abs(playback.offset)
        if largest <= 0.0:
            raise ValueError(
                f"offset is {playback.offset} V, which leaves no room for a signal at {playback.level}; "
                "give a smaller offset, or a larger full_scale"
            )
        gain = design.scale(peak=largest)
    elif level.kind == "full scale":
        gain = _largest_gain(design, playback.offset) / _raise_of_hold(design, playback) if has_limits else 1.0
    elif level.kind == "designed":
        gain = 1.0
    else:
        gain = design.scale(**{level.kind: level.value})
    if not isfinite(gain * float(np.max(design.multisine.amplitudes))):
        raise ValueError(
            f"level is {playback.level!r}, and the design has a peak of {design.peak}: "
            "no number is as large as their ratio"
        )
    if has_limits and not playback.beyond_limits:
        _require_limits(design, playback, gain, playback.offset)
    return gain


def largest_share(design: Design, gain: float, offset: float = 0.0) -> float:
    """The largest share of a limit that a signal reaches if the drive is scaled and a constant is added to it.

    What is played is a signal in continuous time, even where only samples of it were counted.

    Raises:
        ValueError: How an output answers to a constant is not known.
    """
    return max(each.reach(gain, offset) / each.limit for each in design.signals if each.limit is not None)


def _largest_gain(design: Design, offset: float) -> float:
    """The largest factor of the amplitudes that all limits allow."""
    rooms = [
        (each.limit - each.reach(0.0, offset)) / each.reach(1.0, 0.0)
        for each in design.signals
        if each.limit is not None
    ]
    if min(rooms) <= 0.0 or min(rooms) * design.peak < LEAST_PEAK:
        with_offset = f" with an offset of {offset:g} V" if offset else ""
        raise ValueError(
            f"level is 'limits', but a limit of the problem allows no signal{with_offset}; "
            "give a level, or other limits"
        )
    return min(rooms)


def _raise_of_hold(design: Design, playback: Playback) -> float:
    """By how much the samples of all signals rise at most if tones are raised for a converter that holds them."""
    if not playback.compensate_hold:
        return 1.0
    rate, periods, _ = length_of(design, playback)
    signal = design.waveform(rate, periods)
    raised = _raised(signal, design, rate, periods).reshape(-1, signal.shape[-1])
    peaks = [one.peak for row in design.channels for one in row]
    return max(1.0, *(float(np.max(np.abs(x))) / peak for x, peak in zip(raised, peaks, strict=True) if peak > 0.0))


def _require_steady(design: Design, playback: Playback) -> None:
    """Raise where a signal begins or ends, and what an output does then is not known."""
    if playback.is_loop:
        return
    for each in design.signals:
        if each.limit is not None and not each.is_multiple_of_drive:
            what = next(name for name in ("fade_in", "fade_out", "lead", "trail") if getattr(playback, name))
            raise ValueError(
                f"{what} is {getattr(playback, what):g} s: what output {each.name!r} does when the signal begins or "
                "ends is not known, so that its limit cannot be kept; leave it out, or give beyond_limits=True"
            )


def _require_limits(design: Design, playback: Playback, gain: float, offset: float) -> None:
    share = largest_share(design, gain * _raise_of_hold(design, playback), offset)
    if share > 1.0 + _ROUNDING:
        asked = "the level of the design" if playback.level is None else f"level is {playback.level!r}, which"
        with_offset = f" with an offset of {offset:g} V" if offset else ""
        raise ValueError(
            f"{asked} reaches {share:.1%} of a limit of the problem{with_offset}; give level='limits' for the largest "
            "one that all limits allow, or beyond_limits=True"
        )


def _full_scale(design: Design, playback: Playback, gain: float, offset: float, signal: npt.NDArray[Any]) -> float:
    """Value of the last step of a converter."""
    level, silent = playback.asked_level, isnan(design.crest_factor)
    # Tones that cancel stay silent instead of becoming loud rounding errors.
    peak = 0.0 if silent else design.peak_interval[1] * gain
    if playback.compensate_hold:
        peak = float(np.max(np.abs(signal)))
    is_range = level is not None and level.kind == "range"
    reach = max(abs(level.value), abs(level.upper)) if level is not None and is_range else peak + abs(offset)
    if playback.full_scale is not None:
        if reach > playback.full_scale * (1.0 + _ROUNDING):
            raise ValueError(
                f"full_scale is {playback.full_scale:.9g} V, but the signal reaches {reach:.9g} V; "
                "give a lower level, or a larger full_scale"
            )
        return playback.full_scale
    if not reach:
        return 1.0
    if level is not None and level.kind == "full scale":
        return reach / 10.0 ** (level.value / 20.0)
    return reach


# ------------------------------------------------------------------ hold and edges


def _raised(signal: npt.NDArray[Any], design: Design, rate: float, periods: int) -> npt.NDArray[Any]:
    """Samples with each tone divided by ``sinc(f / rate)``, by which the hold of a converter multiplies it."""
    ratio = None if design.problem.window is not None else samples_per_period(design.multisine, rate)
    if ratio is None or (periods * ratio).denominator != 1:
        raise ValueError(
            "compensate_hold is True, but it needs whole periods that close, and no window; leave out one of them"
        )
    n = signal.shape[-1]
    if np.iscomplexobj(signal):
        return np.asarray(np.fft.ifft(np.fft.fft(signal) / np.sinc(np.fft.fftfreq(n))))
    return np.asarray(np.fft.irfft(np.fft.rfft(signal) / np.sinc(np.fft.rfftfreq(n)), n))


def _with_edges(signal: npt.NDArray[Any], playback: Playback, rate: float) -> tuple[npt.NDArray[Any], int]:
    """The signal with what comes before and after it, and the number of the sample with which it begins."""
    if playback.is_loop:
        return signal, 0
    n = signal.shape[-1]
    lead, rise, fall, trail = edges_of(playback, rate)
    parts = [np.zeros((*signal.shape[:-1], lead))]
    parts.append(signal[..., np.arange(-rise, 0) % n] * _cosine_edge(rise))
    parts.append(signal)
    parts.append(signal[..., np.arange(fall) % n] * _cosine_edge(fall)[::-1])
    parts.append(np.zeros((*signal.shape[:-1], trail)))
    return np.concatenate(parts, axis=-1), lead + rise


def edges_of(playback: Playback, rate: float) -> tuple[int, int, int, int]:
    """Numbers of samples of the lead, the fade in, the fade out and the trail.

    Raises:
        ValueError: One of them is too long.
    """
    for name in ("lead", "fade_in", "fade_out", "trail"):
        if getattr(playback, name) * rate > MAX_SAMPLES:
            raise ValueError(
                f"{name} is {getattr(playback, name):g} s, more than {MAX_SAMPLES} samples; give a shorter time"
            )
    lead, rise, fall, trail = (
        round(seconds * rate) for seconds in (playback.lead, playback.fade_in, playback.fade_out, playback.trail)
    )
    return lead, rise, fall, trail


def _cosine_edge(count: int) -> FloatArray:
    """``(count,)`` factors that rise from 0 to 1 like half a period of a cosine, both ends left out."""
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / max(count, 1)))
