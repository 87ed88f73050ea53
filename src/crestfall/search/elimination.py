"""A batch of starts follows the path together, and the poor ones are eliminated early.

The value at p = 10 already foretells the final order (see docs/engine.md) at a small part of the cost, so only the best
eighth goes on from there, and the best quarter of those from p = 66.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from crestfall.engine.solvers.continuation import Followable, follow
from crestfall.problem.arrays import Array, BoolArray, FloatArray, IntArray
from crestfall.signal.backend import to_host

_LATE_CUT = 16
"""Of a batch that begins with p = 66, one start in so many goes on from there."""

_SAME = 3e-5
"""Starts whose log p-norms differ by less have come to the same design, up to symmetries and the solver's tolerance."""

_BATCH_SAMPLES = 2**16
_MAX_BATCH = 256


def batch_size(problem: Followable, most: int = _MAX_BATCH) -> int:
    """Starts that run together: as many as share the overhead well and end in a second or two.

    Args:
        problem: The problem.
        most: Starts that there is memory for.
    """
    return int(np.clip(_BATCH_SAMPLES // problem.samples_at(problem.path[0]), 1, min(most, _MAX_BATCH)))


def largest_task(problem: Followable) -> int:
    """Starts that a search may run together: a batch, or all of a short round."""
    batch = batch_size(problem)
    return max(batch, min(4 * batch, 31))


def run_batches(
    problem: Followable,
    starts: Array,
    sizes: Sequence[int],
    stop: Callable[[], bool],
    progress: Callable[[str], None] | None = None,
    *,
    first_stage: int = 0,
    arrived: Callable[[Array], None] | None = None,
) -> list[list[Array]]:
    """Follow the path from several batches of starts, computed as one; starts compete within their batch only.

    Args:
        problem: The problem.
        starts: ``(batch, m)`` variables [rad] of all batches, one batch after the other, NumPy's or a device's.
        sizes: Starts of each batch.
        stop: Asked before every evaluation; ``True`` ends with what there is.
        progress: Called with the name of each stage before it begins.
        first_stage: Number of the stage with which to begin; those that were left out cut no start.
        arrived: Called with the variables ``(m,)`` of the best start after each stage but the last.

    Returns:
        For each batch the variables [rad] that reached the end, or the best there is where it was stopped.
    """
    phases, owner = starts, np.repeat(np.arange(len(sizes)), sizes)
    values: Array | None = None
    for number, stage in enumerate(problem.path[first_stage:], start=first_stage):
        if stop():
            break
        if progress is not None:
            progress(f"p = {stage.exponent}")
        phases, values = follow(problem, phases, (stage,), stop)
        if arrived is not None and values is not None and number + 1 < len(problem.path):
            arrived(phases[int(np.argmin(to_host(values)))])
        cut = stage.cut if first_stage == 0 else _LATE_CUT if number == first_stage else 1
        if cut > 1 and values is not None and len(phases) > len(sizes) and not stop():
            chosen = np.concatenate([_best_of(to_host(values), owner == k, cut) for k in range(len(sizes))])
            phases, values, owner = phases[chosen], values[chosen], owner[chosen]
    if stop() and len(phases) > len(sizes):
        last = to_host(problem.sampled_values(phases) if values is None else values)
        members = [np.flatnonzero(owner == k) for k in range(len(sizes))]
        chosen = np.array([rows[np.argmin(last[rows])] for rows in members])
        phases, owner = phases[chosen], owner[chosen]
    return [[phases[row] for row in np.flatnonzero(owner == k)] for k in range(len(sizes))]


def _best_of(values: FloatArray, members: BoolArray, cut: int) -> IntArray:
    """Rows of the members of a batch that go on: one in ``cut``, rounded up."""
    rows = np.flatnonzero(members)
    return rows[_distinct(values[rows], -(-len(rows) // cut))]


def _distinct(values: FloatArray, count: int) -> list[int]:
    """Indices of the lowest values, at most ``count``, no two of which are the same.

    With few tones hundreds of starts end at a handful of designs. The lowest p-norm need not lead to the lowest peak,
    so the copies must not displace the others.
    """
    chosen: list[int] = []
    for index in np.argsort(values, kind="stable"):
        if not chosen or values[index] - values[chosen[-1]] > _SAME:
            chosen.append(int(index))
            if len(chosen) == count:
                break
    return chosen
