"""Tasks in this process, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf

from crestfall.search.executors.executor import FoundT, Work
from crestfall.search.link import SearchLink


class Here:
    """Runs tasks here.

    Args:
        link: To the search.
    """

    width = 1

    def __init__(self, link: SearchLink) -> None:
        self._link = replace(link, shared_best=lambda: self._best)
        self._best = inf

    def run(self, tasks: Sequence[Work[FoundT]]) -> Iterator[tuple[int, FoundT]]:
        """Run the tasks in their order."""
        for place, task in enumerate(tasks):
            if self._link.stop():
                return
            yield place, task.run(self._link)

    def share(self, value: float) -> None:
        """Share the best value with the tasks to come."""
        self._best = min(self._best, value)

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *error: object) -> None:
        return
