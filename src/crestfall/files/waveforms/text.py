"""Samples as text: one column, columns of several signals, or times and values, under any header.

What comes above the first line of numbers is the header. Its last line names the columns, with units that are obeyed
(see ``headings``); a line with ``Sample Rate`` or ``Sampling Interval`` says the rate, as oscilloscopes and generators
write it. The texts that this package writes (``.txt``, ``.pwl``, ``_rigol.csv``, ``_siglent.csv``, and ``.csv`` of
several inputs) are read by the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crestfall.files.reading import number_of_text, shown, text_of
from crestfall.files.tone_columns import is_heading
from crestfall.files.tone_list import Line, plain_numbers
from crestfall.files.waveforms.equal_steps import has_equal_steps, rate_of_times
from crestfall.files.waveforms.header_rate import rate_in, says_rate
from crestfall.files.waveforms.headings import SampleColumn, sample_column
from crestfall.files.waveforms.waveform import Waveform, real_rows

_MARKS = ("\t", ";", ",")
_COMMENTS = ("#", "%", "!")
_OURS = re.compile(
    r"# crestfall samples (?:in (?:steps of (\S+) ?)?(.{0,12}?) ?)?at (\S+) Hz:.*?(?:, (\d+) bits, (.*))?"
)
_LEAST_OF_TIMES = 3


@dataclass(frozen=True)
class NumberTable:
    """A text as what stands above its numbers, and the numbers.

    Attributes:
        header: The lines above, without signs of comments.
        headings: Cells of the last of them, if they are as many as there are columns.
        units: Cells of a line of units below the headings, if there is one.
        columns: ``(columns, N)``.
    """

    header: list[str]
    headings: list[str]
    units: list[str]
    columns: npt.NDArray[np.float64]


def decode(data: bytes) -> Waveform:
    """The waveform of a text.

    Raises:
        ValueError: There are no numbers, a line below the first of them has others or none, the times do not rise in
            equal steps, or their unit is not known. The message names the line.

    Example:
        >>> found = decode(b"time (ms);U (mV)\\n0;1,5\\n0,5;-1,5\\n1;1,5\\n")
        >>> found.rate_hz, found.unit, found.samples.tolist()
        (2000.0, 'V', [[0.0015, -0.0015, 0.0015]])
    """
    return waveform_of_table(read_table(text_of(data)))


@dataclass(frozen=True)
class TableHead:
    """What stands above the numbers of a text: the headings, and whether it says a rate."""

    headings: list[str]
    says_rate: bool


def head_of(text: str) -> TableHead:
    """What stands above the numbers, without reading them.

    Raises:
        ValueError: There are no lines of numbers.

    Example:
        >>> head_of("Sample Rate: 1 kHz\\nCH1\\n1\\n2\\n")
        TableHead(headings=['CH1'], says_rate=True)
    """
    lines = _lines(text)
    first = _first_of_numbers(lines)
    mark, _ = _mark_of(lines[first][1])
    header = [line for _, line in lines[:first]]
    headings, _ = _headings(header, mark, len(_cells(lines[first][1], mark)))
    return TableHead(headings, says_rate("\n".join(header)))


def waveform_of_table(table: NumberTable) -> Waveform:
    """The waveform of a table of numbers."""
    head = "\n".join(table.header)
    if match := _OURS.match(head.partition("\n")[0]):
        return _of_our_text(table, match)
    table = _with_sequence_as_time(table)
    units = table.units or [""] * len(table.headings)
    meanings = [sample_column(name, unit) for name, unit in zip(table.headings, units, strict=True)]
    columns, rate = table.columns, rate_in(head)
    assumed: tuple[str, ...] = ()
    if not meanings:
        meanings = [SampleColumn("", False, 1.0, "") for _ in columns]
        if columns.shape[0] > 1 and columns.shape[1] >= _LEAST_OF_TIMES and has_equal_steps(columns[0]):
            meanings[0] = SampleColumn("time", True, 1.0, "s")
            assumed = ("there are no headings: the first column rises in equal steps, so it is the time in s",)
    elif not any(one.is_time for one in meanings) and columns.shape[0] > 1 and meanings[0].name == "":
        meanings[0] = SampleColumn("time", True, 1.0, "s")
    filled = [k for k in range(len(meanings)) if not np.isnan(columns[k]).all()]  # Rigol's first column is empty
    times = [k for k in filled if meanings[k].is_time and not _is_coordinate(meanings, columns, k)][:1]
    values = [k for k in filled if k not in times]
    if not values:
        raise ValueError("there are times and no values; give a column of samples next to them")
    if times:
        rate = rate_of_times(real_rows(columns[times[0]]) * meanings[times[0]].factor)
    factors = np.array([[meanings[k].factor] for k in values])
    named = {meanings[k].unit for k in values}
    unit = named.pop() if len(named) == 1 else ""
    names = tuple(meanings[k].name or str(place) for place, k in enumerate(values, 1))
    return Waveform(real_rows(columns[values]) * factors, rate, names, unit, assumed)


def read_table(text: str) -> NumberTable:
    """Header and numbers of a text.

    Raises:
        ValueError: As ``decode``.
    """
    lines = _lines(text)
    first = _first_of_numbers(lines)
    mark, comma = _mark_of(lines[first][1])
    header = [line for _, line in lines[:first]]
    body = [(k, line) for k, line in lines[first:] if not line.startswith(_COMMENTS)]
    width = len(_cells(body[0][1], mark))
    columns = None if comma or mark is None else plain_numbers(body, mark, width)
    rows = np.array(columns) if columns is not None else _read_rows(body, mark, width, comma)
    return NumberTable(header, *_headings(header, mark, width), rows)


# ------------------------------------------------------------------ parts


def _lines(text: str) -> list[Line]:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return [(k, line.strip(" ")) for k, line in enumerate(plain.split("\n"), 1) if line.strip()]


def _first_of_numbers(lines: Sequence[Line]) -> int:
    """Index of the first of the lines of numbers: one that the next agrees with, in number of cells."""
    kept = [(k, line) for k, (_, line) in enumerate(lines) if not line.startswith(_COMMENTS)]
    widths = [_width(line) for _, line in kept[:_MOST_HEADER]]
    for place, ((k, _), width) in enumerate(zip(kept, widths, strict=False)):
        if width and (place + 1 == len(kept) or _width(kept[place + 1][1]) == width):
            return k
    raise ValueError("there are no lines of numbers; give a sample on each line, or times and values")


_MOST_HEADER = 1000


def _width(line: str) -> int:
    """Cells of a line of numbers; 0 for any other line."""
    mark, comma = _mark_of(line)
    cells = _cells(line, mark)
    numbers = [_number(cell, comma) for cell in cells if cell]
    return len(cells) if numbers and None not in numbers else 0


def _mark_of(line: str) -> tuple[str | None, bool]:
    """What separates the cells of a line, ``None`` for blanks; and whether commas in them are decimal ones."""
    mark = next((each for each in _MARKS if each in line), None)
    return mark, mark in ("\t", ";") and "," in line


def _cells(line: str, mark: str | None) -> list[str]:
    return line.split() if mark is None else [cell.strip(' "') for cell in line.split(mark)]


def _number(cell: str, comma: bool) -> float | None:
    return number_of_text(cell.replace(",", ".") if comma else cell)


def _read_rows(body: Sequence[Line], mark: str | None, width: int, comma: bool) -> npt.NDArray[np.float64]:
    """``(columns, N)``, line by line; an empty column, such as that before Rigol's values, is of NaN."""
    comma = comma or (mark in ("\t", ";") and any("," in line for _, line in body))
    rows = np.full((len(body), width), np.nan)
    for place, (number, line) in enumerate(body):
        cells = _cells(line, mark)
        if len(cells) != width:
            raise ValueError(f"line {number}: {len(cells)} values, but the first line of numbers has {width}")
        for k, cell in enumerate(cells):
            value = _number(cell, comma)
            if value is None and cell:
                raise ValueError(f"line {number}: {shown(cell)} is not a finite number; give one such as 0.5")
            rows[place, k] = np.nan if value is None else value
    return np.ascontiguousarray(rows.T)


