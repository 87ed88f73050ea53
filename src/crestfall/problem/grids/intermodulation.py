"""Harmonics that second-order distortion leaves alone."""

from __future__ import annotations

import numpy as np

from crestfall.problem.arguments import whole_number
from crestfall.problem.arrays import IntArray
from crestfall.problem.grids.fundamental import MAX_CARRIER

_MOST_TONES = 500


def free_of_intermodulation(n: int, lowest: int = 1) -> IntArray:
    """The ``n`` harmonics that a greedy search finds, none of which is hit by a second-order product of the others.

    No sum ``h_i + h_j``, no difference ``h_i − h_j`` and no second harmonic ``2 h_i`` of excited lines is an excited
    line: what a quadratic nonlinearity makes falls between them. From 1 on these are the odd harmonics; from a higher
    one a block below twice the lowest, and then whatever the block's sums leave free.

    Args:
        n: How many, at most 500.
        lowest: Harmonic to begin with, at least 1.

    Raises:
        ValueError: ``n`` or ``lowest`` is not an integer or out of range.

    Example:
        >>> free_of_intermodulation(6).tolist(), free_of_intermodulation(5, lowest=4).tolist()
        ([1, 3, 5, 7, 9, 11], [4, 5, 6, 7, 15])
    """
    n = whole_number("n", n, 1, f"an integer from 1 to {_MOST_TONES}", _MOST_TONES)
    candidate = whole_number("lowest", lowest, 1, "an integer of at least 1", MAX_CARRIER)
    chosen: list[int] = []
    while len(chosen) < n:
        if _fits(candidate, chosen):
            chosen.append(candidate)
        candidate += 1
    return np.array(chosen)


def _fits(candidate: int, chosen: list[int]) -> bool:
    """Whether the candidate, larger than all chosen, makes no triple ``a + b = c`` with them (``a = b`` included)."""
    there = set(chosen)
    # As the largest it can only be the sum; a sum with it is larger, and is tested when that one is the candidate.
    return not any(candidate - a in there for a in chosen)
