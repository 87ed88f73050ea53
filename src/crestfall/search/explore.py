"""The search over the many local minima: random starts, then large perturbations of the best designs so far.

The number of tasks in a round follows from the number of starts, each start is a function of the seed, the round and
its place in it, and a round is settled (see ``settle``) in a way that does not depend on who did what and when. So the
same seed and number of starts give the same answer on one core, on many, and on a cluster whose workers come and go.
Without a number of starts it is the time that ends the search; rounds then have as many tasks as there are workers.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from crestfall.engine.solvers.continuation import Problem
from crestfall.problem.arrays import FloatArray
from crestfall.search.budget import Budget, Progress, ProgressCallback
from crestfall.search.draw import Changed, Draw, Fresh
from crestfall.search.executors import Executor, WorkersLostError, executor_for
from crestfall.search.pool import Pool
from crestfall.search.race import heat_size
from crestfall.search.refine import Candidate, converges, goal_of, refined
from crestfall.search.settle import Gains, settle
from crestfall.search.starts import Starts
from crestfall.search.strategy import SHAKE_AND_REDRAW, Strategy
from crestfall.search.task import Found, Task, run_task
from crestfall.signal.backend import backend_of

_FEWEST_TASKS, _MOST_TASKS = 4, 1024
_SMALLEST_TASK = 32
_ROUNDS = 32
"""A large number of starts is spent in about as many rounds: enough generations, and tasks for many workers in each."""
_WIDE = 8
"""Rounds on a GPU are so many times larger: 8192 starts at once with few tones."""
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
        device: Where PyTorch computes the path (see ``backend_of``); ``None`` for NumPy.
        dtype: Precision there.
        largest_batch: Starts that there is memory for at once.
        closed_forms: Whether Schroeder's phases are one of the starts.
        client: ``distributed.Client`` whose workers compute instead, or ``None``.
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
        device: str | None = None,
        dtype: str = "float64",
        largest_batch: int = 2**30,
        closed_forms: bool = True,
        client: Any = None,
    ) -> None:
        self.problem, self.seed, self.total = problem, seed, total
        self.budget, self.progress, self.workers, self.target = budget, progress, workers, target
        self.device, self.dtype, self.largest_batch = device, dtype, largest_batch
        self._fewest_tasks = _FEWEST_TASKS * (_WIDE if backend_of(device, dtype).is_gpu else 1)
        self.starts = Starts(problem, seed, closed_forms=closed_forms)
        self.closed_forms = closed_forms
        self.strategy, self.client = strategy, client
        self.gains = Gains()
        self.pool = Pool(strategy.pool_size)
        self.done = 0
        self.drawn = 0
        self.best: FloatArray = self.starts[0]
        self.best_goal = self.best_crest_factor = float("inf")
        self._steps: list[tuple[float, float, float]] = []  # seconds, goal, crest factor

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
        unlucky = number = 0
        with self._executor() as run:
            while not self.budget.spent() and (self.total is None or self.done < self.total):
                before = self.pool.goals[0] if self.pool.goals else float("inf")
                try:
                    self._search_round(run, number)
                except WorkersLostError as error:
                    self.budget.end(str(error))
                if not self.pool.goals:  # stopped before the first answer since the pool was cleared
                    break
                number += 1
                unlucky = 0 if self.pool.goals[0] < before else unlucky + 1
                if unlucky >= self.strategy.patience:
                    self.pool.clear()
                    unlucky = 0
                self.budget.end_if_stalled()

    def _executor(self) -> Executor:
        batch = None if self.device is None else self.largest_batch
        return executor_for(self.workers, self.client, self.budget.spent, self.report, device_batch=batch)

    def _scout(self) -> None:
        """A first answer soon."""
        count = min(_SCOUTS, _SCOUTS if self.total is None else self.total)
        if not converges(self.problem):  # many tones: a default search is hardly more than its scouts would be
            count = min(_FEW_SCOUTS, self._heat_size) if self.total is None else 0
        count = min(count, self.largest_batch)
        if self.budget.spent() or not count:
            return
        task = self._task(Fresh(self.seed, 0, count, self.closed_forms), thorough=False)
        found = run_task(task, self.budget.spent, self.report)
        self.drawn = count
        self._count(task)
        self._settle(found.candidates, task)
        self.report("starts")

    def _search_round(self, run: Executor, number: int) -> None:
        """One round: what a task has found counts for the best at once, for the search when all are done."""
        before = self.best_goal, self.best_crest_factor, self.best
        tasks = self._round(number, run.width)
        arrived: dict[int, Found] = {}
        for place, found in run.run(tasks):
            arrived[place] = found
            for candidate in found.candidates:
                self._offer(*candidate.best)
            run.share(self.best_goal)
            self._count(tasks[place])
            if len(arrived) < len(tasks):
                self.report("starts")
        if len(arrived) == len(tasks) and not self.budget.spent():
            self.best_goal, self.best_crest_factor, self.best = before
            in_order = [candidate for place in sorted(arrived) for candidate in arrived[place].candidates]
            self._settle(in_order, tasks[0])
        self.report("starts")

    def _settle(self, candidates: list[Candidate], task: Task) -> None:
        """Take the outcome of a round, which is the same whoever computed it."""

        def refine_here(candidate: Candidate) -> Candidate:
            return refined(self.problem, candidate, self.budget.spent, thorough=task.thorough)

        settled = settle(candidates, task.bar, task.worth, refine_here)
        self.gains.add(candidate.gain for candidate in settled if candidate.refined_goal is not None)
        lowest = min([self.best_goal, *(candidate.best[0] for candidate in settled)])
        self._steps = [step for step in self._steps if step[1] >= lowest]
        for candidate in settled:
            self._offer(*candidate.best)
            self.pool.offer(*candidate.best)

    def _round(self, number: int, width: int) -> list[Task]:
        """The tasks of a round: random starts when nothing is known, else perturbations of the pool."""
        batch = self._heat_size
        most = max(self._fewest_tasks, width)
        if self.total is not None:  # the answer must not depend on the workers
            most = int(np.clip(self.total // (_ROUNDS * batch), self._fewest_tasks, _MOST_TASKS))
        left = most * batch if self.total is None else min(self.total - self.done, most * batch)
        fewest = 1 if self.largest_batch >= left else -(-left // batch)
        count = int(np.clip(left // _SMALLEST_TASK, fewest, most))
        sizes = [left // count + (k < left % count) for k in range(count)]
        changes = self.strategy.changes if self.pool.goals and number > 0 else (None,)
        tasks = []
        for place, size in enumerate(sizes):
            change = changes[place % len(changes)]
            draw: Draw = Fresh(self.seed, self.drawn, size, self.closed_forms)
            if change is not None:
                draw = Changed(change, tuple(self.pool.phases), size, (self.seed, number, place))
            else:
                self.drawn += size
            tasks.append(self._task(draw, thorough=self.total is None))
        return tasks

    def _task(self, draw: Draw, *, thorough: bool) -> Task:
        problem, left = self.problem, self.budget.time_left
        deadline = None if left is None else time.time() + left
        bar, worth = self.best_goal, self.gains.worth
        return Task(problem.ms, problem.goal, draw, bar, worth, thorough, deadline, self.device, self.dtype)

    def _count(self, task: Task) -> None:
        """Count the starts of a task, unless it was stopped on the way."""
        self.done += 0 if self.budget.spent() else task.draw.count

    @property
    def _heat_size(self) -> int:
        return heat_size(self.problem, self.largest_batch)

    def _offer(self, goal: float, phases: FloatArray) -> None:
        """Keep the phases if nothing better is known."""
        if goal < self.best_goal:
            self.best, self.best_goal = phases, goal
            same = self.problem.goal.is_plain and not self.problem.ms.has_repeated_frequencies
            self.best_crest_factor = goal if same else self.problem.crest_factor(phases)
            if not self._steps or goal < self._steps[-1][1]:
                self._steps.append((self.budget.elapsed, goal, self.best_crest_factor))
            self.budget.improved()
            if self.target is not None and self.best_crest_factor <= self.target:
                self.budget.end("target reached")

    @property
    def history(self) -> list[tuple[float, float]]:
        """Seconds, and the best crest factor from then on."""
        return [(seconds, crest_factor) for seconds, _, crest_factor in self._steps]

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
