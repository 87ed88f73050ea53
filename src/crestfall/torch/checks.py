"""The doctor's checks that run the user's own step, look at one parameter at a time, or weigh rounding errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from crestfall.torch import symptoms
from crestfall.torch.findings import Finding
from crestfall.torch.patient import Patient

_SECOND_BACKWARD = "backward through the graph a second time"
_STEP_FACTORS = (100.0, 10.0, 1.0, 0.1, 0.01)


class ExactPatient(Patient):
    """A patient whose curvature comes from double backward where the loss allows it."""

    def curvature(self, direction: torch.Tensor, step: float) -> torch.Tensor:
        """Hessian times a direction; by central differences of gradients where the graph has no second derivative."""
        self.move_to(self.here)
        value = self.evaluate()
        try:
            slopes = torch.autograd.grad(value.sum(), self.parameters, create_graph=True, allow_unused=True)
            along, first = value.new_zeros(()), 0
            for slope, parameter in zip(slopes, self.parameters, strict=True):
                part = direction[first : first + parameter.numel()].reshape(parameter.shape).to(parameter)
                first += parameter.numel()
                if slope is not None:
                    along = along + (slope * part).sum()
            products = torch.autograd.grad(along, self.parameters, allow_unused=True)
        except RuntimeError:
            return super().curvature(direction, step)
        if all(product is None for product in products):
            return super().curvature(direction, step)
        pairs = zip(products, self.parameters, strict=True)
        return self.read([torch.zeros_like(parameter) if part is None else part for part, parameter in pairs])


def is_second_backward(error: RuntimeError) -> bool:
    """Whether PyTorch complains that a graph was used up by an earlier backward."""
    return _SECOND_BACKWARD in str(error)


def of_used_graph() -> Finding:
    """A graph that was computed once, and gone after its first backward."""
    return Finding(
        "stale-graph",
        "backward() went through the same graph a second time, so that part of the loss was computed once, outside the "
        "loop",
        "compute everything that depends on the parameters anew in every step, rather than set retain_graph=True",
    )


def of_entry(tensors: list[torch.Tensor]) -> Iterator[Finding]:
    """Gradients that were there before anything was examined."""
    for k, tensor in enumerate(tensors):
        if tensor.is_leaf and tensor.grad is not None and bool((tensor.grad != 0).any()):
            yield Finding(
                "gradients-accumulate",
                f"parameter {k} still holds the gradient of an earlier backward(), and the next one adds to it",
                "call optimizer.zero_grad(), or set .grad to None, before every backward(); where the loop does so, "
                "give it as step to have this checked",
            )
            return


def of_step(patient: Patient, step: Callable[[], object]) -> Iterator[Finding]:
    r"""Whether the step adds its gradient to what was there.

    The step runs from the same point with the same random numbers: from a zero ``.grad``, which leaves ``g``, and from
    a ``.grad`` of ``± 3 G u``, where ``u`` is a random unit vector at right angles to ``g``, and ``G`` the larger of
    the norms of ``g`` and of the gradient of the loss. A step that zeroes gradients leaves the same each time; one that
    accumulates, even one that clips, leaves much of ``u`` behind.
    """
    try:
        usual = float(patient.gradient().norm())
        gradient = _gradient_after(patient, step, torch.zeros_like(patient.here))
        size = float(gradient.norm())
        if not 0.0 < size < float("inf"):
            return
        unit = gradient / size
        across = patient.direction()
        across = across - (across @ unit) * unit
        # One element has no right angle: push against its gradient, which shows even where the gradient is clipped.
        probes = [-unit] if gradient.numel() == 1 else [across / across.norm(), -across / across.norm()]
        survives = all(
            float((_gradient_after(patient, step, 3.0 * max(size, usual) * probe) - gradient) @ probe) > 0.6 * size
            for probe in probes
        )
    except RuntimeError as error:
        if not is_second_backward(error):
            raise
        yield of_used_graph()
        return
    if survives:
        yield Finding(
            "gradients-accumulate",
            "the step adds its gradient to that of the step before, so that old gradients never fade",
            "call optimizer.zero_grad(), or set .grad to None, before every backward()",
        )


def _gradient_after(patient: Patient, step: Callable[[], object], before: torch.Tensor) -> torch.Tensor:
    """What one step leaves in ``.grad``, zero where nothing, if it finds ``before`` there."""
    patient.move_to(patient.here)
    first = 0
    for parameter in patient.parameters:
        part = before[first : first + parameter.numel()]
        parameter.grad = part.reshape(parameter.shape).to(parameter, copy=True)
        first += parameter.numel()
    torch.set_rng_state(patient.random_state)
    step()
    left = [torch.zeros_like(p) if p.grad is None else p.grad for p in patient.parameters]
    patient.move_to(patient.here)
    return patient.read(left)


def of_unreached(patient: Patient) -> Iterator[Finding]:
    """Parameters that the loss reacts to although no gradient reaches them, while it reaches others."""
    patient.move_to(patient.here)
    value = patient.evaluate()
    parts = torch.autograd.grad(value.sum(), patient.parameters, allow_unused=True)
    base, first = float(value.detach()), 0
    for k, (part, parameter) in enumerate(zip(parts, patient.parameters, strict=True)):
        here = slice(first, first + parameter.numel())
        first += parameter.numel()
        if part is not None:
            continue
        moved = patient.here.clone()
        moved[here] += 0.3 * patient.scale()[here]
        if patient.value(moved) != base:
            yield Finding(
                "detached",
                f"the loss reacts to parameter {k}, but no gradient reaches it: the graph is cut on the way",
                "look for .detach(), .data, .item(), .numpy(), torch.tensor(…) or torch.no_grad() and remove it",
            )
    patient.move_to(patient.here)


def of_gradient(patient: Patient, tolerance: float) -> Iterator[Finding]:
    """Whether the gradient agrees with central differences in most of four random directions."""
    gradient, scale = patient.gradient(), patient.scale()
    wrong = 0
    for _ in range(4):
        direction = patient.direction() * scale
        wrong += _disagrees(patient, direction, float(gradient @ direction), tolerance)
    if wrong >= 3:
        yield Finding(
            "gradient-wrong",
            "the gradient disagrees with finite differences of the loss in random directions",
            "look for a custom backward, a .detach() or .data in part of the loss, or an in-place change",
        )


def _disagrees(patient: Patient, direction: torch.Tensor, slope: float, tolerance: float) -> bool:
    """Judge a slope at the step size whose own error, rounding plus truncation, is least."""
    noise, base = _noise(patient, direction), patient.value()

    def differences(size: float) -> tuple[float, float]:
        ahead, behind = patient.value(patient.here + size * direction), patient.value(patient.here - size * direction)
        return (ahead - behind) / (2.0 * size), (ahead - 2.0 * base + behind) / size

    candidates = []
    for factor in _STEP_FACTORS:
        step = factor * patient.epsilon ** (1.0 / 3.0)
        (measured, bend), (wider, wider_bend) = differences(step), differences(2.0 * step)
        # Slopes to the two sides differ in proportion to the step; what does not is a kink, as of relu or max.
        kink = abs(2.0 * bend - wider_bend)
        error = noise / step + 3.0 * abs(measured - wider) + 0.5 * kink
        if error == error:  # not nan
            candidates.append((error, measured))
    if not candidates:
        return False
    error, measured = min(candidates)
    return abs(measured - slope) > 5.0 * error + tolerance * max(abs(slope), abs(measured))


def _noise(patient: Patient, direction: torch.Tensor) -> float:
    """Rounding error of the loss: what is left of values at neighbouring points when a parabola is taken away."""
    step = 1024.0 * patient.epsilon  # many units in the last place, yet far below any length scale
    values = torch.tensor(
        [patient.value(patient.here + k * step * direction) for k in range(-4, 5)], dtype=torch.float64
    )
    rest = float(torch.diff(values, n=3).abs().max()) / 3.0
    return max(rest, 4.0 * patient.epsilon * abs(float(values[4])))


def of_scalars(patient: Patient, stale: bool) -> Iterator[Finding]:
    """Parameters of one element each that are equal and can never separate, like equal elements of one parameter."""
    places, first = [], 0
    for parameter in patient.parameters:
        if parameter.numel() == 1:
            places.append(first)
        first += parameter.numel()
    if len(places) < 2:
        return
    where = torch.tensor(places)
    pair, size = symptoms.twins(patient.here[where], patient.gradient()[where])
    if pair is None:
        return
    if stale or symptoms.interchangeable(patient, places[pair[0]], places[pair[1]]):
        yield Finding(
            "shared-gradient",
            f"{size} parameters are equal and get the same gradient, because the loss is symmetric in them, so that "
            "they can never separate",
            "start them at different values, for instance random ones",
        )
