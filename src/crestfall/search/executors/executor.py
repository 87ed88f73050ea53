"""The interface of executors, and of the work that they can do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from crestfall.search.link import SearchLink

FoundT = TypeVar("FoundT")
FoundT_co = TypeVar("FoundT_co", covariant=True)


class WorkersLostError(ConnectionError):
    """The workers cannot be reached any more; the message says in a few words what is lost."""


class Work(Protocol[FoundT_co]):
    """A task that any worker can run, at any time and more than once. It and its result can be pickled."""

    def run(self, link: SearchLink, threads: int | None = None) -> FoundT_co:
        """Run it.

        Args:
            link: To the search.
            threads: Threads that it may use; by default one for each core.
        """
        ...

    def without_deadline(self) -> Work[FoundT_co]:
        """The same task for a machine with another clock; a message ends it instead."""
        ...


class Executor(Protocol):
    """Runs the tasks of a round. It is a context: tasks may be run inside it."""

    @property
    def width(self) -> int:
        """Tasks that can run at the same time, as things are now; at least 1."""
        ...

    def run(self, tasks: Sequence[Work[FoundT]]) -> Iterator[tuple[int, FoundT]]:
        """Run the tasks of a round.

        Yields:
            Place of a task in the round and what it found, as they finish: in any order, each place once. All of them,
            unless the search has to stop; then what there is.

        Raises:
            WorkersLostError: The workers cannot be reached any more.
        """
        ...

    def share(self, value: float) -> None:
        """Let running tasks know the best value, if it can reach them: what cannot beat it need not be polished."""
        ...

    def __enter__(self) -> Executor: ...

    def __exit__(self, *error: object) -> None: ...
