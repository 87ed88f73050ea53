"""A heat: a batch of starts runs the path together, and the slow ones drop out early.

The value at p = 10 already foretells the final order (see docs/engine.md) at a small part of the cost, so only the best
eighth goes on to p = 66, and the best quarter of those to the end.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from crestfall._types import FloatArray
from crestfall.solvers.continuation import Followable, follow

_CUTS = {1: 8, 2: 4}
"""Before stage 1 (p = 66) one start in eight goes on, and before stage 2 (p = 258) one in four of those."""

_SAME = 3e-5
"""Starts whose log p-norms differ by less have come to the same design, up to symmetries and the solver's tolerance."""

_BATCH_SAMPLES = 2**16
_MAX_BATCH = 256


def heat_size(problem: Followable) -> int:
    """Starts that run together: as many as share the overhead well and end in a second or two."""
    return int(np.clip(_BATCH_SAMPLES // problem.samples_at(problem.path[0]), 1, _MAX_BATCH))


def run_heat(
    problem: Followable,
    starts: FloatArray,
    stop: Callable[[], bool],
    tell: Callable[[str], None] | None = None,
) -> list[FloatArray]:
    """Variables [rad] that come of the starts ``(batch, m)``: of those that reach the end, or of the best there is.

    Args:
        problem: The tones and the goal.
        starts: ``(batch, m)`` variables [rad].
        stop: Asked before every evaluation; ``True`` ends with what there is.
        tell: Hears the name of each stage before it begins.
    """
    phases = starts
    for number, stage in enumerate(problem.path):
        if stop():
            break
        if tell is not None:
            tell(f"p = {stage.exponent}")
        phases, values = follow(problem, phases, (stage,), stop)
        survivors = -(-phases.shape[0] // _CUTS.get(number + 1, 1))
        if survivors < phases.shape[0] and not stop():
            phases = phases[_distinct(values, survivors)]
    if stop():
        return [phases[int(np.argmin(problem.sampled_peaks(phases)))]]
    return list(phases)


def _distinct(values: FloatArray, count: int) -> list[int]:
    """Indices of the lowest values, at most ``count``, no two of which are the same.

    With few tones hundreds of starts end at a handful of designs. The lowest p-norm need not lead to the lowest peak,
    so the copies must not crowd out the others.
    """
    chosen: list[int] = []
    for index in np.argsort(values, kind="stable"):
        if not chosen or values[index] - values[chosen[-1]] > _SAME:
            chosen.append(int(index))
            if len(chosen) == count:
                break
    return chosen
