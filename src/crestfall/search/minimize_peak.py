"""The one call: tones in, the design with the lowest peak out."""

from __future__ import annotations

import os

import numpy as np

from crestfall._types import FloatArray
from crestfall.atlas import Entry, find
from crestfall.closed_form.polygon import cancelling_phases
from crestfall.design import Design, Provenance
from crestfall.literature.baseline import METHODS, run_baseline
from crestfall.measures import sample_grid
from crestfall.multisine import Multisine
from crestfall.polish import certify
from crestfall.search.budget import Budget, ProgressCallback
from crestfall.search.explore import Search
from crestfall.search.starts import default_starts
from crestfall.search.task import can_polish
from crestfall.solvers.continuation import Problem

_LONG_S = 5.0
_MOST_TONES_IN_PROCESSES = 4096


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
    workers: int | None = None,
    use_atlas: bool = True,
    method: str = "minimax",
) -> Design:
    """Choose phases so that the peak is as small as possible.

    Many starts (the phases that the tones came with, Schroeder's, then random ones) follow the p-norm path from p = 6
    to p = 1026 in batches; the poor ones drop out early, and the best are polished to a local minimum of the peak
    itself. A longer search goes on from large perturbations of the best designs. Tones of one single frequency are
    solved in closed form.

    Args:
        ms: The tones.
        starts: Number of starts; by default 128 for few tones, fewer for many, or as many as the time limit allows.
        time_limit: Seconds after which the best so far is returned.
        seed: Seed of the random starts: the same seed and number of starts give the same answer.
        progress: Called with a ``Progress`` now and then; it may raise ``StopIteration`` to end the search.
        sample_rate: Minimise the peak over samples taken at this rate [Hz] instead of the true peak.
        n_points: Minimise the peak over ``linspace(0, period, n_points)`` instead of the true peak.
        target: Stop as soon as the crest factor is at most this.
        workers: Processes that compute; by default all cores when the time limit is 5 s or more, else one. The answer
            for a seed and a number of starts does not depend on it.
        use_atlas: Begin with the design that the atlas has for this problem, if it has one; without a number of starts
            and a time limit that design is the answer.
        method: ``"minimax"``, or a baseline of the literature, run as published from Schroeder's phases alone unless
            ``starts`` asks for random ones too: ``"schroeder"``, ``"clip"`` or ``"l2p"`` (see
            ``crestfall.literature``). A baseline lowers the true peak, in one process, without the atlas.

    Returns:
        The design. Ctrl-C and the time limit return the best so far; its ``status`` says so.

    Raises:
        ValueError: ``starts``, ``workers`` or ``time_limit`` is not above 0, the sample goal cannot be met (see
            ``sample_grid``), or ``method`` is unknown or unfit for these tones or for a sample goal.

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
    if method != "minimax":
        _require_baseline(method, sample_goal=sample_rate is not None or n_points is not None)
        return run_baseline(
            ms, method, starts=starts, time_limit=time_limit, seed=seed, progress=progress, target=target
        )
    goal_samples = None
    if sample_rate is not None or n_points is not None:
        goal_samples = sample_grid(ms, sample_rate, n_points)
    with Budget(time_limit) as budget:
        if ms.has_one_frequency:
            return _closed_form(ms, goal_samples, budget)
        problem = Problem(ms, goal_samples)
        unlimited = starts is None and time_limit is None
        if unlimited:
            starts = default_starts(problem)
        known = find(ms) if use_atlas and goal_samples is None else None
        if known is not None and unlimited:
            return _from_atlas(ms, *known, budget)
        search = Search(problem, seed, starts, budget, progress, _worker_count(workers, ms, time_limit), target)
        search.run(*([] if known is None else [known[1]]))
        return _design(search, problem, seed, budget, known)


def _require_baseline(method: str, *, sample_goal: bool) -> None:
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; choose one of {', '.join(map(repr, ('minimax', *METHODS)))}")
    if sample_goal:
        raise ValueError(f"method {method!r} lowers the true peak; leave out sample_rate and n_points, or the method")


def _closed_form(ms: Multisine, goal_samples: int | None, budget: Budget) -> Design:
    what = "one tone has nothing to choose" if ms.n == 1 else "tones of one frequency close a polygon (closed form)"
    provenance = Provenance("closed form", seconds=budget.elapsed, goal_samples=goal_samples)
    phases = cancelling_phases(ms.amplitudes)
    return Design.of(ms, phases, status=f"global optimum: {what}", provenance=provenance)


def _from_atlas(ms: Multisine, entry: Entry, phases: FloatArray, budget: Budget) -> Design:
    provenance = Provenance(f"atlas of {entry.date}", seconds=budget.elapsed)
    status = _status(Problem(ms), phases, f"from the atlas of {entry.date}")
    return Design.of(ms, phases, status=status, provenance=provenance)


def _design(
    search: Search, problem: Problem, seed: int, budget: Budget, known: tuple[Entry, FloatArray] | None
) -> Design:
    method = "p-norm continuation, minimax polish" if can_polish(problem) else "p-norm continuation"
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
    within_one_turn = np.mod(search.best, 2.0 * np.pi)
    ended = f"best of {search.done} starts"
    if budget.reason is not None:
        ended = f"{budget.reason} after {search.done} starts"
    status = _status(problem, within_one_turn, ended)
    return Design.of(problem.ms, within_one_turn, status=status, provenance=provenance)


def _status(problem: Problem, phases: FloatArray, ended: str) -> str:
    """What is proven about the phases, and how the search ended."""
    if not can_polish(problem):
        return f"not converged: {ended}, minimum of the p-norm"
    certificate = certify(problem.ms, phases, goal_samples=problem.goal_samples)
    if not certificate.is_stationary:
        return f"not converged: {ended}"
    active = len(certificate.times)
    return f"local minimax, residual {certificate.residual:.0e}, {active} active peaks; {ended}"


def _worker_count(workers: int | None, ms: Multisine, time_limit: float | None) -> int:
    """Processes to use: all cores for a search that is long enough to make up for starting them."""
    if workers is not None:
        return int(workers)
    long = time_limit is not None and time_limit >= _LONG_S and ms.n <= _MOST_TONES_IN_PROCESSES
    return (os.cpu_count() or 1) if long else 1
