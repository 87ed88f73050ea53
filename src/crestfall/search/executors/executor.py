"""The interface of executors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from crestfall.search.task import Found, Task


class WorkersLostError(ConnectionError):
    """The workers cannot be reached any more; the message says in a few words what is lost."""


class Executor(Protocol):
    """Runs the tasks of a round. It is a context: tasks may be run inside it."""

    @property
    def width(self) -> int:
        """Tasks that can run at the same time, as things are now; at least 1."""
        ...

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Found]]:
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
