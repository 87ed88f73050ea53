"""Everything that the user's functions can reach: tensors, modules, optimisers, generators, containers, closures."""

from __future__ import annotations

import functools
import random
import sys
import types
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

_LARGEST_CONTAINER = 2_000  # items up to which all of them are searched
_MOST_OBJECTS = 50_000  # found before the search goes on with tensors, modules and optimisers alone
_PLAIN = (bool, int, float, complex, str, bytes, type(None))  # cannot be changed, and hold nothing
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
        classes: Classes that the user has written.
        unsearched: Names of what was too large to be searched.
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
    classes: list[type] = field(default_factory=list)
    unsearched: list[str] = field(default_factory=list)
    seen: dict[int, Any] = field(default_factory=dict)
    _owners: list[Any] = field(default_factory=list)

    def search(self, *roots: tuple[str, Any]) -> References:
        """Search from these named objects on, breadth first, and add what is new."""
        queue: deque[tuple[str, Any]] = deque(roots)
        while queue:
            name, value = queue.popleft()
            if id(value) in self.seen or isinstance(value, _PLAIN):
                continue
            if len(self.seen) >= _MOST_OBJECTS and not _must_be_found(value):
                if not self.unsearched:
                    self.unsearched.append(f"what lies behind the first {_MOST_OBJECTS:,} objects")
                continue
            self.seen[id(value)] = value
            self.names.setdefault(id(value), name)
            queue.extend(self._visit(name, value))
        if self.unsearched:
            for owner in self._owners:
                self._pin_state(owner)
        return self

    def pin(self, tensors: Iterable[torch.Tensor]) -> References:
        """Add these tensors and their gradients, however many there are."""
        for tensor in tensors:
            gradient = tensor.grad if tensor.is_leaf else None
            for value in (tensor, gradient):
                if value is not None and id(value) not in self.seen:
                    self.seen[id(value)] = value
                    self.tensors.append(value)
        return self

    def _pin_state(self, value: Any) -> None:
        """What a module or an optimiser keeps is found however much there is."""
        if isinstance(value, torch.nn.Module):
            self.pin([*value.parameters(), *value.buffers()])
        elif isinstance(value, torch.optim.Optimizer):
            states = [state for state in value.state.values() if isinstance(state, dict)]
            lists = [group["params"] for group in value.param_groups]
            self.containers += [value.state, *states, value.param_groups, *value.param_groups, *lists]
            self.pin(tensor for tensors in lists for tensor in tensors)
            self.pin(item for state in states for item in state.values() if isinstance(item, torch.Tensor))

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
        elif isinstance(value, type):
            yield from self._class(value)
        elif hasattr(value, "__dict__") and not isinstance(value, types.ModuleType):
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
        if is_foreign(function.__globals__.get("__name__")):  # a wrapper bears the __module__ of what it wraps
            return
        codes = list(_codes(function.__code__))
        self.codes += codes
        wanted = {name for code in codes for name in code.co_names if name in function.__globals__}
        self.globals.append((function.__globals__, wanted))
        for name in sorted(wanted):
            value = function.__globals__[name]
            if not (isinstance(value, types.FunctionType) and is_foreign(value.__module__)):
                yield name, value
        if vars(function):
            yield "", vars(function)
        yield "", list(function.__defaults__ or ())
        yield "", dict(function.__kwdefaults__ or {})

    def _container(self, name: str, value: Any) -> Iterator[tuple[str, Any]]:
        if not isinstance(value, tuple):
            self.containers.append(value)
        pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
        pairs = [(key, item) for key, item in pairs if not isinstance(item, _PLAIN)]
        if len(pairs) > _LARGEST_CONTAINER:
            wanted = [(key, item) for key, item in pairs if _must_be_found(item)]
            if len(wanted) < len(pairs):
                self.unsearched.append(f"{name or 'a container'} ({len(pairs):,} items)")
            pairs = wanted
        for key, item in pairs:
            # Keys of an optimiser's state are tensors, whose text would be long.
            text = "state" if isinstance(key, torch.Tensor) else repr(key)
            yield (f"{name}[{text}]" if name or not isinstance(value, dict) else text), item

    def _class(self, value: type) -> Iterator[tuple[str, Any]]:
        if is_foreign(value.__module__):
            return
        self.classes.append(value)
        for key, item in list(vars(value).items()):
            if isinstance(item, (staticmethod, classmethod, property)):
                item = item.fget if isinstance(item, property) else item.__func__
            if isinstance(item, (types.FunctionType, torch.Tensor, np.ndarray, dict, list, set, deque)):
                yield f"{value.__name__}.{key}", item

    def _object(self, name: str, value: Any) -> Iterator[tuple[str, Any]]:
        scaler = type(value).__name__ == "GradScaler"
        if isinstance(value, torch.nn.Module):
            self.modules.append(value)
        if not (isinstance(value, _OWN_STATE) or scaler or not is_foreign(type(value).__module__)):
            return
        attributes = value.__dict__
        self.containers.append(attributes)
        if isinstance(value, _OWN_STATE):
            self._owners.append(value)
        for key, item in list(attributes.items()):
            if isinstance(value, torch.nn.Module) and key in {"_parameters", "_buffers", "_modules"}:
                if isinstance(item, dict):  # a scripted module has a view of its own
                    self.containers.append(item)
                yield from ((f"{name}.{inner}" if name else inner, child) for inner, child in list(item.items()))
            elif not isinstance(item, (types.FunctionType, OrderedDict)) or key == "forward":
                yield f"{name}.{key}" if name else key, item
        for owner in type(value).__mro__:
            yield owner.__name__, owner


def is_own_object(value: Any) -> bool:
    """Whether a value is an instance of a class that the user has written, which keeps its state in attributes.

    Args:
        value: Any.
    """
    return hasattr(value, "__dict__") and not is_foreign(type(value).__module__)


def _must_be_found(value: Any) -> bool:
    """What a step changes even where there is too much to be searched."""
    if isinstance(value, torch.Tensor):
        return value.requires_grad or value.grad_fn is not None
    return isinstance(value, _OWN_STATE)


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def is_foreign(module: str | None) -> bool:
    """Whether a module belongs to Python or to a library, not to the user.

    Args:
        module: Its name.
    """
    root = (module or "").partition(".")[0]
    return root in _FOREIGN or (root in sys.stdlib_module_names and root != "__main__")
