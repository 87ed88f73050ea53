"""Watch a real training loop for a few steps and say why it does not move, without a closure."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any

import torch

from crestfall.torch.diagnosis import coverage, loss_form, movement
from crestfall.torch.diagnosis.activations import Activation, dead_units, flat_activations, saturated_units
from crestfall.torch.diagnosis.calls import Calls, Cut
from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.connection import explain_cut, is_carried_on, relevant, shared_operations
from crestfall.torch.diagnosis.course import Course
from crestfall.torch.diagnosis.evaluation import Evaluation
from crestfall.torch.diagnosis.events import Callbacks, Events
from crestfall.torch.diagnosis.flatness import underflow
from crestfall.torch.diagnosis.grad_mode import gradients_off
from crestfall.torch.diagnosis.graph import Graph
from crestfall.torch.diagnosis.interrupts import Interrupts, persistently
from crestfall.torch.diagnosis.parameters import name_all, resolve
from crestfall.torch.diagnosis.raised import explain_error
from crestfall.torch.diagnosis.references import References
from crestfall.torch.diagnosis.restarts import Restarts
from crestfall.torch.diagnosis.snapshot import Snapshot
from crestfall.torch.diagnosis.steps import MOST_COLLECTED, Run
from crestfall.torch.diagnosis.without_gradient import MOVED_WITHOUT_GRADIENT, Positions
from crestfall.torch.diagnosis.words import counted, listed
from crestfall.torch.diagnosis.zeroing import Zeroing
from crestfall.torch.findings import Finding
from crestfall.torch.report import Report


class watch:
    """A context around a few iterations of a training loop; afterwards ``report`` says what was seen.

    It only looks: at the graphs that ``backward()`` goes through, at gradients, at the steps of optimisers and at the
    parameters. What needs further evaluations of the loss, such as saddles or a line search, is left to
    :func:`crestfall.torch.doctor`.

    Args:
        model: The module, or the tensors, that are trained.
        optimizer: The optimiser; it is found by itself when it steps.

    Attributes:
        report: What was found; complete after the context has ended.

    Example:
        >>> model = torch.nn.Linear(3, 1)
        >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        >>> with watch(model, optimizer) as watched:
        ...     for _ in range(3):
        ...         optimizer.zero_grad()
        ...         model(torch.ones(4, 3)).square().mean().backward()  # and no optimizer.step()
        >>> watched.report.codes
        ['no-step']
    """

    def __init__(self, model: Any, optimizer: torch.optim.Optimizer | None = None) -> None:
        self._given = resolve(model)
        self._references = References().search(
            ("", model if self._given.module is not None else None), ("given", optimizer)
        )
        name_all(self._given, self._references, sys._getframe(1).f_locals)
        self.report = Report(())
        active = [parameter for parameter in self._given.parameters if parameter.active]
        self._evaluation = Evaluation(lambda: None, active, Snapshot(References()), 0) if active else None
        self._zeroing = Zeroing([p.tensor for p in active], [p.name for p in active]) if active else None
        self._events, self._calls, self._course, self._restarts = Events(), Calls(), Course(), Restarts()
        self._found: list[Finding] = []
        self._notes: list[str] = []
        self._graph: Graph | None = None
        self._flat_activations: list[Activation] = []
        self._stack = ExitStack()
        self._interrupts = Interrupts(watch.__exit__.__code__)
        self._lost = False
        self._leaf = False
        self._enabled = True
        self._positions: Positions | None = None
        self._step_functions: list[str] = []
        self._cuts: list[Cut] = []
        self._code: tuple[str, ...] = ()

    def __enter__(self) -> watch:
        self._enabled = torch.is_grad_enabled()
        findings, self._notes = coverage.check_flags(self._given)
        self._add(*findings)
        if self._evaluation is None:
            self._positions = Positions(self._given)
        else:
            callbacks = Callbacks(
                on_optimizer=self._before_step,
                after_optimizer=self._after_step,
                on_backward=self._before_backward,
                on_grad=self._before_grad,
                after_backward=self._after_backward,
            )
            self._code = sys._getframe(1).f_code.co_names
            try:
                self._stack.enter_context(self._interrupts)
                self._stack.enter_context(self._events.watch(callbacks))
                self._stack.enter_context(self._calls)
            except BaseException:
                persistently(self._stack.close)
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        persistently(self._stack.close)
        self._calls.paused = True
        off = not torch.is_grad_enabled() and (self._enabled or self._course.first is None)
        if off:
            self._add(gradients_off("in the loop"))
        explained = explain_error(error, in_step=True) if error is not None else None
        if explained is not None and not off:
            self._add(explained)
        if self._positions is not None and not off and self._positions.moved():
            self._found = [one for one in self._found if one.code != "requires-grad-off"]
            self._notes.append(MOVED_WITHOUT_GRADIENT)
        if self._evaluation is not None and not off and (error is None or explained is not None):
            self._conclude(self._evaluation, complete=error is None)
        seen = [
            counted(len(self._events.of("backward")), "backward pass", "backward passes"),
            counted(len(self._events.of("step")), "optimiser step"),
        ]
        self.report = Report(tuple(self._found), tuple(seen), tuple(self._notes))
        self._graph = None

    def _add(self, *found: Finding) -> None:
        codes = {one.code for one in self._found}
        self._found += [one for one in found if one.code not in codes]

    # ------------------------------------------------------------------ on the way

    def _before_grad(self, value: torch.Tensor, inputs: list[torch.Tensor]) -> None:
        assert self._evaluation is not None
        if any(tensor is ours for tensor in inputs for ours in self._evaluation.tensors):
            self._before_backward(value)
        elif self._graph is not None:
            self._lost |= [tensor.shape for tensor in inputs] == [tensor.shape for tensor in self._evaluation.tensors]

    def _before_backward(self, value: torch.Tensor) -> None:
        assert self._evaluation is not None
        self._calls.paused = True
        try:
            self._look(value, self._evaluation)
        finally:
            self._calls.paused = False

    def _look(self, value: torch.Tensor, evaluation: Evaluation) -> None:
        assert self._zeroing is not None
        self._course.before(value, evaluation)
        self._zeroing.before_backward()
        self._restarts.before_backward(evaluation.flatten(evaluation.tensors))
        leaves = {id(leaf) for leaf in Graph(value).leaves()}
        self._lost = self._graph is not None and not any(id(tensor) in leaves for tensor in evaluation.tensors)
        if len(self._course.losses) > 2:
            return
        graph = Graph(value)
        if self._graph is None:
            self._first_graph(value, graph, evaluation)
        else:
            shared = shared_operations(self._graph, graph, evaluation.tensors)
            if shared and is_carried_on(self._graph, graph):
                message = (
                    f"the loss goes back through the iteration before ({listed(shared, 3)}), by a state carried on"
                )
                remedy, fix = "detach the state between iterations", "h = h.detach()  # before the next iteration"
                self._add(finding("stale-graph", message, remedy=remedy, fix=fix))
            elif shared:
                message = f"part of the loss ({listed(shared, 3)}) was computed once, and used in two iterations"
                self._add(finding("stale-graph", message))
        self._graph = graph

    def _first_graph(self, value: torch.Tensor, graph: Graph, evaluation: Evaluation) -> None:
        self._leaf = value.is_leaf and value.requires_grad
        self._add(*loss_form.check_value(value), *loss_form.check_outputs(graph))
        self._add(*loss_form.check_broadcasts(self._calls.broadcasts, graph))
        self._add(*loss_form.check_output_is_used(self._events.outputs, graph))
        self._flat_activations = list(flat_activations(graph))
        self._calls.cuts = relevant(self._calls.cuts, graph, evaluation.tensors)
        self._step_functions = graph.step_functions(evaluation.tensors)
        self._cuts = list(self._calls.cuts)
        inputs = self._events.differentiated
        found, notes = coverage.check_leaves(graph.leaves(), self._given, self._references, inputs)
        self._add(*found)
        self._notes += notes

    def _after_backward(self) -> None:
        assert self._evaluation is not None
        assert self._zeroing is not None
        self._calls.paused = True
        self._course.after(self._evaluation)
        self._zeroing.after_backward()
        self._events.outputs.clear()
        self._calls.paused = False

    def _before_step(self, optimizer: torch.optim.Optimizer) -> None:
        self._calls.in_optimizer = True

    def _after_step(self, optimizer: torch.optim.Optimizer) -> None:
        assert self._evaluation is not None
        assert self._zeroing is not None
        self._restarts.after_step(self._evaluation.flatten(self._evaluation.tensors))
        self._zeroing.after_step(optimizer)
        self._calls.in_optimizer = False

    # ------------------------------------------------------------------ at the end

    def _conclude(self, evaluation: Evaluation, *, complete: bool) -> None:
        """What the whole loop shows; one that an error has ended says nothing of the steps that it did not reach."""
        events = self._events
        if complete and not events.log:
            self._notes.append("no backward() and no step was seen inside the context")
            if not self._calls.any:  # an empty context shows no fault
                return
        run = Run(events, [1] * max(len(self._course.losses), 1))
        run.positions = [evaluation.start, evaluation.flatten(evaluation.tensors)]
        run.current, run.calls, run.restarts = evaluation.tensors, self._calls, self._restarts
        run.losses = self._course.losses
        first = self._course.first
        if first is not None:
            self._add(*self._coverage(evaluation, first))
        gradient = evaluation.filled(first) if first is not None else torch.zeros_like(evaluation.start)
        run.had_gradient = bool((gradient != 0).any())
        if not bool(run.moved.any()) or movement.is_undone(run):
            if self._lost and self._found:
                return
            if self._leaf:
                text = "the loss is a leaf with requires_grad=True, not computed from the parameters: it was cut off"
                self._add(finding("detached", text))
            elif self._lost:
                self._notes.append("the parameters were replaced by new tensors, which watch cannot follow")
            elif not complete:
                return
            elif self._collects():
                passes = counted(len(self._course.losses), "backward pass", "backward passes")
                self._notes.append(f"no optimiser step yet after {passes}")
            elif not self._found or not events.of("step"):
                self._add(*movement.explain_stillness(run, evaluation, gradient))
                if not self._found and first is not None and not run.had_gradient:
                    self._notes.append("every gradient is exactly zero; doctor(loss, parameters) can find out why")
            return
        if movement.is_reset(run):
            self._add(movement.explain_reset(run, evaluation))
            return
        assert self._zeroing is not None
        self._add(*self._zeroing.findings())
        findings, notes = movement.check_partial_movement(run, evaluation, gradient, self._references)
        self._add(*findings)
        self._notes += notes
        if not self._found:
            found = self._course.check_effect(events, evaluation)
            held = not self._restarts.untouched()  # by a clamp, which makes steps small whatever the rate
            self._add(*(one for one in found if not (held and one.code == "rate-too-small")))

    @staticmethod
    def _moved(evaluation: Evaluation) -> set[str]:
        """Names of the parameters that have moved, for instance by a hook that steps within backward()."""
        return set(evaluation.names_of(evaluation.flatten(evaluation.tensors) != evaluation.start))

    def _collects(self) -> bool:
        """Whether gradients may be collected over several iterations on purpose."""
        kinds = set(self._events.kinds())
        return (
            kinds == {"backward"}
            and "step" in self._code
            and not self._course.cleared
            and len(self._course.losses) < MOST_COLLECTED
        )

    def _coverage(self, evaluation: Evaluation, gradients: list[torch.Tensor | None]) -> list[Finding]:
        gradient = evaluation.filled(gradients)
        if not bool(torch.isfinite(gradient).all()):
            return [finding("not-finite", "the gradient is not finite")]
        found = list(coverage.check_equal_units(evaluation, gradient)) or list(self._flatness(evaluation, gradients))
        if found:
            return found
        pairs = list(zip(evaluation.parameters, gradients, strict=True))
        moved = self._moved(evaluation)
        none = [parameter.name for parameter, part in pairs if part is None and parameter.name not in moved]
        zero_gradient = [p.name for p, part in pairs if part is not None and not bool(part.to_dense().any())]
        zero = gradient == 0
        if all(t.dtype == torch.float16 for t in evaluation.tensors) and float(zero.double().mean()) > 0.5:
            return [underflow(float(zero.double().mean()), evaluation.names_of(zero))]
        if self._step_functions and len(zero_gradient) + len(none) == len(pairs):
            return list(explain_cut(zero_gradient or none, [], self._step_functions))
        if none and self._cuts:
            return list(explain_cut(none, self._cuts, self._step_functions))
        return list(coverage.explain_unused(evaluation, none)) or list(coverage.check_fading(evaluation, gradients))

    def _flatness(self, evaluation: Evaluation, gradients: list[torch.Tensor | None]) -> Iterator[Finding]:
        """The first layer whose units were off or saturated when the loop began."""
        near = {id(leaf): one for one in self._flat_activations if one.layer for leaf in one.leaves}
        for parameter, part in zip(evaluation.parameters, gradients, strict=True):
            one = near.get(id(parameter.tensor))
            if one is None or part is None:
                continue
            leaves = {id(leaf) for leaf in one.leaves}
            layer = [p.name for p in evaluation.parameters if id(p.tensor) in leaves]
            if one.kind == "dead" and float((part.to_dense() == 0).double().mean()) >= 0.5:
                yield dead_units(one, layer)
                return
            if one.kind == "saturated" and not self._course.falls():
                yield saturated_units(one, layer)
                return
