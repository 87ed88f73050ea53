"""Why does my PyTorch optimisation not move? Checks on any loss and parameters, each with its remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch

from crestfall.torch import checks, symptoms
from crestfall.torch.findings import Finding


def doctor(
    loss: Callable[[], torch.Tensor],
    parameters: torch.Tensor | Iterable[torch.Tensor],
    *,
    step: Callable[[], object] | None = None,
    tolerance: float | None = None,
    seed: int = 0,
) -> list[Finding]:
    r"""Examine an optimisation that does not move.

    A gradient ``g`` is compared with central differences along random directions ``d``,

    .. math::
        g^\top d \approx \frac{L(\theta + h d) - L(\theta - h d)}{2 h},

    at the step size ``h`` where rounding and truncation together err least. Where ``g`` vanishes, the eigenvalues of
    the Hessian, from double backward, tell a saddle from a minimum from a plateau.

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
        step: One iteration of the training loop, to see on the real code whether gradients accumulate. It is called
            three times at most; the state that an optimiser keeps for itself cannot be put back. Without it, a gradient
            that is there already is reported.
        tolerance: Relative difference to finite differences from which a gradient counts as wrong, on top of what
            rounding explains; by default 0.001.
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
        return list(_examine(loss, tensors, step, 1e-3 if tolerance is None else tolerance, seed))


def _examine(
    loss: Callable[[], torch.Tensor],
    tensors: list[torch.Tensor],
    step: Callable[[], object] | None,
    tolerance: float,
    seed: int,
) -> Iterator[Finding]:
    yield from symptoms.of_parameters(tensors)
    active = [tensor for tensor in tensors if tensor.requires_grad and tensor.is_leaf]
    if not active:
        return
    patient = checks.ExactPatient(loss, active, seed)
    broken = list(symptoms.of_graph(patient))
    codes = {finding.code for finding in broken}
    yield from broken
    # The step may use up a graph that the loss needs, so it runs last, though its finding comes before those of the
    # start.
    later = list(_start(patient, codes, tolerance))
    of_step = checks.of_entry(active) if step is None else checks.of_step(patient, step)
    yield from (finding for finding in of_step if finding.code not in codes)
    yield from (finding for finding in later if finding.code not in codes)


def _start(patient: checks.ExactPatient, codes: set[str], tolerance: float) -> Iterator[Finding]:
    """What holds the optimisation at its start, as far as the loss and its gradient can be trusted."""
    if codes & {"not-finite", "detached", "constant-loss"}:
        return
    stale = "stale-graph" in codes
    try:
        if not stale:
            cut = list(checks.of_unreached(patient))
            wrong = cut or list(checks.of_gradient(patient, tolerance))
            yield from wrong
            if not wrong:
                yield from symptoms.of_start(patient)
        yield from symptoms.of_symmetry(patient, stale)
        yield from checks.of_scalars(patient, stale)
    except RuntimeError as error:
        if not checks.is_second_backward(error):
            raise
        yield checks.of_used_graph()


@contextmanager
def _put_back(tensors: list[torch.Tensor]) -> Iterator[None]:
    """Leave values, gradients, ``requires_grad`` and random numbers as they were."""
    values = [tensor.detach().clone() for tensor in tensors]
    leaves = [tensor for tensor in tensors if tensor.is_leaf]
    asked = [leaf.requires_grad for leaf in leaves]
    gradients = [(leaf.grad, None if leaf.grad is None else leaf.grad.detach().clone()) for leaf in leaves]
    random_state = torch.get_rng_state()
    try:
        yield
    finally:
        torch.set_rng_state(random_state)
        for tensor, value in zip(tensors, values, strict=True):
            tensor.data.copy_(value)
        for leaf, wanted, (gradient, content) in zip(leaves, asked, gradients, strict=True):
            leaf.requires_grad_(wanted)
            if gradient is not None and content is not None:
                gradient.data.copy_(content)
            leaf.grad = gradient
