"""Replaces the table ``[playback]`` in a problem's text; all else stays as it was written."""

from __future__ import annotations

import re
from typing import Any

import tomli_w

_TABLE = re.compile(r"^[ \t]*\[[ \t]*playback[ \t]*\][^\n]*\n(?:(?![ \t]*\[)[^\n]*\n?)*", re.MULTILINE)


def text_with_playback(text: str, playback: dict[str, Any]) -> str:
    """The text with this table; without one if it is empty.

    Example:
        >>> text = text_with_playback("# mine\\n[tones]\\nharmonics = '1:3'\\n", {"rate_hz": 48000.0})
        >>> print(text)
        # mine
        [tones]
        harmonics = '1:3'
        <BLANKLINE>
        [playback]
        rate_hz = 48000.0
        <BLANKLINE>
        >>> text_with_playback(text, {})
        "# mine\\n[tones]\\nharmonics = '1:3'\\n"
    """
    rest = _TABLE.sub("", text).rstrip() + "\n"
    return f"{rest}\n{tomli_w.dumps({'playback': playback})}" if playback else rest
