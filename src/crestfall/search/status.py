"""What a design's status says: what is proven about its phases, and how the search ended."""

from __future__ import annotations

from crestfall._types import FloatArray
from crestfall.polish import certify
from crestfall.search.refine import converges
from crestfall.solvers.continuation import Problem


def status_of(problem: Problem, phases: FloatArray, ended: str) -> str:
    """What is proven about the phases, and how the search ended."""
    if not converges(problem):
        return f"not converged: {ended}, minimum of the p-norm"
    certificate = certify(problem.ms, phases, goal=problem.goal)
    if not certificate.is_stationary:
        return f"not converged: {ended}"
    active = len(certificate.times)
    return f"local minimax, residual {certificate.residual:.0e}, {active} active peaks; {ended}"
