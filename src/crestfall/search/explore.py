"""The search over the many local minima: random starts, then large perturbations of the best designs so far.

The number of tasks in a round follows from the number of starts, each start is a function of the seed, the round and
its place in it, and a round is reduced (see ``round_reduction``) in a way that does not depend on who did what and
when. So the same seed and number of starts give the same answer on one core, on many, and on a cluster whose workers
come and go. Without a number of starts it is the time that ends the search; rounds then have as many tasks as there are
workers.
"""

from __future__ import annotations

import time

import numpy as np

from crestfall.engine.solvers.continuation import LATE, VERY_LATE
from crestfall.problem.arrays import FloatArray
from crestfall.search.elimination import batch_size
from crestfall.search.executors import Executor, WorkersLostError, executor_for
from crestfall.search.executors.device import Device
from crestfall.search.least_squares_start import least_squares_start
from crestfall.search.pool import Pool
from crestfall.search.proposal import PerturbedStarts, Proposal, RandomStarts
from crestfall.search.refine import Candidate, refined, usual_gain, will_be_polished
from crestfall.search.round_reduction import PolishStatistics, reduce_round
from crestfall.search.run import Run
from crestfall.search.starts import Starts
from crestfall.search.strategy import SHAKE_AND_REDRAW, Strategy
from crestfall.search.task import Found, Task
from crestfall.signal.backend import backend_of

_FEWEST_TASKS, _MOST_TASKS = 4, 1024
_SMALLEST_TASK = 32
_ROUNDS = 32
"""A large number of starts is spent in about as many rounds: enough generations, and tasks for many workers in each."""
_WIDE = 8
"""Rounds on a GPU are so many times larger: 8192 starts at once with few tones."""
_BEGINNINGS = ((10, (0, LATE, 2, VERY_LATE)), (32, (0, LATE)), (2**30, (0,)))
"""Up to how many tones tasks begin with which stages of the path, in turn. From p = 4 some of the best designs of few
tones are never reached, others only from there: of 2, 15, 28, 34, 36, 51, 60 with unequal amplitudes 135 of 600 random
starts from p = 258 come to the optimum, none from p = 4, 18 or 66. With more tones a late beginning ends higher."""
_FIRST_BATCH = 32
"""Starts that run before all others, here: with few tones they take hardly longer than one. Each round after them has
twice as many starts as the one before, up to a whole round, so that a good answer does not wait for the end of one."""
_FIRST = 4
"""Starts that run before all others where there is no answer yet, the first one alone."""


