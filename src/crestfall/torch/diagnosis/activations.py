"""Units that are switched off or saturated, as the graph of the loss kept them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.graph import Graph, before, parents, saved, short_name
from crestfall.torch.diagnosis.words import counted, listed
from crestfall.torch.findings import Finding

DEAD = 0.9  # share of units that are off for every sample, or of values on the flat ends, from which it is a fault
_LAYERS = {
    *("Addmm", "Mm", "Bmm", "Linear", "Mv", "Addmv", "Convolution", "NativeBatchNorm", "NativeLayerNorm"),
    *("CudnnBatchNorm", "MkldnnConvolution", "MkldnnLinear"),
}
_FLAT = 1e-3  # slope, relative to the largest that the function has, below which a value counts as saturated


@dataclass(frozen=True)
class Activation:
    """One activation in the graph that passes little or no gradient.

    Attributes:
        kind: ``dead`` or ``saturated``.
        function: Its name, such as ``relu``.
        share: Of the units, or of the values.
        count: How many units or values there are.
        leaves: The nearest parameters before it.
        layer: It follows a linear layer, a convolution or a normalisation.
    """

    kind: str
    function: str
    share: float
    count: int
    leaves: tuple[torch.Tensor, ...]
    layer: bool


def flat_activations(graph: Graph) -> Iterator[Activation]:
    """The activations whose units are mostly off or saturated.

    Args:
        graph: Behind the loss, not used by a backward yet.

    Example:
        >>> theta = torch.full((4,), 20.0, requires_grad=True)
        >>> [(a.kind, a.function, a.share) for a in flat_activations(Graph(theta.tanh().sum()))]
        [('saturated', 'tanh', 1.0)]
    """
    for node in graph.nodes:
        measured = _measure(node)
        if measured is None:
            continue
        kind, function, flat = measured
        if flat.numel() == 0:
            continue
        units = flat.all(dim=_sample_dimensions(flat, node)) if kind == "dead" and flat.dim() >= 2 else flat
        share = float(units.double().mean())
        if share >= DEAD:
            layer = _follows_layer(node)
            yield Activation(kind, function, share, units.numel(), tuple(nearest_leaves(node)), layer)


def dead_units(one: Activation, layer: list[str], more: int = 0, seen: str = "") -> Finding:
    """The finding for units that are switched off.

    Args:
        one: The activation.
        layer: Names of the parameters before it.
        more: In how many more layers most units are off.
        seen: When that was seen, if not at the start.
    """
    off = round(one.share * one.count)
    share = f"all {one.count}" if off == one.count else f"{off} of {one.count}"
    others = f", and so do most in {counted(more, 'more layer')}" if more else ""
    message = f"{_after(layer)}{share} {one.function} units output zero for every sample{others}{seen}"
    return finding("dead-units", message, layer)


def saturated_units(one: Activation, layer: list[str]) -> Finding:
    """The finding for units at the flat ends of a function.

    Args:
        one: The activation.
        layer: Names of the parameters before it.
    """
    share = f"{one.share:.0%} of the {one.count} inputs" if one.count > 1 else "the input"
    lies = "lie" if one.count > 1 else "lies"
    return finding(
        "saturated-units",
        f"{_after(layer)}{share} of {one.function} {lies} where its slope is less than {_FLAT:.1%} of the largest",
        layer,
    )


def _after(layer: list[str]) -> str:
    return f"after {listed(layer)}, " if layer else ""


def _measure(node: Any) -> tuple[str, str, torch.Tensor] | None:
    """What kind of flatness a node can have, and which of its values lie there."""
    name = short_name(node)
    if name == "Relu" and (result := saved(node, "result")) is not None:
        return "dead", "relu", result == 0
    if name in {"Sigmoid", "Tanh"} and (result := saved(node, "result")) is not None:
        y = result.double().abs() if name == "Tanh" else (2.0 * result.double() - 1.0).abs()
        return "saturated", name.lower(), 1.0 - y.square() < _FLAT
    if name == "Softmax" and (result := saved(node, "result")) is not None and result.shape[-1:] != (1,):
        return "saturated", "softmax", (result.double() * (1.0 - result.double())) < _FLAT / 10.0
    if name == "Threshold" and (given := saved(node, "self")) is not None:
        return "dead", "threshold", given <= saved(node, "threshold")
    if name in {"Clamp", "Hardtanh", "ClampMin", "ClampMax"} and (given := saved(node, "self")) is not None:
        low = saved(node, "min_val" if name == "Hardtanh" else "min")
        high = saved(node, "max_val" if name == "Hardtanh" else "max")
        if isinstance(low, torch.Tensor) or isinstance(high, torch.Tensor):
            return None
        outside = torch.zeros_like(given, dtype=torch.bool)
        outside = outside | (given < low) if low is not None else outside
        outside = outside | (given > high) if high is not None else outside
        return ("saturated" if low is not None and high is not None else "dead"), "clamp", outside
    return None


def _sample_dimensions(values: torch.Tensor, node: Any) -> tuple[int, ...]:
    """All dimensions but that of the units: the channels of a convolution, else the last."""
    name = short_name(before(node)) if before(node) is not None else ""
    convolution = "Conv" in name or ("BatchNorm" in name and values.dim() >= 3)
    units = values.dim() - (3 if values.dim() == 4 else 2) if convolution and values.dim() >= 3 else values.dim() - 1
    return tuple(k for k in range(values.dim()) if k != units)


def _follows_layer(node: Any) -> bool:
    earlier = before(node)
    if earlier is None:
        return False
    if short_name(earlier) == "Add":  # x @ w + b
        return any(short_name(parent) in _LAYERS for parent in parents(earlier))
    return short_name(earlier) in _LAYERS


def fed_with_zeros(graph: Graph) -> Iterator[torch.Tensor]:
    """The parameters of linear layers into which nothing but zeros goes, as behind a frozen layer that is switched off.

    Args:
        graph: Behind the loss, not used by a backward yet.
    """
    for node in graph.nodes:
        given = saved(node, {"Addmm": "mat1", "Mm": "self"}.get(short_name(node), ""))
        if isinstance(given, torch.Tensor) and not bool(given.any()):
            yield from nearest_leaves(node, depth=2)


def nearest_leaves(node: Any, depth: int = 6) -> list[torch.Tensor]:
    """The parameters that enter the layer before a node.

    Args:
        node: An activation.
        depth: How many operations to go back at most.
    """
    level: deque[Any] = deque([node])
    for _ in range(depth):
        found = [parent for item in level for parent in parents(item)]
        leaves = [parent.variable for parent in found if hasattr(parent, "variable")]
        if leaves:
            # The weight of a linear layer is one transposition farther away than its bias.
            turned = [step for item in found if short_name(item) in {"T", "Transpose"} for step in parents(item)]
            return leaves + [item.variable for item in turned if hasattr(item, "variable")]
        level = deque(found)
        if not level:
            break
    return []
