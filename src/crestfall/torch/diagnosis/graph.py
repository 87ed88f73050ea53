"""Walk the graph of automatic differentiation behind a loss: its nodes, its leaves, what the nodes kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import torch

STEP_FUNCTIONS = {
    "Round": "round",
    "Sign": "sign",
    "Sgn": "sgn",
    "Floor": "floor",
    "Ceil": "ceil",
    "Trunc": "trunc",
    "Heaviside": "heaviside",
    "Eq": "comparison",
    "Ge": "comparison",
    "Gt": "comparison",
    "FloorDivide": "floor division",
}
_PASSING = {"View", "Reshape", "UnsafeView", "Squeeze", "Unsqueeze", "Permute", "T", "Transpose", "Alias", "ToCopy"}


class Graph:
    """The nodes behind a tensor.

    Args:
        value: The end of the graph.

    Attributes:
        nodes: All nodes, nearest to the value first.

    Example:
        >>> theta = torch.ones(2, requires_grad=True)
        >>> [short_name(node) for node in Graph(theta.sin().sum()).nodes]
        ['Sum', 'Sin', 'AccumulateGrad']
    """

    def __init__(self, value: torch.Tensor) -> None:
        self.nodes: list[Any] = []
        self.consumers: dict[Any, list[Any]] = {}
        seen: set[Any] = set()
        queue: deque[Any] = deque([value.grad_fn] if value.grad_fn is not None else [])
        while queue:
            node = queue.popleft()
            if node in seen:
                continue
            seen.add(node)
            self.nodes.append(node)
            for parent in parents(node):
                self.consumers.setdefault(parent, []).append(node)
                queue.append(parent)

    def leaves(self) -> list[torch.Tensor]:
        """The tensors that receive a gradient."""
        return [node.variable for node in self.nodes if hasattr(node, "variable")]

    def leading_to(self, tensors: list[torch.Tensor]) -> set[Any]:
        """The nodes through which a gradient reaches one of these tensors."""
        wanted = {id(tensor) for tensor in tensors}
        reached: set[Any] = set()
        queue = deque(node for node in self.nodes if id(getattr(node, "variable", None)) in wanted)
        while queue:
            node = queue.popleft()
            if node not in reached:
                reached.add(node)
                queue.extend(self.consumers.get(node, ()))
        return reached

    def step_functions(self, tensors: list[torch.Tensor]) -> list[str]:
        """Names of the step functions on the way to these tensors."""
        on_the_way = self.leading_to(tensors)
        found = []
        for node in self.nodes:
            name = STEP_FUNCTIONS.get(short_name(node))
            if short_name(node) == "Div" and saved(node, "rounding_mode"):
                name = f"div(rounding_mode='{saved(node, 'rounding_mode')}')"
            if name and node in on_the_way and name not in found:
                found.append(name)
        return found


def parents(node: Any) -> Iterator[Any]:
    """The nodes that a node passes its gradient on to.

    Args:
        node: A node of the graph.
    """
    return (parent for parent, _ in node.next_functions if parent is not None)


def short_name(node: Any) -> str:
    """Name of the operation, such as ``Relu`` for ``ReluBackward0``.

    Args:
        node: A node of the graph.
    """
    name = node.name().rpartition("::")[2]
    head, found, tail = name.rpartition("Backward")
    return head if found and (not tail or tail.isdigit()) else name


def saved(node: Any, name: str) -> Any:
    """What a node kept for its backward; ``None`` where it kept nothing or it is gone.

    Args:
        node: A node of the graph.
        name: Without the prefix ``_saved_``.
    """
    try:
        return getattr(node, f"_saved_{name}", None)
    except RuntimeError:  # freed, or recomputed by a checkpoint that does not allow it
        return None


def before(node: Any) -> Any:
    """The operation whose result a node works on, past mere changes of shape.

    Args:
        node: A node with one input that matters, the first.
    """
    found = next(parents(node), None)
    while found is not None and short_name(found) in _PASSING:
        found = next(parents(found), None)
    return found


def is_custom(node: Any) -> bool:
    """Whether a node is a backward written by hand as a ``torch.autograd.Function``.

    Args:
        node: A node of the graph.
    """
    return isinstance(node, torch.autograd.function.BackwardCFunction) and not short_name(node).startswith(
        ("Checkpoint", "CompiledFunction")
    )