class Search:
    """Rounds of starts for a running search.

    Args:
        run: Where what is found goes, and what says when to stop.
        total: Number of starts, or ``None`` for as many as the budget allows.
        workers: Processes that compute; 1 computes here.
        strategy: Where starts come from once good designs are known.
        largest_batch: Starts that there is memory for at once.
    """

    def __init__(
        self,
        run: Run,
        total: int | None,
        workers: int = 1,
        strategy: Strategy = SHAKE_AND_REDRAW,
        largest_batch: int = 2**30,
    ) -> None:
        effort = run.effort
        self.outcome, self.problem, self.effort, self.budget = run, run.problem, effort, run.budget
        self.total, self.workers, self.strategy, self.largest_batch = total, workers, strategy, largest_batch
        self._device = None if effort.device is None else str(effort.device)
        self._fewest_tasks = _FEWEST_TASKS * (_WIDE if backend_of(self._device, effort.dtype).is_gpu else 1)
        self.starts = Starts(run.problem, effort.seed, closed_forms=effort.closed_forms)
        self.statistics = PolishStatistics(usual_gain(run.problem))
        self.pool = Pool(strategy.pool_size)
        self._taken = 0
        self._has_answer = False

    def run(self, *known: FloatArray) -> None:
        """Search until the starts or the budget are spent, or the target is reached.

        Args:
            known: ``(m,)`` variables [rad] of good designs to begin with.
        """
        self._begin(known)
        self._first_starts()
        unlucky = number = 0
        with self._executor() as executor:
            while not self.budget.spent() and (self.total is None or self.outcome.done < self.total):
                before = self.pool.values[0] if self.pool.values else float("inf")
                try:
                    self._search_round(executor, number)
                except WorkersLostError as error:
                    self.budget.end(str(error))
                if not self.pool.values:  # stopped before the first answer since the pool was cleared
                    break
                number += 1
                unlucky = 0 if self.pool.values[0] < before else unlucky + 1
                if unlucky >= self.strategy.patience:
                    self.pool.clear()
                    unlucky = 0

    def _begin(self, known: tuple[FloatArray, ...]) -> None:
        """Offer what needs no search: known designs, closed forms, and the first random start."""
        for variables in known:
            value = self.problem.value(variables)
            self.outcome.offer(value, variables)
            self.pool.offer(value, variables)
        # Closed forms count as they are: an early stop must not return less than what costs nothing.
        for variables in self.starts.at_once or [self.starts[0]]:
            self.outcome.offer(self.problem.value(variables), variables)
        self.outcome.report("closed forms")
        if self.effort.closed_forms and self._device is None:
            self._least_squares()

    def _least_squares(self) -> None:
        """A first answer at once, and the minimum next to it."""
        phases = least_squares_start(self.outcome)
        if phases is None or self.budget.spent():
            return
        self._has_answer = True
        candidate = Candidate(self.outcome.best_value, phases)
        found = refined(self.problem, candidate, self.outcome.link, thorough=False)
        self.outcome.offer(*found.best)
        self.pool.offer(*found.best)

    def _executor(self) -> Executor | Device:
        if self._device is not None and self.effort.client is None:
            return Device(self.largest_batch, self.outcome.link)
        return executor_for(self.workers, self.effort.client, self.outcome.link)

    def _first_starts(self) -> None:
        """Run a few starts before all others, so that there is an answer soon."""
        for count in (_FIRST_BATCH,) if self._has_answer else (1, _FIRST - 1):
            if self.total is not None:
                count = min(count, self.total - self._taken)
            count = min(count, self.largest_batch)
            if self.budget.spent() or not count:
                return
            task = self._task(self._random(self._taken, count), thorough=False, eager=not self._taken)
            found = task.run(self.outcome.link)
            self._taken += count
            self.outcome.done += found.starts_done
            self._reduce(found.candidates, task)
            self.outcome.report("starts")
            if not will_be_polished(self.problem):  # many tones: a default search hardly has more starts than this
                return

    def _search_round(self, executor: Executor | Device, number: int) -> None:
        """One round: what a task has found counts for the best at once, for the search when all are done."""
        before = self.outcome.best_value, self.outcome.best
        tasks = self._round(number, executor.width)
        arrived: dict[int, Found] = {}
        for place, found in executor.run(tasks):
            arrived[place] = found
            for candidate in found.candidates:
                self.outcome.offer(*candidate.best)
            executor.share(self.outcome.best_value)
            self.outcome.done += found.starts_done
            if len(arrived) < len(tasks):
                self.outcome.report("starts")
        if len(arrived) == len(tasks) and not self.budget.spent():
            in_order = [candidate for place in sorted(arrived) for candidate in arrived[place].candidates]
            self._reduce(in_order, tasks[0], before)
        self.outcome.report("starts")

    def _reduce(self, candidates: list[Candidate], task: Task, before: tuple[float, FloatArray] | None = None) -> None:
        """Reduce the outcome of a round, which does not depend on who computed what."""

        def refine_here(candidate: Candidate) -> Candidate:
            if self.budget.spent():  # the answer depends on the clock anyway
                return candidate
            return refined(self.problem, candidate, self.outcome.link, thorough=task.thorough)

        reduced = reduce_round(candidates, task.best, task.expected_gain, refine_here)
        self.statistics.add(candidate.gain for candidate in reduced if candidate.refined_value is not None)
        if before is not None:
            lowest = min([before[0], *(candidate.best[0] for candidate in reduced)])
            self.outcome.go_back_to(*before, lowest)
        for candidate in reduced:
            self.outcome.offer(*candidate.best)
            self.pool.offer(*candidate.best)

    def _round(self, number: int, width: int) -> list[Task]:
        """The tasks of a round: random starts when nothing is known, else perturbations of the pool."""
        batch = self._batch_size
        most = max(self._fewest_tasks, width)
        if self.total is not None:  # the answer must not depend on the workers
            most = int(np.clip(self.total // (_ROUNDS * batch), self._fewest_tasks, _MOST_TASKS))
        whole = most * batch
        most_now = whole if self._device is not None else min(whole, _FIRST_BATCH << min(number + 1, 30))
        left = most_now if self.total is None else min(self.total - self.outcome.done, most_now)
        fewest = 1 if self.largest_batch >= left else -(-left // batch)
        count = int(np.clip(left // _SMALLEST_TASK, fewest, most))
        sizes = [left // count + (k < left % count) for k in range(count)]
        is_random = not self.pool.values or number == 0 or most_now < whole
        perturbations = (None,) if is_random else self.strategy.perturbations
        beginnings = next(stages for most_tones, stages in _BEGINNINGS if self.problem.ms.n <= most_tones)
        tasks = []
        for place, size in enumerate(sizes):
            perturbation = perturbations[place % len(perturbations)]
            proposal: Proposal = self._random(self._taken, size)
            if perturbation is not None:
                entropy = (self.effort.seed, number, place)
                proposal = PerturbedStarts(perturbation, tuple(self.pool.variables), size, entropy)
            else:
                self._taken += size
            turn = number * (count // len(perturbations)) + place // len(perturbations)
            first_stage = min(beginnings[turn % len(beginnings)], len(self.problem.path) - 1)
            tasks.append(self._task(proposal, thorough=self.total is None, first_stage=first_stage))
        return sorted(tasks, key=lambda task: task.first_stage)

    def _random(self, first: int, count: int) -> RandomStarts:
        return RandomStarts(self.effort.seed, first, count, self.effort.closed_forms)

    def _task(self, proposal: Proposal, *, thorough: bool, first_stage: int = 0, eager: bool = False) -> Task:
        left = self.budget.time_left
        return Task(
            self.problem.problem,
            proposal,
            self.outcome.best_value,
            self.statistics.expected_gain,
            thorough,
            None if left is None else time.time() + left,
            first_stage=first_stage,
            eager=eager,
            device=self._device,
            dtype=self.effort.dtype,
        )

    @property
    def _batch_size(self) -> int:
        return batch_size(self.problem, self.largest_batch)
