"""Tasks on a device that needs many starts at once: all tasks of a round run as one batch, eliminated task by task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import inf

import numpy as np

from crestfall.search.task import Found, Task, run_tasks


class Device:
    """Runs tasks where PyTorch computes their paths.

    Args:
        most: Starts that there is memory for at once.
        stop: Asked before every evaluation; ``True`` ends with what there is.
        progress: Called with what is being done.
    """

    width = 1

    def __init__(self, most: int, stop: Callable[[], bool], progress: Callable[[str], None]) -> None:
        self._most, self._stop, self._progress = most, stop, progress
        self._best = inf

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Found]]:
        """Run the tasks in their order, as many in one batch as there is memory for their starts."""
        place = 0
        while place < len(tasks) and not self._stop():
            starts = np.cumsum([task.proposal.count for task in tasks[place:]])
            count = max(1, int(np.searchsorted(starts, self._most, "right")))
            together = tasks[place : place + count]
            yield from enumerate(run_tasks(together, self._stop, self._progress, lambda: self._best), start=place)
            place += count

    def share(self, value: float) -> None:
        """Share the best value with the tasks that are still to be polished."""
        self._best = min(self._best, value)

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *error: object) -> None:
        return
