"""What a running task asks of its search, and what it tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from crestfall.problem.arrays import FloatArray


def _nothing(*_: object) -> None:
    return


def _never() -> bool:
    return False


def _unknown() -> float:
    return inf


@dataclass(frozen=True)
class SearchLink:
    """The functions through which a task and its search know of each other.

    Attributes:
        stop: Asked before every evaluation; ``True`` ends with what there is.
        report: Called with what is being done.
        shared_best: Best value that is known to the search by now.
        offer: Called with the value and the variables ``(m,)`` [rad] of whatever may be the best so far, at once.

    Example:
        >>> alone = SearchLink()
        >>> alone.stop(), alone.shared_best()
        (False, inf)
    """

    stop: Callable[[], bool] = _never
    report: Callable[[str], None] = _nothing
    shared_best: Callable[[], float] = _unknown
    offer: Callable[[float, FloatArray], object] = _nothing
