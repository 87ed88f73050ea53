"""The order that the closed forms count in: distinct frequencies, rising. Every formula here starts from it."""

from __future__ import annotations

import numpy as np

from crestfall.problem.arrays import IntArray
from crestfall.problem.multisine import Multisine


def ranks_by_frequency(ms: Multisine) -> IntArray:
    """``(n,)`` place of each tone among the distinct frequencies: 0 for the lowest, 1 for the next, and so on.

    Tones may come in any order, and those of one frequency share one place: they are one sine wave to the listener, so
    a formula gives them one phase and they add up.

    Example:
        >>> ranks_by_frequency(Multisine([30.0, 10.0, 20.0, 10.0])).tolist()
        [2, 0, 1, 0]
    """
    return np.unique(ms.harmonic_numbers, return_inverse=True)[1].astype(np.int64)
