"""The doctor's examinations, one function for each kind of fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from crestfall.torch.findings import Finding
from crestfall.torch.patient import Patient

_LARGEST_DENSE = 64
_LANCZOS = 30


def of_parameters(tensors: list[torch.Tensor]) -> Iterator[Finding]:
    """Parameters that cannot receive a gradient."""
    for k, tensor in enumerate(tensors):
        if not tensor.requires_grad:
            yield Finding(
                "requires-grad-off",
                f"parameter {k} has requires_grad=False, so that no gradient is computed for it",
                "call requires_grad_() on it before the loss is computed",
            )
        elif not tensor.is_leaf:
            yield Finding(
                "not-a-leaf",
                f"parameter {k} is the result of a computation, so that its gradient goes to what it was computed from",
                "optimise the tensors it was computed from, or make a copy with .detach().requires_grad_()",
            )


def of_graph(patient: Patient) -> Iterator[Finding]:
    """Whether the loss is computed anew from the parameters, reacts to them, and sends its gradient back."""
    first, second = patient.evaluate(), patient.evaluate()
    if not bool(torch.isfinite(first).all()):
        yield _not_finite(f"the loss is {float(first.detach())}")
        return
    names = _shared_nodes(first, second, patient.parameters)
    if names:
        yield Finding(
            "stale-graph",
            f"part of the loss ({', '.join(names)}) was computed once, outside the function, so that the loss does not "
            "react when the parameters change",
            "compute everything that depends on the parameters anew in every step",
        )
        return
    gradient = patient.gradient()
    if not bool(torch.isfinite(gradient).all()):
        yield _not_finite("the gradient holds nan or infinite values")
        return
    if _connected(first, patient.parameters):
        return
    if _reacts(patient):
        yield Finding(
            "detached",
            "the loss reacts to the parameters, but no gradient reaches them: the graph is cut on the way",
            "look for .detach(), .data, .item(), .numpy(), torch.tensor(…) or torch.no_grad() and remove it",
        )
    else:
        yield Finding(
            "constant-loss",
            "the loss does not react to the parameters at all",
            "compute the loss from the parameters themselves, not from a copy made before",
        )


def of_start(patient: Patient) -> Iterator[Finding]:
    """Whether the parameters stand on a stationary point, and of which kind."""
    around = [
        float(patient.gradient(patient.here + 0.3 * patient.scale() * patient.direction()).norm()) for _ in range(4)
    ]
    usual = max(around)
    if float(patient.gradient().norm()) > max(1e-4, 30.0 * patient.epsilon) * usual and usual > 0:
        return
    values = _curvatures(patient)
    largest = float(values.abs().max())
    if usual == 0.0 or largest <= 1e-6 * max(usual, 1e-300):
        yield Finding(
            "stationary-plateau",
            "the gradient and the curvature vanish: the loss is flat around the start",
            "start elsewhere, or use a loss that is not saturated or clipped there",
        )
    elif float(values.min()) < -1e-3 * largest:
        yield Finding(
            "stationary-saddle",
            f"the start is a saddle: the gradient vanishes, and the least eigenvalue of the Hessian is "
            f"{float(values.min()):.3g}",
            "start from random values, or take one step along the direction of negative curvature",
        )
    else:
        yield Finding(
            "stationary-minimum",
            "the start is a minimum already: the gradient vanishes and no direction curves down",
            "nothing is left to do here; for another minimum, start elsewhere",
        )


def of_symmetry(patient: Patient, stale: bool) -> Iterator[Finding]:
    """Parameters that are equal, get equal gradients, and can therefore never separate."""
    gradient = patient.gradient()
    first = 0
    for k, parameter in enumerate(patient.parameters):
        here = slice(first, first + parameter.numel())
        first += parameter.numel()
        pair, size = twins(patient.here[here], gradient[here])
        if pair is None:
            continue
        i, j = pair[0] + here.start, pair[1] + here.start
        # A stale loss cannot be asked whether it is symmetric; equal values with equal gradients have to do.
        if stale or interchangeable(patient, i, j):
            yield Finding(
                "shared-gradient",
                f"{size} elements of parameter {k} are equal and get the same gradient, because the loss is symmetric "
                "in them, so that they can never separate",
                "start them at different values, for instance random ones",
            )


# ------------------------------------------------------------------ instruments


def _not_finite(what: str) -> Finding:
    return Finding("not-finite", what, "look for a division by zero, a logarithm of zero or an overflow")


def _nodes(value: torch.Tensor) -> dict[int, Any]:
    """All nodes of the graph behind a tensor, by identity."""
    found: dict[int, Any] = {}
    stack = [value.grad_fn]
    while stack:
        node = stack.pop()
        if node is None or id(node) in found:
            continue
        found[id(node)] = node
        stack.extend(parent for parent, _ in node.next_functions)
    return found


def _leads_to(node: Any, parameters: list[torch.Tensor]) -> bool:
    wanted = {id(parameter) for parameter in parameters}
    seen: set[int] = set()
    stack = [node]
    while stack:
        node = stack.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if id(getattr(node, "variable", None)) in wanted:
            return True
        stack.extend(parent for parent, _ in node.next_functions)
    return False


def _shared_nodes(first: torch.Tensor, second: torch.Tensor, parameters: list[torch.Tensor]) -> list[str]:
    """Operations that two evaluations of the loss have in common, and that depend on the parameters."""
    one, two = _nodes(first), _nodes(second)
    shared = [node for key, node in one.items() if key in two and not hasattr(node, "variable")]
    return sorted({node.name() for node in shared if _leads_to(node, parameters)})


def _connected(value: torch.Tensor, parameters: list[torch.Tensor]) -> bool:
    """Whether the graph reaches at least one parameter."""
    return value.grad_fn is not None and _leads_to(value.grad_fn, parameters)


def _reacts(patient: Patient) -> bool:
    base = patient.value()
    moved = [patient.value(patient.here + 0.3 * patient.scale() * patient.direction()) for _ in range(4)]
    return any(value != base for value in moved)


def _curvatures(patient: Patient) -> torch.Tensor:
    """Eigenvalues of the Hessian: all of them for few parameters, the extreme ones by Lanczos for many."""
    step = 10.0 * patient.epsilon ** (1.0 / 3.0)
    n = patient.here.numel()
    if n <= _LARGEST_DENSE:
        rows = torch.stack([patient.curvature(unit, step) for unit in torch.eye(n, dtype=torch.float64)])
        return torch.linalg.eigvalsh((rows + rows.T) / 2.0)
    basis = [patient.direction()]
    projected = torch.zeros(_LANCZOS, _LANCZOS, dtype=torch.float64)
    for k in range(_LANCZOS):
        product = patient.curvature(basis[k], step)
        for i, vector in enumerate(basis):
            projected[i, k] = vector @ product
        for vector in (*basis, *basis):
            product = product - (vector @ product) * vector
        if k == _LANCZOS - 1 or float(product.norm()) < 1e-10:
            break
        basis.append(product / product.norm())
    return torch.linalg.eigvalsh(projected[: len(basis), : len(basis)], UPLO="U")


def twins(values: torch.Tensor, gradient: torch.Tensor) -> tuple[tuple[int, int] | None, int]:
    """Two elements of the largest group with equal values and gradients, and the size of the group."""
    common, inverse, counts = torch.unique(values, return_inverse=True, return_counts=True)
    group = int(counts.argmax())
    members = torch.nonzero(inverse == group).reshape(-1)
    if members.numel() < 2 or common.numel() == 0:
        return None, 0
    slopes = gradient[members]
    middle = slopes.median()
    tolerance = 1e-5 * float(gradient.abs().max())
    same = members[(slopes - middle).abs() <= tolerance]
    if same.numel() < 2:
        return None, 0
    return (int(same[0]), int(same[-1])), int(same.numel())


def interchangeable(patient: Patient, i: int, j: int) -> bool:
    """Whether the loss stays the same when elements i and j change places, and each feels the other."""
    step = 0.2 * float(patient.scale()[i])

    def moved(by_i: float, by_j: float) -> float:
        vector = patient.here.clone()
        vector[i] += by_i * step
        vector[j] += by_j * step
        return patient.value(vector)

    base, one, other, both = moved(0, 0), moved(1, 0), moved(0, 1), moved(1, 1)
    reach = max(abs(one - base), abs(both - base))
    tolerance = 1e-4 * reach + 30.0 * patient.epsilon * abs(base)
    if reach <= 30.0 * patient.epsilon * abs(base) or abs(one - other) > tolerance:
        return False
    if abs(moved(1, 2) - moved(2, 1)) > 2.0 * tolerance:
        return False
    # Elements that do not feel each other need not separate: each finds its own minimum.
    return abs(both - one - other + base) > tolerance
