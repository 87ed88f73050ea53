"""What one visitor may ask for, so that the machine stays everybody's."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crestfall.files.problem_toml import ProblemFile
from crestfall.files.reading import shown
from crestfall.problem.amplitudes import ExtraTones
from crestfall.signal.synthesis import band_numbers

_HIGHEST = 2**20
_MOST_STEPS = 2**24


@dataclass(frozen=True)
class Limits:
    """Bounds on what is asked for; a problem beyond them is refused in words, before anything large is made of it.

    Attributes:
        tones: Most tones of a problem.
        band: Most oscillations of the fastest tone in a period: what samples and memory grow with.
        seconds: Longest search [s].
        text_bytes: Longest problem file, pasted text or link, unpacked.
        upload_bytes: Largest file that is taken.
        runs: Most searches at one time, of all windows together.
        memory_bytes: Most memory of one search.
        windows: Most windows at one time.

    Example:
        >>> Limits(tones=10).require_modest({"tones": {"harmonics": "1:11"}})
        Traceback (most recent call last):
        ValueError: tones.harmonics: 11 tones are more than the 10 that this studio takes; ...
    """

    tones: int = 4096
    band: int = 2**19
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

    def require_modest(self, data: dict[str, Any]) -> None:
        """Raise a ``ValueError`` if the text of a problem file asks for more than it says: ``harmonics = "1:9999999"``.

        What is of the wrong kind passes: the reader of problem files says better what is wrong with it.
        """
        tables = [("tones", data.get("tones")), *_tables(data.get("extra"))]
        for name, table in tables:
            if not isinstance(table, dict):
                continue
            harmonics = table.get("harmonics")
            if isinstance(harmonics, str):
                self._require_few(_count(harmonics), f"{name}.harmonics")
            for key in ("frequencies_hz", "harmonics"):
                if isinstance(table.get(key), list):
                    self._require_few(len(table[key]), f"{name}.{key}")

    def require_fit(self, problem: ProblemFile) -> None:
        """Raise a ``ValueError`` if the tones are too many, or spread too far for their spacing."""
        ms = problem.multisine
        self._require_few(ms.n + (0 if problem.extra is None else _size(problem.extra)), "tones")
        band = int(np.max(np.abs(band_numbers(ms.as_complex() if ms.is_narrow_band else ms))))
        if band > self.band:
            raise ValueError(
                f"tones: the fastest makes {band} oscillations in a period of {ms.period:.4g} s, more than the "
                f"{self.band} that this studio takes; use a coarser raster, or the command line"
            )
        if problem.n_points is not None and not 1 <= problem.n_points <= 64 * self.band:
            raise ValueError(f"goal.points is {problem.n_points}; this studio takes 1 to {64 * self.band}")
        if problem.sample_rate is not None and not 0 < problem.sample_rate * ms.period <= 64 * self.band:
            raise ValueError(
                f"goal.sample_rate_hz is {problem.sample_rate:g}, over a period of {ms.period:.4g} s; "
                f"this studio takes up to {64 * self.band} samples a period"
            )

    def _require_few(self, count: int, name: str) -> None:
        if count > self.tones:
            raise ValueError(
                f"{name}: {count} tones are more than the {self.tones} that this studio takes; the command line takes "
                "more"
            )


def _size(extra: ExtraTones) -> int:
    return int(np.size(extra.frequencies))


def _tables(extra: Any) -> list[tuple[str, Any]]:
    return [(f"extra[{number}]", table) for number, table in enumerate(extra)] if isinstance(extra, list) else []


def _count(harmonics: str) -> int:
    """How many tones the words of ``io.harmonics_text`` mean, at most, without making them."""
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
