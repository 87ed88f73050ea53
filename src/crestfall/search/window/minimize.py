"""The search for a low peak within a window: random starts along the p-norm path while there are starts and time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crestfall.certainty.window_maximum import window_maximum
from crestfall.engine.solvers.continuation import TAIL, follow
from crestfall.problem.arrays import FloatArray
from crestfall.problem.constraints import Constraint
from crestfall.problem.guide import points_to_page
from crestfall.search.budget import Budget, Progress, ProgressCallback
from crestfall.search.race import run_heat
from crestfall.search.window.design import WindowDesign
from crestfall.search.window.problem import WindowProblem
from crestfall.search.window.tones import WindowedMultisine

_DEFAULT_SAMPLES, _MANY_TONES = 2**18, 256
_BATCH = 64


@points_to_page
def minimize_peak_in_window(
    tones: WindowedMultisine,
    *,
    constraints: Sequence[Constraint] = (),
    starts: int | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    progress: ProgressCallback | None = None,
) -> WindowDesign:
    """Choose phases so that the peak within a window is as small as possible.

    Args:
        tones: The tones and the window.
        constraints: Phases, at time 0, that are held or linked: ``Hold``, ``Link``.
        starts: Number of starts; by default up to 128 for small problems, 2 for large ones, or as many as the time
            limit allows.
        time_limit: Seconds after which the best so far is returned.
        seed: Seed of the random starts: the same seed and number of starts give the same answer.
        progress: Called with a ``Progress`` now and then; it may raise ``StopIteration`` to end the search.

    Returns:
        The design. It ends at a minimum of a p-norm of exponent 4098, and its ``status`` says so. Ctrl-C and the time
        limit return the best so far.

    Raises:
        ValueError: ``starts`` or ``time_limit`` is not above 0, the window has too many oscillations, or the
            constraints do not fit the tones, contradict each other or are of another kind.
        ImportError: finufft would be needed and is not installed (``pip install 'crestfall[nufft]'``).

    Example:
        >>> tones = WindowedMultisine([1.0, 2**0.5, 3**0.5, 5**0.5], duration=10.0)
        >>> design = minimize_peak_in_window(tones, starts=16)
        >>> design.peak < 0.9 * WindowDesign.of(tones, [0.0] * 4).peak
        True
    """
    if starts is not None and (starts < 1 or starts != int(starts)):
        raise ValueError(f"starts is {starts}; give an integer of at least 1, or None for a sensible number")
    problem = WindowProblem(tones, tuple(constraints))
    if starts is None and time_limit is None:
        work = problem.samples_at(problem.path[-1]) * max(1.0, tones.n / _MANY_TONES)
        starts = int(np.clip(_DEFAULT_SAMPLES // work, 2, 128))
    with Budget(time_limit) as budget:
        if not problem.phase_map.n_free:
            status = "global optimum: the constraints leave nothing to choose"
            return WindowDesign.of(tones, problem.phases(np.zeros(0)), status=status, constraints=problem.constraints)
        search = _WindowSearch(problem, seed, starts, budget, progress)
        search.run()
        ended = f"best of {search.done} starts"
        if budget.reason is not None:
            ended = f"{budget.reason} after {search.done} starts"
        return WindowDesign.of(
            tones,
            problem.phases(search.best),
            constraints=problem.constraints,
            status=f"minimum of a p-norm over the window, not proven; {ended}",
            starts=search.done,
            seconds=budget.elapsed,
            seed=seed,
            history=tuple(search.history),
        )


class _WindowSearch:
    """A running search and the best so far; variables stand for phases [rad] at the middle of the window."""

    def __init__(
        self,
        problem: WindowProblem,
        seed: int,
        total: int | None,
        budget: Budget,
        progress: ProgressCallback | None,
    ) -> None:
        self.problem, self.seed, self.total, self.budget, self.progress = problem, seed, total, budget, progress
        self.done = 0
        self.best = self._start(0)
        self.best_peak = self._peak(self.best)
        self.history = [(budget.elapsed, self.best_peak)]

    def run(self) -> None:
        """Search until the starts or the budget are spent."""
        self._report("closed form")
        size = int(np.clip(2**21 // (self.problem.samples_at(self.problem.path[0]) + self.problem.tones.n), 1, _BATCH))
        while not self.budget.spent() and (self.total is None or self.done < self.total):
            count = size if self.total is None else min(size, self.total - self.done)
            count = min(count, 4) if self.done == 0 and self.total is None else count
            starts = np.stack([self._start(self.done + k) for k in range(count)])
            for variables in run_heat(self.problem, starts, self.budget.spent, self._report):
                self._offer(follow(self.problem, variables[None], TAIL, self.budget.spent)[0][0])
                if self.budget.spent():
                    break
            self.done += 0 if self.budget.spent() else count
            self._report("starts")

    def _start(self, number: int) -> FloatArray:
        if number == 0:
            return self.problem.phase_map.nearest(_chirp(self.problem.tones))
        return np.asarray(np.random.default_rng([self.seed, number]).uniform(0.0, self.problem.phase_map.spans))

    def _offer(self, variables: FloatArray) -> None:
        peak = self._peak(variables)
        if peak < self.best_peak:
            self.best, self.best_peak = variables, peak
            self.history.append((self.budget.elapsed, peak))

    def _peak(self, variables: FloatArray) -> float:
        return window_maximum(self.problem.tones, self.problem.phases(variables)).value

    def _report(self, stage: str) -> None:
        if self.progress is None:
            return
        report = Progress(
            best_crest_factor=self.best_peak / self.problem.tones.nominal_rms,
            starts_done=self.done,
            starts_total=self.total,
            elapsed_s=self.budget.elapsed,
            time_left_s=self.budget.time_left,
            stage=stage,
        )
        try:
            self.progress(report)
        except StopIteration:
            self.budget.end("stopped by the progress callback")


def _chirp(tones: WindowedMultisine) -> FloatArray:
    r"""Schroeder's idea for a window: one tone after the other, each for its share of the power.

    The group delay at frequency ``f_k`` is ``T (q_k - 1/2)`` from the middle, ``q_k`` the power share up to there.
    """
    order = np.argsort(tones.frequencies, kind="stable")
    shares = np.cumsum((tones.amplitudes[order] / tones.amplitudes.max()) ** 2)
    delays = tones.duration * (shares / shares[-1] - 0.5)
    phases = np.zeros(tones.n)
    phases[order[1:]] = -2.0 * np.pi * np.cumsum(np.diff(tones.frequencies[order]) * delays[:-1])
    return np.mod(phases, 2.0 * np.pi)
