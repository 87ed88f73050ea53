"""All sequences, and the proof that goes with having seen them: the certified value is never below a sampled one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from crestfall.engine.discrete.sequences import Sequences, Stop, StoppedError
from crestfall.problem.arrays import FloatArray, IntArray

MOST_NUMBERS = 2**30
"""Sequences times samples up to which all sequences are tried: some seconds."""
NUMBERS_PER_SECOND = 1e8
"""What a slow machine computes; a time limit has to leave time for all sequences at this rate."""
_AT_ONCE, _LEAST_AT_ONCE = 2**17, 2**13
"""Numbers that are computed at once, at most; and how many take as long as what has to be done at each turn."""


def can_try_all(sequences: Sequences, seconds: float | None = None) -> bool:
    """Whether there are few enough sequences to try all of them, within a time if there is a limit."""
    most = MOST_NUMBERS if seconds is None else min(MOST_NUMBERS, seconds * NUMBERS_PER_SECOND)
    at_once = sequences.levels ** _tail_length(sequences)
    return bool(sequences.total // at_once * max(at_once * sequences.size, _LEAST_AT_ONCE) <= most)


def try_all(
    sequences: Sequences,
    least: float,
    value: Callable[[IntArray], float],
    stop: Stop,
    found: Callable[[float, IntArray], object],
) -> int:
    """Look at all sequences but those that symmetries of the problem make alike.

    They are screened by their sampled heights: what is sampled above the least value so far cannot win.

    Args:
        sequences: The sequences and their samples.
        least: A value that is known already; only lower ones are reported.
        value: The certified value of a sequence ``(n,)``.
        stop: Asked every few milliseconds; ``True`` ends the search.
        found: Called with each lower value and its sequence.

    Returns:
        How many sequences were looked at: ``sequences.total`` unless it was stopped.

    Example:
        >>> from crestfall.problem.constraints import Alphabet
        >>> from crestfall.problem.multisine import Multisine
        >>> from crestfall.problem.problem import Problem
        >>> sequences = Sequences(Problem(Multisine([1.0, 2.0]), phases=[Alphabet(4)]))
        >>> def sampled(symbols):
        ...     return float(sequences.height(sequences.samples(symbols)))
        >>> values = []
        >>> try_all(sequences, 9.0, sampled, lambda: False, lambda value, symbols: values.append(round(value, 3)))
        8
        >>> values  # of 16 samples; the peak between them is 1.76
        [1.707]
    """
    length, seen = _tail_length(sequences), 0
    tails = _digits(np.arange(sequences.levels**length), sequences.levels, length)
    try:
        endings = _sums(sequences, tails, slice(sequences.n - length, sequences.n), stop)
        for number in range(sequences.total // len(tails)):
            head = _digits(np.array(number), sequences.levels, sequences.n - length)
            beginning = sequences.held(stop) + _sums(sequences, head, slice(0, len(head)), stop)
            heights = sequences.height(endings + beginning) * sequences.margin
            for k in _promising(heights, least):
                if heights[k] > least * (1.0 + 1e-12):
                    break
                if stop():
                    return seen
                symbols = np.append(head, tails[k])
                exact = value(symbols)
                if exact < least:
                    least = exact
                    found(exact, symbols)
            seen += len(tails)
            if stop():
                break
    except StoppedError:
        pass
    return seen


def _promising(heights: FloatArray, least: float) -> IntArray:
    """Places of the heights that are not above ``least``, the lowest first."""
    low = np.flatnonzero(heights <= least * (1.0 + 1e-12))
    return np.asarray(low[np.argsort(heights[low], kind="stable")])


def _tail_length(sequences: Sequences) -> int:
    """Symbols at the end whose samples are added up once for all beginnings; the first symbol is never one of them."""
    length = 0
    while length < sequences.n - 1 and sequences.levels ** (length + 1) * sequences.size <= _AT_ONCE:
        length += 1
    return length


def _digits(numbers: IntArray, levels: int, length: int) -> IntArray:
    """``(…, length)`` digits of numbers in base ``levels``, the most significant first."""
    place = levels ** np.arange(length - 1, -1, -1, dtype=np.int64)
    return numbers[..., None] // place % levels


def _sums(sequences: Sequences, symbols: IntArray, groups: slice, stop: Stop) -> FloatArray:
    """``(…, size)`` samples of some groups with symbols ``(…, groups)``."""
    cosines, sines = sequences.phasors(symbols)
    a, b = sequences.rows(groups, stop)
    return np.asarray(cosines @ a if b is None else cosines @ a + sines @ b)
