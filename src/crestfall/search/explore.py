"""The search over the many local minima: random starts, then large perturbations of the best designs so far.

A round is a fixed number of tasks, whatever the number of workers, and each start is a function of the seed, the round
and its place in it. So the same seed and number of starts give the same answer on one core and on many.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from crestfall._types import FloatArray
from crestfall.search.budget import Budget, Progress, ProgressCallback
from crestfall.search.pool import Pool
from crestfall.search.race import heat_size
from crestfall.search.refine import converges, goal_of
from crestfall.search.starts import Starts
from crestfall.search.strategy import SHAKE_AND_REDRAW, Strategy
from crestfall.search.task import Found, Task, run_in_worker, run_task
from crestfall.solvers.continuation import Problem

_TASKS = 4
_SMALLEST_TASK = 32
_SCOUTS, _FEW_SCOUTS = 4, 2
"""Starts that run ahead of all others, here and at once, so that a first good answer does not wait for a round."""


class Search:
    """A running search: the best so far, and what has been spent on it.

    Args:
        problem: The tones and the goal.
        seed: Seed of everything random.
        total: Number of starts, or ``None`` for as many as the budget allows.
        budget: When to stop.
        progress: Told of every step.
        workers: Processes that compute; 1 computes here.
        target: Crest factor at which to stop.
        strategy: Where starts come from once good designs are known.
        closed_forms: Whether Schroeder's phases are one of the starts.
    """

    def __init__(
        self,
        problem: Problem,
        seed: int,
        total: int | None,
        budget: Budget,
        progress: ProgressCallback | None = None,
        workers: int = 1,
        target: float | None = None,
        strategy: Strategy = SHAKE_AND_REDRAW,
        closed_forms: bool = True,
    ) -> None:
        self.problem, self.seed, self.total = problem, seed, total
        self.budget, self.progress, self.workers, self.target = budget, progress, workers, target
        self.starts = Starts(problem, seed, closed_forms=closed_forms)
        self.strategy = strategy
        self.pool = Pool(strategy.pool_size)
        self.done = 0
        self.drawn = 0
        self.best: FloatArray = self.starts[0]
        self.best_goal = self.best_crest_factor = float("inf")
        self.history: list[tuple[float, float]] = []

    def run(self, *known: FloatArray) -> None:
        """Search until the starts or the budget are spent, or the target is reached.

        Args:
            known: ``(m,)`` variables [rad] of good designs to begin with.
        """
        for phases in known:
            goal = goal_of(self.problem, phases)
            self._offer(goal, phases)
            self.pool.offer(goal, phases)
        # Closed forms count as they are: an early stop must not return less than what costs nothing.
        for phases in self.starts.fixed:
            self._offer(goal_of(self.problem, phases), phases)
        self.report("closed forms")
        self._scout()
        unlucky = round_number = 0
        with _executor(self.workers, self.budget.spent, self.report) as run:
            while not self.budget.spent() and (self.total is None or self.done < self.total):
                before = self.pool.goals[0] if self.pool.goals else float("inf")
                tasks = self._round(round_number)
                for found in run(tasks):
                    for goal, phases in zip(found.goals, found.phases, strict=True):
                        self._offer(goal, phases)
                        self.pool.offer(goal, phases)
                if not self.pool.goals:  # stopped before the first answer since the pool was cleared
                    break
                round_number += 1
                self.done += 0 if self.budget.spent() else sum(len(task.starts) for task in tasks)
                unlucky = 0 if self.pool.goals[0] < before else unlucky + 1
                if unlucky >= self.strategy.patience:
                    self.pool.clear()
                    unlucky = 0
                self.budget.end_if_stalled()
                self.report("starts")

    def _scout(self) -> None:
        """A first answer soon."""
        count = min(_SCOUTS, _SCOUTS if self.total is None else self.total)
        if not converges(self.problem):  # many tones: a default search is hardly more than its scouts would be
            count = min(_FEW_SCOUTS, heat_size(self.problem)) if self.total is None else 0
        if self.budget.spent() or not count:
            return
        task = Task(self.problem.ms, self.problem.goal, self.starts.batch(0, count), self.best_goal, False, None)
        found = run_task(task, self.budget.spent, self.report)
        for goal, phases in zip(found.goals, found.phases, strict=True):
            self._offer(goal, phases)
            self.pool.offer(goal, phases)
        self.drawn = count
        self.done += 0 if self.budget.spent() else count
        self.report("starts")

    def _round(self, number: int) -> list[Task]:
        """The tasks of a round: random starts when nothing is known, else perturbations of the pool."""
        batch = heat_size(self.problem)
        left = _TASKS * batch if self.total is None else min(self.total - self.done, _TASKS * batch)
        count = int(np.clip(left // _SMALLEST_TASK, 1, _TASKS))
        sizes = [left // count + (k < left % count) for k in range(count)]
        changes = self.strategy.changes if self.pool.goals and number > 0 else (None,)
        deadline = None if self.budget.time_left is None else time.time() + self.budget.time_left
        tasks = []
        for place, size in enumerate(sizes):
            change = changes[place % len(changes)]
            if change is not None:
                rng = np.random.default_rng([self.seed, number, place])
                starts = change(self.problem.ms, self.pool.phases, size, rng)
            else:
                starts = self.starts.batch(self.drawn, size)
                self.drawn += size
            tasks.append(Task(self.problem.ms, self.problem.goal, starts, self.best_goal, self.total is None, deadline))
        return tasks

    def _offer(self, goal: float, phases: FloatArray) -> None:
        """Keep the phases if nothing better is known."""
        if goal < self.best_goal:
            self.best, self.best_goal = phases, goal
            same = self.problem.goal.is_plain and not self.problem.ms.has_repeated_frequencies
            self.best_crest_factor = goal if same else self.problem.crest_factor(phases)
            self.history.append((self.budget.elapsed, self.best_crest_factor))
            self.budget.improved()
            if self.target is not None and self.best_crest_factor <= self.target:
                self.budget.end("target reached")

    def report(self, stage: str) -> None:
        """Tell the progress callback; it may end the search."""
        if self.progress is None:
            return
        free = self.problem.goal.freedom is not None
        try:
            self.progress(
                Progress(
                    best_crest_factor=self.best_crest_factor,
                    starts_done=self.done,
                    starts_total=self.total,
                    elapsed_s=self.budget.elapsed,
                    time_left_s=self.budget.time_left,
                    stage=stage,
                    best_phases=np.mod(self.problem.phases(self.best), 2.0 * np.pi),
                    best_amplitudes=self.problem.tones(self.best).amplitudes if free else None,
                )
            )
        except StopIteration:
            self.budget.end("stopped by the progress callback")


Runner = Callable[[list[Task]], Iterator[Found]]


class _executor:
    """Runs tasks here, or in processes that joblib keeps; results come in the order of the tasks."""

    def __init__(self, workers: int, stop: Callable[[], bool], tell: Callable[[str], None]) -> None:
        self._workers, self._stop, self._tell = workers, stop, tell
        self._parallel: Any = None

    def __enter__(self) -> Runner:
        if self._workers == 1:
            return self._here
        from joblib import Parallel

        self._parallel = Parallel(n_jobs=self._workers, return_as="generator")
        self._parallel.__enter__()
        return self._in_processes

    def __exit__(self, *error: object) -> None:
        if self._parallel is not None:
            self._parallel.__exit__(None, None, None)

    def _here(self, tasks: list[Task]) -> Iterator[Found]:
        for task in tasks:
            if self._stop():
                return
            yield run_task(task, self._stop, self._tell)

    def _in_processes(self, tasks: list[Task]) -> Iterator[Found]:
        from joblib import delayed

        assert self._parallel is not None
        yield from self._parallel(delayed(run_in_worker)(task) for task in tasks)