def _headings(header: Sequence[str], mark: str | None, width: int) -> tuple[list[str], list[str]]:
    """The headings of a table, and the units below them, of the lines above its numbers."""
    named = [_cells(line.lstrip("#%! "), mark) for line in header[-2:]]
    if named and header[-1].startswith(_OURS_BEGINS):
        return [], []
    named = [cells for cells in named if len(cells) == width and is_heading(cells)]
    if not named:
        return [], []
    if len(named) == 2 and all(_is_unit(cell) for cell in named[1]):
        return named[0], named[1]
    return named[-1], []


_OURS_BEGINS = "# crestfall samples"


def _is_unit(cell: str) -> bool:
    return bool(re.fullmatch(r"\W*(?:[munpkMµ]?[VAs]|second|volts?|amperes?|g|m/s\^?2)\W*|", cell, re.IGNORECASE))


def _with_sequence_as_time(table: NumberTable) -> NumberTable:
    """Rigol's table of ``X,CH1,Start,Increment`` above ``Sequence,Volt,-6e-3,1e-6``, with the numbers as times [s]."""
    above, below = ([cell.strip() for cell in line.split(",")] for line in [*["", ""], *table.header][-2:])
    step = number_of_text(below[above.index("Increment")]) if {"Increment", "Start"} <= {*above[: len(below)]} else None
    count = above.index("Start") if step is not None else 0
    if not step or step <= 0.0 or below[0].lower() != "sequence" or table.columns.shape[0] < count:
        return table
    columns = table.columns[:count].copy()
    columns[0] *= step
    return NumberTable([], ["time", *above[1:count]], ["s", *below[1:count]], columns)


def _is_coordinate(meanings: Sequence[SampleColumn], columns: npt.NDArray[np.float64], k: int) -> bool:
    """Whether a column ``x`` is one of three directions, not a time."""
    names = {one.name[:1].lower() for one in meanings}
    return meanings[k].name[:1].lower() == "x" and {"y", "z"} <= names and not has_equal_steps(columns[k])


def _of_our_text(table: NumberTable, match: re.Match[str]) -> Waveform:
    """A text that ``samples_text`` wrote: values, or counts of a converter."""
    step, rate = number_of_text(match[1] or "1"), number_of_text(match[3])
    if step is None or rate is None or rate <= 0.0:
        raise ValueError(f"the first line is {shown(match[0])}, not what crestfall wrote; delete it")
    bits = int(match[4] or 0)
    zero = 2.0 ** (bits - 1) if match[5] == "offset binary" and 0 < bits <= 32 else 0.0
    names = table.header[-1].lstrip("# ")
    mark = next((each for each in _MARKS if each in names), None)
    headings = [cell.strip() for cell in names.split(mark)] if mark else [names]
    if len(headings) != table.columns.shape[0]:  # names with blanks between columns that blanks separate
        headings = [str(k + 1) for k in range(table.columns.shape[0])]
    values = [k for k, name in enumerate(headings) if name != "time_s"]
    samples = (real_rows(table.columns[values]) - zero) * step
    return Waveform(samples, rate, tuple(headings[k] for k in values), match[2] or "")
