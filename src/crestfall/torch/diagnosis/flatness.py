"""Why a gradient is zero although the graph is whole: dead or saturated units, equal weights, underflow."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from crestfall.torch.diagnosis import coverage
from crestfall.torch.diagnosis.activations import Activation, dead_units, saturated_units
from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.evaluation import Evaluation
from crestfall.torch.diagnosis.graph import Graph
from crestfall.torch.diagnosis.words import listed
from crestfall.torch.findings import Finding

_SCALED = 65536.0  # what gradient scalers multiply the loss by at first


def underflow(share: float, names: list[str], seen: str = "") -> Finding:
    """The finding for gradients too small for half precision.

    Args:
        share: Of the gradient that is zero.
        names: Of the parameters that it belongs to.
        seen: What shows that it is not zero in truth.
    """
    text = f"{share:.0%} of the gradient ({listed(names)}) is exactly zero in half precision{seen}"
    return finding("underflow", text, names)


class Flatness:
    """The explanations, in the order in which they are tried.

    Args:
        evaluation: The loss and its parameters.
        gradients: At the start.
        base: The loss at the start.
        activations: Those with little slope.
        graph: Behind the loss.
    """

    def __init__(
        self,
        evaluation: Evaluation,
        gradients: list[torch.Tensor | None],
        base: float,
        activations: list[Activation],
        graph: Graph,
    ) -> None:
        self.evaluation, self.gradients, self.base, self.graph = evaluation, gradients, base, graph
        self.flat_activations = activations

    def explain(self) -> Iterator[Finding]:
        """The first explanation that holds."""
        for check in (self._zeros, self._underflow, self._dead, self._saturated):
            found = list(check())
            if found:
                yield from found
                return

    def _zeros(self) -> Iterator[Finding]:
        """All weights zero: nothing passes in either direction."""
        zero = [p.name for p in self.evaluation.parameters if p.tensor.dim() >= 2 and not bool(p.tensor.detach().any())]
        gradient = self.evaluation.filled(self.gradients)
        equal = coverage.equal_units(self.evaluation, gradient)
        stuck = {name: what for name, what in equal.items() if name in zero}
        if len(stuck) >= 2:
            yield coverage.constant_initialisation(stuck)

    def _underflow(self) -> Iterator[Finding]:
        zero = self.evaluation.filled(self.gradients) == 0
        if not bool(zero.any()) or not self._has_half():
            return
        scaled = self.evaluation.filled(self.evaluation.gradients(factor=_SCALED))
        revived = zero & (scaled != 0) & torch.isfinite(scaled)
        share = float(revived.sum()) / zero.numel()
        if share > 0.5:
            seen = f", but not when the loss is multiplied by {_SCALED:g}"
            yield underflow(share, self.evaluation.names_of(revived), seen)

    def _has_half(self) -> bool:
        if any(p.tensor.dtype in {torch.float16, torch.bfloat16} for p in self.evaluation.parameters):
            return True
        return any("ToCopy" in node.name() for node in self.graph.nodes)

    def _dead(self) -> Iterator[Finding]:
        dead = [one for one in self.flat_activations if one.kind == "dead" and one.layer]
        if not dead:
            return
        worst = max(dead, key=lambda one: one.share)
        if self._is_reached(worst):
            yield dead_units(worst, self._names([worst]), more=len(dead) - 1)

    def _is_reached(self, activation: Activation) -> bool:
        """Whether the gradient before the activation is indeed zero, mostly."""
        ours = {id(tensor): k for k, tensor in enumerate(self.evaluation.tensors)}
        parts = [self.gradients[ours[id(leaf)]] for leaf in activation.leaves if id(leaf) in ours]
        known = [part for part in parts if part is not None]
        if not known:
            return not parts
        return all(float((part.to_dense() == 0).double().mean()) >= 0.5 for part in known)

    def _saturated(self) -> Iterator[Finding]:
        for one in self.flat_activations:
            if one.kind != "saturated":
                continue
            if self._would_help(one):
                yield saturated_units(one, self._names([one]))
                return

    def _would_help(self, activation: Activation) -> bool:
        """Whether smaller weights before it revive the gradient, and do not make the loss much worse."""
        evaluation = self.evaluation
        ours = {id(tensor) for tensor in evaluation.tensors}
        near = {id(leaf) for leaf in activation.leaves} & ours or ours
        size = float(evaluation.filled(self.gradients).norm())
        mask = torch.zeros_like(evaluation.start, dtype=torch.bool)
        for tensor, part in zip(evaluation.tensors, evaluation.slices, strict=True):
            mask[part] = id(tensor) in near
        for factor in (0.1, 1e-2, 1e-3):
            value, slope = evaluation.value_and_gradient(torch.where(mask, factor * evaluation.start, evaluation.start))
            before = float(evaluation.filled(self.gradients)[mask].norm())
            no_worse = value < self.base + 2.0 * abs(self.base)
            if no_worse and (float(slope[mask].norm()) > 30.0 * before or float(slope.norm()) > 30.0 * size):
                return True
        return False

    def _names(self, found: list[Activation]) -> list[str]:
        leaves = {id(leaf) for one in found for leaf in one.leaves}
        return [p.name for p in self.evaluation.parameters if id(p.tensor) in leaves]
