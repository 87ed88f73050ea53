"""Whether the last gradient is still in ``.grad`` when a backward begins at another point."""

from __future__ import annotations

from collections.abc import Sequence

import torch


class CarriedGradients:
    """Follows ``.grad`` from each backward to the next.

    Steps that collect gradients on purpose do so at one point. Where the parameters have moved between two backwards,
    a ``.grad`` that nobody has zeroed, replaced or written to makes the second one add to the gradient of another
    point.
    """

    def __init__(self) -> None:
        self._left: list[tuple[torch.Tensor, int] | None] = []
        self._position: torch.Tensor | None = None
        self._carried: list[bool] = []

    @property
    def always(self) -> bool:
        """Whether every backward at a new point found the gradient of the point before."""
        return bool(self._carried) and all(self._carried)

    def before_backward(self, tensors: Sequence[torch.Tensor], position: torch.Tensor) -> None:
        """Compare with what the last backward left.

        Args:
            tensors: The parameters.
            position: Their elements, as one vector.
        """
        if self._position is not None and not torch.equal(position, self._position):
            held = [(tensor, *left) for tensor, left in zip(tensors, self._left, strict=True) if left is not None]
            untouched = all(tensor.grad is left and left._version == version for tensor, left, version in held)
            self._carried.append(bool(held) and untouched)
        self._position = position

    def after_backward(self, tensors: Sequence[torch.Tensor]) -> None:
        """Note what a backward leaves.

        Args:
            tensors: The parameters.
        """
        gradients = [tensor.grad for tensor in tensors]
        self._left = [
            None if g is None or g.is_inference() or not bool(g.detach().to_dense().any()) else (g, g._version)
            for g in gradients
        ]
