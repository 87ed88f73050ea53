"""All words, and the proof that goes with having seen them: the true peak is never below a sampled one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from crestfall.certainty.measures import true_peak
from crestfall.engine.discrete.words import Alphabet
from crestfall.problem.arrays import IntArray

MOST_SAMPLES = 2**28
"""Words times samples up to which all words are tried: some seconds."""
_AT_ONCE = 2**22


def best_of_all(alphabet: Alphabet, stop: Callable[[], bool]) -> tuple[IntArray, float] | None:
    """The word with the lowest true peak, and that peak; ``None`` if stopped before the end.

    Words are screened by their sampled peak. One whose sampled peak is above the lowest true peak so far cannot win.
    """
    n, levels, total = alphabet.n, alphabet.levels, alphabet.words
    chunk = max(1, _AT_ONCE // alphabet.tones.shape[1])
    place = levels ** np.arange(n - 1, -1, -1, dtype=np.int64)
    best = np.zeros(n, dtype=np.int64)
    least = true_peak(alphabet.ms, alphabet.phases(best))
    scale = alphabet.ms.amplitude_scale
    for first in range(0, total, chunk):
        if stop():
            return None
        words = np.arange(first, min(first + chunk, total))[:, None] // place % levels
        sampled = scale * alphabet.magnitudes(alphabet.samples(words)).max(axis=-1)
        for k in np.argsort(sampled, kind="stable"):
            if sampled[k] > least * (1.0 + 1e-12):
                break
            peak = true_peak(alphabet.ms, alphabet.phases(words[k]))
            if peak < least:
                best, least = words[k], peak
    return best, least
