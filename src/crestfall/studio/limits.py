"""Limits on what one visitor may ask for, so that a shared machine stays usable."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crestfall.files.reading import shown
from crestfall.problem.problem import Problem
from crestfall.problem.quantities import number_and_unit
from crestfall.problem.readable import readable
from crestfall.problem.times import Samples
from crestfall.signal.synthesis import band_numbers
from crestfall.signal.window_signal import cycles

_HIGHEST = 2**20
_MOST_STEPS = 2**24
_SAMPLES = 64
"""Samples that count for each oscillation that may be."""


@dataclass(frozen=True)
class Limits:
    """Limits on problems and searches; a problem beyond them is an error before anything large is allocated.

    Attributes:
        tones: Most tones of a problem.
        band: Most oscillations of the fastest tone in a period: what samples and memory grow with.
        cycles: The same in a window, where each costs more.
        signals: Most signals that must be small: inputs times experiments times outputs.
        levels: Most phases of an alphabet.
        seconds: Longest search [s].
        text_bytes: Longest problem file, pasted text or link, unpacked.
        upload_bytes: Largest file that is taken.
        runs: Most searches at one time, of all windows together.
        memory_bytes: Most memory of one search.
        windows: Most windows at one time.

    Example:
        >>> Limits(tones=10).require_small({"tones": {"harmonics": "1:11"}})
        Traceback (most recent call last):
        ValueError: tones.harmonics: 11 tones are more than the 10 that this studio takes; ...
    """

    tones: int = 4096
    band: int = 2**19
    cycles: int = 2**16
    signals: int = 256
    levels: int = 256
    seconds: float = 600.0
    text_bytes: int = 2**19
    upload_bytes: int = 2**23
    runs: int = field(default_factory=lambda: max(2, os.cpu_count() or 1))
    memory_bytes: int = 2**32
    windows: int = 32

    def require_short(self, text: str) -> None:
        """Raise a ``ValueError`` if a text is too long to be read."""
        if len(text) > self.text_bytes:
            raise ValueError(f"the text has {len(text)} characters; at most {self.text_bytes} are read")

    def require_small(self, data: dict[str, Any]) -> None:
        """Raise a ``ValueError`` if short tables would make a large problem: ``harmonics = "1:9999999"``.

        Values of the wrong type pass; the reader of problem files reports them.
        """
        total = 0
        for name, table in [("tones", data.get("tones")), *_tables(data, "extra"), *_tables(data, "inputs")]:
            if not isinstance(table, dict):
                continue
            harmonics = table.get("harmonics")
            if isinstance(harmonics, str):
                total += _count(harmonics)
                self._require_tones(total, f"{name}.harmonics")
            rule, fundamental = table.get("frequencies_hz"), table.get("fundamental_hz", 1.0)
            if isinstance(rule, str) and isinstance(fundamental, int | float):
                self._require_tones(total + _count_of_rule(rule, float(fundamental)), f"{name}.frequencies_hz")
            for key in ("frequencies_hz", "harmonics"):
                if isinstance(table.get(key), list):
                    total += len(table[key])
                    self._require_tones(total, f"{name}.{key}")
        for name in ("inputs", "outputs", "shapes"):
            self._require_few(len(_tables(data, name)), name)
        channels, goal = data.get("channels"), data.get("goal")
        if isinstance(channels, dict):
            inputs = channels.get("inputs")
            self._require_few(len(inputs) if isinstance(inputs, list) else inputs, "channels.inputs")
        if isinstance(goal, dict):
            self._require_goal(goal)

    def _require_goal(self, goal: dict[str, Any]) -> None:
        most = {"alphabet": self.levels, "points": _SAMPLES * self.band, "samples": _SAMPLES * self.band}
        for key, value in most.items():
            if isinstance(goal.get(key), int) and goal[key] > value:
                raise ValueError(f"goal.{key} is {goal[key]}; this studio takes {value} at most")

    def require_fit(self, problem: Problem) -> None:
        """Raise a ``ValueError`` if there are too many tones or signals, or the times that count are too long."""
        ms, window = problem.tones, problem.window
        self._require_tones(ms.n, "tones")
        if window is not None:
            band = max(cycles(tones, window) for tones in (ms, problem.computed_tones))
            what, most = f"a window of {readable(window.duration, 's', 4)}", self.cycles
        else:
            numbers = band_numbers(ms.as_complex() if ms.is_narrow_band else problem.computed_tones)
            band = float(np.max(np.abs(numbers)))
            what, most = f"a period of {readable(ms.period, 's', 4)}", self.band
        if band > most:
            raise ValueError(
                f"tones: the fastest makes {band:.0f} oscillations in {what}, more than the {most} that this "
                f"studio takes; use a {'coarser raster' if window is None else 'shorter window'}, or the command line"
            )
        if isinstance(problem.over, Samples) and not problem.over.count(ms) <= _SAMPLES * self.band:
            raise ValueError(
                f"goal: {problem.over.count(ms)} samples of a period count; this studio takes up to "
                f"{_SAMPLES * self.band}"
            )
        channels = problem.channels
        drives = 1 if channels is None else channels.count * channels.experiments
        signals = drives * max(1, len(problem.outputs))
        if signals > self.signals:
            raise ValueError(
                f"channels: {signals} signals are more than the {self.signals} that this studio takes; give fewer "
                "inputs or outputs, or use the command line"
            )
        if problem.alphabet is not None and problem.alphabet > self.levels:
            raise ValueError(f"goal.alphabet is {problem.alphabet}; this studio takes {self.levels} at most")

    def _require_tones(self, count: int, name: str) -> None:
        if count > self.tones:
            raise ValueError(
                f"{name}: {count} tones are more than the {self.tones} that this studio takes; the command line takes "
                "more"
            )

    def _require_few(self, count: object, name: str) -> None:
        if isinstance(count, int) and count > self.signals:
            raise ValueError(f"{name}: {count} are more than the {self.signals} that this studio takes")


def _tables(data: dict[str, Any], name: str) -> list[tuple[str, Any]]:
    tables = data.get(name)
    return [(f"{name}[{number}]", table) for number, table in enumerate(tables)] if isinstance(tables, list) else []


def _count_of_rule(rule: str, fundamental: float) -> int:
    """Upper bound of the number of tones of frequencies in words (see ``files.lines_text``), without making them."""
    total = 0
    for part in rule.split(","):
        given = [found for field in part.split(":") for end in field.split("..") if (found := number_and_unit(end))]
        numbers = [
            float(value) * (1e9 if "G" in unit else 1e6 if "M" in unit else 1e3 if unit else 1.0)
            for value, unit in given
        ]
        highest = max(numbers, default=0.0) / fundamental if fundamental > 0 else 0.0
        many = numbers[2] if "log" in part and len(numbers) > 2 else 0.0
        if highest > _HIGHEST or many * highest > _MOST_STEPS:
            raise ValueError(f"tones.frequencies_hz is {shown(rule)}; harmonics up to {_HIGHEST} are taken here")
        total += int(many or (highest if ".." in part else 1))
    return total


def _count(harmonics: str) -> int:
    """Upper bound of the number of tones of a text (see ``files.harmonics_text``), without making them."""
    numbers = [int(digits) for digits in re.findall(r"\d{1,12}", harmonics)]
    if any(number > _HIGHEST for number in numbers):
        raise ValueError(f"tones.harmonics is {shown(harmonics)}; harmonics up to {_HIGHEST} are taken here")
    word = re.match(r"\s*([a-z-]+)", harmonics)
    if word is not None and re.search("[a-z]", word[1]):
        if word[1].endswith("log"):
            count = numbers[2] if len(numbers) > 2 else 0
            if count and count * numbers[1] > _MOST_STEPS:  # each harmonic is sought among all that are left
                raise ValueError(
                    f"tones.harmonics is {shown(harmonics)}; {count} tones up to harmonic {numbers[1]} take too long"
                )
            return count
        return numbers[0] // (1 if word[1].startswith("inter") else 2) if numbers else 0
    total = 0
    for part in harmonics.split(","):
        fields = re.findall(r"-?\d{1,12}", part)
        step = max(1, abs(int(fields[1]))) if len(fields) > 2 else 1
        total += max(0, int(fields[-1]) - int(fields[0])) // step + 1 if fields else 0
    return total
