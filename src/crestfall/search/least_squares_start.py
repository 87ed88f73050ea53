"""The first answer: L2p from Schroeder's phases, which takes a few hundredths of a second for few tones."""

from __future__ import annotations

from crestfall.engine.closed_form import schroeder
from crestfall.problem.arrays import FloatArray
from crestfall.search.methods.l2p import l2p
from crestfall.search.methods.published import Kept
from crestfall.search.run import Run

_MOST_TONES = 150
_FAIR_AMOUNT = 0.03
"""A certificate takes as long as ten steps of few tones, and the whole path a few hundredths of a second."""


def least_squares_start(run: Run) -> FloatArray | None:
    """The phases ``(n,)`` [rad] that L2p comes to from Schroeder's, whose steps are offered as they come.

    Args:
        run: Where what is found goes, and what says when to stop.

    Returns:
        The best phases, or ``None`` where this is not what is asked, or where it would take long.
    """
    problem, ms = run.problem, run.problem.ms
    ordinary = problem.problem.is_only_true_peak and not ms.is_narrow_band and not ms.has_repeated_frequencies
    if not ordinary or problem.is_sparse or ms.n > _MOST_TONES or run.spent():
        return None
    kept = Kept(run, _FAIR_AMOUNT)
    for step in l2p(ms, schroeder(ms)):
        kept.offer(step)
        if run.spent():
            break
    kept.next_start()
    return run.best
