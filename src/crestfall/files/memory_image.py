"""Memory images for FPGAs: ``.coe`` for Xilinx (AMD) block memories, ``.mif`` for Intel (Altera) ones.

One word a sample, in hexadecimal digits: as many bits as the playback says, 16 by default, two's complement or offset
binary. Complex samples are two words, I and Q. Several inputs and experiments have a file each, all with one step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.design.played import Played
from crestfall.files.endings import ending_of
from crestfall.files.samples import ascii_unit, played_counts, require_text_size, signal_files, volts_per_count
from crestfall.files.samples import file_names as file_names

_BITS = 16


def adapted(design: Design, playback: Playback) -> Playback:
    """The playback as it is, after a check.

    Raises:
        ValueError: It asks for an order of bytes, which words do not have.
    """
    if playback.big_endian:
        raise ValueError("big_endian is True, but a memory image has words, not bytes; leave it out")
    return playback


def encode_files(design: Design, name_of_file: str, *, playback: Playback = AS_DESIGNED) -> dict[str, bytes]:
    """The texts, one for each signal.

    Args:
        design: The design.
        name_of_file: Name of the file; ``.coe`` or ``.mif``; of several inputs what their names begin with.
        playback: Rate, length, level, bits and sign.

    Raises:
        ValueError: An option is out of range, or there would be too many samples.

    Example:
        >>> from crestfall import Multisine
        >>> files = encode_files(Design.of(Multisine([1.0]), [0.0]), "a.coe", playback=Playback(bits=10))
        >>> print(files["a.coe"].decode())
        ; crestfall: 4 words of 10 bits, two's complement, 4 Hz, 0.00195... a step
        memory_initialization_radix=16;
        memory_initialization_vector=
        1ff,
        000,
        201,
        000;
    """
    played = adapted(design, playback).of(design)
    require_text_size(played.values.size)
    text = _coe if ending_of(name_of_file) == ".coe" else _mif
    texts = (text(_words(played, values), played) for _, values in played.signals())
    return dict(zip(signal_files(design, name_of_file), texts, strict=True))


def _words(played: Played, values: npt.NDArray[Any]) -> list[str]:
    bits = played.playback.bits or _BITS
    words = played_counts(played, values, _BITS).astype(np.int64) & (2**bits - 1)
    return [f"{word:0{-(-bits // 4)}x}" for word in words.tolist()]


def _coe(words: list[str], played: Played) -> bytes:
    lines = [f"; {_comment(words, played)}", "memory_initialization_radix=16;", "memory_initialization_vector="]
    return ("\n".join([*lines, ",\n".join(words) + ";"]) + "\n").encode("ascii")


def _mif(words: list[str], played: Played) -> bytes:
    lines = [
        f"-- {_comment(words, played)}",
        f"WIDTH={played.playback.bits or _BITS};",
        f"DEPTH={len(words)};",
        "ADDRESS_RADIX=HEX;",
        "DATA_RADIX=HEX;",
        "CONTENT BEGIN",
        *(f"{address:x} : {word};" for address, word in enumerate(words)),
        "END;",
    ]
    return ("\n".join(lines) + "\n").encode("ascii")


def _comment(words: list[str], played: Played) -> str:
    playback, unit = played.playback, ascii_unit(played.unit)
    step = f"{volts_per_count(played)!r} {unit}".strip()
    order = "" if not np.iscomplexobj(played.values) else " Q, I," if playback.q_first else " I, Q,"
    return (
        f"crestfall: {len(words)} words of {playback.bits or _BITS} bits,{order} "
        f"{'two' + chr(39) + 's complement' if playback.signed else 'offset binary'}, "
        f"{np.format_float_positional(played.sample_rate_hz, trim='-')} Hz, {step} a step"
    )
