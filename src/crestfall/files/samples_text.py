"""Samples as plain text, a line for each: values in the unit of what is played, or the counts of a converter.

One signal is one column, several inputs and experiments have a column each, and complex signals two, I and Q; a column
with the time may come first. The first two lines are comments that begin with ``#``: what the numbers are, and what the
columns are. Instruments that take nothing but numbers get ``header=False``.
"""

from __future__ import annotations

import numpy as np

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.design.played import Played
from crestfall.files.real_signals import real_signals
from crestfall.files.samples import last_step, require_text_size, to_counts, volts_per_count
from crestfall.problem.arguments import require_flag

BEGINNING = "# crestfall samples"
"""What the text begins with."""

SEPARATORS = {"tab": "\t", "space": " ", "comma": ",", "semicolon": ";"}


def adapted(design: Design, playback: Playback) -> Playback:
    """The playback as it is, after a check.

    Raises:
        ValueError: It asks for something that a text cannot hold.
    """
    if playback.big_endian:
        raise ValueError("big_endian is True, but a text has no order of bytes; leave it out")
    if playback.bits is None and not playback.signed:
        raise ValueError("signed is False, but the text holds volts; give bits, too, for the counts of a converter")
    return playback


def encode(
    design: Design,
    *,
    playback: Playback = AS_DESIGNED,
    time: bool = False,
    header: bool = True,
    separator: str = "tab",
) -> bytes:
    """The text.

    Args:
        design: The design.
        playback: Rate, length and level. With ``bits`` the numbers are counts of a converter instead of volts.
        time: Whether the first column is the time [s].
        header: Whether comment lines say what the numbers are.
        separator: What stands between columns: ``"tab"``, ``"space"``, ``"comma"`` or ``"semicolon"``, or the
            character itself.

    Raises:
        ValueError: An option is out of range, or there would be too many samples.

    Example:
        >>> from crestfall import Multisine
        >>> design = Design.of(Multisine([1.0], [0.5]), [0.0])
        >>> print(encode(design, time=True).decode().replace("\\t", "  "))
        # crestfall samples at 4 Hz: 4 samples, 1 period
        # time_s  drive
        0.0  0.5
        ...
        >>> encode(design, playback=Playback(bits=8, signed=False), header=False).split()
        [b'255', b'128', b'1', b'128']
    """
    for name, value in (("time", time), ("header", header)):
        require_flag(name, value)
    between = _separator(separator)
    played = adapted(design, playback).of(design)
    require_text_size(played.values.size)
    columns = {name: list(map(repr, numbers)) for name, numbers in _numbers(played).items()}
    if time:
        columns = {"time_s": list(map(repr, played.times_s.tolist()))} | columns
    lines = [between.join(row) for row in zip(*columns.values(), strict=True)]
    if header:
        names = between.join(" ".join(name.split()) for name in columns)
        lines = [f"{BEGINNING} {_description(design, played)}", f"# {names}", *lines]
    return ("\n".join(lines) + "\n").encode()


def refuse_samples(text: str) -> None:
    """Raise if a text is one that ``encode`` wrote with its header, where a list of tones is expected.

    Example:
        >>> from crestfall import Multisine
        >>> refuse_samples(encode(Design.of(Multisine([1.0]), [0.0])).decode())
        Traceback (most recent call last):
        ValueError: it holds samples of a waveform, not tones; read the design that it was written from, such as a .json
    """
    if text.startswith(BEGINNING):
        raise ValueError(
            "it holds samples of a waveform, not tones; read the design that it was written from, such as a .json"
        )


def _numbers(played: Played) -> dict[str, list[float] | list[int]]:
    """A column for each real signal."""
    playback = played.playback
    if playback.bits is None:
        return {name: values.tolist() for name, values in real_signals(played)}
    step, last = volts_per_count(played), last_step(played)
    lowest = 0 if playback.signed else last + 1
    return {name: (to_counts(values, step, last) + lowest).tolist() for name, values in real_signals(played)}


def _description(design: Design, played: Played) -> str:
    playback = played.playback
    step = "" if playback.bits is None else f"steps of {volts_per_count(played)!r}"
    numbers = " ".join(one for one in (step, played.unit) if one)
    rate = np.format_float_positional(played.sample_rate_hz, trim="-")
    window = design.problem.window
    periods = "1 period" if played.periods == 1 else f"{played.periods} periods"
    bits = (
        "" if playback.bits is None else f", {playback.bits} bits, {'signed' if playback.signed else 'offset binary'}"
    )
    return (
        f"{f'in {numbers} ' if numbers else ''}at {rate} Hz: {played.values.shape[2]} samples, "
        f"{periods if window is None else 'a window once'}{bits}"
    )


def _separator(given: str) -> str:
    if given in SEPARATORS.values():
        return given
    if given not in SEPARATORS:
        raise ValueError(f"separator is {given!r}; use one of {', '.join(SEPARATORS)}")
    return SEPARATORS[given]
