"""Random harmonics: some of each group left out, or one from each range of equal ratio."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from crestfall.problem.arguments import generator_of, whole_number
from crestfall.problem.arrays import IntArray
from crestfall.problem.grids.fundamental import MAX_HARMONIC
from crestfall.problem.grids.quasi_logarithmic import harmonic_range


def random_full(highest: int, group: int, seed: int = 0) -> IntArray:
    """All harmonics up to ``highest``, of which one in every ``group`` neighbours is left out at random.

    Nothing is left out of a last group that is not full.

    Args:
        highest: Highest harmonic.
        group: Number of neighbours of which one is left out, 2 or more.
        seed: Seed of the choice.

    Returns:
        ``(n,)`` harmonic numbers, rising.

    Raises:
        ValueError: ``highest`` is below 1 or ``group`` below 2, or one is not an integer.

    Example:
        >>> random_full(12, 4, seed=1).tolist()
        [1, 3, 4, 5, 6, 8, 9, 10, 11]
    """
    highest = whole_number("highest", highest, 1, "an integer of at least 1", MAX_HARMONIC)
    group = whole_number("group", group, 2, "an integer of at least 2")
    harmonics = np.arange(1, highest + 1)
    full = len(harmonics) // group
    return np.delete(harmonics, np.arange(full) * group + generator_of(seed).integers(0, group, full))


def random_logarithmic(lowest: int, highest: int, n: int, seed: int = 0, *, odd: bool = False) -> IntArray:
    """One harmonic at random from each of ``n`` ranges of equal ratio from ``lowest`` to ``highest``.

    Ranges without an integer of their own give none, so there may be fewer than ``n``.

    Args:
        lowest: Lowest harmonic, at least 1.
        highest: Highest harmonic.
        n: Number of ranges.
        seed: Seed of the choice.
        odd: Odd harmonics only.

    Raises:
        ValueError: An argument is not an integer or out of order.

    Example:
        >>> random_logarithmic(1, 1000, 6, seed=1).tolist()
        [2, 7, 26, 97, 108, 415]
    """
    lowest, highest, n = harmonic_range(lowest, highest, n)
    edges = np.geomspace(lowest, highest + 1, n + 1)
    rng, chosen = generator_of(seed), []
    for low, high in pairwise(edges):
        first, last = int(np.ceil(low - 1e-9)), int(np.ceil(high - 1e-9)) - 1
        if odd:
            first, last = first + (first + 1) % 2, last - (last + 1) % 2
        if last >= first:
            step = 2 if odd else 1
            chosen.append(first + step * int(rng.integers(0, (last - first) // step + 1)))
    return np.array(chosen, dtype=np.int64)
