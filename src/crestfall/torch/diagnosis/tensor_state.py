"""One tensor as it was: values, shape, storage, version, requires_grad and gradient."""

from __future__ import annotations

import torch

_LARGEST_DATA = 30_000_000  # elements of a tensor that is not part of a module or optimiser, up to which it is copied
_BITS = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


class TensorState:
    """What is needed to put a tensor back.

    Args:
        tensor: The tensor.
        must_copy: Copy its values however many there are.
    """

    def __init__(self, tensor: torch.Tensor, must_copy: bool) -> None:
        self.tensor = tensor
        self.requires_grad = tensor.requires_grad
        self.gradient = tensor.grad if tensor.is_leaf else None
        self.version = _version(tensor)
        self.alias: torch.Tensor | None = None
        self.values: torch.Tensor | None = None
        if _has_values(tensor) and (must_copy or tensor.numel() <= _LARGEST_DATA):
            self.alias = tensor.data  # shares the storage, keeps the shape
            self.values = tensor.detach().clone()

    def restore(self) -> None:
        """Put it back, unseen by graphs that hold the tensor, and without writing where nothing has changed."""
        tensor = self.tensor
        if self.values is not None and self.alias is not None:
            if not _same_place(tensor, self.alias):
                _regrow(self.alias)
                tensor.data = self.alias
            present = tensor.data
            if not same_bits(present, self.values):
                present.copy_(self.values)
        if self.version is not None and tensor._version != self.version:
            torch._C._autograd._unsafe_set_version_counter((tensor,), (self.version,))
        if tensor.is_leaf:
            if tensor.requires_grad != self.requires_grad:
                tensor.requires_grad_(self.requires_grad)
            if tensor.grad is not self.gradient:
                tensor.grad = self.gradient


def _version(tensor: torch.Tensor) -> int | None:
    """How often it was written to; ``None`` where that is not counted."""
    if torch.nn.parameter.is_lazy(tensor) or tensor.is_inference():
        return None
    return tensor._version


def _has_values(tensor: torch.Tensor) -> bool:
    if tensor.device.type == "meta" or torch.nn.parameter.is_lazy(tensor):
        return False
    if tensor.layout != torch.strided:
        return True
    # Elements that lie on each other cannot be written one by one.
    return not any(stride == 0 and size > 1 for stride, size in zip(tensor.stride(), tensor.shape, strict=True))


def _same_place(tensor: torch.Tensor, alias: torch.Tensor) -> bool:
    if tensor.shape != alias.shape or tensor.dtype != alias.dtype or tensor.layout != alias.layout:
        return False
    if tensor.layout != torch.strided:
        return True
    return (
        tensor.device == alias.device
        and tensor.stride() == alias.stride()
        and tensor.storage_offset() == alias.storage_offset()
        and tensor.untyped_storage()._cdata == alias.untyped_storage()._cdata
        and tensor.untyped_storage().nbytes() >= _needed(alias)
    )


def _needed(alias: torch.Tensor) -> int:
    """Bytes of storage that a strided tensor reaches into."""
    if alias.numel() == 0:
        return 0
    last = sum((size - 1) * stride for size, stride in zip(alias.shape, alias.stride(), strict=True))
    return (int(alias.storage_offset()) + last + 1) * alias.element_size()


def _regrow(alias: torch.Tensor) -> None:
    """Give a storage that was made smaller its old size back."""
    if alias.layout == torch.strided and alias.untyped_storage().nbytes() < _needed(alias):
        alias.untyped_storage().resize_(_needed(alias))


def same_bits(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether two tensors of one shape and type hold the same bits, so that 0 and -0 differ and nan equals itself.

    Args:
        a: One.
        b: The other.

    Example:
        >>> same_bits(torch.tensor([0.0]), torch.tensor([-0.0])), same_bits(torch.tensor([1.0]), torch.tensor([1.0]))
        (False, True)
    """
    if a.layout != torch.strided or b.layout != torch.strided or a.is_quantized:
        return False
    if a.is_complex():
        if a.is_conj() or b.is_conj():
            return False
        a, b = torch.view_as_real(a), torch.view_as_real(b)
    if a.is_neg() or b.is_neg():
        return False
    if a.is_floating_point():
        bits = _BITS[a.element_size()]
        a, b = a.view(bits), b.view(bits)
    return torch.equal(a, b)
