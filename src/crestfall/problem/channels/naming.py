"""Names and limits of several inputs, checked."""

from __future__ import annotations

from collections.abc import Sequence

from crestfall.problem.arguments import finite_number, items


def input_names(names: Sequence[str] | None, count: int) -> tuple[str, ...]:
    """A name for each input; ``input 1``, ``input 2``, … where none are given.

    Raises:
        ValueError: There are more or fewer names than inputs, or two are the same.

    Example:
        >>> input_names(None, 2)
        ('input 1', 'input 2')
    """
    if names is None:
        return tuple(f"input {number + 1}" for number in range(count))
    found = items("channels: names", names, "a list with a name for each input")
    if len(found) != count:
        raise ValueError(f"channels: names is {names!r} for {count} inputs; give a list with one for each")
    for number, name in enumerate(found):
        if not isinstance(name, str):
            raise TypeError(f"channels: names[{number}] is {name!r}; give a text, such as 'force'")
    seen: set[str] = set()
    for name in found:
        if name in seen:
            raise ValueError(f"channels: two inputs are called {name!r}; give each a name of its own")
        seen.add(name)
    return found


def input_limits(limits: Sequence[float] | None, count: int) -> tuple[float, ...] | None:
    """The limit of each input, or ``None``.

    Raises:
        ValueError: There are more or fewer limits than inputs, or one is not a finite number above 0.
    """
    if limits is None:
        return None
    found = items("channels: limits", limits, "a list with a limit for each input")
    if len(found) != count:
        raise ValueError(f"channels: limits has {len(found)} entries for {count} inputs; give one for each")
    need = "a finite number above 0"
    return tuple(
        finite_number(f"channels: limits[{number}]", limit, need, above_zero=True) for number, limit in enumerate(found)
    )
