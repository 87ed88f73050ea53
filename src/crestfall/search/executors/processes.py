"""Tasks in processes of this machine, or in whatever joblib is configured to use.

joblib keeps a registry of backends. ``with joblib.parallel_config(backend=…)`` around a search sends its tasks to the
backend of that name: threads, Ray (after ``ray.util.joblib.register_ray()``), Dask, or one of your own.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from crestfall.search.task import Found, Task, run_task


class Processes:
    """Runs tasks in processes that joblib keeps.

    Args:
        workers: How many.
        stop: Asked before a task is given away; ``True`` gives away no more.
    """

    def __init__(self, workers: int, stop: Callable[[], bool]) -> None:
        self._workers, self._stop = workers, stop
        self._parallel: Any = None

    @property
    def width(self) -> int:
        """The number of processes."""
        return self._workers

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Found]]:
        """Run the tasks, results as they finish (with backends that cannot do that, when all are done)."""
        from joblib import delayed

        def asked_for() -> Iterator[Any]:
            for place, task in enumerate(tasks):
                if self._stop():
                    return
                yield delayed(_run_in_worker)(place, task, os.getpid())

        yield from self._parallel(asked_for())

    def share(self, value: float) -> None:
        """Nothing: nothing reaches these processes while they compute."""

    def __enter__(self) -> Processes:
        from joblib import Parallel

        # No task is given away before a worker is free for it: after Ctrl-C there is one task to wait for, not two.
        options: dict[str, Any] = {"n_jobs": self._workers, "pre_dispatch": "n_jobs"}
        try:
            self._parallel = Parallel(return_as="generator_unordered", **options)
        except ValueError:  # a backend that returns everything at once, such as Ray's
            self._parallel = Parallel(**options)
        self._parallel.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._parallel.__exit__(None, None, None)


def _run_in_worker(place: int, task: Task, asking: int) -> tuple[int, Found]:
    """``run_task`` in a process of its own, where Ctrl-C is the business of the process that asks."""
    if os.getpid() != asking and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return place, run_task(task, lambda: False, threads=1)
