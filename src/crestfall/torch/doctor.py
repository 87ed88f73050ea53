"""Why does my PyTorch optimisation not move? Checks on any loss and parameters, each with its remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch

from crestfall.torch import symptoms
from crestfall.torch.findings import Finding
from crestfall.torch.patient import Patient


def doctor(
    loss: Callable[[], torch.Tensor],
    parameters: torch.Tensor | Iterable[torch.Tensor],
    *,
    step: Callable[[], object] | None = None,
    seed: int = 0,
) -> list[Finding]:
    """Examine an optimisation that does not move.

    The parameters are moved a little here and there, losses and gradients compared, and everything put back: values,
    gradients, ``requires_grad`` and the state of the random number generator.

    ========================  =====================================================================================
    code                      what is the case
    ========================  =====================================================================================
    ``loss-not-a-function``   a tensor was given, which can only be looked at once
    ``requires-grad-off``     a parameter asks for no gradient
    ``not-a-leaf``            a parameter is itself the result of a computation
    ``not-finite``            the loss or its gradient is nan or infinite
    ``stale-graph``           part of the loss was computed once, outside the loop
    ``detached``              the loss reacts to the parameters, but no gradient arrives
    ``constant-loss``         the loss does not react to the parameters at all
    ``gradient-wrong``        the gradient disagrees with finite differences
    ``gradients-accumulate``  the step adds to the gradient of the step before
    ``stationary-saddle``     the gradient vanishes, and the curvature is negative in some direction
    ``stationary-minimum``    the gradient vanishes, at a minimum
    ``stationary-plateau``    the gradient vanishes, and so does the curvature
    ``shared-gradient``       parameters are equal and get equal gradients, because the loss is symmetric in them
    ========================  =====================================================================================

    Args:
        loss: Computes the loss anew each time it is called, and returns it as a tensor of one element.
        parameters: The tensor or tensors that are optimised.
        step: One iteration of the training loop, if gradients that accumulate shall be found. It is called once; the
            state that an optimiser keeps for itself cannot be put back.
        seed: Seed of the random directions.

    Returns:
        What was found, most fundamental first; an empty list for an optimisation that can move.

    Raises:
        ValueError: There are no parameters, or the loss is not a tensor of one element.

    Example:
        >>> theta = torch.tensor([0.1, 0.2, 0.4], requires_grad=True)
        >>> angles = theta + 1.0                      # computed once
        >>> [finding.code for finding in doctor(lambda: angles.sin().sum(), theta)]
        ['stale-graph']
        >>> doctor(lambda: ((theta - torch.tensor([1.0, 2.0, 3.0])) ** 2).sum(), theta)
        []
    """
    tensors = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
    if not tensors:
        raise ValueError("parameters are empty; give the tensors that are optimised")
    if isinstance(loss, torch.Tensor):
        return [
            Finding(
                "loss-not-a-function",
                "the loss is a tensor, which was computed once and cannot react any more",
                "give a function that computes it anew from the parameters",
            )
        ]
    with _put_back(tensors), torch.enable_grad():
        return list(_examine(loss, tensors, step, seed))


def _examine(
    loss: Callable[[], torch.Tensor],
    tensors: list[torch.Tensor],
    step: Callable[[], object] | None,
    seed: int,
) -> Iterator[Finding]:
    yield from symptoms.of_parameters(tensors)
    active = [tensor for tensor in tensors if tensor.requires_grad and tensor.is_leaf]
    if not active:
        return
    patient = Patient(loss, active, seed)
    broken = list(symptoms.of_graph(patient))
    yield from broken
    codes = {finding.code for finding in broken}
    if step is not None:
        yield from symptoms.of_step(patient, step)
    if "not-finite" in codes or codes & {"detached", "constant-loss"}:
        return
    stale = "stale-graph" in codes
    if not stale:
        wrong = list(symptoms.of_gradient(patient))
        yield from wrong
        if not wrong:
            yield from symptoms.of_start(patient)
    yield from symptoms.of_symmetry(patient, stale)


@contextmanager
def _put_back(tensors: list[torch.Tensor]) -> Iterator[None]:
    """Leave values, gradients and random numbers as they were."""
    values = [tensor.detach().clone() for tensor in tensors]
    gradients = [None if tensor.grad is None else tensor.grad.clone() for tensor in _leaves(tensors)]
    random_state = torch.get_rng_state()
    try:
        yield
    finally:
        torch.set_rng_state(random_state)
        for tensor, value in zip(tensors, values, strict=True):
            tensor.data.copy_(value)
        for tensor, gradient in zip(_leaves(tensors), gradients, strict=True):
            tensor.grad = gradient


def _leaves(tensors: list[torch.Tensor]) -> list[torch.Tensor]:
    return [tensor for tensor in tensors if tensor.is_leaf]
