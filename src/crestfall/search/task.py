"""The unit of work: a batch of starts to the polished designs that come of it. Workers run nothing else."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from crestfall._types import FloatArray
from crestfall.measures import crest_factor
from crestfall.multisine import Multisine
from crestfall.polish import polish
from crestfall.search.race import run_heat
from crestfall.solvers.continuation import Problem

_WORTH_A_POLISH = 1.004  # a polish lowers the end of the p-norm path by 0.1 to 0.4 %
_MOST_TONES = 512
_MOST_ENTRIES = 2**24


@dataclass(frozen=True)
class Task:
    """What a worker is given: everything, so that it does not matter which worker.

    Attributes:
        ms: The tones.
        goal_samples: Equally spaced samples of one period whose peak counts; ``None`` for the true peak.
        starts: ``(batch, n)`` phases [rad].
        first_stage: Stage of the path to begin at: later for starts that are nearly good.
        bar: Best goal known; only what comes near it is polished.
        deadline: Time (``time.time()``) at which to end with what there is, or ``None``.
    """

    ms: Multisine
    goal_samples: int | None
    starts: FloatArray
    first_stage: int
    bar: float
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

    problem = Problem(task.ms, task.goal_samples)
    candidates = run_heat(problem, task.starts, ended, task.first_stage, tell)
    goals = [goal_of(problem, phases) for phases in candidates]
    if can_polish(problem) and not ended():
        if tell is not None:
            tell("polish")
        for k, phases in enumerate(candidates):
            if goals[k] <= _WORTH_A_POLISH * min(task.bar, *goals) and not ended():
                polished = polish(task.ms, phases, goal_samples=task.goal_samples, stop=ended).phases
                polished_goal = goal_of(problem, polished)
                if polished_goal < goals[k]:
                    goals[k], candidates[k] = polished_goal, polished
    order = np.argsort(goals, kind="stable")
    return Found([goals[k] for k in order], [candidates[k] for k in order])


def run_in_worker(task: Task) -> Found:
    """``run_task`` in a process of its own, where Ctrl-C is the main process's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return run_task(task, lambda: False)


def goal_of(problem: Problem, phases: FloatArray) -> float:
    """What is minimised, relative to the RMS: the certified true peak, or the peak over the given samples."""
    if problem.goal_samples is None:
        return crest_factor(problem.ms, phases)
    return float(problem.sampled_peaks(phases[None])[0])


def can_polish(problem: Problem) -> bool:
    """Whether a polish pays: distinct frequencies, no tones that alias, and dense matrices that stay small."""
    ms = problem.ms
    band = int(np.max(np.abs(ms.harmonic_numbers)))
    samples = problem.goal_samples or 16 * band
    small = ms.n <= _MOST_TONES and ms.n * samples <= _MOST_ENTRIES
    return small and samples > 2 * band and not ms.has_repeated_frequencies
