"""The unit of work: a batch of starts, followed along the path and polished. Workers run nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.problem.arrays import Array
from crestfall.problem.problem import Problem
from crestfall.search.elimination import run_batches
from crestfall.search.link import SearchLink
from crestfall.search.proposal import Proposal
from crestfall.search.refine import Candidate, refine
from crestfall.signal.backend import backend_of, to_host


@dataclass(frozen=True, eq=False)
class Task:
    """All that a worker needs, so that any worker may run it, at any time and more than once.

    Attributes:
        problem: What is asked, of one drive.
        proposal: Where the starts come from.
        best: Best value known; only what comes near it is polished.
        expected_gain: What stands higher than this factor above the best is not polished.
        thorough: Whether to refine beyond what a default search has time for.
        deadline: Time (``time.time()``) at which to end with what there is, or ``None``.
        first_stage: Number of the exponent that the path begins with.
        eager: Whether the best of each exponent is offered at once.
        device: Where PyTorch computes the path; ``None`` for NumPy.
        dtype: Precision there.
    """

    problem: Problem
    proposal: Proposal
    best: float
    expected_gain: float
    thorough: bool
    deadline: float | None
    first_stage: int = 0
    eager: bool = False
    device: str | None = None
    dtype: str = "float64"

    def run(self, link: SearchLink, threads: int | None = None) -> Found:
        """Run the starts through the path and polish what is promising (see ``Work``)."""
        return next(run_tasks([self], link, threads))

    def without_deadline(self) -> Task:
        """The same task for a machine with another clock."""
        return replace(self, deadline=None)


class Found(NamedTuple):
    """What a worker returns.

    Attributes:
        candidates: The ends of the paths, the lowest first, refined where they may beat the best.
        starts_done: Starts whose path was not cut short.
    """

    candidates: list[Candidate]
    starts_done: int


def run_tasks(tasks: Sequence[Task], link: SearchLink, threads: int | None = None) -> Iterator[Found]:
    """What each task of a round finds, their paths in one batch: a GPU needs many starts at once.

    All tasks begin with the same exponent.

    Args:
        tasks: What to do.
        link: To the search.
        threads: Threads that a large start may use; by default one for each core.
    """
    first = tasks[0]

    def ended() -> bool:
        return link.stop() or (first.deadline is not None and time.time() >= first.deadline)

    problem = CompiledProblem(first.problem, backend_of(first.device, first.dtype), threads)
    starts = np.concatenate([task.proposal.starts(problem.on_host()) for task in tasks])
    sizes = [task.proposal.count for task in tasks]

    def arrived(variables: Array) -> None:
        on_host = to_host(variables)
        link.offer(problem.value(on_host), on_host)

    batches = run_batches(
        problem,
        problem.backend.reals(starts),
        sizes,
        ended,
        link.report,
        first_stage=first.first_stage,
        arrived=arrived if first.eager else None,
    )
    complete = not ended()
    link.report("polish")
    for task, variables in zip(tasks, batches, strict=True):
        candidates = refine(
            problem,
            [to_host(end) for end in variables],
            task.best,
            replace(link, stop=ended),
            expected_gain=task.expected_gain,
            thorough=task.thorough,
        )
        yield Found(candidates, task.proposal.count if complete else 0)
