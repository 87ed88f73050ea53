"""Tasks in this process, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import inf

from crestfall.search.task import Found, Task, run_task


class Here:
    """Runs tasks here.

    Args:
        stop: Asked before every evaluation; ``True`` ends with what there is.
        progress: Called with what is being done.
    """

    width = 1

    def __init__(self, stop: Callable[[], bool], progress: Callable[[str], None]) -> None:
        self._stop, self._progress = stop, progress
        self._best = inf

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Found]]:
        """Run the tasks in their order."""
        for place, task in enumerate(tasks):
            if self._stop():
                return
            yield place, run_task(task, self._stop, self._progress, lambda: self._best)

    def share(self, value: float) -> None:
        """Share the best value with the tasks to come."""
        self._best = min(self._best, value)

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *error: object) -> None:
        return
