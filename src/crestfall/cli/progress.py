"""Live progress of a search on a terminal; silence everywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

from crestfall.cli.braille import Canvas
from crestfall.problem.readable import readable_figure
from crestfall.search import Progress
from crestfall.search.budget import ProgressCallback

_COLUMNS, _ROWS, _LABEL = 60, 5, 8
_NARROWEST = 40
_CURVE_AFTER_S = 1.0
_HIGHEST = 1.05
"""The curve leaves out what is more than this factor above the best: a search begins far up."""


@contextmanager
def live_progress(quiet: bool) -> Iterator[ProgressCallback | None]:
    """A callback that draws the best figure of merit, starts done and time left; ``None`` outside a terminal."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    unicode = console.encoding.startswith("utf")
    spinner = SpinnerColumn("dots" if unicode else "line")
    bar = Bar(spinner, TextColumn("{task.description}"), BarColumn(), console=console)
    task = bar.add_task("starting", total=None)
    curve = Curve(min(_COLUMNS, console.width - _LABEL - 2))
    # A terminal that does not know the characters of the curve, or is too narrow for it, gets the bar alone.
    drawable = unicode and console.width >= _NARROWEST

    def drawn() -> RenderableType:
        parts: list[RenderableType] = [bar, Text("Ctrl-C keeps the best", style="dim")]
        if drawable and curve.is_informative:
            parts.insert(0, Text("\n".join(curve.lines())))
        return Group(*parts)

    with Live(get_renderable=drawn, console=console, transient=True, refresh_per_second=8):

        def show(report: Progress) -> None:
            total, done = _fraction(report)
            curve.add(report.elapsed_s, report.best)
            bar.update(task, description=describe(report), total=total, completed=done)

        yield show


class Curve:
    """The best figure of merit against time, as a staircase that falls.

    Args:
        columns: Its width in characters, without the scale.

    Example:
        >>> curve = Curve()
        >>> for seconds, best in ((0.0, 1.5), (1.0, 1.41), (2.0, 1.40), (4.0, 1.39)):
        ...     curve.add(seconds, best)
        >>> curve.is_informative, [line.split()[0] for line in curve.lines()][0], curve.lines()[-1].split()
        (True, '1.4100', ['0', '4.0', 's'])
    """

    def __init__(self, columns: int = _COLUMNS) -> None:
        self._width = columns
        self._steps: list[tuple[float, float]] = []
        self._now = 0.0

    def add(self, seconds: float, best: float) -> None:
        """Show the best at a time [s]."""
        self._now = max(self._now, seconds)
        if not self._steps or best < self._steps[-1][1]:
            self._steps.append((seconds, best))

    @property
    def is_informative(self) -> bool:
        """Whether it took long enough, and fell."""
        return self._now >= _CURVE_AFTER_S and len(self._steps) > 1 and self._steps[-1][1] > 0.0

    def lines(self) -> list[str]:
        """The picture, the scale on the left and the time below."""
        lowest = self._steps[-1][1]
        near = [best for _, best in self._steps if best <= _HIGHEST * lowest]
        highest = max(near) if len(near) > 1 else _HIGHEST * lowest
        canvas = Canvas(self._width, _ROWS)
        before = None
        for column, best in enumerate(self._columns(canvas.width)):
            if best is None or best > highest:
                continue
            dot = round((best - lowest) / (highest - lowest) * (canvas.height - 1))
            canvas.span(column, dot, dot if before is None else before)
            before = dot
        labels = [f"{highest:.4f}", *[""] * (_ROWS - 2), f"{lowest:.4f}"]
        rows = [f"{label:>{_LABEL}} {dots}" for label, dots in zip(labels, canvas.lines(), strict=True)]
        end = f"{self._now:.1f} s"
        return [*rows, f"{'':{_LABEL}} 0{end:>{self._width - 1}}"]

    def _columns(self, count: int) -> list[float | None]:
        """The best by the end of each column."""
        values: list[float | None] = []
        best, rest = None, list(reversed(self._steps))
        for column in range(count):
            while rest and rest[-1][0] <= self._now * (column + 1) / count:
                best = rest.pop()[1]
            values.append(best)
        return values


def describe(report: Progress) -> str:
    """One line about a search.

    Example:
        >>> describe(Progress(1.4123, 64, 128, 0.5, None, "p = 66"))
        'best crest factor 1.4123, 64 of 128 starts, p = 66'
    """
    planned = "" if report.starts_total is None else f" of {report.starts_total}"
    stage = "" if report.stage == "starts" else f", {report.stage}"
    left = "" if report.time_left_s is None else f", {report.time_left_s:.0f} s left"
    return f"best {report.figure} {readable_figure(report.best)}, {report.starts_done}{planned} starts{stage}{left}"


def _fraction(report: Progress) -> tuple[float | None, float]:
    if report.starts_total is not None:
        return float(report.starts_total), float(report.starts_done)
    if report.time_left_s is not None:
        return report.elapsed_s + report.time_left_s, report.elapsed_s
    return None, 0.0
