"""Waveforms that are delayed in steps: descents from several starts, and the proof by branch and bound."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from crestfall.certainty.delayed_waveforms import DelayedWaveforms
from crestfall.engine.discrete.delay_search import DelayTree, descend
from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.problem import Problem
from crestfall.search.run import Run, Solution

_STARTS = 16
_ROUNDING = 1e-10
"""More than the differences of values that count as none."""
_NUMBERS = 1e8
"""Numbers that a proof computes where no time is given: some seconds."""
_LEAST_WORK = 2**14
"""Numbers that take as long as what has to be done for each branch."""
_OPTIONS = frozenset({"starts", "time_limit", "seed", "target", "stall_limit", "workers", "use_atlas", "closed_forms"})


@dataclass(frozen=True)
class DelaysInSteps:
    """Delays in whole steps of the period (see ``Delays``): the least peak, with its proof where time allows.

    Each descent moves one delay after the other to its best place. Branch and bound then looks at all delays, those
    left out that cannot be better. One process does it all.

    Example:
        >>> from crestfall import Problem, Pulse, Shapes, minimize_peak
        >>> stages = Shapes([Pulse(0.25, 2.0), Pulse(0.5, 1.0)])
        >>> minimize_peak(stages.problem(), method=DelaysInSteps()).status
        'global optimum: all delays in steps of 1/64 of the period'
    """

    name: str = field(default="delays", init=False)
    options: frozenset[str] = field(default=_OPTIONS, init=False, repr=False)
    abilities: frozenset[str] = field(default=frozenset(), init=False, repr=False)

    def refusal(self, problem: Problem) -> str | None:
        """It takes every problem with delays in steps."""
        return "its delays are not in steps; give Delays(…, steps=…)" if problem.delay_steps is None else None

    def run(self, run: Run) -> Solution:
        """Search until the best is proven, or the budget is spent."""
        sums, steps = DelayedWaveforms.of(run.problem.problem), run.problem.problem.delay_steps
        search = _Search(run, sums)
        search.descents()
        tree = DelayTree(sums, search.best)
        most = _NUMBERS if run.effort.is_open or run.effort.starts is not None else np.inf
        work = max(sums.held.size * int(np.max(sums.counts)), _LEAST_WORK)

        def stop() -> bool:
            run.report("branch and bound")
            return run.spent() or tree.nodes * work > most

        tree.run(stop, search.offer)
        problem = run.problem.problem
        least = tree.lower * (1.0 - _ROUNDING)
        of_drive = problem.measure in ("peak", "range", "one-sided") and not problem.multisine.complex
        is_of_drive = of_drive and not problem.outputs and least > 0.0
        return run.solution(
            "delays in steps",
            status=self._status(run, tree, steps or 1),
            seed=run.effort.seed,
            proven_peak_bound=least if is_of_drive else None,
        )

    def _status(self, run: Run, tree: DelayTree, steps: int) -> str:
        each = f"delays in steps of 1/{steps} of the period"
        if tree.is_proven:
            return f"global optimum: all {each}"
        below = 100.0 * (1.0 - tree.lower / tree.best) if tree.best > 0.0 else np.inf
        missing = run.budget.reason or "a time limit lets it go on"
        far = f"none of the {each} is more than {below:.2g} % lower" if below <= 100.0 else f"of all {each}"
        return f"not proven: {far}; {tree.nodes} branches looked at, {missing}"


class _Search:
    """What is best so far, in steps, and where it is offered."""

    def __init__(self, run: Run, sums: DelayedWaveforms) -> None:
        self.run, self.sums, self.best = run, sums, np.inf

    def offer(self, value: float, delays: IntArray) -> None:
        """Offer delays whose sum has this measure."""
        if value < self.best:
            self.best = value
            variables = self.sums.variables(delays)
            self.run.offer(self.run.problem.value(variables), variables)

    def descents(self) -> None:
        """Descents from no delay, from equal spacing, and from random delays."""
        run, sums = self.run, self.sums
        run.total = run.effort.starts or _STARTS
        lowest = sums.bound()
        for number in range(run.total):
            start = self._start(number)
            if number == 0:
                self.offer(float(sums.measured(sums.sum_at(start))), start)
            if run.spent() or self.best <= lowest * (1.0 + 1e-9):
                break
            delays = descend(sums, start, run.spent)
            self.offer(float(sums.measured(sums.sum_at(delays))), delays)
            run.done += 1
            run.report("descents")

    def _start(self, number: int) -> IntArray:
        """``(groups,)`` delays that a descent begins with."""
        counts = self.sums.counts
        if number == 0:
            begin: FloatArray | None = self.run.begin
            return np.zeros(len(counts), dtype=np.int64) if begin is None else self.sums.delays(begin)
        if number == 1:
            return (np.arange(len(counts)) * counts // len(counts)) % counts
        return np.random.default_rng([self.run.effort.seed, number]).integers(counts)
