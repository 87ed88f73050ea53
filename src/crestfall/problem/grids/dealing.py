"""Harmonics dealt out to several inputs, so that each has its own and all can be told apart in one record."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from crestfall.problem.arguments import generator_of, whole_number, whole_numbers
from crestfall.problem.arrays import IntArray
from crestfall.problem.grids.fundamental import MAX_CARRIER


def deal(numbers: Iterable[int], inputs: int, *, seed: int | None = None) -> list[IntArray]:
    """Deal harmonic numbers out to inputs: in turn, or at random within each group of neighbours.

    In turn every input covers the band evenly, but its own harmonics are ``inputs`` apart, which makes it repeat sooner
    than the record where all of them share a divisor. Random dealing avoids that, and the regular gaps, which keep
    peaks low; ``interleaved_runs`` has them in a band with gaps, and where there are more lines than tones.

    Args:
        numbers: Harmonic numbers, in any order, each once.
        inputs: How many inputs share them.
        seed: ``None`` deals in turn; a seed shuffles each group of ``inputs`` neighbours.

    Returns:
        One rising array for each input; the first ones have one more where the numbers do not divide.

    Raises:
        ValueError: Fewer than one input, fewer numbers than inputs, or a number that occurs twice.

    Example:
        >>> [each.tolist() for each in deal(range(2, 10), 3)]
        [[2, 5, 8], [3, 6, 9], [4, 7]]
        >>> [each.tolist() for each in deal(range(2, 10), 3, seed=1)]
        [[2, 6, 9], [3, 7, 8], [4, 5]]
    """
    need = f"a harmonic number from -{MAX_CARRIER} to {MAX_CARRIER}"
    rising = np.sort(whole_numbers("numbers", numbers, -MAX_CARRIER, need, MAX_CARRIER))
    inputs = whole_number("inputs", inputs, 1, "an integer of at least 1")
    if len(rising) < inputs:
        raise ValueError(f"numbers are {len(rising)} for {inputs} inputs; every input needs at least one harmonic")
    if twice := rising[1:][np.diff(rising) == 0].tolist():
        raise ValueError(f"numbers: {twice[0]} occurs twice; two inputs with one harmonic cannot be told apart")
    whose = np.arange(len(rising)) % inputs
    if seed is not None:
        rng = generator_of(seed)
        for first in range(0, len(rising), inputs):
            rng.shuffle(whose[first : first + inputs])
    return [rising[whose == number] for number in range(inputs)]
