"""Tasks in processes of this machine, or in whatever joblib is configured to use.

joblib keeps a registry of backends. ``with joblib.parallel_config(backend=…)`` around a search sends its tasks to the
backend of that name: threads, Ray (after ``ray.util.joblib.register_ray()``), Dask, or one of your own.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from math import inf
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from crestfall.search.executors.executor import FoundT, Work, WorkersLostError
from crestfall.search.link import SearchLink

_POLL_S = 0.05
_GRACE_S = 10.0
"""Longest time to wait for running tasks when the search is to stop [s]; at the time limit they end by themselves."""


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

    def run(self, tasks: Sequence[Work[FoundT]]) -> Iterator[tuple[int, FoundT]]:
        """Run the tasks, results as they finish (with backends that cannot do that, when all are done).

        Raises:
            WorkersLostError: A process has ended that should not have.
        """
        from joblib import delayed

        def asked_for() -> Iterator[Any]:
            for place, task in enumerate(tasks):
                if self._stop():
                    return
                yield delayed(_run_in_worker)(place, task, os.getpid())

        yield from arriving(self._parallel, asked_for(), self._stop)

    def share(self, value: float) -> None:
        """Nothing: nothing reaches these processes while they compute."""

    def __enter__(self) -> Processes:
        self._parallel = parallel(self._workers)
        self._parallel.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._parallel.__exit__(None, None, None)


def parallel(workers: int) -> Any:
    """joblib's ``Parallel``, with results as they finish where its backend can do that."""
    from joblib import Parallel

    # No task is submitted before a worker is free for it: after Ctrl-C there is one task to wait for, not two.
    options: dict[str, Any] = {"n_jobs": workers, "pre_dispatch": "n_jobs"}
    try:
        return Parallel(return_as="generator_unordered", **options)
    except ValueError:  # a backend that returns everything at once, such as Ray's
        return Parallel(**options)


def arriving(computing: Any, tasks: Iterable[Any], stop: Callable[[], bool]) -> Iterator[Any]:
    """What tasks return, as they finish; once the search has to stop, only what arrives within ``_GRACE_S``.

    Another thread waits for it: a process that is stopped or swapped out must not hold up the time limit or Ctrl-C.
    Leaving the context of ``computing`` ends the processes.

    Args:
        computing: What ``parallel`` returns, inside its context.
        tasks: Its tasks.
        stop: Whether the search has to stop; called often.

    Raises:
        WorkersLostError: A process has ended that should not have.
    """
    arrived: SimpleQueue[Any] = SimpleQueue()
    try:
        with _interrupts_held():
            results = computing(tasks)
        threading.Thread(target=_forward, args=(results, arrived), daemon=True).start()
        end = inf
        while monotonic() < end:
            try:
                kind, result = arrived.get(timeout=_POLL_S)
            except Empty:
                if end == inf and stop():
                    end = monotonic() + _GRACE_S
                continue
            if kind == "end":
                return
            if kind == "error":
                raise result
            yield result
    except BrokenExecutor:
        raise WorkersLostError("a worker process has died, perhaps for lack of memory") from None


def _forward(results: Iterable[Any], arrived: SimpleQueue[Any]) -> None:
    """Put each result into a queue, and then how it ended."""
    try:
        for result in results:
            arrived.put(("result", result))
        arrived.put(("end", None))
    except BaseException as error:
        arrived.put(("error", error))


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let Ctrl-C wait until the processes are started: they inherit that it is held, so that it cannot kill them."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ignore_interrupts(parent: int) -> None:
    """Leave Ctrl-C to the parent process: called in a worker, which may be the parent itself."""
    if os.getpid() != parent and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run_in_worker(place: int, task: Work[FoundT], parent: int) -> tuple[int, FoundT]:
    ignore_interrupts(parent)
    return place, task.run(SearchLink(), threads=1)
