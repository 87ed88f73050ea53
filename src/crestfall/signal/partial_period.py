"""Records that are not a whole number of periods: reported before their leakage is taken for tones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.problem.notes import note
from crestfall.problem.readable import readable

_FEW = 8
"""So few tones are not leakage, which fills the spectrum."""
_REPEATS = 1e-4
"""Mean square of the difference of two periods over twice the mean square of the signal."""
_AS_ALIKE, _ROUNDING = 4.0, 1e-11
"""How much that difference may be above that of the best length: a length that is nearly a period is none."""
_MANY, _SHARE, _HOLDS = 50, 0.1, 0.99
"""Leakage: of many tones, side by side, so small a share holds so much of the power."""
_JUMP = 4.0
"""A step from the end of the record to its beginning, over the largest within."""


def notes_partial_period(
    x: npt.NDArray[Any], sample_rate: float, tones: int, count_tones: Callable[[npt.NDArray[Any]], int]
) -> bool:
    """Warn of a record that is not a whole number of periods, and say where to cut it; returns whether it warned.

    Args:
        x: ``(N,)`` samples.
        sample_rate: Samples per second [Hz].
        tones: How many tones they seem to hold.
        count_tones: The same of other samples.

    Warns:
        CrestfallWarning: The samples repeat after a length that does not divide ``N``, and whole periods hold less than
            half as many tones; or they jump from the last sample to the first.
    """
    if tones <= _FEW:
        return False
    length = repeats_after(x)
    if length is not None and x.size % length:
        whole = x.size // length * length
        fewer = count_tones(x[:whole])
        if 2 * fewer < tones:
            note(
                f"the {x.size} samples are {x.size / length:.4g} periods of {length} samples "
                f"({readable(length / sample_rate, 's', 6)}): cut to {whole} samples they hold {fewer} tones, not "
                f"{tones}"
            )
            return True
    if length is None and _jumps(x):
        note(
            f"the {x.size} samples jump from the last to the first, so they are probably not a whole number of "
            f"periods, and most of their {tones} tones are leakage; cut them to whole periods"
        )
        return True
    return False


def notes_leakage(numbers: npt.NDArray[np.int64], amplitudes: npt.NDArray[np.float64]) -> None:
    """Warn of lines that may be leakage: many, side by side, of which a few hold nearly all of the power.

    Args:
        numbers: ``(n,)`` lines, in multiples of their distance.
        amplitudes: ``(n,)`` their amplitudes.

    Warns:
        CrestfallWarning: The message says how many lines hold the power, and how to leave out the others.
    """
    n = amplitudes.size
    if n < _MANY or np.median(np.diff(np.sort(numbers))) > 1:
        return
    powers = np.sort((amplitudes / amplitudes.max()) ** 2)[::-1]
    few = int(np.argmax(np.cumsum(powers) >= _HOLDS * powers.sum())) + 1
    if few <= _SHARE * n:
        below = 20.0 * np.log10(np.sqrt(powers[few - 1]))
        note(
            f"{few} of the {n} tones hold {100 * _HOLDS:.0f} % of the power, and the others may be leakage of a record "
            f"that is not a whole number of periods; cut it to whole periods, or leave out what is below "
            f"{np.floor(below):.0f} dB"
        )


def repeats_after(x: npt.NDArray[Any]) -> int | None:
    """The least number of samples, up to 3/4 of them, after which a signal repeats; ``None`` if there is none.

    Of a period that is not a whole number of samples it is the least multiple that is one.

    Example:
        >>> t = np.arange(987) / 100
        >>> repeats_after(np.cos(2 * np.pi * t) + np.cos(2 * np.pi * 3 * t))
        100
        >>> repeats_after(np.cos(2 * np.pi * 440 * np.arange(44100) / 44100))
        2205
    """
    n = x.size
    centred = x / (np.max(np.abs(x)) or 1.0)  # squares of very large samples would overflow
    centred = centred - np.mean(centred)
    energy = np.cumsum(np.abs(centred) ** 2)
    most = n - max(16, n // 4)  # what is left to compare
    if most < 1 or not energy[-1] > 0.0:
        return None
    spectrum = np.fft.fft(centred, 2 * n)
    together = np.fft.ifft(np.abs(spectrum) ** 2).real[1 : most + 1]
    shifts = np.arange(1, most + 1)
    head, tail = energy[n - 1 - shifts], energy[-1] - energy[shifts - 1]
    differs = (head + tail - 2.0 * together) / (head + tail)
    # Neighbours of a slow signal are alike, too: a period is a dip after the difference was large.
    begin = int(np.argmax(differs > 0.5)) if np.any(differs > 0.5) else n
    least = float(np.min(differs[begin:], initial=np.inf))
    if not least < _REPEATS:
        return None
    allowed = min(_REPEATS, max(_AS_ALIKE * least, _ROUNDING))
    first = begin + int(np.argmax(differs[begin:] < allowed))
    last = first
    while last + 1 < differs.size and differs[last + 1] < allowed:
        last += 1
    return first + int(np.argmin(differs[first : last + 1])) + 1


def _jumps(x: npt.NDArray[Any]) -> bool:
    steps = np.abs(np.diff(x))
    return x.size > 2 and bool(np.abs(x[0] - x[-1]) > _JUMP * np.max(steps))
