"""Which way a loss curves down: the least eigenvalue of its Hessian, and a direction that belongs to it."""

from __future__ import annotations

from collections.abc import Callable

import torch

_LARGEST_DENSE = 256  # parameters up to which the whole Hessian is computed
_LANCZOS_STEPS = 30  # products with the Hessian of more parameters


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
    values, coefficients, basis = lanczos(
        lambda vector: torch.autograd.functional.hvp(double_loss, at, vector)[1], draw, _LANCZOS_STEPS
    )
    return float(values[0]), (torch.stack(basis, dim=1) @ coefficients[:, 0]).to(theta.dtype)


def lanczos(
    product: Callable[[torch.Tensor], torch.Tensor], start: torch.Tensor, steps: int
) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
    """Extreme eigenvalues of a symmetric matrix from its products with vectors, with full reorthogonalisation.

    Args:
        product: Matrix times an ``(n,)`` vector.
        start: ``(n,)`` vector to begin with.
        steps: Products at most.

    Returns:
        ``(k,)`` approximate eigenvalues in ascending order, ``(k, k)`` columns with their eigenvectors in the basis,
        and the basis, ``k`` unit vectors.

    Example:
        >>> matrix = torch.diag(torch.arange(5.0))
        >>> [round(value, 3) + 0.0 for value in lanczos(lambda x: matrix @ x, torch.ones(5), 5)[0].tolist()]
        [0.0, 1.0, 2.0, 3.0, 4.0]
    """
    basis = [start / start.norm()]
    projected = torch.zeros(steps, steps, dtype=torch.float64)
    largest = 0.0
    for k in range(steps):
        image = product(basis[k])
        largest = max(largest, float(image.norm()))
        for i, vector in enumerate(basis):
            projected[i, k] = vector @ image
        for vector in (*basis, *basis):
            image = image - (vector @ image) * vector
        length = float(image.norm())
        if k == steps - 1 or length <= 1e-10 * largest:
            break
        basis.append(image / length)
    values, coefficients = torch.linalg.eigh(projected[: len(basis), : len(basis)], UPLO="U")
    return values, coefficients, basis
