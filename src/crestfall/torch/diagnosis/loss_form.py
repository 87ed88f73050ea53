"""Is the loss what was meant? Its type and shape, softmax applied twice, shapes that broadcast, an output not used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from crestfall.torch.diagnosis.calls import Broadcast
from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.graph import Graph, before, parents, saved, short_name
from crestfall.torch.findings import Finding

# What may stand between a difference and the loss without another layer coming in.
_REDUCTIONS = {
    "Mean",
    "Sum",
    "Pow",
    "Abs",
    "Mul",
    "Div",
    "Sqrt",
    "Neg",
    "Add",
    "Square",
    "Log",
    "Exp",
    "Huber",
    "Nansum",
}
_LOSSES = {"MseLoss", "L1Loss", "SmoothL1Loss", "HuberLoss"}
_LINEAR = {"Addmm", "Mm", "Linear", "Bmm", "Mv", "Addmv", "Convolution"}


def check_value(value: Any) -> Iterator[Finding]:
    """Whether what the loss function returned can be differentiated at all.

    Args:
        value: What it returned.
    """
    if not isinstance(value, torch.Tensor):
        what = "nothing (None)" if value is None else f"a {type(value).__name__}"
        remedy = "end the function with return loss" if value is None else None
        yield finding("loss-not-a-tensor", f"the loss function returns {what}, not a tensor", remedy=remedy)
        return
    if value.is_complex():
        yield finding("loss-not-real", f"the loss is complex ({value.dtype})")
    elif not value.is_floating_point():
        kind = "a Boolean" if value.dtype == torch.bool else "an integer"
        yield finding(
            "not-differentiable",
            f"the loss is {kind} ({value.dtype}): it counts or compares, and has no slope",
            remedy="use a smooth loss, such as cross_entropy instead of the number of errors",
            fix="loss = torch.nn.functional.cross_entropy(logits, target)",
        )
    real = value.detach().abs() if value.is_complex() else value.detach()
    if not bool(torch.isfinite(real.float()).all()):
        yield finding("not-finite", f"the loss is {_first_bad(value)}")


def check_shape(value: torch.Tensor) -> Iterator[Finding]:
    """Whether the loss is one number.

    Args:
        value: The loss.
    """
    if value.numel() != 1:
        yield finding(
            "loss-not-scalar",
            f"the loss has shape {tuple(value.shape)}, {value.numel()} elements instead of one (reduction='none'?)",
        )


def check_outputs(graph: Graph) -> Iterator[Finding]:
    """Softmax and sigmoid where the loss applies them itself, a missing logarithm, a softmax over one element.

    Args:
        graph: Behind the loss.
    """
    codes: set[str] = set()
    for node in graph.nodes:
        for found in _of_node(node):
            if found.code not in codes:
                codes.add(found.code)
                yield found


def _of_node(node: Any) -> Iterator[Finding]:
    name = short_name(node)
    if name in {"Softmax", "LogSoftmax"}:
        result, dim = saved(node, "result"), saved(node, "dim")
        if result is not None and dim is not None and result.dim() and _size(result, dim) == 1:
            yield finding(
                "one-output-softmax",
                f"{_call(name)} runs over a dimension of size 1 (shape {tuple(result.shape)}), so that its result is "
                f"constant, {0 if name == 'LogSoftmax' else 1} for every sample",
            )
            return
    if name == "Softmax" and before(node) is not None and short_name(before(node)) == "Softmax":
        yield finding("softmax-twice", "softmax is applied to the result of softmax")
    if name == "LogSoftmax":
        earlier = short_name(before(node)) if before(node) is not None else ""
        if earlier in {"Softmax", "Sigmoid"}:
            yield finding(
                "softmax-twice",
                f"{_call(earlier)} is applied before cross_entropy (log_softmax), which applies softmax itself: "
                "the logits are squeezed into 0…1",
            )
    elif name == "BinaryCrossEntropyWithLogits":
        if before(node) is not None and short_name(before(node)) in {"Sigmoid", "Softmax"}:
            yield finding(
                "softmax-twice",
                "sigmoid is applied before binary_cross_entropy_with_logits, which applies sigmoid itself",
                fix="loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, target)  # no sigmoid before",
            )
    elif name in {"NllLoss", "NllLoss2D"}:
        earlier = short_name(before(node)) if before(node) is not None else ""
        if earlier == "Softmax" or earlier in _LINEAR:
            what = "softmax without the logarithm" if earlier == "Softmax" else "raw outputs without log_softmax"
            yield finding("nll-without-log", f"nll_loss is given {what}")


def _size(result: torch.Tensor, dim: int) -> int:
    # A negative dimension comes back as a large unsigned number.
    signed = dim - 2**64 if dim >= 2**63 else dim
    return result.shape[signed]


def check_broadcasts(broadcasts: list[Broadcast], graph: Graph) -> Iterator[Finding]:
    """A difference of ``(N, 1)`` and ``(N,)`` that goes straight into the loss.

    Args:
        broadcasts: As seen while the loss was computed.
        graph: Behind the loss.
    """
    direct: set[Any] = set()
    stack = graph.nodes[:1]
    while stack:
        node = stack.pop()
        direct.add(node)
        if short_name(node) in _REDUCTIONS | _LOSSES:
            stack.extend(parent for parent in parents(node) if parent not in direct)
    for broadcast in broadcasts:
        if broadcast.node in direct:
            a, b = broadcast.shapes
            n = max(a[0] if a else 1, b[-1] if b else 1)
            line = f" in `{broadcast.line}`" if broadcast.line else ""
            yield finding(
                "broadcast",
                f"shapes {a} and {b} are broadcast{line}, so that the loss averages over {n} × {n} differences of all "
                "pairs",
            )
            return


def check_output_is_used(outputs: list[torch.Tensor], graph: Graph) -> Iterator[Finding]:
    """A model that is called, but whose output is not in the loss.

    Args:
        outputs: The tensors that the outermost modules returned while the loss was computed.
        graph: Behind the loss.
    """
    nodes = set(graph.nodes)
    ends = [output.grad_fn for output in outputs if output.grad_fn is not None]
    if ends and nodes and not any(end in nodes for end in ends):
        yield finding(
            "constant-loss",
            "the model is called, but its output does not enter the loss",
        )


def _first_bad(value: torch.Tensor) -> str:
    flat = value.detach().reshape(-1)
    return str(flat[~torch.isfinite(flat.abs())][0].item())


def _call(name: str) -> str:
    return {"Softmax": "softmax", "LogSoftmax": "log_softmax", "Sigmoid": "sigmoid"}[name]
