"""All that the user's functions can change, as it was: parameters, gradients, buffers, optimisers, lists, names."""

from __future__ import annotations

import itertools
import operator
from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from crestfall.torch.diagnosis.random_states import RandomStates
from crestfall.torch.diagnosis.references import References

_LARGEST_DATA = 30_000_000  # elements of a tensor that is no state of a module or optimiser, up to which it is copied


class _Replay:
    """An iterator that can be wound back to where it was, such as that of a loader."""

    def __init__(self, iterator: Any) -> None:
        self.iterator = iterator
        self.seen: list[Any] = []
        self.next = 0

    def __iter__(self) -> _Replay:
        return self

    def __next__(self) -> Any:
        if self.next == len(self.seen):
            self.seen.append(next(self.iterator))
        self.next += 1
        return self.seen[self.next - 1]

    def released(self) -> Any:
        """What the user gets back: the same iterator, with whatever was taken from it put in front."""
        return itertools.chain(self.seen, self.iterator) if self.seen else self.iterator


def _is_iterator(value: Any) -> bool:
    if isinstance(value, type):  # such as itertools.chain, which has the methods of its instances
        return False
    return hasattr(value, "__next__") and hasattr(value, "__iter__") and not hasattr(value, "read")


class _TensorState:
    """One tensor: its values, its ``requires_grad`` and its gradient."""

    def __init__(self, tensor: torch.Tensor, must_copy: bool) -> None:
        self.tensor = tensor
        self.requires_grad = tensor.requires_grad
        self.gradient = tensor.grad if tensor.is_leaf else None
        copied = must_copy or tensor.numel() <= _LARGEST_DATA
        overlapping = any(stride == 0 and size > 1 for stride, size in zip(_strides(tensor), tensor.shape, strict=True))
        self.values = tensor.detach().clone() if copied and not overlapping and tensor.device.type != "meta" else None

    def restore(self) -> None:
        if self.values is not None:
            present = self.tensor.data
            if present.layout != torch.strided or not torch.equal(present, self.values):
                # .data, because the change must stay unseen by graphs that hold the tensor.
                present.copy_(self.values)
        if self.tensor.is_leaf:
            if self.tensor.requires_grad != self.requires_grad:
                self.tensor.requires_grad_(self.requires_grad)
            if self.tensor.grad is not self.gradient:
                self.tensor.grad = self.gradient


def _strides(tensor: torch.Tensor) -> tuple[int, ...]:
    return tensor.stride() if tensor.layout == torch.strided else tensor.shape


class Snapshot:
    """The state of everything that was found, to go back to as often as needed.

    Args:
        references: What the user's functions can reach.

    Example:
        >>> losses = [1.0]
        >>> snapshot = Snapshot(References().search(("losses", losses)))
        >>> losses.append(2.0)
        >>> snapshot.restore()
        >>> losses
        [1.0]
    """

    def __init__(self, references: References) -> None:
        self.references = references
        self.random = RandomStates(references.generators)
        self._known: set[int] = set()
        self._replays: list[_Replay] = []
        self._tensors: list[_TensorState] = []
        self._arrays: list[tuple[np.ndarray, np.ndarray]] = []
        self._containers: list[tuple[Any, Any]] = []
        self._cells: list[tuple[Any, Any]] = []
        self._globals: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self._take()

    def include(self, name: str, value: Any) -> None:
        """Take in one more object, found only while the user's code ran, before anything changes it."""
        if id(value) not in self.references.seen:
            self.references.search((name, value))
            self._take()

    def _take(self) -> None:
        found = self.references
        states = {id(t) for module in found.modules for t in (*module.parameters(), *module.buffers())}
        for tensor in _fresh(found.tensors, self._known):
            self._tensors.append(_TensorState(tensor, tensor.requires_grad or id(tensor) in states))
        self._arrays += [(array, array.copy()) for array in _fresh(found.arrays, self._known) if array.flags.writeable]
        self._containers += [(value, value.copy()) for value in _fresh(found.containers, self._known)]
        for cell in _fresh(found.cells, self._known):
            try:
                content = cell.cell_contents
            except ValueError:
                continue
            if _is_iterator(content):
                content = cell.cell_contents = self._replayed(content)
            self._cells.append((cell, content))
        for space, names in found.globals:
            for name in names:
                if _is_iterator(space.get(name)):
                    space[name] = self._replayed(space[name])
            self._globals.append((space, {name: space[name] for name in names if name in space}))
        found.globals.clear()

    def _replayed(self, iterator: Any) -> _Replay:
        replay = iterator if isinstance(iterator, _Replay) else _Replay(iterator)
        self._replays.append(replay)
        return replay

    def release(self) -> None:
        """Put everything back for good, and hand iterators back to where they were."""
        self.restore()
        for cell, content in self._cells:
            if isinstance(content, _Replay):
                cell.cell_contents = content.released()
        for space, values in self._globals:
            space.update({name: value.released() for name, value in values.items() if isinstance(value, _Replay)})

    def restore(self) -> None:
        """Put everything back, in place."""
        for replay in self._replays:
            replay.next = 0
        for space, values in self._globals:
            space.update(values)
        for cell, value in self._cells:
            if cell.cell_contents is not value:
                cell.cell_contents = value
        for container, content in self._containers:
            _restore_container(container, content)
        for array, copied in self._arrays:
            if not np.array_equal(array, copied):
                array[...] = copied
        with torch.no_grad():
            for state in self._tensors:
                state.restore()
        self.random.restore()

    def place_of(self, tensor: torch.Tensor) -> list[tuple[Any, Any]]:
        """Where a tensor is kept: ``(cell, None)`` or ``(container, key)``."""
        places: list[tuple[Any, Any]] = [(cell, None) for cell, value in self._cells if value is tensor]
        for container, content in (*self._globals, *self._containers):
            if isinstance(content, dict):
                places += [(container, key) for key, value in content.items() if value is tensor]
            elif isinstance(content, list):
                places += [(container, k) for k, value in enumerate(content) if value is tensor]
        return places


def _fresh(values: Iterable[Any], known: set[int]) -> list[Any]:
    new = [value for value in values if id(value) not in known]
    known.update(id(value) for value in new)
    return new


def _restore_container(container: Any, content: Any) -> None:
    if isinstance(container, (list, deque)):
        if len(container) != len(content) or any(map(operator.is_not, container, content)):
            container.clear()
            container.extend(content)
    elif isinstance(container, dict):
        if [id(key) for key in container] != [id(key) for key in content]:
            container.clear()
            container.update(content)
        else:
            for key, value in content.items():
                if container[key] is not value:
                    container[key] = value
    elif isinstance(container, set) and container != content:
        container.clear()
        container.update(content)


def place_value(place: tuple[Any, Any]) -> Any:
    """What is kept at a place now; ``None`` where nothing is.

    Args:
        place: As from :meth:`Snapshot.place_of`.
    """
    holder, key = place
    try:
        return holder.cell_contents if key is None else holder[key]
    except (ValueError, KeyError, IndexError):
        return None
