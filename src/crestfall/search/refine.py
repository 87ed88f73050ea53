"""What lowers the end of the path further: the minimax polish, or for many tones p-norms of still higher exponents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from crestfall.engine.polish import polish
from crestfall.engine.solvers.continuation import TAIL, Problem, follow
from crestfall.problem.arrays import FloatArray
from crestfall.signal.backend import to_host

USUAL_GAIN = 1.004
"""A refinement lowers the end of the path by 0.1 to 0.4 %; what stands higher above the best is not worth one."""

_MOST_TONES_TO_CONVERGE = 512
_MOST_TONES_TO_POLISH = 1024
_FEW_STEPS = 2
_MOST_TONES_FOR_TAIL = 4096
_MOST_ENTRIES = 2**24


@dataclass(frozen=True, eq=False)
class Candidate:
    """The end of a path, and what a refinement made of it.

    Attributes:
        goal: Goal at the end of the path (see ``goal_of``).
        phases: ``(m,)`` variables [rad] there.
        refined_goal: Goal after the refinement, or ``None`` without one; never above ``goal``.
        refined_phases: Its variables.
    """

    goal: float
    phases: FloatArray
    refined_goal: float | None = None
    refined_phases: FloatArray | None = None

    @property
    def best(self) -> tuple[float, FloatArray]:
        """Goal and variables of the refinement, or of the end of the path."""
        if self.refined_goal is None or self.refined_phases is None:
            return self.goal, self.phases
        return self.refined_goal, self.refined_phases

    @property
    def gain(self) -> float:
        """Goal before the refinement over goal after it."""
        return 1.0 if self.refined_goal is None else self.goal / self.refined_goal


def goal_of(problem: Problem, phases: FloatArray) -> float:
    """What is minimised at the variables ``(m,)``: over continuous time (certified), or over the given samples."""
    if problem.goal_samples is None:
        return problem.goal.value(problem.tones(phases), problem.phases(phases))
    return float(problem.on_host().sampled_peaks(phases[None])[0])


def converges(problem: Problem) -> bool:
    """Whether designs are polished all the way to a local minimax point."""
    return problem.ms.n <= _MOST_TONES_TO_CONVERGE and _fits(problem)


def refine(
    problem: Problem,
    ends: list[FloatArray],
    bar: float,
    ended: Callable[[], bool],
    *,
    worth: float = USUAL_GAIN,
    thorough: bool = True,
    heard: Callable[[], float] = lambda: inf,
) -> list[Candidate]:
    """Lower those ends of paths that may beat the best, the lowest first.

    Up to 512 tones they become local minimax points. Up to 4096 the exponent rises to p = 4098 on a finer grid instead,
    and up to 1024 two steps of the polish follow if there is time: nearly all of its gain, a last 0.1 %, for a small
    part of its O(n³) steps.

    Args:
        problem: The tones and the goal.
        ends: ``(m,)`` variables [rad] of each.
        bar: Best goal known (see ``goal_of``).
        ended: ``True`` ends with what there is.
        worth: What stands higher than this factor above the best is not refined.
        thorough: Whether a last 0.1 % is worth doubling the time.
        heard: Best goal that others have found meanwhile; asked before each refinement.

    Returns:
        All ends as candidates, refined or not, in rising order of their goals at the end of the path.
    """
    goals = [goal_of(problem, phases) for phases in ends]
    candidates = [Candidate(goals[k], ends[k]) for k in np.argsort(goals, kind="stable")]
    for k, candidate in enumerate(candidates):
        bar = min(bar, heard())
        if ended() or candidate.goal > worth * bar:
            break
        candidates[k] = refined(problem, candidate, ended, thorough=thorough)
        bar = min(bar, candidates[k].best[0])
    return candidates


def refined(problem: Problem, candidate: Candidate, ended: Callable[[], bool], *, thorough: bool) -> Candidate:
    """A candidate with its refinement; what is not lower at its end is as it was."""
    phases = _lowered(problem, candidate.phases, ended, thorough)
    # Too many tones to refine: then nothing has changed, and there is nothing to measure again.
    goal = candidate.goal if phases is candidate.phases else goal_of(problem, phases)
    if goal >= candidate.goal:
        goal, phases = candidate.goal, candidate.phases
    return replace(candidate, refined_goal=goal, refined_phases=phases)


def _lowered(problem: Problem, phases: FloatArray, ended: Callable[[], bool], thorough: bool) -> FloatArray:
    ms, samples = problem.ms, problem.goal_samples
    if problem.goal.freedom is not None:
        return _lowered_with_amplitudes(problem, phases, ended)
    if converges(problem):
        return polish(ms, phases, goal=problem.goal, stop=ended).variables
    if ms.n > _MOST_TONES_FOR_TAIL or samples is not None:
        return phases
    phases = _to_the_tail(problem, phases, ended)
    if not thorough or ms.n > _MOST_TONES_TO_POLISH or not _fits(problem):
        return phases
    return polish(ms, phases, goal=problem.goal, max_iterations=_FEW_STEPS, stop=ended).variables


def _lowered_with_amplitudes(problem: Problem, variables: FloatArray, ended: Callable[[], bool]) -> FloatArray:
    """Higher exponents for phases and amplitudes together, and then a polish of the phases alone."""
    if problem.ms.n <= _MOST_TONES_FOR_TAIL and problem.goal_samples is None:
        variables = _to_the_tail(problem, variables, ended)
    m = problem.phase_map.n_free
    if not m or not converges(problem):
        return variables
    fixed = replace(problem.goal, freedom=None)
    polished = polish(problem.tones(variables), variables[:m], goal=fixed, stop=ended).variables
    return np.append(polished, variables[m:])


def _to_the_tail(problem: Problem, variables: FloatArray, ended: Callable[[], bool]) -> FloatArray:
    """The variables ``(m,)`` after the last exponents, which the problem's backend computes."""
    return to_host(follow(problem, problem.backend.reals(variables[None]), TAIL, ended)[0][0])


def _fits(problem: Problem) -> bool:
    """Whether a polish can be done: distinct frequencies, no tones that alias, and dense matrices that stay small."""
    ms, goal = problem.ms, problem.goal
    band = problem.band
    samples = problem.goal_samples or 16 * band
    return (
        ms.n * samples * max(1, len(goal.outputs)) <= _MOST_ENTRIES
        and samples > 2 * band
        and not ms.has_repeated_frequencies
    )
