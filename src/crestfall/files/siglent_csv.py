"""CSV as Siglent's EasyWave writes it for SDG generators: length, frequency, amplitude, offset, phase, then the points.

A point is its time [s] and its volts, within ``offset ± amp / 2``; the whole is repeated ``frequency`` times a second.
The layout is that of files which users of these instruments wrote and read; it has not been tried on an instrument
here. Several signals, and I and Q of complex ones, have a file each.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.design.played import Played
from crestfall.files.real_signals import file_names as file_names
from crestfall.files.real_signals import real_signal_files, real_signals, require_volts
from crestfall.files.samples import require_text_size, volts_per_count

_EMPTY_LINES = 7


def adapted(design: Design, playback: Playback) -> Playback:
    """The playback as it is, after a check.

    Raises:
        ValueError: It asks for bits, a sign or an order, and the file holds volts.
    """
    require_volts(playback, "_siglent.csv")
    return playback


def encode_files(design: Design, name_of_file: str, *, playback: Playback = AS_DESIGNED) -> dict[str, bytes]:
    """The texts, one for each real signal; all have the amplitude of the highest.

    Args:
        design: The design.
        name_of_file: Name of the file; of several signals what their names begin with.
        playback: Rate, length and level.

    Raises:
        ValueError: An option is out of range, or there would be too many samples.

    Example:
        >>> from crestfall import Multisine
        >>> files = encode_files(Design.of(Multisine([1.0], [0.5]), [0.0]), "a_siglent.csv")
        >>> lines = files["a_siglent.csv"].decode().splitlines()
        >>> lines[:5], lines[12:15]
        (['data length,4', 'frequency,1', 'amp,1', 'offset,0', 'phase,0'], ['xpos,value', '0.000000000E+00,0.5', ...])
    """
    played = adapted(design, playback).of(design).in_base_unit()
    require_text_size(played.values.size)
    volts_per_count(played)  # a peak that is too small is refused there
    signals = [values for _, values in real_signals(played)]
    half = max(float(np.max(np.abs(values - played.offset))) for values in signals)
    half = max(half, played.full_scale - abs(played.offset))
    texts = (_text(values, played, half) for values in signals)
    return dict(zip(real_signal_files(design, name_of_file), texts, strict=True))


def _text(values: npt.NDArray[Any], played: Played, half_range: float) -> bytes:
    offset, count, rate = played.offset, values.size, played.sample_rate_hz
    header = {
        "data length": str(count),
        "frequency": _decimal(rate / count),
        "amp": _decimal(2.0 * half_range),
        "offset": _decimal(offset),
        "phase": "0",
    }
    points = zip((np.arange(count) / rate).tolist(), np.asarray(values).tolist(), strict=True)
    return "\n".join(
        [
            *(f"{key},{value}" for key, value in header.items()),
            *([""] * _EMPTY_LINES),
            "xpos,value",
            *(f"{time:.9E},{_decimal(value)}" for time, value in points),
            "",
        ]
    ).encode("ascii")


def _decimal(value: float) -> str:
    """Nine digits without an exponent."""
    return np.format_float_positional(value + 0.0, precision=9, fractional=False, trim="-")
