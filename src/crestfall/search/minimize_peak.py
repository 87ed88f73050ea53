"""The one call: tones in, the design with the lowest peak out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.atlas import Entry, find
from crestfall.certainty.measures import rms, sample_grid, true_peak
from crestfall.design.design import Design, Provenance
from crestfall.engine.closed_form.polygon import cancelling_phases
from crestfall.engine.solvers.continuation import Problem
from crestfall.problem.amplitudes import ExtraTones, with_freedom
from crestfall.problem.arrays import FloatArray
from crestfall.problem.constraints import Constraint
from crestfall.problem.goal import Goal, Measure
from crestfall.problem.guide import points_to_page
from crestfall.problem.multisine import Multisine
from crestfall.problem.outputs import Output
from crestfall.search.budget import Budget, ProgressCallback
from crestfall.search.executors import require_cluster_possible
from crestfall.search.explore import Search
from crestfall.search.literature.baseline import METHODS, run_baseline
from crestfall.search.memory import free_on, largest_batch, require_fit
from crestfall.search.prove import DEFAULT_TIME_LIMIT_S, require_proof_possible, with_proof
from crestfall.search.refine import converges
from crestfall.search.starts import default_starts
from crestfall.search.status import status_of
from crestfall.signal.backend import Backend, backend_of
from crestfall.signal.start_at_zero import require_zero_crossing

_LONG_S = 5.0
_MOST_TONES_IN_PROCESSES = 4096
_UNLIMITED = 2**30


@points_to_page
def minimize_peak(
    ms: Multisine,
    *,
    starts: int | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    progress: ProgressCallback | None = None,
    sample_rate: float | None = None,
    n_points: int | None = None,
    target: float | None = None,
    stall_limit: float | None = None,
    workers: int | None = None,
    use_atlas: bool = True,
    closed_forms: bool = True,
    method: str = "minimax",
    outputs: Sequence[Output] = (),
    constraints: Sequence[Constraint] = (),
    measure: Measure = "peak",
    prove: bool = False,
    start_at_zero: bool = False,
    tolerance_db: npt.ArrayLike | None = None,
    extra: ExtraTones | None = None,
    client: Any = None,
    max_memory: float | None = None,
    device: Any = None,
    dtype: str = "float64",
) -> Design:
    """Choose phases so that the peak is as small as possible.

    Many starts (the phases that the tones came with, Schroeder's, then random ones) follow the p-norm path from p = 10
    to p = 1026 in batches; the poor ones drop out early, and the best are polished to a local minimum of the peak
    itself. A longer search goes on from large perturbations of the best designs. Tones of one single frequency are
    solved in closed form.

    Args:
        ms: The tones.
        starts: Number of starts; by default 512 for few tones, fewer for many, or as many as the time limit allows.
        time_limit: Seconds after which the best so far is returned; with ``prove`` it is for search and proof together,
            60 s when none is given.
        seed: Seed of the random starts: the same seed and number of starts give the same answer.
        progress: Called with a ``Progress`` now and then; it may raise ``StopIteration`` to end the search.
        sample_rate: Minimise the peak over samples taken at this rate [Hz] instead of the true peak.
        n_points: Minimise the peak over ``linspace(0, period, n_points)`` instead of the true peak.
        target: Stop as soon as the crest factor is at most this.
        stall_limit: Stop when nothing better was found for this many seconds; without a number of starts and a time
            limit the search goes on until then.
        workers: Processes that compute; by default all cores when the time limit is 5 s or more, else one. The answer
            for a seed and a number of starts does not depend on it.
        use_atlas: Begin with the design that the atlas has for this problem, if it has one; without a number of starts
            and a time limit that design is the answer.
        closed_forms: Begin with Schroeder's phases, too. Without them and without the atlas, the designs of different
            seeds have nothing in common.
        method: ``"minimax"``, or a baseline of the literature, run as published from Schroeder's phases alone unless
            ``starts`` asks for random ones too: ``"schroeder"``, ``"clip"`` or ``"l2p"`` (see
            ``crestfall.search.literature``). A baseline lowers the true peak, in one process, without the atlas.
        outputs: Signals that must be small: linear responses to the drive, each with its limit. The largest of them,
            relative to its limit, is minimised; the drive counts only if it is one of them (``Output()``).
        constraints: What the phases must obey: ``Hold``, ``Link``, ``ConjugateSymmetric``, ``Delays``.
        measure: ``"peak"``, ``"range"`` (max − min), ``"one-sided"`` (max) or ``"envelope"`` (see ``Goal``).
        prove: Go on with branch and bound until the design is known to be the global optimum to 0.1 %: within a minute
            for up to about ten tones. The design's lower bound is then what was proved in time (``crestfall.certainty.proof``).
        start_at_zero: Shift the answer in time so that the period begins and ends at an upward zero crossing; the peak
            does not change.
        tolerance_db: ``(n,)`` how far each amplitude may move in either direction [dB], or one number for all.
        extra: Tones that may be added to lower the peak (snow, tone reservation). With either, phases and amplitudes
            are chosen together, the peak counts relative to the RMS of the tones ``ms``, and the design's own multisine
            has the amplitudes that came out, the extra tones last; ``design.amplitude_report`` tells them apart.
        client: ``distributed.Client`` of a Dask cluster whose workers compute, instead of processes of this machine
            (``pip install 'crestfall[cluster]'``). The answer for a seed and a number of starts is the same.
        max_memory: Bytes that each process (on a GPU: the device) may use, the interpreter included: fewer starts run
            at once where needed, which is another race and may end at another design. By default as many run as ever,
            if the machine has the memory.
        device: ``"cuda"`` or ``"cpu"``, or a ``torch.device``: PyTorch computes the path there, NumPy the polish and
            the proof. By default NumPy computes all. On a GPU a round has eight times as many starts.
        dtype: ``"float64"``, or with a device ``"float32"``.

    Returns:
        The design. Ctrl-C, the time limit and a cluster that is lost return the best so far; its ``status`` says so.

    Raises:
        ValueError: ``starts``, ``workers``, ``time_limit`` or ``stall_limit`` is not above 0, the sample goal cannot be
            met (see ``sample_grid``), or ``method`` is unknown or unfit for these tones or for a sample goal. With
            ``prove``: a frequency occurs twice, there are more than 16 tones, something other than the true peak is
            minimised, or there is a ``stall_limit``. With ``start_at_zero``: the signal is complex, or something
            fixes its place in time: a constraint, or samples that are the goal. With ``tolerance_db`` or ``extra``:
            a tolerance below 0, an extra tone at a frequency of the signal, or a constraint on amplitudes. With
            ``client``: it is no client, or there are ``workers``, too, or a baseline of the literature. With
            ``device``: there is no such device, or several workers, a client or a baseline are asked for.
        ConnectionError: The client is closed, or has lost its scheduler.
        ImportError: A ``device`` is given, but PyTorch is not installed.
        MemoryError: The search needs more memory than ``max_memory``, or than the machine has: before it starts, with
            an estimate.

    Example:
        >>> ms = Multisine.harmonics(range(1, 16), fundamental=10.0)
        >>> design = minimize_peak(ms, starts=16, seed=0)
        >>> design.crest_factor < 1.42, design.status.startswith("local minimax")
        (True, True)
    """
    if starts is not None and (starts < 1 or starts != int(starts)):
        raise ValueError(f"starts is {starts}; give an integer of at least 1, or None for a sensible number")
    if workers is not None and (workers < 1 or workers != int(workers)):
        raise ValueError(f"workers is {workers}; give an integer of at least 1, or None for a sensible number")
    if client is not None:
        require_cluster_possible(client, workers=workers, method=method)
    computer = backend_of(device, dtype)
    if device is not None and (workers not in (None, 1) or method != "minimax" or client is not None):
        raise ValueError(f"device is {str(device)!r}, which computes all starts in one process, by no other method")
    ms, freedom = with_freedom(ms, tolerance_db, extra)
    samples = _goal_samples(ms, sample_rate, n_points)
    goal = Goal(samples, _resolved(ms, outputs), tuple(constraints), measure, freedom)
    goal.require_fit(ms)
    if start_at_zero:
        _require_shift(ms, goal)
    if prove:
        require_proof_possible(ms, method=method, goal=goal, stall_limit=stall_limit)
    if method != "minimax":
        _require_baseline(method, ms, goal)
        design = run_baseline(
            ms, method, starts=starts, time_limit=time_limit, seed=seed, progress=progress, target=target
        )
        return design.starting_at_zero() if start_at_zero else design
    limit = DEFAULT_TIME_LIMIT_S if prove and time_limit is None else time_limit
    # With a proof to follow the time is for both, and the usual starts are enough for few tones.
    unlimited = starts is None and stall_limit is None and (prove or time_limit is None)
    with Budget(limit, stall_limit) as budget:
        problem = Problem(ms, goal)
        batch = _batch_that_fits(problem, default_starts(problem) if unlimited else starts, computer, max_memory)
        if ms.has_one_frequency and not constraints and measure == "peak" and freedom is None:
            design = _closed_form(ms, goal, budget)
        elif not problem.spans.size:
            design = _all_held(problem, budget)
        else:
            if unlimited:
                starts = default_starts(problem)
            known = find(ms) if use_atlas and goal.is_plain else None
            if known is not None and unlimited:
                design = _from_atlas(ms, *known, budget)
            else:
                count = _worker_count(workers, ms, None if prove else time_limit or stall_limit)
                where = None if device is None else str(device)
                search = Search(
                    problem,
                    seed,
                    starts,
                    budget,
                    progress,
                    1 if where else count,
                    target,
                    device=where,
                    dtype=dtype,
                    largest_batch=batch,
                    closed_forms=closed_forms,
                    client=client,
                )
                search.run(*([] if known is None else [known[1]]))
                design = _design(search, problem, seed, budget, known)
            if prove and design.proven_peak_bound is None:
                design = with_proof(design, budget, progress)
    return design.starting_at_zero() if start_at_zero else design


def _batch_that_fits(problem: Problem, starts: int | None, computer: Backend, max_memory: float | None) -> int:
    """Starts that there is memory for at once; raises a ``MemoryError`` if there is none for a single one."""
    if max_memory is not None and not max_memory > 0:
        raise ValueError(f"max_memory is {max_memory}; give a number of bytes above 0, such as 4e9, or None")
    if computer.is_gpu and max_memory is None:
        max_memory = free_on(computer)
    if max_memory is not None:
        return largest_batch(Problem(problem.ms, problem.goal, computer), max_memory)
    require_fit(problem, starts=starts)
    return _UNLIMITED


def _require_shift(ms: Multisine, goal: Goal) -> None:
    """Raise unless the answer may be moved in time and has a zero crossing to begin at."""
    require_zero_crossing(ms)
    if goal.constraints:
        raise ValueError("start_at_zero moves the signal in time, which the constraints fix; give up one of them")
    if goal.samples is not None:
        raise ValueError(
            "start_at_zero moves the signal in time, and the samples whose peak was lowered would become others; "
            "leave out sample_rate and n_points, or start_at_zero"
        )


def _require_baseline(method: str, ms: Multisine, goal: Goal) -> None:
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; choose one of {', '.join(map(repr, ('minimax', *METHODS)))}")
    if not goal.is_plain:
        raise ValueError(
            f"method {method!r} lowers the true peak of the drive, all phases free; leave out the sample grid, "
            "outputs, constraints, free amplitudes and measure, or the method"
        )
    if ms.is_narrow_band:
        raise ValueError(
            f"method {method!r} needs samples of the whole period, too many for a narrow band on a high carrier; "
            "give it the envelope: ms.as_complex()"
        )


def _goal_samples(ms: Multisine, sample_rate: float | None, n_points: int | None) -> int | None:
    return None if sample_rate is None and n_points is None else sample_grid(ms, sample_rate, n_points)


def _resolved(ms: Multisine, outputs: Sequence[Output]) -> tuple[Output, ...]:
    """The outputs with their responses as numbers, which can be sent to workers and stored."""
    return tuple(Output(output.responses(ms), output.limit, output.name) for output in outputs)


def _closed_form(ms: Multisine, goal: Goal, budget: Budget) -> Design:
    what = "one tone has nothing to choose" if ms.n == 1 else "tones of one frequency close a polygon (closed form)"
    provenance = Provenance("closed form", seconds=budget.elapsed, goal_samples=goal.samples)
    phases = cancelling_phases(ms.amplitudes)
    return Design.of(ms, phases, status=f"global optimum: {what}", provenance=provenance, goal=goal)


def _all_held(problem: Problem, budget: Budget) -> Design:
    phases = np.mod(problem.phases(np.zeros(0)), 2.0 * np.pi)
    provenance = Provenance("constraints", seconds=budget.elapsed, goal_samples=problem.goal_samples)
    status = "global optimum: the constraints leave nothing to choose"
    return Design.of(problem.ms, phases, status=status, provenance=provenance, goal=problem.goal)


def _from_atlas(ms: Multisine, entry: Entry, phases: FloatArray, budget: Budget) -> Design:
    provenance = Provenance(f"atlas of {entry.date}", seconds=budget.elapsed)
    if not entry.proven:
        status = status_of(Problem(ms), phases, f"from the atlas of {entry.date}")
        return Design.of(ms, phases, status=status, provenance=provenance)
    bound = min(entry.lower_bound * rms(ms, phases), true_peak(ms, phases))
    status = f"global optimum to 0.1 %: branch and bound, from the atlas of {entry.date}"
    return Design.of(ms, phases, status=status, provenance=provenance, proven_peak_bound=bound)


def _design(
    search: Search, problem: Problem, seed: int, budget: Budget, known: tuple[Entry, FloatArray] | None
) -> Design:
    method = "p-norm continuation, minimax polish" if converges(problem) else "p-norm continuation"
    if known is not None:
        method += f", begun with the atlas of {known[0].date}"
    provenance = Provenance(
        method=method,
        seed=seed,
        starts=search.done,
        seconds=budget.elapsed,
        goal_samples=problem.goal_samples,
        history=tuple(search.history),
    )
    within_one_turn = np.mod(problem.phases(search.best), 2.0 * np.pi)
    ended = f"best of {search.done} starts"
    if budget.reason is not None:
        ended = f"{budget.reason} after {search.done} starts"
    tones = problem.tones(search.best)
    status = status_of(Problem(tones, problem.goal), within_one_turn, ended)
    return Design.of(tones, within_one_turn, status=status, provenance=provenance, goal=problem.goal)


def _worker_count(workers: int | None, ms: Multisine, seconds: float | None) -> int:
    """Processes to use: all cores for a search that is long enough to make up for starting them."""
    if workers is not None:
        return int(workers)
    long = seconds is not None and seconds >= _LONG_S and ms.n <= _MOST_TONES_IN_PROCESSES
    return (os.cpu_count() or 1) if long else 1
