"""A short descent and a line search of the doctor's own, to learn what the landscape allows."""

from __future__ import annotations

import torch

from crestfall.torch.diagnosis.evaluation import UNDEFINED, Evaluation


def descend(
    evaluation: Evaluation, start: torch.Tensor, iterations: int = 30, penalty: float = 0.0
) -> tuple[torch.Tensor, float]:
    """Go down from a point by L-BFGS with a line search.

    Args:
        evaluation: The loss and its parameters.
        start: ``(n,)`` values.
        iterations: How many at most.
        penalty: Weight of ``½ |θ|²`` that is added on the way, as weight decay does.

    Returns:
        Where it ended, and the loss there, without the penalty.
    """
    theta = start.clone().requires_grad_()
    optimizer = torch.optim.LBFGS(
        [theta], max_iter=iterations, max_eval=2 * iterations, line_search_fn="strong_wolfe", tolerance_grad=1e-12
    )

    def closure() -> torch.Tensor:
        value, slope = evaluation.value_and_gradient(theta.detach())
        value = value + 0.5 * penalty * float(theta.detach().square().sum())
        finite = value == value and abs(value) != float("inf") and bool(torch.isfinite(slope).all())
        theta.grad = slope + penalty * theta.detach() if finite else torch.zeros_like(theta)
        return torch.tensor(value if finite else 1e300, dtype=torch.float64)

    try:
        optimizer.step(closure)
    except UNDEFINED:
        return start, evaluation.value(start)
    end = theta.detach()
    value = evaluation.value(end)
    first = evaluation.value(start)
    return (end, value) if value <= first or penalty else (start, first)


def reach(evaluation: Evaluation, move: torch.Tensor, base: float, factors: list[float]) -> tuple[float, float]:
    """The multiple of a step with the least loss, among factors tried in order until the loss has risen twice.

    Args:
        evaluation: The loss and its parameters.
        move: ``(n,)`` step.
        base: The loss at the start.
        factors: Multiples to try.

    Returns:
        The best factor, 0 if none lowers the loss, and the loss there.
    """
    best, least, rises = 0.0, base, 0
    for factor in factors:
        value = evaluation.value(evaluation.start + factor * move)
        if value < least:
            best, least, rises = factor, value, 0
        else:
            rises += 1
            if rises >= 2 and best:
                break
    return best, least
