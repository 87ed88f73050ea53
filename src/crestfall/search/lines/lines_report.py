"""Reports about a problem whose lines may move: the best of all sets of lines that have been searched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from crestfall.problem.multisine import Multisine
from crestfall.search.budget import Budget, Progress


class LinesReport:
    """The best by now, whichever lines are being searched.

    Args:
        budget: The budget of all searches together.
        whole: What makes a report about a problem of several inputs of one about this part.
    """

    def __init__(self, budget: Budget, whole: Callable[[Progress], Progress] | None) -> None:
        self._budget, self._whole = budget, whole
        self._best: Progress | None = None
        self._starts = 0

    def about(self, tones: Multisine) -> Callable[[Progress], Progress]:
        """What turns a report about the search of these tones into one about the best of all."""
        before = self._starts

        def report(one: Progress) -> Progress:
            self._starts = before + one.starts_done
            if self._best is None or one.best < self._best.best:
                self._best = replace(one, best_frequencies=tones.frequencies)
            best = replace(
                self._best,
                stage=one.stage,
                starts_done=self._starts,
                starts_total=None,
                elapsed_s=one.elapsed_s,
                time_left_s=self._budget.time_left,
            )
            return best if self._whole is None else self._whole(best)

        return report
