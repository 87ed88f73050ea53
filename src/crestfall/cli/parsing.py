"""Texts of the command line to values: durations, amounts of memory and lists of harmonics."""

from __future__ import annotations

import re

from crestfall.files.harmonics_text import parse_harmonics
from crestfall.files.reading import shown
from crestfall.problem.quantities import quantity


def duration(text: str, option: str = "--time-limit", *, or_none: bool = False) -> float:
    """Seconds of a text such as ``10s``, ``2min``, ``1h``, ``500ms`` or ``10``.

    Args:
        text: What was given.
        option: The option that it was given to.
        or_none: Whether it may be 0, for none.

    Raises:
        ValueError: The text is not a duration above 0.

    Example:
        >>> duration("1.5min"), duration("500ms"), duration("10"), duration("2m")
        (90.0, 0.5, 10.0, 120.0)
    """
    # Nobody searches for two milliseconds: a lone m means minutes here, as it does to timeout and sleep.
    seconds = quantity(re.sub(r"(?<=[\d.\s])[mM]\s*$", "min", text), "s", name=option)
    if seconds < 0 or (seconds == 0 and not or_none):
        raise ValueError(f"{option} is {shown(text)}; give a time above 0, such as 10s{', or 0 for none' * or_none}")
    return seconds


def size(text: str) -> float:
    """Bytes of a text such as ``4GB``, ``500 MB``, ``2GiB`` or ``1e9``.

    Raises:
        ValueError: The text is not an amount above 0.

    Example:
        >>> size("4GB"), size("1.5 GiB"), size("1e9")
        (4000000000.0, 1610612736.0, 1000000000.0)
    """
    amount = quantity(text, "B", name="--max-memory")
    if amount <= 0.0:
        raise ValueError(f"--max-memory is {shown(text)}; give an amount above 0 such as 4GB, 500MB or 2GiB")
    return amount


def fundamental_of(fundamental: str | None, period: str | None) -> float | None:
    """The fundamental [Hz] of the options ``--fundamental`` and ``--period``; ``None`` where neither is given.

    Raises:
        ValueError: Both are given, or one is not a quantity of its kind, or not above 0.

    Example:
        >>> fundamental_of("2 kHz", None), fundamental_of(None, "1 min")
        (2000.0, 0.016666666666666666)
    """
    if fundamental is not None and period is not None:
        raise ValueError("--fundamental and --period say the same thing; give one of them")
    if period is not None:
        return 1.0 / duration(period, "--period")
    return None if fundamental is None else quantity(fundamental, "Hz", name="--fundamental")


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
