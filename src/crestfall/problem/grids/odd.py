"""Odd grids: excite odd harmonics only, and see even (and some odd) ones appear if the system is not linear.

Source: Pintelon & Schoukens, *System Identification: A Frequency Domain Approach*, 2nd ed., 2012.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from crestfall.problem.arguments import generator_of, whole_number
from crestfall.problem.arrays import IntArray
from crestfall.problem.grids.fundamental import MAX_HARMONIC


def odd(highest: int) -> IntArray:
    """Harmonics 1, 3, 5, … up to ``highest``: whatever appears at an even one is an even nonlinearity.

    Raises:
        ValueError: ``highest`` is not an integer of at least 1.

    Example:
        >>> odd(9).tolist()
        [1, 3, 5, 7, 9]
    """
    return np.arange(1, _require_highest(highest) + 1, 2)


def odd_odd(highest: int) -> IntArray:
    """Harmonics 1, 5, 9, …, ``4m + 1``: every other odd one stays free, where odd nonlinearities appear.

    Raises:
        ValueError: ``highest`` is not an integer of at least 1.

    Example:
        >>> odd_odd(14).tolist()
        [1, 5, 9, 13]
    """
    return np.arange(1, _require_highest(highest) + 1, 4)


class RandomOdd(NamedTuple):
    """Odd harmonics with some left out at random.

    Attributes:
        excited: Harmonics to excite.
        detection: Odd harmonics that stay free, one of each group.
    """

    excited: IntArray
    detection: IntArray


def random_odd(highest: int, group: int, seed: int = 0) -> RandomOdd:
    """Odd harmonics, of which one in each ``group`` neighbours is left out at random to detect odd nonlinearities.

    A last group that is not full is excited whole.

    Args:
        highest: Highest harmonic.
        group: Neighbouring odd harmonics of which one stays free, at least 2.
        seed: Seed of the choice.

    Raises:
        ValueError: ``highest`` is below 1 or ``group`` below 2, or one is not an integer.

    Example:
        >>> found = random_odd(23, group=4, seed=1)
        >>> found.excited.tolist(), found.detection.tolist()
        ([1, 5, 7, 9, 11, 15, 17, 19, 21], [3, 13, 23])
    """
    group = whole_number("group", group, 2, "an integer of at least 2")
    harmonics = odd(highest)
    full = len(harmonics) // group
    left_out = np.arange(full) * group + generator_of(seed).integers(0, group, full)
    return RandomOdd(np.delete(harmonics, left_out), harmonics[left_out])


def _require_highest(highest: int) -> int:
    return whole_number("highest", highest, 1, "an integer of at least 1", MAX_HARMONIC)
