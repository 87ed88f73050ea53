"""The unit of work: a batch of starts to the polished designs that come of it. Workers run nothing else."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from crestfall._types import FloatArray
from crestfall.backend import backend_of, to_host
from crestfall.goal import Goal
from crestfall.multisine import Multisine
from crestfall.search.race import run_heats
from crestfall.search.refine import refine
from crestfall.solvers.continuation import Problem


@dataclass(frozen=True)
class Task:
    """What a worker is given: everything, so that it does not matter which worker.

    Attributes:
        ms: The tones.
        goal: What is to be small.
        starts: ``(batch, m)`` starts [rad], variables of the problem.
        bar: Best goal known; only what comes near it is polished.
        thorough: Whether to refine beyond what a default search has time for.
        deadline: Time (``time.time()``) at which to end with what there is, or ``None``.
        device: Where PyTorch computes the path; ``None`` for NumPy.
        dtype: Precision there.
    """

    ms: Multisine
    goal: Goal
    starts: FloatArray
    bar: float
    thorough: bool
    deadline: float | None
    device: str | None = None
    dtype: str = "float64"


@dataclass(frozen=True)
class Found:
    """What a worker returns: goals and phases, the lowest first."""

    goals: list[float]
    phases: list[FloatArray]


def run_task(
    task: Task, stop: Callable[[], bool], tell: Callable[[str], None] | None = None, threads: int | None = None
) -> Found:
    """Run a batch of starts through the path and polish what is promising.

    Args:
        task: What to do.
        stop: Asked now and then; ``True`` ends with what there is.
        tell: Hears what is being done.
        threads: Threads that a large start may use; by default one for each core.
    """

    return next(run_tasks([task], stop, tell, threads))


def run_tasks(
    tasks: Sequence[Task],
    stop: Callable[[], bool],
    tell: Callable[[str], None] | None = None,
    threads: int | None = None,
) -> Iterator[Found]:
    """What ``run_task`` finds for each task of a round, their paths in one batch: a GPU needs many starts at once."""
    first = tasks[0]

    def ended() -> bool:
        return stop() or (first.deadline is not None and time.time() >= first.deadline)

    problem = Problem(first.ms, first.goal, backend_of(first.device, first.dtype), threads)
    starts = problem.backend.reals(np.concatenate([task.starts for task in tasks]))
    heats = run_heats(problem, starts, [len(task.starts) for task in tasks], ended, tell)
    if tell is not None:
        tell("polish")
    for task, candidates in zip(tasks, heats, strict=True):
        ends = [to_host(variables) for variables in candidates]
        yield Found(*refine(problem, ends, task.bar, ended, thorough=task.thorough))


def run_in_worker(task: Task) -> Found:
    """``run_task`` in a process of its own, where Ctrl-C is the main process's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return run_task(task, lambda: False, threads=1)
