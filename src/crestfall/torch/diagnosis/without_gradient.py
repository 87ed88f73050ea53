"""Optimisations that need no .grad: torch.func, evolution strategies and other searches without backward()."""

from __future__ import annotations

from collections.abc import Callable

import torch

from crestfall.torch.diagnosis.parameters import Given

MOVED_WITHOUT_GRADIENT = (
    "requires_grad is False, but the step moves the parameters without .grad, as torch.func.grad or an evolution "
    "strategy does; nothing else was checked"
)
_STEPS = 3


class Positions:
    """Where all tensors that were given are, to see later whether they have moved.

    Args:
        given: The parameters.
    """

    def __init__(self, given: Given) -> None:
        self._tensors = [parameter.tensor for parameter in given.parameters]
        self._values = [tensor.detach().clone() for tensor in self._tensors]

    def moved(self) -> bool:
        """Whether any of them has."""
        pairs = zip(self._tensors, self._values, strict=True)
        return any(tensor.shape != values.shape or not torch.equal(tensor.detach(), values) for tensor, values in pairs)


def moves_without_gradient(given: Given, step: Callable[[], object]) -> bool:
    """Whether the user's step moves tensors none of which has ``requires_grad=True``. It changes things.

    Args:
        given: The parameters.
        step: One iteration of the user's loop.
    """
    if any(not parameter.tensor.is_leaf for parameter in given.parameters):
        return False
    positions = Positions(given)
    try:
        for _ in range(_STEPS):
            step()
    except Exception:  # the finding about requires_grad explains it better
        return False
    return positions.moved()
