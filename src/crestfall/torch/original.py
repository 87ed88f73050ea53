"""The original question's training loop, with its three faults, for the doctor and for the page that explains them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch


def broken_parts(
    n: int, s: int = 48_000, rate: float = 0.1
) -> tuple[Callable[[], torch.Tensor], torch.Tensor, Callable[[], None]]:
    """Loss, parameter and step of a loop that cannot move.

    The angles ``t + θ`` are computed once, outside the loop; the gradient is never zeroed; and ``θ = 0`` is a saddle.

    Args:
        n: Number of waves.
        s: Samples of ``[0, 2π]``, both ends included.
        rate: Learning rate.

    Returns:
        The loss as a function, the phases ``θ`` and a function that takes one step.

    Example:
        >>> loss, theta, step = broken_parts(3, s=100)
        >>> before = loss().item()
        >>> for _ in range(5):
        ...     step()
        >>> loss().item() == before
        True
    """
    t = torch.as_tensor(np.linspace(0.0, 2.0 * np.pi, s), dtype=torch.float32)
    theta = torch.zeros(n, 1, requires_grad=True)
    angles = t + theta  # fault 1: this belongs inside the loop

    def loss() -> torch.Tensor:
        return (torch.sin(angles).sum(dim=0) ** 2).sum() / s

    def step() -> None:
        loss().backward(retain_graph=True)
        assert theta.grad is not None
        theta.data -= rate * theta.grad  # fault 2: theta.grad is never zeroed

    return loss, theta, step
