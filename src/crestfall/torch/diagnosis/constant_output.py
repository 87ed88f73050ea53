"""Does the model give the same prediction for every sample, whatever its parameters are?"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.evaluation import Evaluation
from crestfall.torch.diagnosis.events import Events
from crestfall.torch.diagnosis.graph import Graph, saved
from crestfall.torch.findings import Finding

_EQUAL = 1e-5  # difference of two predictions, relative to their size, up to which they are the same
_POINTS = 3  # other values of the parameters that are tried


def check_constant_output(evaluation: Evaluation, events: Events, graph: Graph) -> Iterator[Finding]:
    """Predictions that are equal for all samples here and elsewhere, although inputs or targets differ.

    Args:
        evaluation: The loss and its parameters.
        events: Of the first evaluation, with what went into the outermost modules and came out.
        graph: Behind the loss.
    """
    if not events.outputs or not _all_equal(events.outputs[-1]):
        return
    count = events.outputs[-1].shape[0]
    targets = [target for node in graph.nodes if isinstance(target := saved(node, "target"), torch.Tensor)]
    inputs_differ = any(_differ(tensor, count) for tensor in events.inputs)
    if not inputs_differ and not any(_differ(target, count) for target in targets):
        return
    for _ in range(_POINTS):
        again = Events()
        with again.watch():
            evaluation.tensor(evaluation.start + evaluation.scale() * evaluation.normal())
        if not again.outputs or not _all_equal(again.outputs[-1]):
            return
    what = "although the inputs differ" if inputs_differ else "and so are the inputs, although the targets differ"
    yield finding(
        "constant-output",
        f"the prediction is the same for all {count} samples, for other values of the parameters, too, {what}",
    )


def _all_equal(output: torch.Tensor) -> bool:
    values = output.detach()
    if values.dim() == 0 or values.shape[0] < 2 or values.numel() == 0 or not bool(torch.isfinite(values.abs()).all()):
        return False
    return float((values - values[:1]).abs().max()) <= _EQUAL * float(values.abs().max())


def _differ(values: torch.Tensor, count: int) -> bool:
    return values.dim() > 0 and values.shape[0] == count and bool((values != values[:1]).any())
