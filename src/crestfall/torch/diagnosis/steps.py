"""Run the user's own step a few times and measure: what moved, what happened in which order, how the loss went."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from crestfall.torch.diagnosis.calls import Calls
from crestfall.torch.diagnosis.carried_gradients import CarriedGradients
from crestfall.torch.diagnosis.evaluation import UNDEFINED, Evaluation
from crestfall.torch.diagnosis.events import Callbacks, Events, rates
from crestfall.torch.diagnosis.random_states import RandomStates
from crestfall.torch.diagnosis.restarts import Restarts
from crestfall.torch.diagnosis.snapshot import Snapshot, place_value

# Steps over which a loop may collect gradients on purpose: 128 is the most that is customary.
MOST_COLLECTED = 130


@dataclass
class Run:
    """What a few steps did.

    Attributes:
        events: Of all steps, in order.
        per_step: How many events each step added.
        positions: The parameters before the first step and after each, as vectors.
        losses: The loss there, with the same random numbers everywhere.
        current: Which tensor stands in the place of each parameter at the end.
        error: What the step raised, if anything.
        last_rates: Learning rates of the optimisers after the last step.
        had_gradient: Whether some parameter had a gradient right after a backward.
        first_rates: The same before it.
        shares: At each step of an optimiser, the norm of the gradient that it uses over that after backward().
        used: Norms of the gradients that those steps used.
        calls: Calls that wrote into tensors.
        restarts: What happens to the parameters between two steps.
        carried: Whether gradients are still there when the next backward begins elsewhere.
        gradients_off: Whether the step leaves gradients switched off.
    """

    events: Events
    per_step: list[int] = field(default_factory=list)
    positions: list[torch.Tensor] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    current: list[torch.Tensor] = field(default_factory=list)
    error: Exception | None = None
    had_gradient: bool = False
    last_rates: list[float] = field(default_factory=list)
    first_rates: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)
    calls: Calls | None = None
    restarts: Restarts = field(default_factory=Restarts)
    carried: CarriedGradients = field(default_factory=CarriedGradients)
    gradients_off: bool = False

    @property
    def moved(self) -> torch.Tensor:
        """Which elements ever changed."""
        first = self.positions[0]
        changed = torch.zeros_like(first, dtype=torch.bool)
        for position in self.positions[1:]:
            changed |= position != first
        return changed

    @property
    def first_move(self) -> int:
        """Number of the first step that moved anything; 0 if none did."""
        for k in range(1, len(self.positions)):
            if not torch.equal(self.positions[k], self.positions[k - 1]):
                return k
        return 0


class Stepper:
    """The user's step, run from the same start as often as needed.

    Args:
        evaluation: The loss and its parameters.
        step: One iteration of the user's loop.
    """

    def __init__(self, evaluation: Evaluation, step: Callable[[], object]) -> None:
        self.evaluation = evaluation
        self.step = step
        self.places = [evaluation.snapshot.place_of(tensor) for tensor in evaluation.tensors]

    def callbacks(self, run: Run | None = None) -> Callbacks:
        """Take optimisers and modules into the snapshot before they change anything.

        Args:
            run: Where to note whether a backward brings a gradient.
        """
        snapshot = self.evaluation.snapshot
        norms: list[float] = []

        def norm() -> float:
            gradients = [t.grad for t in self.evaluation.tensors if t.grad is not None]
            return sum(float(g.detach().to_dense().abs().double().square().sum()) for g in gradients) ** 0.5

        def after_backward() -> None:
            norms[:] = [norm()]
            if run is not None:
                run.carried.after_backward(self.evaluation.tensors)
            if run is not None and not run.had_gradient:
                gradients = [tensor.grad for tensor in self.evaluation.tensors]
                run.had_gradient = any(g is not None and bool((g.to_dense() != 0).any()) for g in gradients)

        def before_optimizer(optimizer: torch.optim.Optimizer) -> None:
            snapshot.include("optimizer", optimizer)
            if run is not None:
                run.first_rates = run.first_rates or rates(optimizer)
            if run is not None and norms and 0.0 < norms[0] < float("inf"):
                run.used.append(norm())
                run.shares.append(run.used[-1] / norms[0])
            norms.clear()
            if run is not None and run.calls is not None:
                run.calls.in_optimizer = True

        def after_optimizer(optimizer: torch.optim.Optimizer) -> None:
            if run is not None:
                run.restarts.after_step(self.evaluation.flatten(self.current()))
                if run.calls is not None:
                    run.calls.in_optimizer = False

        def before_backward(value: torch.Tensor) -> None:
            if run is not None:
                position = self.evaluation.flatten(self.current())
                run.restarts.before_backward(position)
                run.carried.before_backward(self.evaluation.tensors, position)

        return Callbacks(
            on_optimizer=before_optimizer,
            after_optimizer=after_optimizer,
            on_module=lambda module: include_module(snapshot, module),
            on_backward=before_backward,
            after_backward=after_backward,
        )

    def run(
        self,
        count: int,
        *,
        watch_calls: bool = False,
        seconds: float = 3.0,
        with_losses: bool = True,
        prepare: Callable[[], object] | None = None,
    ) -> Run:
        """Take up to that many steps from the start; an error ends the run and is kept.

        Args:
            count: How many.
            watch_calls: Also note which calls write into tensors.
            seconds: Do not begin another step after this time.
            with_losses: Compute the loss after each step.
            prepare: Called after everything was put back, before the first step.
        """
        evaluation = self.evaluation
        evaluation.snapshot.restore()
        torch.set_grad_enabled(True)
        if prepare is not None:
            prepare()
        run = Run(Events())
        self._look(run, with_losses)
        began = time.monotonic()
        try:
            for _ in range(count):
                before = len(run.events.log)
                with run.events.watch(self.callbacks(run)):
                    if watch_calls:
                        run.calls = run.calls or Calls()
                        with run.calls:
                            self.step()
                    else:
                        self.step()
                run.gradients_off |= not torch.is_grad_enabled()
                evaluation.passes += 1
                run.per_step.append(len(run.events.log) - before)
                self._look(run, with_losses)
                if time.monotonic() - began > seconds:
                    break
        except StopIteration:
            pass  # the user's data has come to its end
        except Exception as error:
            run.error = error
            run.gradients_off |= not torch.is_grad_enabled()
        run.current = self.current()
        run.last_rates = [rate for event in run.events.of("step")[-1:] for rate in rates(event.subject)]
        return run

    def current(self) -> list[torch.Tensor]:
        """The tensors that stand where the parameters stood."""
        found = []
        for tensor, places in zip(self.evaluation.tensors, self.places, strict=True):
            others = [value for place in places if (value := place_value(place)) is not tensor]
            replaced = [value for value in others if isinstance(value, torch.Tensor) and value.shape == tensor.shape]
            found.append(replaced[0] if replaced else tensor)
        return found

    def _look(self, run: Run, with_loss: bool) -> None:
        run.positions.append(self.evaluation.flatten(self.current()))
        if with_loss:
            run.losses.append(self._loss_here())

    def _loss_here(self) -> float:
        """The loss as it is now, without restoring anything but the random numbers it draws."""
        evaluation = self.evaluation
        present = RandomStates(evaluation.snapshot.references.generators)
        buffers = _buffers(evaluation.snapshot.references.modules)
        evaluation.snapshot.random.restore()
        evaluation.passes += 1
        try:
            value: Any = evaluation.loss()
            number = value.detach().abs() if isinstance(value, torch.Tensor) and value.is_complex() else value
            return float(torch.as_tensor(number).detach().double().mean())
        except (*UNDEFINED, TypeError):
            return float("nan")
        finally:
            present.restore()
            for buffer, values in buffers:
                buffer.data.copy_(values)


def include_module(snapshot: Snapshot, module: torch.nn.Module) -> None:
    """Take in a module that was not found before it computes, under the name of the variable that holds it.

    Args:
        snapshot: To take it into.
        module: About to compute.
    """
    if id(module) not in snapshot.references.seen:
        snapshot.include(_variable_of(module), module)


def _variable_of(module: torch.nn.Module) -> str:
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] not in {"torch", "crestfall"}:
            found = [name for name, value in frame.f_locals.items() if value is module and name != "self"]
            return found[0] if found else ""
        frame = frame.f_back  # type: ignore[assignment]
    return ""


def _buffers(modules: list[torch.nn.Module]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    found = {id(b): b for module in modules for b in module.buffers()}
    return [(buffer, buffer.detach().clone()) for buffer in found.values()]
