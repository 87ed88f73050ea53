"""Did the step move the parameters? If not, which fact explains it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import torch

from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.evaluation import Evaluation
from crestfall.torch.diagnosis.events import Event, held, rates
from crestfall.torch.diagnosis.references import References
from crestfall.torch.diagnosis.steps import Run
from crestfall.torch.diagnosis.words import counted, listed
from crestfall.torch.findings import Finding


def check_rebinding(run: Run, evaluation: Evaluation) -> Iterator[Finding]:
    """Parameters whose place holds another tensor after the step, one that cannot go on.

    Args:
        run: The step, run a few times.
        evaluation: The loss and its parameters.
    """
    for parameter, present in zip(evaluation.parameters, run.current, strict=True):
        if present is parameter.tensor:
            continue
        holders = run.events.optimizers()
        outside = holders and not any(present is tensor for holder in holders for tensor in held(holder))
        if present.requires_grad and present.is_leaf and not outside:
            continue
        if outside:
            what = "the optimiser still holds the old one"
        elif present.requires_grad:
            what = "it is the result of a computation, not a leaf, so that its .grad stays None"
        else:
            what = "it has requires_grad=False, so that the next backward() finds no graph"
        yield finding(
            "parameter-rebound",
            f"the step replaces {parameter.name} by a new tensor, and {what}",
            [parameter.name],
        )
        return


def is_undone(run: Run) -> bool:
    """Whether the optimiser moved the parameters, but the step as a whole did not, except for rounding.

    Args:
        run: The step, run a few times.
    """
    distance = max((event.distance for event in run.events.of("step")), default=0.0)
    return 0 < distance < float("inf") and max(_strides(run)) < 1e-5 * distance


def is_reset(run: Run) -> bool:
    """Whether every step starts over, and the loss does not fall after the first.

    Args:
        run: Steps that moved the parameters.
    """
    if run.restarts.explanation() is None or len(run.losses) < 3:
        return False
    losses = run.losses[1:]
    downs = [later < earlier for earlier, later in pairwise(losses)]
    return not (losses[-1] < 0.9 * losses[0] and sum(downs) >= 0.7 * len(downs))


def _strides(run: Run) -> list[float]:
    pairs = zip(run.positions, run.positions[1:], strict=False)
    return [float((b - a).abs().max()) for a, b in pairs]


def explain_stillness(run: Run, evaluation: Evaluation, gradient: torch.Tensor) -> Iterator[Finding]:
    """Why nothing moved at all.

    Args:
        run: Steps that left every parameter as it was.
        evaluation: The loss and its parameters.
        gradient: Of the loss at the start, as a vector.
    """
    names = [parameter.name for parameter in evaluation.parameters]
    steps, backwards = run.events.of("step"), run.events.of("backward") + run.events.of("grad")
    tensors = evaluation.tensors
    if steps:
        yield from _explain_optimizers(run, steps, evaluation, gradient)
    elif run.events.of("scaler"):
        scaler = run.events.of("scaler")[0].subject
        scale = float(scaler.get_scale())
        yield finding("skipped-by-scaler", f"the scaler skipped every step, at a scale of {scale:.3g}")
    elif run.events.of("scheduler"):
        yield finding(
            "scheduler-not-optimizer",
            f"the step calls scheduler.step() but never optimizer.step(); {listed(names)} did not change",
        )
    elif not backwards and all(tensor.grad is None for tensor in tensors):
        yield finding(
            "no-backward", f"the step calls neither backward() nor optimizer.step(); {listed(names)} did not change"
        )
    elif _written(run, tensors):
        yield from _explain_written(run, evaluation, gradient)
    else:
        zeroed = " (the gradients are zeroed without being used)" if run.events.of("zero_grad") else ""
        yield finding(
            "no-step",
            "gradients are computed, but neither optimizer.step() nor an in-place update uses them; "
            f"{listed(names)} did not change{zeroed}",
            names,
        )


def _explain_optimizers(
    run: Run, steps: list[Event], evaluation: Evaluation, gradient: torch.Tensor
) -> Iterator[Finding]:
    names = [parameter.name for parameter in evaluation.parameters]
    ours = {id(tensor) for tensor in evaluation.tensors} | {id(tensor) for tensor in run.current}
    optimizers = run.events.optimizers()
    inside = {id(tensor) for optimizer in optimizers for tensor in held(optimizer)}
    kind = type(optimizers[0]).__name__
    if not ours & inside:
        yield finding(
            "other-tensors",
            f"{kind} steps, but it does not hold {listed(names)}; what it holds is "
            f"{counted(len(inside), 'other tensor')}{_alike(optimizers, evaluation.tensors)}",
            names,
        )
        return
    found = [norm for event in steps for key, norm in event.gradients.items() if key in ours]
    if not any(found):
        if not run.events.of("backward"):
            yield finding("no-backward", f"{kind} steps, but no backward() came before; every .grad is None")
        elif _zeroed_between(run) or run.had_gradient:
            how = "zero_grad() is called" if _zeroed_between(run) else "every .grad is zeroed or removed"
            yield finding("zeroed-before-step", f"{how} between backward() and optimizer.step()")
        elif bool((gradient != 0).any()):
            yield finding(
                "constant-loss",
                f"the loss has a gradient, but the one that the step computes leaves every .grad of {listed(names)} "
                "None or zero",
                remedy="call backward() on the same loss, computed from the same parameters",
            )
        return
    if all(rate == 0.0 for optimizer in optimizers for rate in rates(optimizer)):
        yield finding("rate-zero", f"{kind} has lr=0 in every group")
        return
    if any(event.moved & ours for event in steps):
        yield from _explain_undone(run, evaluation)
        return
    yield _too_fine(evaluation, gradient, f"{kind} with lr={rates(optimizers[0])[0]:.3g}", rates(optimizers[0])[0])


def _alike(optimizers: list[torch.optim.Optimizer], tensors: list[torch.Tensor]) -> str:
    shapes = [tuple(t.shape) for optimizer in optimizers for t in held(optimizer)]
    same = sum(tuple(tensor.shape) in shapes for tensor in tensors)
    return ", of the same shapes, as a copy or an old model has" if same else ""


def _zeroed_between(run: Run) -> bool:
    last = ""
    for event in run.events.log:
        if event.kind == "step" and last == "zero_grad":
            return True
        if event.kind in {"backward", "zero_grad"}:
            last = event.kind if not (event.kind == "zero_grad" and last == "") else ""
    return False


def _written(run: Run, tensors: list[torch.Tensor]) -> list[str]:
    storages = {t.untyped_storage().data_ptr() for t in tensors if t.layout == torch.strided}
    return [name for name, storage in (run.calls.in_place if run.calls else []) if storage in storages]


def _explain_undone(run: Run, evaluation: Evaluation) -> Iterator[Finding]:
    if not is_undone(run) and is_reset(run):
        yield explain_reset(run, evaluation)
        return
    yield finding(
        "step-undone",
        f"the optimiser moves {listed([p.name for p in evaluation.parameters])}, but the rest of the step puts back "
        f"the old values{_by(run, evaluation)}",
    )


def explain_reset(run: Run, evaluation: Evaluation) -> Finding:
    """Every step starts over, from the same values or from ones that other code has written.

    Args:
        run: Steps that moved the parameters.
        evaluation: The loss and its parameters.
    """
    return finding(
        "step-undone",
        f"the optimiser moves {listed([p.name for p in evaluation.parameters])}, but {run.restarts.explanation()}"
        f"{_by(run, evaluation)}",
        why="what the optimiser does to the parameters is lost before its next step",
        remedy="load or initialise the parameters once, before the loop",
        fix="model.load_state_dict(state)  # before the loop\nfor x, y in loader: ...",
    )


def _by(run: Run, evaluation: Evaluation) -> str:
    calls = list(dict.fromkeys(_written(run, evaluation.tensors)))
    return f", by {listed([f'{name}()' for name in calls])}" if calls else ""


def _explain_written(run: Run, evaluation: Evaluation, gradient: torch.Tensor) -> Iterator[Finding]:
    names = set(_written(run, evaluation.tensors))
    if names & {"clamp_", "clip_", "copy_", "clamp", "clip", "fill_", "renorm_"}:
        yield from _explain_undone(run, evaluation)
    else:
        yield _too_fine(evaluation, gradient, "the step", None)


def _too_fine(evaluation: Evaluation, gradient: torch.Tensor, who: str, rate: float | None) -> Finding:
    """Written, with a gradient and a rate, and yet the same bit for bit: rounded away."""
    k = int(gradient.abs().argmax())
    size, value = float(gradient[k].abs()), float(evaluation.start[k])
    owner = next(
        p for p, part in zip(evaluation.parameters, evaluation.slices, strict=True) if part.start <= k < part.stop
    )
    spacing = float(torch.finfo(owner.tensor.dtype).eps) * abs(value)
    step = f"about {rate * size:.2g}" if rate is not None else "smaller"
    coarse = abs(value) > 100.0 or torch.finfo(owner.tensor.dtype).eps > 1e-6
    code = "below-precision" if coarse else "rate-too-small"
    return finding(
        code,
        f"{who} changes nothing: {owner.name} is about {value:.3g} in "
        f"{str(owner.tensor.dtype).removeprefix('torch.')}, whose spacing there is {spacing:.2g}, and "
        f"the step is {step} (gradient {size:.2g})",
        [owner.name],
        fix=finer({owner.tensor.dtype}) if coarse else None,
    )


def finer(dtypes: set[torch.dtype]) -> str:
    """How to compute with a finer spacing than that of these types.

    Args:
        dtypes: Of the parameters whose steps are rounded away.
    """
    if torch.float64 in dtypes or torch.complex128 in dtypes:
        return "x = scale * free  # optimise free, which is about 1"
    wider = "double" if torch.float32 in dtypes or torch.complex64 in dtypes else "float"
    return f"model = model.{wider}()  # before the optimiser is created"


def check_rates(run: Run) -> Iterator[Finding]:
    """Steps that move at first and no more, because a scheduler has brought the rate to 0.

    Args:
        run: Steps that moved some parameter.
    """
    still = len(run.positions) > 2 and torch.equal(run.positions[-1], run.positions[-2])
    if still and run.last_rates and not any(run.last_rates):
        yield finding(
            "rate-zero",
            f"after {counted(len(run.per_step), 'step')} the scheduler has lowered lr to 0, and nothing moves any more",
        )


def check_partial_movement(
    run: Run, evaluation: Evaluation, gradients: torch.Tensor, references: References
) -> tuple[list[Finding], list[str]]:
    """Parameters with a gradient that stay while others move: a finding where the optimiser holds strangers.

    Args:
        run: Steps that moved some parameter.
        evaluation: The loss and its parameters.
        gradients: Of the loss at the start, as a vector.
        references: What the user's functions can reach.

    Returns:
        Findings and notes.
    """
    moved = run.moved
    still = [
        (parameter, tensor)
        for parameter, tensor, part in zip(evaluation.parameters, run.current, evaluation.slices, strict=True)
        if not bool(moved[part].any()) and bool((gradients[part] != 0).any())
    ]
    if not still:
        return [], []
    optimizers = run.events.optimizers()
    inside = [tensor for optimizer in optimizers for tensor in held(optimizer)]
    ours = {id(tensor) for tensor in evaluation.tensors} | {id(tensor) for tensor in run.current}
    names = [parameter.name for parameter, _ in still]
    strangers = [tensor for tensor in inside if id(tensor) not in ours]
    shapes = {tuple(tensor.shape) for tensor in strangers}
    missing = [parameter.name for parameter, tensor in still if not any(tensor is other for other in inside)]
    them = "it" if len(names) == 1 else "them"
    text = f"no step moves {listed(names)}, although the loss has a gradient for {them} and other parameters move"
    if missing and not optimizers:
        return [finding("no-step", text, missing)], []
    if missing and any(tuple(tensor.shape) in shapes for _, tensor in still):
        return [finding("other-tensors", f"{text}; the optimiser holds other tensors of their shape", missing)], []
    if missing:
        known = {id(t) for module in references.modules for t in module.parameters()}
        if any(id(tensor) not in known for _, tensor in still):
            return [finding("other-tensors", f"{text}; the optimiser does not hold {them}", missing)], []
        return [], [f"{text}; the optimiser does not hold {them} (fine if only a part is trained)"]
    if any(0.0 in rates(optimizer) for optimizer in optimizers):
        return [], [f"{text}; lr is 0 in a group"]
    return [], []
