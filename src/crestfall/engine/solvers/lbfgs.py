r"""Limited-memory BFGS on a batch of starts at once.

Each round evaluates the objective once for the whole batch. A start whose trial point decreases the objective enough
(Armijo) moves there and gets a new direction from the two-loop recursion; one whose trial point does not, tries a
shorter step in the next round. No start waits for another, and starts that have converged leave the batch.

Source: Nocedal & Wright, *Numerical Optimization*, 2nd ed., 2006, algorithms 7.4 and 7.5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from array_api_compat import array_namespace, device, is_numpy_array

from crestfall.engine.objectives.phase_space import Space
from crestfall.problem.arrays import Array

_ARMIJO = 1e-4
_SHRINK = 0.35
_FIRST_STEP = 0.2  # radians, root mean square over the tones
_TINY = 1e8  # times the smallest number: at a saddle the gradient is 0, and 0 times a step is to stay 0
_PATIENCE = 8  # rounds over which the decrease is judged


@dataclass(frozen=True)
class LBFGS:
    """Batched L-BFGS.

    Attributes:
        max_rounds: Evaluations of the objective at most.
        tolerance: A start has converged when ``f`` fell by less than this over the last ``8`` rounds.
        memory: Pairs of differences that are kept.
    """

    max_rounds: int = 60
    tolerance: float = 1e-5
    memory: int = 8

    def minimize(self, space: Space, phases: Array, stop: Callable[[], bool]) -> tuple[Array, Array]:
        """Lower the objective from each of the phases.

        Args:
            space: What to minimise.
            phases: ``(batch, n)`` starts [rad].
            stop: Asked before every round; ``True`` ends the run with what there is.

        Returns:
            ``(batch, n)`` phases and their ``(batch,)`` values, never higher than at the start.
        """
        xp = array_namespace(phases)
        final_phases = xp.asarray(phases, copy=True)
        value, gradient = space.value_and_gradient(phases)
        final_values = xp.asarray(value, copy=True)
        run = _Run(self, xp, phases, value, gradient)
        index = xp.arange(phases.shape[0], device=device(phases))
        for round_number in range(self.max_rounds):
            if stop():
                break
            run.advance(space)
            if round_number % _PATIENCE == _PATIENCE - 1:
                active = run.improved()
                if not bool(xp.all(active)):
                    final_phases[index], final_values[index] = run.phases, run.value
                    if not bool(xp.any(active)):
                        return final_phases, final_values
                    keep = xp.nonzero(active)[0]
                    index = index[keep]
                    run.keep(keep)
        final_phases[index], final_values[index] = run.phases, run.value
        return final_phases, final_values


class _Run:
    """State of the starts that are still moving: ``(batch, n)`` arrays and ``memory`` pairs of differences."""

    def __init__(self, options: LBFGS, xp: Array, phases: Array, value: Array, gradient: Array) -> None:
        self.xp = xp
        self.options = options
        # Whether all starts agree saves NumPy some copies. A GPU would have to finish and be waited for to answer; it
        # is asked only when starts may have converged, every eighth round.
        self.may_ask = is_numpy_array(phases)
        self.phases, self.value, self.gradient = phases, value, gradient
        self.steps: list[Array] = []  # s = θ⁺ − θ, newest last, zero where a start kept nothing
        self.changes: list[Array] = []  # y = ∇f⁺ − ∇f
        self.inverse_curvature: list[Array] = []  # 1 / sᵀy, or 0
        self.scale = (
            _FIRST_STEP
            * (phases.shape[-1] ** 0.5)
            / (_norm(xp, gradient) + _TINY * xp.finfo(gradient.dtype).smallest_normal)
        )
        self.direction = -self.scale * gradient
        self.slope = _dot(xp, self.direction, gradient)
        self.step_length = xp.ones_like(self.scale)
        self.checkpoint = value

    def advance(self, space: Space) -> None:
        """One evaluation: accept the trial points that are good enough, shorten the steps of the others."""
        xp = self.xp
        trial = self.phases + self.step_length * self.direction
        value, gradient = space.value_and_gradient(trial)
        good = (value <= self.value + _ARMIJO * self.step_length[:, 0] * self.slope[:, 0])[:, None]
        if self.may_ask and bool(xp.all(good)):
            self._remember(trial - self.phases, gradient - self.gradient)
            self.phases, self.value, self.gradient = trial, value, gradient
            self.step_length = xp.ones_like(self.step_length)
        else:
            self._remember(xp.where(good, trial - self.phases, 0.0), xp.where(good, gradient - self.gradient, 0.0))
            self.phases = xp.where(good, trial, self.phases)
            self.value = xp.where(good[:, 0], value, self.value)
            self.gradient = xp.where(good, gradient, self.gradient)
            self.step_length = xp.where(good, xp.ones_like(self.step_length), self.step_length * _SHRINK)
        direction = self._two_loops()
        slope = _dot(xp, direction, self.gradient)
        uphill = slope >= 0
        if not self.may_ask or bool(xp.any(uphill)):
            direction = xp.where(uphill, -self.scale * self.gradient, direction)
            slope = _dot(xp, direction, self.gradient)
        self.direction, self.slope = direction, slope

    def _remember(self, step: Array, change: Array) -> None:
        xp = self.xp
        curvature = _dot(xp, step, change)
        length = _dot(xp, change, change)
        useful = (curvature > 1e-10 * length) & (length > 0.0)  # squares underflow where steps are tiny
        safe = xp.where(useful, curvature, xp.ones_like(curvature))
        if len(self.steps) == self.options.memory:
            for pairs in (self.steps, self.changes, self.inverse_curvature):
                del pairs[0]
        self.steps.append(step)
        self.changes.append(change)
        self.inverse_curvature.append(xp.where(useful, 1.0 / safe, xp.zeros_like(curvature)))
        self.scale = xp.where(useful, curvature / xp.where(useful, length, xp.ones_like(length)), self.scale)

    def _two_loops(self) -> Array:
        """``−H ∇f`` with the inverse Hessian approximated from the pairs of differences."""
        xp = self.xp
        q = xp.asarray(self.gradient, copy=True)
        alphas = []
        pairs = list(zip(self.steps, self.changes, self.inverse_curvature, strict=True))
        for step, change, rho in reversed(pairs):
            alpha = rho * _dot(xp, step, q)
            q -= alpha * change
            alphas.append(alpha)
        q *= self.scale
        for (step, change, rho), alpha in zip(pairs, reversed(alphas), strict=True):
            q += (alpha - rho * _dot(xp, change, q)) * step
        return -q

    def improved(self) -> Array:
        """Which starts fell enough since the last time this was asked."""
        active = self.checkpoint - self.value > self.options.tolerance
        self.checkpoint = self.value
        return active

    def keep(self, index: Array) -> None:
        """Go on with these starts only."""
        for name in ("phases", "value", "gradient", "scale", "direction", "slope", "step_length", "checkpoint"):
            setattr(self, name, getattr(self, name)[index])
        for pairs in (self.steps, self.changes, self.inverse_curvature):
            pairs[:] = [pair[index] for pair in pairs]


def _dot(xp: Array, a: Array, b: Array) -> Array:
    return xp.vecdot(a, b)[..., None]  # a third of the time of sum(a * b) for small batches


def _norm(xp: Array, a: Array) -> Array:
    return xp.sqrt(_dot(xp, a, a))
