r"""Minimax polish: from a low-peak solution to the nearby local minimum of the true peak itself.

At a local minimax point several peaks stand at exactly the same height ``M`` and a convex combination of their
gradients vanishes: :math:`Σ λ_i ∇|x(t_i)| = 0, λ ≥ 0, Σ λ = 1`. The polish is sequential quadratic programming:

1. find all peaks and their exact second derivatives (``peaks``),
2. minimise ``max_i (h_i + J_i d) + ½ dᵀ(Σ λ_i ∇²h_i + σ A) d`` over ``d`` (``quadratic_program``); ``A = diag(a)``
and
   ``σ ≥ 0`` plays the role of a trust region,
3. keep the step if the *true* peak falls as promised. If not, first improve the model where it was wrong, and only then
   shorten the step: peaks that appeared elsewhere become constraints at their own fixed time (exchange, as in Remez'
   algorithm), and all constants are shifted to agree with the heights just seen (second-order correction).

Time shifts and, for complex signals, a global phase do not change the peak; both are fixed by a rank-one term each.
For a range the offsets are variables of each step (see ``stack``); after it they are the best for its phases.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crestfall.engine.polish.curvature import free_curvature, peak_hessian, symmetries
from crestfall.engine.polish.peaks import Peaks
from crestfall.engine.polish.quadratic_program import NotConvexError, Solution, central_level, solve_qp
from crestfall.engine.polish.stack import Stack, signal_of
from crestfall.problem.arrays import FloatArray
from crestfall.problem.problem import Problem

_ACTIVE = 3e-4  # those above this fraction of their mean decide the spread (weaker ones have no sharp height)
_MANY_TONES, _MARGIN, _SMALLEST_WINDOW = 100, 3.0, 3e-3
_WINDOW, _SAMPLE_WINDOW = 0.1, 0.03  # relative height of the peaks (samples) that enter the model
_TRIES = 14
_ACCEPT, _TRUST = 0.05, 0.5
_FIRST_SIGMA, _SMALLEST_SIGMA = 0.02, 1e-3
_FINE = 4.0
_ROUNDING = 1e-13
_FIRST_FALL, _MOST_SCANS, _MOST_DRIFT = 1e-5, 20, 0.05  # tops are followed until heights may have moved that far
_FOLLOWED, _MOST_FOLLOWED, _COARSE = 0.2, 2000, 0.5  # relative height and number of the tops that are followed
_FLAT = 1e-9
_SILENT = 1e-9  # of the sum of all amplitudes, or of the peak at the start: tones of one frequency may cancel
_FOR_GOOD = ("time limit", "little to gain")
_LOOSE = 1e-3  # gap of a program, relative to the square of the defect


@dataclass(frozen=True)
class Polished:
    """What a polish came to.

    Attributes:
        variables: ``(m,)`` free variables [rad]; without constraints the phases.
        peak: Their peak, in the unit of the amplitudes (outputs: relative to the limits); never higher than at the
            start.
        residual: ``‖Σ λ_i ∇|x(t_i)|‖₂ / peak``, gradients by the variables in radians.
        spread: ``(peak − lowest active height) / peak``.
        iterations: Steps taken.
        converged: Whether residual and spread reached the tolerance.
        reason: Why it ended.
    """

    variables: FloatArray
    peak: float
    residual: float
    spread: float
    iterations: int
    converged: bool
    reason: str


@dataclass(frozen=True)
class Point:
    """Variables, their peaks, and multipliers that sum to 1."""

    variables: FloatArray
    peaks: Peaks
    multipliers: FloatArray
    slopes: FloatArray
    """``(peaks, m)`` derivatives of the heights by the variables."""
    tops: FloatArray | None = None
    """Times of all tops that are followed from here on, instead of another scan of the period."""
    drift: float = 0.0
    """How far heights may have moved, relative to the peak, since the period was scanned."""

    @property
    def peak(self) -> float:
        return float(self.peaks.heights.max())

    @property
    def active(self) -> NDArray[np.bool_]:
        return self.multipliers > _ACTIVE / len(self.multipliers)

    @property
    def residual(self) -> float:
        return float(np.linalg.norm(self.multipliers @ self.slopes)) / self.peak

    @property
    def spread(self) -> float:
        return 1.0 - float(self.peaks.heights[self.active].min()) / self.peak

    @property
    def defect(self) -> float:
        """Residual plus complementarity gap: 0 exactly at a stationary point."""
        return self.residual + float(self.multipliers @ (1.0 - self.peaks.heights / self.peak))


def polish(
    problem: Problem,
    variables: FloatArray,
    *,
    max_iterations: int = 100,
    stop: Callable[[], bool] | None = None,
    improved: Callable[[FloatArray], object] | None = None,
    tolerance: float = 1e-10,
    least_fall: float = 0.0,
) -> Polished:
    """Lower the peak to a local minimax point; never return a higher peak than was given.

    Args:
        problem: What is to be small: one drive, its amplitudes as they are.
        variables: ``(m,)`` free variables of the constraints [rad], best from the p-norm path: without constraints the
            phases.
        max_iterations: Accepted steps.
        stop: Asked before each trial; ``True`` ends with the best so far.
        improved: Called with the free variables after every step that has lowered the peak.
        tolerance: Residual and spread at which to stop.
        least_fall: A step that promises to lower the peak by less than this, relative, is not worth its time.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> found = polish(Problem(Multisine([1.0, 2.0])), np.array([0.0, 1.0]))
        >>> found.converged, round(found.peak, 6)
        (True, 1.760173)
    """
    stack = Stack.of(problem)
    variables = stack.centred(np.array(variables, dtype=np.float64))
    coarse, most = (_COARSE, _MOST_FOLLOWED) if stack.follows_tops else (1.0, None)
    scale = float(stack.peaks(variables, _WINDOW, oversampling=coarse, most=most).heights.max())
    if scale <= _SILENT * sum(float(np.sum(np.abs(one.amplitudes))) for one in stack.signals):
        found = variables[: stack.phase_map.n_free]
        return Polished(found, scale - stack.lift, 0.0, 0.0, 0, False, "the tones cancel")
    search = _Search(stack.scaled(1.0 / scale), variables, stop or (lambda: False), improved)
    if stack.follows_tops:
        reason = _run_with_scans(search, max_iterations, tolerance, least_fall)
    else:
        reason = search.run(max_iterations, tolerance, least_fall)
        if reason == "converged" and search.refine_scan():
            reason = search.run(max_iterations, tolerance, least_fall)
    point = search.best
    if reason != "time limit" and max(0.1 * point.residual, point.spread) <= 10 * tolerance:
        reason = "converged"  # as far as rounding lets it
    return Polished(
        variables=point.variables[: stack.phase_map.n_free],
        peak=scale * point.peak - stack.lift,
        residual=point.residual,
        spread=point.spread,
        iterations=search.iterations,
        converged=reason == "converged",
        reason=reason,
    )


def _run_with_scans(search: _Search, max_iterations: int, tolerance: float, wanted: float) -> str:
    """Steps that follow the known tops, until a scan of the whole period finds no other as high; how they ended.

    The best of what was scanned is kept: between two scans a peak may stand where nobody looks.
    """
    reason, scanned = "", search.best
    for least_fall in (_FIRST_FALL, wanted) if wanted < _FIRST_FALL else (wanted,):
        for _ in range(_MOST_SCANS):
            reason = search.run(max_iterations, tolerance, least_fall)
            if reason == "time limit":
                break
            known = search.best.peak
            point = search.scan(search.best.variables)
            if point.peak <= scanned.peak:
                scanned = point
            if point.peak <= known * (1.0 + max(1e-11, 0.1 * least_fall)):
                break
        if reason == "time limit" or search.iterations >= max_iterations:
            break
    search.best = scanned
    return reason


class _Model:
    """The peak near one point: heights, gradients and curvature; extended where trial steps prove it wrong."""

    def __init__(self, stack: Stack, point: Point, extra_times: FloatArray, cell: float) -> None:
        self._stack, self._point, self._cell = stack, point, cell
        self._reach = 4.0 * cell if stack.samples is None else 0.5 * cell
        self.peaks, self.multipliers = point.peaks, point.multipliers
        self.slopes = point.slopes
        basis = symmetries(stack, self.peaks)
        self._hessian = peak_hessian(stack, self.peaks, self.multipliers) + basis @ basis.T
        self._add(extra_times)
        self.heights = self.peaks.heights

    def solve(self, sigma: float, defect: float) -> tuple[Solution, float]:
        """The step for damping ``sigma``, as exact as ``defect`` deserves, and the fall of the peak it promises."""
        mu = float(np.clip(1e-2 * defect, 1e-10, 1e-2)) / len(self.heights)
        tolerance = float(np.clip(_LOOSE * defect**2, 1e-13, 1e-8))
        hessian = self._hessian + np.diag(sigma * self._stack.damping)
        solution = solve_qp(hessian, self.slopes, self.heights, self.multipliers, mu, tolerance=tolerance)
        step = solution.step
        return solution, self._point.peak - solution.level - 0.5 * float(step @ hessian @ step)

    def carry(self, multipliers: FloatArray, peaks: Peaks) -> FloatArray | None:
        """Give the multipliers of this model to the nearest of the trial ``peaks``; None when most find none."""
        where, distance = nearest(self.peaks.times, peaks.times)
        near = distance < self._reach
        carried = np.bincount(where[near], multipliers[near], len(peaks.times))
        total = float(carried.sum())
        return carried / total if total > 0.5 else None

    def exchange(self, trial: Peaks, level: float) -> bool:
        """Make constraints of trial peaks above ``level`` at new times; True if there were any."""
        before = len(self.peaks.times)
        self.heights = self.peaks.heights
        self._add(trial.times[trial.heights > level])
        self.heights = self.peaks.heights
        return len(self.heights) > before

    def correct(self, trial: Peaks, step: FloatArray) -> None:
        """Shift the constants so that the model agrees with the trial heights at ``step``."""
        where, distance = nearest(self.peaks.times, trial.times)
        seen = trial.heights[where] - self.slopes @ step
        self.heights = np.where(distance < 0.5 * self._reach, seen, self.peaks.heights)

    def extra_times(self, multipliers: FloatArray) -> FloatArray:
        return self.peaks.times[self.peaks.fixed & (multipliers > 1e-6)]

    def _add(self, times: FloatArray) -> None:
        if not len(times):
            return
        times = times[nearest(times, np.sort(self.peaks.times))[1] > 0.1 * self._cell]
        extra = self._stack.at(self._point.variables, times)
        extra = replace(extra, fixed=np.ones(len(times), bool))
        self.peaks = Peaks.join(self.peaks, extra)
        self.slopes = np.concatenate([self.slopes, self._stack.slopes(extra)])
        self.multipliers = np.concatenate([self.multipliers, np.full(len(times), 1e-6)])


class _Trial(NamedTuple):
    """A point that was tried, its fall of the peak relative to the promise, and whether the multipliers found peaks."""

    point: Point
    step: FloatArray
    gain: float
    carried: bool
    extra_times: FloatArray


class _Search:
    """The iteration: current point, damping, best point so far."""

    def __init__(
        self,
        stack: Stack,
        variables: FloatArray,
        deadline: Callable[[], bool],
        improved: Callable[[FloatArray], object] | None,
    ) -> None:
        self._stack, self._deadline, self._improved = stack, deadline, improved
        self._oversampling = 1.0
        self._window = self._window_at_first = _WINDOW if stack.samples is None else _SAMPLE_WINDOW
        self._cell = 2 * np.pi / (stack.samples or stack.grid())
        self._sigma, self._extra = 0.0, np.zeros(0)
        self._convex = False  # True once an undamped step has proved positive curvature: then this is not a saddle
        self.iterations = 0
        self._begin_at(self._first_point(variables))

    def _begin_at(self, point: Point) -> None:
        self.point = self.best = point
        self._least_defect = point.defect

    def run(self, max_iterations: int, tolerance: float, least_fall: float) -> str:
        while True:
            stop = "converged" if self._is_stationary(tolerance) else ""
            if self.point.peak < _SILENT:
                return "the tones cancel"
            if not stop and self.iterations >= max_iterations:
                return "iteration limit"
            stop = stop or self._advance(least_fall)
            if stop and (stop in _FOR_GOOD or self._convex or not self._escape()):
                return stop
            self.iterations += 1
            if self.point.peak < self.best.peak or self._is_stationary(tolerance):
                self.best = self.point
                if self._improved is not None:
                    self._improved(self.best.variables[: self._stack.phase_map.n_free])

    def _is_stationary(self, tolerance: float) -> bool:
        level = self.point.peak <= self.best.peak + _ROUNDING
        return level and max(self.point.residual, self.point.spread) <= tolerance

    def _escape(self) -> bool:
        """Leave a saddle along its most negative curvature, if that lowers the peak."""
        point = self.point
        on = point.active & (point.peaks.heights > point.peak * (1 - 1e-6))
        if not on.any():  # the balance does not rest on the highest peaks yet
            return False
        curvatures, directions = free_curvature(self._stack, point.peaks.pick(on), point.multipliers[on])
        if not len(curvatures) or curvatures[0] > -_FLAT:
            return False
        for size in (0.3, 0.1, 0.03, 0.01, 0.003):
            trials = [self._first_point(point.variables + sign * size * directions[:, 0]) for sign in (1, -1)]
            lowest = min(trials, key=lambda trial: trial.peak)
            if lowest.peak < point.peak - _ROUNDING:
                self.point = lowest
                self._least_defect, self._extra, self._convex = self.point.defect, np.zeros(0), False
                return True
        return False

    def refine_scan(self) -> bool:
        """Look again with a finer grid: True if that shows a peak that was missed."""
        if self._stack.samples is not None or self._oversampling > 1:
            return False
        self._oversampling = _FINE
        again = self._first_point(self.best.variables)
        if again.peak <= self.best.peak * (1 + 1e-11):
            return False
        self._begin_at(again)
        return True

    def scan(self, variables: FloatArray) -> Point:
        """Go to these variables and scan the whole period for tops to follow; the point with what was seen."""
        self._begin_at(self._first_point(variables))
        return self.point

    def _peaks(self, variables: FloatArray, drift: float = inf) -> tuple[Peaks, FloatArray | None, float]:
        """The peaks at the variables; which tops to follow from there, if any; and the drift of their heights.

        Args:
            variables: ``(m,)``.
            drift: How far heights may have moved since the last scan.
        """
        if not self._stack.follows_tops:
            return self._stack.peaks(variables, self._window, oversampling=self._oversampling), None, 0.0
        if drift > _MOST_DRIFT or self.point.tops is None:
            seen = self._stack.peaks(variables, _FOLLOWED, oversampling=_COARSE, most=_MOST_FOLLOWED)
            drift = 0.0
        else:
            seen = self._stack.follow(variables, self.point.tops)
        return seen.pick(seen.heights >= (1.0 - self._window) * seen.heights.max()), seen.times, drift

    def _first_point(self, variables: FloatArray) -> Point:
        """The point at the variables, with multipliers from its peaks alone."""
        self._window = self._window_at_first
        variables = self._stack.centred(variables, oversampling=self._oversampling)
        peaks, tops, drift = self._peaks(variables)
        slopes = self._stack.slopes(peaks)
        return Point(variables, peaks, first_multipliers(peaks, slopes), slopes, tops, drift)

    def _advance(self, least_fall: float) -> str:
        """One accepted step; or the reason why there is none."""
        model = _Model(self._stack, self.point, self._extra, self._cell)
        corrected, fallback = False, None
        for attempt in range(_TRIES):
            if self._deadline():
                return "time limit" if fallback is None else self._move_to(fallback)
            try:
                solution, promised = model.solve(self._sigma, self._least_defect)
            except NotConvexError:
                self._raise_sigma()
                continue
            self._convex = self._sigma == 0
            if least_fall > 0.0 and promised < least_fall:
                return "little to gain" if fallback is None else self._move_to(fallback)
            trial = self._try(model, solution, promised)
            if fallback is not None:
                return self._move_to(trial if trial.gain > fallback.gain else fallback)
            if trial.gain > _TRUST or self._is_closer(trial):
                return self._move_to(trial)
            if trial.gain > _ACCEPT and trial.carried:
                fallback = trial  # a fall, but less than promised: the corrected step is often much better
            corrected = not corrected
            added = model.exchange(trial.point.peaks, solution.level + 0.1 * max(promised, 0.0))
            if corrected:
                model.correct(trial.point.peaks, trial.step)
            elif not added or attempt % 3 == 2:
                self._raise_sigma()
        return "no better point near"

    def _try(self, model: _Model, solution: Solution, promised: float) -> _Trial:
        stepped = self.point.variables + solution.step
        variables = self._stack.centred(stepped, oversampling=self._oversampling)
        peaks, tops, drift = self._peaks(variables, self.point.drift + self._reach(solution.step))
        slopes = self._stack.slopes(peaks)
        multipliers = model.carry(solution.multipliers, peaks)
        carried = multipliers is not None
        if multipliers is None:
            multipliers = first_multipliers(peaks, slopes)
        point = Point(variables, peaks, multipliers, slopes, tops, drift)
        gain = (self.point.peak - point.peak) / promised if promised > 0 else -1.0
        return _Trial(
            point, solution.step + (variables - stepped), gain, carried, model.extra_times(solution.multipliers)
        )

    def _is_closer(self, trial: _Trial) -> bool:
        """Near the end heights differ by rounding only: there the first-order conditions decide."""
        if not trial.carried:
            return False
        defect, rise = trial.point.defect, trial.point.peak - self.point.peak
        halved = defect < 0.5 * self._least_defect and rise < 1e-2 * self._least_defect
        return halved or (rise < _ROUNDING and defect < 0.7 * self.point.defect)

    def _move_to(self, trial: _Trial) -> str:
        if trial.gain > _TRUST:
            self._sigma = self._sigma / 5 if self._sigma > _SMALLEST_SIGMA else 0.0
        if len(self._stack.numbers) > _MANY_TONES:
            # What lies farther below the top than heights have moved now cannot reach it in the next step either;
            # where it does, the exchange sees to it.
            window = _MARGIN * self._reach(trial.step)
            self._window = float(np.clip(window, _SMALLEST_WINDOW, self._window_at_first))
        self.point, self._extra = trial.point, trial.extra_times
        self._least_defect = min(self._least_defect, self.point.defect)
        return ""

    def _reach(self, step: FloatArray) -> float:
        """How far heights move with a step, to first order, relative to the peak."""
        return float(np.abs(self.point.slopes @ step).max()) / self.point.peak

    def _raise_sigma(self) -> None:
        self._sigma = max(4 * self._sigma, _FIRST_SIGMA)


def first_multipliers(peaks: Peaks, slopes: FloatArray) -> FloatArray:
    """``μ/(M − h_i)`` for the ``μ`` that leaves the smallest residual and gap."""
    heights = peaks.heights / peaks.heights.max()
    best, choice = np.inf, np.full(len(heights), 1.0 / len(heights))
    for mu in 10.0 ** np.arange(-8.0, -1.0, 0.5):
        multipliers = mu / (central_level(heights, mu) - heights)
        defect = float(np.linalg.norm(multipliers @ slopes)) / peaks.heights.max() + mu * len(heights)
        if defect < best:
            best, choice = defect, multipliers / multipliers.sum()
    return choice


def nearest(times: FloatArray, among: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    """Index into ``among`` (rising) of the nearest of the same signal to each of ``times``, and its distance."""
    index = np.zeros(len(times), dtype=np.intp)
    distance = np.full(len(times), np.inf)
    number, numbers = signal_of(times), signal_of(among)
    for k in np.unique(number):
        first, last = np.searchsorted(numbers, [k, k + 1])
        if first < last:
            which = number == k
            found, distance[which] = _nearest_on_circle(times[which], among[first:last])
            index[which] = found + first
    return index, distance


def _nearest_on_circle(times: FloatArray, among: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    ring = np.concatenate([[among[-1] - 2 * np.pi], among, [among[0] + 2 * np.pi]])
    right = np.clip(np.searchsorted(ring, times), 1, len(ring) - 1)
    index = np.where(times - ring[right - 1] < ring[right] - times, right - 1, right)
    return (index - 1) % len(among), np.abs(ring[index] - times)
