r"""The original question's gradient descent, made to arrive.

The loss is the question's own: with ``s`` points of ``linspace(0, 2π, s)``,

.. math:: L(\theta) = \frac1s \sum_t \Bigl(\sum_i a_i \sin(t + \theta_i)\Bigr)^2 .

Since :math:`\sin(t+\theta) = \sin t\cos\theta + \cos t\sin\theta`, the sum over the samples is a quadratic form of
:math:`(\sum a_i\cos\theta_i, \sum a_i\sin\theta_i)` with a fixed 2 × 2 matrix: the same loss and the same gradients, at
``n`` operations a step instead of ``n s``. Automatic differentiation does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from crestfall._types import FloatArray
from crestfall.torch.findings import Finding

_ALIGNED = 1e-3  # gradient, relative to the largest that a sum of this size allows, below which nothing moves
_DONE = 1e-6  # sum, relative to Σa, below which nothing is left to gain
_STEP_OFF = 0.1  # radians, root mean square, by which a saddle is left
_LARGEST_DENSE = 256  # phases up to which the whole Hessian is computed
_REMEDY = "the descent steps off along that direction; in your own loop, start from random phases"


@dataclass(frozen=True)
class PhaseResult:
    """What a descent found.

    Attributes:
        phases: ``(n,)`` phases [rad] of the waves ``a_i sin(t + θ_i)``.
        maximum: Largest ``|Σ a_i sin(t + θ_i)|`` over the samples, evaluated in float64 also for float32 phases.
        history: The loss before each step.
        findings: What was noticed about the start and on the way.
    """

    phases: FloatArray
    maximum: float
    history: list[float]
    findings: list[Finding] = field(default_factory=list)


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

    def maximum(self, theta: torch.Tensor) -> float:
        """Largest magnitude of the sum over the samples, in float64."""
        phases = theta.detach().double().cpu().numpy()
        amplitudes = self.amplitudes.double().cpu().numpy()
        phasor = np.array([np.sum(amplitudes * np.cos(phases)), np.sum(amplitudes * np.sin(phases))])
        return float(np.max(np.abs(phasor @ self._basis)))


def phase_optimize(
    n: int,
    s: int = 48_000,
    nsteps: int = 1000,
    learning_rate: float | None = None,
    *,
    start: str | npt.ArrayLike = "noise",
    optimizer: Callable[..., torch.optim.Optimizer] | None = None,
    amplitudes: float | npt.ArrayLike = 1.0,
    dtype: torch.dtype = torch.float64,
    seed: int = 0,
    progress: Callable[[int, float], object] | None = None,
) -> PhaseResult:
    """Choose the phases of ``n`` waves of one frequency by gradient descent in PyTorch.

    A start from which no gradient descent can move is recognised: where the gradient vanishes although the sum is not
    zero, the Hessian tells a saddle from a minimum, and a saddle is left along its negative curvature.

    Args:
        n: Number of waves.
        s: Samples of ``[0, 2π]``, both ends included.
        nsteps: Steps of the optimiser.
        learning_rate: Step size; by default ``1 / Σ a_i²``, the inverse of a bound on the curvature at a zero sum.
        start: ``"noise"`` (random phases), ``"zeros"``, ``"one_moved"`` (θ_0 = 1, the rest 0) or ``(n,)`` phases [rad].
        optimizer: A class of ``torch.optim``, or any function of a list of parameters; plain SGD by default. A class is
            given ``lr`` only when ``learning_rate`` is set.
        amplitudes: One for all, or ``(n,)``.
        dtype: ``torch.float32`` or ``torch.float64``.
        seed: Seed of the noise.
        progress: Called with the number of steps done and the loss, every 100 steps.

    Raises:
        ValueError: An argument is out of range; the message names it.

    Example:
        >>> result = phase_optimize(5, s=480, nsteps=200, start="zeros")
        >>> result.maximum < 1e-6, result.findings[0].code
        (True, 'saddle-at-start')
    """
    _validate(n, s, nsteps, learning_rate, dtype)
    a = _amplitudes(amplitudes, n, dtype)
    generator = torch.Generator().manual_seed(seed)
    theta = _start(start, n, dtype, generator).requires_grad_()
    waves = EqualWaves(a, s)
    if n == 1:
        only = Finding("one-wave", "one wave has nothing to choose: its peak is its amplitude", "add a second wave")
        return PhaseResult(_as_numpy(theta), waves.maximum(theta), [float(waves.loss(theta).detach())], [only])
    stepper = _optimizer(optimizer, theta, learning_rate, a)
    descent = _Descent(waves, theta, stepper, generator)
    for step in range(nsteps):
        descent.step(step)
        if progress is not None and step % 100 == 99:
            progress(step + 1, descent.history[-1])
    return PhaseResult(_as_numpy(theta), waves.maximum(theta), descent.history, descent.findings)


class _Descent:
    """The loop: step off a saddle when there is one, else let the optimiser take its step."""

    def __init__(
        self, waves: EqualWaves, theta: torch.Tensor, optimizer: torch.optim.Optimizer, generator: torch.Generator
    ) -> None:
        self.waves, self.theta, self.optimizer, self.generator = waves, theta, optimizer, generator
        self.history: list[float] = []
        self.findings: list[Finding] = []
        self.settled = False

    def step(self, number: int) -> None:
        loss = self._closure()
        self.history.append(float(loss.detach()))
        if not self.settled and self._stands_still():
            self._leave_saddle(number)
            self._closure()
        self.optimizer.step(self._closure)  # type: ignore[arg-type]

    def _closure(self) -> torch.Tensor:
        self.optimizer.zero_grad()
        loss = self.waves.loss(self.theta)
        loss.backward()
        return loss

    def _stands_still(self) -> bool:
        """Whether the gradient vanishes although the sum does not."""
        assert self.theta.grad is not None
        size = float(self.waves.phasor(self.theta.detach()).norm())
        if size <= _DONE * float(self.waves.amplitudes.sum()):
            return False
        return float(self.theta.grad.norm()) <= _ALIGNED * size * float(self.waves.amplitudes.norm())

    def _leave_saddle(self, number: int) -> None:
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
        equal = _largest_group(self.theta.detach())
        self.findings.append(
            Finding(
                "saddle-at-start" if number == 0 else "saddle-on-the-way",
                f"{where} is a saddle: the gradient vanishes, {equal} phases are equal and so have equal "
                f"gradients, and the Hessian has the eigenvalue {curvature:.3g}",
                _REMEDY,
            )
        )
        with torch.no_grad():
            self.theta += _STEP_OFF * self.theta.numel() ** 0.5 * direction


def most_negative_curvature(
    loss: Callable[[torch.Tensor], torch.Tensor], theta: torch.Tensor, generator: torch.Generator
) -> tuple[float, torch.Tensor]:
    """Least eigenvalue of the Hessian and a unit vector of its eigenspace, drawn at random where there are many.

    The draw matters: a saddle of equal phases has a whole space of directions of equal curvature, and one drawn at
    random separates them all.
    """
    at = theta.detach().double()
    draw = torch.randn(at.numel(), generator=generator, dtype=torch.float64)

    def double_loss(x: torch.Tensor) -> torch.Tensor:
        return loss(x.to(theta.dtype)).double()

    if at.numel() <= _LARGEST_DENSE:
        hessian = torch.autograd.functional.hessian(double_loss, at)
        values, vectors = torch.linalg.eigh(hessian)
        space = vectors[:, values <= values[0] + 1e-4 * values.abs().max()]
        direction = space @ (space.T @ draw)
        return float(values[0]), (direction / direction.norm()).to(theta.dtype)
    return _lanczos_curvature(double_loss, at, draw, theta.dtype)


def _lanczos_curvature(
    loss: Callable[[torch.Tensor], torch.Tensor], at: torch.Tensor, draw: torch.Tensor, dtype: torch.dtype
) -> tuple[float, torch.Tensor]:
    """The same from 30 Hessian-vector products, by the Lanczos method with full reorthogonalisation."""
    basis = [draw / draw.norm()]
    projected = torch.zeros(30, 30, dtype=torch.float64)
    for k in range(30):
        _, product = torch.autograd.functional.hvp(loss, at, basis[k])
        for i, vector in enumerate(basis):
            projected[i, k] = vector @ product
        for vector in (*basis, *basis):
            product = product - (vector @ product) * vector
        length = float(product.norm())
        if k == 29 or length < 1e-10:
            break
        basis.append(product / length)
    size = len(basis)
    values, vectors = torch.linalg.eigh(projected[:size, :size], UPLO="U")
    direction = torch.stack(basis, dim=1) @ vectors[:, 0]
    return float(values[0]), direction.to(dtype)


def _largest_group(theta: torch.Tensor) -> int:
    """How many phases are equal, to a thousandth of a radian and whole turns."""
    turns = torch.remainder(theta + 5e-4, 2 * np.pi)
    _, counts = torch.unique((turns * 1e3).floor(), return_counts=True)
    return int(counts.max())


def _validate(n: int, s: int, nsteps: int, learning_rate: float | None, dtype: torch.dtype) -> None:
    for name, value, least in (("n", n, 1), ("s", s, 2), ("nsteps", nsteps, 0)):
        if value != int(value) or value < least:
            raise ValueError(f"{name} is {value}; it must be an integer of at least {least}")
    if learning_rate is not None and not (np.isfinite(learning_rate) and learning_rate > 0):
        raise ValueError(f"learning_rate is {learning_rate}; it must be above 0, or None for a rate that fits")
    if dtype not in (torch.float32, torch.float64):
        raise ValueError(f"dtype is {dtype}; use torch.float32 or torch.float64")


def _amplitudes(amplitudes: float | npt.ArrayLike, n: int, dtype: torch.dtype) -> torch.Tensor:
    values = np.array(np.broadcast_to(np.asarray(amplitudes, dtype=np.float64), (n,)))
    if not np.all(np.isfinite(values) & (values > 0)):
        k = int(np.argmin(np.isfinite(values) & (values > 0)))
        raise ValueError(f"amplitudes[{k}] is {values[k]}; an amplitude must be finite and above 0")
    return torch.as_tensor(values, dtype=dtype)


def _start(start: str | npt.ArrayLike, n: int, dtype: torch.dtype, generator: torch.Generator) -> torch.Tensor:
    if isinstance(start, str):
        if start == "noise":
            return 2 * np.pi * torch.rand(n, generator=generator, dtype=torch.float64).to(dtype)
        if start in ("zeros", "one_moved"):
            theta = torch.zeros(n, dtype=dtype)
            theta[0] = float(start == "one_moved")
            return theta
        raise ValueError(f"start is {start!r}; use 'noise', 'zeros', 'one_moved' or {n} phases in radians")
    theta = torch.as_tensor(np.array(start, dtype=np.float64), dtype=dtype)
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
