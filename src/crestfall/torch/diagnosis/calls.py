"""Watch the calls of PyTorch while a loss is computed: where the graph is cut, and which shapes are broadcast."""

from __future__ import annotations

import contextlib
import linecache
import sys
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

CUTS = {
    "detach": {"detach", "detach_", "data"},
    "leaves PyTorch": {"numpy", "__array__", "tolist", "item", "__float__", "__complex__"},
    "copy": {"tensor", "as_tensor", "asarray"},
    "argmax": {"argmax", "argmin", "argsort"},
    "comparison": {
        *("gt", "lt", "ge", "le", "eq", "ne", "greater", "less", "greater_equal", "less_equal", "not_equal", "isclose"),
        *("__gt__", "__lt__", "__ge__", "__le__", "__eq__", "__ne__", "logical_and", "logical_or", "logical_not"),
        *("allclose", "equal", "__bool__", "isinf", "isnan", "signbit", "nonzero"),
    },
    "integer": {"__int__", "__index__", "long", "int", "short", "byte", "char", "bool", "to", "type", "type_as"},
    "histogram": {"histc", "histogram", "histogramdd", "bincount", "bucketize", "searchsorted", "unique"},
    "sampling": {"multinomial", "bernoulli", "poisson", "bernoulli_"},
    "step": {"heaviside", "round", "floor", "ceil", "sign", "trunc", "fix", "floor_divide", "__floordiv__"},
}
_QUIET = {"isinf", "isnan", "allclose", "equal"}  # mostly assertions, which change nothing
_WITH_INDICES = {"topk", "sort", "max", "min", "kthvalue", "median", "mode", "msort"}
_DIFFERENCES = {"sub", "__sub__", "__rsub__", "rsub", "subtract", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"}
_WRITING = {"__setitem__", "clamp", "clip", "__isub__", "__iadd__", "__imul__", "__itruediv__"}
_NOT_WRITING = {"requires_grad_", "detach_", "retain_grad_", "share_memory_"}


@dataclass(frozen=True)
class Cut:
    """A call into which gradients flow, and out of which none comes.

    Attributes:
        kind: Key of ``CUTS``, ``no_grad`` or ``indices``.
        name: The function.
        line: The user's line, if its source is known.
        source: What went in.
    """

    kind: str
    name: str
    line: str
    source: torch.Tensor | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Broadcast:
    """A difference of ``(N, 1)`` and ``(N,)``.

    Attributes:
        shapes: Of the two operands.
        node: The result's node of the graph.
        line: The user's line, if its source is known.
    """

    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    node: Any
    line: str


class Calls(TorchFunctionMode):
    """Note calls that cut the graph or broadcast a difference.

    Attributes:
        cuts: Each kind and line once, in order.
        broadcasts: In order.
        in_place: Names of calls that write, with the storage that they write to.
        hooks: Lines that register a hook on a tensor that is not a leaf.
        any: Whether anything was called at all.
        paused: Note nothing.
        in_optimizer: An optimiser is stepping, whose writes the user did not make.

    Example:
        >>> theta = torch.ones(3, requires_grad=True)
        >>> with Calls() as calls:
        ...     _ = theta[theta.argmax()]
        >>> calls.cuts[0].kind
        'argmax'
    """

    def __init__(self) -> None:
        super().__init__()
        self.cuts: list[Cut] = []
        self.broadcasts: list[Broadcast] = []
        self.in_place: list[tuple[str, int]] = []
        self.hooks: list[str] = []
        self.any = False
        self.paused = False
        self.in_optimizer = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call the function and look at what went in and came out."""
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if self.paused:
            return result
        self.any = True
        name = getattr(func, "__name__", "")
        if name == "__get__":
            name = getattr(getattr(func, "__self__", None), "__name__", "")
            if name != "data":
                return result
        with contextlib.suppress(RuntimeError, AttributeError, TypeError):  # a tensor without storage, for instance
            self._note(name, _tensors((*args, *kwargs.values())), result)
        return result

    def _note(self, name: str, inputs: list[torch.Tensor], result: Any) -> None:
        written = name in _WRITING or (name.endswith("_") and not name.endswith("__") and name not in _NOT_WRITING)
        if written and not self.in_optimizer and inputs and inputs[0].layout == torch.strided:
            self.in_place.append((name, inputs[0].untyped_storage().data_ptr()))
        outputs = _tensors((result,))
        if name == "register_hook" and inputs and not inputs[0].is_leaf:
            self.hooks.append(_line())
        if name in _DIFFERENCES and len(inputs) >= 2 and outputs and _misfit(inputs[0], inputs[1]):
            shapes = (tuple(inputs[0].shape), tuple(inputs[1].shape))
            self.broadcasts.append(Broadcast(shapes, outputs[0].grad_fn, _line()))
        if name in _WITH_INDICES and len(outputs) == 2 and outputs[0].requires_grad:
            # Only the indices are cut off; whether they matter shows if no gradient arrives at all.
            self.cuts.append(Cut("indices", f"the indices of {name}", _line(), _source(inputs)))
        copied = name in CUTS["copy"]  # a copy without history may ask for gradients of its own
        goes_on = any(tensor.requires_grad and not (copied and tensor.is_leaf) for tensor in outputs)
        if goes_on or not any(tensor.requires_grad for tensor in inputs):
            return
        kind = next((kind for kind, names in CUTS.items() if name in names), None)
        if kind == "integer" and outputs and outputs[0].is_floating_point():
            kind = None
        shape_only = name.endswith("_like") or name.startswith(("new_", "empty", "is_"))
        if kind is None and outputs and outputs[0].is_floating_point() and not shape_only:
            kind = "copy" if torch.is_grad_enabled() else "no_grad"
        if kind is not None and name not in _QUIET:
            cut = Cut(kind, name, _line(), _source(inputs))
            if cut not in self.cuts:
                self.cuts.append(cut)


def _source(inputs: list[torch.Tensor]) -> torch.Tensor | None:
    return next((tensor for tensor in inputs if tensor.requires_grad), None)


def _tensors(values: Any) -> list[torch.Tensor]:
    found = []
    for value in values:
        if isinstance(value, torch.Tensor):
            found.append(value)
        elif isinstance(value, (list, tuple)) and len(value) < 1000:
            found += _tensors(value)
    return found


def _misfit(a: torch.Tensor, b: torch.Tensor) -> bool:
    """``(…, N, 1)`` against ``(…, N)`` with only one of them computed from parameters."""
    longer, shorter = (a, b) if a.dim() > b.dim() else (b, a)
    return (
        longer.dim() == shorter.dim() + 1
        and longer.shape[-1] == 1
        and shorter.dim() >= 1
        and shorter.shape[-1] > 1
        and longer.shape[:-1] == shorter.shape
        and a.requires_grad != b.requires_grad
    )


def _line() -> str:
    """The user's line that is being carried out, from the innermost frame outside PyTorch and this file."""
    frame = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module != __name__ and not module.startswith(("torch.", "contextlib")):
            return linecache.getline(frame.f_code.co_filename, frame.f_lineno).partition("  #")[0].strip()
        frame = frame.f_back  # type: ignore[assignment]
    return ""
