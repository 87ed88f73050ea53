"""What runs on a Dask worker: a task, and the news that reach it while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import crestfall
from crestfall.search.task import Found, Task, run_task

_BOARD = "crestfall_news"
_MOST_SEARCHES = 64


@dataclass
class News:
    """What a worker has been told about a search.

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


def compute(task: Task, search: str, version: str) -> Found:
    """Run a task on a worker.

    Args:
        task: What to do.
        search: Name of the search, under which its news arrive.
        version: Version of crestfall that asks; another one might find something else.

    Raises:
        ValueError: This worker has another version.
    """
    from distributed import get_worker

    require_version(version)
    news = _news(get_worker(), search)
    return run_task(task, lambda: news.ended, shared_best=lambda: news.best, threads=1)


def pin(search: str, best: float, ended: bool, dask_worker: Any = None) -> None:
    """Tell a worker; Dask calls this on each one and gives it as ``dask_worker``."""
    news = _news(dask_worker, search)
    news.best = min(news.best, best)
    news.ended = news.ended or ended


def _news(worker: Any, search: str) -> News:
    """The worker's news about a search; it keeps those of the last few searches."""
    board: dict[str, News] = worker.__dict__.setdefault(_BOARD, {})
    news = board.setdefault(search, News())
    while len(board) > _MOST_SEARCHES:
        board.pop(next(iter(board)), None)
    return news
