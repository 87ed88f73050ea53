"""Tone lists as text, as the multitone screens of signal generators show them.

The first line names the columns with their units, each other line is a tone; values are separated by commas,
semicolons, tabs or blanks, and ``#`` begins a comment::

    frequency_MHz, amplitude_dB, phase_deg
    100.0, 0, 0
    101.5, -3, 90

- ``frequency`` or ``freq`` in Hz, kHz, MHz or GHz, required;
- ``amplitude``, ``amp`` or ``level`` in dB (``20 log10`` of the linear peak amplitude), V, mV or no unit;
- ``phase`` in deg or rad.

The unit stands after ``_``, in ``[]`` or in ``()``.
"""

from __future__ import annotations

import re
from decimal import Decimal
from math import pi

from crestfall.files.reading import MAX_TONES, number_of_text, shown, text_of
from crestfall.files.samples_text import refuse_samples
from crestfall.problem.multisine import Multisine

_QUANTITIES = {
    **dict.fromkeys(("frequency", "freq", "f"), "frequency"),
    **dict.fromkeys(("amplitude", "amp", "level", "a"), "amplitude"),
    "phase": "phase",
}
_UNITS: dict[str, dict[str, float | None]] = {
    "frequency": {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9},
    "amplitude": {"": 1.0, "v": 1.0, "mv": 1e-3, "db": None},
    "phase": {"deg": pi / 180.0, "rad": 1.0},
}
_EXAMPLE = "frequency_MHz, amplitude_dB, phase_deg"
_NAME = re.compile(r"([A-Za-z]+)\s*(?:[_\s]?[\[(]\s*([A-Za-z]*)\s*[\])]|[_\s]([A-Za-z]+))?")


def decode(data: bytes, *, complex: bool = False) -> Multisine:
    """The tones of a text; phases, if there are any, become ``initial_phases``.

    Raises:
        ValueError: A column or unit is unknown, a line is too short or too long, or a value is no finite number or out
            of range; the message names the line.

    Example:
        >>> ms = decode(b"freq_kHz, amplitude_dB, phase_deg\\n1, 0, 0\\n2, -20, 180\\n")
        >>> ms.frequencies.tolist(), ms.amplitudes.round(9).tolist(), ms.initial_phases.round(6).tolist()
        ([1000.0, 2000.0], [1.0, 0.1], [0.0, 3.141593])
    """
    text = text_of(data)
    refuse_samples(text)
    lines = [(k, line.partition("#")[0].strip()) for k, line in enumerate(text.splitlines(), 1)]
    lines = [(k, line) for k, line in lines if line]
    if not lines:
        raise ValueError(f"no header line; the first line must name the columns, such as {_EXAMPLE}")
    if len(lines) - 1 > MAX_TONES:
        raise ValueError(f"line {lines[MAX_TONES + 1][0]}: more than {MAX_TONES} tones; split the file")
    separator = next((mark for mark in (",", ";", "\t") if mark in lines[0][1]), None)
    names = _header(lines[0][0], lines[0][1], separator)
    columns: dict[str, list[float]] = {quantity: [] for quantity, _ in names}
    for number, line in lines[1:]:
        cells = _cells(line, separator)
        if len(cells) != len(names):
            raise ValueError(f"line {number}: {len(cells)} values, but the header names {len(names)} columns")
        for (quantity, factor), cell in zip(names, cells, strict=True):
            columns[quantity].append(_value(number, quantity, factor, cell, complex))
    if len(lines) == 1:
        raise ValueError("no tones below the header; give one line for each tone")
    return Multisine(
        columns["frequency"], columns.get("amplitude", 1.0), complex=complex, initial_phases=columns.get("phase")
    )


def _cells(line: str, separator: str | None) -> list[str]:
    return [cell.strip() for cell in line.split(separator)]


def _header(number: int, line: str, separator: str | None) -> list[tuple[str, float | None]]:
    """Quantity and factor to the unit of a Multisine for each column; the factor of decibels is ``None``."""
    names: list[tuple[str, float | None]] = []
    for cell in _cells(line, separator):
        match = _NAME.fullmatch(cell)
        quantity = _QUANTITIES.get(match[1].lower()) if match else None
        if match is None or quantity is None:
            raise ValueError(f"line {number}: column {shown(cell)} is unknown; write a header such as {_EXAMPLE}")
        unit = (match[2] or match[3] or "").lower()
        units = _UNITS[quantity]
        if unit not in units:
            known = ", ".join(name or "none" for name in units)
            raise ValueError(f"line {number}: column {shown(cell)} has no known unit; {quantity} takes {known}")
        if quantity in (name for name, _ in names):
            raise ValueError(f"line {number}: the {quantity} occurs twice; keep one column")
        names.append((quantity, units[unit]))
    if "frequency" not in (name for name, _ in names):
        raise ValueError(f"line {number}: no column is a frequency; write a header such as {_EXAMPLE}")
    return names


def _value(number: int, quantity: str, factor: float | None, cell: str, is_complex: bool) -> float:
    value = number_of_text(cell)
    if value is None:
        raise ValueError(f"line {number}: {quantity} is {shown(cell)}; it must be a finite number such as 0.5")
    if factor is None:
        if abs(value) > 6000.0:
            raise ValueError(f"line {number}: {quantity} is {value} dB; give a level between -6000 and 6000 dB")
        value = 10.0 ** (value / 20.0)
    else:
        value = _scaled(value, factor, quantity)
    if quantity == "amplitude" and value <= 0:
        raise ValueError(f"line {number}: amplitude is {value}; it must be above 0, turn a tone by its phase instead")
    if quantity == "frequency" and value <= 0 and not is_complex:
        raise ValueError(
            f"line {number}: frequency is {value} Hz; a real tone needs one above 0 Hz, and complex tones --complex"
        )
    return value


def _scaled(value: float, factor: float, quantity: str) -> float:
    # In decimals: 102.4 MHz must be the float next to 102 400 000 Hz, or the common period is lost.
    return float(Decimal(repr(value)) * int(factor)) if quantity == "frequency" else value * factor
