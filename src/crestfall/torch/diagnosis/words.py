"""Names and numbers in a sentence."""

from __future__ import annotations

from collections.abc import Iterable


def listed(names: Iterable[str], most: int = 4) -> str:
    """Names in a sentence, the first few of many.

    Args:
        names: The names.
        most: How many are spelled out.

    Example:
        >>> listed(["a", "b", "c"], most=2)
        'a, b and 1 more'
    """
    every = list(names)
    if len(every) <= most:
        return ", ".join(every)
    return f"{', '.join(every[:most])} and {len(every) - most} more"


def counted(number: int, one: str, many: str = "") -> str:
    """A number and what it counts.

    Args:
        number: How many.
        one: The word for one.
        many: The word for several, if it is not the same with an ``s``.

    Example:
        >>> counted(1, "step"), counted(2000, "step"), counted(0, "pass", "passes")
        ('1 step', '2,000 steps', '0 passes')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
