"""Designs and bounds of the atlas, for searches to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crestfall.problem.arrays import FloatArray
from crestfall.problem.problem import Problem

if TYPE_CHECKING:
    from crestfall.atlas import ProvedPeak


class Known(NamedTuple):
    """A design of the atlas, for the tones that were asked for.

    Attributes:
        phases: ``(n,)`` phases [rad].
        date: When it was found.
        proven: Whether it is the global optimum to 0.1 %.
    """

    phases: FloatArray
    date: str
    proven: bool


def known_design(problem: Problem) -> Known | None:
    """The atlas's design for the true peak over free phases, if it has one; over samples it is a start.

    Where amplitudes may move, too, it is that of the amplitudes that were asked for: a start, and no worse an answer.
    """
    periodic = problem.is_over_period or problem.samples is not None
    plain = periodic and problem.measure == "peak" and not problem.outputs and not problem.phases
    if not plain or problem.fixed is not None or problem.channels is not None or problem.start_at_zero:
        return None
    from crestfall.atlas import find  # the atlas stands above the search, as all that keeps designs

    found = find(problem.multisine)
    if found is None:
        return None
    entry, phases = found
    more = np.zeros(problem.tones.n - problem.multisine.n)  # extra tones begin with phase 0
    return Known(np.append(phases, more), entry.date, entry.proven)


def known_peak(problem: Problem) -> ProvedPeak | None:
    """The peak that the atlas has proved to be one that no phases can beat, for the true peak over free phases."""
    if not problem.is_only_true_peak:
        return None
    from crestfall.atlas import proved_for  # above the search, too

    return proved_for(problem.tones)
