"""Tone lists as text, as people type them, spreadsheets save them and generators show them.

Each line is a tone; ``#``, ``%`` or ``!`` begins a comment. Values are separated by tabs, semicolons, commas or blanks;
what separates the first line separates all, and after tabs and semicolons a comma may be a decimal comma. The first
line may name the columns with their units (see ``tone_columns``)::

    frequency_MHz, amplitude_dB, phase_deg
    100.0, 0, 0
    101.5, -3, 90

Without such a line there are one or two columns: frequencies in Hz and linear amplitudes. Cells may have units of their
own: ``10 kHz``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import isfinite

from crestfall.files.reading import MAX_TONES, text_of
from crestfall.files.samples_text import refuse_samples
from crestfall.files.tone_columns import EXAMPLE, ToneColumns, columns_of, headed_columns, is_heading
from crestfall.problem.multisine import Multisine
from crestfall.problem.quantities import factor_of, number_and_unit

_MARKS = ("\t", ";", ",")
_LONGEST = 100
_NONE = "\n"
"""The mark of a single column, which no line contains."""
_COMMENTS = ("#", "%", "!")
_EMPTY = ' \t\r;,"\N{NO-BREAK SPACE}'
"""A line of nothing else is one of a spreadsheet's empty rows."""
_WORD = re.compile(r"[^ \t\[(/]+(?: ?[\[(][^\])]{0,40}[\])]| ?/ ?[^ \t]+)?")
"""A cell where blanks separate: ``Frequency [Hz]`` and ``f / kHz`` are one."""

Line = tuple[int, str]


def decode(data: bytes, *, complex: bool = False) -> Multisine:
    """The tones of a text; phases, if there are any, become ``initial_phases``.

    Raises:
        ValueError: A column or unit is unknown, a line is too short or too long, or a value is not a finite number or
            out of range; the message names the line.

    Example:
        >>> ms = decode(b"freq_kHz, amplitude_dB, phase_deg\\n1, 0, 0\\n2, -20, 180\\n")
        >>> ms.frequencies.tolist(), ms.amplitudes.round(9).tolist(), ms.initial_phases.round(6).tolist()
        ([1000.0, 2000.0], [1.0, 0.1], [0.0, 3.141593])
        >>> decode(b"10,5;1\\n20;0,5\\n").frequencies.tolist()
        [10.5, 20.0]
    """
    text = text_of(data)
    refuse_samples(text)
    return columns_of_text(text).multisine(complex=complex)


def columns_of_text(text: str, without_headings: Sequence[str] = ("frequency_hz", "amplitude")) -> ToneColumns:
    """The columns of a text.

    Args:
        text: The lines.
        without_headings: What columns without headings are.

    Raises:
        ValueError: As ``decode``.
    """
    lines, mark = _lines(text)
    if not lines:
        raise ValueError(f"no header line and no tones; the first line names the columns, such as {EXAMPLE}")
    mark = mark or next((each for each in _MARKS if each in lines[0][1]), _NONE if _is_one(lines[0][1]) else None)
    first = _cells(*lines[0], mark)
    if not is_heading(first):
        return columns_of(
            None, _rows(lines, mark), decimal_comma=_has_decimal_comma(mark, lines), without_headings=without_headings
        )
    lines = lines[1:]
    if lines and is_heading(units := _cells(*lines[0], mark)) and len(units) == len(first):
        first, lines = [f"{name} [{unit.strip('[]() ')}]" for name, unit in zip(first, units, strict=True)], lines[1:]
    try:
        columns = headed_columns(first)
    except ValueError as error:
        raise ValueError(f"line {_first_number(text)}: {error}") from None
    plain = None if mark in ("\t", _NONE) else plain_numbers(lines, mark, len(columns))
    if plain is None or any(one.quantity == "number" for one in columns):
        return columns_of(first, _rows(lines, mark), decimal_comma=_has_decimal_comma(mark, lines))
    try:
        values = {
            one.quantity: numbers if _is_base(one.unit) else [one.convert(Fraction(repr(value))) for value in numbers]
            for one, numbers in zip(columns, plain, strict=True)
        }
    except (ValueError, OverflowError):  # again, to find the line
        return columns_of(first, _rows(lines, mark), decimal_comma=_has_decimal_comma(mark, lines))
    return ToneColumns(values, {one.quantity: one.heading for one in columns}, [number for number, _ in lines])


def plain_numbers(lines: Sequence[Line], mark: str | None, width: int) -> list[list[float]] | None:
    """The columns of a table of nothing but finite numbers, read in one pass; ``None`` if any line is something else.

    It reads a million lines in a tenth of the time; whatever is not plain is left to the way that names the line.
    """
    if mark is None or not 0 < len(lines) <= MAX_TONES or any(line.count(mark) != width - 1 for _, line in lines):
        return None
    body = mark.join(line for _, line in lines)
    try:
        values = list(map(float, body.split(mark))) if "_" not in body else []
    except ValueError:
        return None
    return [values[column::width] for column in range(width)] if values and all(map(isfinite, values)) else None


# ------------------------------------------------------------------ parts


def _lines(text: str) -> tuple[list[Line], str | None]:
    """The lines with values, without comments; and the mark between values, if the text says it as spreadsheets do."""
    found: list[Line] = []
    mark = None
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if not found and (match := re.fullmatch(r'"?sep=(.)"?', line.strip())):
            mark = match[1]
            continue
        kept = line if not line.lstrip().startswith(_COMMENTS) else ""
        kept = re.split(r"\s#", kept)[0] if "#" in kept else kept
        if kept.strip(_EMPTY):
            found.append((number, kept.strip(" \r")))
    return found, mark


def _first_number(text: str) -> int:
    return _lines(text)[0][0][0]


def _rows(lines: Sequence[Line], mark: str | None) -> Iterator[tuple[int, list[str]]]:
    for number, line in lines:
        yield number, _cells(number, line, mark)


def _cells(number: int, line: str, mark: str | None) -> list[str]:
    if mark is None:
        return _WORD.findall(line)
    if mark == _NONE:
        return [line]
    try:
        return [
            cell.strip(" \t") for cell in next(csv.reader([line], delimiter=mark, skipinitialspace=True, strict=True))
        ]
    except csv.Error as error:
        raise ValueError(f"line {number}: not CSV ({error}); write plain numbers separated by commas") from None


def _is_one(line: str) -> bool:
    """Whether a line with blanks is one cell: a heading such as ``Frequency in kHz``, or ``10 kHz``."""
    if len(line) > _LONGEST:
        return False
    try:
        if is_heading([line]):
            return bool(headed_columns([line]))
        found = number_and_unit(line)
        return found is not None and found[1] != "" and bool(factor_of(found[1], "Hz"))
    except ValueError:
        return False


def _has_decimal_comma(mark: str | None, lines: Sequence[Line]) -> bool:
    """Whether commas are decimal ones, and points set off thousands: in a text with commas that separate nothing."""
    return mark in ("\t", ";") and any("," in line for _, line in lines)


def _is_base(unit: str) -> bool:
    return unit in ("", "Hz", "hz", "V", "A", "rad")
