"""How long a design is played: at which rate, how many periods, and how many samples that makes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil, floor, log10
from typing import NamedTuple

import numpy as np

from crestfall.design.design import Design
from crestfall.design.loop import periods_to_play
from crestfall.design.playback import Playback
from crestfall.problem.readable import readable
from crestfall.problem.times import MAX_SAMPLES, Samples, samples_per_period

MAX_BYTES = 2**30
"""Most bytes of all samples together, and of a file that is read: what is written can be read back."""


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
    with _naming_samples_per_period(playback, rate):
        design.require_rate(rate, "rate")
    if window is not None:
        periods, count = _once(playback), window.count(rate)
    else:
        with _naming_samples_per_period(playback, rate):
            periods = periods_to_play(
                design.multisine,
                rate,
                playback.periods,
                playback.duration,
                multiple_of=playback.multiple_of,
                may_not_close=playback.seam,
                is_held=design.problem.held_samples is not None,
            )
        ratio = samples_per_period(design.multisine, rate)
        count = ceil(periods * (rate / design.multisine.fundamental if ratio is None else ratio))
    samples = count + sum(edges_of(playback, rate))
    _require_size(design, rate, periods, samples)
    return Length(float(rate), periods, samples)


@contextmanager
def _naming_samples_per_period(playback: Playback, rate: float) -> Iterator[None]:
    """Errors about a rate that was not given name where it comes from."""
    try:
        yield
    except ValueError as error:
        begin = f"rate is {readable(rate, 'Hz', 12)}"
        if playback.samples_per_period is None or not str(error).startswith(begin):
            raise
        given = f"samples_per_period is {playback.samples_per_period}, a rate of {readable(rate, 'Hz', 12)}"
        raise ValueError(given + str(error).removeprefix(begin)) from None


def rate_to_play(design: Design, playback: Playback) -> float:
    """The rate [Hz] that a playback asks for, or the default one."""
    if playback.rate is not None:
        return playback.rate
    if playback.samples_per_period is not None:
        if design.problem.window is not None:
            raise ValueError(
                f"samples_per_period is {playback.samples_per_period}, but the design is for a window, which has no "
                "period; give rate"
            )
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
    if design.problem.held_samples is not None:
        return rate
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


def edges_of(playback: Playback, rate: float) -> tuple[int, int, int, int]:
    """Numbers of samples of the lead, the fade in, the fade out and the trail.

    Raises:
        ValueError: One of them is too long.
    """
    for name in ("lead", "fade_in", "fade_out", "trail"):
        if getattr(playback, name) * rate > MAX_SAMPLES:
            raise ValueError(
                f"{name} is {readable(getattr(playback, name), 's', 6)}, more than {MAX_SAMPLES} samples; give a "
                "shorter time"
            )
    lead, rise, fall, trail = (
        round(seconds * rate) for seconds in (playback.lead, playback.fade_in, playback.fade_out, playback.trail)
    )
    return lead, rise, fall, trail


def _once(playback: Playback) -> int:
    """A window has neither periods nor a signal around it."""
    for name in ("fade_in", "fade_out"):
        if getattr(playback, name):
            raise ValueError(f"{name} is {getattr(playback, name)}, but a window has no signal around it; leave it out")
    for name in ("duration", "periods", "multiple_of"):
        if getattr(playback, name) not in (None, 1):
            raise ValueError(f"{name} is {getattr(playback, name)}, but a window is played once; leave it out")
    return 1


def _require_size(design: Design, rate: float, periods: int, count: int) -> None:
    """Raise before anything large is computed."""
    window, channels = design.problem.window, design.problem.channels
    signals = 1 if channels is None else channels.count * channels.experiments
    size = count * signals * (16 if design.multisine.complex else 8)
    if count > MAX_SAMPLES or size > MAX_BYTES:
        what = "the window" if window is not None else f"{periods} period(s)"
        raise ValueError(
            f"rate is {readable(rate, 'Hz', 12)}: {what} of {signals} signal(s) make {count * signals:.12g} samples in "
            f"all, more than can be written ({MAX_SAMPLES} a signal, {MAX_BYTES} bytes); give a lower rate or fewer "
            "periods"
        )
