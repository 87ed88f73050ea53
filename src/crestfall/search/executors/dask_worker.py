"""What runs on a Dask worker: a task, and the messages that reach it while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import crestfall
from crestfall.search.executors.executor import FoundT, Work
from crestfall.search.link import SearchLink

_ATTRIBUTE = "crestfall_searches"
_MOST_SEARCHES = 64


@dataclass
class Shared:
    """What a worker has been sent about a search.

    Attributes:
        best: Best value found anywhere.
        ended: Whether the search is over.
    """

    best: float = inf
    ended: bool = False


def version_here() -> str:
    """The version of crestfall in this process."""
    return crestfall.__version__


def require_version(version: str) -> None:
    """Raise a ``ValueError`` if this process has another version: it might find something else."""
    if version_here() != version:
        raise ValueError(
            f"a worker has crestfall {version_here()} and the search {version}; install one version everywhere"
        )


def compute(task: Work[FoundT], search: str, version: str) -> FoundT:
    """Run a task on a worker.

    Args:
        task: What to do.
        search: Name of the search, under which its messages arrive.
        version: Version of crestfall that asks; another one might find something else.

    Raises:
        ValueError: This worker has another version.
    """
    from distributed import get_worker

    require_version(version)
    shared = _shared(get_worker(), search)
    return task.run(SearchLink(stop=lambda: shared.ended, shared_best=lambda: shared.best), threads=1)


def receive(search: str, best: float, ended: bool, dask_worker: Any = None) -> None:
    """Receive a message about a search; Dask calls this on each worker, which it gives as ``dask_worker``."""
    shared = _shared(dask_worker, search)
    shared.best = min(shared.best, best)
    shared.ended = shared.ended or ended


def _shared(worker: Any, search: str) -> Shared:
    """What the worker has been sent about a search; it keeps that of the last few searches."""
    searches: dict[str, Shared] = worker.__dict__.setdefault(_ATTRIBUTE, {})
    shared = searches.setdefault(search, Shared())
    while len(searches) > _MOST_SEARCHES:
        searches.pop(next(iter(searches)), None)
    return shared
