"""Does the step add its gradient to that of the step before?"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch

from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.steps import Run, Stepper
from crestfall.torch.findings import Finding


def check_accumulation(stepper: Stepper, usual: float, run: Run) -> Iterator[Finding]:
    r"""Put a known vector into ``.grad`` and look whether it is still there after the parameters have moved.

    The steps run from the same point with the same random numbers: from a zero ``.grad``, which leaves ``g``, and
    from a ``.grad`` of ``± 3 G u``, where ``u`` is a random unit vector at right angles to ``g``, and ``G`` the
    larger of the norms of ``g`` and of the gradient of the loss. A loop that zeroes gradients leaves the same each
    time; one that accumulates, even one that clips, leaves much of ``u`` behind. Where the gradients add up until they
    overflow, nothing is left to compare, but the run has seen that no backward found them gone.

    Args:
        stepper: The user's step.
        usual: Norm of the gradient of the loss.
        run: Steps that were run: gradients may add up until the first that moves anything, and only the elements that
            move are asked.
    """
    evaluation, count, moved = stepper.evaluation, run.first_move, run.moved
    gradient = _gradient_after(stepper, torch.zeros_like(evaluation.start), count)
    if gradient is None:
        return
    gradient = gradient * moved
    size = float(gradient.norm())
    if not math.isfinite(size) and run.carried.always:
        yield finding("gradients-accumulate", ".grad is not zeroed: each gradient was added to those before it")
    if not 0.0 < size < math.inf:
        return
    unit = gradient / size
    across = evaluation.direction() * moved
    across = across - (across @ unit) * unit
    # One element has no right angle: push against its gradient, which shows even where the gradient is clipped.
    probes = [-unit] if int(moved.sum()) == 1 else [across / across.norm(), -across / across.norm()]
    for probe in probes:
        left = _gradient_after(stepper, 3.0 * max(size, usual) * probe, count)
        if left is None or float((left - gradient) @ probe) <= 0.6 * size:
            return
    yield finding(
        "gradients-accumulate",
        ".grad is not zeroed between steps: a value placed in it beforehand was still part of it after the step",
    )


def _gradient_after(stepper: Stepper, before: torch.Tensor, count: int) -> torch.Tensor | None:
    """What the steps leave in ``.grad``, zero where nothing, if they find ``before`` there."""
    evaluation = stepper.evaluation

    def prepare() -> None:
        for tensor, values in zip(evaluation.tensors, evaluation.unflatten(before), strict=True):
            dense = values.to(tensor, copy=True)
            sparse = tensor.grad is not None and tensor.grad.layout != torch.strided
            tensor.grad = dense.to_sparse(1) if sparse else dense

    run = stepper.run(count, prepare=prepare, with_losses=False)
    if run.error is not None:
        return None
    return evaluation.filled([tensor.grad for tensor in run.current])
