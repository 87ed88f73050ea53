"""The unit of work: a batch of starts to the polished designs that come of it. Workers run nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from crestfall.goal import Goal
from crestfall.multisine import Multisine
from crestfall.search.draw import Draw
from crestfall.search.race import run_heat
from crestfall.search.refine import Candidate, refine
from crestfall.solvers.continuation import Problem


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
    """

    ms: Multisine
    goal: Goal
    draw: Draw
    bar: float
    worth: float
    thorough: bool
    deadline: float | None


@dataclass(frozen=True, eq=False)
class Found:
    """What a worker returns: the ends of the paths, the lowest first, refined where that was worth it."""

    candidates: list[Candidate]


def run_task(
    task: Task,
    stop: Callable[[], bool],
    tell: Callable[[str], None] | None = None,
    heard: Callable[[], float] = lambda: inf,
) -> Found:
    """Run a batch of starts through the path and polish what is promising.

    Args:
        task: What to do.
        stop: Asked now and then; ``True`` ends with what there is.
        tell: Hears what is being done.
        heard: Best goal that others have found meanwhile.
    """

    def ended() -> bool:
        return stop() or (task.deadline is not None and time.time() >= task.deadline)

    problem = Problem(task.ms, task.goal)
    ends = run_heat(problem, task.draw.starts(problem), ended, tell)
    if tell is not None:
        tell("polish")
    return Found(refine(problem, ends, task.bar, ended, worth=task.worth, thorough=task.thorough, heard=heard))
