"""The loop of the accepted answer: the question's faults are corrected, but equal phases stay equal."""

from __future__ import annotations

import numpy.typing as npt
import torch

from crestfall.torch.descent import EqualWaves, PhaseResult, amplitudes_tensor, start_phases


def accepted_answer_run(
    n: int,
    s: int = 48_000,
    nsteps: int = 1000,
    rate: float = 0.1,
    dtype: torch.dtype = torch.float32,
    *,
    start: str | npt.ArrayLike = "one_moved",
    amplitudes: float | npt.ArrayLike = 1.0,
    seed: int = 0,
) -> PhaseResult:
    """Plain gradient descent from ``θ_0 = 1`` and the rest 0, with fresh sums and zeroed gradients.

    The phases that start equal have equal gradients for ever, so that for ``n > 2`` the sum cannot fall below
    ``n − 2``. The question's second answer is the same run from ``start="noise"``, where no two phases are equal.

    Args:
        n: Number of waves.
        s: Samples of ``[0, 2π]``, both ends included.
        nsteps: Steps.
        rate: Learning rate.
        dtype: Type of the computation.
        start: ``"one_moved"``, ``"noise"``, ``"zeros"`` or ``(n,)`` phases [rad].
        amplitudes: One for all, or ``(n,)``.
        seed: Seed of the noise.

    Raises:
        ValueError: The start or the amplitudes are of no use; the message names them.

    Example:
        >>> round(accepted_answer_run(5, s=480, nsteps=200).maximum, 2)
        3.0
        >>> accepted_answer_run(5, s=480, nsteps=200, start="noise").maximum < 1e-5
        True
    """
    theta = start_phases(start, n, dtype, torch.Generator().manual_seed(seed)).requires_grad_()
    waves = EqualWaves(amplitudes_tensor(amplitudes, n, dtype), s)
    history, phasors = [], []
    for _ in range(nsteps):
        loss = waves.loss(theta)
        history.append(float(loss.detach()))
        phasors.append(waves.exact_phasor(theta))
        (gradient,) = torch.autograd.grad(loss, theta)
        with torch.no_grad():
            theta -= rate * gradient
    return PhaseResult(theta.detach().double().numpy(), waves.maximum(theta), history, maxima=waves.maxima(phasors))
