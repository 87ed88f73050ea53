"""Which parameters take part: frozen, unused, not given, equal from the start, or reached by a faded gradient."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import torch

from crestfall.torch.diagnosis.catalogue import finding, listed
from crestfall.torch.diagnosis.evaluation import Evaluation
from crestfall.torch.diagnosis.parameters import Given
from crestfall.torch.diagnosis.references import References
from crestfall.torch.findings import Finding

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
    registered = {id(t): n for module in references.modules for n, t in module.named_parameters()}
    hidden = [leaf for leaf in missing if isinstance(leaf, torch.nn.Parameter) or _attribute(leaf, references)]
    owners = _owners(references)
    complete = given.module is not None
    lost = [leaf for leaf in hidden if id(leaf) not in registered or (complete and id(leaf) not in owners)]
    lost = [leaf for leaf in lost if not _in_other_module(leaf, given, references)]
    names = [references.names.get(id(leaf)) or f"a tensor of shape {tuple(leaf.shape)}" for leaf in lost]
    if lost:
        return [finding("not-registered", f"the loss uses {listed(names)}, which the parameters do not hold", names)], []
    plain = [leaf for leaf in missing if id(leaf) in references.names and id(leaf) not in registered]
    if plain and not any(isinstance(p.tensor, torch.nn.Parameter) for p in given.parameters):
        names = [references.names[id(leaf)] for leaf in plain]
        text = f"the loss also depends on {listed(names)}, which ask for gradients but were not given"
        return [finding("not-registered", text, names, fix=f"doctor(loss, [..., {names[0]}])",
                        remedy="give them to the optimiser, too, or switch their gradients off")], []
    names = [registered.get(id(leaf)) or references.names.get(id(leaf), "a tensor") for leaf in missing]
    return [], [f"the loss also depends on {listed(names)}, which were not given (no fault if deliberate)"]


def _attribute(leaf: torch.Tensor, references: References) -> bool:
    """Whether a plain tensor is kept by a module, rather than by a variable."""
    return any(leaf is value for module in references.modules for value in vars(module).values())


def _owners(references: References) -> set[int]:
    """Parameters of modules that are children of another module, or roots themselves: all that are registered."""
    return {id(tensor) for module in references.modules for tensor in module.parameters()}


def _in_other_module(leaf: torch.Tensor, given: Given, references: References) -> bool:
    """Whether it belongs to a module that stands by itself, such as a discriminator or a frozen encoder."""
    ours = {id(p.tensor) for p in given.parameters}
    name = references.names.get(id(leaf), "")
    inside_list = bool(re.search(r"\[[^\]]*\]", name))
    for module in references.modules:
        tensors = {id(tensor) for tensor in module.parameters()}
        if id(leaf) in tensors and not tensors & ours and not inside_list:
            holder = references.names.get(id(module), "")
            if "." not in holder:
                return True
    return False


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
            f"{count} not used by the loss, and their gradient is None: {listed(unused)}",
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
        rows = tensor.shape[0] > 1 and _equal(values, 0.0) and _equal(slopes, tolerance)
        columns = tensor.shape[1] > 1 and _equal(values.T, 0.0) and _equal(slopes.T, tolerance)
        constant = bool((values == values[0, 0]).all())
        if rows or (columns and constant):
            value = float(values[0, 0])
            what = f"all {value:g}" if constant else f"{tensor.shape[0]} equal rows"
            found.append((parameter.name, what))
    return found


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
