"""How many threads the linear algebra of a search may use.

Matrices of a few hundred rows are factorised in milliseconds. Several threads hardly speed that up, but on a machine
that has other work to do each of them waits for the others: factorising 300 rows then took 0.8 s instead of 4 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController

_FEW_TONES = 1024


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def blas_threads_for(n_tones: int) -> Iterator[None]:
    """One thread for the linear algebra inside, where the matrices are small; else as many as the library takes.

    Example:
        >>> with blas_threads_for(64):
        ...     pass
    """
    if n_tones > _FEW_TONES:
        yield
        return
    with _controller().limit(limits=1, user_api="blas"):
        yield
