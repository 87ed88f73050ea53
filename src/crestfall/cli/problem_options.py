"""The options of ``crestfall design`` that change the problem: each is a field of it, whatever the file says."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any

import typer

from crestfall.cli import completion
from crestfall.cli.option_names import errors_naming_options
from crestfall.cli.shape_options import fixed_of
from crestfall.cli.tones import ToneOptions
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
    """What the command line says about the problem, besides its tones."""

    measure: Annotated[
        str | None,
        typer.Option(
            help="What is minimised: peak, range, one-sided, envelope, components (default: the file's).",
            autocompletion=completion.measure,
        ),
    ] = None
    window: Annotated[
        str | None,
        typer.Option(
            metavar="START:END", help="Only this window counts, such as 0:0.05 or 0:50ms; tones need no common period."
        ),
    ] = None
    samples: Annotated[
        int | None,
        typer.Option(help="Only this many samples of one period count."),
    ] = None
    points: Annotated[
        int | None,
        typer.Option(help="Only this many points of one period count, both ends included."),
    ] = None
    goal_rate: Annotated[
        str | None,
        typer.Option(
            help="Only samples at this rate count, such as 48kHz, not the true peak (the rate of files is --rate)."
        ),
    ] = None
    alphabet: Annotated[
        int | None,
        typer.Option(help="Allow only this many equally spaced phases: 2 for 0 and π, 4 for QPSK."),
    ] = None
    tolerance_db: Annotated[
        str | None,
        typer.Option(help="Let every amplitude move by this many dB, if that lowers the crest factor."),
    ] = None
    move_lines: Annotated[
        str | None,
        typer.Option(
            help="Let every tone move to another line, if that lowers the crest factor: by 2 lines, 0.5Hz or 5%."
        ),
    ] = None
    raster: Annotated[
        str | None,
        typer.Option(help="Spacing of the lines to which tones may move, such as 0.1Hz (default: the fundamental)."),
    ] = None
    start_at_zero: Annotated[
        bool,
        typer.Option("--start-at-zero", help="Begin and end the period at a zero crossing; the peak is the same."),
    ] = False

    def applied_to(self, problem: Problem, tones: ToneOptions) -> Problem:
        """The problem with these fields.

        Args:
            problem: The problem.
            tones: What is said about its tones: where none may move to, and a waveform to add.

        Raises:
            ValueError: One is out of range, or cannot be combined with the rest.

        Example:
            >>> from crestfall.problem.multisine import Multisine
            >>> given = ProblemOptions(window="0:0.5", measure="range")
            >>> given.applied_to(Problem(Multisine([3.0, 7.1])), ToneOptions()).figure
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
                changes["lines"] = self._lines(problem, tones)
            if tones.fixed is not None and not tones.shapes:  # shapes have theirs already
                if problem.fixed is not None:
                    own = "shapes, whose mean is fixed" if problem.delay_steps is not None else "a fixed waveform"
                    raise ValueError(f"--fixed: the file has {own} already; change [fixed] there instead")
                changes["fixed"] = fixed_of(tones.fixed, problem.multisine)
            return replace(problem, **changes) if changes else problem

    def _lines(self, problem: Problem, tones: ToneOptions) -> MovableLines:
        """The lines that may move, around those that were asked for first."""
        known = problem.lines
        raster = None if self.raster is None else quantity(self.raster, "Hz", name="--raster")
        if self.move_lines is None:
            if known is None:
                raise ValueError("--raster goes with --move-lines, such as --move-lines 2; give both")
            return replace(known, raster=raster)
        if raster is None and known is None:
            raster = tones.fundamental_hz
        said = MovableLines(**tolerance_of(self.move_lines, "--move-lines"), raster=raster)  # type: ignore[arg-type]
        if known is not None:
            raster = known.raster if raster is None else raster
            said = replace(said, excluded=known.excluded, around=known.around, raster=raster)
        rules = [rule for rule in tones.exclude if rule.strip() != "sums"]
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
