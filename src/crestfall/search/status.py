"""What a design's status says: what is proven about its phases, and how the search ended."""

from __future__ import annotations

from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.polish import certify
from crestfall.problem.arrays import FloatArray
from crestfall.search.refine import will_be_polished

_ZERO = 1e-7
"""A value that counts as 0, relative to the RMS over a long time."""


def status_of(problem: CompiledProblem, variables: FloatArray, ended: str) -> str:
    """What is proven about the variables ``(m,)``, and how the search ended."""
    if problem.freedom is not None:
        fixed = CompiledProblem(problem.problem.with_fixed_amplitudes(problem.tones(variables)))
        phases = status_of(fixed, variables[: problem.phase_map.n_free], ended)
        return f"amplitudes within their ranges, not proven; for these amplitudes: {phases}"
    if problem.problem.measure != "one-sided" and problem.value(variables) <= _ZERO:
        return f"global optimum: the signal is below {_ZERO:g} of its RMS at all times that count; {ended}"
    if not will_be_polished(problem):
        return f"not converged: {ended}, minimum of the p-norm"
    if not problem.phase_map.n_free:
        return f"the constraints leave no phases to choose; {ended}"
    certificate = certify(problem.problem, problem.phases(variables))
    if not certificate.is_stationary:
        return f"not converged: {ended}"
    active = len(certificate.times)
    envelope = " of the envelope" if problem.problem.is_through_envelope else ""
    return f"local minimax{envelope}, residual {certificate.residual:.0e}, {active} active peaks; {ended}"
