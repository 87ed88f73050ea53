"""Harmonics that are nearly equally spaced on a logarithmic axis."""

from __future__ import annotations

import numpy as np

from crestfall.problem.arguments import whole_number
from crestfall.problem.arrays import IntArray
from crestfall.problem.grids.fundamental import MAX_CARRIER


def quasi_logarithmic(lowest: int, highest: int, n: int, *, odd: bool = False) -> IntArray:
    """``n`` distinct harmonics whose ratios are as equal as integers allow.

    Each is the harmonic nearest to the logarithmic grid that is still free, from the lowest on: at the low end, where
    the grid is finer than the integers, they follow one another.

    Args:
        lowest: Lowest harmonic, at least 1.
        highest: Highest harmonic.
        n: How many.
        odd: Odd harmonics only.

    Raises:
        ValueError: There are fewer than ``n`` harmonics between the two, or an argument is not an integer or is out
            of order.

    Example:
        >>> quasi_logarithmic(1, 1000, 10).tolist()
        [1, 2, 5, 10, 22, 46, 100, 215, 464, 1000]
        >>> quasi_logarithmic(1, 99, 6, odd=True).tolist()
        [1, 3, 7, 15, 39, 99]
    """
    lowest, highest, n = harmonic_range(lowest, highest, n)
    free = np.arange(lowest, highest + 1)
    if odd:
        free = free[free % 2 == 1]
    if n > len(free):
        raise ValueError(f"n is {n}, but only {len(free)} harmonics lie from {lowest} to {highest}; ask for fewer")
    wanted = np.geomspace(free[0], free[-1], n) if n > 1 else np.array([float(free[0])])
    chosen = []
    first = 0
    for number, value in enumerate(wanted):
        last = len(free) - (n - number)  # so many must stay free for those to come
        nearest = first + int(np.argmin(np.abs(np.log(free[first : last + 1] / value))))
        chosen.append(int(free[nearest]))
        first = nearest + 1
    return np.array(chosen)


def harmonic_range(lowest: int, highest: int, n: int) -> tuple[int, int, int]:
    """The lowest and the highest of ``n`` harmonics, checked.

    Raises:
        ValueError: One is not an integer of at least 1, or the highest is below the lowest.
    """
    need = "an integer of at least 1"
    first, last = (
        whole_number(name, value, 1, need, MAX_CARRIER) for name, value in (("lowest", lowest), ("highest", highest))
    )
    if last < first:
        raise ValueError(f"lowest {first} and highest {last} must be integers with 1 <= lowest <= highest; swap them")
    return first, last, whole_number("n", n, 1, need, MAX_CARRIER)
