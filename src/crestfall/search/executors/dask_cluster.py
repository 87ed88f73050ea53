"""Tasks on the workers of a Dask cluster.

Dask finds a worker for each task and runs it again if that worker dies. What is added here: what takes far longer than
the rest is also given to another worker, and the first result counts (tasks are pure); running tasks receive the best
value so far and the end of the search; and when the scheduler is lost, the search ends with what it has.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from math import inf
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any
from uuid import uuid4

import crestfall
from crestfall.search.executors.dask_client import require_client
from crestfall.search.executors.dask_worker import compute, receive
from crestfall.search.executors.executor import FoundT, Work, WorkersLostError

_POLL_S = 0.05
_CALL_S = 5.0
"""Longest to wait for the error of a task that has failed."""
_SLOW_S = 1.0
"""If the scheduler takes longer than this to answer [s], the wait is reported as progress."""
_FETCH_S = 2.0
"""Longest that a worker may take to return what it has found."""
_GRACE_S = 1.0
"""Longest to wait for what running tasks have when the search is to stop."""
_PATIENCE, _PATIENCE_S = 2.0, 1.0
"""A task is late at twice the longest time of its round so far, and this long [s] at least."""


@dataclass(frozen=True, eq=False)
class _Attempt:
    """A task that was given to the cluster.

    Attributes:
        number: Number of its round.
        place: Place in the round.
        future: Dask's handle.
        since: When it was given away.
    """

    number: int
    place: int
    future: Any
    since: float


class DaskCluster:
    """Runs tasks on the workers of a client, however many there are from moment to moment.

    Args:
        client: A ``distributed.Client`` that is connected and not asynchronous.
        stop: Asked often; ``True`` ends a round with what there is.
        progress: Called with what is being done.

    Raises:
        ImportError: Dask is not installed.
        ValueError: The client is something else.
        WorkersLostError: It is closed, or its scheduler is lost.
    """

    def __init__(self, client: Any, stop: Callable[[], bool], progress: Callable[[str], None]) -> None:
        require_client(client)
        self._client, self._stop, self._progress = client, stop, progress
        self._search = uuid4().hex
        self._number = -1
        self._count = count()  # of all attempts: what is tried again is another one for Dask
        self._tasks: Sequence[Work[Any]] = ()
        self._finished: SimpleQueue[_Attempt] = SimpleQueue()
        self._pending: dict[int, list[_Attempt]] = {}
        self._slow: dict[_Attempt, str] = {}
        self._longest: float | None = None
        self._shared = self._sent = inf
        self._messenger: threading.Thread | None = None

    def __enter__(self) -> DaskCluster:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pending or self._slow:
            self._end_running_tasks()
        self._pending, self._slow = {}, {}

    @property
    def width(self) -> int:
        """Threads of all workers, or 1 while there are none."""
        return max(1, sum(self._threads().values()))

    def share(self, value: float) -> None:
        """Send it to the running tasks, one message after the other: what comes too late only saves less."""
        self._shared = min(self._shared, value)
        self._send_shared()

    def run(self, tasks: Sequence[Work[FoundT]]) -> Iterator[tuple[int, FoundT]]:
        """Run the tasks, results as they finish."""
        self._number += 1
        self._tasks, self._longest = tasks, None
        # Clocks of machines differ: tasks get no deadline here, and are ended by a message.
        self._pending = {place: [] for place in range(len(tasks))}
        trusted = self._trusted()
        for place in self._pending:
            self._give(place, trusted)
        while self._pending and not self._stop():
            yield from self._results(_POLL_S)
            self._overtake_the_late()
            self._send_shared()
            if self._pending:  # the progress callback may end the search
                self._progress(f"{len(self._pending)} tasks on the cluster")
        if self._pending:
            self._end_running_tasks()
            end = monotonic() + _GRACE_S
            while self._pending and monotonic() < end:
                yield from self._results(_POLL_S)

    # ------------------------------------------------------------------ giving and taking

    def _give(self, place: int, workers: list[str] | None) -> None:
        """Give a task to the cluster, or to some of its workers (or any, should those be gone)."""
        task = self._tasks[place].without_deadline()
        key = ("crestfall-" + self._search, self._number, place, next(self._count))
        where = {} if workers is None else {"workers": workers, "allow_other_workers": True}
        future = self._client.submit(
            compute, task, self._search, crestfall.__version__, key=key, pure=False, retries=0, **where
        )
        attempt = _Attempt(self._number, place, future, monotonic())
        self._pending[place].append(attempt)
        future.add_done_callback(lambda _: self._finished.put(attempt))

    def _results(self, seconds: float) -> Iterator[tuple[int, Any]]:
        """What has finished, after a wait of at most some seconds."""
        self._require_connection()
        done = self._next_finished(seconds)
        wanted = {attempt.place: attempt for attempt in done if attempt in self._pending.get(attempt.place, ())}
        for attempt in done:
            self._slow.pop(attempt, None)  # late, but alive
        fetched = self._fetch([attempt for attempt in wanted.values() if self._has_succeeded(attempt)])
        for attempt in wanted.values():
            found = fetched.get(attempt.place)
            if found is None:  # lost with its worker, or that worker does not answer: another one does it again
                self._pending[attempt.place].remove(attempt)
                self._give(attempt.place, self._trusted(without=self._holders(attempt)))
                continue
            took = monotonic() - attempt.since
            self._longest = took if self._longest is None else max(self._longest, took)
            del self._pending[attempt.place]
            yield attempt.place, found

    def _next_finished(self, seconds: float) -> list[_Attempt]:
        done = []
        with suppress(Empty):
            done.append(self._finished.get(timeout=seconds))
            while True:
                done.append(self._finished.get_nowait())
        return [attempt for attempt in done if attempt.number == self._number or attempt in self._slow]

    def _has_succeeded(self, attempt: _Attempt) -> bool:
        if attempt.future.status == "error":
            error = attempt.future.exception(timeout=_CALL_S)
            if type(error).__name__ == "KilledWorker":
                raise WorkersLostError("workers died again and again")
            raise error
        self._require_connection()
        return bool(attempt.future.status == "finished")

    def _fetch(self, attempts: list[_Attempt]) -> dict[int, Any]:
        """What tasks have found, by place, in one message; without those that a worker does not return."""
        if not attempts:
            return {}
        futures = [attempt.future for attempt in attempts]
        waiting = asyncio.run_coroutine_threadsafe(
            self._client.gather(futures, asynchronous=True), self._client.loop.asyncio_loop
        )
        try:
            found = waiting.result(_FETCH_S)
            return {attempt.place: each for attempt, each in zip(attempts, found, strict=True)}
        except TimeoutError:
            waiting.cancel()
        except (OSError, CancelledError, asyncio.CancelledError):
            self._require_connection()
        if len(attempts) == 1:
            return {}
        return {place: each for attempt in attempts for place, each in self._fetch([attempt]).items()}

    # ------------------------------------------------------------------ slow workers

    def _overtake_the_late(self) -> None:
        """Give what takes far longer than the rest to others, too, once these have nothing else to do."""
        if self._longest is None or not self._pending:
            return
        patience = max(_PATIENCE_S, _PATIENCE * self._longest)
        last = {attempts[-1].future.key: attempts[-1] for attempts in self._pending.values() if attempts}
        late = {key: attempt for key, attempt in last.items() if monotonic() - attempt.since > patience}
        if not late:
            return
        busy: Mapping[str, Sequence[str]] = self._ask(self._client.processing, {})
        running = {key: worker for worker, keys in busy.items() for key in keys if key in late}
        slow = {*running.values(), *self._slow.values()}
        threads = {worker: number for worker, number in self._threads().items() if worker not in slow}
        idle = sum(max(0, number - len(busy.get(worker, ()))) for worker, number in threads.items())
        for key in sorted(running)[:idle]:
            self._slow[late[key]] = running[key]
            self._give(late[key].place, list(threads))

    def _trusted(self, without: Sequence[str] = ()) -> list[str] | None:
        """Workers that are not late with a task of long ago; ``None`` for all of them, those to come included."""
        doubted = {*self._slow.values(), *without}
        if not doubted:
            return None
        trusted = [worker for worker in self._threads() if worker not in doubted]
        return trusted or None

    def _holders(self, attempt: _Attempt) -> list[str]:
        """The workers that have the result of a task."""
        return list(self._ask(lambda: self._client.who_has([attempt.future]), {}).get(attempt.future.key, ()))

    # ------------------------------------------------------------------ the scheduler

    def _threads(self) -> dict[str, int]:
        """Number of threads of each worker; waits until there is one, or until the search has to stop."""
        while not (threads := self._ask(self._client.nthreads, {})) and not self._stop():
            self._progress("waiting for workers")
            threading.Event().wait(_POLL_S)
        return dict(threads)

    def _ask(self, question: Callable[[], Any], otherwise: Any) -> Any:
        """The scheduler's answer to a question, or ``otherwise`` if the search has to stop before it comes.

        Another thread waits for it: a scheduler that hangs must not hold up the time limit or Ctrl-C.
        """
        self._require_connection()
        answers: SimpleQueue[Any] = SimpleQueue()

        def ask() -> None:
            try:
                answers.put((question(), None))
            except BaseException as error:
                answers.put((None, error))

        threading.Thread(target=ask, daemon=True).start()
        since = monotonic()
        while True:
            with suppress(Empty):
                answer, error = answers.get(timeout=_POLL_S)
                break
            self._require_connection()
            if self._stop():
                return otherwise
            if monotonic() - since > _SLOW_S:
                self._progress("waiting for the scheduler")  # which may end the search, too
        if isinstance(error, OSError):
            raise WorkersLostError("scheduler lost") from None
        if error is not None:
            raise error
        return answer

    def _require_connection(self) -> None:
        if self._client.status != "running":
            raise WorkersLostError("scheduler lost")

    def _send_shared(self) -> None:
        """Send all workers what has not been sent yet, unless the last message is still on its way."""
        on_its_way = self._messenger is not None and self._messenger.is_alive()
        if self._shared < self._sent and self._pending and not on_its_way:
            self._sent = self._shared
            self._messenger = self._send(ended=False)

    def _end_running_tasks(self) -> None:
        if self._client.status == "running":
            self._send(ended=True).join(_POLL_S)

    def _send(self, *, ended: bool) -> threading.Thread:
        """Send a message in a thread of its own: a worker that hangs would hold up the search."""

        def send() -> None:
            with suppress(Exception):  # messages only save time
                self._client.run(receive, self._search, self._shared, ended, on_error="ignore")

        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        return thread
