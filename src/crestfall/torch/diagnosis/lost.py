"""The graph is whole and the loss changes, but its gradient is exactly zero: what on the way loses it?"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from crestfall.torch.diagnosis.calls import Calls, Cut
from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.connection import explain_cut
from crestfall.torch.diagnosis.evaluation import Evaluation
from crestfall.torch.diagnosis.flatness import underflow
from crestfall.torch.diagnosis.graph import Graph, is_custom, short_name
from crestfall.torch.diagnosis.words import listed
from crestfall.torch.findings import Finding

_DISTANCES = (1e-3, 1e-2, 0.1, 0.3, 1.0)  # in units of the scale of each element
_FACTORS = (2.0**14, 2.0**24, 2.0**40)  # what the loss is multiplied by in search of an underflow


def is_lost(evaluation: Evaluation, mask: torch.Tensor, base: float) -> bool:
    """Whether the loss changes from point to point while the gradient of these elements is zero at all of them.

    Where a loss is only flat around the start, as a clipped one is, the points at which it differs have a gradient.

    Args:
        evaluation: The loss and its parameters.
        mask: The elements.
        base: The loss at the start.
    """
    changed = 0
    for size in _DISTANCES:
        point = evaluation.start + size * evaluation.scale() * evaluation.normal() * mask
        value, slope = evaluation.value_and_gradient(point)
        if abs(value - base) > evaluation.rounding(base) and abs(value) != float("inf"):
            changed += 1
            if bool((slope[mask] != 0).any()):
                return False
    return changed > 0


def explain_lost(
    evaluation: Evaluation, mask: torch.Tensor, graph: Graph, calls: Calls, cuts: list[Cut]
) -> Iterator[Finding]:
    """The finding for a gradient that is lost, with what probably loses it.

    Args:
        evaluation: The loss and its parameters.
        mask: The elements without gradient.
        graph: Behind the loss.
        calls: As seen while the loss was computed.
        cuts: All of them, also those whose input goes on another way.
    """
    names = evaluation.names_of(mask)
    small = list(_underflow(evaluation, mask))
    suspects = suspected(evaluation, mask, graph, calls)
    if small:
        yield from small
    elif suspects:
        yield finding(
            "gradient-wrong",
            f"the loss changes with {listed(names)}, but its gradient is exactly zero everywhere; it passes through "
            f"{listed(suspects)}",
            names,
            why="a gradient of zero moves nothing",
            remedy="let the hook or the backward pass the gradient on, and check it with torch.autograd.gradcheck",
        )
    elif cuts:
        yield from explain_cut(names, cuts, [])
    else:
        yield finding(
            "gradient-wrong",
            f"the loss changes with {listed(names)}, but its gradient is exactly zero everywhere: a hook, a backward "
            "or a part that is cut off loses it",
            names,
            why="a gradient of zero moves nothing",
        )


def suspected(evaluation: Evaluation, mask: torch.Tensor, graph: Graph, calls: Calls) -> list[str]:
    """Hooks and backwards of the user's own that the gradient passes through.

    Args:
        evaluation: The loss and its parameters.
        mask: The elements without gradient.
        graph: Behind the loss.
        calls: As seen while the loss was computed.
    """
    return [*_hooks(evaluation, evaluation.names_of(mask), graph, calls), *_custom(graph)]


def _underflow(evaluation: Evaluation, mask: torch.Tensor) -> Iterator[Finding]:
    for factor in _FACTORS:
        scaled = evaluation.filled(evaluation.gradients(factor=factor))[mask]
        revived = (scaled != 0) & torch.isfinite(scaled)
        if float(revived.double().mean()) > 0.5:
            seen = f", but not when the loss is multiplied by {factor:g}"
            share = float(revived.double().mean()) * float(mask.double().mean())
            yield underflow(share, evaluation.names_of(mask), seen)
            return


def _hooks(evaluation: Evaluation, names: list[str], graph: Graph, calls: Calls) -> Iterator[str]:
    with_hook = [p.name for p in evaluation.parameters if p.name in names and p.tensor._backward_hooks]
    if with_hook:
        yield f"a hook of {listed(with_hook)}"
    if any(short_name(node).startswith("BackwardHookFunction") for node in graph.nodes):
        modules = evaluation.snapshot.references.modules
        hooked = [type(m).__name__ for m in modules if m._backward_hooks or m._backward_pre_hooks]
        yield f"the backward hook of {listed(dict.fromkeys(hooked)) or 'a module'}"
    yield from (f"the hook of `{line}`" for line in dict.fromkeys(calls.hooks))


def _custom(graph: Graph) -> Iterator[str]:
    nodes = [node for node in graph.nodes if is_custom(node)]
    names = {type(node).__name__.removesuffix("Backward") for node in nodes} - {"BackwardHookFunction"}
    if names:
        yield f"the backward of {', '.join(sorted(names))}"
