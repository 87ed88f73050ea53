"""What lowers the end of the path further: the minimax polish, or for many tones p-norms of still higher exponents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.polish import polish
from crestfall.engine.solvers.continuation import TAIL, follow
from crestfall.problem.arrays import FloatArray
from crestfall.search.link import SearchLink
from crestfall.signal.backend import to_host

USUAL_GAIN = 1.004
"""A refinement lowers the end of the path by 0.1 to 0.4 %; what stands higher above the best is not worth one."""
_GAIN_OF_SPARSE = 1.15
"""The path of tones that are far between ends some 10 % too high, and the polish begins there."""

_MOST_TONES_TO_CONVERGE = 512
_MOST_TONES_TO_POLISH = 1024
_FEW_STEPS = 2
_MOST_TONES_TO_THE_END, _LEAST_FALL = 100, 1e-5
"""With more tones the last hundredth of a polish takes nine tenths of its time: only the best design gets it."""
_MOST_TONES_FOR_TAIL = 4096
_MOST_ENTRIES = 2**24
_OFFER_S, _MOST_OFFERS = 0.1, 20.0
"""A polish offers what it has come to at most this often, and spends a twentieth of its time on it at most."""


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


def usual_gain(problem: CompiledProblem) -> float:
    """How much a refinement is expected to gain before any was done."""
    return _GAIN_OF_SPARSE if problem.is_sparse else USUAL_GAIN


def will_be_polished(problem: CompiledProblem) -> bool:
    """Whether designs are polished all the way to a local minimax point."""
    return problem.ms.n <= _MOST_TONES_TO_CONVERGE and _fits(problem)


def refine(
    problem: CompiledProblem,
    ends: list[FloatArray],
    best: float,
    link: SearchLink,
    *,
    expected_gain: float = USUAL_GAIN,
    thorough: bool = True,
) -> list[Candidate]:
    """Lower those ends of paths that may beat the best, the lowest first.

    Up to 512 tones they become local minimax points. Up to 4096 the exponent rises to p = 4098 on a finer grid instead,
    and up to 1024 two steps of the polish follow if there is time: nearly all of its gain, a last 0.1 %, for a small
    part of its O(n³) steps.

    Args:
        problem: The problem.
        ends: ``(m,)`` variables [rad] of each.
        best: Best value known (see ``CompiledProblem.value``).
        link: To the search, which is offered the lowest end at once, and what its refinement comes to on the way.
        expected_gain: What stands higher than this factor above the best is not refined.
        thorough: Whether a last 0.1 % is worth doubling the time.

    Returns:
        All ends as candidates, refined or not, in rising order of their values at the end of the path.
    """
    values = [problem.value(variables) for variables in ends]
    candidates = [Candidate(values[k], ends[k]) for k in np.argsort(values, kind="stable")]
    link.offer(*candidates[0].best)
    for k, candidate in enumerate(candidates):
        best = min(best, link.shared_best())
        if link.stop() or candidate.value > expected_gain * best:
            break
        candidates[k] = refined(problem, candidate, link, thorough=thorough)
        best = min(best, candidates[k].best[0])
    return candidates


def refined(
    problem: CompiledProblem, candidate: Candidate, link: SearchLink, *, thorough: bool, to_the_end: bool = False
) -> Candidate:
    """A candidate with its refinement; what is not lower at its end is as it was.

    Args:
        problem: The problem.
        candidate: The end of a path.
        link: To the search.
        thorough: Whether a last 0.1 % is worth doubling the time, for very many tones.
        to_the_end: Whether a polish goes on while it gains next to nothing, so that its end can be certified.
    """
    variables = _lowered(problem, candidate.variables, link, thorough, to_the_end)
    # Too many tones to refine: then nothing has changed, and there is nothing to measure again.
    value = candidate.value if variables is candidate.variables else problem.value(variables)
    if value >= candidate.value:
        value, variables = candidate.value, candidate.variables
    return replace(candidate, refined_value=value, refined_variables=variables)


class _Offers:
    """Offers what a long polish has come to, now and then: the value has to be certified each time."""

    def __init__(self, problem: CompiledProblem, link: SearchLink) -> None:
        self._problem, self._link = problem, link
        self._next = perf_counter() + _OFFER_S

    def __call__(self, variables: FloatArray) -> None:
        began = perf_counter()
        if began < self._next:
            return
        self._link.offer(self._problem.value(variables), variables)
        ended = perf_counter()
        self._next = ended + max(_OFFER_S, _MOST_OFFERS * (ended - began))


def _lowered(
    problem: CompiledProblem, variables: FloatArray, link: SearchLink, thorough: bool, to_the_end: bool
) -> FloatArray:
    n, samples = problem.ms.n, problem.problem.samples
    least_fall = 0.0 if to_the_end or n <= _MOST_TONES_TO_THE_END else _LEAST_FALL
    if problem.freedom is not None:
        return _lowered_with_amplitudes(problem, variables, link)
    offers = _Offers(problem, link)
    if will_be_polished(problem):
        if problem.problem.window is not None:  # nearer to the peak first: the ends of a window are hard to see
            variables = _to_the_tail(problem, variables, link)
        return polish(problem.problem, variables, stop=link.stop, improved=offers, least_fall=least_fall).variables
    if n > _MOST_TONES_FOR_TAIL or samples is not None:
        return variables
    variables = _to_the_tail(problem, variables, link)
    offers(variables)
    if not thorough or n > _MOST_TONES_TO_POLISH or not _fits(problem):
        return variables
    return polish(problem.problem, variables, max_iterations=_FEW_STEPS, stop=link.stop, improved=offers).variables


def _lowered_with_amplitudes(problem: CompiledProblem, variables: FloatArray, link: SearchLink) -> FloatArray:
    """Higher exponents for phases and amplitudes together, and then a polish of the phases alone."""
    if problem.ms.n <= _MOST_TONES_FOR_TAIL and problem.problem.samples is None:
        variables = _to_the_tail(problem, variables, link)
    m = problem.phase_map.n_free
    if not m or not will_be_polished(problem):
        return variables
    fixed = problem.problem.with_fixed_amplitudes(problem.tones(variables))
    return np.append(polish(fixed, variables[:m], stop=link.stop).variables, variables[m:])


def _to_the_tail(problem: CompiledProblem, variables: FloatArray, link: SearchLink) -> FloatArray:
    """The variables ``(m,)`` after the last exponents, which the problem's backend computes."""
    return to_host(follow(problem, problem.backend.reals(variables[None]), TAIL, link.stop)[0][0])


def _fits(problem: CompiledProblem) -> bool:
    """Whether the dense matrices of a polish stay small; tops of tones that are far between are followed instead."""
    if problem.is_sparse:
        return True
    samples = problem.problem.samples or 16 * problem.band
    return problem.ms.n * samples * problem.signals <= _MOST_ENTRIES
