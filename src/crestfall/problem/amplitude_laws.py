"""Amplitudes as a function of frequency: flat, pink, any power, decibels an octave, or a table."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from crestfall.problem.arrays import FloatArray
from crestfall.problem.quantities import number_and_unit, quantity

_POWERS = {"flat": 0.0, "white": 0.0, "pink": -0.5, "red": -1.0, "brown": -1.0, "blue": 0.5, "violet": 1.0}
_EXPONENT = re.compile(r"f\s*(?:\^|\*\*)\s*\(?\s*([-+]?[\d./]+)\s*\)?")
_SLOPE = re.compile(r"([-+]?[\d.]+)\s*db\s*(?:/|per|an)\s*(oct|octave|dec|decade)", re.IGNORECASE)
_OCTAVE_DB = 20.0 * np.log10(2.0)
WAYS = "flat, pink, f^-0.5, -3 dB/octave, or a table such as 10:1, 1000:0.5"


def law(frequencies: npt.ArrayLike, text: str) -> FloatArray:
    """Amplitudes of tones by a law.

    Args:
        frequencies: ``(n,)`` frequencies [Hz]; the sign does not count.
        text: ``flat``, ``pink`` (``f^-0.5``: equal power in every octave of evenly spaced tones), ``red``, ``blue``,
            ``violet``; ``f^p``; ``-3 dB/octave`` or ``/decade``; or ``frequency:amplitude`` pairs, between which
            amplitudes are interpolated over logarithms, and constant beyond.

    Returns:
        ``(n,)`` amplitudes. A power law makes the largest 1; those of a table are as they are written.

    Raises:
        ValueError: The text is not a law, or a power law is asked for at 0 Hz.

    Example:
        >>> law([10, 20, 40], "pink").round(4).tolist(), law([10, 20], "-6.0206 dB/octave").round(4).tolist()
        ([1.0, 0.7071, 0.5], [1.0, 0.5])
        >>> law([1, 10, 31.6227766, 1000], "10:1, 0.1 kHz: 0.01").round(4).tolist()
        [1.0, 1.0, 0.1, 0.01]
    """
    f = np.abs(np.atleast_1d(np.asarray(frequencies, dtype=np.float64)))
    points = _points(text)
    if points is not None:
        if np.any(f == 0.0):
            f = np.maximum(f, points[0][0])
        x, y = np.log([point[0] for point in points]), np.log([point[1] for point in points])
        return np.exp(np.interp(np.log(f), x, y))
    power = _power(text)
    if power == 0.0:
        return np.ones(f.size)
    if np.any(f == 0.0):
        raise ValueError(f"amplitudes is {text!r}, which has no value at 0 Hz; leave that tone out")
    logs = power * np.log(f)
    return np.exp(logs - np.max(logs))


def is_law(text: str) -> bool:
    """Whether a text is a law.

    Example:
        >>> is_law("f^-1"), is_law("1 0.5 0.25")
        (True, False)
    """
    try:
        law([1.0], text)
    except ValueError:
        return False
    return True


def _power(text: str) -> float:
    """The exponent of a power law."""
    word = text.strip().lower()
    if word in _POWERS:
        return _POWERS[word]
    if match := _EXPONENT.fullmatch(word):
        return quantity(match[1], "", name="the exponent of amplitudes")
    if match := _SLOPE.fullmatch(word.replace("\N{MINUS SIGN}", "-")):
        slope = quantity(match[1], "", name="the slope of amplitudes")
        return slope / (_OCTAVE_DB if match[2].startswith("oct") else 20.0)
    raise ValueError(f"amplitudes is {text!r}; give {WAYS}")


def _points(text: str) -> Sequence[tuple[float, float]] | None:
    """The pairs of a table, by rising frequency."""
    if ":" not in text:
        return None
    points = []
    for pair in re.split(r"[,;]", text):
        left, _, right = pair.partition(":")
        frequency = quantity(left, "Hz", name=f"a frequency of amplitudes {text!r}")
        found = number_and_unit(right)
        if found is None or found[1] not in ("", "dB") or frequency <= 0.0:
            raise ValueError(
                f"amplitudes is {text!r}: write {pair.strip()!r} as a pair such as 10 Hz: 0.5 or 10 Hz: -6 dB"
            )
        amplitude = 10.0 ** (float(found[0]) / 20.0) if found[1] else float(found[0])
        if not 0.0 < amplitude < np.inf:
            raise ValueError(f"amplitudes is {text!r}: {pair.strip()!r} must have an amplitude above 0")
        points.append((frequency, amplitude))
    points.sort()
    if len({frequency for frequency, _ in points}) < len(points):
        raise ValueError(f"amplitudes is {text!r}; a frequency occurs twice")
    return points
