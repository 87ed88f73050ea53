"""Tones as TOML, the form that is pleasant to write by hand.

Either a table for each tone, or lists (see ``plain_tones``)::

    complex = false

    [[tone]]
    frequency_hz = 100.0
    amplitude = 1.0      # 1 if left out
    phase_rad = 0.5      # for all tones or none
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from crestfall.files.plain_tones import LISTS, multisine_of
from crestfall.files.reading import naming, read_bytes
from crestfall.problem.multisine import Multisine

MAX_TOML = 2**26
"""Most bytes that are read: the parser of Python's library takes a minute for them."""

_TONE = re.compile(r"\s*\[\[\s*tone\s*\]\]")


def decode_tones(data: bytes, complex: bool = False) -> Multisine:
    """The tones of a TOML text.

    Raises:
        ValueError: The text is not TOML or does not describe tones; the message names the line.

    Example:
        >>> decode_tones(b"[[tone]]\\nfrequency_hz = 10\\n[[tone]]\\nfrequency_hz = 20\\namplitude = 0.5\\n")
        Multisine(n=2, 10 … 20 Hz, fundamental 10 Hz, real)
    """
    text, record = _parse(data)
    if "tones" in record or "channels" in record:
        raise ValueError("a problem file with [tones], not plain tones; give it to crestfall design or read_problem")
    lines = text.splitlines()

    def line_of(key: str, index: int) -> str:
        return _line_of(lines, key, index, by_tone="tone" in record)

    return multisine_of(record, complex=complex, locate=line_of, strict=True)


def holds_plain_tones(path: Path) -> bool:
    """Whether a TOML file describes tones alone, and not a whole problem (see ``problem_toml``)."""
    with naming(path):
        _, record = _parse(read_bytes(path))
    return not ({"tones", "channels"} & record.keys()) and any(key in record for key in ("tone", *LISTS))


def _parse(data: bytes) -> tuple[str, dict[str, Any]]:
    """The text and what it says."""
    if len(data) > MAX_TOML:
        raise ValueError(f"{len(data)} bytes are too many for TOML (at most {MAX_TOML}); give the tones as CSV or NPZ")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"not text in UTF-8 (byte {error.start}); save the file as TOML in UTF-8") from None
    try:
        return text, tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"not TOML: {error}; write lines such as frequencies_hz = [10.0, 20.0]") from None


def _line_of(lines: list[str], key: str, index: int, *, by_tone: bool) -> str:
    """Where the tone of this index, or the list of this name, begins."""
    if by_tone and key in ("tone", *LISTS):
        starts = [number for number, line in enumerate(lines, 1) if _TONE.match(line)]
        return f"line {starts[index]}: " if index < len(starts) else ""
    pattern = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
    return next((f"line {number}: " for number, line in enumerate(lines, 1) if pattern.match(line)), "")
