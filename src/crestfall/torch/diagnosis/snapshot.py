"""All that the user's functions can change, as it was: parameters, gradients, buffers, optimisers, lists, names."""

from __future__ import annotations

import functools
import operator
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch

from crestfall.torch.diagnosis.class_state import ClassState
from crestfall.torch.diagnosis.random_states import RandomStates
from crestfall.torch.diagnosis.references import References
from crestfall.torch.diagnosis.replays import Replay, is_iterator
from crestfall.torch.diagnosis.tensor_state import TensorState


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
        self._replays: list[Replay] = []
        self._tensors: list[TensorState] = []
        self._arrays: list[tuple[np.ndarray, np.ndarray]] = []
        self._containers: list[tuple[Any, Any]] = []
        self._cells: list[tuple[Any, Any]] = []
        self._globals: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self._classes: list[ClassState] = []
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
            self._tensors.append(TensorState(tensor, tensor.requires_grad or id(tensor) in states))
        self._arrays += [(array, array.copy()) for array in _fresh(found.arrays, self._known) if array.flags.writeable]
        for container in _fresh(found.containers, self._known):
            self._replay_inside(container)
            self._containers.append((container, container.copy()))
        self._classes += [ClassState(owner) for owner in _fresh(found.classes, self._known)]
        for cell in _fresh(found.cells, self._known):
            try:
                content = cell.cell_contents
            except ValueError:
                continue
            if is_iterator(content):
                content = cell.cell_contents = self._replayed(content)
            self._cells.append((cell, content))
        for space, names in found.globals:
            for name in names:
                if is_iterator(space.get(name)):
                    space[name] = self._replayed(space[name])
            self._globals.append((space, {name: space[name] for name in names if name in space}))
        found.globals.clear()

    def _replay_inside(self, container: Any) -> None:
        """Replace the iterators that a list, a dictionary or an object keeps."""
        for key, value in _items(container):
            if is_iterator(value):
                container[key] = self._replayed(value)

    def _replayed(self, iterator: Any) -> Replay:
        known = [replay for replay in self._replays if iterator is replay or iterator is replay.iterator]
        if known:
            return known[0]
        self._replays.append(Replay(iterator))
        return self._replays[-1]

    def release(self) -> None:
        """Put everything back for good, and hand iterators back to where they were.

        Raises:
            RuntimeError: Something could not be put back; everything else was.
        """
        errors = self._restored()
        released = {id(replay): replay.released() for replay in self._replays}
        for cell, content in self._cells:
            if isinstance(content, Replay):
                cell.cell_contents = released[id(content)]
        for space, values in self._globals:
            space.update({name: released[id(value)] for name, value in values.items() if isinstance(value, Replay)})
        for container, _ in self._containers:
            for key, value in _items(container):
                if isinstance(value, Replay):
                    container[key] = released[id(value)]
        _raise_all(errors)

    def restore(self) -> None:
        """Put everything back, in place.

        Raises:
            RuntimeError: Something could not be put back; everything else was.
        """
        _raise_all(self._restored())

    def _restored(self) -> list[Exception]:
        """Put each thing back on its own, and collect what goes wrong."""
        errors: list[Exception] = []
        for replay in self._replays:
            replay.next = 0
        with torch.no_grad():
            for act in self._acts():
                try:
                    act()
                except Exception as error:
                    errors.append(error)
        return errors

    def _acts(self) -> Iterator[Callable[[], object]]:
        for space, values in self._globals:
            yield functools.partial(space.update, values)
        for cell, value in self._cells:
            yield functools.partial(_restore_cell, cell, value)
        for owner in self._classes:
            yield owner.restore
        for container, content in self._containers:
            yield functools.partial(_restore_container, container, content)
        for array, copied in self._arrays:
            yield functools.partial(_restore_array, array, copied)
        for state in self._tensors:
            yield state.restore
        yield self.random.restore

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


def _items(container: Any) -> list[tuple[Any, Any]]:
    """Keys and values of what can be written by key."""
    if isinstance(container, dict):
        return list(container.items())
    return list(enumerate(container)) if isinstance(container, (list, deque)) else []


def _raise_all(errors: list[Exception]) -> None:
    if errors:
        texts = dict.fromkeys(f"{type(error).__name__}: {error}" for error in errors)
        raise RuntimeError(f"could not be put back: {'; '.join(texts)}") from errors[0]


def _restore_cell(cell: Any, value: Any) -> None:
    try:
        if cell.cell_contents is value:
            return
    except ValueError:  # deleted since
        pass
    cell.cell_contents = value


def _restore_array(array: np.ndarray, copied: np.ndarray) -> None:
    same = array.shape == copied.shape and np.array_equal(array, copied)
    if same and array.dtype.kind == "f":
        same = np.array_equal(np.signbit(array), np.signbit(copied))
    if not same:
        array.resize(copied.shape, refcheck=False) if array.shape != copied.shape else None
        array[...] = copied


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
