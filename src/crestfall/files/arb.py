"""The text form of an arbitrary waveform that Keysight's (Agilent's) 33500 and 33600 generators load from a USB stick.

Header lines ``name:value`` and one integer a line. The integer ±32 767 is the header's high and low level in volts, so
that a sample of ``j`` counts stands for ``j · High Level / 32 767`` volts. The level is the certified true peak; with
fewer bits the counts are shifted to the left, and it is a little more.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.files.samples import file_names as file_names
from crestfall.files.samples import (
    played_counts,
    require_signed,
    require_text_size,
    signal_files,
    volts_per_count,
)

_LARGEST = 32_767


def encode_files(design: Design, name_of_file: str, *, playback: Playback = AS_DESIGNED) -> dict[str, bytes]:
    """The texts, one for each signal; all have the levels of the highest.

    Args:
        design: A real design.
        name_of_file: Name of the file; of several inputs what their names begin with.
        playback: Rate, length, level and converter; its integers are signed and have at most 16 bits.

    Raises:
        ValueError: The design is complex, an option is out of range, or there would be too many samples.

    Example:
        >>> from crestfall import Multisine
        >>> files = encode_files(Design.of(Multisine([50.0], [0.5]), [0.0]), "a.arb")
        >>> [line for line in files["a.arb"].decode("ascii").splitlines() if "Level" not in line]
        ['File Format:1.10', 'Checksum:0', 'Channel Count:1', 'Sample Rate:200', 'Data Type:"short"', 'Data Points:4',
         'Data:', '32767', '0', '-32767', '0']
    """
    if design.multisine.complex:
        raise ValueError("an .arb file holds one real channel, and the design is complex; save as .sigmf-meta or .i16")
    require_signed(playback, ".arb")
    played = playback.of(design).in_base_unit()
    require_text_size(played.values.size)
    shift = 2 ** (16 - (playback.bits or 16))
    level = volts_per_count(played) / shift * _LARGEST
    counts = ((played_counts(played, values).astype(np.int64) * shift) for _, values in played.signals())
    texts = (_text(each, level, played.sample_rate_hz) for each in counts)
    return dict(zip(signal_files(design, name_of_file), texts, strict=True))


def _text(counts: npt.NDArray[Any], level_v: float, sample_rate_hz: float) -> bytes:
    level = _decimal(level_v)
    header = [
        "File Format:1.10",
        "Checksum:0",
        "Channel Count:1",
        f"Sample Rate:{_decimal(sample_rate_hz)}",
        f"High Level:{level}",
        f"Low Level:-{level}",
        'Data Type:"short"',
        f"Data Points:{counts.size}",
        "Data:",
    ]
    return "\n".join([*header, *map(str, counts.tolist()), ""]).encode("ascii")


def _decimal(value: float) -> str:
    """All digits without an exponent, which the generators' parsers need not know."""
    return np.format_float_positional(value, trim="-")
