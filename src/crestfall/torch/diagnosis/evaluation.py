"""The loss as a function of all parameters, flattened into one vector, with the same random numbers each time."""

from __future__ import annotations

import functools
import itertools
import random
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from crestfall.torch.diagnosis.parameters import Parameter
from crestfall.torch.diagnosis.snapshot import Snapshot

UNDEFINED = (ValueError, RuntimeError, ArithmeticError, IndexError)  # raised where the loss has no value
_MANY = 1_000_000  # elements from which vectors are kept in float32 where that is exact


class Exhausted(Exception):
    """The loss has used up an iterator that cannot be wound back."""


def flatten(tensors: list[torch.Tensor], dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """Tensors as one vector, complex ones as pairs of real and imaginary parts.

    Args:
        tensors: Of any shape, type and device.
        dtype: Of the vector.

    Example:
        >>> flatten([torch.tensor([1 + 2j]), torch.tensor(3.0)]).tolist()
        [1.0, 2.0, 3.0]
    """
    parts = []
    for tensor in tensors:
        dense = tensor.detach().to_dense()
        if dense.is_complex():
            dense = torch.view_as_real(dense.resolve_conj())
        parts.append(dense.reshape(-1).to("cpu", dtype))
    return torch.cat(parts)


class Evaluation:
    """The loss and its parameters under examination.

    Args:
        loss: Computes the loss from the present values of the parameters.
        parameters: The active ones.
        snapshot: What to put back before each evaluation.
        seed: Seed of the random directions.

    Attributes:
        start: ``(n,)`` values of the parameters where it began.
        epsilon: Spacing of the coarsest type among the parameters and the loss, relative to 1.
        noise: Largest difference of two evaluations at the same point; above rounding, the loss cannot be repeated.
        stale: The graph is used more than once, so that it has to be kept.
        passes: Evaluations so far.
        seconds: The time of the last one.
    """

    def __init__(self, loss: Callable[[], Any], parameters: list[Parameter], snapshot: Snapshot, seed: int) -> None:
        self.loss = loss
        self.parameters = parameters
        self.tensors = [parameter.tensor for parameter in parameters]
        self.snapshot = snapshot
        self.generator = torch.Generator().manual_seed(seed)
        wide = any(t.dtype in {torch.float64, torch.complex128} for t in self.tensors)
        self.dtype = torch.float64 if wide or sum(t.numel() for t in self.tensors) < _MANY else torch.float32
        self.start = self.flatten(self.tensors)
        self._scale: torch.Tensor | None = None
        self.sizes = [t.numel() * (2 if t.is_complex() else 1) for t in self.tensors]
        self.epsilon = max(float(torch.finfo(t.dtype).eps) for t in self.tensors)
        self.noise = 0.0
        self.stale = False
        self.passes = 0
        self.seconds = 0.0

    @functools.cached_property
    def slices(self) -> list[slice]:
        """Where each parameter lies in the vector."""
        ends = itertools.accumulate(self.sizes)
        return [slice(end - size, end) for end, size in zip(ends, self.sizes, strict=True)]

    def names_of(self, mask: torch.Tensor) -> list[str]:
        """Names of the parameters with an element in the mask."""
        pairs = zip(self.parameters, self.slices, strict=True)
        return [parameter.name for parameter, part in pairs if bool(mask[part].any())]

    def scale(self) -> torch.Tensor:
        """By how much each element may sensibly be moved: its own size, at least 1, or less inside a network."""
        if self._scale is not None:
            return self._scale
        scale = torch.empty_like(self.start)
        for tensor, part in zip(self.tensors, self.slices, strict=True):
            values = self.start[part]
            # A weight matrix lives at its own size; a vector or a scalar of zero may be anything about 1.
            floor = max(float(values.std()), 0.05) if tensor.dim() >= 2 and values.numel() > 4 else 1.0
            scale[part] = values.abs().clamp(min=floor) if floor == 1.0 else floor
        self._scale = scale
        return scale

    def flatten(self, tensors: list[torch.Tensor]) -> torch.Tensor:
        """Tensors as one vector of the type used here."""
        return flatten(tensors, self.dtype)

    def unflatten(self, vector: torch.Tensor) -> list[torch.Tensor]:
        """A vector as tensors of the shapes of the parameters, complex where these are."""
        shaped = []
        for tensor, part in zip(self.tensors, self.slices, strict=True):
            values = vector[part]
            if tensor.is_complex():
                values = torch.view_as_complex(values.reshape(-1, 2).contiguous())
            shaped.append(values.reshape(tensor.shape))
        return shaped

    def normal(self) -> torch.Tensor:
        """A vector of normal random numbers."""
        return torch.randn(self.start.numel(), generator=self.generator, dtype=self.dtype)

    def direction(self) -> torch.Tensor:
        """A random unit direction, in units of ``scale``."""
        draw = self.normal()
        return draw / draw.norm()

    def move_to(self, vector: torch.Tensor) -> None:
        """Give the parameters these values, unseen by automatic differentiation."""
        for tensor, values in zip(self.tensors, self.unflatten(vector), strict=True):
            tensor.data.copy_(values)

    def raw(self, at: torch.Tensor | None = None) -> Any:
        """What the loss function returns there, whatever it is."""
        self.snapshot.restore()
        torch.set_grad_enabled(True)  # the user's step may have switched them off
        if at is not None:
            self.move_to(at)
        self.passes += 1
        began = time.perf_counter()
        try:
            value = self.loss()
        except StopIteration as error:
            raise Exhausted from error
        self.seconds = time.perf_counter() - began
        return value

    def tensor(self, at: torch.Tensor | None = None) -> torch.Tensor:
        """The loss there, as a tensor without dimensions; the mean where it has many elements."""
        value = self.raw(at)
        if not isinstance(value, torch.Tensor):
            return torch.as_tensor(value, dtype=torch.float64).mean()
        if value.is_complex():
            value = value.abs()
        return value.reshape(()) if value.numel() == 1 else value.double().mean()

    def value(self, at: torch.Tensor | None = None) -> float:
        """The loss there as a number; infinite where it cannot be computed."""
        try:
            return float(self.tensor(at).detach())
        except UNDEFINED:
            if at is None:
                raise
            return float("inf")

    def gradients(self, at: torch.Tensor | None = None, factor: float = 1.0) -> list[torch.Tensor | None]:
        """The gradient of each parameter there, ``None`` where there is none."""
        return self.gradients_of(self.tensor(at), factor)

    def gradients_of(self, value: torch.Tensor, factor: float = 1.0) -> list[torch.Tensor | None]:
        """The same of a value that was computed already."""
        if not value.requires_grad:
            return [None] * len(self.tensors)
        grad_output = torch.full_like(value, factor)
        try:
            return list(
                torch.autograd.grad(
                    value, self.tensors, grad_output, retain_graph=self.stale or None, allow_unused=True
                )
            )
        except RuntimeError as error:
            if "heckpoint" not in str(error):
                raise
        # Reentrant checkpoints work with backward() only.
        for tensor in self.tensors:
            tensor.grad = None
        value = self.tensor()
        value.backward(torch.full_like(value, factor), retain_graph=self.stale or None)
        return [tensor.grad for tensor in self.tensors]

    def filled(self, gradients: list[torch.Tensor | None]) -> torch.Tensor:
        """Gradients as one vector, zero where there is none."""
        pairs = zip(gradients, self.tensors, strict=True)
        return self.flatten([torch.zeros_like(t) if part is None else part for part, t in pairs])

    def gradient(self, at: torch.Tensor | None = None) -> torch.Tensor:
        """The gradient there as one vector, zero where there is none."""
        return self.filled(self.gradients(at))

    def value_and_gradient(self, at: torch.Tensor) -> tuple[float, torch.Tensor]:
        """Both from one pass; infinite and zero where the loss cannot be computed."""
        try:
            value = self.tensor(at)
            return float(value.detach()), self.filled(self.gradients_of(value))
        except UNDEFINED:
            return float("inf"), torch.zeros_like(self.start)

    def spread(self, base: float) -> float:
        """By how much the loss differs with other random numbers; 0 if it draws none."""
        self.snapshot.restore()
        torch.rand(1), random.random(), np.random.rand()  # noqa: NPY002
        for generator in self.snapshot.references.generators:
            if isinstance(generator, torch.Generator):
                torch.rand(1, generator=generator)
            else:
                generator.random()
        self.passes += 2
        values = [float(torch.as_tensor(self.loss()).detach().abs().double().mean()) for _ in range(2)]
        self.snapshot.restore()
        return max(abs(value - abs(base)) for value in values)

    def rounding(self, base: float) -> float:
        """By how much two values of the loss may differ without meaning anything."""
        return 30.0 * self.epsilon * abs(base) + 3.0 * self.noise
