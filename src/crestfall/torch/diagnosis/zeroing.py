"""Is .grad zeroed between the steps of each optimiser? Seen from a real loop, without changing anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch

from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.words import listed
from crestfall.torch.findings import Finding

_BY_HAND = 0  # owner of the tensors that no optimiser moves


@dataclass
class _Owner:
    """What moves some of the tensors: an optimiser, or the loop itself.

    Attributes:
        name: Its name.
        kept: Of each step but the first: whether it still used gradients from before the step that preceded it.
        names: Of the parameters whose gradients it kept.
    """

    name: str
    kept: list[bool] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


class Zeroing:
    """Follow what is in ``.grad`` from one step of an optimiser to the next.

    A gradient is old when it was there already at the end of the last step of the optimiser that holds the tensor, and
    has been neither replaced nor zeroed nor written over since. Other optimisers may step in between, and other losses
    send gradients, as in the training of adversarial networks.

    Args:
        tensors: Those that are watched.
        names: Their names.
    """

    def __init__(self, tensors: list[torch.Tensor], names: list[str]) -> None:
        self._tensors, self._names = tensors, names
        self._old: dict[int, tuple[torch.Tensor, int | None]] = {}  # .grad and its version, after the last step
        self._owners: dict[int, _Owner] = {}
        self._owner_of: dict[int, int] = {}
        self._positions: dict[int, torch.Tensor] = {}

    def before_backward(self) -> None:
        """See which old gradients are gone, and which tensors the loop itself has moved."""
        self._forget_changed()
        self._see_moved_by_hand()

    def after_backward(self) -> None:
        """A backward adds to what is there."""
        for k, (gradient, _) in list(self._old.items()):
            self._old[k] = (gradient, _version(gradient))

    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Judge the gradients that a step has used.

        Args:
            optimizer: Which one has stepped.
        """
        inside = {id(tensor) for group in optimizer.param_groups for tensor in group["params"]}
        where = [k for k, tensor in enumerate(self._tensors) if id(tensor) in inside]
        if where:
            self._stepped(id(optimizer), type(optimizer).__name__, where)

    def findings(self) -> Iterator[Finding]:
        """Owners that never saw their gradients zeroed."""
        self._see_moved_by_hand()
        for owner in self._owners.values():
            if owner.kept and all(owner.kept):
                yield finding(
                    "gradients-accumulate",
                    f".grad of {listed(dict.fromkeys(owner.names))} was not zeroed between the {len(owner.kept) + 1} "
                    f"steps of {owner.name}, and still holds the gradients of earlier ones",
                    dict.fromkeys(owner.names),
                )
                return

    def _stepped(self, key: int, name: str, where: list[int]) -> None:
        first = key not in self._owners
        owner = self._owners.setdefault(key, _Owner(name))
        old = [k for k in where if self._is_old(k)]
        if not first:
            owner.kept.append(bool(old))
            owner.names += [self._names[k] for k in old]
        for k in where:
            self._owner_of[k] = key
            self._remember(k)
            self._positions.pop(k, None)

    def _remember(self, k: int) -> None:
        gradient = self._tensors[k].grad
        if gradient is None or not _is_nonzero(gradient):
            self._old.pop(k, None)
        else:
            self._old[k] = (gradient, _version(gradient))

    def _is_old(self, k: int) -> bool:
        return k in self._old and self._tensors[k].grad is self._old[k][0] and _is_nonzero(self._old[k][0])

    def _forget_changed(self) -> None:
        for k, (gradient, version) in list(self._old.items()):
            if not self._is_old(k) or _version(gradient) != version:
                del self._old[k]

    def _see_moved_by_hand(self) -> None:
        moved = []
        for k, tensor in enumerate(self._tensors):
            if self._owner_of.get(k, _BY_HAND) != _BY_HAND:
                continue
            before, present = self._positions.get(k), tensor.detach()
            if before is None or before.shape != present.shape or not torch.equal(before, present):
                if before is not None:
                    moved.append(k)
                self._positions[k] = present.clone()
        if moved:
            self._stepped(_BY_HAND, "the loop", moved)
            for k in moved:
                self._positions[k] = self._tensors[k].detach().clone()


def _is_nonzero(gradient: torch.Tensor) -> bool:
    return bool(gradient.detach().to_dense().any())


def _version(gradient: torch.Tensor) -> int | None:
    return None if gradient.is_inference() else gradient._version
