"""Everything that the user's functions can reach: tensors, modules, optimisers, generators, containers, closures."""

from __future__ import annotations

import functools
import random
import sys
import types
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

_LARGEST_CONTAINER = 2_000  # items up to which they are searched
_MOST_OBJECTS = 20_000  # found before the search ends
_FOREIGN = {"torch", "numpy", "scipy", "torchvision", "pandas", "matplotlib", "builtins", "pytest", "_pytest"}
_OWN_STATE = (torch.nn.Module, torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler)


@dataclass
class References:
    """What a search found, each object once, in the order of finding.

    Attributes:
        tensors: Tensors and parameters.
        modules: Modules, the outer ones before the inner.
        generators: Generators of random numbers of Python, NumPy and PyTorch.
        arrays: NumPy arrays.
        containers: Lists, dictionaries, sets, deques and the attributes of objects.
        cells: Closure cells.
        globals: Dictionaries of global names, each with the names that are referred to.
        names: Names by the identity of the object that they were found under.
        codes: Code objects of the functions, of which the names say what they call.
        seen: Every object by its identity, so that none is lost while it is looked at.
    """

    tensors: list[torch.Tensor] = field(default_factory=list)
    modules: list[torch.nn.Module] = field(default_factory=list)
    generators: list[Any] = field(default_factory=list)
    arrays: list[np.ndarray] = field(default_factory=list)
    containers: list[Any] = field(default_factory=list)
    cells: list[Any] = field(default_factory=list)
    globals: list[tuple[dict[str, Any], set[str]]] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    codes: list[types.CodeType] = field(default_factory=list)
    seen: dict[int, Any] = field(default_factory=dict)

    def search(self, *roots: tuple[str, Any]) -> References:
        """Search from these named objects on, breadth first, and add what is new."""
        queue: deque[tuple[str, Any]] = deque(roots)
        while queue and len(self.seen) < _MOST_OBJECTS:
            name, value = queue.popleft()
            if id(value) in self.seen or value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
                continue
            self.seen[id(value)] = value
            self.names.setdefault(id(value), name)
            queue.extend(self._visit(name, value))
        return self

    def _visit(self, name: str, value: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(value, torch.Tensor):
            self.tensors.append(value)
            if value.is_leaf and value.grad is not None:
                yield f"{name}.grad", value.grad
        elif isinstance(value, np.ndarray):
            self.arrays.append(value)
        elif isinstance(value, (torch.Generator, np.random.Generator, np.random.RandomState, random.Random)):
            self.generators.append(value)
        elif isinstance(value, functools.partial):
            yield from (("", value.func), ("", list(value.args)), ("", dict(value.keywords)))
        elif isinstance(value, types.MethodType):
            yield from ((name.rpartition(".")[0] or "self", value.__self__), (name, value.__func__))
        elif isinstance(value, types.FunctionType):
            yield from self._function(value)
        elif isinstance(value, (dict, list, tuple, set, deque)):
            yield from self._container(name, value)
        elif hasattr(value, "__dict__") and not isinstance(value, (type, types.ModuleType)):
            yield from self._object(name, value)

    def _function(self, function: types.FunctionType) -> Iterator[tuple[str, Any]]:
        inner = getattr(function, "__wrapped__", None)
        if inner is not None:
            yield inner.__name__ if hasattr(inner, "__name__") else "", inner
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            self.cells.append(cell)
            try:
                yield name, cell.cell_contents
            except ValueError:  # not bound yet
                continue
        if _is_foreign(function.__globals__.get("__name__")):  # a wrapper bears the __module__ of what it wraps
            return
        codes = list(_codes(function.__code__))
        self.codes += codes
        wanted = {name for code in codes for name in code.co_names if name in function.__globals__}
        self.globals.append((function.__globals__, wanted))
        for name in sorted(wanted):
            value = function.__globals__[name]
            if not (isinstance(value, types.FunctionType) and _is_foreign(value.__module__)):
                yield name, value
        yield "", list(function.__defaults__ or ())
        yield "", dict(function.__kwdefaults__ or {})

    def _container(self, name: str, value: Any) -> Iterator[tuple[str, Any]]:
        if not isinstance(value, tuple):
            self.containers.append(value)
        if len(value) > _LARGEST_CONTAINER:
            return
        if isinstance(value, dict):
            # Keys of an optimiser's state are tensors, whose text would be long.
            texts = ["state" if isinstance(key, torch.Tensor) else repr(key) for key in value]
            yield from (
                (f"{name}[{text}]" if name else text, item)
                for text, item in zip(texts, list(value.values()), strict=True)
            )
        else:
            yield from ((f"{name}[{k}]", item) for k, item in enumerate(list(value)))

    def _object(self, name: str, value: Any) -> Iterator[tuple[str, Any]]:
        scaler = type(value).__name__ == "GradScaler"
        if isinstance(value, torch.nn.Module):
            self.modules.append(value)
        if not (isinstance(value, _OWN_STATE) or scaler or not _is_foreign(type(value).__module__)):
            return
        attributes = value.__dict__
        self.containers.append(attributes)
        for key, item in list(attributes.items()):
            if isinstance(value, torch.nn.Module) and key in {"_parameters", "_buffers", "_modules"}:
                self.containers.append(item)
                yield from ((f"{name}.{inner}" if name else inner, child) for inner, child in list(item.items()))
            elif not isinstance(item, (types.FunctionType, OrderedDict)) or key == "forward":
                yield f"{name}.{key}" if name else key, item
        for owner in type(value).__mro__:
            if not _is_foreign(owner.__module__):
                yield from (("", method) for method in vars(owner).values() if isinstance(method, types.FunctionType))


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _is_foreign(module: str | None) -> bool:
    root = (module or "").partition(".")[0]
    return root in _FOREIGN or (root in sys.stdlib_module_names and root != "__main__")
