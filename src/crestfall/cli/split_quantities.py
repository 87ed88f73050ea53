"""Quantities that the shell has split at the blank, ``--rate 48 kHz``: two arguments, where one was meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_NUMBER = re.compile(r"(?:--[a-z-]+=)?([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_UNIT = re.compile(r"[fpnumkMGTµμ]?(?:Hz|V|A|s|Vpp|Vrms|Vpk|rad)|dB|dBFS|dBV|dBm|deg|min|h|%")


def require_joined(arguments: Sequence[str]) -> None:
    """Raise where a number is followed by a unit alone.

    Raises:
        ValueError: It is; the message says how to write it.

    Example:
        >>> require_joined(["design", "--rate", "48kHz"])
        >>> require_joined(["design", "--rate", "48", "kHz"])
        Traceback (most recent call last):
        ValueError: 48 kHz are two arguments; write 48kHz, or "48 kHz" in quotes
    """
    for before, after in pairwise(arguments):
        number = _NUMBER.fullmatch(before)
        if number is not None and _UNIT.fullmatch(after):
            one = number[1]
            raise ValueError(f'{one} {after} are two arguments; write {one}{after}, or "{one} {after}" in quotes')
