"""Live progress of a search on a terminal; silence everywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar

from crestfall.search import Progress
from crestfall.search.budget import ProgressCallback


@contextmanager
def live_progress(quiet: bool) -> Iterator[ProgressCallback | None]:
    """A callback that draws best crest factor, starts done and time left; ``None`` when nobody watches."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(report: Progress) -> None:
            total, done = _fraction(report)
            bar.update(task, description=describe(report), total=total, completed=done)

        yield show


def describe(report: Progress) -> str:
    """One line about a search.

    Example:
        >>> describe(Progress(1.4123, 64, 128, 0.5, None, "p = 66"))
        'best crest factor 1.4123, 64 of 128 starts, p = 66, Ctrl-C keeps the best'
    """
    starts = f"{report.starts_done} starts" if report.starts_total is None else f"{report.starts_done} of "
    if report.starts_total is not None:
        starts += f"{report.starts_total} starts"
    left = "" if report.time_left_s is None else f", {report.time_left_s:.0f} s left"
    return f"best crest factor {report.best_crest_factor:.4f}, {starts}, {report.stage}{left}, Ctrl-C keeps the best"


def _fraction(report: Progress) -> tuple[float | None, float]:
    if report.starts_total is not None:
        return float(report.starts_total), float(report.starts_done)
    if report.time_left_s is not None:
        return report.elapsed_s + report.time_left_s, report.elapsed_s
    return None, 0.0
