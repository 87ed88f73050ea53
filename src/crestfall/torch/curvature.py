"""Which way a loss curves down: the least eigenvalue of its Hessian, and a direction that belongs to it."""

from __future__ import annotations

from collections.abc import Callable

import torch

_LARGEST_DENSE = 256  # parameters up to which the whole Hessian is computed
_LANCZOS_STEPS = 30


def most_negative_curvature(
    loss: Callable[[torch.Tensor], torch.Tensor], theta: torch.Tensor, generator: torch.Generator
) -> tuple[float, torch.Tensor]:
    """Least eigenvalue of the Hessian and a unit vector of its eigenspace, drawn at random where there are many.

    The draw matters: a saddle of equal phases has a whole space of directions of equal curvature, and one drawn at
    random separates them all.

    Args:
        loss: Function of one ``(n,)`` tensor, twice differentiable.
        theta: ``(n,)`` tensor: where.
        generator: Source of the draw.

    Returns:
        The eigenvalue, in units of the loss per squared unit of ``theta``, and an ``(n,)`` unit vector.

    Example:
        >>> value, direction = most_negative_curvature(
        ...     lambda x: x[0] ** 2 - x[1] ** 2, torch.zeros(2), torch.Generator().manual_seed(0)
        ... )
        >>> round(value, 6), direction.abs().tolist()
        (-2.0, [0.0, 1.0])
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
    return _lanczos(double_loss, at, draw, theta.dtype)


def _lanczos(
    loss: Callable[[torch.Tensor], torch.Tensor], at: torch.Tensor, draw: torch.Tensor, dtype: torch.dtype
) -> tuple[float, torch.Tensor]:
    """The same from Hessian-vector products, by the Lanczos method with full reorthogonalisation."""
    basis = [draw / draw.norm()]
    projected = torch.zeros(_LANCZOS_STEPS, _LANCZOS_STEPS, dtype=torch.float64)
    largest = 0.0
    for k in range(_LANCZOS_STEPS):
        _, product = torch.autograd.functional.hvp(loss, at, basis[k])
        largest = max(largest, float(product.norm()))
        for i, vector in enumerate(basis):
            projected[i, k] = vector @ product
        for vector in (*basis, *basis):
            product = product - (vector @ product) * vector
        length = float(product.norm())
        if k == _LANCZOS_STEPS - 1 or length <= 1e-10 * largest:
            break
        basis.append(product / length)
    size = len(basis)
    values, vectors = torch.linalg.eigh(projected[:size, :size], UPLO="U")
    direction = torch.stack(basis, dim=1) @ vectors[:, 0]
    return float(values[0]), direction.to(dtype)
