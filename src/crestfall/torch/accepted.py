"""The accepted answer to the original question, as it was: its faults mended, one trap left."""

from __future__ import annotations

import torch

from crestfall.torch.descent import EqualWaves, PhaseResult


def accepted_answer_run(
    n: int, s: int = 48_000, nsteps: int = 1000, rate: float = 0.1, dtype: torch.dtype = torch.float32
) -> PhaseResult:
    """Plain gradient descent from ``θ_0 = 1`` and the rest 0, with fresh sums and zeroed gradients.

    The phases that start equal have equal gradients for ever, so that for ``n > 2`` the sum stays at ``n − 2``.

    Args:
        n: Number of waves.
        s: Samples of ``[0, 2π]``, both ends included.
        nsteps: Steps.
        rate: Learning rate.
        dtype: Type of the computation.

    Example:
        >>> round(accepted_answer_run(5, s=480, nsteps=200).maximum, 2)
        3.0
    """
    theta = torch.zeros(n, dtype=dtype)
    theta[0] = 1.0
    theta.requires_grad_()
    waves = EqualWaves(torch.ones(n, dtype=dtype), s)
    history = []
    for _ in range(nsteps):
        loss = waves.loss(theta)
        history.append(float(loss.detach()))
        (gradient,) = torch.autograd.grad(loss, theta)
        with torch.no_grad():
            theta -= rate * gradient
    return PhaseResult(theta.detach().double().numpy(), waves.maximum(theta), history)
