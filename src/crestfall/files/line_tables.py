"""``[lines]`` to lines that may move, and back; and the tolerance as people write it: ``2``, ``0.5 Hz``, ``5 %``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from crestfall.files.lines_text import without_excluded
from crestfall.files.problem_schema import LinesTable
from crestfall.files.reading import shown
from crestfall.problem.movable_lines import MovableLines
from crestfall.problem.multisine import Multisine
from crestfall.problem.quantities import quantity

_MOST_LINES = 2**18
_KEYS = {"steps": "steps", "hz": "tolerance_hz", "percent": "tolerance_percent"}


def lines_of(
    table: LinesTable, ms: Multisine, excluded: str | list[str] | None = None, fundamental: float | None = None
) -> MovableLines:
    """The lines of a table.

    Args:
        table: The table.
        ms: The tones.
        excluded: What ``[tones]`` leaves out: no tone moves there.
        fundamental: What ``[tones]`` counts harmonics by [Hz]: the raster, unless the table has one.

    Raises:
        ValueError: They do not fit the tones; the message begins with the key.
    """
    said = {name: getattr(table, key) for name, key in _KEYS.items()}
    if sum(value is not None for value in said.values()) != 1:
        raise ValueError(f"lines: give one of {', '.join(_KEYS.values())}, such as steps = 2")
    try:
        lines = MovableLines(
            **said, raster=table.raster_hz or fundamental, excluded=table.excluded_hz or (), around=table.around_hz
        ).resolved(ms)
        rules = [rule for rule in _listed(excluded) if rule.strip() != "sums"]  # those are not places
        lines = without_lines(lines, ms, [*rules, *_listed(table.exclude)])
        lines.ranges(ms)
    except ValueError as error:
        raise ValueError(_with_key(str(error))) from None
    return lines


def lines_to_data(lines: MovableLines, ms: Multisine) -> dict[str, Any]:
    """The table as plain data.

    Example:
        >>> ms = Multisine.harmonics([1, 3], fundamental=10.0)
        >>> lines_to_data(MovableLines(percent=5.0).resolved(ms), ms)
        {'tolerance_percent': 5.0, 'raster_hz': 10.0}
    """
    data = {key: getattr(lines, name) for name, key in _KEYS.items() if getattr(lines, name) is not None}
    data["raster_hz"] = lines.raster
    if np.size(lines.excluded):
        data["excluded_hz"] = np.asarray(lines.excluded).tolist()
    if lines.around is not None and not np.array_equal(np.asarray(lines.around), ms.frequencies):
        data["around_hz"] = np.asarray(lines.around).tolist()
    return data


def tolerance_of(text: str, name: str) -> dict[str, float]:
    """How far lines may move, from a text: fields of ``MovableLines``.

    Args:
        text: ``2`` (lines of the raster), ``0.5 Hz`` or ``5 %``.
        name: What the text is called where it was typed.

    Raises:
        ValueError: It is none of these.

    Example:
        >>> [tolerance_of(text, "--move-lines") for text in ("2", "0.5Hz", "5 %")]
        [{'steps': 2}, {'hz': 0.5}, {'percent': 5.0}]
    """
    entry = text.strip()
    if re.fullmatch(r"\d{1,9}", entry):
        return {"steps": int(entry)}
    if entry.endswith("%"):
        return {"percent": quantity(entry[:-1], "", name=name)}
    if "Hz" not in entry:
        raise ValueError(f"{name} is {shown(text)}; give a number of lines, or how far: 2, 0.5Hz or 5%")
    return {"hz": quantity(entry, "Hz", name=name)}


def tolerance_table(text: str, name: str) -> dict[str, float]:
    """The same as keys of ``[lines]``.

    Example:
        >>> tolerance_table("5 %", "Lines")
        {'tolerance_percent': 5.0}
    """
    return {_KEYS[key]: value for key, value in tolerance_of(text, name).items()}


def without_lines(lines: MovableLines, ms: Multisine, rules: Sequence[str]) -> MovableLines:
    """The same, and no tone moves to where the rules (see ``lines_text``) leave out all tones.

    Args:
        lines: Resolved for the tones.
        ms: The tones.
        rules: Mains and bands.

    Raises:
        ValueError: A rule is unknown, or so many lines are allowed that they cannot be looked at one by one.

    Example:
        >>> ms = Multisine.harmonics([9, 12], fundamental=5.0)
        >>> without_lines(MovableLines(1, raster=5.0).resolved(ms), ms, ["mains"]).excluded.tolist()
        [50.0]
    """
    if not rules:
        return lines
    if "sums" in (rule.strip() for rule in rules):
        raise ValueError("exclude is 'sums', which are not places; lines keep clear of mains and bands such as 40..60")
    ranges = lines.ranges(ms)
    if int(np.sum(ranges.high - ranges.low + 1)) > _MOST_LINES:
        raise ValueError(f"raster is so fine that more than {_MOST_LINES} lines are allowed; give a coarser one")
    spans = [np.arange(low, high + 1) for low, high in zip(ranges.low, ranges.high, strict=True)]
    numbers = np.unique(np.concatenate(spans))
    everywhere = Multisine.harmonics(numbers[numbers != 0].tolist(), ranges.raster, complex=ms.complex)
    excluded: set[float] = set(np.asarray(lines.excluded).tolist())
    for rule in rules:
        left = without_excluded(everywhere, rule, ranges.raster)
        excluded |= set(everywhere.frequencies.tolist()) - set(left.frequencies.tolist())
    return replace(lines, excluded=sorted(excluded))


def _listed(rules: str | list[str] | None) -> list[str]:
    return [rules] if isinstance(rules, str) else rules or []


def _with_key(message: str) -> str:
    """A message about an argument with the key that it came from in front."""
    text = message.removeprefix("lines: ")
    word = text.split(" ")[0]
    keys = _KEYS | {"raster": "raster_hz", "around": "around_hz", "excluded": "excluded_hz", "exclude": "exclude"}
    key = f"lines.{keys[word]}" if word in keys else "lines"
    return f"{key}: {text}"
