"""Sets of lines that promise a low peak: mutations of the best so far, scored by a p-norm after a few steps.

A set is judged by the p-norm that some steps of L-BFGS reach on it from the phases of its parent, more or less shaken.
At p = 34 that tells good sets from poor ones; at p = 10 it does not: of 13 tones over three decades the set with the
lowest 10-norm ends at a higher peak than the one that was asked for. The sets of a generation go side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf

import numpy as np

from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.objectives.phase_space import Space
from crestfall.engine.solvers.continuation import PATH
from crestfall.engine.solvers.lbfgs import LBFGS
from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.movable_lines import LineRanges
from crestfall.search.lines.line_set import LineSet, mutated
from crestfall.signal.line_sets import SynthesisOfSets, WindowOfSets
from crestfall.signal.synthesis import grid_size, odd_grid_size

_STAGE = replace(PATH[3], samples_per_tone=256)
"""p = 34, and half of the samples of the path: the time is better spent on more sets."""
_STEPS = 30
_MOST_SETS = 32
_MOST_SAMPLES, _MOST_WAVES = 2**19, 2**22
_POOL = 8
_SHAKES = (0.0, 0.1, 0.3, 1.0)
_FRESH = 0.1
"""Share of the sets that begin with random phases."""


class LineSearch:
    """A pool of good sets of lines for one drive.

    Args:
        problem: The problem at the lines that were asked for.
        raster: Distance of the lines [Hz].
        extra: Lines of the tones that stay, after those that may move.
        entropy: What the random choices follow from.
    """

    def __init__(self, problem: CompiledProblem, raster: float, extra: IntArray, entropy: tuple[int, ...]) -> None:
        self._problem, self._raster, self._extra = problem, raster, extra
        self._rng = np.random.default_rng(entropy)
        self._pool: dict[tuple[int, ...], LineSet] = {}

    def offer(self, found: LineSet) -> None:
        """Keep a set if it is better than what the pool has for its lines."""
        known = self._pool.get(found.key)
        if known is None or found.score < known.score:
            self._pool[found.key] = found

    @property
    def sets(self) -> list[LineSet]:
        """The sets of the pool, the best first."""
        return sorted(self._pool.values(), key=lambda one: one.score)

    def begin(self, numbers: IntArray, variables: FloatArray) -> None:
        """Take in a set of lines with good phases, as it is."""
        space = self._space(numbers[None])
        self.offer(LineSet(numbers, variables, float(space.value_and_gradient(variables[None])[0][0])))

    def run(self, ranges: LineRanges, generations: float, stop: Callable[[], bool]) -> None:
        """Improve the pool.

        Args:
            ranges: Where the lines may go.
            generations: How many generations at most.
            stop: Asked before every step; ``True`` ends with what there is.
        """
        number = 0
        while number < generations and not stop():
            self._pool = {one.key: one for one in self.sets[:_POOL]}
            self._generation(ranges, stop)
            number += 1

    def _generation(self, ranges: LineRanges, stop: Callable[[], bool]) -> None:
        parents, rng, count = self.sets, self._rng, self._sets_at_once(ranges)
        numbers, variables = [], []
        for _ in range(count):
            parent = parents[min(int(rng.exponential(_POOL / 3)), len(parents) - 1)]
            numbers.append(mutated(parent.numbers, ranges, rng))
            variables.append(self._shaken(parent.variables))
        lines = np.stack(numbers)
        steps = LBFGS(_STEPS, -inf)  # no tolerance: sets that leave the batch would change its synthesis
        lowered, scores = steps.minimize(self._space(lines), np.stack(variables), stop)
        for line, row, score in zip(lines, lowered, scores.tolist(), strict=True):
            self.offer(LineSet(line.copy(), row.copy(), score))

    def _shaken(self, variables: FloatArray) -> FloatArray:
        """Phases to begin with: the parent's, more or less shaken, or random ones. Amplitudes stay."""
        rng, free = self._rng, self._problem.phase_map.n_free
        begun = variables.copy()
        if rng.random() < _FRESH:
            begun[:free] = rng.uniform(0.0, self._problem.ranges[:free])
        else:
            begun[:free] += rng.choice(_SHAKES) * rng.standard_normal(free)
        return begun

    def _space(self, numbers: IntArray) -> Space:
        """What the solver lowers: a set for each start of a batch."""
        problem, window = self._problem, self._problem.problem.window
        lines = np.hstack([numbers, np.tile(self._extra, (numbers.shape[0], 1))])
        if window is not None:
            times = np.linspace(window.start, window.end, problem.samples_at(_STAGE))
            return problem.space(_STAGE, WindowOfSets(lines * self._raster, times, complex=problem.is_complex))
        if problem.is_complex:
            lines = lines - lines.min(axis=1, keepdims=True)
        return problem.space(_STAGE, SynthesisOfSets(lines, self._samples, complex=problem.is_complex))

    @property
    def _samples(self) -> int:
        """Samples of a period of the raster: enough to see every peak, or as many as so few tones need."""
        frequencies = self._problem.ms.frequencies
        band = np.ptp(frequencies) if self._problem.is_complex else np.max(np.abs(frequencies))
        every_peak = _STAGE.oversampling * float(band) / self._raster
        average = _STAGE.samples_per_tone * self._problem.ms.n
        if every_peak <= average:
            return grid_size(round(float(band) / self._raster), _STAGE.oversampling)
        return odd_grid_size(int(average))

    def _sets_at_once(self, ranges: LineRanges) -> int:
        """Sets of a generation: fewer where each is large."""
        n, window = self._problem.ms.n, self._problem.problem.window
        size = self._samples if window is None else self._problem.samples_at(_STAGE) * n
        most = _MOST_SAMPLES if window is None else _MOST_WAVES
        return int(np.clip(most // (size * self._problem.signals), 2, _MOST_SETS))
