"""Does the gradient agree with differences of the loss?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.evaluation import Evaluation
from crestfall.torch.findings import Finding

# A backward of one's own that is meant to differ from the slope.
_DELIBERATE = (
    "straight",
    "ste",
    "revers",
    "clip",
    "quant",
    "round",
    "sign",
    "binar",
    "scale",
    "surrogate",
    "spike",
    "step",
)


def check_slopes(
    evaluation: Evaluation, gradient: torch.Tensor, custom: list[Any], tolerance: float
) -> Iterator[Finding]:
    """Whether a backward written by hand agrees with central differences along the gradient and at random.

    Only a backward of one's own is judged: where a graph is cut by ``detach()`` the gradient differs from the slope on
    purpose, as with targets that are held fixed and straight-through estimators.

    Args:
        evaluation: The loss and its parameters.
        gradient: At the start, as a vector.
        custom: Nodes of such backwards.
        tolerance: Relative difference that counts as wrong.
    """
    names = sorted({type(node).__name__.removesuffix("Backward") for node in custom})
    judged = [name for name in names if not any(word in name.lower() for word in _DELIBERATE)]
    size = float(gradient.norm())
    if not judged or size == 0.0 or evaluation.noise > 0.0:
        return
    scale = evaluation.scale()
    along = gradient / size * float((scale * gradient / size).norm())
    across = [evaluation.direction() * scale for _ in range(2)]
    found = [_disagreement(evaluation, way, float(gradient @ way), tolerance) for way in (along, *across)]
    if found[0] is not None and sum(one is not None for one in found) >= 2:
        computed, measured = found[0]
        yield finding(
            "gradient-wrong",
            f"along the gradient the slope is {computed:.4g} by backward() but {measured:.4g} by finite differences; "
            f"the custom backward of {', '.join(judged)} is the suspect",
        )


def _disagreement(
    evaluation: Evaluation, direction: torch.Tensor, slope: float, tolerance: float
) -> tuple[float, float] | None:
    """The slope and its measurement at the step whose own error is least, if they disagree."""
    base = evaluation.value()
    noise = 30.0 * evaluation.epsilon * abs(base)
    best: tuple[float, float] | None = None
    earlier: float | None = None
    for size in (1e-1, 1e-2, 1e-3, 1e-4):
        ahead = evaluation.value(evaluation.start + size * direction)
        behind = evaluation.value(evaluation.start - size * direction)
        measured = (ahead - behind) / (2.0 * size)
        # Slopes to the two sides differ in proportion to the step; what does not is a kink, as of relu or max.
        kink = abs(ahead - 2.0 * base + behind) / size
        if earlier is not None:
            error = noise / size + 2.0 * abs(measured - earlier) + 0.25 * kink
            if error == error and (best is None or error < best[0]):
                best = (error, measured)
        earlier = measured
    if best is None:
        return None
    error, measured = best
    wrong = abs(measured - slope) > 3.0 * error + tolerance * max(abs(slope), abs(measured))
    return (slope, measured) if wrong else None
