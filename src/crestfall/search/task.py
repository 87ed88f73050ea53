"""The unit of work: a batch of starts, followed along the path and polished. Workers run nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.problem.problem import Problem
from crestfall.search.elimination import run_batches
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
        device: Where PyTorch computes the path; ``None`` for NumPy.
        dtype: Precision there.
    """

    problem: Problem
    proposal: Proposal
    best: float
    expected_gain: float
    thorough: bool
    deadline: float | None
    device: str | None = None
    dtype: str = "float64"


Found = list[Candidate]
"""What a worker returns: the ends of the paths, the lowest first, refined where they may beat the best."""


def _nothing_shared() -> float:
    return inf


def run_task(
    task: Task,
    stop: Callable[[], bool],
    progress: Callable[[str], None] | None = None,
    shared_best: Callable[[], float] = _nothing_shared,
    threads: int | None = None,
) -> Found:
    """Run a batch of starts through the path and polish what is promising.

    Args:
        task: What to do.
        stop: Asked now and then; ``True`` ends with what there is.
        progress: Called with what is being done.
        shared_best: Best value that others have found meanwhile.
        threads: Threads that a large start may use; by default one for each core.
    """
    return next(run_tasks([task], stop, progress, shared_best, threads))


def run_tasks(
    tasks: Sequence[Task],
    stop: Callable[[], bool],
    progress: Callable[[str], None] | None = None,
    shared_best: Callable[[], float] = _nothing_shared,
    threads: int | None = None,
) -> Iterator[Found]:
    """What ``run_task`` finds for each task of a round, their paths in one batch: a GPU needs many starts at once."""
    first = tasks[0]

    def ended() -> bool:
        return stop() or (first.deadline is not None and time.time() >= first.deadline)

    problem = CompiledProblem(first.problem, backend_of(first.device, first.dtype), threads)
    starts = np.concatenate([task.proposal.starts(problem.on_host()) for task in tasks])
    sizes = [task.proposal.count for task in tasks]
    batches = run_batches(problem, problem.backend.reals(starts), sizes, ended, progress)
    if progress is not None:
        progress("polish")
    for task, variables in zip(tasks, batches, strict=True):
        ends = [to_host(end) for end in variables]
        yield refine(
            problem,
            ends,
            task.best,
            ended,
            expected_gain=task.expected_gain,
            thorough=task.thorough,
            shared_best=shared_best,
        )
