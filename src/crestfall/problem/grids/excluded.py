"""Harmonics to leave out: mains and its harmonics with a guard, and what distortion of the others makes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from crestfall.problem.arguments import finite_number, real_numbers, whole_numbers
from crestfall.problem.arrays import BoolArray, FloatArray, IntArray
from crestfall.problem.grids.fundamental import MAX_CARRIER
from crestfall.problem.readable import readable

_ABOVE_ZERO = "a finite frequency above 0 Hz"

_HIGHEST = 2**24


def without_mains(
    numbers: Iterable[int], fundamental: float, mains: float = 50.0, guard: float | None = None
) -> IntArray:
    """The harmonics that are further than ``guard`` from mains and all its harmonics.

    Args:
        numbers: Harmonic numbers.
        fundamental: Frequency of harmonic 1 [Hz].
        mains: Frequency of the mains [Hz]: 50, 60, 400.
        guard: Distance within which a harmonic is left out [Hz]; by default half the fundamental, which leaves out the
            nearest harmonic.

    Raises:
        ValueError: A frequency is not above 0, or the guard is out of range.

    Example:
        >>> without_mains(range(1, 13), 10.0).tolist(), without_mains(range(1, 13), 10.0, guard=10.0).tolist()
        ([1, 2, 3, 4, 6, 7, 8, 9, 11, 12], [1, 2, 3, 7, 8, 12])
    """
    need = f"a harmonic number from -{MAX_CARRIER} to {MAX_CARRIER}"
    chosen = whole_numbers("numbers", numbers, -MAX_CARRIER, need, MAX_CARRIER)
    fundamental = finite_number("fundamental", fundamental, _ABOVE_ZERO, above_zero=True, unit="Hz")
    near = near_mains(chosen * np.float64(fundamental), mains, fundamental / 2.0 if guard is None else guard)
    return chosen[~near]


def near_mains(frequencies: FloatArray, mains: float, guard: float) -> BoolArray:
    """``(n,)`` which frequencies [Hz] are within ``guard`` [Hz] of mains or one of its harmonics.

    Raises:
        ValueError: The mains are not above 0, or the guard is out of range.
    """
    mains = finite_number("mains", mains, _ABOVE_ZERO, above_zero=True, unit="Hz")
    guard = finite_number("guard", guard, "a finite distance in Hz", unit="Hz")
    if not 0.0 <= guard < mains / 2.0:
        raise ValueError(
            f"guard is {readable(guard, 'Hz')}; give one from 0 to below half the mains, {readable(mains / 2.0, 'Hz')}"
        )
    sizes = np.abs(real_numbers("frequencies", frequencies, "give frequencies in Hz", unit="Hz"))
    away = np.abs(sizes - np.maximum(np.rint(sizes / mains), 1.0) * mains)
    return np.asarray(away <= guard * (1.0 + 1e-9))


def without_sums(numbers: Iterable[int]) -> IntArray:
    """The harmonics that a greedy search keeps, from the lowest on: none is a sum, difference or double of others.

    What a quadratic nonlinearity makes of them then falls beside them all.

    Raises:
        ValueError: A number is below 1, or too large.

    Example:
        >>> without_sums(range(1, 12)).tolist(), without_sums([4, 5, 6, 9, 10, 16]).tolist()
        ([1, 3, 5, 7, 9, 11], [4, 5, 6, 16])
    """
    need = f"a harmonic number from 1 to {_HIGHEST}"
    rising = np.unique(whole_numbers("numbers", numbers, 1, need, _HIGHEST))
    made = np.zeros(int(rising[-1]) + 1 if rising.size else 0, dtype=bool)
    kept: list[int] = []
    for number in rising.tolist():
        if not made[number]:
            kept.append(number)
            sums = number + np.array(kept)
            made[sums[sums < made.size]] = True
    return np.array(kept, dtype=np.int64)
