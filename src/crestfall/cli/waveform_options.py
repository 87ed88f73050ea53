"""The options that say that a file holds samples of a waveform, shared by the commands that read files."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Annotated

import typer

from crestfall.cli.option_names import errors_reworded
from crestfall.problem.quantities import quantity

_PANEL = "What the file holds"

WaveformOption = Annotated[
    str | None,
    typer.Option(
        "--waveform",
        metavar="RATE",
        help="The file's numbers are samples at this rate, such as 48kHz, and not tones.",
        rich_help_panel=_PANEL,
    ),
]
ChannelOption = Annotated[
    str | None,
    typer.Option(help="Which of several signals in a file of samples: its name or number.", rich_help_panel=_PANEL),
]

_WORDS = {
    "say that they are samples with sample_rate": "say that they are samples with --waveform RATE",
    "frequencies are in cycles per sample (rate 1 Hz); give the rate": "frequencies are in cycles per sample (rate "
    "1 Hz); give --waveform RATE",
    "choose one with channel, or take two as I and Q with complex": "choose one with --channel, or take two as I and Q "
    "with --complex",
    "(if its numbers are samples, give sample_rate)": "(if its numbers are samples, give --waveform RATE)",
    "channel is ": "--channel is ",
    ": rate is ": ": --waveform is ",
    "raise drop_below_db above": "raise --drop-below above",
    "drop_below_db is": "--drop-below is",
}


def rate_of_option(text: str | None) -> float | None:
    """The rate [Hz] of the option ``--waveform``.

    Raises:
        ValueError: It is not a rate above 0.

    Example:
        >>> rate_of_option("48 kHz"), rate_of_option(None)
        (48000.0, None)
    """
    if text is None:
        return None
    rate = quantity(text, "Hz", name="--waveform")
    if rate <= 0.0:
        raise ValueError(f"--waveform is {text!r}; give the samples per second, such as 48kHz")
    return rate


def in_waveform_options(text: str) -> str:
    """A message about files of samples that names options.

    Example:
        >>> in_waveform_options("a.npy: channel is '5', but the signals are '1', '2'; give a name or a number")
        "a.npy: --channel is '5', but the signals are '1', '2'; give a name or a number"
    """
    for ours, theirs in _WORDS.items():
        text = text.replace(ours, theirs)
    return text


def errors_about_waveforms() -> AbstractContextManager[None]:
    """Errors raised within this context name options instead of arguments."""
    return errors_reworded(in_waveform_options)
