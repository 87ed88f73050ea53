"""What lowers the end of the path further: the minimax polish, or for many tones p-norms of still higher exponents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.polish import polish
from crestfall.engine.solvers.continuation import TAIL, follow
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
        value: What is minimised, at the end of the path.
        variables: ``(m,)`` variables [rad] there.
        refined_value: The same after the refinement, or ``None`` without one; never above ``value``.
        refined_variables: Its variables.
    """

    value: float
    variables: FloatArray
    refined_value: float | None = None
    refined_variables: FloatArray | None = None

    @property
    def best(self) -> tuple[float, FloatArray]:
        """Value and variables of the refinement, or of the end of the path."""
        if self.refined_value is None or self.refined_variables is None:
            return self.value, self.variables
        return self.refined_value, self.refined_variables

    @property
    def gain(self) -> float:
        """Value before the refinement over that after it."""
        return 1.0 if self.refined_value is None else self.value / self.refined_value


def will_be_polished(problem: CompiledProblem) -> bool:
    """Whether designs are polished all the way to a local minimax point."""
    return problem.ms.n <= _MOST_TONES_TO_CONVERGE and _fits(problem)


def refine(
    problem: CompiledProblem,
    ends: list[FloatArray],
    best: float,
    ended: Callable[[], bool],
    *,
    expected_gain: float = USUAL_GAIN,
    thorough: bool = True,
    shared_best: Callable[[], float] = lambda: inf,
) -> list[Candidate]:
    """Lower those ends of paths that may beat the best, the lowest first.

    Up to 512 tones they become local minimax points. Up to 4096 the exponent rises to p = 4098 on a finer grid instead,
    and up to 1024 two steps of the polish follow if there is time: nearly all of its gain, a last 0.1 %, for a small
    part of its O(n³) steps.

    Args:
        problem: The problem.
        ends: ``(m,)`` variables [rad] of each.
        best: Best value known (see ``CompiledProblem.value``).
        ended: ``True`` ends with what there is.
        expected_gain: What stands higher than this factor above the best is not refined.
        thorough: Whether a last 0.1 % is worth doubling the time.
        shared_best: Best value that others have found meanwhile; asked before each refinement.

    Returns:
        All ends as candidates, refined or not, in rising order of their values at the end of the path.
    """
    values = [problem.value(variables) for variables in ends]
    candidates = [Candidate(values[k], ends[k]) for k in np.argsort(values, kind="stable")]
    for k, candidate in enumerate(candidates):
        best = min(best, shared_best())
        if ended() or candidate.value > expected_gain * best:
            break
        candidates[k] = refined(problem, candidate, ended, thorough=thorough)
        best = min(best, candidates[k].best[0])
    return candidates


def refined(problem: CompiledProblem, candidate: Candidate, ended: Callable[[], bool], *, thorough: bool) -> Candidate:
    """A candidate with its refinement; what is not lower at its end is as it was."""
    variables = _lowered(problem, candidate.variables, ended, thorough)
    # Too many tones to refine: then nothing has changed, and there is nothing to measure again.
    value = candidate.value if variables is candidate.variables else problem.value(variables)
    if value >= candidate.value:
        value, variables = candidate.value, candidate.variables
    return replace(candidate, refined_value=value, refined_variables=variables)


def _lowered(problem: CompiledProblem, variables: FloatArray, ended: Callable[[], bool], thorough: bool) -> FloatArray:
    n, samples = problem.ms.n, problem.problem.samples
    if problem.freedom is not None:
        return _lowered_with_amplitudes(problem, variables, ended)
    if will_be_polished(problem):
        if problem.problem.window is not None:  # nearer to the peak first: the ends of a window are hard to see
            variables = _to_the_tail(problem, variables, ended)
        return polish(problem.problem, variables, stop=ended).variables
    if n > _MOST_TONES_FOR_TAIL or samples is not None:
        return variables
    variables = _to_the_tail(problem, variables, ended)
    if not thorough or n > _MOST_TONES_TO_POLISH or not _fits(problem):
        return variables
    return polish(problem.problem, variables, max_iterations=_FEW_STEPS, stop=ended).variables


def _lowered_with_amplitudes(problem: CompiledProblem, variables: FloatArray, ended: Callable[[], bool]) -> FloatArray:
    """Higher exponents for phases and amplitudes together, and then a polish of the phases alone."""
    if problem.ms.n <= _MOST_TONES_FOR_TAIL and problem.problem.samples is None:
        variables = _to_the_tail(problem, variables, ended)
    m = problem.phase_map.n_free
    if not m or not will_be_polished(problem):
        return variables
    fixed = problem.problem.with_fixed_amplitudes(problem.tones(variables))
    return np.append(polish(fixed, variables[:m], stop=ended).variables, variables[m:])


def _to_the_tail(problem: CompiledProblem, variables: FloatArray, ended: Callable[[], bool]) -> FloatArray:
    """The variables ``(m,)`` after the last exponents, which the problem's backend computes."""
    return to_host(follow(problem, problem.backend.reals(variables[None]), TAIL, ended)[0][0])


def _fits(problem: CompiledProblem) -> bool:
    """Whether a polish can be done: distinct frequencies, no tones that alias, and dense matrices that stay small."""
    samples = problem.problem.samples or 16 * problem.band
    return (
        problem.ms.n * samples * problem.signals <= _MOST_ENTRIES
        and samples > 2 * problem.band
        and not problem.ms.has_repeated_frequencies
    )
