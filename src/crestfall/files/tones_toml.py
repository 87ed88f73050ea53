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

from crestfall.files.plain_tones import LISTS, multisine_of
from crestfall.files.problem_toml import parsed, problem_of_parsed
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem

_TONE = re.compile(r"\s*\[\[\s*tone\s*\]\]")


def decode(data: bytes, name: str = "", *, complex: bool = False) -> Multisine | Problem:
    """The tones of a TOML text, or its whole problem (see ``problem_toml``).

    Raises:
        ValueError: The text is not TOML or describes neither; the message names the line.

    Example:
        >>> decode(b"[[tone]]\\nfrequency_hz = 10\\n[[tone]]\\nfrequency_hz = 20\\namplitude = 0.5\\n")
        Multisine(n=2, 10 … 20 Hz, fundamental 10 Hz, real)
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"not TOML: the text is not UTF-8 (byte {error.start}); save the file as TOML in UTF-8"
        ) from None
    record = parsed(text)
    if not any(key in record for key in ("tone", *LISTS)) or {"tones", "channels"} & record.keys():
        return problem_of_parsed(text, record)
    lines = text.splitlines()

    def line_of(key: str, index: int) -> str:
        return _line_of(lines, key, index, by_tone="tone" in record)

    return multisine_of(record, complex=complex, locate=line_of, strict=True)


def _line_of(lines: list[str], key: str, index: int, *, by_tone: bool) -> str:
    """Where the tone of this index, or the list of this name, begins."""
    if by_tone and key in ("tone", *LISTS):
        starts = [number for number, line in enumerate(lines, 1) if _TONE.match(line)]
        return f"line {starts[index]}: " if index < len(starts) else ""
    pattern = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
    return next((f"line {number}: " for number, line in enumerate(lines, 1) if pattern.match(line)), "")
