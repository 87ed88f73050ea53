"""Lines that may move: the reduction of ``Problem.lines`` to problems whose lines are fixed.

The lines that were asked for are searched first, as without a tolerance. Then the tolerance grows in steps. At each
step sets of lines are scored (see ``line_search``), beginning with the best design so far, and the most promising one
is searched as every problem is. So the answer is no worse than that of the lines that were asked for; and twice a
tolerance begins with the steps of the tolerance itself, so that for one number of starts it ends no higher.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from crestfall.design.design import Design
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.division import Part, divided
from crestfall.problem.movable_lines import LineRanges
from crestfall.problem.problem import Problem
from crestfall.search.budget import Budget, Progress, ProgressCallback
from crestfall.search.effort import Effort
from crestfall.search.lines.line_search import LineSearch
from crestfall.search.lines.lines_report import LinesReport
from crestfall.search.method import Method
from crestfall.search.run import Run, Solution
from crestfall.search.solve_part import effort_for, run_of, share_of, solved

_MOST_STEPS = 8
"""The tolerance is halved so often at most; a line or two remain of most."""
_GENERATIONS = 8
_SEARCHED = 1
"""Sets of each step that are searched. More generations are worth more than a second set."""
_FIRST, _SCORES = 4, 2
"""One part in so many of the time goes to the lines that were asked for, and of each step's time to the scores."""


@dataclass(frozen=True, eq=False)
class _Answer:
    """What is known for some lines: the whole problem there, the search that found it, and its solution."""

    problem: Problem
    run: Run
    compiled: CompiledProblem
    solution: Solution

    @property
    def figure(self) -> float:
        """Figure of merit."""
        return self.run.best_figure


@dataclass(frozen=True, eq=False)
class _Lines:
    """The part whose lines are chosen.

    Attributes:
        number: Number of the part.
        which: ``(m,)`` indices of its tones that may move.
        ranges: Where those may be.
        budget: Its budget.
        report: What its searches report to.
    """

    number: int
    which: IntArray
    ranges: LineRanges
    budget: Budget
    report: LinesReport


class LineChoice:
    """The lines of a problem, chosen part by part: tones keep clear of those of the other parts.

    Args:
        asked: The problem.
        method: What searches once the lines are fixed.
        effort: How hard, for each set of lines that is searched.
        progress: Called with reports.
        begin: A design to begin with, at the lines where the tones are.

    Attributes:
        problem: The problem at the lines that are chosen by now.
    """

    def __init__(
        self, asked: Problem, method: Method, effort: Effort, progress: ProgressCallback | None, begin: Design | None
    ) -> None:
        self.problem = asked
        self._method, self._effort, self._progress, self._begin = method, effort, progress, begin

    def solve(
        self, number: int, budget: Budget, whole: Callable[[Progress], Progress] | None = None
    ) -> tuple[CompiledProblem, Solution]:
        """Choose the lines and the phases of one part.

        Args:
            number: Number of the part.
            budget: Its budget.
            whole: What makes a report about the whole problem of one about the part.
        """
        part, all_ranges = _parts(self.problem)[number], self.problem.line_ranges
        assert all_ranges is not None
        indices = np.arange(self.problem.tones.n)[part.where]
        which = indices[indices < self.problem.multisine.n]
        lines = _Lines(number, which, all_ranges.of(which), budget, LinesReport(budget, whole))
        answers = [self._searched(lines, self.problem, share_of(budget, _FIRST, self._effort.stall_limit))]
        if lines.ranges.may_move and part.problem.tones.n > 1:
            self._grow(lines, answers)
        best = min(answers, key=lambda answer: answer.figure)
        self.problem = best.problem
        return best.compiled, _solution(answers, best)

    def _grow(self, lines: _Lines, answers: list[_Answer]) -> None:
        """Search promising sets of lines within a growing tolerance."""
        first, ranges = answers[0], lines.ranges
        extra = first.run.problem.ms.frequencies[ranges.now.size :] / ranges.raster
        entropy = (first.run.effort.seed, lines.number)
        search = LineSearch(first.run.problem, ranges.raster, np.rint(extra).astype(np.int64), entropy)
        search.begin(ranges.now, first.run.best)
        searched, steps = {tuple(ranges.now.tolist())}, _steps(ranges)
        for place, within in enumerate(steps):
            step = share_of(lines.budget, len(steps) - place, None)
            scoring = share_of(step, _SCORES, None)
            if _is_enough(answers, scoring):
                return
            answers[-1].run.report("lines")
            search.run(within, self._generations, scoring.spent)
            for left in range(_SEARCHED, 0, -1):
                new = next((one for one in search.sets if one.key not in searched), None)
                if new is None or _is_enough(answers, step):
                    break
                searched.add(new.key)
                problem = _at_lines(self.problem, lines.which, new.numbers)
                own = share_of(step, left, self._effort.stall_limit)
                answers.append(self._searched(lines, problem, own, new.variables))
                search.begin(new.numbers, answers[-1].run.best)

    @property
    def _generations(self) -> float:
        """Generations of each step: no more than starts, and without end where the time ends them."""
        starts, seconds = self._effort.starts, self._effort.time_limit
        return inf if starts is None and seconds is not None else min(starts or _GENERATIONS, _GENERATIONS)

    def _searched(
        self, lines: _Lines, problem: Problem, budget: Budget, variables: FloatArray | None = None
    ) -> _Answer:
        """The search of a part at some lines, from the variables that are known there."""
        part = _parts(problem)[lines.number]
        begin = self._begin if variables is None else None
        whole = lines.report.about(part.problem.tones)
        run = run_of(part, effort_for(self._effort, part), budget, self._progress, begin, whole)
        if variables is not None:
            run.begin_with(variables)
        return _Answer(problem, run, *solved(part, run, self._method))


def _parts(problem: Problem) -> list[Part]:
    """The problems of one drive, at the lines where the tones are."""
    return divided(replace(problem, lines=None))


def _at_lines(problem: Problem, which: IntArray, numbers: IntArray) -> Problem:
    assert problem.line_ranges is not None
    return replace(problem, multisine=problem.line_ranges.tones(problem.multisine, which, numbers))


def _steps(ranges: LineRanges) -> list[LineRanges]:
    """The ranges within the tolerance and its halves, the smallest first: twice the tolerance begins with the same."""
    found: list[LineRanges] = [ranges]
    for power in range(1, _MOST_STEPS):
        within = ranges.within(0.5**power)
        if np.array_equal((within.low, within.high), (found[0].low, found[0].high)):
            break
        found.insert(0, within)
    return found


def _is_enough(answers: list[_Answer], budget: Budget) -> bool:
    """Whether the time is over, or the target reached."""
    target = answers[0].run.effort.target
    return budget.spent() or (target is not None and min(answer.figure for answer in answers) <= target)


def _solution(answers: list[_Answer], best: _Answer) -> Solution:
    """The best solution, with the starts and the history of all searches."""
    history: list[tuple[float, float]] = []
    for step in sorted(step for answer in answers for step in answer.run.history):
        if not history or step[1] < history[-1][1]:
            history.append(step)
    starts = sum(answer.solution.starts for answer in answers)
    sets = f"{len(answers)} set{'s' * (len(answers) > 1)} of lines"
    method = f"{best.solution.method}, for the best of {sets}"
    return replace(best.solution, method=method, starts=starts, history=tuple(history))
