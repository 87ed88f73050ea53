r"""The original question's gradient descent, made to arrive.

The loss is the question's own: with ``s`` points of ``linspace(0, 2π, s)``,

.. math:: L(\theta) = \frac1s \sum_t \Bigl(\sum_i a_i \sin(t + \theta_i)\Bigr)^2 .

Since :math:`\sin(t+\theta) = \sin t\cos\theta + \cos t\sin\theta`, the sum over the samples is a quadratic form of
:math:`(\sum a_i\cos\theta_i, \sum a_i\sin\theta_i)` with a fixed 2 × 2 matrix: the same loss and the same gradients, at
``n`` operations a step instead of ``n s``. Automatic differentiation does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from crestfall.engine.closed_form.polygon import least_resultant
from crestfall.problem.arrays import ComparedByValue, FloatArray
from crestfall.torch.curvature import most_negative_curvature
from crestfall.torch.findings import Finding

_ALIGNED = 1e-3  # gradient, relative to the largest that a sum of this size allows, below which nothing moves
_DONE = 1e-6  # sum, relative to Σa, below which nothing is left to gain
_STEP_OFF = 0.1  # radians, root mean square, by which a saddle is left
_PATIENCE = 50  # steps within which the loss of a descent that moves falls by 2 %
_STAYS = 0.98  # share of the least loss so far, below which the loss has fallen
_REMEDY = "the descent steps off along that direction; in your own loop, start from random phases"


@dataclass(frozen=True, eq=False)
class PhaseResult(ComparedByValue):
    """What a descent found.

    Attributes:
        phases: ``(n,)`` phases [rad] of the waves ``a_i sin(t + θ_i)``.
        maximum: Largest ``|Σ a_i sin(t + θ_i)|`` over the samples, evaluated in float64 also for float32 phases.
        history: The loss before each step.
        findings: What was noticed about the start, on the way and at the end.
        maxima: The same maximum before each step.
    """

    phases: FloatArray
    maximum: float
    history: list[float]
    findings: list[Finding] = field(default_factory=list)
    maxima: list[float] = field(default_factory=list)


class EqualWaves:
    """The question's loss, as a function of a tensor of phases.

    Args:
        amplitudes: ``(n,)`` tensor; its type and device are those of the computation.
        s: Number of samples of ``[0, 2π]``, both ends included.

    Example:
        >>> waves = EqualWaves(torch.ones(2, dtype=torch.float64), s=1001)
        >>> round(float(waves.loss(torch.zeros(2, dtype=torch.float64))), 2)  # (2 sin t)² averages to 2
        2.0
    """

    def __init__(self, amplitudes: torch.Tensor, s: int) -> None:
        t = np.linspace(0.0, 2.0 * np.pi, s)
        basis = np.stack([np.sin(t), np.cos(t)])
        self._basis = basis
        self.amplitudes = amplitudes
        self._gram = torch.as_tensor(basis @ basis.T / s, dtype=amplitudes.dtype, device=amplitudes.device)

    def phasor(self, theta: torch.Tensor) -> torch.Tensor:
        """``(Σ a cos θ, Σ a sin θ)``."""
        return torch.stack([(self.amplitudes * theta.cos()).sum(), (self.amplitudes * theta.sin()).sum()])

    def loss(self, theta: torch.Tensor) -> torch.Tensor:
        """``Σ_t (Σ_i a_i sin(t + θ_i))² / s``."""
        phasor = self.phasor(theta)
        return phasor @ self._gram @ phasor

    def exact_phasor(self, theta: torch.Tensor) -> FloatArray:
        """The same in float64, whatever the type of the phases."""
        phases = theta.detach().double().cpu().numpy()
        amplitudes = self.amplitudes.double().cpu().numpy()
        return np.array([np.sum(amplitudes * np.cos(phases)), np.sum(amplitudes * np.sin(phases))])

    def maximum(self, theta: torch.Tensor) -> float:
        """Largest magnitude of the sum over the samples, in float64."""
        return float(np.max(np.abs(self.exact_phasor(theta) @ self._basis)))

    def maxima(self, phasors: Sequence[FloatArray]) -> list[float]:
        """The same for many phasors: a sine is largest at one of the samples next to its two peaks."""
        pairs = np.reshape(phasors, (-1, 2))
        last = self._basis.shape[1] - 1
        peak = np.remainder(np.arctan2(pairs[:, 0], pairs[:, 1]), np.pi) * last / (2.0 * np.pi)
        below = np.floor(np.stack([peak, peak + last / 2.0])).astype(np.int64)
        near = np.clip(np.concatenate([below - 1, below, below + 1, below + 2]), 0, last)
        return [
            float(x) for x in np.abs(pairs[:, 0] * self._basis[0, near] + pairs[:, 1] * self._basis[1, near]).max(0)
        ]


def phase_optimize(
    n: int,
    s: int = 48_000,
    nsteps: int = 1000,
    learning_rate: float | None = None,
    *,
    start: str | npt.ArrayLike | torch.Tensor | None = None,
    optimizer: Callable[..., torch.optim.Optimizer] | None = None,
    amplitudes: float | npt.ArrayLike = 1.0,
    dtype: torch.dtype = torch.float64,
    seed: int = 0,
    progress: Callable[[int, float], object] | None = None,
) -> PhaseResult:
    """Choose the phases of ``n`` waves of one frequency by gradient descent in PyTorch.

    A start from which no gradient descent can move is recognised: where the gradient vanishes although the sum is not
    zero, the Hessian tells a saddle from a minimum, and a saddle is left along its negative curvature. So is one that
    the descent comes near on the way, where equal phases get equal gradients and hold the sum open.

    ===========================  ==============================================================================
    code of a finding            what is the case
    ===========================  ==============================================================================
    ``one-wave``                 there is nothing to choose
    ``saddle-at-start``          the start is a saddle, and was left
    ``saddle-on-the-way``        a later step stood at, or swung about, a saddle, and left it
    ``minimum-at-start``         one wave is larger than all the others together, and the start is the best
    ``minimum-reached``          one wave is larger than all the others together, and the best was reached
    ``learning-rate-too-large``  the steps overshoot for ever
    ``not-arrived``              phases that do better exist; the steps, or the optimiser, did not lead there
    ===========================  ==============================================================================

    Args:
        n: Number of waves.
        s: Samples of ``[0, 2π]``, both ends included.
        nsteps: Steps of the optimiser.
        learning_rate: Step size; by default ``1 / Σ a_i²``, the inverse of a bound on the curvature at a zero sum.
        start: ``"noise"`` (random phases, the default), ``"zeros"``, ``"one_moved"`` (θ_0 = 1, the rest 0) or ``(n,)``
            phases [rad].
        optimizer: A class of ``torch.optim``, or any function of a list of parameters; plain SGD by default. A class is
            given ``lr`` only when ``learning_rate`` is set.
        amplitudes: One for all, or ``(n,)``.
        dtype: ``torch.float32`` or ``torch.float64``.
        seed: Seed of the noise.
        progress: Called with the number of steps done and the loss, every 100 steps.

    Returns:
        Phases, the largest sum over the samples, the history and the findings.

    Raises:
        ValueError: An argument is out of range; the message names it.

    Example:
        >>> result = phase_optimize(5, s=480, nsteps=200, start="zeros")
        >>> result.maximum < 1e-6, result.findings[0].code
        (True, 'saddle-at-start')
    """
    n, s, nsteps = _whole("n", n, 1), _whole("s", s, 2), _whole("nsteps", nsteps, 0)
    _validate(learning_rate, optimizer, dtype)
    a = amplitudes_tensor(amplitudes, n, dtype)
    generator = torch.Generator().manual_seed(seed)
    theta = start_phases(start, n, dtype, generator).requires_grad_()
    waves = EqualWaves(a, s)
    if n == 1:
        only = Finding("one-wave", "one wave has nothing to choose: its peak is its amplitude", "add a second wave")
        maximum = waves.maximum(theta)
        return PhaseResult(_as_numpy(theta), maximum, [float(waves.loss(theta).detach())], [only], [maximum])
    stepper = _optimizer(optimizer, theta, learning_rate, a)
    descent = _Descent(waves, theta, stepper, generator)
    for step in range(nsteps):
        descent.step(step)
        if progress is not None and step % 100 == 99:
            progress(step + 1, descent.history[-1])
    descent.look_back(learning_rate if optimizer is None else None)
    maxima = waves.maxima(descent.phasors)
    return PhaseResult(_as_numpy(theta), waves.maximum(theta), descent.history, descent.findings, maxima)


class _Descent:
    """The loop: step off a saddle when there is one, else let the optimiser take its step."""

    def __init__(
        self, waves: EqualWaves, theta: torch.Tensor, optimizer: torch.optim.Optimizer, generator: torch.Generator
    ) -> None:
        self.waves, self.theta, self.optimizer, self.generator = waves, theta, optimizer, generator
        self.history: list[float] = []
        self.phasors: list[FloatArray] = []
        self.findings: list[Finding] = []
        self.settled = False
        self.least, self.least_at = float("inf"), 0
        self.fresh = deepcopy(optimizer.state_dict())

    def step(self, number: int) -> None:
        loss = float(self._closure().detach())
        self.history.append(loss)
        self.phasors.append(self.waves.exact_phasor(self.theta))
        if loss < _STAYS * self.least:
            self.least, self.least_at = loss, number
        if not self.settled:
            if self._stands_still():
                self._leave_saddle(number, "is")
            elif number - self.least_at >= _PATIENCE and self._is_locked():
                self._leave_saddle(number, "swings about")
        self.optimizer.step(self._closure)  # type: ignore[arg-type]

    def look_back(self, learning_rate: float | None) -> None:
        """Say so when the steps did not lead to the least sum that there is."""
        a = self.waves.amplitudes.double().numpy()
        left = self._size() - least_resultant(a)
        if self.settled or left <= _DONE * float(a.sum()):
            return
        # Two directions change the sum; their curvatures add up to Σa², so that one is at least half of it.
        limit = 4.0 / float(a @ a)
        if learning_rate is not None and learning_rate > limit:
            finding = Finding(
                "learning-rate-too-large",
                f"learning_rate is {learning_rate:.3g}, and above 4 / Σ a² = {limit:.3g} gradient descent overshoots a "
                "zero sum for ever",
                "leave learning_rate out, or make it smaller",
            )
        else:
            finding = Finding(
                "not-arrived",
                f"after {len(self.history)} steps the sum is still {left:.3g} above the least possible",
                "take more steps, start from random phases, or leave learning_rate and optimizer out",
            )
        self.findings.append(finding)

    def _closure(self) -> torch.Tensor:
        self.optimizer.zero_grad()
        loss = self.waves.loss(self.theta)
        loss.backward()
        return loss

    def _size(self) -> float:
        """Length of the sum, in float64: squares of small float32 numbers would vanish."""
        return float(self.waves.phasor(self.theta.detach()).double().norm())

    def _is_open(self) -> bool:
        """Whether the sum is worth making smaller."""
        return self._size() > _DONE * float(self.waves.amplitudes.sum())

    def _stands_still(self) -> bool:
        """Whether the gradient vanishes although the sum does not."""
        assert self.theta.grad is not None
        usual = self._size() * float(self.waves.amplitudes.double().norm())
        return self._is_open() and float(self.theta.grad.double().norm()) <= _ALIGNED * usual

    def _is_locked(self) -> bool:
        """Whether equal phases, which equal gradients keep equal, outweigh all the others together."""
        group = _largest_group(self.theta.detach(), 1e-6)
        a = self.waves.amplitudes
        return self._is_open() and int(group.sum()) > 1 and 2.0 * float(a[group].sum()) > float(a.sum())

    def _leave_saddle(self, number: int, manner: str) -> None:
        self.least, self.least_at = float("inf"), number
        curvature, direction = most_negative_curvature(self.waves.loss, self.theta.detach(), self.generator)
        where = "the start" if number == 0 else f"step {number}"
        scale = float(self.waves.amplitudes.max()) ** 2
        if curvature > -1e-6 * scale:
            self.settled = True
            self.findings.append(
                Finding(
                    "minimum-at-start" if number == 0 else "minimum-reached",
                    f"{where} is a minimum: one wave is larger than all the others together",
                    "no phases do better; lower that amplitude if you can",
                )
            )
            return
        equal = int(_largest_group(self.theta.detach(), 1e-3).sum())
        still = "the gradient vanishes" if manner == "is" else "the loss no longer falls"
        self.findings.append(
            Finding(
                "saddle-at-start" if number == 0 else "saddle-on-the-way",
                f"{where} {manner} a saddle: {still}, {equal} phases are equal and so have equal "
                f"gradients, and the Hessian has the eigenvalue {curvature:.3g}",
                _REMEDY,
            )
        )
        with torch.no_grad():
            self.theta += _STEP_OFF * self.theta.numel() ** 0.5 * direction
        # Momenta and curvatures that an optimiser remembers belong to the other side of the jump.
        self.optimizer.load_state_dict(deepcopy(self.fresh))
        self._closure()


def _largest_group(theta: torch.Tensor, tolerance: float) -> torch.Tensor:
    """``(n,)`` truth values: the most phases that are equal, to a tolerance [rad] and whole turns."""
    turns = torch.remainder(theta.double() + tolerance / 2, 2 * np.pi)
    _, inverse, counts = torch.unique((turns / tolerance).floor(), return_inverse=True, return_counts=True)
    return inverse == counts.argmax()


def _whole(name: str, value: int, least: int) -> int:
    try:
        whole = int(value)
    except (TypeError, ValueError, OverflowError):
        whole = least - 1
    if whole != value or whole < least:
        raise ValueError(f"{name} is {value!r}; it must be an integer of at least {least}")
    return whole


def _validate(
    learning_rate: float | None, optimizer: Callable[..., torch.optim.Optimizer] | None, dtype: torch.dtype
) -> None:
    if learning_rate is not None and not (np.isfinite(learning_rate) and learning_rate > 0):
        raise ValueError(f"learning_rate is {learning_rate}; it must be above 0, or None for a rate that fits")
    if optimizer is not None and not callable(optimizer):
        raise ValueError(
            f"optimizer is a {type(optimizer).__name__} made already; give its class, or a function of the parameters"
        )
    if dtype not in (torch.float32, torch.float64):
        raise ValueError(f"dtype is {dtype}; use torch.float32 or torch.float64")


def amplitudes_tensor(amplitudes: float | npt.ArrayLike, n: int, dtype: torch.dtype) -> torch.Tensor:
    """``(n,)`` amplitudes of this type, or a ``ValueError`` that says what is wrong with them."""
    try:
        given = np.asarray(amplitudes, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"amplitudes are not real numbers ({error}); give one for all, or {n}") from None
    if given.shape not in ((), (1,), (n,)):
        raise ValueError(f"amplitudes have shape {given.shape}; give one for all, or {n}")
    values = np.array(np.broadcast_to(given, (n,)))
    # The loss is a sum of squares, which must stay within the range of the type.
    limit = 1e15 if dtype == torch.float32 else 1e150
    good = (values >= 1 / limit) & (values <= limit)
    if not np.all(good):
        k = int(np.argmin(good))
        raise ValueError(
            f"amplitudes[{k}] is {values[k]}; an amplitude must be above 0 and, in {dtype}, {1 / limit:g} … {limit:g}"
        )
    return torch.as_tensor(values, dtype=dtype)


def start_phases(
    start: str | npt.ArrayLike | torch.Tensor | None, n: int, dtype: torch.dtype, generator: torch.Generator
) -> torch.Tensor:
    """``(n,)`` phases [rad] to start from, or a ``ValueError`` that says what is wrong with them."""
    if start is None or (isinstance(start, str) and start == "noise"):
        return 2 * np.pi * torch.rand(n, generator=generator, dtype=torch.float64).to(dtype)
    if isinstance(start, str):
        if start in ("zeros", "one_moved"):
            theta = torch.zeros(n, dtype=dtype)
            theta[0] = float(start == "one_moved")
            return theta
        raise ValueError(f"start is {start!r}; use 'noise', 'zeros', 'one_moved' or {n} phases in radians")
    if isinstance(start, torch.Tensor):
        theta = start.detach().cpu().to(dtype, copy=True)
    else:
        try:
            theta = torch.as_tensor(np.array(start, dtype=np.float64), dtype=dtype)
        except (TypeError, ValueError) as error:
            raise ValueError(f"start holds no real numbers ({error}); give {n} phases in radians") from None
    if theta.shape != (n,) or not bool(torch.isfinite(theta).all()):
        raise ValueError(f"start has shape {tuple(theta.shape)}; give {n} finite phases in radians")
    return theta


def _optimizer(
    optimizer: Callable[..., torch.optim.Optimizer] | None,
    theta: torch.Tensor,
    learning_rate: float | None,
    amplitudes: torch.Tensor,
) -> torch.optim.Optimizer:
    parameters: Sequence[torch.Tensor] = [theta]
    if optimizer is None:
        return torch.optim.SGD(parameters, lr=learning_rate or 1.0 / float((amplitudes**2).sum()))
    options: dict[str, Any] = {} if learning_rate is None else {"lr": learning_rate}
    return optimizer(parameters, **options)


def _as_numpy(theta: torch.Tensor) -> FloatArray:
    return np.asarray(theta.detach().double().cpu().numpy(), dtype=np.float64)
