"""Waveforms of Rohde & Schwarz's vector signal generators (SMW, SMBV, …): tags in braces, then I, Q as 16-bit integers.

The tags are those of Rohde & Schwarz's own package RsWaveform. ``LEVEL OFFS`` says how far RMS and peak lie below full
scale [dB], from which the generator sets its level. A real signal is I, with Q at zero. Several signals have a file
each.
"""

from __future__ import annotations

from math import log10
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.design.played import Played
from crestfall.files.samples import file_names as file_names
from crestfall.files.samples import last_step, require_signed, signal_files, to_counts, volts_per_count

_SILENT_DB = 200.0


def adapted(design: Design, playback: Playback) -> Playback:
    """The playback as it is, after a check.

    Raises:
        ValueError: It asks for something that the format does not have.
    """
    require_signed(playback, ".wv")
    if playback.q_first:
        raise ValueError("q_first is True, but .wv files hold I, Q; leave it out")
    return playback


def encode_files(design: Design, name_of_file: str, *, playback: Playback = AS_DESIGNED) -> dict[str, bytes]:
    """The files, one for each signal; all have the full scale of the highest.

    Args:
        design: The design.
        name_of_file: Name of the file; of several inputs what their names begin with.
        playback: Rate, length and level; the level of the radio frequency is set at the generator.

    Raises:
        ValueError: An option is out of range, or there would be too many samples.

    Example:
        >>> from crestfall import Multisine
        >>> design = Design.of(Multisine([1000.0], complex=True), [0.0])
        >>> encode_files(design, "a.wv")["a.wv"][:-17].decode()
        '{TYPE:SMU-WV,0}{COMMENT:crestfall}{LEVEL OFFS:0.000000,0.000000}{CLOCK:4000}{SAMPLES:4}{WAVEFORM-17:#'
    """
    played = adapted(design, playback).of(design)
    texts = (_file(played, values) for _, values in played.signals())
    return dict(zip(signal_files(design, name_of_file), texts, strict=True))


def _file(played: Played, values: npt.NDArray[Any]) -> bytes:
    numbers = values.astype(np.complex128)
    data = to_counts(numbers, volts_per_count(played), last_step(played)).astype("<i2")
    shift = 16 - (played.playback.bits or 16)
    data = data << shift  # full scale is that of 16 bits
    tags = {
        "TYPE": "SMU-WV,0",
        "COMMENT": "crestfall",
        "LEVEL OFFS": ",".join(
            f"{below:.6f}"
            for below in _below_full_scale(numbers / played.full_scale * (int(last_step(played)) << shift) / 32_767.0)
        ),
        "CLOCK": np.format_float_positional(played.sample_rate_hz, trim="-"),
        "SAMPLES": str(values.size),
    }
    header = "".join(f"{{{key}:{value}}}" for key, value in tags.items()) + f"{{WAVEFORM-{data.nbytes + 1}:#"
    return header.encode("ascii") + data.tobytes() + b"}"


def _below_full_scale(values: npt.NDArray[Any]) -> tuple[float, float]:
    """How far RMS and peak of the samples lie below 1 [dB]."""
    magnitude = np.abs(values)
    return _decibels_below(float(np.sqrt(np.mean(magnitude**2)))), _decibels_below(float(np.max(magnitude)))


def _decibels_below(value: float) -> float:
    return max(0.0, min(_SILENT_DB, -20.0 * log10(value))) if value > 0.0 else _SILENT_DB
