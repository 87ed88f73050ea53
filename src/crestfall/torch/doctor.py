"""Why does my PyTorch optimisation not move? Checks on any loss and parameters, each with its remedy."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch

from crestfall.torch.diagnosis import patches
from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.examination import Examination
from crestfall.torch.diagnosis.grad_mode import inside_a_context
from crestfall.torch.diagnosis.interrupts import Interrupts, persistently
from crestfall.torch.diagnosis.parameters import Given, name_all, resolve
from crestfall.torch.diagnosis.references import References
from crestfall.torch.diagnosis.snapshot import Snapshot
from crestfall.torch.diagnosis.words import listed
from crestfall.torch.report import Report

Parameters = torch.Tensor | torch.nn.Module | torch.optim.Optimizer | Iterable[Any] | Mapping[str, Any]
_ONE_AT_A_TIME = threading.RLock()  # random states and names are shared by all threads


def doctor(
    loss: Callable[[], Any],
    parameters: Parameters,
    *,
    step: Callable[[], object] | None = None,
    tolerance: float = 1e-3,
    seed: int = 0,
) -> Report:
    r"""Examine an optimisation that does not move.

    The loss is computed at a few points, its graph is walked, gradients are compared with what the loss does, and the
    step is run a few times and compared with both. Then everything is put back, bit for bit: parameters, gradients,
    buffers, optimisers, schedulers, random states, and the lists and names that the functions use. That holds also when
    the loss raises an error or the examination is interrupted. Iterators give the same
    items again; files and the like cannot be put back.

    Every code is explained in :data:`crestfall.torch.diagnosis.catalogue.CATALOGUE` and on the page about the doctor.

    Args:
        loss: Computes the loss anew each time it is called, and returns it as a tensor.
        parameters: The tensors that are optimised: a tensor, several, ``(name, tensor)`` pairs, parameter groups, a
            module or an optimiser.
        step: One iteration of the training loop, with ``zero_grad``, ``backward`` and whatever moves the parameters.
            With it the doctor sees whether the parameters move, and to what effect. If you pass an optimiser and no
            step, a step is made of its ``zero_grad()``, ``backward()`` and ``step()``.
        tolerance: Relative difference to finite differences from which a custom backward counts as wrong, on top of
            what rounding explains.
        seed: Seed of the random directions.

    Returns:
        A report, which prints as a short table; ``report.findings`` is empty for an optimisation that can move.

    Raises:
        ValueError: There are no parameters, or the tolerance is not a sensible number.
        TypeError: The loss or the step is not a function.
        Exception: Whatever the loss or the step raises, unless it is reported as a finding.

    Example:
        >>> theta = torch.tensor([0.1, 0.2, 0.4], requires_grad=True)
        >>> angles = theta + 1.0                      # computed once
        >>> doctor(lambda: angles.sin().sum(), theta).codes
        ['stale-graph']
        >>> target = torch.tensor([1.0, 2.0, 3.0])
        >>> doctor(lambda: ((theta - target) ** 2).sum(), theta)
        no fault found; checked: 1 parameter tensor (3 elements), type and shape of the loss, and its graph,
        the gradient of every parameter, saddle points and symmetry
    """
    _check_arguments(loss, step, tolerance)
    given = resolve(parameters)
    if isinstance(loss, torch.Tensor):
        return Report((finding("loss-not-a-function", f"the loss is a tensor of shape {tuple(loss.shape)}"),))
    tensors = [parameter.tensor for parameter in given.parameters]
    references = References().search(("", loss), ("", step), ("given", [given.module, given.optimizer, tensors]))
    name_all(given, references, sys._getframe(1).f_locals)
    if step is None and given.optimizer is not None:
        step = _usual_step(loss, given)
    references.pin(parameter.tensor for parameter in given.parameters)
    with _ONE_AT_A_TIME, Interrupts() as interrupts, patches.unheard(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        snapshot = Snapshot(references)
        examination = Examination(loss, given, snapshot, step, tolerance, seed)
        enabled = torch.is_grad_enabled() or inside_a_context()
        try:
            with torch.enable_grad():
                examination.run(gradients_enabled=enabled)
            interrupts.deferred = True
        finally:
            persistently(snapshot.release)
    passes = examination.evaluation.passes if examination.evaluation is not None else 0
    findings = tuple(examination.findings)
    notes = [*examination.notes, *_not_put_back(references)]
    return Report(findings, tuple(examination.checked), tuple(dict.fromkeys(notes)), passes)


def _check_arguments(loss: Any, step: Any, tolerance: Any) -> None:
    if not callable(loss) and not isinstance(loss, torch.Tensor):
        raise TypeError(f"the loss must be a function without arguments that returns the loss, not {loss!r:.80}")
    if step is not None and not callable(step):
        raise TypeError(f"step must be a function without arguments, not {step!r:.80}")
    number = isinstance(tolerance, (int, float)) and not isinstance(tolerance, bool)
    if not number or not 0.0 <= tolerance < float("inf"):
        raise ValueError(f"tolerance must be a finite number that is not negative, not {tolerance!r:.80}")


def _not_put_back(references: References) -> list[str]:
    """What the functions may have changed without its being seen."""
    unsearched = list(dict.fromkeys(references.unsearched))
    return [f"too large to be searched and put back: {listed(unsearched)}"] if unsearched else []


def _usual_step(loss: Callable[[], Any], given: Given) -> Callable[[], object]:
    """One step of the given optimiser: zero_grad(), backward(), step()."""
    optimizer = given.optimizer
    assert optimizer is not None

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        value = loss()
        value = value if value.numel() == 1 else value.mean()
        value.backward()
        return value

    return lambda: optimizer.step(closure)  # type: ignore[arg-type]
