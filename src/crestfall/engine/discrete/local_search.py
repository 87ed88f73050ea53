"""Iterated local search: change single symbols as long as that helps, then several at random, and again.

A search is a number of independent chains. Each can be interrupted after any change and goes on, here or in another
process, as if nothing had happened: what it does is a function of its seed and its start alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from crestfall.engine.discrete.sequences import Sequences, Stop, StoppedError
from crestfall.problem.arrays import FloatArray, IntArray

_ENOUGH = 2**20
"""Numbers computed after which the best change so far is taken, if one helps; small problems look at all changes."""
_UNLUCKY = 60
"""Kicks without a better sequence after which a chain begins again from a random one."""
_TOLERANCE = 1e-12
_TINY = 1e-300


@dataclass(eq=False)
class Descent:
    """A descent that changes one symbol at a time: first it lowers the norm, and then the height itself.

    Attributes:
        symbols: ``(n,)`` where it is.
        place: Group from which the search for the next change begins.
        by_height: Whether no single change lowers the norm any more, and the height is what is lowered now.
        has_ended: Whether no single change lowers the height, either.
        unit: About the largest magnitude at the beginning: norms are comparable in one unit only.
    """

    symbols: IntArray
    place: int = 0
    by_height: bool = False
    has_ended: bool = False
    unit: float = 0.0

    def run(self, sequences: Sequences, stop: Stop, pause: Stop | None = None) -> None:
        """Change symbols until that helps no more.

        Args:
            sequences: The sequences and their samples.
            stop: Asked every few milliseconds; ``True`` ends the search for the next change.
            pause: Asked after each change; ``True`` ends for now.
        """
        try:
            if not self.unit:
                self.unit = max(float(np.max(np.abs(sequences.samples(self.symbols, stop)))), _TINY)
            while not self.has_ended and not stop():
                unit = None if self.by_height else self.unit
                change = _helpful_change(sequences, self.symbols, self.place, unit, stop)
                if change is not None:
                    group, symbol, self.place = change
                    self.symbols = self.symbols.copy()
                    self.symbols[group] = symbol
                else:
                    self.has_ended, self.by_height = self.by_height, True
                if pause is not None and pause():
                    return
        except StoppedError:
            return


def _helpful_change(
    sequences: Sequences, symbols: IntArray, place: int, unit: float | None, stop: Stop
) -> tuple[int, int, int] | None:
    """Group, its new symbol, and where to go on, of the best single change among the first that are looked at.

    What is lowered is the norm in a unit, or without one the height.
    """
    samples = sequences.samples(symbols, stop)

    def size(rows: FloatArray) -> FloatArray:
        return sequences.height(rows) if unit is None else sequences.norms(rows, unit)

    now = float(size(samples[None].copy())[0])
    best, computed, seen = (now - _TOLERANCE * abs(now), -1, -1), 0, 0
    while seen < sequences.n:
        part = slice(place, min(place + sequences.block, sequences.n, place + sequences.n - seen))
        best = min(best, _best_of(sequences, symbols, samples, part, size, stop), key=lambda change: change[0])
        width = part.stop - part.start
        seen, place = seen + width, part.stop % sequences.n
        computed += width * len(sequences.steps) * sequences.size
        if computed >= _ENOUGH and best[1] >= 0:
            break
    return None if best[1] < 0 else (best[1], best[2], place)


def _best_of(
    sequences: Sequences,
    symbols: IntArray,
    samples: FloatArray,
    part: slice,
    size: Callable[[FloatArray], FloatArray],
    stop: Stop,
) -> tuple[float, int, int]:
    """Size, group and new symbol of the best change of one of some groups."""
    rows = sequences.rows(part, stop)
    best = (np.inf, -1, -1)
    for steps in sequences.steps_at_once(part.stop - part.start):
        if stop():
            raise StoppedError
        sizes = size(sequences.changed(symbols, samples, part, steps, rows))
        which, k = np.unravel_index(np.argmin(sizes), sizes.shape)
        if sizes[which, k] < best[0]:
            group = part.start + int(k)
            best = (float(sizes[which, k]), group, int((symbols[group] + steps[which, 0]) % sequences.levels))
    return best


@dataclass(eq=False)
class Chain:
    """Descents one after the other, each from a kick of the best sequence that the last ones have found.

    Attributes:
        rng: The source of all its random numbers.
        start: Where it begins; random without.
        here: ``(n,)`` best sequence since it last began again.
        height: Its sampled height.
        unlucky: Kicks since then that found nothing better.
        descent: The descent that is under way.
    """

    rng: np.random.Generator
    start: IntArray | None = None
    here: IntArray | None = None
    height: float = np.inf
    unlucky: int = 0
    descent: Descent | None = None

    def advance(
        self,
        sequences: Sequences,
        descents: int,
        stop: Stop,
        pause: Stop | None = None,
    ) -> list[tuple[IntArray, float]]:
        """Finish some more descents.

        Args:
            sequences: The sequences and their samples.
            descents: How many.
            stop: Asked every few milliseconds; ``True`` ends at once.
            pause: Asked after each change of a symbol; ``True`` ends for now.

        Returns:
            The sequences at the ends of the descents, and their sampled heights.
        """
        found = []
        for _ in range(descents):
            if self.descent is None:
                self.descent = Descent(self._next_start(sequences))
            self.descent.run(sequences, stop, pause)
            if not self.descent.has_ended:
                break
            there = self.descent.symbols
            try:
                height = float(sequences.height(sequences.samples(there, stop)))
            except StoppedError:
                break
            self.descent = None
            self._note(there, height)
            found.append((there, height))
            if pause is not None and pause():
                break
        return found

    def _next_start(self, sequences: Sequences) -> IntArray:
        n, levels = sequences.n, sequences.levels
        if self.here is None or self.unlucky >= _UNLUCKY:
            self.here, self.height, self.unlucky = None, np.inf, 0
            first, self.start = self.start, None
            return self.rng.integers(0, levels, n) if first is None else first
        kicked = self.here.copy()
        most = max(3, n // 4 + 1)
        which = self.rng.choice(n, min(int(self.rng.integers(2, most)), n), replace=False)
        kicked[which] = self.rng.integers(0, levels, len(which))
        return kicked

    def _note(self, there: IntArray, height: float) -> None:
        began = self.here is None
        self.unlucky = 0 if began or height < self.height else self.unlucky + 1
        if height <= self.height:
            self.here, self.height = there, height
