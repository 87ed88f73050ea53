"""The unit of work: a batch of starts to the polished designs that come of it. Workers run nothing else."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from crestfall._types import FloatArray
from crestfall.goal import Goal
from crestfall.multisine import Multisine
from crestfall.search.race import run_heat
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
    """

    ms: Multisine
    goal: Goal
    starts: FloatArray
    bar: float
    thorough: bool
    deadline: float | None


@dataclass(frozen=True)
class Found:
    """What a worker returns: goals and phases, the lowest first."""

    goals: list[float]
    phases: list[FloatArray]


def run_task(task: Task, stop: Callable[[], bool], tell: Callable[[str], None] | None = None) -> Found:
    """Run a batch of starts through the path and polish what is promising.

    Args:
        task: What to do.
        stop: Asked now and then; ``True`` ends with what there is.
        tell: Hears what is being done.
    """

    def ended() -> bool:
        return stop() or (task.deadline is not None and time.time() >= task.deadline)

    problem = Problem(task.ms, task.goal)
    candidates = run_heat(problem, task.starts, ended, tell)
    if tell is not None:
        tell("polish")
    return Found(*refine(problem, candidates, task.bar, ended, thorough=task.thorough))


def run_in_worker(task: Task) -> Found:
    """``run_task`` in a process of its own, where Ctrl-C is the main process's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return run_task(task, lambda: False)
