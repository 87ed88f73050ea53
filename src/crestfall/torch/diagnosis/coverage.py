"""Which parameters take part: frozen, unused, not given, equal from the start, or reached by a faded gradient."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import torch

from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.evaluation import Evaluation
from crestfall.torch.diagnosis.parameters import Given
from crestfall.torch.diagnosis.references import References
from crestfall.torch.diagnosis.words import counted, listed
from crestfall.torch.findings import Finding

# Models that a training step uses without training them.
_HELD_FIXED = (
    "disc",
    "critic",
    "adversar",
    "teacher",
    "target",
    "frozen",
    "pretrain",
    "backbone",
    "percept",
    "judge",
    "fixed",
)
_SPELLED = 3  # layers of equal weights that are named
_FADED = 1e-6  # gradient of the first layers over that of the last ones, relative to their weights


def check_flags(given: Given) -> tuple[list[Finding], list[str]]:
    """Tensors with ``requires_grad=False``, and results of computations.

    Args:
        given: The parameters.

    Returns:
        Findings and notes.
    """
    findings, notes = [], []
    results = [p.name for p in given.parameters if not p.tensor.is_leaf]
    if results:
        findings.append(
            finding("not-a-leaf", f"{listed(results)}: the result of a computation, not a leaf of the graph", results)
        )
    frozen = [p for p in given.parameters if p.tensor.is_leaf and not p.tensor.requires_grad]
    names = [p.name for p in frozen]
    if frozen and len(frozen) == len(given.parameters):
        findings.append(finding("requires-grad-off", f"requires_grad is False for {listed(names)}", names))
    elif frozen:
        # A frozen Parameter is deliberate; a plain tensor was more likely forgotten.
        forgotten = [p.name for p in frozen if not isinstance(p.tensor, torch.nn.Parameter)]
        if forgotten:
            findings.append(finding("frozen", f"requires_grad is False for {listed(forgotten)}", forgotten))
        else:
            share = f"{len(frozen)} of {counted(len(given.parameters), 'parameter')}"
            notes.append(f"requires_grad is False for {share}: {listed(names)}")
    return findings, notes


def check_leaves(
    leaves: list[torch.Tensor], given: Given, references: References, inputs: set[int]
) -> tuple[list[Finding], list[str]]:
    """Tensors that the loss sends a gradient to although they are not among the parameters.

    Args:
        leaves: Of the graph of the loss.
        given: The parameters.
        references: What the user's functions can reach.
        inputs: Identities of tensors that the loss itself differentiates by.

    Returns:
        Findings and notes.
    """
    known = {id(p.tensor) for p in given.parameters} | inputs
    missing = [leaf for leaf in leaves if id(leaf) not in known]
    if missing:  # only now: the optimisers of a large program take a while to find
        elsewhere = _held_elsewhere()
        missing = [leaf for leaf in missing if id(leaf) not in elsewhere]
    if not missing:
        return [], []
    hidden = _hidden(references)
    lost = [hidden[id(leaf)] for leaf in missing if id(leaf) in hidden]
    if lost:
        text = (
            f"the loss uses {listed(lost)}, which {'is' if len(lost) == 1 else 'are'} stored in a module but not "
            f"registered with it, so parameters() does not return {'it' if len(lost) == 1 else 'them'}"
        )
        return [finding("not-registered", text, lost)], []
    names = {id(t): n for module in references.modules for n, t in module.named_parameters()}
    plain = [references.names[id(leaf)] for leaf in missing if id(leaf) in references.names and id(leaf) not in names]
    if plain and not any(isinstance(p.tensor, torch.nn.Parameter) for p in given.parameters):
        text = f"not among the parameters, but with requires_grad=True: {listed(plain)}"
        return [finding("not-given", text, plain, fix=f"parameters = [..., {plain[0]}]")], []
    roots = _forgotten_roots(missing, given, references)
    if roots:
        text = f"the loss uses {listed(roots)}, with parameters that have requires_grad=True but were not given"
        return [finding("not-given", text, roots)], []
    others = [names.get(id(leaf)) or references.names.get(id(leaf), "a tensor") for leaf in missing]
    return [], [f"parameters of the loss that were not given: {listed(others)} (fine if intended)"]


def check_fresh(first: list[torch.Tensor], second: list[torch.Tensor], references: References) -> Iterator[Finding]:
    """Layers that are created anew each time the loss is computed, so that nothing they learn stays.

    Args:
        first: Leaves of the graph of the loss.
        second: The same when it was computed again.
        references: What the user's functions can reach, and what computed on the way.
    """
    again = {id(leaf) for leaf in second}
    gone = {id(leaf) for leaf in first if id(leaf) not in again}
    fresh = [module for module in references.modules if any(id(tensor) in gone for tensor in module.parameters())]
    names = list(dict.fromkeys(references.names.get(id(m)) or f"a {type(m).__name__}" for m in fresh))
    if names:
        it = "it" if len(names) == 1 else "them"
        yield finding(
            "not-registered",
            f"{listed(names)} {'is' if len(names) == 1 else 'are'} created anew each time the loss is computed, with "
            f"new random weights, so that no optimiser can hold {it}",
            names,
            why="what is learned in one step is thrown away before the next",
            remedy=f"create {it} once, in __init__, and only call {it} in forward()",
            fix="self.head = torch.nn.Linear(n, 1)  # in __init__\nx = self.head(x)  # in forward()",
        )


def _forgotten_roots(missing: list[torch.Tensor], given: Given, references: References) -> list[str]:
    """Whole models in training mode of which nothing was given."""
    inner = {id(child) for module in references.modules for child in module.modules() if child is not module}
    ours = {id(p.tensor) for p in given.parameters}
    wanted = {id(leaf) for leaf in missing}
    found = []
    for module in references.modules:
        tensors = {id(tensor) for tensor in module.parameters()}
        name = references.names.get(id(module)) or type(module).__name__
        deliberate = any(word in f"{name} {type(module).__name__}".lower() for word in _HELD_FIXED)
        if id(module) not in inner and module.training and not deliberate and tensors & wanted and not tensors & ours:
            found.append(name)
    return found


def _hidden(references: References) -> dict[int, str]:
    """Tensors that a module keeps in a plain list, dictionary or attribute, without registering them, with names."""
    found: dict[int, str] = {}
    for module in references.modules:
        registered = {id(tensor) for tensor in module.parameters()}
        for key, value in vars(module).items():
            if key in {"_parameters", "_buffers", "_modules"} or isinstance(value, OrderedDict):
                continue
            for name, tensor in _inside(key, value):
                if id(tensor) not in registered:
                    found.setdefault(id(tensor), name)
    return found


def _inside(name: str, value: object) -> Iterator[tuple[str, torch.Tensor]]:
    if isinstance(value, torch.Tensor):
        if value.requires_grad and value.is_leaf:
            yield name, value
    elif isinstance(value, torch.nn.Module):
        yield from ((f"{name}.{inner}", tensor) for inner, tensor in value.named_parameters())
    elif isinstance(value, (list, tuple)):
        for k, item in enumerate(value):
            yield from _inside(f"{name}[{k}]", item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _inside(f"{name}[{key!r}]", item)


def explain_unused(evaluation: Evaluation, unused: list[str]) -> Iterator[Finding]:
    """Parameters that the loss does not use, all in one line.

    Args:
        evaluation: The loss and its parameters.
        unused: Their names.
    """
    if unused:
        share = f"{len(unused)} of {counted(len(evaluation.parameters), 'parameter')}"
        yield finding(
            "unused-parameters",
            f"not used by the loss, {share}: {listed(unused)} (gradient None or zero)",
            unused,
        )


def check_equal_units(evaluation: Evaluation, gradient: torch.Tensor) -> Iterator[Finding]:
    """Weights that start all equal, in a network of two layers or more.

    Args:
        evaluation: The loss and its parameters.
        gradient: At the start, as a vector.
    """
    equal = equal_units(evaluation, gradient)
    if equal and sum(tensor.dim() >= 2 for tensor in evaluation.tensors) >= 2:
        yield constant_initialisation(equal)


def constant_initialisation(equal: dict[str, str]) -> Finding:
    """The finding for weights that start all equal.

    Args:
        equal: What is equal of each, as from :func:`equal_units`.
    """
    said = [*equal.values()][:_SPELLED]
    what = " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
    more = f" (and so in {len(equal) - _SPELLED} more)" if len(equal) > _SPELLED else ""
    return finding(
        "constant-initialisation",
        f"{what}{more}, so the units of a layer compute the same and get equal gradients",
        equal,
    )


def equal_units(evaluation: Evaluation, gradient: torch.Tensor) -> dict[str, str]:
    """Weight matrices whose rows, or columns, are all equal and get equal gradients.

    Args:
        evaluation: The loss and its parameters.
        gradient: At the start, as a vector.

    Returns:
        What is equal of each, by name.
    """
    found = {}
    for parameter, part in zip(evaluation.parameters, evaluation.slices, strict=True):
        tensor = parameter.tensor
        if tensor.dim() < 2 or tensor.is_complex() or min(tensor.shape[:2]) < 1 or tensor.numel() < 2:
            continue
        values = evaluation.start[part].reshape(tensor.shape[0], -1)
        slopes = gradient[part].reshape(tensor.shape[0], -1)
        tolerance = 1e-5 * float(slopes.abs().max())
        rows = tensor.shape[0] > 1 and _equal(values, 0.0) and _equal_in_gates(slopes, tolerance, parameter.name)
        columns = tensor.shape[1] > 1 and _equal(values.T, 0.0) and _equal(slopes.T, tolerance)
        constant = bool((values == values[0, 0]).all())
        if rows or (columns and constant):
            name, value = parameter.name, float(values[0, 0])
            rows_of = f"the {tensor.shape[0]} rows of {name} are equal"
            found[name] = f"all weights of {name} are {value:g}" if constant else rows_of
    return found


def _equal_in_gates(rows: torch.Tensor, tolerance: float, name: str) -> bool:
    """Whether rows are equal, of recurrent layers within each gate."""
    gates = next((k for k in (4, 3) if "_hh_" in name or "_ih_" in name if rows.shape[0] % k == 0), 1)
    return any(
        rows.shape[0] > count and all(_equal(part, tolerance) for part in rows.chunk(count)) for count in {1, gates}
    )


def _equal(rows: torch.Tensor, tolerance: float) -> bool:
    return bool(((rows - rows[:1]).abs() <= tolerance).all())


def check_fading(evaluation: Evaluation, gradients: list[torch.Tensor | None]) -> Iterator[Finding]:
    """A gradient that fades from the last layers to the first.

    Args:
        evaluation: The loss and its parameters.
        gradients: At the start.
    """
    sizes: list[tuple[str, float]] = []
    for parameter, part in zip(evaluation.parameters, gradients, strict=True):
        if part is None or part.layout != torch.strided or parameter.tensor.dim() < 2:
            continue
        weight = float(parameter.tensor.detach().abs().double().norm())
        sizes.append((parameter.name, float(part.abs().double().norm()) / max(weight, 1e-30)))
    if len(sizes) < 3 or any(size == 0.0 for _, size in sizes):
        return
    first, last = sizes[0], max(sizes[len(sizes) // 2 :], key=lambda pair: pair[1])
    if first[1] < _FADED * last[1]:
        faded = [name for name, size in sizes if size < 1e-3 * last[1]]
        yield finding(
            "vanishing-gradient",
            f"relative to its weights, the gradient of {first[0]} is {first[1] / last[1]:.1g} times that of {last[0]}; "
            f"in {len(faded)} of {len(sizes)} layers it is less than a thousandth",
            faded,
        )


def _held_elsewhere() -> set[int]:
    """Identities of the tensors that any living optimiser holds."""
    import gc

    found: set[int] = set()
    for value in gc.get_objects():
        # type(), because isinstance asks lazy proxies of other libraries to load themselves.
        if issubclass(type(value), torch.optim.Optimizer):
            groups: list[dict[str, Any]] = getattr(value, "param_groups", [])
            found.update(id(tensor) for group in groups for tensor in group["params"])
    return found
