"""Does the loss react to the parameters, and does a gradient come back? Where it is cut, say by which call."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from crestfall.torch.diagnosis.calls import Cut
from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.evaluation import Evaluation
from crestfall.torch.diagnosis.graph import Graph, short_name
from crestfall.torch.diagnosis.words import listed
from crestfall.torch.findings import Finding

_ORDER = (
    "argmax",
    "histogram",
    "sampling",
    "step",
    "integer",
    "comparison",
    "leaves PyTorch",
    "copy",
    "detach",
    "no_grad",
    "indices",
)
REMEDIES = {
    "round": ("use a straight-through estimator", "y = x + (x.round() - x).detach()"),
    "sign": ("use tanh with a steep slope, or a straight-through estimator", "y = torch.tanh(10 * x)"),
    "floor": ("use a straight-through estimator, or interpolate", "y = x + (x.floor() - x).detach()"),
    "comparison": ("use a sigmoid of the difference as a soft comparison", "y = torch.sigmoid((a - b) / 0.1)"),
    "argmax": (
        "with class labels use cross_entropy on the raw outputs; else the average of the positions weighted by a "
        "softmax",
        "loss = torch.nn.functional.cross_entropy(logits, y)  # with class labels\n"
        "k = (torch.softmax(x / 0.1, -1) * torch.arange(x.shape[-1])).sum(-1)",
    ),
    "integer": (
        "an integer index has no slope: interpolate between the two neighbours, or weight all elements",
        "k = x.floor().long(); part = x - k\ny = (1 - part) * table[k] + part * table[k + 1]",
    ),
    "histogram": (
        "use a soft histogram: a smooth kernel about the centre of each bin",
        "h = torch.exp(-0.5 * ((x[:, None] - centres) / width) ** 2).sum(0)",
    ),
    "sampling": (
        "draw with rsample() or gumbel_softmax, or use the score-function estimator",
        "y = torch.distributions.Normal(mean, std).rsample()",
    ),
    "leaves PyTorch": (
        "stay in PyTorch: use its own functions instead of NumPy's, math's and .item()",
        "y = torch.sin(theta)  # not np.sin(theta.detach().numpy())",
    ),
    "copy": (
        "torch.tensor(…) makes a copy without history: put tensors together with torch.stack or torch.cat",
        "y = torch.stack([a, b])  # not torch.tensor([a, b])",
    ),
    "detach": ("remove .detach() or .data where the gradient has to pass", "y = model(x)  # not model(x).detach()"),
    "no_grad": (
        "compute the loss outside torch.no_grad() and inference_mode()",
        "loss = criterion(model(x), y)  # outside no_grad()",
    ),
    "indices": (
        "indices have no slope: use the values, or positions weighted by a softmax",
        "k = (torch.softmax(x / 0.1, -1) * torch.arange(x.shape[-1])).sum(-1)",
    ),
}
_SHAPES = {"view", "reshape", "unsafeview", "t", "transpose", "permute", "squeeze", "unsqueeze", "expand", "alias"}
_ALIASES = {"sgn": "sign", "ceil": "floor", "trunc": "floor", "heaviside": "sign", "floor division": "floor"}


def shared_operations(first: Graph, second: Graph, tensors: list[torch.Tensor]) -> list[str]:
    """Operations that two evaluations of the loss have in common, and that depend on the parameters.

    Args:
        first: Graph of one evaluation.
        second: Graph of another.
        tensors: The parameters.
    """
    both = set(first.nodes) & set(second.nodes)
    reached = first.leading_to(tensors)
    names = {short_name(node).lower() for node in both if node in reached and not hasattr(node, "variable")}
    return sorted(names, key=lambda name: (name in _SHAPES, name))


def is_carried_on(first: Graph, second: Graph) -> bool:
    """Whether one iteration goes back through the graph of the one before, as where a hidden state is carried on.

    Args:
        first: Graph of the loss of one iteration.
        second: Of the next.
    """
    return len(second.nodes) > len(first.nodes) and bool(set(first.nodes) & set(second.nodes))


def without_gradient(evaluation: Evaluation, gradients: list[torch.Tensor | None]) -> torch.Tensor:
    """Elements whose gradient is exactly zero, or none at all, at the start and at two points nearby.

    Args:
        evaluation: The loss and its parameters.
        gradients: At the start.
    """
    zero = evaluation.filled(gradients) == 0
    for _ in range(2):
        if not bool(zero.any()):
            return zero
        zero &= evaluation.gradient(evaluation.start + 0.3 * evaluation.scale() * evaluation.normal()) == 0
    return zero


def reacts(evaluation: Evaluation, mask: torch.Tensor, base: float, sizes: tuple[float, ...] = (0.3, 1.0, 3.0)) -> bool:
    """Whether the loss changes when these elements move, by little or by much.

    Args:
        evaluation: The loss and its parameters.
        mask: Which elements move.
        base: The loss where they are.
        sizes: How far, in units of the scale of each.
    """
    for size in sizes:
        move = size * evaluation.scale() * evaluation.normal() * mask
        tolerance = evaluation.rounding(base) / 10.0 + 10.0 * evaluation.epsilon * float(move.abs().max())
        if abs(evaluation.value(evaluation.start + move) - base) > tolerance:
            return True
    return False


def relevant(cuts: list[Cut], graph: Graph, tensors: list[torch.Tensor], *, passing: bool = False) -> list[Cut]:
    """The cuts behind which something of these tensors is lost.

    What is logged on the way, or cut off while it also flows on, is not a loss; nor is what was computed from others.

    Args:
        cuts: As seen while the loss was computed.
        graph: Behind the loss.
        tensors: The parameters.
        passing: Count also what flows on another way.
    """
    nodes, ours = set(graph.nodes), {id(tensor) for tensor in tensors}
    found = []
    for cut in cuts:
        source = cut.source
        if source is None:
            continue
        flows_on = source.grad_fn is not None and source.grad_fn in nodes and cut.kind != "indices"
        if flows_on and not passing:
            continue
        leaves = [source] if source.is_leaf else Graph(source).leaves()
        if any(id(leaf) in ours for leaf in leaves):
            found.append(cut)
    return found


def explain_cut(names: list[str], cuts: list[Cut], step_functions: list[str]) -> Iterator[Finding]:
    """The finding for parameters that the loss reacts to although no gradient reaches them.

    Args:
        names: Names of the parameters.
        cuts: Calls that end the graph.
        step_functions: Step functions in the graph.
    """
    who = f"the loss depends on {listed(names)}, but no gradient reaches {'it' if len(names) == 1 else 'them'}"
    ranked = sorted(cuts, key=lambda cut: _ORDER.index(cut.kind))
    if step_functions and not (ranked and ranked[0].kind in _ORDER[:4]):
        name = "floor" if step_functions[0].startswith("div") else step_functions[0]
        remedy, fix = REMEDIES[_ALIASES.get(name, name)]
        yield finding(
            "not-differentiable",
            f"{who}: {listed(step_functions)} is a step function, whose derivative is zero almost everywhere",
            names,
            remedy=f"{remedy}; starting elsewhere does not help",
            fix=fix,
        )
        return
    if not ranked:
        yield finding("detached", f"{who}: the graph is cut on the way", names)
        return
    first = ranked[0]
    remedy, fix = REMEDIES["round" if first.kind == "step" else _remedied_as(first)]
    if first.kind == "step":
        remedy, fix = REMEDIES.get(_ALIASES.get(first.name, first.name), (remedy, fix))
    code = "not-differentiable" if first.kind in {*_ORDER[:6], "indices"} else "detached"
    where = "; ".join(f"{_named(cut)} in `{cut.line}`" if cut.line else _named(cut) for cut in ranked[:2])
    yield finding(code, f"{who}: the graph is cut by {where}", names, remedy=remedy, fix=fix)


def _remedied_as(cut: Cut) -> str:
    """The kind whose remedy helps: ``detach().numpy()`` without its ``detach()`` would only raise an error."""
    leaves = cut.kind == "detach" and any(word in cut.line for word in ("numpy", "tolist", ".item("))
    return "leaves PyTorch" if leaves else cut.kind


def _named(cut: Cut) -> str:
    if cut.kind == "no_grad":
        return f"torch.no_grad() around {cut.name}()"
    if cut.kind == "indices":
        return cut.name
    if cut.name in {"__int__", "__index__"}:
        return "int()"
    if cut.kind == "integer":
        return f"a cast to an integer type by .{cut.name}()"
    if cut.kind == "copy" and cut.name not in {"tensor", "as_tensor"}:
        return f"{cut.name}(), which copies values without history,"
    words = {"data": ".data", "tensor": "torch.tensor(…)", "__float__": "float()"}
    return words.get(cut.name, f"{cut.name.strip('_')}()")
