"""After a search: branch and bound from its design, within what is left of the same budget."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from crestfall.certainty.proof import Proof, prove, require_provable
from crestfall.engine.polish import polish
from crestfall.problem.problem import Problem
from crestfall.search.run import Run, Solution
from crestfall.search.status import status_of

GAP = 1e-3
"""Relative gap at which a design counts as the global optimum: 0.1 %."""

_BETTER = 1e-9


def require_proof_possible(problem: Problem) -> None:
    """Raise a ``ValueError`` unless ``crestfall.certainty.proof`` covers the tones."""
    if not problem.tones.has_one_frequency:  # those have a closed form, which is its own proof
        require_provable(problem.tones)


def with_proof(run: Run, found: Solution) -> Solution:
    """The solution, or a better one that the proof came across, with the bound that was proved in time.

    Args:
        run: The search that found it; the proof ends with its budget, and the bound reached by then is kept.
        found: What the search found.
    """
    problem, ms = run.problem, run.problem.ms
    rms = problem.problem.nominal_rms()
    peak = problem.value(found.variables) * rms

    def report(proof: Proof) -> None:
        run.report(f"branch and bound, {proof.boxes} boxes, lower bound {proof.lower_bound / rms:.4f}")

    proof = prove(ms, np.asarray(problem.phases(found.variables)), gap=GAP, stop=run.spent, progress=report)
    if proof.peak < peak * (1.0 - _BETTER):
        variables = polish(problem.problem, proof.phases).variables
        run.offer(problem.value(variables), variables)
        status = status_of(problem, variables, "found by branch and bound")
        found = replace(found, variables=variables, status=status, history=run.history)
    bound = proof.lower_bound if proof.lower_bound > 0.0 else None
    status = _status(found.status or "", proof, run.budget.reason)
    method = f"{found.method}, branch and bound"
    return replace(found, method=method, status=status, proven_peak_bound=bound)


def _status(before: str, proof: Proof, ended: str | None) -> str:
    if proof.proven and proof.boxes == 0:
        return "global optimum: time shifts make all phases of these tones equivalent"
    if proof.proven:
        return f"global optimum to {100 * GAP:.1g} %: branch and bound, {proof.boxes} boxes"
    when = {"time limit": "at the time limit", "interrupted": "when interrupted"}.get(ended or "", f"({ended})")
    return f"{before}; branch and bound stopped {when}: the gap says what is proved"
