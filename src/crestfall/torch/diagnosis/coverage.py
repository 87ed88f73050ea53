"""Which parameters take part: frozen, unused, not given, equal from the start, or reached by a faded gradient."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import torch

from crestfall.torch.diagnosis.catalogue import finding, listed
from crestfall.torch.diagnosis.evaluation import Evaluation
from crestfall.torch.diagnosis.parameters import Given
from crestfall.torch.diagnosis.references import References
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
_FADED = 1e-6  # gradient of the first layers over that of the last ones, relative to their weights


def of_flags(given: Given) -> tuple[list[Finding], list[str]]:
    """Tensors that ask for no gradient, and results of computations.

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
        findings.append(finding("requires-grad-off", f"requires_grad is False for all of {listed(names)}", names))
    elif frozen:
        # A Parameter was frozen by somebody; a plain tensor was rather forgotten.
        forgotten = [p.name for p in frozen if not isinstance(p.tensor, torch.nn.Parameter)]
        if forgotten:
            findings.append(finding("frozen", f"requires_grad is False for {listed(forgotten)}", forgotten))
        else:
            notes.append(f"{len(frozen)} of {len(given.parameters)} parameters are frozen: {listed(names)}")
    return findings, notes


def of_leaves(
    leaves: list[torch.Tensor], given: Given, references: References, elsewhere: set[int], inputs: set[int]
) -> tuple[list[Finding], list[str]]:
    """Tensors that the loss sends a gradient to although they are not among the parameters.

    Args:
        leaves: Of the graph of the loss.
        given: The parameters.
        references: What the user's functions can reach.
        elsewhere: Identities of tensors that some optimiser holds.
        inputs: Identities of tensors that the loss itself differentiates by.

    Returns:
        Findings and notes.
    """
    known = {id(p.tensor) for p in given.parameters} | elsewhere | inputs
    missing = [leaf for leaf in leaves if id(leaf) not in known]
    if not missing:
        return [], []
    hidden = _hidden(references)
    lost = [hidden[id(leaf)] for leaf in missing if id(leaf) in hidden]
    if lost:
        text = f"the loss uses {listed(lost)}, which no module has registered and the parameters do not hold"
        return [finding("not-registered", text, lost)], []
    names = {id(t): n for module in references.modules for n, t in module.named_parameters()}
    plain = [references.names[id(leaf)] for leaf in missing if id(leaf) in references.names and id(leaf) not in names]
    if plain and not any(isinstance(p.tensor, torch.nn.Parameter) for p in given.parameters):
        text = f"the loss also depends on {listed(plain)}, which ask for gradients but are not among the parameters"
        remedy = "give them to the optimiser, too, or switch their gradients off"
        return [finding("not-registered", text, plain, remedy=remedy, fix=f"parameters = [..., {plain[0]}]")], []
    roots = _forgotten_roots(missing, given, references)
    if roots:
        text = f"the loss uses {listed(roots)}, whose parameters ask for gradients but are not among those given"
        remedy = "give all parameters to the optimiser, or freeze what shall stay with requires_grad_(False)"
        fix = "optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()])"
        return [finding("not-registered", text, roots, remedy=remedy, fix=fix)], []
    others = [names.get(id(leaf)) or references.names.get(id(leaf), "a tensor") for leaf in missing]
    return [], [f"the loss also depends on {listed(others)}, which were not given (no fault if deliberate)"]


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


def of_unused(evaluation: Evaluation, unused: list[str]) -> Iterator[Finding]:
    """Parameters that the loss does not use, all in one line.

    Args:
        evaluation: The loss and its parameters.
        unused: Their names.
    """
    if unused:
        count = f"{len(unused)} of {len(evaluation.parameters)} parameters are"
        yield finding(
            "unused-parameters",
            f"{count} not used by the loss, which does not react to them (gradient None or zero): {listed(unused)}",
            unused,
        )


def equal_units(evaluation: Evaluation, gradient: torch.Tensor) -> list[tuple[str, str]]:
    """Weight matrices whose rows, or columns, are all equal and get equal gradients.

    Args:
        evaluation: The loss and its parameters.
        gradient: At the start, as a vector.

    Returns:
        Names, each with what its weights are.
    """
    found = []
    for parameter, here in zip(evaluation.parameters, evaluation.slices, strict=True):
        tensor = parameter.tensor
        if tensor.dim() < 2 or tensor.is_complex() or min(tensor.shape[:2]) < 1 or tensor.numel() < 2:
            continue
        values = evaluation.here[here].reshape(tensor.shape[0], -1)
        slopes = gradient[here].reshape(tensor.shape[0], -1)
        tolerance = 1e-5 * float(slopes.abs().max())
        rows = tensor.shape[0] > 1 and _equal(values, 0.0) and _equal_in_gates(slopes, tolerance, parameter.name)
        columns = tensor.shape[1] > 1 and _equal(values.T, 0.0) and _equal(slopes.T, tolerance)
        constant = bool((values == values[0, 0]).all())
        if rows or (columns and constant):
            value = float(values[0, 0])
            what = f"all {value:g}" if constant else f"{tensor.shape[0]} equal rows"
            found.append((parameter.name, what))
    return found


def _equal_in_gates(rows: torch.Tensor, tolerance: float, name: str) -> bool:
    """Whether rows are equal, of recurrent layers within each gate."""
    gates = next((k for k in (4, 3) if "_hh_" in name or "_ih_" in name if rows.shape[0] % k == 0), 1)
    return any(
        rows.shape[0] > count and all(_equal(part, tolerance) for part in rows.chunk(count)) for count in {1, gates}
    )


def _equal(rows: torch.Tensor, tolerance: float) -> bool:
    return bool(((rows - rows[:1]).abs() <= tolerance).all())


def of_fading(evaluation: Evaluation, gradients: list[torch.Tensor | None]) -> Iterator[Finding]:
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
            f"{len(faded)} of {len(sizes)} layers get less than a thousandth",
            faded,
        )


def held_elsewhere() -> set[int]:
    """Identities of the tensors that any living optimiser holds."""
    import gc

    found: set[int] = set()
    for value in gc.get_objects():
        # type(), because isinstance asks lazy proxies of other libraries to load themselves.
        if issubclass(type(value), torch.optim.Optimizer):
            groups: list[dict[str, Any]] = getattr(value, "param_groups", [])
            found.update(id(tensor) for group in groups for tensor in group["params"])
    return found
