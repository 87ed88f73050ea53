"""Texts of the command line to values: durations, amounts of memory and lists of harmonics."""

from __future__ import annotations

import re

from crestfall.files.harmonics_text import parse_harmonics
from crestfall.files.reading import shown

_UNITS = {"ms": 1e-3, "s": 1.0, "": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}
_BYTES = {
    "": 1.0,
    "b": 1.0,
    "kb": 1e3,
    "mb": 1e6,
    "gb": 1e9,
    "tb": 1e12,
    "kib": 2.0**10,
    "mib": 2.0**20,
    "gib": 2.0**30,
}
_QUANTITY = re.compile(r"((?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:e[+-]?[0-9]+)?)\s*([a-z]*)")


def duration(text: str, option: str = "--time-limit") -> float:
    """Seconds of a text such as ``10s``, ``2min``, ``1h``, ``500ms`` or ``10``.

    Args:
        text: What was given.
        option: The option that it was given to.

    Raises:
        ValueError: The text is not a duration above 0.

    Example:
        >>> duration("1.5min"), duration("500ms"), duration("10")
        (90.0, 0.5, 10.0)
    """
    match = _QUANTITY.fullmatch(text.strip().lower())
    if match is None or match[2] not in _UNITS:
        raise ValueError(f"{option} is {shown(text)}; give a time such as 10s, 2min, 1h or 500ms")
    seconds = float(match[1]) * _UNITS[match[2]]
    if seconds <= 0:
        raise ValueError(f"{option} is {shown(text)}; give a time above 0, such as 10s")
    return seconds


def size(text: str) -> float:
    """Bytes of a text such as ``4GB``, ``500 MB``, ``2GiB`` or ``1e9``.

    Raises:
        ValueError: The text is not an amount above 0.

    Example:
        >>> size("4GB"), size("1.5 GiB"), size("1e9")
        (4000000000.0, 1610612736.0, 1000000000.0)
    """
    match = _QUANTITY.fullmatch(text.strip().lower())
    amount = 0.0 if match is None else float(match[1]) * _BYTES.get(match[2], 0.0)
    if amount <= 0.0 or amount == float("inf"):
        raise ValueError(f"--max-memory is {shown(text)}; give an amount above 0 such as 4GB, 500MB or 2GiB")
    return amount


def harmonic_numbers(text: str) -> list[int]:
    """Harmonic numbers of the option ``--harmonics`` (see ``crestfall.files.harmonics_text``).

    Raises:
        ValueError: The text is not such a list, or it is empty or too long.

    Example:
        >>> harmonic_numbers("1:3,7,10:5:20")
        [1, 2, 3, 7, 10, 15, 20]
    """
    try:
        return parse_harmonics(text)
    except ValueError as error:
        raise ValueError(f"--{error}") from None
