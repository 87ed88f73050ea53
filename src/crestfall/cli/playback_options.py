"""The options that say what is played, one for each field of ``Playback``, shared by every command that writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import typer

from crestfall.cli.added_options import added_option, with_options
from crestfall.cli.option_names import errors_reworded
from crestfall.design.playback import Playback
from crestfall.problem.quantities import quantity

_PANEL = "What is played"


class _Option(NamedTuple):
    field: str
    flags: tuple[str, ...]
    unit: str | None
    """Unit of a text with one; ``None`` for what Typer reads itself."""
    kind: Any
    help: str


_OPTIONS = (
    _Option(
        "rate",
        ("--rate", "--sample-rate"),
        "Hz",
        str,
        "Samples per second of what is written, such as 48kHz; it never changes what is minimised.",
    ),
    _Option("samples_per_period", ("--samples-per-period",), None, int, "Samples of one period, instead of --rate."),
    _Option("periods", ("--periods",), None, int, "Periods (default: the fewest that are a whole number of samples)."),
    _Option("duration", ("--duration",), "s", str, "Play at least this long, such as 10s, in whole periods."),
    _Option("multiple_of", ("--multiple-of",), None, int, "Make all periods together a multiple of this many samples."),
    _Option(
        "level",
        ("--level",),
        None,
        str,
        'Peak or RMS, such as 0.5V, 1Vpp, 200mVrms, "-1 dBFS"; "-1 to 3 V", a range to fill; designed; or limits, as '
        "large as all limits allow.",
    ),
    _Option(
        "full_scale", ("--full-scale",), "V", str, "Voltage of the converter's last step, and of 1.0 in a WAV file."
    ),
    _Option("offset", ("--offset",), "V", str, "Constant to add to the signal."),
    _Option("lead", ("--lead",), "s", str, "Silence before the signal."),
    _Option("fade_in", ("--fade-in",), "s", str, "Time in which the signal rises before its first period."),
    _Option("fade_out", ("--fade-out",), "s", str, "Time in which it falls after its last period."),
    _Option("trail", ("--trail",), "s", str, "Silence after the signal."),
    _Option(
        "bits",
        ("--bits",),
        None,
        int,
        "Bits of the converter, sign included (.wav: 16 or 24; by default 32-bit floats).",
    ),
    _Option(
        "signed", ("--signed/--unsigned",), None, bool, "Integers with a sign, or offset binary (default: signed)."
    ),
    _Option("big_endian", ("--big-endian/--little-endian",), None, bool, "Order of bytes (default: little-endian)."),
    _Option("q_first", ("--q-first/--i-first",), None, bool, "Order of complex samples (default: I first)."),
    _Option(
        "compensate_hold",
        ("--compensate-hold/--no-compensate-hold",),
        None,
        bool,
        "Raise each tone by 1/sinc(f / rate), for a converter that holds each sample.",
    ),
    _Option("seam", ("--seam/--no-seam",), None, bool, "Also write periods that are not a whole number of samples."),
    _Option(
        "beyond_limits",
        ("--beyond-limits/--within-limits",),
        None,
        bool,
        "Also write a signal that exceeds a limit of the problem.",
    ),
)
_WORDS = {
    "signed is False": "--unsigned is given",
    "big_endian is True": "--big-endian is given",
    "q_first is True": "--q-first is given",
    "compensate_hold is True": "--compensate-hold is given",
    "give bits, too": "give --bits, too",
    "which compensate_hold would": "which --compensate-hold would",
    "a larger full_scale": "a larger --full-scale",
    "or full_scale": "or --full-scale",
    "model is 'D": "--rigol-model is 'D",
}
_FLAGS = {option.field: option.flags[0].partition("/")[0] for option in _OPTIONS}


def takes_playback(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose argument ``playback`` has the fields of ``Playback`` that options of the command line say."""
    options = [
        added_option(_argument(one), one.kind, typer.Option(*one.flags, help=one.help, rich_help_panel=_PANEL))
        for one in _OPTIONS
    ]
    return with_options(command, "playback", options, _fields_of)


def errors_about_playback() -> AbstractContextManager[None]:
    """Errors raised within this context name options instead of fields of ``Playback``."""
    return errors_reworded(in_playback_options)


def flags_of(fields: Iterable[str]) -> list[str]:
    """The options for these fields of a playback.

    Example:
        >>> flags_of(["rate", "level"])
        ['--rate', '--level']
    """
    return [_FLAGS[field] for field in fields]


def in_playback_options(message: str) -> str:
    """A message about fields of ``Playback`` that names options.

    Example:
        >>> in_playback_options("give level='limits' for the largest one, or beyond_limits=True")
        'give --level limits for the largest one, or --beyond-limits'
        >>> in_playback_options("periods and duration say the same thing; give one of them")
        '--periods and --duration say the same thing; give one of them'
        >>> in_playback_options("the level of 2 periods")
        'the level of 2 periods'
    """
    for ours, theirs in _WORDS.items():
        message = message.replace(ours, theirs)
    message = re.sub(r"^(\w+) and (\w+)(?= say the same thing)", _both, message)
    message = re.sub(r"^(\w+)(?= is |: )", lambda found: _FLAGS.get(found[1], found[1]), message)
    return re.sub(rf"\b({'|'.join(_FLAGS)})=(True|'([^']*)'|\d+)", _given, message)


def _both(found: re.Match[str]) -> str:
    return " and ".join(_FLAGS.get(name, name) for name in found.groups())


def _given(found: re.Match[str]) -> str:
    value = found[2] if found[2].isdigit() else found[3]
    return _FLAGS[found[1]] + (f" {value}" if value else "")


def _argument(option: _Option) -> str:
    return f"playback_{option.field}"


def _fields_of(values: dict[str, Any]) -> dict[str, Any]:
    """Fields of ``Playback`` that options say, checked."""
    given = {one: values[_argument(one)] for one in _OPTIONS}
    fields: dict[str, Any] = {
        one.field: value if one.unit is None else quantity(value, one.unit, name=one.flags[0])
        for one, value in given.items()
        if value is not None
    }
    with errors_about_playback():
        Playback(**fields)
    return fields
