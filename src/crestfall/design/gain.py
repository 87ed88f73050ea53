"""The factor and the offset that bring a design to the level that is asked for, within the limits of its problem."""

from __future__ import annotations

from math import isfinite, isnan, pi

import numpy as np

from crestfall.certainty.measures import sampled
from crestfall.certainty.value import top_maximum
from crestfall.design.design import Design
from crestfall.design.hold import rise_of_hold
from crestfall.design.length import length_of
from crestfall.design.level import Level, in_unit_of_level, unit_of_level
from crestfall.design.playback import Playback
from crestfall.problem.readable import readable

LEAST_PEAK = 1e-290
"""Smallest peak that is scaled to full scale: far smaller ones have no accurate inverse."""

_ROUNDING = 1e-9


def scale_of(design: Design, playback: Playback) -> tuple[float, float]:
    """Factor from the amplitudes of the design to what is played, and the constant that is added [V].

    Raises:
        ValueError: The level is above a limit of the problem, or the design has nothing to be scaled to it.
    """
    level, has_limits = playback.asked_level, design.worst.limit is not None
    keeps_limits = has_limits and not playback.beyond_limits
    if keeps_limits:
        _require_one_unit(design, playback)
        _require_steady(design, playback)
    rise = 1.0
    if level is not None and level.kind == "range":
        gain, offset = _filling(design, playback, level)
    else:
        if has_limits and playback.compensate_hold:
            rise = rise_of_hold(design, *length_of(design, playback)[:2])
        gain, offset = _gain(design, playback, rise), playback.offset
    if keeps_limits:
        _require_limits(design, playback, gain * rise, offset)
    return gain, offset


def _require_one_unit(design: Design, playback: Playback) -> None:
    """Raise a ``ValueError`` for a level in V and limits in mA: as numbers they cannot be compared; A is converted."""
    unit, of_level = design.problem.unit, unit_of_level(playback.level)
    if unit and of_level and unit != of_level and in_unit_of_level(playback.level, unit) == 1.0:
        raise ValueError(
            f"level is {playback.level!r}, which is in {of_level}, but the limits are in {unit}; give the level "
            f"as a number in {unit}, or the amplitudes, the limits and the unit of the problem in {of_level}"
        )


def _filling(design: Design, playback: Playback, level: Level) -> tuple[float, float]:
    """Factor and offset with which the signals fill a range."""
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
        return gain, level.upper - gain * top
    # Each signal has ends of its own, so that none of their offsets would suit all.
    return 0.5 * (level.upper - level.value) / max(top, bottom), 0.5 * (level.upper + level.value)


def _largest_and_least(design: Design) -> tuple[float, float]:
    """Certified upper ends of the maximum, and of minus the minimum, over all signals that are played."""
    signals = [one for row in design.channels for one in row]
    window = design.problem.window
    if (count := design.problem.held_samples) is not None:
        samples = sampled(design.multisine, design.phases, count)
        return float(np.max(samples.real)), -float(np.min(samples.real))
    ends = [max(top_maximum(one.multisine, one.phases + turn, window).high for one in signals) for turn in (0.0, pi)]
    return ends[0], ends[1]


def _gain(design: Design, playback: Playback, rise: float) -> float:
    """Factor for a level that is not a range; ``rise`` is by how much a hold raises the samples."""
    has_limits = design.worst.limit is not None
    level = playback.asked_level or Level("limits" if has_limits else "designed")
    if level.kind == "limits":
        if not has_limits:
            raise ValueError("level is 'limits', but the problem has none; give a level such as '0.5 V'")
        gain = _largest_gain(design, playback.offset) / rise
    elif level.kind == "full scale" and playback.full_scale is not None:
        largest = playback.full_scale * 10.0 ** (level.value / 20.0) - abs(playback.offset)
        if largest <= 0.0:
            raise ValueError(
                f"offset is {playback.offset} V, which leaves no room for a signal at {playback.level}; "
                "give a smaller offset, or a larger full_scale"
            )
        gain = design.scale(peak=largest)
    elif level.kind == "full scale":
        gain = _largest_gain(design, playback.offset) / rise if has_limits else 1.0
    elif level.kind == "designed":
        gain = 1.0
    else:
        gain = design.scale(**{level.kind: level.value})
    if not isfinite(gain * float(np.max(design.multisine.amplitudes))):
        raise ValueError(
            f"level is {playback.level!r}, and the design has a peak of {design.peak}: "
            "no number is as large as their ratio"
        )
    return gain


