"""``--scheduler``: a Dask cluster for a command, and one line when it cannot be reached or is lost."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from crestfall.problem.extras import imported

_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://\S+:\d+/?\S*")
_CONNECT_S = 10.0
HELP = "Compute on the workers of a Dask scheduler, for instance tcp://10.0.0.1:8786, not in processes here."


@contextmanager
def cluster_client(scheduler: str | None) -> Iterator[Any]:
    """A ``distributed.Client`` of the scheduler at this address; ``None`` without an address.

    Raises:
        ImportError: Dask is not installed.
        ValueError: This is not an address.
        ConnectionError: No scheduler answers there.
    """
    if scheduler is None:
        yield None
        return
    if not _ADDRESS.fullmatch(scheduler):
        raise ValueError(f"--scheduler is {scheduler!r}; give an address such as tcp://10.0.0.1:8786")
    distributed = imported("distributed", "cluster")
    # What Dask logs of a lost connection fills pages; we say it in one line.
    logging.disable(logging.CRITICAL)
    try:
        client = _connected(distributed, scheduler)
        try:
            yield client
        finally:
            client.close(timeout=1.0 if is_lost(client) else _CONNECT_S)
    finally:
        logging.disable(logging.NOTSET)


def _connected(distributed: Any, scheduler: str) -> Any:
    try:
        return distributed.Client(scheduler, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise ConnectionError(
            f"--scheduler {scheduler}: no Dask scheduler answers there ({reason}); start one with: dask scheduler"
        ) from None


def is_lost(client: Any) -> bool:
    """Whether a client has lost its scheduler."""
    return client is not None and client.status != "running"


def lost(scheduler: str | None) -> ConnectionError:
    """The error for a lost scheduler."""
    return ConnectionError(f"--scheduler {scheduler}: the scheduler is lost; what was found until then is kept")
