"""What a design's status says: what is proven about its phases, and how the search ended."""

from __future__ import annotations

from dataclasses import replace

from crestfall.engine.polish import certify
from crestfall.engine.solvers.continuation import Problem
from crestfall.problem.arrays import FloatArray
from crestfall.search.refine import converges


def status_of(problem: Problem, phases: FloatArray, ended: str) -> str:
    """What is proven about the phases, and how the search ended."""
    if problem.goal.freedom is not None:
        fixed = Problem(problem.ms, replace(problem.goal, freedom=None))
        return f"amplitudes within their ranges, not proven; for these amplitudes: {status_of(fixed, phases, ended)}"
    if not converges(problem):
        return f"not converged: {ended}, minimum of the p-norm"
    certificate = certify(problem.ms, phases, goal=problem.goal)
    if not certificate.is_stationary:
        return f"not converged: {ended}"
    active = len(certificate.times)
    envelope = " of the envelope" if problem.ms.is_narrow_band and problem.goal_samples is None else ""
    return f"local minimax{envelope}, residual {certificate.residual:.0e}, {active} active peaks; {ended}"
