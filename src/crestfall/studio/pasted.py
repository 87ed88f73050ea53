"""Rows pasted from a spreadsheet: frequency, amplitude and, if you like, phase."""

from __future__ import annotations

import re
from typing import Any

from crestfall.files.reading import number_of_text, shown

_HEADER = re.compile(r"\s*[\"']?[A-Za-zθφ#]")
_MOST_COLUMNS = 3


def tones_of_rows(text: str) -> dict[str, Any]:
    """The table ``[tones]`` of rows ``frequency [Hz]``, ``amplitude``, ``phase [rad]``.

    Tabs, semicolons, commas and blanks separate; what separates the first row separates all. After tabs and semicolons
    a comma is a decimal comma. Rows that begin with a letter are headings and are passed over.

    Raises:
        ValueError: There are no rows, a row has more or fewer values than the first, or one is no number; the message
            names the line.

    Example:
        >>> tones_of_rows("f (Hz);level\\n10;1\\n20,5;0,5")
        {'frequencies_hz': [10.0, 20.5], 'amplitudes': [1.0, 0.5]}
    """
    separator, width = None, 0
    rows: list[list[float]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or (_HEADER.match(line) and not rows):
            continue
        if not rows:
            separator = next((mark for mark in ("\t", ";", ",") if mark in line), None)
        cells = [cell.strip() for cell in line.strip("\n\r ").split(separator)]
        while len(cells) > 1 and not cells[-1]:
            cells.pop()
        values = [_number(cell, number, decimal_comma=separator in ("\t", ";")) for cell in cells]
        width = width or len(values)
        if len(values) != width or width > _MOST_COLUMNS:
            raise ValueError(
                f"line {number} has {len(values)} values; every row needs the same of frequency (Hz), amplitude, "
                "phase (rad)"
            )
        rows.append(values)
    if not rows:
        raise ValueError(
            "there are no rows; paste frequency (Hz), amplitude and, if you like, phase (rad) of each tone"
        )
    names = ("frequencies_hz", "amplitudes", "phases_rad")
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=False)}


def _number(cell: str, line: int, *, decimal_comma: bool) -> float:
    text = cell.strip("\"'").replace(" ", "").replace("\N{MINUS SIGN}", "-")
    if decimal_comma and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    value = number_of_text(text)
    if value is None:
        raise ValueError(f"line {line}: {shown(cell)} is no number such as 0.5")
    return value
