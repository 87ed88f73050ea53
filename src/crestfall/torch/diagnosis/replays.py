"""Iterators that give the same items again, wherever the user's functions keep them."""

from __future__ import annotations

import itertools
from typing import Any

from crestfall.torch.diagnosis.references import is_own_object


class Replay:
    """An iterator that can be wound back to where it was, such as that of a loader.

    Args:
        iterator: The user's.

    Example:
        >>> replay = Replay(iter("abc"))
        >>> next(replay), next(replay)
        ('a', 'b')
        >>> replay.next = 0
        >>> next(replay)
        'a'
    """

    def __init__(self, iterator: Any) -> None:
        self.iterator = iterator
        self.seen: list[Any] = []
        self.next = 0

    def __iter__(self) -> Replay:
        return self

    def __next__(self) -> Any:
        if self.next == len(self.seen):
            self.seen.append(next(self.iterator))
        self.next += 1
        return self.seen[self.next - 1]

    def __getattr__(self, name: str) -> Any:
        if name == "iterator":  # not set yet
            raise AttributeError(name)
        return getattr(self.iterator, name)

    def released(self) -> Any:
        """What the user gets back: the same iterator, with whatever was taken from it put in front."""
        return itertools.chain(self.seen, self.iterator) if self.seen else self.iterator


def is_iterator(value: Any) -> bool:
    """Whether a value can only be gone through once, and keeps its place out of reach.

    Args:
        value: Any.
    """
    if isinstance(value, type):  # such as itertools.chain, which has the methods of its instances
        return False
    if is_own_object(value):  # its place is among its attributes
        return False
    return hasattr(type(value), "__next__") and hasattr(type(value), "__iter__") and not hasattr(value, "read")
