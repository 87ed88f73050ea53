"""The search for one part of a problem: its effort, its share of the time, its reductions, its method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from crestfall.design.design import Design
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.problem import compatibility as pairs
from crestfall.problem.arrays import FloatArray
from crestfall.problem.division import Part
from crestfall.search.budget import Budget, Progress, ProgressCallback
from crestfall.search.effort import Effort
from crestfall.search.known_bound import known_bounds, with_known_bounds
from crestfall.search.method import Method
from crestfall.search.methods.branch_and_bound import with_proof
from crestfall.search.methods.moments import with_moments
from crestfall.search.reductions import closed_form, reduced, restored
from crestfall.search.run import Run, Solution
from crestfall.search.starts import first_phases

_AT_ONCE_S = 1e-3


def share_of(budget: Budget, parts: int, stall_limit: float | None) -> Budget:
    """The budget for one of the parts that are left."""
    left = None if budget.time_left is None else max(budget.time_left / parts, _AT_ONCE_S)
    return Budget(left, stall_limit, outer=budget)


def effort_for(effort: Effort, part: Part) -> Effort:
    """The effort for one part of the problem."""
    return replace(
        effort,
        seed=effort.seed + part.seed_step,
        target=None if effort.target is None else effort.target / part.share,
        # Otherwise several inputs with phases of their own could end at the same known design.
        use_atlas=effort.use_atlas and not part.has_own_phases,
        closed_forms=effort.closed_forms and not part.has_own_phases,
    )


def first_of(part: Part, effort: Effort, begin: Design | None) -> tuple[CompiledProblem, FloatArray]:
    """A part, and the variables ``(m,)`` [rad] that it has until it is searched."""
    compiled = CompiledProblem(part.problem)
    if begin is not None:
        return compiled, _variables_of(begin, part, compiled)
    return compiled, compiled.nearest(first_phases(part.problem, effort))


def _variables_of(begin: Design, part: Part, compiled: CompiledProblem) -> FloatArray:
    """The variables ``(m,)`` [rad] nearest to a design's phases and amplitudes for a part."""
    return compiled.variables_of(begin.phases[part.where], part.tones_of(begin.multisine))


def run_of(
    part: Part,
    effort: Effort,
    budget: Budget,
    progress: ProgressCallback | None,
    begin: Design | None,
    whole: Callable[[Progress], Progress] | None = None,
) -> Run:
    """The search for a part, after its reductions."""
    run = Run(CompiledProblem(reduced(part.problem)), effort, budget, progress, whole)
    run.known_bounds = known_bounds(part.problem, effort, begin)
    if begin is not None:
        run.begin_with(_variables_of(begin, part, run.problem))
    return run


def solved(part: Part, run: Run, method: Method) -> tuple[CompiledProblem, Solution]:
    """The solution of a part, and what its variables are those of."""
    published = pairs.PUBLISHED_METHOD in getattr(method, "abilities", ())  # run as published, whatever else is known
    solution = None if published else closed_form(run)
    if solution is None:
        solution = method.run(run)
        if run.effort.prove and solution.proven_peak_bound is None:
            solution = with_proof(run, solution)
    solution = with_known_bounds(run, solution)
    if run.effort.bound_time is not None:
        solution = with_moments(run, solution)
    return run.problem, restored(part.problem, run.problem, solution)
