"""Harmonics and amplitudes in few words, for messages: 1:9; all of amplitude 1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_NAMED = 8
"""Most ranges or amplitudes that are listed."""


def harmonics_in_short(numbers: Iterable[int]) -> str:
    """Harmonic numbers as ranges ``start:stop`` and ``start:step:stop``, as the option ``--harmonics`` reads them.

    Example:
        >>> harmonics_in_short([1, 2, 3, 4]), harmonics_in_short([1, 3, 5, 7, 8]), harmonics_in_short([1, 2, 5, 6])
        ('1:4', '1:2:7,8', '1,2,5,6')
    """
    rest, ranges = sorted(numbers), []
    while rest:
        step = rest[1] - rest[0] if len(rest) > 1 else 0
        count = next((k for k in range(1, len(rest)) if rest[k] - rest[k - 1] != step), len(rest))
        if count < 3:  # two numbers are shorter than a range of them
            count, text = 1, str(rest[0])
        else:
            text = f"{rest[0]}:{rest[count - 1]}" if step == 1 else f"{rest[0]}:{step}:{rest[count - 1]}"
        ranges.append(text)
        rest = rest[count:]
    return _listed(ranges, ",")


def amplitudes_in_words(amplitudes: Sequence[float]) -> str:
    """Amplitudes: one for all, or one for each tone.

    Example:
        >>> amplitudes_in_words([1.0, 1.0]), amplitudes_in_words([1.0, 0.5])
        ('all of amplitude 1', 'amplitudes 1, 0.5')
    """
    if len(set(amplitudes)) == 1:
        return f"all of amplitude {amplitudes[0]:.6g}"
    return f"amplitudes {_listed([f'{value:.6g}' for value in amplitudes], ', ')}"


def _listed(items: list[str], separator: str) -> str:
    if len(items) > _NAMED:
        items = [*items[: _NAMED - 1], "…", items[-1]]
    return separator.join(items)
