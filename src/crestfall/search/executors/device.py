"""Tasks on a device that needs many starts at once: all tasks of a round run as one batch, eliminated task by task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf

import numpy as np

from crestfall.search.link import SearchLink
from crestfall.search.task import Found, Task, run_tasks


class Device:
    """Runs tasks where PyTorch computes their paths.

    Args:
        most: Starts that there is memory for at once.
        link: To the search.
    """

    width = 1

    def __init__(self, most: int, link: SearchLink) -> None:
        self._most, self._link = most, replace(link, shared_best=lambda: self._best)
        self._best = inf

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Found]]:
        """Run the tasks in their order, as many in one batch as there is memory for their starts."""
        place = 0
        while place < len(tasks) and not self._link.stop():
            starts = np.cumsum([task.proposal.count for task in tasks[place:]])
            count = max(1, int(np.searchsorted(starts, self._most, "right")))
            # One batch begins with one exponent; tasks that begin alike stand next to each other.
            alike = [task for task in tasks[place:] if task.first_stage == tasks[place].first_stage]
            together = alike[:count]
            yield from enumerate(run_tasks(together, self._link), start=place)
            place += len(together)

    def share(self, value: float) -> None:
        """Share the best value with the tasks that are still to be polished."""
        self._best = min(self._best, value)

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *error: object) -> None:
        return
