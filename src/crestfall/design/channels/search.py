"""One search after the other within one budget: a time limit for all, and one Ctrl-C that ends all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from crestfall.design.channels.problem import SharedPhases
from crestfall.design.design import Design
from crestfall.search.budget import Budget, Progress, ProgressCallback
from crestfall.search.minimize_peak import minimize_peak

_AT_ONCE_S = 1e-3
_TOLD = "stopped by the progress callback"


def search_each(
    problems: Sequence[SharedPhases],
    labels: Sequence[str],
    seeds: Sequence[int],
    *,
    time_limit: float | None,
    progress: ProgressCallback | None,
    **options: Any,
) -> list[Design]:
    """The design of each problem.

    Args:
        problems: What to search, in order.
        labels: What to call them in progress reports.
        seeds: Seed of each.
        time_limit: Seconds for all together; what one leaves goes to those behind it.
        progress: Called as by ``minimize_peak``; ``StopIteration`` ends all of them.
        options: For ``minimize_peak``.
    """
    found: list[Design] = []
    with Budget(time_limit) as budget:
        for number, (problem, label, seed) in enumerate(zip(problems, labels, seeds, strict=True)):
            left = None if budget.time_left is None else budget.time_left / (len(problems) - number)
            if budget.spent():  # every channel gets phases, if only those of its first start
                left = _AT_ONCE_S
            design = minimize_peak(
                problem.multisine,
                outputs=problem.goal.outputs,
                measure=problem.goal.measure,
                seed=seed,
                time_limit=None if left is None else max(left, _AT_ONCE_S),
                progress=_told(budget, progress, label),
                **options,
            )
            if budget.reason is not None:  # the search itself only knows that it was told to stop
                design = replace(design, status=design.status.replace(_TOLD, budget.reason))
            found.append(design)
    return found


def _told(budget: Budget, progress: ProgressCallback | None, label: str) -> Callable[[Progress], None]:
    def tell(report: Progress) -> None:
        if budget.spent():
            raise StopIteration
        if progress is None:
            return
        stage = f"{label}: {report.stage}" if label else report.stage
        try:
            progress(replace(report, stage=stage, elapsed_s=budget.elapsed, time_left_s=budget.time_left))
        except StopIteration:
            budget.end(_TOLD)
            raise

    return tell
