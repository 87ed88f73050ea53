"""Frequencies in single precision, PyTorch's default: what they were before they were rounded.

``torch.arange(1, 11) * 0.1`` holds 0.6000000238 for 0.6. Read to the last digit such numbers have a period of months,
or none. Two readings are tried: the shortest decimals that round to them, and multiples of one fundamental to within a
few roundings; the one with the higher fundamental, which is the shorter period, is taken.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.grids import common_fundamental

_EPS = float(np.finfo(np.float32).eps)
_ROUNDING = 2.0 * _EPS
"""Relative error of a product of rounded numbers, and of the fundamental that is found from it."""
_MOST_PARTS = 4096
_FIRST = 64
_DOUBT = 0.01
"""Largest probability that a fundamental fits by chance."""
_FINEST = 2**17
"""A higher harmonic number more likely comes from rounding than from a raster."""


def is_single(values: Any) -> bool:
    """Whether an array of any library is of float32."""
    return str(getattr(values, "dtype", "")).rpartition(".")[2] == "float32"


def is_rounding(grid: tuple[float, IntArray] | None) -> bool:
    """Whether a grid of float32 numbers is missing, or so fine that it shows only how they were rounded."""
    return grid is None or int(np.max(np.abs(grid[1]))) > _FINEST


def meant_by_single(values: FloatArray) -> tuple[FloatArray, tuple[float, IntArray] | None]:
    """The frequencies that were meant, with their fundamental and harmonic numbers, if there are any.

    Args:
        values: ``(n,)`` float32 numbers as float64.

    Example:
        >>> rounded = (np.arange(1, 11, dtype=np.float32) * np.float32(0.1)).astype(np.float64)
        >>> frequencies, (fundamental, numbers) = meant_by_single(rounded)
        >>> float(rounded[5]), float(frequencies[5]), fundamental, numbers.tolist()
        (0.6000000238418579, 0.6000000000000001, 0.1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    """
    decimals = np.array([float(str(one)) for one in values.astype(np.float32)])
    written, computed = common_fundamental(decimals), _multiples(values)
    if computed is None or (written is not None and np.max(np.abs(written[1])) <= np.max(np.abs(computed[1]))):
        return decimals, written
    return computed[1].astype(np.float64) * computed[0], computed


def _multiples(values: FloatArray) -> tuple[float, IntArray] | None:
    """A fundamental of which all values are multiples within rounding, if chance is unlikely to explain it."""
    sizes = np.abs(values[values != 0.0])
    if sizes.size == 0:
        return None
    smallest, largest = float(np.min(sizes)), float(np.max(sizes))
    # With this probability a random number is as near to a multiple of smallest / parts as a rounded one.
    others = np.log(2.0 * _ROUNDING * np.unique(sizes)[1:] / smallest)
    by_chance = 0.0
    for parts in range(1, _MOST_PARTS + 1):
        by_chance += float(np.exp(np.sum(np.minimum(others + np.log(parts), 0.0)))) if others.size else 0.0
        if by_chance > _DOUBT or largest / smallest * parts * _ROUNDING > _DOUBT:
            return None
        if not _are_multiples(values[:_FIRST], smallest / parts):
            continue
        numbers = np.rint(values / smallest * parts)
        fundamental = _shortest(largest / float(np.max(np.abs(numbers))))
        if np.all(np.abs(values - numbers * fundamental) <= _ROUNDING * np.abs(values)):
            if np.unique(numbers).size < np.unique(values).size:
                return None
            return fundamental, numbers.astype(np.int64)
    return None


def _are_multiples(values: FloatArray, fundamental: float) -> bool:
    away = np.abs(values - np.rint(values / fundamental) * fundamental)
    return bool(np.all(away <= 2.0 * _ROUNDING * np.abs(values)))


def _shortest(value: float) -> float:
    """The decimal of fewest digits within one rounding."""
    for digits in range(1, 9):
        short = float(f"{value:.{digits}g}")
        if abs(short - value) <= _EPS * value:
            return short
    return value
