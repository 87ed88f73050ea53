"""Special kinds of problems, and what they are reduced to: each says which it accepts, applies, and inverts the answer.

Problems of several inputs are divided before (``crestfall.problem.division``); here are problems of one drive.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from crestfall.design.start_at_zero import start_at_zero
from crestfall.engine.closed_form.polygon import cancelling_phases
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.problem.problem import Problem
from crestfall.problem.times import Period
from crestfall.search.run import Run, Solution


def closed_form(run: Run) -> Solution | None:
    """The answer where nothing has to be searched: one frequency is a polygon, and held phases leave no choice."""
    problem, compiled = run.problem.problem, run.problem
    ms = problem.tones
    if ms.has_one_frequency and problem.is_only_true_peak:
        what = "one tone has nothing to choose" if ms.n == 1 else "tones of one frequency close a polygon (closed form)"
        variables = np.asarray(cancelling_phases(ms.amplitudes))
        run.offer(compiled.value(variables), variables)
        return run.solution("closed form", status=f"global optimum: {what}")
    if not compiled.ranges.size:
        variables = np.zeros(0)
        run.offer(compiled.value(variables), variables)
        status = "global optimum: the constraints leave nothing to choose"
        return run.solution("constraints", status=status)
    return None


class DenseSamples:
    """A problem of samples so dense that nothing happens between them, reduced to that of the true peak.

    See ``Problem.has_dense_samples``: what is between the two no search over the samples could gain, while the search
    for the true peak needs a few of them only.
    """

    @staticmethod
    def accepts(problem: Problem) -> bool:
        """Whether the samples are that dense."""
        return problem.has_dense_samples

    @staticmethod
    def apply(problem: Problem) -> Problem:
        """The problem of continuous time."""
        return replace(problem, over=Period())

    @staticmethod
    def invert(problem: CompiledProblem, solution: Solution) -> Solution:
        """The solution, which is one for the samples, too."""
        if solution.status is None:
            return solution
        return replace(solution, status=f"{solution.status}; for the true peak, to 5e-6 that of the samples")


class BeginAtZero:
    """A problem that is to begin at a zero crossing, reduced to the one that may begin anywhere."""

    @staticmethod
    def accepts(problem: Problem) -> bool:
        """Whether the answer is to be shifted."""
        return problem.start_at_zero

    @staticmethod
    def apply(problem: Problem) -> Problem:
        """The problem without the shift."""
        return replace(problem, start_at_zero=False)

    @staticmethod
    def invert(problem: CompiledProblem, solution: Solution) -> Solution:
        """The solution, shifted: its phases are free, so they are the variables; amplitudes stay."""
        m = problem.phase_map.n_free
        shifted = start_at_zero(problem.tones(solution.variables), solution.variables[:m])
        return replace(solution, variables=np.append(shifted, solution.variables[m:]))


REDUCTIONS = (DenseSamples, BeginAtZero)
"""In the order in which they are applied."""


def reduced(problem: Problem) -> Problem:
    """What is searched for a problem of one drive."""
    for reduction in REDUCTIONS:
        if reduction.accepts(problem):
            problem = reduction.apply(problem)
    return problem


def restored(problem: Problem, compiled: CompiledProblem, solution: Solution) -> Solution:
    """The solution of a problem, from that of what was searched for it.

    Args:
        problem: A problem of one drive.
        compiled: What ``reduced`` made of it.
        solution: Its solution.
    """
    for reduction in reversed(REDUCTIONS):
        if reduction.accepts(problem):
            solution = reduction.invert(compiled, solution)
    return solution
