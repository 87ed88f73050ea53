"""The one entry point: a problem in, the design with the lowest peak out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Unpack

import numpy as np

from crestfall.certainty.measures import true_peak
from crestfall.design.design import Design
from crestfall.design.provenance import Provenance
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.problem.arguments import shown
from crestfall.problem.division import Part, divided, joined, joined_amplitudes
from crestfall.problem.guide import points_to_page
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.search.asking import ShortForm, method_for, problem_and_effort, require_possible
from crestfall.search.budget import Budget, ProgressCallback
from crestfall.search.effort import Effort
from crestfall.search.executors.dask_client import require_client
from crestfall.search.lines import LineChoice
from crestfall.search.method import Method, require_suitable
from crestfall.search.methods import METHODS
from crestfall.search.methods.branch_and_bound import require_proof_possible
from crestfall.search.methods.moments import require_moments
from crestfall.search.run import Solution
from crestfall.search.solve_part import effort_for, first_of, run_of, share_of, solved
from crestfall.search.whole_report import WholeReport
from crestfall.signal.backend import backend_of
from crestfall.signal.blas_threads import blas_threads_for


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

    Many starts (the phases that the tones came with, Schroeder's, then random ones) follow the p-norm path from p = 4
    to p = 1026 in batches; the poor ones are eliminated early, and the best are polished to a local minimum of the peak
    itself. A longer search continues from large perturbations of the best designs. Tones with a single frequency are
    solved in closed form, and phases of an alphabet by a search over sequences. Lines that may move are first searched
    where they are, then at the most promising sets of lines within the tolerance, each with the given effort; the time
    limit is for all of them together.

    Args:
        problem: What to solve (see ``Problem``), or in the short form just the tones; or a design to continue from.
        effort: How hard to try (see ``Effort``).
        method: ``"minimax"``, or a baseline from the literature, ``"schroeder"``, ``"clip"`` or ``"l2p"``, run as
            published from Schroeder's phases alone unless ``starts`` asks for random ones too; or a method of your own
            (see ``crestfall.search.method``). By default, one that suits the problem.
        progress: Called with a ``Progress`` during the search; it may raise ``StopIteration`` to end it.
        begin: A design for the same tones to begin with: its phases and amplitudes, as near as the problem allows. The
            answer is not worse than these.
        short: The short form: fields of ``Problem`` by their names (``constraints`` are its ``phases``) next to a
            multisine, and fields of ``Effort``, such as ``outputs=``, ``measure=``, ``time_limit=``, ``seed=``.

    Returns:
        The design. After Ctrl-C, at the time limit, or when a cluster is lost it is the best so far; its ``status``
        says so.

    Raises:
        ValueError: An argument is out of range, or two exclude each other (``IncompatibleError``).
        TypeError: A keyword is unknown, or a value is given twice.
        ConnectionError: The client is closed, or has lost its scheduler.
        ImportError: A ``device`` is given, but PyTorch is not installed.
        MemoryError: The search would need more memory than ``max_memory``, or than the machine has. Raised before it
            starts, with an estimate.

    Warns:
        CrestfallWarning: The samples that count (``over=Samples(…)``) are too few to show every tone.

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
    return minimize_within(None, asked, effort, method, progress, begin)


def minimize_within(
    outer: Budget | None,
    asked: Problem,
    effort: Effort,
    method: Method | str | None = None,
    progress: ProgressCallback | None = None,
    begin: Design | None = None,
) -> Design:
    """The same as a part of a longer search, with whose budget it ends at the latest."""
    if progress is not None and not callable(progress):
        raise TypeError(f"progress is {shown(progress)}; give a function of one argument, a Progress")
    chosen = method_for(asked, method, METHODS)
    require_possible(asked, effort, chosen)
    if effort.client is not None:
        require_client(effort.client)
    backend_of(effort.device, effort.dtype)
    parts = divided(replace(asked, lines=None))
    for part in parts:
        require_suitable(chosen, part.problem)
        if effort.prove:
            require_proof_possible(part.problem, effort.checkpoint)
        if effort.bound_time is not None:
            require_moments(part.problem)
    stall_limit = effort.stall_limit if len(parts) == 1 and asked.lines is None else None  # else each search has it
    with Budget(effort.seconds, stall_limit, outer, own_clock=True) as budget, blas_threads_for(asked.tones.n):
        lines = None if asked.lines is None else LineChoice(asked, chosen, effort, progress, begin)
        solutions = _solve_each(asked, parts, chosen, effort, budget, progress, begin, lines)
        return _design(asked if lines is None else lines.problem, parts, solutions, budget)


def _solve_each(
    asked: Problem,
    parts: Sequence[Part],
    method: Method,
    effort: Effort,
    budget: Budget,
    progress: ProgressCallback | None,
    begin: Design | None,
    lines: LineChoice | None,
) -> list[tuple[CompiledProblem, Solution]]:
    """The solution of each part; time that one part leaves goes to the next."""
    efforts = [effort_for(effort, part) for part in parts]
    if asked.channels is None:
        if lines is not None:
            return [lines.solve(0, budget)]
        return [solved(parts[0], run_of(parts[0], efforts[0], budget, progress, begin), method)]
    whole = None
    if progress is not None:
        first = [first_of(part, mine, begin) for part, mine in zip(parts, efforts, strict=True)]
        whole = WholeReport(asked, parts, first)
    found: list[tuple[CompiledProblem, Solution]] = []
    for number, (part, mine) in enumerate(zip(parts, efforts, strict=True)):
        if number and budget.spent():  # every input gets phases, if only those that it would have begun with
            compiled, variables = first_of(part, mine, begin)
            found.append((compiled, Solution(variables, "first start", status="not searched")))
            continue
        own = budget if len(parts) == 1 else share_of(budget, len(parts) - number, effort.stall_limit)
        about = None if whole is None else whole.about(number)
        if lines is not None:
            found.append(lines.solve(number, own, about))
        else:
            found.append(solved(part, run_of(part, mine, own, progress, begin, about), method))
        if whole is not None:
            whole.solved(number, *found[-1])
    return found


def _to_begin_with(asked: Problem, begin: Design | None) -> Design | None:
    """The design to begin with, if its phases are those of this problem's tones."""
    if begin is None:
        return None
    if not isinstance(begin, Design):
        raise TypeError(f"begin is {shown(begin)}; give a Design, such as load('design.json')")
    same_inputs = begin.phases.ndim == (2 if asked.has_own_phases else 1)
    if not same_inputs or not np.array_equal(begin.multisine.frequencies, asked.tones.frequencies):
        raise ValueError("begin is a design of other tones or inputs; leave it out")
    return begin


