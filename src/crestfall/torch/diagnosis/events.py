"""Watch a training step from outside: backward(), zero_grad(), the optimiser's and the scheduler's steps, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

from crestfall.torch.diagnosis import patches
from crestfall.torch.diagnosis.interrupts import persistently

_MOST_INPUTS = 8  # tensors that are kept of what went into modules


@dataclass
class Event:
    """One thing that happened.

    Attributes:
        kind: ``backward``, ``grad`` (``torch.autograd.grad``), ``zero_grad``, ``step`` (of an optimiser), ``scheduler``
            or ``scaler``.
        subject: The optimiser, module, scheduler or loss.
        moved: Of a step: which tensors it changed, by identity.
        distance: Of a step: how far it moved the tensors.
        gradients: Of a step: norms of the gradients that it found, ``None`` where there was none.
    """

    kind: str
    subject: Any = None
    moved: set[int] = field(default_factory=set)
    gradients: dict[int, float | None] = field(default_factory=dict)
    distance: float = 0.0


@dataclass
class Callbacks:
    """Whom to tell while the user's code runs.

    Attributes:
        on_optimizer: Told of an optimiser before it steps.
        after_optimizer: Told of an optimiser when it has stepped.
        on_module: Told of a module before it computes.
        on_backward: Told of a tensor before its backward.
        on_grad: Told of a tensor before ``torch.autograd.grad``, and of what it is differentiated by.
        after_backward: Told when a backward is done.
    """

    on_optimizer: Callable[[torch.optim.Optimizer], object] | None = None
    after_optimizer: Callable[[torch.optim.Optimizer], object] | None = None
    on_module: Callable[[torch.nn.Module], object] | None = None
    on_backward: Callable[[torch.Tensor], object] | None = None
    on_grad: Callable[[torch.Tensor, list[torch.Tensor]], object] | None = None
    after_backward: Callable[[], object] | None = None


class Events:
    """The events of one or more steps, and the outputs of the outermost modules.

    Attributes:
        log: In order.
        outputs: What the outermost modules returned that has a graph, newest last.
        inputs: The tensors that went into the outermost modules.
        differentiated: Identities of the tensors that ``torch.autograd.grad`` was asked for.
    """

    def __init__(self) -> None:
        self.log: list[Event] = []
        self.outputs: list[torch.Tensor] = []
        self.inputs: list[torch.Tensor] = []
        self.differentiated: set[int] = set()
        self._depth = 0
        self._inside = 0

    def kinds(self) -> list[str]:
        """The kinds of events, in order."""
        return [event.kind for event in self.log]

    def of(self, kind: str) -> list[Event]:
        """The events of one kind."""
        return [event for event in self.log if event.kind == kind]

    def optimizers(self) -> list[torch.optim.Optimizer]:
        """The optimisers that have stepped, each once."""
        return list({id(event.subject): event.subject for event in self.of("step")}.values())

    @contextmanager
    def watch(self, callbacks: Callbacks | None = None) -> Iterator[Events]:
        """Note what happens inside; every hook and replaced method is put back afterwards.

        Args:
            callbacks: Told on the way.
        """
        callbacks = callbacks or Callbacks()
        wraps = {
            "backward": self._on_backward(callbacks),
            "grad": self._on_grad(callbacks),
            **{kind: self._noting(kind) for kind in ("zero_grad", "scaler", "scheduler")},
        }
        watcher = patches.Watcher(wraps, self._hooks(callbacks), lambda: self._inside > 0)
        try:
            patches.add(watcher)
            yield self
        finally:
            persistently(lambda: patches.remove(watcher))

    def _on_backward(self, callbacks: Callbacks) -> Callable[[Any], Any]:
        def wrap(original: Any) -> Any:
            def backward(subject: Any, *args: Any, **kwargs: Any) -> Any:
                if self._inside == 0:
                    self.log.append(Event("backward", subject if isinstance(subject, torch.Tensor) else None))
                    if callbacks.on_backward is not None and isinstance(subject, torch.Tensor):
                        callbacks.on_backward(subject)
                self._inside += 1
                try:
                    result = original(subject, *args, **kwargs)
                finally:
                    self._inside -= 1
                if self._inside == 0 and callbacks.after_backward is not None:
                    callbacks.after_backward()
                return result

            return backward

        return wrap

    def _on_grad(self, callbacks: Callbacks) -> Callable[[Any], Any]:
        def wrap(original: Any) -> Any:
            def grad(outputs: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
                if self._inside == 0:
                    self.log.append(Event("grad"))
                    by = _tensors(list(inputs) if not isinstance(inputs, torch.Tensor) else inputs)
                    self.differentiated |= {id(tensor) for tensor in by}
                    inner = kwargs.get("create_graph")  # part of a loss that goes on
                    if callbacks.on_grad is not None and not inner and isinstance(outputs, torch.Tensor):
                        callbacks.on_grad(outputs, by)
                self._inside += 1
                try:
                    return original(outputs, inputs, *args, **kwargs)
                finally:
                    self._inside -= 1

            return grad

        return wrap

    def _noting(self, kind: str) -> Callable[[Any], Any]:
        def wrap(original: Any) -> Any:
            def method(subject: Any, *args: Any, **kwargs: Any) -> Any:
                self.log.append(Event(kind, subject))
                return original(subject, *args, **kwargs)

            return method

        return wrap

    def _hooks(self, callbacks: Callbacks) -> dict[str, Callable[..., None]]:
        before: dict[int, dict[int, torch.Tensor]] = {}

        def before_step(optimizer: torch.optim.Optimizer, *_: Any) -> None:
            if callbacks.on_optimizer is not None:
                callbacks.on_optimizer(optimizer)
            event = Event("step", optimizer)
            for tensor in held(optimizer):
                event.gradients[id(tensor)] = None if tensor.grad is None else float(tensor.grad.detach().norm())
            before[id(optimizer)] = {id(tensor): tensor.detach().clone() for tensor in held(optimizer)}
            self.log.append(event)

        def after_step(optimizer: torch.optim.Optimizer, *_: Any) -> None:
            event = next(e for e in reversed(self.log) if e.kind == "step" and e.subject is optimizer)
            values = before.pop(id(optimizer), {})
            for tensor in held(optimizer):
                if id(tensor) in values and not torch.equal(tensor.detach(), values[id(tensor)]):
                    event.moved.add(id(tensor))
                    event.distance += float((tensor.detach() - values[id(tensor)]).norm())
                if event.gradients.get(id(tensor)) is None and tensor.grad is not None:
                    # LBFGS computes its gradients inside the step.
                    event.gradients[id(tensor)] = float(tensor.grad.detach().norm())
            if callbacks.after_optimizer is not None:
                callbacks.after_optimizer(optimizer)

        def before_module(module: torch.nn.Module, args: Any) -> None:
            if self._depth == 0 and len(self.inputs) < _MOST_INPUTS and not _is_loss(module):
                self.inputs += _tensors(args)
            self._depth += 1
            if callbacks.on_module is not None:
                callbacks.on_module(module)

        def after_module(module: torch.nn.Module, args: Any, output: Any) -> None:
            self._depth = max(self._depth - 1, 0)
            if self._depth == 0 and not _is_loss(module):
                self.outputs += [tensor for tensor in _tensors(output) if tensor.grad_fn is not None]

        return {
            "before_step": before_step,
            "after_step": after_step,
            "before_module": before_module,
            "after_module": after_module,
        }


def held(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    """The tensors that an optimiser moves.

    Args:
        optimizer: Any.
    """
    return [tensor for group in optimizer.param_groups for tensor in group["params"]]


def rates(optimizer: torch.optim.Optimizer) -> list[float]:
    """The learning rate of each group.

    Args:
        optimizer: Any.
    """
    return [float(group.get("lr", 1.0)) for group in optimizer.param_groups]


def _is_loss(module: torch.nn.Module) -> bool:
    return next(module.parameters(), None) is None


def _tensors(output: Any) -> list[torch.Tensor]:
    if isinstance(output, torch.Tensor):
        return [output]
    if isinstance(output, dict):
        output = list(output.values())
    if isinstance(output, (list, tuple)):
        return [tensor for item in output for tensor in _tensors(item)]
    return []
