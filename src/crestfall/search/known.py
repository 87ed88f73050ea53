"""Designs of the atlas, for searches to begin with."""

from __future__ import annotations

from typing import NamedTuple

from crestfall.problem.arrays import FloatArray
from crestfall.problem.problem import Problem


class Known(NamedTuple):
    """A design of the atlas, for the tones that were asked for.

    Attributes:
        phases: ``(n,)`` phases [rad].
        date: When it was found.
        proven: Whether it is the global optimum to 0.1 %.
        lower_bound: Crest factor that no phases can beat.
    """

    phases: FloatArray
    date: str
    proven: bool
    lower_bound: float


def known_design(problem: Problem) -> Known | None:
    """The atlas's design for a problem, if it has one: for the true peak over free phases alone."""
    if not problem.is_only_true_peak or problem.start_at_zero:
        return None
    from crestfall.atlas import find  # the atlas stands above the search, as all that keeps designs

    found = find(problem.tones)
    if found is None:
        return None
    entry, phases = found
    return Known(phases, entry.date, entry.proven, entry.lower_bound)