def _design(
    asked: Problem, parts: Sequence[Part], found: Sequence[tuple[CompiledProblem, Solution]], budget: Budget
) -> Design:
    """The design of the whole problem, from the solutions of its parts."""
    tones = [compiled.tones(solution.variables) for compiled, solution in found]
    phases = [np.mod(compiled.phases(solution.variables), 2.0 * np.pi) for compiled, solution in found]
    solutions = [solution for _, solution in found]
    first = solutions[0]
    together, multisine, history = phases[0], tones[0], first.history
    if asked.channels is not None:
        together, multisine = joined(asked, parts, phases), joined_amplitudes(asked, parts, tones)
        history = () if len(parts) > 1 else tuple((seconds, figure * parts[0].share) for seconds, figure in history)
    bound = first.proven_peak_bound if asked.channels is None else _bound_of_inputs(asked, parts, first)
    if bound is not None and asked.held_samples is None and asked.channels is None:
        # The rounding of shifted phases must not put the peak below what was proved.
        bound = min(bound, true_peak(multisine, together))
    provenance = Provenance(
        first.method, first.seed, sum(solution.starts for solution in solutions), budget.elapsed, history
    )
    status = first.status or "not proven"
    design = Design.of(
        asked,
        together,
        multisine=multisine,
        status=status,
        provenance=provenance,
        proven_peak_bound=bound,
        proven_by=None if bound is None else first.proven_by,
    )
    if bound is not None or first.moment_steps:
        proof = first.bound_proof
        is_its_own = proof is not None and asked.channels is None and proof.is_about(multisine)
        kept = proof if is_its_own else None
        steps = first.moment_steps if asked.channels is None else ()
        design = replace(design, bound_proof=kept, bound_is_stated=first.bound_is_stated, moment_steps=steps)
    if len(parts) == 1:
        return design
    status = f"{design.worst.channel} is the worst: {solutions[design.deciding_part].status or 'not proven'}"
    if budget.reason is not None and budget.reason not in status:  # what ended another input's search
        status += f"; {budget.reason}"
    return replace(design, status=status)


def _bound_of_inputs(asked: Problem, parts: Sequence[Part], found: Solution) -> float | None:
    """What was proved of the one drive that all inputs are copies of, as a peak of the highest of them; else ``None``.

    Inputs with limits are not compared by their crest factors, and inputs with phases of their own have a bound each.
    """
    limits = None if asked.channels is None else asked.channels.limits
    if found.proven_peak_bound is None or len(parts) > 1 or limits is not None or parts[0].problem.outputs:
        return None
    drive = CompiledProblem(parts[0].problem)
    design = Design.of(asked, drive.phases(found.variables))
    return found.proven_peak_bound / parts[0].problem.nominal_rms() * design.rms
