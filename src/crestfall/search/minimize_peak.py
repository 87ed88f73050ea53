"""The one call: tones in, the design with the lowest peak out."""

from __future__ import annotations

import numpy as np

from crestfall._types import FloatArray
from crestfall.closed_form.polygon import cancelling_phases
from crestfall.design import Design, Provenance
from crestfall.measures import crest_factor, sample_grid
from crestfall.multisine import Multisine
from crestfall.polish import certify, polish
from crestfall.search.budget import Budget, Progress, ProgressCallback
from crestfall.search.race import heat_size, run_heat
from crestfall.search.starts import Starts, default_starts
from crestfall.solvers.continuation import Problem

_WORTH_A_POLISH = 1.004  # a polish lowers the end of the p-norm path by 0.1 to 0.4 %
_MOST_TONES = 512
_MOST_ENTRIES = 2**24


def minimize_peak(
    ms: Multisine,
    *,
    starts: int | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    progress: ProgressCallback | None = None,
    sample_rate: float | None = None,
    n_points: int | None = None,
) -> Design:
    """Choose phases so that the peak is as small as possible.

    Many starts (the phases that the tones came with, Schroeder's, then random ones) follow the p-norm path from p = 6
    to p = 1026 in batches; the poor ones drop out early, and the best are polished to a local minimum of the peak
    itself. Tones of one single frequency are solved in closed form.

    Args:
        ms: The tones.
        starts: Number of starts; by default 128 for few tones, fewer for many, or as many as the time limit allows.
        time_limit: Seconds after which the best so far is returned.
        seed: Seed of the random starts: the same seed and number of starts give the same answer.
        progress: Called with a ``Progress`` now and then; it may raise ``StopIteration`` to end the search.
        sample_rate: Minimise the peak over samples taken at this rate [Hz] instead of the true peak.
        n_points: Minimise the peak over ``linspace(0, period, n_points)`` instead of the true peak.

    Returns:
        The design. Ctrl-C and the time limit return the best so far; its ``status`` says so.

    Raises:
        ValueError: ``starts`` or ``time_limit`` is not above 0, or the sample goal cannot be met (see ``sample_grid``).

    Example:
        >>> ms = Multisine.harmonics(range(1, 16), fundamental=10.0)
        >>> design = minimize_peak(ms, starts=16, seed=0)
        >>> design.crest_factor < 1.42 < crest_factor(ms, Starts(ms, 0)[0])
        True
    """
    if starts is not None and (starts < 1 or starts != int(starts)):
        raise ValueError(f"starts is {starts}; give an integer of at least 1, or None for a sensible number")
    goal_samples = None
    if sample_rate is not None or n_points is not None:
        goal_samples = sample_grid(ms, sample_rate, n_points)
    with Budget(time_limit) as budget:
        if ms.has_one_frequency:
            return _closed_form(ms, goal_samples, budget)
        problem = Problem(ms, goal_samples)
        if starts is None and time_limit is None:
            starts = default_starts(problem)
        return _Search(problem, Starts(ms, seed), starts, budget, progress).run(seed)


def _closed_form(ms: Multisine, goal_samples: int | None, budget: Budget) -> Design:
    what = "one tone has nothing to choose" if ms.n == 1 else "tones of one frequency close a polygon (closed form)"
    provenance = Provenance("closed form", seconds=budget.elapsed, goal_samples=goal_samples)
    phases = cancelling_phases(ms.amplitudes)
    return Design.of(ms, phases, status=f"global optimum: {what}", provenance=provenance)


class _Search:
    """The best so far, and what has been spent on it."""

    def __init__(
        self, problem: Problem, starts: Starts, total: int | None, budget: Budget, progress: ProgressCallback | None
    ) -> None:
        self.problem = problem
        self.starts = starts
        self.total = total
        self.budget = budget
        self.progress = progress
        self.done = 0
        self.best: FloatArray = starts[0]
        self.best_goal = float("inf")
        self.best_crest_factor = float("inf")
        self.history: list[tuple[float, float]] = []
        self.polishes = can_polish(problem)

    def run(self, seed: int) -> Design:
        # Closed forms count as they are: an early stop must not return less than what costs nothing.
        for phases in self.starts.fixed:
            self._offer(phases)
        self._report("closed forms")
        while not self.budget.spent() and (self.total is None or self.done < self.total):
            count = heat_size(self.problem)
            if self.total is not None:
                count = min(count, self.total - self.done)
            starts = self.starts.batch(self.done, count)
            self._offer_polished(run_heat(self.problem, starts, self.budget.spent, self._report))
            self.done += count if not self.budget.spent() else 0
            self._report("starts")
        return self._design(seed)

    def _offer_polished(self, phases: FloatArray) -> None:
        """Keep the phases if nothing better is known; polish them first if that may make them the best."""
        goal = self._offer(phases)
        if self.polishes and goal <= _WORTH_A_POLISH * self.best_goal and not self.budget.spent():
            self._report("polish")
            found = polish(self.problem.ms, phases, goal_samples=self.problem.goal_samples, stop=self.budget.spent)
            self._offer(found.phases)

    def _offer(self, phases: FloatArray) -> float:
        """Keep the phases if nothing better is known; what they reach of the goal."""
        ms, goal_samples = self.problem.ms, self.problem.goal_samples
        true_crest_factor = crest_factor(ms, phases)
        goal = true_crest_factor if goal_samples is None else float(self.problem.sampled_peaks(phases[None])[0])
        if goal < self.best_goal:
            self.best, self.best_goal, self.best_crest_factor = phases, goal, true_crest_factor
            self.history.append((self.budget.elapsed, true_crest_factor))
        return goal

    def _report(self, stage: str) -> None:
        if self.progress is None:
            return
        try:
            self.progress(
                Progress(
                    best_crest_factor=self.best_crest_factor,
                    starts_done=self.done,
                    starts_total=self.total,
                    elapsed_s=self.budget.elapsed,
                    time_left_s=self.budget.time_left,
                    stage=stage,
                )
            )
        except StopIteration:
            self.budget.end("stopped by the progress callback")

    def _design(self, seed: int) -> Design:
        provenance = Provenance(
            method="p-norm continuation, minimax polish" if self.polishes else "p-norm continuation",
            seed=seed,
            starts=self.done,
            seconds=self.budget.elapsed,
            goal_samples=self.problem.goal_samples,
            history=tuple(self.history),
        )
        within_one_turn = np.mod(self.best, 2.0 * np.pi)
        status = self._status(within_one_turn)
        return Design.of(self.problem.ms, within_one_turn, status=status, provenance=provenance)

    def _status(self, phases: FloatArray) -> str:
        """What is proven about the phases, and how the search ended."""
        ended = f"best of {self.done} starts"
        if self.budget.reason is not None:
            ended = f"{self.budget.reason} after {self.done} starts"
        if not self.polishes:
            return f"not converged: {ended}, minimum of the p-norm"
        certificate = certify(self.problem.ms, phases, goal_samples=self.problem.goal_samples)
        if not certificate.is_stationary:
            return f"not converged: {ended}"
        active = len(certificate.times)
        return f"local minimax, residual {certificate.residual:.0e}, {active} active peaks; {ended}"


def can_polish(problem: Problem) -> bool:
    """Whether a polish pays: distinct frequencies, no tones that alias, and dense matrices that stay small."""
    ms = problem.ms
    band = int(np.max(np.abs(ms.harmonic_numbers)))
    samples = problem.goal_samples or 16 * band
    small = ms.n <= _MOST_TONES and ms.n * samples <= _MOST_ENTRIES
    return small and samples > 2 * band and not ms.has_repeated_frequencies
