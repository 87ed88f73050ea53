"""The one entry point: a problem in, the design with the lowest peak out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Unpack

import numpy as np

from crestfall.certainty.measures import true_peak
from crestfall.design.design import Design
from crestfall.design.provenance import Provenance
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.problem import compatibility as pairs
from crestfall.problem.division import Part, divided, joined, joined_amplitudes
from crestfall.problem.guide import points_to_page
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.search.asking import ShortForm, method_for, problem_and_effort, require_possible
from crestfall.search.budget import Budget, Progress, ProgressCallback
from crestfall.search.effort import Effort
from crestfall.search.executors.dask_client import require_client
from crestfall.search.method import Method, require_suitable
from crestfall.search.methods import METHODS
from crestfall.search.methods.branch_and_bound import require_proof_possible, with_proof
from crestfall.search.reductions import BeginAtZero, closed_form
from crestfall.search.run import Run, Solution
from crestfall.search.starts import first_phases
from crestfall.signal.backend import backend_of
from crestfall.signal.blas_threads import blas_threads_for

_AT_ONCE_S = 1e-3


@points_to_page
def minimize_peak(
    problem: Problem | Multisine | Design,
    *,
    effort: Effort | None = None,
    method: Method | str | None = None,
    progress: ProgressCallback | None = None,
    begin: Design | None = None,
    **short: Unpack[ShortForm],
) -> Design:
    """Choose phases so that the peak is as small as possible.

    Many starts (the phases that the tones came with, Schroeder's, then random ones) follow the p-norm path from p = 10
    to p = 1026 in batches; the poor ones are eliminated early, and the best are polished to a local minimum of the peak
    itself. A longer search goes on from large perturbations of the best designs. Tones of one single frequency are
    solved in closed form, phases of an alphabet by a search over sequences.

    Args:
        problem: What is asked (see ``Problem``), or in the short form just the tones; or a design, to go on from it.
        effort: How hard to try (see ``Effort``).
        method: ``"minimax"``, or a baseline of the literature, run as published from Schroeder's phases alone unless
            ``starts`` asks for random ones too: ``"schroeder"``, ``"clip"`` or ``"l2p"``; or a method of your own (see
            ``crestfall.search.method``). By default what suits the problem.
        progress: Called with a ``Progress`` now and then; it may raise ``StopIteration`` to end the search.
        begin: A design to begin with, for the same tones: its phases and amplitudes, as near as the problem allows. The
            answer is no worse than these.
        short: The short form: fields of ``Problem`` by their names (``constraints`` are its ``phases``) next to a
            multisine, and fields of ``Effort``, such as ``outputs=``, ``measure=``, ``time_limit=``, ``seed=``.

    Returns:
        The design. Ctrl-C, the time limit and a cluster that is lost return the best so far; its ``status`` says so.

    Raises:
        ValueError: Something is out of range, or two things exclude each other (``IncompatibleError``).
        TypeError: A keyword is unknown, or something is said twice.
        ConnectionError: The client is closed, or has lost its scheduler.
        ImportError: A ``device`` is given, but PyTorch is not installed.
        MemoryError: The search needs more memory than ``max_memory``, or than the machine has: before it starts, with
            an estimate.

    Example:
        >>> ms = Multisine.harmonics(range(1, 16), fundamental=10.0)
        >>> design = minimize_peak(ms, starts=16, seed=0)
        >>> design.crest_factor < 1.42, design.status.startswith("local minimax")
        (True, True)
        >>> minimize_peak(Problem(ms, measure="range"), effort=Effort(starts=16)).problem.figure
        'relative peak factor'
    """
    asked, effort = problem_and_effort(problem, effort, short)
    begin = _to_begin_with(asked, problem if isinstance(problem, Design) else begin)
    chosen = method_for(asked, method, METHODS)
    require_possible(asked, effort, chosen)
    if effort.client is not None:
        require_client(effort.client)
    backend_of(effort.device, effort.dtype)
    parts = divided(asked)
    for part in parts:
        require_suitable(chosen, part.problem)
        if effort.prove:
            require_proof_possible(part.problem)
    stall_limit = effort.stall_limit if len(parts) == 1 else None
    with Budget(effort.seconds, stall_limit) as budget, blas_threads_for(asked.tones.n):
        solutions = _solve_each(asked, parts, chosen, effort, budget, progress, begin)
        return _design(asked, parts, solutions, budget)


def _solve_each(
    asked: Problem,
    parts: Sequence[Part],
    method: Method,
    effort: Effort,
    budget: Budget,
    progress: ProgressCallback | None,
    begin: Design | None,
) -> list[tuple[CompiledProblem, Solution]]:
    """The solution of each part; time that one part leaves goes to the next."""
    found: list[tuple[CompiledProblem, Solution]] = []
    for number, part in enumerate(parts):
        own = budget
        if len(parts) > 1:
            left = None if budget.time_left is None else budget.time_left / (len(parts) - number)
            if budget.spent():  # every input gets phases, if only those of its first start; no more reports
                left, progress = _AT_ONCE_S, None
            own = Budget(None if left is None else max(left, _AT_ONCE_S), effort.stall_limit, outer=budget)
        target = None if effort.target is None else effort.target / part.share
        own_phases = isinstance(part.where, int)
        mine = replace(
            effort,
            seed=effort.seed + part.seed_step,
            target=target,
            # Otherwise several inputs with phases of their own could end at the same known design.
            use_atlas=effort.use_atlas and not own_phases,
            closed_forms=effort.closed_forms and not own_phases,
        )
        found.append(_solve(part, method, mine, own, progress, _about_whole(asked, parts, part, found), begin))
    return found


def _to_begin_with(asked: Problem, begin: Design | None) -> Design | None:
    """The design to begin with, if its phases are those of this problem's tones."""
    if begin is None:
        return None
    if not isinstance(begin, Design):
        raise TypeError(f"begin is {begin!r}; give a Design, such as load('design.json')")
    same_inputs = begin.phases.ndim == (2 if asked.has_own_phases else 1)
    if not same_inputs or not np.array_equal(begin.multisine.frequencies, asked.tones.frequencies):
        raise ValueError("begin is a design of other tones or inputs; leave it out")
    return begin


def _solve(
    part: Part,
    method: Method,
    effort: Effort,
    budget: Budget,
    progress: ProgressCallback | None,
    whole: Callable[[Progress], Progress] | None,
    begin: Design | None,
) -> tuple[CompiledProblem, Solution]:
    """The solution of a problem of one drive, after its reductions."""
    problem = part.problem
    reduced = BeginAtZero.apply(problem) if BeginAtZero.accepts(problem) else problem
    run = Run(CompiledProblem(reduced), effort, budget, progress, whole)
    if begin is not None:
        run.begin_with(run.problem.variables_of(begin.phases[part.where], part.tones_of(begin.multisine)))
    published = pairs.PUBLISHED_METHOD in getattr(method, "abilities", ())  # run as published, whatever else is known
    solution = None if published else closed_form(run)
    if solution is None:
        solution = method.run(run)
        if effort.prove and solution.proven_peak_bound is None:
            solution = with_proof(run, solution)
    if reduced is not problem:
        solution = BeginAtZero.invert(run.problem, solution)
    return run.problem, solution


def _about_whole(
    asked: Problem, parts: Sequence[Part], part: Part, before: Sequence[tuple[CompiledProblem, Solution]]
) -> Callable[[Progress], Progress] | None:
    """Turns a progress report about a part into one about the whole problem; ``None`` where there is one part."""
    if len(parts) == 1:
        return None
    known = [np.asarray(compiled.phases(solution.variables)) for compiled, solution in before]
    first, *rest = [first_phases(other.problem) for other in parts[len(known) :]]
    worst = max(
        (
            other.share * other.problem.figure_of(compiled.value(solution.variables))
            for other, (compiled, solution) in zip(parts, before, strict=False)
        ),
        default=0.0,
    )

    def whole(report: Progress) -> Progress:
        own = first if report.best_phases is None else report.best_phases
        stage = f"{part.label}: {report.stage}" if part.label else report.stage
        phases = joined(asked, parts, [*known, own, *rest])
        best = max(worst, report.best * part.share)
        return replace(report, best=best, stage=stage, best_phases=phases, best_amplitudes=None, figure=asked.figure)

    return whole


def _design(
    asked: Problem, parts: Sequence[Part], found: Sequence[tuple[CompiledProblem, Solution]], budget: Budget
) -> Design:
    """The design of the whole problem, from the solutions of its parts."""
    tones = [compiled.tones(solution.variables) for compiled, solution in found]
    phases = [np.mod(compiled.phases(solution.variables), 2.0 * np.pi) for compiled, solution in found]
    solutions = [solution for _, solution in found]
    first, bound = solutions[0], solutions[0].proven_peak_bound
    together, multisine, history = phases[0], tones[0], first.history
    if asked.channels is not None:
        together, multisine = joined(asked, parts, phases), joined_amplitudes(asked, parts, tones)
        history = () if len(parts) > 1 else tuple((seconds, figure * parts[0].share) for seconds, figure in history)
    if bound is not None:  # the rounding of shifted phases must not put the peak below what was proved
        bound = min(bound, true_peak(multisine, together))
    provenance = Provenance(
        first.method, first.seed, sum(solution.starts for solution in solutions), budget.elapsed, history
    )
    status = first.status or "not proven"
    design = Design.of(
        asked, together, multisine=multisine, status=status, provenance=provenance, proven_peak_bound=bound
    )
    if len(parts) == 1:
        return design
    status = f"{design.worst.channel} is the worst: {solutions[design.deciding_part].status or 'not proven'}"
    if budget.reason is not None and budget.reason not in status:  # what ended another input's search
        status += f"; {budget.reason}"
    return replace(design, status=status)
