"""Iterated local search: change single letters as long as that helps, then several at random, and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from crestfall.engine.discrete.words import Alphabet
from crestfall.problem.arrays import FloatArray, IntArray

_EXPONENT = 24
"""Of the norm that is lowered: the plain maximum is flat, as most changes leave it where it is."""
_UNLUCKY = 60
"""Kicks without a better word after which the search begins again from a random word."""


def descend(alphabet: Alphabet, word: IntArray) -> IntArray:
    """Change one letter at a time, the one that lowers the norm most, until none does."""
    word = word.copy()
    samples = alphabet.samples(word)
    value = float(_norms(alphabet, samples[None])[0])
    while True:
        tone, letter, lower = _best_change(alphabet, word, samples)
        if not lower < value * (1.0 - 1e-12):
            return word
        samples = samples + (alphabet.letters[letter] - alphabet.letters[word[tone]]) * alphabet.tones[tone]
        word[tone], value = letter, lower


def wander(
    alphabet: Alphabet, starts: list[IntArray], rng: np.random.Generator, stop: Callable[[], bool]
) -> Iterator[tuple[IntArray, float]]:
    """Words and their sampled peaks, one after each descent, without end until stopped."""
    queue = list(starts)
    while not stop():
        here = descend(alphabet, queue.pop(0) if queue else rng.integers(0, alphabet.levels, alphabet.n))
        height = _sampled_peak(alphabet, here)
        yield here, height
        unlucky = 0
        while unlucky < _UNLUCKY and not stop():
            kicked = here.copy()
            most = max(3, alphabet.n // 4 + 1)
            which = rng.choice(alphabet.n, min(int(rng.integers(2, most)), alphabet.n), replace=False)
            kicked[which] = rng.integers(0, alphabet.levels, len(which))
            there = descend(alphabet, kicked)
            found = _sampled_peak(alphabet, there)
            unlucky += 1
            if found <= height:
                unlucky = 0 if found < height else unlucky
                here, height = there, found
            yield there, found


def _sampled_peak(alphabet: Alphabet, word: IntArray) -> float:
    return float(alphabet.magnitudes(alphabet.samples(word)).max()) * alphabet.ms.amplitude_scale


def _norms(alphabet: Alphabet, samples: NDArray[np.complex128]) -> FloatArray:
    magnitudes = alphabet.magnitudes(samples)
    highest = magnitudes.max(axis=-1, keepdims=True)
    mean = np.mean((magnitudes / np.maximum(highest, 1e-300)) ** _EXPONENT, axis=-1)
    return np.asarray(highest[..., 0] * mean ** (1.0 / _EXPONENT))


def _best_change(alphabet: Alphabet, word: IntArray, samples: NDArray[np.complex128]) -> tuple[int, int, float]:
    """Tone, its new letter and the norm of the best single change."""
    best = (0, 0, np.inf)
    tones = np.arange(len(word))
    for turn in range(1, alphabet.levels):
        letters = (word + turn) % alphabet.levels
        steps = alphabet.letters[letters] - alphabet.letters[word]
        norms = _norms(alphabet, samples + steps[:, None] * alphabet.tones)
        k = int(np.argmin(norms))
        if norms[k] < best[2]:
            best = (int(tones[k]), int(letters[k]), float(norms[k]))
    return best
