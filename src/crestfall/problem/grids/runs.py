"""Harmonics dealt out to several inputs in arithmetic runs: equal steps, so that each input is as flat as it can be."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from crestfall.problem.arrays import IntArray


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
    rising = np.array(sorted(numbers), dtype=np.int64)
    for name, value in (("inputs", inputs), ("tones", 1 if tones is None else tones)):
        if value != int(value) or value < 1:
            raise ValueError(f"{name} is {value}; give an integer of at least 1")
    if twice := rising[1:][np.diff(rising) == 0].tolist():
        raise ValueError(f"numbers: {twice[0]} occurs twice; two inputs with one harmonic cannot be told apart")
    count = rising.size // int(inputs) if tones is None else int(tones)
    runs = _runs(rising, int(inputs), count) if 1 <= count <= rising.size // int(inputs) else None
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
    first, span = int(rising[0]), int(rising[-1] - rising[0])
    allowed = np.zeros(span + 1, dtype=bool)
    allowed[rising - first] = True
    for step in range(span // (count - 1), 0, -1):
        reach = span - step * (count - 1) + 1
        fits = np.all([allowed[k * step : k * step + reach] for k in range(count)], axis=0)
        begins = _apart(np.flatnonzero(fits).tolist(), step, count)
        if len(begins) >= inputs:
            chosen = [begins[number * len(begins) // inputs] for number in range(inputs)]
            return [np.arange(count, dtype=np.int64) * step + begin + first for begin in chosen]
    return None


def _apart(begins: list[int], step: int, count: int) -> list[int]:
    """Those of the beginnings, from the lowest on, whose runs share no number."""
    ends: dict[int, int] = {}
    kept = []
    for begin in begins:
        if begin >= ends.get(begin % step, 0):
            ends[begin % step] = begin + step * count
            kept.append(begin)
    return kept
