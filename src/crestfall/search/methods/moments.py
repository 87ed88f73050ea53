"""After a search: a lower bound by moments, within a time of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from crestfall.certainty.bounds import peak_lower_bound
from crestfall.certainty.measures import true_peak
from crestfall.certainty.moments import BoundProof, moment_bounds, next_step
from crestfall.problem.problem import Problem
from crestfall.search.budget import INTERRUPTED
from crestfall.search.run import Run, Solution

_REACHED = 1.05e-3
"""Relative gap at which a higher bound would say no more: the design is the global optimum to 0.1 %."""


def require_moments(problem: Problem) -> None:
    """Raise unless moments say something about these tones.

    Raises:
        ValueError: A frequency occurs twice.
    """
    tones = problem.tones
    if tones.has_repeated_frequencies and not tones.has_one_frequency:
        raise ValueError(
            "the tones hold a frequency twice, for which there is no bound by moments; leave out bound_time"
        )


def with_moments(run: Run, found: Solution) -> Solution:
    """The solution with the higher of the bound that it has and one that moments prove within ``Effort.bound_time``."""
    ms, phases = run.problem.ms, np.asarray(run.problem.phases(found.variables))
    peak, start = true_peak(ms, phases), max(peak_lower_bound(ms), found.proven_peak_bound or 0.0)
    if run.effort.bound_time is None or start >= peak * (1.0 - _REACHED) or run.budget.reason == INTERRUPTED:
        return found
    rms, done, reached = run.problem.problem.nominal_rms(), list(found.moment_steps), False
    bound = None
    for bound in moment_bounds(ms, start, run.effort.bound_time, lambda: run.budget.reason == INTERRUPTED, done=done):
        found = replace(found, proven_peak_bound=min(bound.peak, peak), proven_by=bound.name, bound_is_stated=False)
        run.report(f"{bound.name}, lower bound {bound.peak / rms:.4f}")
        if reached := bound.peak >= peak * (1.0 - _REACHED):  # the global optimum to 0.1 %: no higher one says more
            break
    proof = found.bound_proof if bound is None else BoundProof.of(ms, bound)
    status = f"{found.status or 'not proven'}; {_outcome(run, done, reached)}"
    return replace(found, status=status, bound_proof=proof, moment_steps=tuple(done))


def _outcome(run: Run, done: list[str], reached: bool) -> str:
    """Whether more time for the bound pays."""
    if reached:
        return "the bound is reached to 0.1 %"
    if run.budget.reason == INTERRUPTED:
        return "the bound was interrupted"
    following = next_step(run.problem.ms, done)
    if following is None:
        return "the bound is finished: more time raises it no further"
    return f"the bound ended with its time: {following.whole_seconds} s more may raise it"
