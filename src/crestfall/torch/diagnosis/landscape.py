"""The code is right, and yet nothing moves: saddles, plateaus, minima, symmetric parameters, a bad basin."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from crestfall.torch.curvature import lanczos
from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.descent import descend
from crestfall.torch.diagnosis.evaluation import Evaluation
from crestfall.torch.diagnosis.parameters import Parameter
from crestfall.torch.diagnosis.words import listed
from crestfall.torch.findings import Finding

_LARGEST_DENSE = 24  # elements up to which the whole Hessian is computed
_LANCZOS_STEPS = 12  # products with the Hessian of more elements
_MOST_GROUPS = 50  # vectors that are searched for equal elements
_SCANNED = 8  # elements up to which other starts are tried along each of them


def is_stationary(evaluation: Evaluation, gradient: torch.Tensor, points: int) -> tuple[bool, float]:
    """Whether the gradient vanishes, compared with that at points nearby.

    Args:
        evaluation: The loss and its parameters.
        gradient: At the start, as a vector.
        points: How many points nearby.

    Returns:
        The answer, and the usual norm of the gradient around.
    """
    scale = evaluation.scale()
    around = [
        float(evaluation.gradient(evaluation.start + 0.3 * scale * evaluation.direction()).norm())
        for _ in range(points)
    ]
    usual = max([size for size in around if size == size], default=0.0)
    size = float(gradient.norm())
    return not (size > max(1e-4, 30.0 * evaluation.epsilon) * usual and usual > 0), usual


def explain_stationary(evaluation: Evaluation, base: float, usual: float, why_flat: str = "") -> Iterator[Finding]:
    """Which kind of point it is.

    Args:
        evaluation: The loss and its parameters.
        base: The loss at the start.
        usual: Norm of the gradient around.
        why_flat: A function at whose flat end the parameters stand, if one is known.
    """
    values = _curvatures(evaluation)
    largest = float(values.abs().max())
    if usual == 0.0 or largest <= 1e-6 * max(usual, 1e-300):
        by = f" ({why_flat})" if why_flat else ""
        yield finding(
            "stationary-plateau",
            f"gradient and curvature vanish: the loss of {base:.4g} is flat around the start{by}",
        )
    elif float(values.min()) < -1e-3 * largest or _falls_nearby(evaluation, base):
        kind = "local maximum" if _is_maximum(evaluation, base, values / largest) else "saddle point"
        yield finding(
            "stationary-saddle",
            f"the loss and gradient are consistent, but the start is a {kind}: the gradient vanishes at a loss of "
            f"{base:.4g} and the smallest eigenvalue of the Hessian is {float(values.min()):.3g}",
        )
    else:
        yield finding(
            "stationary-minimum",
            f"the start is a minimum already: the loss is {base:.4g}, the gradient vanishes and "
            "no direction curves down",
        )


def _falls_nearby(evaluation: Evaluation, base: float) -> bool:
    return any(change < 0.0 for change in _changes_nearby(evaluation, base, (0.1, 0.3, 1.0)))


def _is_maximum(evaluation: Evaluation, base: float, curvatures: torch.Tensor) -> bool:
    """Whether no direction curves up, and where one is flat, as along a symmetry, the loss does not rise nearby."""
    highest = float(curvatures.max())
    if abs(highest) > 1e-3:
        return highest < 0.0
    changes = list(_changes_nearby(evaluation, base, (0.03, 0.1, 0.3)))
    return any(change < 0.0 for change in changes) and not any(change > 0.0 for change in changes)


def _changes_nearby(evaluation: Evaluation, base: float, sizes: tuple[float, ...]) -> Iterator[float]:
    """By how much the loss changes at random points at these distances, on both sides; 0 within its rounding."""
    tolerance = evaluation.rounding(base) + 1e-9 * abs(base)
    for size in sizes:
        move = size * evaluation.scale() * evaluation.normal()
        for sign in (1.0, -1.0):
            change = evaluation.value(evaluation.start + sign * move) - base
            yield change if abs(change) > tolerance else 0.0


def _curvature(evaluation: Evaluation, direction: torch.Tensor) -> torch.Tensor:
    """Hessian times a direction: double backward where possible, else central differences of gradients."""
    value = evaluation.tensor(evaluation.start)
    try:
        slopes = torch.autograd.grad(value, evaluation.tensors, create_graph=True, allow_unused=True)
        along = value.new_zeros(()).double()
        for slope, part in zip(slopes, evaluation.unflatten(direction), strict=True):
            if slope is not None:
                real, other = (torch.view_as_real(x) if x.is_complex() else x for x in (slope, part.to(slope.device)))
                along = along + (real.double() * other).sum()
        products = torch.autograd.grad(along, evaluation.tensors, allow_unused=True)
        if any(product is not None for product in products):
            return evaluation.filled(list(products))
    except RuntimeError:
        pass
    step = 10.0 * evaluation.epsilon ** (1.0 / 3.0)
    ahead = evaluation.gradient(evaluation.start + step * direction)
    behind = evaluation.gradient(evaluation.start - step * direction)
    return (ahead - behind) / (2.0 * step)


def _curvatures(evaluation: Evaluation) -> torch.Tensor:
    """Eigenvalues of the Hessian: all of them for few parameters, the extreme ones by Lanczos for many."""
    n = evaluation.start.numel()
    if n <= _LARGEST_DENSE:
        rows = torch.stack([_curvature(evaluation, unit) for unit in torch.eye(n, dtype=evaluation.dtype)])
        return torch.linalg.eigvalsh((rows + rows.T) / 2.0)
    count = _LANCZOS_STEPS if n < 100_000 else 4
    return lanczos(lambda vector: _curvature(evaluation, vector), evaluation.direction(), count)[0]


# ------------------------------------------------------------------ symmetry


def check_symmetry(evaluation: Evaluation, gradient: torch.Tensor, base: float, stale: bool) -> Iterator[Finding]:
    """Elements that are equal, get equal gradients, and can therefore never separate, although that would help.

    Args:
        evaluation: The loss and its parameters.
        gradient: At the start, as a vector.
        base: The loss at the start.
        stale: The loss cannot be asked whether it is symmetric; equal values with equal gradients have to do.
    """
    singles = [part.start for part, size in zip(evaluation.slices, evaluation.sizes, strict=True) if size == 1]
    groups = [(parameter.name, torch.arange(part.start, part.stop)) for parameter, part in _vectors(evaluation)]
    if len(singles) >= 2:
        groups.append(("", torch.tensor(singles)))
    for name, where in groups[:_MOST_GROUPS]:
        pair, size = twins(evaluation.start[where], gradient[where])
        if pair is None:
            continue
        i, j = int(where[pair[0]]), int(where[pair[1]])
        if stale or separation_helps(evaluation, base, i, j):
            what = f"{size} elements of {name}" if name else f"{size} parameters"
            yield finding(
                "shared-gradient",
                f"{what} are equal ({float(evaluation.start[i]):.4g}), and so are their gradients",
                [name] if name else [],
            )


def _vectors(evaluation: Evaluation) -> Iterator[tuple[Parameter, slice]]:
    for parameter, part in zip(evaluation.parameters, evaluation.slices, strict=True):
        # Weight matrices are judged by their rows and columns, elsewhere.
        if 1 < part.stop - part.start <= 10_000 and max(parameter.tensor.shape, default=1) == parameter.tensor.numel():
            yield parameter, part


def twins(values: torch.Tensor, gradient: torch.Tensor) -> tuple[tuple[int, int] | None, int]:
    """Two elements of the largest group with equal values and gradients, and the size of the group.

    Args:
        values: ``(n,)``.
        gradient: ``(n,)``.
    """
    _, inverse, counts = torch.unique(values, return_inverse=True, return_counts=True)
    members = torch.nonzero(inverse == int(counts.argmax())).reshape(-1)
    if members.numel() < 2:
        return None, 0
    slopes = gradient[members]
    same = members[(slopes - slopes.median()).abs() <= 1e-5 * float(gradient.abs().max())]
    if same.numel() < 2:
        return None, 0
    return (int(same[0]), int(same[-1])), int(same.numel())


def separation_helps(evaluation: Evaluation, base: float, i: int, j: int) -> bool:
    """Whether the loss stays the same when two elements change places, and falls when they part.

    Args:
        evaluation: The loss and its parameters.
        base: The loss at the start.
        i: One element.
        j: The other.
    """
    step = 0.2 * float(evaluation.scale()[i])

    def moved(by_i: float, by_j: float) -> float:
        vector = evaluation.start.clone()
        vector[i] += by_i * step
        vector[j] += by_j * step
        return evaluation.value(vector)

    one, other = moved(1, 0), moved(0, 1)
    tolerance = 1e-4 * abs(one - base) + evaluation.rounding(base)
    if abs(one - other) > tolerance or abs(moved(1, 2) - moved(2, 1)) > 2.0 * tolerance:
        return False
    # Elements that need not separate, as in every convex problem, are no worse off together.
    gain = base - moved(1, -1)
    return gain > evaluation.rounding(base) and gain > 1e-3 * abs(one - base)


# ------------------------------------------------------------------ basins


def check_basin(evaluation: Evaluation, base: float, own_end: Callable[[], float]) -> Iterator[Finding]:
    """Whether descent from here ends high, while other values of a single element lead far lower.

    Args:
        evaluation: The loss and its parameters.
        base: The loss at the start.
        own_end: Computes the loss where the user's own loop ends.
    """
    n = evaluation.start.numel()
    if n > _SCANNED:
        return
    _, reached = descend(evaluation, evaluation.start)
    if reached < 0.2 * base or base <= 0.0:
        return
    low, best = reached, evaluation.start.clone()
    for k in range(n):
        for start in _other_values(evaluation, best, k):
            moved = best.clone()
            moved[k] = start
            value = descend(evaluation, moved, iterations=12)[1]
            if value < low - 1e-3 * abs(reached):
                low, best = value, moved
    if low < 0.1 * reached - evaluation.rounding(base) and not own_end() < 0.1 * reached:
        other = best != evaluation.start
        names = evaluation.names_of(other)
        yield finding(
            "bad-basin",
            f"descent from the start ends in a local minimum with a loss of {_small(reached, '.3g')}; started from "
            f"{listed(names)} = {_numbers(best[other])} instead of {_numbers(evaluation.start[other])}, it reaches "
            f"{_small(low, '.2g')}",
            names,
        )


def _small(value: float, digits: str) -> str:
    return format(value if abs(value) >= 1e-12 else 0.0, digits)


def _numbers(values: torch.Tensor) -> str:
    return ", ".join(f"{value:.4g}" for value in values.tolist())


def _other_values(evaluation: Evaluation, around: torch.Tensor, k: int) -> list[float]:
    """The most promising other values of one element: the lowest points of a scan."""
    value, scale = float(evaluation.start[k]), float(evaluation.scale()[k])
    offsets = torch.linspace(-4.0, 4.0, 161, dtype=torch.float64) * scale
    candidates = value + offsets
    losses = []
    for candidate in candidates:
        moved = around.clone()
        moved[k] = candidate
        losses.append(evaluation.value(moved))
    order = torch.tensor(losses, dtype=torch.float64).nan_to_num(float("inf")).argsort()
    chosen: list[float] = []
    for index in order.tolist():
        if all(abs(float(candidates[index]) - other) > 0.2 * scale for other in chosen):
            chosen.append(float(candidates[index]))
        if len(chosen) == 3:
            break
    return chosen
