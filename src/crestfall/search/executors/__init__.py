"""Executors run the tasks of a search: here, in other processes, on a GPU, on the workers of a cluster; one file each.

All have the interface of ``Executor``; the search does not know which one it has.
"""

from __future__ import annotations

from typing import Any

from crestfall.search.executors.executor import Executor, Work, WorkersLostError
from crestfall.search.executors.here import Here
from crestfall.search.executors.processes import Processes
from crestfall.search.link import SearchLink

__all__ = ["Executor", "Here", "Processes", "Work", "WorkersLostError", "executor_for"]


def executor_for(workers: int, client: Any, link: SearchLink) -> Executor:
    """The executor for a number of local processes, or for a Dask client if there is one.

    Args:
        workers: Processes; 1 computes here.
        client: ``distributed.Client``, or ``None``.
        link: To the search.
    """
    if client is not None:
        from crestfall.search.executors.dask_cluster import DaskCluster

        return DaskCluster(client, link.stop, link.report)
    return Here(link) if workers == 1 else Processes(workers, link.stop)
