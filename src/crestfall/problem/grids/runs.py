"""Harmonics dealt out to several inputs in arithmetic runs: equal steps, so that each input is as flat as it can be."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from crestfall.problem.arguments import whole_number, whole_numbers
from crestfall.problem.arrays import IntArray
from crestfall.problem.grids.fundamental import MAX_HARMONIC


def interleaved_runs(numbers: Iterable[int], inputs: int, *, tones: int | None = None) -> list[IntArray]:
    r"""Deal harmonic numbers out to inputs so that those of each input are equally spaced:

    .. math:: h_{ik} = a_i + k d, \qquad k = 0 … n - 1,

    with one step ``d`` for all inputs, the widest that the numbers allow. With equal steps the envelope of an input is
    that of ``n`` neighbouring tones, whose peak is the lowest; a step that varies, if by one line, raises it.
    Numbers that are in no run are left out.

    Args:
        numbers: Harmonic numbers, in any order, each once: a band, with or without gaps.
        inputs: How many inputs share them.
        tones: How many tones each input gets; by default its share of the numbers, rounded down.

    Returns:
        One rising array for each input.

    Raises:
        ValueError: Fewer than one input or tone, a number that occurs twice, or there are no such runs.

    Example:
        >>> [each.tolist() for each in interleaved_runs(range(2, 14), 3, tones=3)]
        [[2, 6, 10], [3, 7, 11], [4, 8, 12]]
        >>> [each.tolist() for each in interleaved_runs([1, 2, 3, 5, 6, 7, 8, 9], 2, tones=3)]
        [[2, 5, 8], [3, 6, 9]]
    """
    need = f"a harmonic number from -{MAX_HARMONIC} to {MAX_HARMONIC}"
    rising = np.sort(whole_numbers("numbers", numbers, -MAX_HARMONIC, need, MAX_HARMONIC))
    inputs = whole_number("inputs", inputs, 1, "an integer of at least 1")
    tones = None if tones is None else whole_number("tones", tones, 1, "an integer of at least 1")
    if twice := rising[1:][np.diff(rising) == 0].tolist():
        raise ValueError(f"numbers: {twice[0]} occurs twice; two inputs with one harmonic cannot be told apart")
    count = rising.size // inputs if tones is None else tones
    runs = _runs(rising, inputs, count) if 1 <= count <= rising.size // inputs else None
    if runs is None:
        raise ValueError(
            f"numbers: {rising.size} harmonics hold no {inputs} runs of {max(count, 1)} tones with equal steps; give "
            "fewer tones, or a wider band"
        )
    return runs


def _runs(rising: IntArray, inputs: int, count: int) -> list[IntArray] | None:
    """The runs with the widest step, spread evenly over the offsets; ``None`` if there are none."""
    if count == 1:
        return [rising[number * rising.size // inputs][None] for number in range(inputs)]
    first, widest = int(rising[0]), int(rising[-1] - rising[0]) // (count - 1)
    is_sparse = rising.size**2 <= widest
    steps = _differences(rising, widest) if is_sparse else range(widest, 0, -1)
    find = _begins_of_few if is_sparse else _begins
    for step in steps:
        begins = _apart((find(rising - first, step, count)).tolist(), step, count)
        if len(begins) >= inputs:
            chosen = [begins[number * len(begins) // inputs] for number in range(inputs)]
            return [np.arange(count, dtype=np.int64) * step + begin + first for begin in chosen]
    return None


def _begins(rising: IntArray, step: int, count: int) -> IntArray:
    """Where runs begin, among numbers from 0 on that leave few out."""
    allowed = np.zeros(int(rising[-1]) + 1, dtype=bool)
    allowed[rising] = True
    reach = allowed.size - step * (count - 1)
    return np.flatnonzero(np.all([allowed[k * step : k * step + reach] for k in range(count)], axis=0))


def _begins_of_few(rising: IntArray, step: int, count: int) -> IntArray:
    """The same among few numbers far apart."""
    begins = rising
    for k in range(1, count):
        begins = begins[np.isin(begins + k * step, rising, assume_unique=True)]
    return begins


def _differences(rising: IntArray, widest: int) -> list[int]:
    """Steps between any two of the numbers, the widest first."""
    found = np.unique(rising[:, None] - rising)
    return [int(step) for step in found[(found > 0) & (found <= widest)][::-1]]


def _apart(begins: list[int], step: int, count: int) -> list[int]:
    """Those of the beginnings, from the lowest on, whose runs share no number."""
    ends: dict[int, int] = {}
    kept = []
    for begin in begins:
        if begin >= ends.get(begin % step, 0):
            ends[begin % step] = begin + step * count
            kept.append(begin)
    return kept
