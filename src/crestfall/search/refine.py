"""What lowers the end of the path further: the minimax polish, or for many tones p-norms of still higher exponents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from crestfall._types import FloatArray
from crestfall.polish import polish
from crestfall.solvers.continuation import TAIL, Problem, follow

_USUAL_GAIN = 1.004
"""A refinement lowers the end of the path by 0.1 to 0.4 %; what stands higher above the best is not worth one."""
_LUCK = 1.0007
"""How much more than the largest gain seen so far the next one may bring."""

_MOST_TONES_TO_CONVERGE = 512
_MOST_TONES_TO_POLISH = 1024
_FEW_STEPS = 2
_MOST_TONES_FOR_TAIL = 4096
_MOST_ENTRIES = 2**24


def goal_of(problem: Problem, phases: FloatArray) -> float:
    """What is minimised at the variables ``(m,)``: over continuous time (certified), or over the given samples."""
    if problem.goal_samples is None:
        return problem.goal.value(problem.tones(phases), problem.phases(phases))
    return float(problem.sampled_peaks(phases[None])[0])


def converges(problem: Problem) -> bool:
    """Whether designs are polished all the way to a local minimax point."""
    return problem.ms.n <= _MOST_TONES_TO_CONVERGE and _fits(problem)


def refine(
    problem: Problem,
    candidates: list[FloatArray],
    bar: float,
    ended: Callable[[], bool],
    *,
    thorough: bool = True,
) -> tuple[list[float], list[FloatArray]]:
    """Lower the candidates that may beat the best.

    Up to 512 tones they become local minimax points. Up to 4096 the exponent rises to p = 4098 on a finer grid instead,
    and up to 1024 two steps of the polish follow if there is time: nearly all of its gain, a last 0.1 %, for a small
    part of its O(n³) steps.

    Args:
        problem: The tones and the goal.
        candidates: ``(m,)`` variables [rad] of each.
        bar: Best goal known (see ``goal_of``).
        ended: ``True`` ends with what there is.
        thorough: Whether a last 0.1 % is worth doubling the time.

    Returns:
        Goals and phases of all candidates, refined or not, the lowest first.
    """
    goals = [goal_of(problem, phases) for phases in candidates]
    refined, gain = list(candidates), 1.0
    for k in np.argsort(goals, kind="stable"):
        worth = _USUAL_GAIN if gain == 1.0 else min(_USUAL_GAIN, _LUCK * gain)
        if ended() or goals[k] > worth * min(bar, *goals):
            break
        phases = _lowered(problem, candidates[k], ended, thorough)
        goal = goal_of(problem, phases)
        if goal < goals[k]:
            gain = max(gain, goals[k] / goal)
            goals[k], refined[k] = goal, phases
    order = np.argsort(goals, kind="stable")
    return [goals[k] for k in order], [refined[k] for k in order]


def _lowered(problem: Problem, phases: FloatArray, ended: Callable[[], bool], thorough: bool) -> FloatArray:
    ms, samples = problem.ms, problem.goal_samples
    if problem.goal.freedom is not None:
        return _lowered_with_amplitudes(problem, phases, ended)
    if converges(problem):
        return polish(ms, phases, goal=problem.goal, stop=ended).variables
    if ms.n > _MOST_TONES_FOR_TAIL or samples is not None:
        return phases
    phases = follow(problem, phases[None], TAIL, ended)[0][0]
    if not thorough or ms.n > _MOST_TONES_TO_POLISH or not _fits(problem):
        return phases
    return polish(ms, phases, goal=problem.goal, max_iterations=_FEW_STEPS, stop=ended).variables


def _lowered_with_amplitudes(problem: Problem, variables: FloatArray, ended: Callable[[], bool]) -> FloatArray:
    """Higher exponents for phases and amplitudes together, and then a polish of the phases alone."""
    if problem.ms.n <= _MOST_TONES_FOR_TAIL and problem.goal_samples is None:
        variables = follow(problem, variables[None], TAIL, ended)[0][0]
    m = problem.phase_map.n_free
    if not m or not converges(problem):
        return variables
    fixed = replace(problem.goal, freedom=None)
    polished = polish(problem.tones(variables), variables[:m], goal=fixed, stop=ended).variables
    return np.append(polished, variables[m:])


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
