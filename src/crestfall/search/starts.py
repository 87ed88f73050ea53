"""Where searches begin: the phases that the tones came with, the closed forms, and then random phases without end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from crestfall.engine.closed_form import schroeder
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.discrete.sequences import Sequences
from crestfall.problem.arrays import FloatArray
from crestfall.problem.problem import Problem
from crestfall.search.effort import Effort
from crestfall.signal.window_signal import schroeder_in_window

_DEFAULT_SAMPLES = 2**16
_TONES_FOR_ONE_START = 2**15


class Starts:
    """Starts number 0, 1, 2, …: each is a function of the seed and its number alone.

    Whoever computes which start, in which order and on how many workers, start number ``k`` is therefore the same.

    With very many tones Schroeder's phases start badly: the path from them ends at a sweep, that from random phases at
    something like noise, as low and at the same cost.

    Args:
        problem: The problem.
        seed: Seed of the random starts.
        closed_forms: Whether Schroeder's phases are one of the starts.

    Attributes:
        at_once: ``(m,)`` variables [rad] of what needs no search: the phases that the tones came with, closed forms.
        fixed: Those of them that are starts, too.
    """

    def __init__(self, problem: CompiledProblem, seed: int, *, closed_forms: bool = True) -> None:
        self._ranges = problem.ranges
        self._seed = seed
        ms = problem.ms
        self.fixed = [] if ms.initial_phases is None else [problem.nearest(ms.initial_phases)]
        self.at_once = list(self.fixed)
        if closed_forms:
            window = problem.problem.window
            self.at_once.append(problem.nearest(schroeder(ms) if window is None else schroeder_in_window(ms, window)))
            if ms.n <= _TONES_FOR_ONE_START:
                self.fixed = self.at_once

    def __getitem__(self, number: int) -> FloatArray:
        if number < len(self.fixed):
            return self.fixed[number]
        return np.random.default_rng([self._seed, number]).uniform(0.0, self._ranges)

    def batch(self, first: int, count: int) -> FloatArray:
        """``(count, m)`` starts from number ``first`` on [rad]: variables of the problem's phase map."""
        return np.stack([self[number] for number in range(first, first + count)])


def first_phases(problem: Problem, effort: Effort) -> FloatArray:
    """The phases ``(n,)`` [rad] of the first start; with an alphabet, the nearest sequence.

    Args:
        problem: A problem of one drive.
        effort: Its seed, and whether Schroeder's phases are a start.

    Example:
        >>> from crestfall.problem.constraints import Alphabet
        >>> from crestfall.problem.multisine import Multisine
        >>> phases = first_phases(Problem(Multisine([1.0, 2.0, 3.0]), phases=[Alphabet(2)]), Effort())
        >>> (phases / np.pi).round(9).tolist()
        [0.0, 1.0, 0.0]
    """
    if problem.alphabet is None:
        compiled = CompiledProblem(problem)
        return np.asarray(compiled.phases(Starts(compiled, effort.seed, closed_forms=effort.closed_forms)[0]))
    unrounded = first_phases(replace(problem, phases=()), effort)
    sequences = Sequences(problem)
    return np.asarray(problem.phase_map.phases(sequences.variables(sequences.rounded(unrounded))))


def default_starts(problem: CompiledProblem) -> int:
    """How many starts are worth their time when nothing is said: 512 for few tones, 1 for very many.

    The more tones, the less one start's result differs from another's, and the more it costs.
    """
    if problem.ms.n > _TONES_FOR_ONE_START:
        return 1 if problem.ms.initial_phases is None else 2
    least = int(np.clip(4096 // problem.ms.n, 2, 16))
    return int(np.clip(_DEFAULT_SAMPLES // problem.samples_at(problem.path[0]), least, 512))
