"""A search that is running: its budget, the best so far, and its reports. Every method offers what it finds here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from crestfall.certainty.moments import BoundProof
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.problem.arrays import FloatArray
from crestfall.search.budget import INTERRUPTED, Budget, Progress, ProgressCallback
from crestfall.search.effort import Effort
from crestfall.search.known_bound import KnownBound
from crestfall.search.link import SearchLink

_BY_CALLBACK = "stopped by the progress callback"


@dataclass(frozen=True, eq=False)
class Solution:
    """What a method has found for a problem of one drive.

    Attributes:
        variables: ``(m,)`` variables of the compiled problem [rad].
        method: What found them, in a few words.
        starts: Number of starts tried.
        status: What is proven about them, in words; ``None`` where their certificate says it.
        seed: Seed of the random starts, or ``None`` if nothing was random.
        history: ``(seconds, figure of merit)`` at each improvement.
        proven_peak_bound: Peak that was proved to be one that no phases can beat.
        proven_by: What proved it; by default branch and bound.
        bound_proof: Its proof in integers, where moments proved it.
        bound_is_stated: Whether only a file says so (see ``Design.bound_is_stated``).
        moment_steps: Steps of a proof by moments that were taken to their end (see ``Design.moment_steps``).
    """

    variables: FloatArray
    method: str
    starts: int = 0
    status: str | None = None
    seed: int | None = None
    history: tuple[tuple[float, float], ...] = ()
    proven_peak_bound: float | None = None
    proven_by: str | None = None
    bound_proof: BoundProof | None = None
    bound_is_stated: bool = False
    moment_steps: tuple[str, ...] = ()


class Run:
    """The state that all methods share: the budget, the best so far, progress, target and history.

    Args:
        problem: What is minimised.
        effort: How hard to try.
        budget: When to stop; several runs may share one.
        progress: Called at every step.
        whole: What to report in place of the phases of this run (see ``Progress.best_phases``).
    """

    def __init__(
        self,
        problem: CompiledProblem,
        effort: Effort,
        budget: Budget,
        progress: ProgressCallback | None = None,
        whole: Callable[[Progress], Progress] | None = None,
    ) -> None:
        self.problem, self.effort, self.budget = problem, effort, budget
        self._progress, self._whole = progress, whole
        self.done = 0
        self.total = effort.starts
        self.begin: FloatArray | None = None
        self.known_bounds: tuple[KnownBound, ...] = ()
        self.best: FloatArray = problem.nearest(np.zeros(problem.ms.n))
        self.best_value = float("inf")
        self._steps: list[tuple[float, float]] = []  # seconds, value
        self._stage = "begin"

    def begin_with(self, variables: FloatArray) -> None:
        """Know a good design before the search begins: its answer is no worse."""
        self.begin = variables
        self.offer(self.problem.value(variables), variables)

    def spent(self) -> bool:
        """Whether the search has to finish now; to be asked often."""
        return self.budget.spent()

    def offer(self, value: float, variables: FloatArray) -> bool:
        """Keep the variables if nothing better is known; whether they were better.

        Args:
            value: What is minimised there, certified (see ``CompiledProblem.value``).
            variables: ``(m,)`` variables [rad].
        """
        if not value < self.best_value:
            return False
        self.best, self.best_value = variables, value
        if not self._steps or value < self._steps[-1][1]:
            self._steps.append((self.budget.elapsed, value))
        self.budget.improved()
        if self.effort.target is not None and self.best_figure <= self.effort.target:
            self.budget.end("target reached")
        self.report(self._stage)
        return True

    def go_back_to(self, value: float, variables: FloatArray, lowest: float) -> None:
        """Return to an earlier best; the history keeps the steps down to ``lowest``."""
        self.best_value, self.best = value, variables
        self._steps = [step for step in self._steps if step[1] >= lowest]

    @property
    def link(self) -> SearchLink:
        """What tasks that are run here ask and tell."""
        return SearchLink(self.spent, self.report, lambda: self.best_value, self.offer)

    @property
    def best_figure(self) -> float:
        """Figure of merit of the best so far."""
        return self.problem.problem.figure_of(self.best_value)

    @property
    def history(self) -> tuple[tuple[float, float], ...]:
        """Seconds, and the best figure of merit from then on."""
        return tuple((seconds, self.problem.problem.figure_of(value)) for seconds, value in self._steps)

    @property
    def ended(self) -> str:
        """How the search ended, in words."""
        starts = f"{self.done} {'start' if self.done == 1 else 'starts'}"
        if self.budget.reason is None:
            return f"best of {starts}"
        return f"{self.budget.reason} after {starts}" if self.done else f"{self.budget.reason} in the first start"

    def report(self, stage: str) -> None:
        """Call the progress callback; it may end the search."""
        self._stage = stage
        # Whoever has ended the search is not asked again: a second Ctrl-C, for instance, would abort the program.
        if self._progress is None or (self.budget.spent() and self.budget.reason in (INTERRUPTED, _BY_CALLBACK)):
            return
        problem, known = self.problem, np.isfinite(self.best_value)
        report = Progress(
            best=self.best_figure,
            starts_done=self.done,
            starts_total=self.total,
            elapsed_s=self.budget.elapsed,
            time_left_s=self.budget.time_left,
            stage=stage,
            best_phases=np.mod(problem.phases(self.best), 2.0 * np.pi) if known else None,
            best_amplitudes=problem.tones(self.best).amplitudes if known and problem.freedom is not None else None,
            figure=problem.problem.figure,
        )
        try:
            self._progress(report if self._whole is None else self._whole(report))
        except StopIteration:
            self.budget.end_all(_BY_CALLBACK)

    def solution(self, method: str, **known: Any) -> Solution:
        """The best so far as a solution."""
        return replace(Solution(self.best, method, self.done, history=self.history), **known)
