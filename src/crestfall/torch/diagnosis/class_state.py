"""The attributes of a user's class, such as counters kept there, as they were."""

from __future__ import annotations

from typing import Any


class ClassState:
    """What is needed to put the attributes of a class back.

    Args:
        owner: The class.

    Example:
        >>> class Settings:
        ...     calls = 0
        >>> state = ClassState(Settings)
        >>> Settings.calls += 1
        >>> state.restore()
        >>> Settings.calls
        0
    """

    def __init__(self, owner: type) -> None:
        self.owner = owner
        self.attributes = dict(vars(owner))

    def restore(self) -> None:
        """Put every attribute back that was changed, added or removed."""
        present: dict[str, Any] = dict(vars(self.owner))
        for name in present.keys() - self.attributes.keys():
            delattr(self.owner, name)
        for name, value in self.attributes.items():
            if name not in present or present[name] is not value:
                setattr(self.owner, name, value)
