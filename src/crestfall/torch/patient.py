"""A loss and its parameters under examination: evaluate them anywhere, as one flat vector."""

from __future__ import annotations

from collections.abc import Callable

import torch


class Patient:
    """The loss as a function of all its parameters, flattened into one float64 vector.

    Args:
        loss: Computes the loss from the present values of the parameters.
        parameters: Leaf tensors that require gradients.
        seed: Seed of the random directions.
    """

    def __init__(self, loss: Callable[[], torch.Tensor], parameters: list[torch.Tensor], seed: int) -> None:
        self.compute = loss
        self.parameters = parameters
        self.generator = torch.Generator().manual_seed(seed)
        self.random_state = torch.get_rng_state()
        self.here = self.read([parameter.detach() for parameter in parameters])
        self.epsilon = max(float(torch.finfo(parameter.dtype).eps) for parameter in parameters)

    @staticmethod
    def read(tensors: list[torch.Tensor]) -> torch.Tensor:
        """Tensors as one float64 vector."""
        return torch.cat([tensor.detach().double().cpu().reshape(-1) for tensor in tensors])

    def scale(self) -> torch.Tensor:
        """By how much each parameter may sensibly be moved: its own size, at least 1."""
        return self.here.abs().clamp(min=1.0)

    def direction(self) -> torch.Tensor:
        """A random unit direction, in units of ``scale``."""
        draw = torch.randn(self.here.numel(), generator=self.generator, dtype=torch.float64)
        return draw / draw.norm()

    def move_to(self, vector: torch.Tensor) -> None:
        """Give the parameters these values, unseen by automatic differentiation."""
        first = 0
        for parameter in self.parameters:
            part = vector[first : first + parameter.numel()]
            parameter.data.copy_(part.reshape(parameter.shape))
            first += parameter.numel()

    def evaluate(self) -> torch.Tensor:
        """The loss where the parameters are; the same random numbers each time, so that dropout does not confuse."""
        torch.set_rng_state(self.random_state)
        value = self.compute()
        if not isinstance(value, torch.Tensor) or value.numel() != 1:
            what = f"of shape {tuple(value.shape)}" if isinstance(value, torch.Tensor) else f"a {type(value).__name__}"
            raise ValueError(f"loss returns {what}; it must return a tensor of one element")
        return value

    def value(self, at: torch.Tensor | None = None) -> float:
        """The loss at a vector of parameters, by default where it began."""
        self.move_to(self.here if at is None else at)
        return float(self.evaluate().detach())

    def gradient(self, at: torch.Tensor | None = None) -> torch.Tensor:
        """The gradient there, zero where none arrives."""
        self.move_to(self.here if at is None else at)
        value = self.evaluate()
        if value.grad_fn is None:
            return torch.zeros_like(self.here)
        parts = torch.autograd.grad(value.sum(), self.parameters, retain_graph=True, allow_unused=True)
        filled = [
            torch.zeros_like(parameter) if part is None else part
            for part, parameter in zip(parts, self.parameters, strict=True)
        ]
        return self.read(filled)

    def curvature(self, direction: torch.Tensor, step: float) -> torch.Tensor:
        """Hessian times a direction, by central differences of gradients."""
        ahead = self.gradient(self.here + step * direction)
        behind = self.gradient(self.here - step * direction)
        return (ahead - behind) / (2.0 * step)
