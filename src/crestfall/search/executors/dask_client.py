"""A client of a Dask cluster, checked before a search relies on it."""

from __future__ import annotations

from typing import Any

from crestfall.problem.extras import imported
from crestfall.search.executors.executor import WorkersLostError


def require_client(client: Any) -> None:
    """Raise unless this is a client whose workers can compute.

    Raises:
        ImportError: Dask is not installed.
        ValueError: It is something else, or asynchronous.
        WorkersLostError: It is closed, or its scheduler is lost.
    """
    distributed = imported("distributed", "cluster")
    if not isinstance(client, distributed.Client):
        raise ValueError(f"client is {client!r}; give a distributed.Client, or workers for processes of this machine")
    if client.asynchronous:
        raise ValueError("client is asynchronous; give a distributed.Client(..., asynchronous=False)")
    if client.status != "running":
        raise WorkersLostError(f"client is {client.status}; connect a new distributed.Client to a scheduler")
