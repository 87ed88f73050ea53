"""The problem that a visitor edits: the text of a problem file, and what it means."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tomli_w

from crestfall.design.design import Design
from crestfall.files import problem_from_data, problem_to_text
from crestfall.files.problem_data import problems_of_bands
from crestfall.files.problem_toml import naming_lines, parsed
from crestfall.files.quantity_texts import with_numbers
from crestfall.files.reading import refusing
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.problem.readable import readable
from crestfall.problem.times import Samples
from crestfall.problem.undersampling import note_undersampling
from crestfall.studio.limits import Limits
from crestfall.studio.playback_in_text import text_with_playback
from crestfall.studio.present import present_design


@dataclass(frozen=True)
class Draft:
    """A valid problem and its text.

    Attributes:
        text: A problem file (see ``crestfall.files``): what forms, links and searches pass on.
        data: Its tables.
        problem: What it asks for; of several bands the first.
        parts: Drafts of the bands, where it asks for several.
    """

    text: str
    data: dict[str, Any]
    problem: Problem
    parts: tuple[Draft, ...] = ()

    @classmethod
    def of_text(cls, text: str, limits: Limits) -> Draft:
        """The draft of a text.

        Raises:
            ValueError: It is not a problem, or one beyond the limits; the message names the line.

        Example:
            >>> Draft.of_text('[tones]\\nharmonics = "1:31"\\nfundamental_hz = 10.0', Limits()).sentence
            '31 tones, 10 to 310 Hz, period 100 ms'
        """
        tables: dict[str, Any] = {}

        def check(data: dict[str, Any]) -> None:
            tables.update(data)
            limits.require_small(data)

        with refusing():
            limits.require_short(text)
            problems = _in_words_of_the_page(lambda: _problems(text, check))
            for problem in problems:
                limits.require_fit(problem)
        for problem in problems:
            note_undersampling(problem)
        if len(problems) == 1:
            return cls(text, tables, problems[0])
        said = {key: tables[key] for key in ("playback",) if key in tables}
        parts = tuple(cls._of_band(problem, said, limits) for problem in problems)
        return cls(text, tables, problems[0], parts)

    @classmethod
    def _of_band(cls, problem: Problem, said: dict[str, Any], limits: Limits) -> Draft:
        """One of several bands, with what the text says of all of them."""
        return cls.of_data({**cls.of_problem(problem, limits).data, **said}, limits)

    @classmethod
    def of_data(cls, data: dict[str, Any], limits: Limits) -> Draft:
        """The draft of the tables of a problem file."""
        return cls.of_text(text_of_tables(data), limits)

    @classmethod
    def of_problem(cls, problem: Problem, limits: Limits) -> Draft:
        """The draft that asks for this problem, with the phases that its tones come with.

        Raises:
            ValueError: The problem is beyond the limits, or a file cannot say it.
        """
        limits.require_fit(problem)
        return cls.of_text(problem_to_text(problem), limits)

    def with_playback(self, playback: dict[str, Any]) -> Draft:
        """The same problem with another table ``[playback]``; without one if it is empty."""
        data = {key: value for key, value in self.data.items() if key != "playback"}
        data |= {"playback": playback} if playback else {}
        text = text_with_playback(self.text, playback)
        if not _says(text, data):  # its table was written in a form that is not recognised
            text = text_of_tables(data)
        return replace(self, text=text, data=data, parts=tuple(one.with_playback(playback) for one in self.parts))

    def asks_the_same(self, other: Draft | None) -> bool:
        """Whether another draft is about the same problem, whatever is played of it."""
        return other is not None and _asked(self.data) == _asked(other.data)

    @property
    def multisine(self) -> Multisine:
        """The tones; of several bands those of the first."""
        return self.problem.multisine

    @property
    def tones(self) -> list[tuple[float, float, float | None]]:
        """Frequency [Hz], amplitude and phase [rad], if it is given, of every tone of every band."""
        found: list[tuple[float, float, float | None]] = []
        for ms in (part.multisine for part in self.parts or (self,)):
            given = [None] * ms.n if ms.initial_phases is None else ms.initial_phases.tolist()
            found += zip(ms.frequencies.tolist(), ms.amplitudes.tolist(), given, strict=True)
        return found

    @property
    def sentence(self) -> str:
        """What is asked for, in one line."""
        if self.parts:
            spans = [_span(part.problem) for part in self.parts]
            return f"{len(spans)} bands: {'; '.join(spans)}"
        return "; ".join([_tones(self.problem), *_conditions(self.problem, self.data)])

    def present(self) -> Design:
        """The signal as it is before any search."""
        return present_design(self.problem)


def _asked(data: dict[str, Any]) -> dict[str, Any]:
    """The tables of a problem without what is played."""
    return {key: value for key, value in data.items() if key != "playback"}


def _says(text: str, data: dict[str, Any]) -> bool:
    """Whether a text holds these tables."""
    try:
        return with_numbers(parsed(text)) == data
    except ValueError:
        return False


def _problems(text: str, check: Callable[[dict[str, Any]], object]) -> list[Problem]:
    """The problem of a text, or that of each of its bands."""
    tables = parsed(text)
    with naming_lines(text):
        tables = with_numbers(tables)
        check(tables)
        return problems_of_bands(tables) or [problem_from_data(tables)]


_ADVICE = (
    "round them to a common raster first, such as np.round(frequencies / raster) * raster, or say how long they are"
)
_OURS = "add a line such as raster_hz = 0.1 to [tones] under Text, or say under Times that count how long they are"


def _in_words_of_the_page(make: Callable[[], list[Problem]]) -> list[Problem]:
    """Advice in code becomes advice about the fields of the page."""
    try:
        return make()
    except ValueError as error:
        ours = str(error).replace(_ADVICE, _OURS).replace("played: over=Window(0.0, duration)", "played, such as 0:0.5")
        raise ValueError(ours).with_traceback(error.__traceback__) from None


def text_of_tables(data: dict[str, Any]) -> str:
    """The text of a problem file that holds these tables.

    Example:
        >>> print(text_of_tables({"tones": {"frequencies_hz": [1.0, 2.0]}, "goal": {"measure": "range"}}).strip())
        [tones]
        frequencies_hz = [1.0, 2.0]
        <BLANKLINE>
        [goal]
        measure = "range"
    """
    return _COLUMN.sub(_as_row, tomli_w.dumps(data))  # whose strings have no line breaks that could look like a list's


_COLUMN = re.compile(r"\[\n((?: {4}-?[0-9][^\n]*,\n)+)\]")
_LONGEST_ROW = 100


def _as_row(column: re.Match[str]) -> str:
    """A list of numbers in one line, if it is short, instead of one a line."""
    row = ", ".join(value.strip().rstrip(",") for value in column[1].splitlines())
    return f"[{row}]" if len(row) <= _LONGEST_ROW else column[0]


def _tones(problem: Problem) -> str:
    """Tones and the times that count."""
    window = problem.window
    if window is None:
        times = f"period {readable(problem.tones.period, 's', 6)}"
    else:
        times = f"window {span_of(window.start, window.end, 's')}"
    return f"{_span(problem)}, {times}"


def _span(problem: Problem) -> str:
    """How many tones, and where."""
    ms = problem.own_tones
    low, high = float(min(ms.frequencies)), float(max(ms.frequencies))
    kind = "complex tone" if ms.complex else "tone"
    span = readable(low, "Hz", 6) if low == high else span_of(low, high, "Hz")
    return f"{ms.n} {kind}{'s' * (ms.n > 1)}, {span}"


def _conditions(problem: Problem, data: dict[str, Any]) -> list[str]:
    """What is asked for besides the tones."""
    found = []
    if (channels := problem.channels) is not None:
        experiments = f" in {channels.experiments} experiments" if channels.experiments > 1 else ""
        found.append(f"{channels.count} {channels.kind} inputs{experiments}")
    if problem.outputs:
        found.append("limits on " + ", ".join(dict.fromkeys(output.name for output in problem.outputs)))
    if problem.constraints:
        kinds = [str(table.get("kind")) for table in data.get("constraints", []) if isinstance(table, dict)]
        kinds += [str(table.get("kind")) for table in data.get("shapes", []) if isinstance(table, dict)]
        found.append("phases: " + ", ".join(kinds) if "shapes" not in data else "delays of " + ", ".join(kinds))
    if problem.fixed is not None and "shapes" not in data:
        found.append("a fixed waveform is added")
    if problem.measure != "peak":
        found.append(f"lowers the {'larger of I and Q' if problem.is_about_components else problem.measure}")
    if isinstance(problem.over, Samples) and problem.held_samples is None:
        found.append("only samples count")
    if problem.alphabet is not None:
        found.append(f"{problem.alphabet} allowed phases")
    if problem.tolerance_db is not None:
        found.append("amplitudes may move")
    if problem.extra is not None:
        found.append(f"{np.size(problem.extra.frequencies)} of the tones are extra")
    if problem.start_at_zero:
        found.append("starts at zero")
    if problem.lines is not None:
        found.append(f"lines may move by {problem.lines.tolerance}")
    return found


def span_of(low: float, high: float, unit: str) -> str:
    """Two values, the unit only once where it is the same.

    Example:
        >>> span_of(10.0, 310.0, "Hz"), span_of(1.0, 9999.0, "Hz"), span_of(0.0, 0.05, "s")
        ('10 to 310 Hz', '1 Hz to 9.999 kHz', '0 to 50 ms')
    """
    first, prefixed = readable(low, unit, 6).rsplit(" ", 1)
    last = readable(high, unit, 6)
    return f"{first} to {last}" if low == 0.0 or last.endswith(f" {prefixed}") else f"{first} {prefixed} to {last}"
