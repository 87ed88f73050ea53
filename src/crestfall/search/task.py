"""The unit of work: a batch of starts to the polished designs that come of it. Workers run nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from crestfall.engine.solvers.continuation import Problem
from crestfall.problem.goal import Goal
from crestfall.problem.multisine import Multisine
from crestfall.search.draw import Draw
from crestfall.search.race import run_heats
from crestfall.search.refine import Candidate, refine
from crestfall.signal.backend import backend_of, to_host


@dataclass(frozen=True, eq=False)
class Task:
    """What a worker is given: everything, so that it does not matter which worker, when, and how often.

    Attributes:
        ms: The tones.
        goal: What is to be small.
        draw: Where the starts come from.
        bar: Best goal known; only what comes near it is polished.
        worth: What stands higher than this factor above the best is not polished.
        thorough: Whether to refine beyond what a default search has time for.
        deadline: Time (``time.time()``) at which to end with what there is, or ``None``.
        device: Where PyTorch computes the path; ``None`` for NumPy.
        dtype: Precision there.
    """

    ms: Multisine
    goal: Goal
    draw: Draw
    bar: float
    worth: float
    thorough: bool
    deadline: float | None
    device: str | None = None
    dtype: str = "float64"


@dataclass(frozen=True, eq=False)
class Found:
    """What a worker returns: the ends of the paths, the lowest first, refined where that was worth it."""

    candidates: list[Candidate]


def _nothing_heard() -> float:
    return inf


def run_task(
    task: Task,
    stop: Callable[[], bool],
    tell: Callable[[str], None] | None = None,
    heard: Callable[[], float] = _nothing_heard,
    threads: int | None = None,
) -> Found:
    """Run a batch of starts through the path and polish what is promising.

    Args:
        task: What to do.
        stop: Asked now and then; ``True`` ends with what there is.
        tell: Hears what is being done.
        heard: Best goal that others have found meanwhile.
        threads: Threads that a large start may use; by default one for each core.
    """
    return next(run_tasks([task], stop, tell, heard, threads))


def run_tasks(
    tasks: Sequence[Task],
    stop: Callable[[], bool],
    tell: Callable[[str], None] | None = None,
    heard: Callable[[], float] = _nothing_heard,
    threads: int | None = None,
) -> Iterator[Found]:
    """What ``run_task`` finds for each task of a round, their paths in one batch: a GPU needs many starts at once."""
    first = tasks[0]

    def ended() -> bool:
        return stop() or (first.deadline is not None and time.time() >= first.deadline)

    problem = Problem(first.ms, first.goal, backend_of(first.device, first.dtype), threads)
    starts = problem.backend.reals(np.concatenate([task.draw.starts(problem.on_host()) for task in tasks]))
    heats = run_heats(problem, starts, [task.draw.count for task in tasks], ended, tell)
    if tell is not None:
        tell("polish")
    for task, variables in zip(tasks, heats, strict=True):
        ends = [to_host(end) for end in variables]
        yield Found(refine(problem, ends, task.bar, ended, worth=task.worth, thorough=task.thorough, heard=heard))