def require_level_in_reach(design: Design, playback: Playback) -> None:
    """Raise where a peak is above the limit of an output that is a multiple of the drive: no phases change that.

    Any phases will do, so that it can be asked before a search.

    Raises:
        ValueError: As ``scale_of``.
    """
    level = playback.asked_level
    if level is None or level.kind != "peak" or playback.beyond_limits or design.problem.channels is not None:
        return
    reached = [one for one in design.signals if one.limit is not None and one.is_multiple_of_drive]
    if not reached:
        return
    gain = design.scale(peak=level.value)
    gain, offset = in_unit_of_limits(design, playback, gain, playback.offset)
    _refuse_beyond(max(one.reach(gain, offset) / (one.limit or 1.0) for one in reached), playback)


def require_below_full_scale(playback: Playback) -> None:
    """Raise where a level in volts is above full scale, whatever the phases.

    Raises:
        ValueError: It is: a peak or a range certainly, an RMS as far as it is above full scale itself.
    """
    level, full_scale = playback.asked_level, playback.full_scale
    if level is None or full_scale is None or level.kind not in ("peak", "rms", "range"):
        return
    reach = max(abs(level.value), abs(level.upper))
    reach += 0.0 if level.kind == "range" else abs(playback.offset)
    if reach > full_scale * (1.0 + _ROUNDING):
        least = "at least " if level.kind == "rms" else ""
        raise ValueError(
            f"full_scale is {full_scale:.9g} V, but the signal reaches {least}{reach:.9g} V; give a lower level, or a "
            "larger full_scale"
        )


def in_unit_of_limits(design: Design, playback: Playback, gain: float, offset: float) -> tuple[float, float]:
    """Factor and offset of what is played in the unit of the problem, in which its limits are.

    A level of ``10 mA`` is played in A; limits of a problem in mA are about 1000 times those numbers.

    Args:
        design: What is played.
        playback: How, with the level that says the unit of what is played.
        gain: Factor from the amplitudes to what is played.
        offset: Constant that is added to it.
    """
    one = in_unit_of_level(playback.level, design.problem.unit)
    return gain / one, offset / one


def largest_share(design: Design, gain: float, offset: float = 0.0) -> float:
    """The largest share of a limit that a signal reaches if the drive is scaled and a constant is added to it.

    What is played is a signal in continuous time, even where only samples of it were counted.

    Raises:
        ValueError: How an output answers to a constant is not known.
    """
    return max(each.reach(gain, offset) / each.limit for each in design.signals if each.limit is not None)


def _largest_gain(design: Design, offset: float) -> float:
    """The largest factor of the amplitudes that all limits allow."""
    gains = [
        (each.limit - each.reach(0.0, offset)) / each.reach(1.0, 0.0)
        for each in design.signals
        if each.limit is not None
    ]
    if min(gains) <= 0.0 or min(gains) * design.peak < LEAST_PEAK:
        with_offset = f" with an offset of {offset:g} V" if offset else ""
        raise ValueError(
            f"level is 'limits', but a limit of the problem allows no signal{with_offset}; "
            "give a level, or other limits"
        )
    return min(gains)


def _require_steady(design: Design, playback: Playback) -> None:
    """Raise where a signal begins or ends, and what an output does then is not known."""
    if playback.is_loop:
        return
    for each in design.signals:
        if each.limit is not None and not each.is_multiple_of_drive:
            what = next(name for name in ("fade_in", "fade_out", "lead", "trail") if getattr(playback, name))
            raise ValueError(
                f"{what} is {readable(getattr(playback, what), 's', 6)}: what output {each.name!r} does when the "
                "signal begins or ends is not known, so that its limit cannot be kept; leave it out, or give "
                "beyond_limits=True"
            )


def _require_limits(design: Design, playback: Playback, gain: float, offset: float) -> None:
    share = largest_share(design, *in_unit_of_limits(design, playback, gain, offset))
    _refuse_beyond(share, playback, offset)


def _refuse_beyond(share: float, playback: Playback, offset: float = 0.0) -> None:
    if share > 1.0 + _ROUNDING:
        asked = "the level of the design" if playback.level is None else f"level is {playback.level!r}, which"
        with_offset = f" with an offset of {offset:g} V" if offset else ""
        raise ValueError(
            f"{asked} reaches {share:.1%} of a limit of the problem{with_offset}; give level='limits' for the largest "
            "one that all limits allow, or beyond_limits=True"
        )
