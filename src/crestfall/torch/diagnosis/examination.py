"""One examination from beginning to end: which checks run, in which order, and which make others needless."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from crestfall.torch.diagnosis import coverage, landscape, loss_form, movement
from crestfall.torch.diagnosis.accumulation import check_accumulation
from crestfall.torch.diagnosis.activations import Activation, dead_units, fed_with_zeros, flat_activations
from crestfall.torch.diagnosis.calls import Calls, Cut
from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.connection import explain_cut, reacts, relevant, shared_operations, without_gradient
from crestfall.torch.diagnosis.constant_output import check_constant_output
from crestfall.torch.diagnosis.evaluation import Evaluation, Exhausted
from crestfall.torch.diagnosis.events import Events
from crestfall.torch.diagnosis.flatness import Flatness
from crestfall.torch.diagnosis.grad_mode import gradients_off
from crestfall.torch.diagnosis.graph import Graph, is_custom
from crestfall.torch.diagnosis.lost import explain_lost, is_lost, suspected
from crestfall.torch.diagnosis.parameters import Given
from crestfall.torch.diagnosis.progress import Progress
from crestfall.torch.diagnosis.raised import explain_error
from crestfall.torch.diagnosis.slopes import check_slopes
from crestfall.torch.diagnosis.snapshot import Snapshot
from crestfall.torch.diagnosis.steps import MOST_COLLECTED, Run, Stepper
from crestfall.torch.diagnosis.without_gradient import MOVED_WITHOUT_GRADIENT, moves_without_gradient
from crestfall.torch.diagnosis.words import counted, listed
from crestfall.torch.findings import Finding

_LARGE = 500_000  # elements from which passes are counted
_OWN_STEPS = 6_000  # of the user's loop at most, before its start is called a bad one
_CHEAP = 0.02  # seconds of a loss up to which dozens of evaluations do not matter


class Stop(Exception):
    """Nothing more can be examined."""


class Examination:
    """The checks on one loss and its parameters.

    Args:
        loss: The user's function.
        given: The parameters.
        snapshot: Of everything that the user's functions can reach.
        step: The user's step, or ``None``.
        tolerance: Relative difference from which a slope is wrong.
        seed: Of the random directions.

    Attributes:
        findings: So far, most fundamental first.
        notes: Remarks that are not faults.
        checked: What was looked at.
    """

    def __init__(
        self,
        loss: Callable[[], Any],
        given: Given,
        snapshot: Snapshot,
        step: Callable[[], object] | None,
        tolerance: float,
        seed: int,
    ) -> None:
        self.given, self.snapshot, self.tolerance = given, snapshot, tolerance
        self.findings: list[Finding] = []
        self.notes: list[str] = []
        self.checked: list[str] = []
        self.step = step
        active = [parameter for parameter in given.parameters if parameter.active]
        self.evaluation = Evaluation(loss, active, snapshot, seed) if active else None
        self.calls = Calls()
        self.events = Events()
        self.base = 0.0
        self.graph = Graph(torch.zeros(()))
        self.flat_activations: list[Activation] = []
        self.custom: list[Any] = []
        self.step_functions: list[str] = []
        self.all_cuts: list[Cut] = []
        self.again: list[torch.Tensor] = []
        self.fed_with_zeros: list[torch.Tensor] = []
        self.gradients: list[torch.Tensor | None] = []

    def run(self, *, gradients_enabled: bool = True) -> None:
        """Carry out every check that makes sense.

        Args:
            gradients_enabled: Whether PyTorch records graphs where the user's program is.
        """
        findings, notes = coverage.check_flags(self.given)
        if self.evaluation is None and self.step is not None and moves_without_gradient(self.given, self.step):
            self.notes.append(MOVED_WITHOUT_GRADIENT)
            self.checked.append("whether the step moves the parameters")
            return
        self.findings += findings
        self.notes += notes
        if self.evaluation is None:
            return
        self.checked.append(
            f"{counted(len(self.given.parameters), 'parameter tensor')} "
            f"({counted(self.evaluation.start.numel(), 'element')})"
        )
        try:
            if not gradients_enabled:
                self._without_gradients()
            self._loss()
            blocked = self._gradients()
            after = list(self._landscape(blocked))
            if self.step is not None:
                self._step(blocked)
            if any(one.code == "stationary-minimum" for one in after):  # steps have every reason to be small there
                self.findings = [one for one in self.findings if one.code not in {"rate-too-small", "below-precision"}]
            self.findings += after
            if {one.code for one in self.findings} <= {"stationary-minimum"}:
                self._basin()
                self._add(*check_constant_output(self.evaluation, self.events, self.graph))
        except Stop:
            return
        except Exhausted:
            self.notes.append("an iterator that the loss uses is used up, and the examination ends there")
        except RuntimeError as error:
            found = explain_error(error)
            if found is None:
                raise
            self._add(found)

    def _add(self, *found: Finding) -> None:
        codes = {finding.code for finding in self.findings}
        self.findings += [one for one in found if one.code not in codes]

    def _has(self, code: str) -> bool:
        return any(one.code == code for one in self.findings)

    # ------------------------------------------------------------------ the loss and its graph

    def _without_gradients(self) -> None:
        """Whether the loss has no graph as the user's program would compute it."""
        evaluation = self._require()
        self.snapshot.restore()
        with torch.no_grad():
            value = evaluation.loss()
        if isinstance(value, torch.Tensor) and not value.requires_grad:
            self._add(gradients_off("where doctor() is called"))
            raise Stop

    def _loss(self) -> None:
        value = self._first_value()
        found = list(loss_form.check_value(value))
        if not isinstance(value, torch.Tensor) or any(one.code != "not-finite" for one in found):
            self._add(*found)
            raise Stop
        if value.numel() != 1:
            if self.step is None:
                self._add(*loss_form.check_shape(value))
            value = value.double().mean()
        self._add(*found)
        if found:
            raise Stop
        self.base = float(value.detach())
        self.graph = Graph(value)
        self.fed_with_zeros = list(fed_with_zeros(self.graph))
        self.all_cuts = relevant(self.calls.cuts, self.graph, self._require().tensors, passing=True)
        self.calls.cuts = relevant(self.calls.cuts, self.graph, self._require().tensors)
        self.flat_activations = list(flat_activations(self.graph))
        self.custom = [node for node in self.graph.nodes if is_custom(node)]
        self.step_functions = self.graph.step_functions(self._require().tensors)
        self._add(*loss_form.check_outputs(self.graph), *loss_form.check_broadcasts(self.calls.broadcasts, self.graph))
        if self.graph.leading_to(self._require().tensors):
            self._add(*loss_form.check_output_is_used(self.events.outputs, self.graph))
        self._second_value(value)
        self.checked.append("type and shape of the loss, and its graph")

    def _require(self) -> Evaluation:
        assert self.evaluation is not None
        return self.evaluation

    def _first_value(self) -> Any:
        evaluation = self._require()
        callbacks = Stepper(evaluation, evaluation.loss).callbacks()
        try:
            self.snapshot.restore()
            evaluation.passes += 1
            with self.events.watch(callbacks), self.calls:
                return evaluation.loss()
        except StopIteration as error:
            raise Exhausted from error
        except Exception as error:
            found = explain_error(error)
            if found is not None:
                self._add(found)
                raise Stop from error
        return evaluation.raw()  # the error may have come from watching; if not, it is the user's

    def _second_value(self, first: torch.Tensor) -> None:
        evaluation = self._require()
        second = evaluation.tensor()
        graph = Graph(second)
        self.again = graph.leaves()
        shared = shared_operations(self.graph, graph, evaluation.tensors)
        difference = abs(float(second.detach()) - self.base)
        evaluation.noise = difference if difference > 30.0 * evaluation.epsilon * abs(self.base) else 0.0
        evaluation.stale = bool(shared)
        if shared:
            self._add(
                finding(
                    "stale-graph",
                    f"part of the loss ({listed(shared, 3)}) was computed once, before the function was called",
                )
            )
        self.gradients = evaluation.gradients_of(second)
        parts = zip(evaluation.parameters, self.gradients, strict=True)
        bad = [p.name for p, g in parts if g is not None and not bool(torch.isfinite(g.to_dense().abs()).all())]
        if bad:
            self._add(
                finding(
                    "not-finite", f"the loss is {self.base:.4g}, but the gradient of {listed(bad)} is not finite", bad
                )
            )
            raise Stop

    # ------------------------------------------------------------------ which parameters get a gradient

    def _gradients(self) -> bool:
        """Findings about parameters without gradient; whether they make the later checks needless."""
        evaluation = self._require()
        fresh = list(coverage.check_fresh(self.graph.leaves(), self.again, self.snapshot.references))
        findings, notes = coverage.check_leaves(
            self.graph.leaves(), self.given, self.snapshot.references, self._inputs()
        )
        if evaluation.stale:
            return True
        checks = Flatness(evaluation, self.gradients, self.base, self.flat_activations, self.graph)
        mask = without_gradient(evaluation, self.gradients)
        before = len(self.findings)
        if bool(mask.all()) and not self._loss_is_blocked():
            self._add(*self._nothing_arrives(mask, checks))
        else:
            self._add(*self._something_missing(mask, checks))
        if fresh:
            self._add(*fresh)
        elif not self._has("other-tensors"):
            self._add(*findings)
        self.notes += [] if fresh else notes
        self.checked.append("the gradient of every parameter")
        return len(self.findings) > before or self._loss_is_blocked()

    def _inputs(self) -> set[int]:
        """Leaves that are not parameters: whatever the loss itself differentiates by, as physics-informed losses do."""
        return self.events.differentiated - {id(parameter.tensor) for parameter in self.given.parameters}

    def _loss_is_blocked(self) -> bool:
        return any(one.code in {"one-output-softmax", "constant-loss", "stale-graph"} for one in self.findings)

    def _nothing_arrives(self, mask: torch.Tensor, checks: Flatness) -> Iterator[Finding]:
        evaluation = self._require()
        names = [parameter.name for parameter in evaluation.parameters]
        found = list(checks.explain())
        if found:
            yield from found
        elif reacts(evaluation, mask, self.base):
            is_cut = bool(self.step_functions or self.calls.cuts or not self._connected())
            custom = suspected(evaluation, mask, self.graph, self.calls) if self._connected() else []
            if (custom or not is_cut) and is_lost(evaluation, mask, self.base):
                yield from explain_lost(evaluation, mask, self.graph, self.calls, self.all_cuts)
            elif is_cut:
                yield from explain_cut(names, self.calls.cuts, self.step_functions)
        elif not self._connected():
            others = self.graph.leaves()
            if others:
                held = [
                    self.snapshot.references.names.get(id(leaf)) or f"a tensor {tuple(leaf.shape)}" for leaf in others
                ]
                yield finding(
                    "other-tensors",
                    f"the loss does not depend on {listed(names)}, but on what was not given: {listed(held)}",
                    names,
                )
            else:
                cut = f" (the graph ends at `{self.calls.cuts[0].line}`)" if self.calls.cuts else ""
                yield finding(
                    "constant-loss", f"the loss stays {self.base:.4g} for any value of {listed(names)}{cut}", names
                )
        elif self.step_functions:
            yield from explain_cut(names, [], self.step_functions)

    def _connected(self) -> bool:
        return any(gradient is not None for gradient in self.gradients)

    def _something_missing(self, mask: torch.Tensor, checks: Flatness) -> Iterator[Finding]:
        """Some elements get no gradient, or all get one, perhaps of no use."""
        evaluation = self._require()
        equal = list(coverage.check_equal_units(evaluation, evaluation.filled(self.gradients)))
        explained = equal or list(checks.explain())
        if explained or not bool(mask.any()):
            yield from explained or coverage.check_fading(evaluation, self.gradients)
            return
        cut, unused = self._without_gradient(mask)
        calls = [one for one in self.calls.cuts if one.kind != "indices"]
        if cut and (calls or self.step_functions or self._without_path(cut)):
            yield from explain_cut(cut, calls, self.step_functions)
        yield from self._unused(unused)
        if not cut:
            rest = mask.clone()
            for parameter, part in zip(evaluation.parameters, evaluation.slices, strict=True):
                if parameter.name in unused:
                    rest[part] = False
            yield from self._elements(rest)

    def _without_gradient(self, mask: torch.Tensor) -> tuple[list[str], list[str]]:
        """The parameters without any gradient: those that the loss depends on, and the others."""
        evaluation = self._require()
        cut: list[str] = []
        unused: list[str] = []
        for parameter, part in zip(evaluation.parameters, evaluation.slices, strict=True):
            if bool(mask[part].all()):
                alone = torch.zeros_like(mask)
                alone[part] = True
                (cut if reacts(evaluation, alone, self.base) else unused).append(parameter.name)
        return cut, unused

    def _unused(self, unused: list[str]) -> Iterator[Finding]:
        evaluation = self._require()
        weights = {p.name for p in evaluation.parameters if p.tensor.dim() >= 2}
        if not all(self._without_path([name]) for name in unused) and not (weights and weights <= set(unused)):
            # A zero gradient may pass, as that of recurrent weights does at a state of zero.
            self.notes.append(f"the loss does not depend on {listed(unused)} here")
            unused = [name for name in unused if self._without_path([name])]
        fed = {id(tensor) for tensor in self.fed_with_zeros}
        starved = [p.name for p in evaluation.parameters if p.name in unused and id(p.tensor) in fed]
        if starved and len(starved) == len(unused):  # else what lies before is missing, too
            text = f"nothing but zeros enters the layer of {listed(starved)}, so that its gradient is exactly zero"
            remedy = "look at what comes before it: frozen layers whose units are off, or inputs that are zero"
            yield finding("dead-units", text, starved, remedy=remedy)
        elif not self._loss_is_blocked():
            yield from coverage.explain_unused(evaluation, unused)

    def _elements(self, rest: torch.Tensor) -> Iterator[Finding]:
        """Single elements of small vectors without gradient, where a call explains them."""
        evaluation = self._require()
        for parameter, part in zip(evaluation.parameters, evaluation.slices, strict=True):
            if parameter.tensor.dim() > 1 or part.stop - part.start > 32:
                rest[part] = False
        cuts = [
            cut for cut in self.calls.cuts if cut.kind in {"leaves PyTorch", "copy", "detach", "integer", "no_grad"}
        ]
        if not bool(rest.any()) or not cuts:
            return
        smooth = any(cut.kind != "integer" for cut in cuts)
        if reacts(evaluation, rest, self.base, sizes=(1e-3, 1e-2) if smooth else (0.3, 1.0, 3.0)):
            yield from explain_cut(
                [f"{counted(int(rest.sum()), 'element')} of {listed(evaluation.names_of(rest))}"], cuts, []
            )

    def _without_path(self, names: list[str]) -> bool:
        pairs = zip(self._require().parameters, self.gradients, strict=True)
        return any(gradient is None for parameter, gradient in pairs if parameter.name in names)

    # ------------------------------------------------------------------ the user's step

    def _step(self, blocked: bool) -> None:
        evaluation = self._require()
        assert self.step is not None
        stepper = Stepper(evaluation, self.step)
        count = 3 if self._is_large() else 20
        run = stepper.run(count)
        if run.gradients_off:
            self._add(gradients_off("after the step"))
            return
        if run.error is not None:
            found = explain_error(run.error, in_step=True)
            if found is None:
                raise run.error
            rebound = list(movement.check_rebinding(run, evaluation))
            if rebound or not blocked or found.code == "stale-graph":
                self._add(*(rebound or [found]))
            if len(run.positions) < 2:
                return
        run = self._wait_for_a_move(stepper, run)
        gradient = evaluation.filled(self.gradients)
        if not bool(run.moved.any()) or movement.is_undone(run) or movement.is_reset(run):
            if run.error is None:
                watched = stepper.run(min(3, len(run.per_step)), watch_calls=True, with_losses=False)
                run.calls = watched.calls
                self._add(*movement.check_rebinding(run, evaluation))
            if run.error is None and not self._has("parameter-rebound"):
                self._add(*movement.explain_stillness(run, evaluation, gradient))
            self.checked.append("whether the step moves the parameters")
            return
        before = len(self.findings)
        self._moved(stepper, run, gradient, blocked, before)

    def _wait_for_a_move(self, stepper: Stepper, run: Run) -> Run:
        """Where gradients may be collected over several steps on purpose, wait for the one that moves."""
        names = {name for code in self.snapshot.references.codes for name in code.co_names}
        collects = "backward" in run.events.kinds() and "step" in names and not run.events.of("step")
        if bool(run.moved.any()) or run.error is not None or not collects or self._is_large():
            return run
        return stepper.run(MOST_COLLECTED, with_losses=True)

    def _moved(self, stepper: Stepper, run: Run, gradient: torch.Tensor, blocked: bool, before: int) -> None:
        evaluation = self._require()
        self._add(*check_accumulation(stepper, float(gradient.norm()), run))
        self._add(*movement.check_rebinding(run, evaluation), *movement.check_rates(run))
        findings, notes = movement.check_partial_movement(run, evaluation, gradient, self.snapshot.references)
        self._add(*findings)
        self.notes += notes
        self.checked.append(counted(len(run.per_step), "step of the loop", "steps of the loop"))
        if len(self.findings) > before or blocked or self.findings or run.error is not None:
            return
        progress = Progress(stepper, run, self.base, gradient, self._is_cheap())
        died = list(self._died(run))
        if died:  # by steps that are too large, perhaps
            self._add(*progress.check_too_large(), *died)
        else:
            self._add(*progress.findings())
        if not self.findings:
            self.checked[-1] += f" (loss {run.losses[0]:.4g} → {run.losses[-1]:.4g})"

    def _died(self, run: Run) -> Iterator[Finding]:
        """Units that the steps themselves have switched off for good."""
        if self._is_large() or self.flat_activations or not bool(torch.isfinite(run.positions[-1]).all()):
            return
        evaluation = self._require()
        value = evaluation.tensor(run.positions[-1])
        flat = [one for one in flat_activations(Graph(value)) if one.kind == "dead" and one.layer]
        slope = evaluation.filled(evaluation.gradients_of(value))
        off = float((slope == 0).double().mean()) > max(
            0.5, 2.0 * float((evaluation.filled(self.gradients) == 0).double().mean())
        )
        if flat and off:
            leaves = {id(leaf) for leaf in flat[0].leaves}
            layer = [parameter.name for parameter in evaluation.parameters if id(parameter.tensor) in leaves]
            losses = " → ".join(f"{run.losses[k]:.4g}" for k in (0, 1, -1))
            seen = f" (seen after {counted(len(run.per_step), 'step')}; the loss goes {losses})"
            yield dead_units(flat[0], layer, more=len(flat) - 1, seen=seen)

    def _is_large(self) -> bool:
        return self._require().start.numel() > _LARGE or self._require().seconds > 0.1

    def _is_cheap(self) -> bool:
        return self._require().start.numel() <= 5_000 and self._require().seconds < _CHEAP and not self._require().noise

    # ------------------------------------------------------------------ the landscape

    def _landscape(self, blocked: bool) -> Iterator[Finding]:
        evaluation = self._require()
        gradient = evaluation.filled(self.gradients)
        if evaluation.stale:
            yield from landscape.check_symmetry(evaluation, gradient, self.base, stale=True)
            return
        if blocked or (evaluation.noise and bool((gradient != 0).any())):
            return
        if not self.findings:
            yield from check_slopes(evaluation, gradient, self.custom, self.tolerance)
        stationary, usual = landscape.is_stationary(evaluation, gradient, 2 if self._is_large() else 4)
        if stationary and not self._falls_along(gradient, usual):
            yield from landscape.explain_stationary(evaluation, self.base, usual, self._flat_end())
        yield from landscape.check_symmetry(evaluation, gradient, self.base, stale=False)
        self.checked.append("saddle points and symmetry")

    def _falls_along(self, gradient: torch.Tensor, usual: float) -> bool:
        """A small gradient that leads down is not a vanishing one."""
        evaluation, size = self._require(), float(gradient.norm())
        if size <= 1e3 * evaluation.epsilon * (abs(self.base) + usual):
            return False
        way = -gradient / size * float(evaluation.scale().norm())
        lowest = min(evaluation.value(evaluation.start + 10.0**-k * way) for k in range(1, 7))
        return lowest < 0.99 * self.base - evaluation.rounding(self.base)

    def _flat_end(self) -> str:
        found: list[Activation] = [one for one in self.flat_activations if one.share >= 1.0]
        return f"{found[0].function} is at its flat end" if found else ""

    def _basin(self) -> None:
        evaluation = self.evaluation
        if evaluation is None or not self._is_cheap() or evaluation.stale:
            return
        found = list(landscape.check_basin(evaluation, self.base, self._own_end))
        self.findings = found or self.findings

    def _own_end(self) -> float:
        """The loss where the user's own loop ends, which may leave a basin that a descent of ours does not."""
        evaluation = self._require()
        if self.step is None:
            return float("inf")
        run = Stepper(evaluation, self.step).run(_OWN_STEPS, with_losses=False, seconds=30.0)
        return evaluation.value(run.positions[-1])
