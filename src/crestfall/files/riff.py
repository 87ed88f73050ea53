"""The container of WAV files: chunks of bytes, each with a name of four characters and a length."""

from __future__ import annotations

import struct
from typing import NamedTuple

_EXTRA = b"LIST"
_COMMENT = b"ICMT"
_SOFTWARE = b"ISFT"


class WavBytes(NamedTuple):
    """What a WAV file is made of."""

    format_tag: int
    """1 for integers, 3 for floating-point numbers."""
    channels: int
    sample_rate: int
    bits: int
    data: bytes
    comment: str | None


def pack(wav: WavBytes) -> bytes:
    """The bytes of a WAV file: ``fmt``, ``fact`` for floats, the comment in ``LIST``/``INFO``, ``data``."""
    frame = wav.channels * wav.bits // 8
    # The rate in bytes does not fit its field for a few giga samples per second; readers compute it themselves.
    bytes_per_second = min(wav.sample_rate * frame, 2**32 - 1)
    header = struct.pack("<HHIIHH", wav.format_tag, wav.channels, wav.sample_rate, bytes_per_second, frame, wav.bits)
    chunks = [_chunk(b"fmt ", header if wav.format_tag == 1 else header + b"\0\0")]
    if wav.format_tag != 1:
        chunks.append(_chunk(b"fact", struct.pack("<I", len(wav.data) // frame)))
    if wav.comment is not None:
        texts = _chunk(_COMMENT, wav.comment.encode("ascii") + b"\0") + _chunk(_SOFTWARE, b"crestfall\0")
        chunks.append(_chunk(_EXTRA, b"INFO" + texts))
    chunks.append(_chunk(b"data", wav.data))
    content = b"WAVE" + b"".join(chunks)
    if len(content) >= 2**32:
        raise ValueError(f"the waveform has {len(content)} bytes; a WAV file holds less than {2**32}")
    return b"RIFF" + struct.pack("<I", len(content)) + content


def read_comment(content: bytes) -> str | None:
    """The comment of a WAV file, or ``None``, after checking that the file is whole.

    Raises:
        ValueError: The bytes are not those of a WAV file, or the end is missing.
    """
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise ValueError("not a WAV file: it does not begin as RIFF WAVE; convert it to WAV first")
    chunks = _chunks(memoryview(content)[12:])
    if b"fmt " not in chunks or b"data" not in chunks:
        missing = "format" if b"fmt " not in chunks else "sample"
        raise ValueError(f"the WAV file is truncated: it has no {missing} chunk; copy or record it again")
    info = chunks.get(_EXTRA)
    if info is None or info[:4] != b"INFO":
        return None
    comment = _chunks(info[4:]).get(_COMMENT)
    return None if comment is None else bytes(comment).split(b"\0")[0].decode("utf-8", errors="replace")


def _chunks(content: memoryview) -> dict[bytes, memoryview]:
    """The first chunk of each name."""
    found: dict[bytes, memoryview] = {}
    position = 0
    while position + 8 <= len(content):
        name, size = (
            bytes(content[position : position + 4]),
            int.from_bytes(content[position + 4 : position + 8], "little"),
        )
        position += 8
        if position + size > len(content):
            raise ValueError(
                f"the WAV file is truncated: its {name!r} chunk announces {size} bytes, but only "
                f"{len(content) - position} are there; copy or record it again"
            )
        found.setdefault(name, content[position : position + size])
        position += size + size % 2
    return found


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
