"""What a visitor has in front of them: the text of a problem file, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from crestfall.design.design import Design, Provenance
from crestfall.engine.closed_form import schroeder
from crestfall.files.goal_record import goal_to_data
from crestfall.files.problem_toml import ProblemFile, parse_text
from crestfall.files.reading import refusing
from crestfall.problem.goal import Goal
from crestfall.problem.multisine import Multisine
from crestfall.studio.limits import Limits
from crestfall.studio.problem_text import to_toml


@dataclass(frozen=True)
class Draft:
    """A problem that was understood.

    Attributes:
        text: A problem file (see ``crestfall.files.problem_toml``): what forms, links and searches pass on.
        data: Its tables.
        problem: What it asks for.
    """

    text: str
    data: dict[str, Any]
    problem: ProblemFile

    @classmethod
    def of_text(cls, text: str, limits: Limits) -> Draft:
        """The draft of a text.

        Raises:
            ValueError: It is no problem, or one beyond the limits; the message names the line.

        Example:
            >>> Draft.of_text('[tones]\\nharmonics = "1:31"\\nfundamental_hz = 10.0', Limits()).sentence
            '31 tones, 10 to 310 Hz, period 100 ms'
        """
        tables: dict[str, Any] = {}

        def check(data: dict[str, Any]) -> None:
            tables.update(data)
            _require_one_period_of_one_signal(data)
            limits.require_modest(data)

        with refusing():
            limits.require_short(text)
            problem = parse_text(text, check)
            assert isinstance(problem, ProblemFile)  # the others were refused
            limits.require_fit(problem)
        return cls(text, tables, problem)

    @classmethod
    def of_data(cls, data: dict[str, Any], limits: Limits) -> Draft:
        """The draft of the tables of a problem file."""
        return cls.of_text(to_toml(data), limits)

    @classmethod
    def of_multisine(cls, ms: Multisine, limits: Limits, goal: Goal | None = None) -> Draft:
        """The draft that asks for these tones, and for the goal of a saved design."""
        equal = np.ptp(ms.amplitudes) == 0.0
        amplitudes = ms.amplitudes[0].item() if equal else ms.amplitudes.tolist()
        tones: dict[str, Any] = {"frequencies_hz": ms.frequencies.tolist(), "amplitudes": amplitudes}
        if ms.initial_phases is not None:
            tones["phases_rad"] = ms.initial_phases.tolist()
        if ms.complex:
            tones["complex"] = True
        data: dict[str, Any] = {"tones": tones}
        if goal is not None and goal.freedom is None:
            stored = goal_to_data(goal, ms)
            if goal.measure != "peak":
                data["goal"] = {"measure": goal.measure}
            data |= {key: stored[key] for key in ("outputs", "constraints") if stored[key]}
        return cls.of_data(data, limits)

    @property
    def multisine(self) -> Multisine:
        """The tones."""
        return self.problem.multisine

    @property
    def sentence(self) -> str:
        """What is asked for, in one line."""
        ms, goal, problem = self.multisine, self.problem.goal, self.problem
        low, high = float(min(ms.frequencies)), float(max(ms.frequencies))
        kind = "complex tone" if ms.complex else "tone"
        span = with_unit(low, "Hz") if low == high else span_of(low, high)
        parts = [f"{ms.n} {kind}{'s' * (ms.n > 1)}, {span}, period {with_unit(ms.period, 's')}"]
        if goal.outputs:
            parts.append("limits on " + ", ".join(output.name for output in goal.outputs))
        if goal.constraints:
            kinds = [str(table.get("kind")) for table in self.data.get("constraints", [])]
            parts.append("phases: " + ", ".join(kinds))
        if goal.measure != "peak":
            parts.append(f"lowers the {goal.measure}")
        if problem.sample_rate is not None or problem.n_points is not None:
            parts.append("samples count, not what is between them")
        if problem.alphabet is not None:
            parts.append(f"{problem.alphabet} allowed phases")
        if problem.tolerance_db is not None:
            parts.append("amplitudes may move")
        if problem.extra is not None:
            parts.append(f"{np.size(problem.extra.frequencies)} extra tones")
        return "; ".join(parts)

    def present(self) -> Design:
        """The signal as it is before any search: with the phases that came with the tones, else Schroeder's."""
        ms = self.multisine
        given = ms.initial_phases
        phases, method = (schroeder(ms), "Schroeder's phases") if given is None else (given, "phases as given")
        return Design.of(ms, phases, provenance=Provenance(method), goal=self.problem.goal)


def _require_one_period_of_one_signal(data: dict[str, Any]) -> None:
    goal = data.get("goal")
    if isinstance(goal, dict) and "window_s" in goal:
        raise ValueError("goal.window_s: a window that is no period is for the command line, crestfall design")
    for name in ("channels", "inputs"):
        if name in data:
            raise ValueError(f"{name}: several inputs at once are for the command line, crestfall design")


_PREFIXES = {12: "T", 9: "G", 6: "M", 3: "k", 0: "", -3: "m", -6: "µ", -9: "n", -12: "p"}


def with_unit(value: float, unit: str) -> str:
    """A value with the prefix that reads best.

    Example:
        >>> with_unit(312500.0, "Hz"), with_unit(3.2e-6, "s"), with_unit(-26.0, "Hz"), with_unit(0.0, "Hz")
        ('312.5 kHz', '3.2 µs', '-26 Hz', '0 Hz')
    """
    for power, prefix in _PREFIXES.items():
        if abs(value) >= 10.0**power:
            return f"{value / 10.0**power:.6g} {prefix}{unit}"
    return f"{value:.6g} {unit}"


def span_of(low: float, high: float) -> str:
    """Two frequencies, the unit only once where it is the same.

    Example:
        >>> span_of(10.0, 310.0), span_of(1.0, 9999.0)
        ('10 to 310 Hz', '1 Hz to 9.999 kHz')
    """
    first, unit = with_unit(low, "Hz").rsplit(" ", 1)
    last = with_unit(high, "Hz")
    return f"{first} to {last}" if last.endswith(f" {unit}") else f"{first} {unit} to {last}"
