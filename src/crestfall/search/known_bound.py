"""Bounds that are known before a search begins: that of a design to begin with, and the atlas's.

A bound depends on the tones alone. So it is kept whatever phases the search ends with.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crestfall.certainty.moments import BoundProof, steps_up_to
from crestfall.certainty.scaled_bound import scaled_bound
from crestfall.design.design import FROM_ATLAS, Design
from crestfall.problem.problem import Problem
from crestfall.search.effort import Effort
from crestfall.search.known import known_peak

if TYPE_CHECKING:
    from crestfall.search.run import Run, Solution

_ROUNDING = 1e-9
_WRONG = "the bound that the file states is wrong: these phases are below it"


class KnownBound(NamedTuple):
    """A bound of a problem of one drive.

    Attributes:
        peak: What no phases can beat, in the unit of the amplitudes.
        argument: What proves it.
        proof: Its proof in integers, where it is at hand.
        is_stated: Whether only a file says so.
        moment_steps: Steps of a proof by moments that need not be taken again.
    """

    peak: float
    argument: str
    proof: BoundProof | None = None
    is_stated: bool = False
    moment_steps: tuple[str, ...] = ()


def known_bounds(problem: Problem, effort: Effort, begin: Design | None) -> tuple[KnownBound, ...]:
    """What is known about a problem of one drive before it is searched.

    Args:
        problem: The problem.
        effort: Whether the atlas counts.
        begin: A design to begin with.
    """
    found = [None if begin is None else _of_design(problem, begin), _of_atlas(problem) if effort.use_atlas else None]
    return tuple(bound for bound in found if bound is not None)


def _of_atlas(problem: Problem) -> KnownBound | None:
    """The atlas's, for the true peak over free phases."""
    found = known_peak(problem)
    if found is None:
        return None
    steps = steps_up_to(problem.tones, found.argument)
    return KnownBound(found.peak, found.argument + FROM_ATLAS, moment_steps=steps)


def _of_design(problem: Problem, begin: Design) -> KnownBound | None:
    """That of a design, if it is about the same: its tones over free phases, or its delays in steps."""
    if begin.proven_peak_bound is None and not begin.moment_steps:
        return None
    peak, ms, own = begin.proven_peak_bound or 0.0, problem.tones, begin.multisine
    proof, argument = begin.bound_proof, begin.proven_by or ""
    if problem.is_only_true_peak and begin.problem.is_only_true_peak:
        if ms.complex != own.complex or not np.array_equal(ms.frequencies, own.frequencies):
            return None
        peak = scaled_bound(peak, own.amplitudes, ms.amplitudes)
    elif problem.delay_steps is None or problem != begin.problem:
        return None
    return KnownBound(peak, argument, proof, begin.bound_is_stated, begin.moment_steps)


def with_known_bounds(run: Run, found: Solution) -> Solution:
    """The solution with the highest of the bound that it has and those that were known before."""
    if not run.known_bounds:
        return found
    problem = run.problem.problem
    of_value = 1.0 if problem.held_samples is not None else problem.nominal_rms()
    peak = run.problem.value(found.variables) * of_value
    for known in run.known_bounds:
        steps = dict.fromkeys((*found.moment_steps, *known.moment_steps))
        found = replace(found, moment_steps=tuple(steps))
        if known.is_stated and known.peak > peak * (1.0 + _ROUNDING):
            if _WRONG not in (found.status or ""):
                found = replace(found, status=f"{found.status or 'not proven'}; {_WRONG}")
        elif known.peak > (found.proven_peak_bound or 0.0) * (1.0 + _ROUNDING * known.is_stated):
            found = replace(
                found,
                proven_peak_bound=min(known.peak, peak),
                proven_by=known.argument,
                bound_proof=known.proof,
                bound_is_stated=known.is_stated,
            )
    return found
