"""Chains of descents, here, in processes of this machine, or on a Dask cluster: the answer is the same.

What a chain finds is a function of its seed and its start (see ``crestfall.engine.discrete.local_search``). Workers get
a chain, let it go on for a moment, and give it back; so the search can stop soon, on whatever machine.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Generator, Iterator
from concurrent.futures import CancelledError
from contextlib import closing
from math import inf
from time import perf_counter
from typing import Any, NamedTuple
from uuid import uuid4

from crestfall.engine.discrete.local_search import Chain
from crestfall.engine.discrete.sequences import Sequences
from crestfall.problem.arrays import IntArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.search.budget import Budget
from crestfall.search.executors.dask_worker import require_version, version_here
from crestfall.search.executors.executor import WorkersLostError
from crestfall.search.executors.processes import arriving, ignore_interrupts, parallel

Ends = list[tuple[IntArray, float]]
"""Sequences at the ends of descents, and their sampled heights."""

_POLL_S, _CALL_S = 0.01, 5.0
_MOMENT_S = 0.5
"""How long a worker goes on with a chain before it gives it back; it does so after a change of a symbol."""


class _Alphabet(NamedTuple):
    """What a worker builds its ``Sequences`` from; it keeps them until a task names others."""

    name: str
    version: str
    problem: Problem
    levels: int
    tones: Multisine
    memory: float


class Chains:
    """Runs chains of one alphabet.

    Args:
        sequences: The sequences to choose from.
        workers: Processes; 1 computes here.
        client: ``distributed.Client`` whose workers compute, or ``None``.
        budget: Asked every few milliseconds; once it is spent, a round ends with what there is.
    """

    def __init__(self, sequences: Sequences, workers: int, client: Any, budget: Budget) -> None:
        self._sequences, self._workers, self._client, self._budget = sequences, workers, client, budget
        self._alphabet = _Alphabet(
            uuid4().hex, version_here(), sequences.problem, sequences.levels, sequences.tones, sequences.memory
        )

    def advance(self, chains: list[Chain], counts: list[int]) -> Generator[Ends, None, None]:
        """Finish ``counts`` more descents of each chain; the chains in the list are replaced.

        Yields:
            What has been found, now and then, always in the order of the chains.

        Raises:
            WorkersLostError: The cluster cannot be reached any more.
        """
        if self._client is None and self._workers == 1:
            for place, count in enumerate(counts):
                for _ in range(count):
                    if self._budget.spent():
                        return
                    yield chains[place].advance(self._sequences, 1, self._budget.spent)
            return
        run = self._in_processes if self._client is None else self._on_cluster
        waiting: list[Ends] = [[] for _ in counts]
        left, current = list(counts), 0
        while any(left) and not self._budget.spent():
            tasks = [(place, chains[place], count) for place, count in enumerate(left) if count]
            with closing(run(tasks)) as results:
                for place, chains[place], ends in results:
                    left[place] -= len(ends)
                    waiting[place] += ends
                    yield waiting[current]
                    waiting[current] = []
                    while current < len(left) - 1 and not left[current]:
                        current += 1
                        yield waiting[current]
                        waiting[current] = []
        yield from waiting[current:]

    @property
    def _moment(self) -> float:
        left = self._budget.time_left
        return _MOMENT_S if left is None else min(_MOMENT_S, left)

    def _in_processes(self, tasks: list[tuple[int, Chain, int]]) -> Generator[tuple[int, Chain, Ends], None, None]:
        from joblib import delayed

        def asked_for() -> Iterator[Any]:
            for task in tasks:
                if self._budget.spent():
                    return
                yield delayed(_go_on)(self._alphabet, *task, self._moment, self._budget.time_left, os.getpid())

        with parallel(self._workers) as computing:
            yield from arriving(computing, asked_for(), self._budget.spent)

    def _on_cluster(self, tasks: list[tuple[int, Chain, int]]) -> Generator[tuple[int, Chain, Ends], None, None]:
        client, pending = self._client, []
        try:
            times = (self._moment, self._budget.time_left)
            pending = [client.submit(_go_on, self._alphabet, *task, *times, None, pure=False) for task in tasks]
            while pending and not self._budget.spent():
                done = [future for future in pending if future.done()]
                pending = [future for future in pending if future not in done]
                for future in done:
                    yield future.result(_CALL_S)
                if client.status != "running":
                    raise WorkersLostError("scheduler lost")
                if not done:
                    threading.Event().wait(_POLL_S)
        except (OSError, CancelledError, asyncio.CancelledError) as error:
            raise error if isinstance(error, WorkersLostError) else WorkersLostError("scheduler lost") from None
        except Exception as error:
            if type(error).__name__ == "KilledWorker":
                raise WorkersLostError("workers died again and again") from None
            raise
        finally:
            if pending and client.status == "running":
                client.cancel(pending)


_kept: dict[str, Sequences] = {}


def _go_on(
    alphabet: _Alphabet, place: int, chain: Chain, count: int, seconds: float, left: float | None, parent: int | None
) -> tuple[int, Chain, Ends]:
    """Advance a chain for a moment, in a worker, and no longer than there is time left."""
    if parent is not None:
        ignore_interrupts(parent)
    require_version(alphabet.version)
    sequences = _kept.get(alphabet.name)
    if sequences is None:
        _kept.clear()
        sequences = _kept[alphabet.name] = Sequences(*alphabet[2:])
    now = perf_counter()
    end, latest = now + seconds, inf if left is None else now + left
    ends = chain.advance(sequences, count, lambda: perf_counter() >= latest, lambda: perf_counter() >= end)
    return place, chain, ends
