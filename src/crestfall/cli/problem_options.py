"""The options of ``crestfall design`` that change the problem: each is a field of it, whatever the file says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from crestfall.cli.option_names import errors_naming_options
from crestfall.cli.shape_options import fixed_of
from crestfall.files.line_tables import tolerance_of, without_lines
from crestfall.files.reading import shown
from crestfall.problem.constraints import Alphabet
from crestfall.problem.movable_lines import MovableLines
from crestfall.problem.problem import Problem
from crestfall.problem.quantities import quantity
from crestfall.problem.times import Samples, Times, Window

_SPAN = re.compile(r"([^:]+):([^:]+)")


@dataclass(frozen=True)
class ProblemOptions:
    """What the command line says about the problem; ``None`` where it says nothing.

    Attributes:
        window: ``START:END``, in seconds or with units.
        samples: Samples of one period that count.
        points: The same, both ends of the period included.
        goal_rate: Samples per second that count, in Hz or with a unit.
        measure: Measure.
        alphabet: Number of allowed phases.
        tolerance_db: How far every amplitude may move, in dB.
        start_at_zero: Whether the period begins at a zero crossing.
        move_lines: How far tones may move: ``2`` (lines), ``0.5Hz`` or ``5%``.
        raster: Spacing of the lines to which they may move, in Hz or with a unit.
        fundamental: The fundamental that was given [Hz]: the raster, unless there is one.
        exclude: Where no tone moves to (see ``crestfall.files.lines_text``).
        fixed: A waveform that is added (see ``crestfall.cli.shape_options``).
    """

    window: str | None = None
    samples: int | None = None
    points: int | None = None
    goal_rate: str | None = None
    measure: str | None = None
    alphabet: int | None = None
    tolerance_db: str | None = None
    start_at_zero: bool = False
    move_lines: str | None = None
    raster: str | None = None
    fundamental: float | None = None
    exclude: Sequence[str] = ()
    fixed: str | None = None

    def applied_to(self, problem: Problem) -> Problem:
        """The problem with these fields.

        Raises:
            ValueError: One is out of range, or cannot be combined with the rest.

        Example:
            >>> from crestfall.problem.multisine import Multisine
            >>> ProblemOptions(window="0:0.5", measure="range").applied_to(Problem(Multisine([3.0, 7.1]))).figure
            'relative peak factor in the window, RMS over a long time'
        """
        with errors_naming_options():
            changes: dict[str, Any] = {}
            if self.times is not None:
                changes["over"] = self.times
            if self.measure is not None:
                changes["measure"] = self.measure
            if self.alphabet is not None:
                kept = [one for one in problem.phases if not isinstance(one, Alphabet)]
                changes["phases"] = [*kept, Alphabet(self.alphabet)]
            if self.tolerance_db is not None:
                changes["tolerance_db"] = quantity(self.tolerance_db, "dB", name="--tolerance-db")
            if self.start_at_zero:
                changes["start_at_zero"] = True
            if self.move_lines is not None or self.raster is not None:
                changes["lines"] = self._lines(problem)
            if self.fixed is not None:
                if problem.fixed is not None:
                    own = "shapes, whose mean is fixed" if problem.delay_steps is not None else "a fixed waveform"
                    raise ValueError(f"--fixed: the file has {own} already; change [fixed] there instead")
                changes["fixed"] = fixed_of(self.fixed, problem.multisine)
            return replace(problem, **changes) if changes else problem

    def _lines(self, problem: Problem) -> MovableLines:
        """The lines that may move, around those that were asked for first."""
        known = problem.lines
        raster = None if self.raster is None else quantity(self.raster, "Hz", name="--raster")
        if self.move_lines is None:
            if known is None:
                raise ValueError("--raster goes with --move-lines, such as --move-lines 2; give both")
            return replace(known, raster=raster)
        if raster is None and known is None:
            raster = self.fundamental
        said = MovableLines(**tolerance_of(self.move_lines, "--move-lines"), raster=raster)  # type: ignore[arg-type]
        if known is not None:
            raster = known.raster if raster is None else raster
            said = replace(said, excluded=known.excluded, around=known.around, raster=raster)
        rules = [rule for rule in self.exclude if rule.strip() != "sums"]
        return without_lines(said.resolved(problem.multisine), problem.multisine, rules)

    @cached_property
    def times(self) -> Times | None:
        """The times that count; ``None`` where nothing is said."""
        given = {
            "--window": self.window,
            "--samples": self.samples,
            "--points": self.points,
            "--goal-rate": self.goal_rate,
        }
        said = [name for name, value in given.items() if value is not None]
        if len(said) > 1:
            raise ValueError(f"{' and '.join(said)} each say which times count; give one of them")
        if self.window is not None:
            return window_of(self.window)
        if self.points is not None:
            if self.points < 2:
                raise ValueError(f"--points is {self.points}; give 2 or more, both ends of the period included")
            return Samples(self.points - 1)
        if self.goal_rate is not None:
            return Samples(rate=quantity(self.goal_rate, "Hz", name="--goal-rate"))
        return None if not said else Samples(self.samples)


def window_of(text: str) -> Window:
    """The window of the option ``--window``.

    Raises:
        ValueError: The text is not beginning and end in seconds, or the end is not after the beginning.

    Example:
        >>> window_of("0.5:2.5"), window_of("0:50 ms")
        (Window(start=0.5, duration=2.0), Window(start=0.0, duration=0.05))
    """
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"--window is {shown(text)}; give beginning and end in seconds, such as 0:0.05 or 0:50ms")
    start, end = (quantity(part, "s", name="--window") for part in match.groups())
    if not end > start:
        raise ValueError(f"--window is {shown(text)}; the end must come after the beginning")
    return Window(start, end - start)
