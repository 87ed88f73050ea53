"""Sequences near given phases: shifts in time and common rotations keep the peak, but round differently."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import numpy as np

from crestfall.engine.discrete.sequences import Sequences, Stop, StoppedError
from crestfall.problem.arrays import FloatArray, IntArray

_SHIFTS, _FEWEST_SHIFTS = 64, 4
_NUMBERS = 2**27
"""About how many numbers are computed before the search begins."""


def best_rounded(
    sequences: Sequences, phases: Iterable[FloatArray], seed: int, count: int, stop: Stop
) -> list[IntArray]:
    """The best sequences near the given phases by their sampled heights, the best first.

    Args:
        sequences: The sequences and their samples.
        phases: Each ``(n,)`` phases [rad] of all tones.
        seed: Seed of the rotations.
        count: How many sequences to return, at most.
        stop: Asked every few milliseconds; ``True`` ends with what there is.

    Example:
        >>> from crestfall.problem.constraints import Alphabet
        >>> from crestfall.problem.multisine import Multisine
        >>> from crestfall.problem.problem import Problem
        >>> sequences = Sequences(Problem(Multisine([1.0, 2.0]), phases=[Alphabet(4)]))
        >>> best = best_rounded(sequences, [np.zeros(2)], seed=0, count=1, stop=lambda: False)
        >>> round(float(sequences.height(sequences.samples(best[0]))), 3)
        1.707
    """
    known: dict[bytes, tuple[float, IntArray]] = {}
    guides = list(phases)
    work = max(1, sequences.n * sequences.size * len(guides))
    shifts = int(np.clip(_NUMBERS // work, _FEWEST_SHIFTS, _SHIFTS))
    near = zip(*(_variants(sequences, each, seed, shifts) for each in guides), strict=True)
    for each in chain.from_iterable(near):
        if stop():
            break
        symbols = sequences.rounded(each)
        try:
            if symbols.tobytes() not in known:
                known[symbols.tobytes()] = (float(sequences.height(sequences.samples(symbols, stop))), symbols)
        except StoppedError:
            break
    ordered = sorted(known.values(), key=lambda one: one[0])
    return [symbols for _, symbols in ordered[:count]]


def _variants(sequences: Sequences, phases: FloatArray, seed: int, shifts: int) -> FloatArray:
    """``(shifts, n)`` phases, the first as they are. Held and linked tones cannot be shifted."""
    ms, problem = sequences.tones, sequences.problem
    if problem.constraints:
        return np.asarray(phases)[None]
    repeated = np.repeat(np.asarray(phases)[None], shifts, axis=0)
    if sequences.is_complex:
        rotations = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, shifts)
        rotations[0] = 0.0
        repeated += rotations[:, None]
    if problem.window is None:
        repeated += np.linspace(0.0, 2.0 * np.pi, shifts, endpoint=False)[:, None] * ms.harmonic_numbers
    return repeated
