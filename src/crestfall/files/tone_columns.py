"""Tones from the columns of a table: what headings mean, and cells with or without units of their own.

Text files, spreadsheets, arrays, data frames and pasted tables are all read here. A heading has a name and a unit in
any of the usual ways: ``freq_MHz``, ``Frequency [Hz]``, ``f / kHz``, ``level_dBV``, ``Phase (deg)``, or the unit alone.
A heading that is not understood is refused: a column is never skipped, and its unit never guessed.

===========  ====================================================  ====================================================
quantity     names                                                 units
===========  ====================================================  ====================================================
frequency    frequency, freq, f; omega, angular frequency          Hz (also if there is none), with prefixes, rad/s, rpm
amplitude    amplitude, amp, level, magnitude, voltage, current,   none, and those of
             power                                                 ``crestfall.problem.amplitude_units``
phase        phase, phi, theta                                     deg, rad, turns or cycles; required
===========  ====================================================  ====================================================

A tone of amplitude 0 is left out, and a frequency in two rows is reported, both with a ``CrestfallWarning``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import pi
from typing import Any

from crestfall.files.reading import MAX_TONES, shown
from crestfall.problem.amplitude_units import amplitude_unit
from crestfall.problem.multisine import Multisine
from crestfall.problem.notes import note
from crestfall.problem.quantities import factor_of, has_grouping_points, number_and_unit
from crestfall.problem.readable import readable

_NAMES = {
    **dict.fromkeys(("frequency", "frequencies", "freq", "f", "frequenz", "fréquence"), "frequency"),
    **dict.fromkeys(("angular frequency", "omega", "ω"), "angular frequency"),
    **dict.fromkeys(("amplitude", "amplitudes", "amp", "ampl", "level", "pegel", "magnitude", "mag"), "amplitude"),
    **dict.fromkeys(("a", "u", "v", "i", "voltage", "current", "spannung", "strom", "peak"), "amplitude"),
    **dict.fromkeys(("power", "p"), "power"),
    **dict.fromkeys(("phase", "phases", "phi", "φ", "theta", "θ"), "phase"),
}
_NUMBERING = ("", "tone", "index", "no", "no.", "#", "nr")
"""Headings of columns that only count the rows."""
_REMARKS = (
    *("remark", "remarks", "comment", "comments", "note", "notes", "name", "label", "description"),
    *("bemerkung", "kommentar", "commentaire", "beschreibung", "bezeichnung"),
)
"""Headings of columns of words, which are left out with a note."""
_RADIANS_PER_SECOND = ("rad/s", "rad/sec", "rad_s", "rad_per_s", "rads")
_PHASES = {"turn": 2.0 * pi, "turns": 2.0 * pi, "cycle": 2.0 * pi, "cycles": 2.0 * pi}
_WITHOUT_HEADINGS = ("frequency_hz", "amplitude")
EXAMPLE = "frequency_MHz, amplitude_dB, phase_deg"

_NUMBER_LIKE = re.compile(r"[\s\"']*(?:[-+\N{MINUS SIGN}\N{EN DASH}]?[.,]?\d|(?:nan|inf)\b)", re.IGNORECASE)

_LONGEST = 100

Cell = str | float


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        heading: What it is called in errors.
        quantity: ``frequency``, ``amplitude``, ``phase``, or ``number`` for one that only counts.
        unit: Its unit as written.
        convert: Numbers in this unit to Hz, linear peak amplitudes or radians.
    """

    heading: str
    quantity: str
    unit: str
    convert: Callable[[Fraction], float]

    def value(self, cell: Cell, decimal_comma: bool) -> float:
        """A cell in the base unit.

        Raises:
            ValueError: It is not a finite number, or has a unit that is not that of its column.
        """
        try:
            found = number_and_unit(cell, decimal_comma=decimal_comma) if isinstance(cell, str) else (_exact(cell), "")
        except (ValueError, TypeError, OverflowError):
            found = None
        if found is None:
            comma = ", with a decimal point" if isinstance(cell, str) and "," in cell and not decimal_comma else ""
            raise ValueError(f"{self.heading} is {shown(cell)}; it must be a finite number such as 0.5{comma}")
        number, unit = found
        if unit and self.unit and unit != self.unit:
            raise ValueError(f"{self.heading} is {shown(cell)}, but the heading says {self.unit}; keep one unit")
        try:
            convert = _conversion(self.quantity, unit) if unit and not self.unit else self.convert
            return convert(number)
        except OverflowError:
            raise ValueError(f"{self.heading} is {shown(cell)}; it must be a finite number such as 0.5") from None
        except ValueError as error:
            raise ValueError(f"{self.heading} is {shown(cell)}: {error}") from None


@dataclass(frozen=True)
class ToneColumns:
    """The columns of a table in base units.

    Attributes:
        values: ``frequency`` [Hz] and, if there, ``amplitude`` and ``phase`` [rad], a number for each row.
        headings: What the columns are called in errors.
        places: Number of the line or row of each tone.
        place: What these are called: ``line`` or ``row``.
    """

    values: dict[str, list[float]]
    headings: dict[str, str]
    places: Sequence[int]
    place: str = "line"

    def multisine(self, *, complex: bool = False) -> Multisine:
        """The tones; phases, if there are any, become ``initial_phases``.

        Raises:
            ValueError: A value is out of range; the message names the line.

        Warns:
            CrestfallWarning: Tones of amplitude 0 are left out, or frequencies occur twice.
        """
        kept = self.checked(complex=complex)
        frequencies, amplitudes = kept.values["frequency"], kept.values.get("amplitude", 1.0)
        return Multisine(frequencies, amplitudes, complex=complex, initial_phases=kept.values.get("phase"))

    def checked(self, *, complex: bool) -> ToneColumns:
        """The same without tones of amplitude 0, once every value is in range."""
        kept = self._without_silent_tones()
        if not complex:
            for where, value in zip(kept.places, kept.values["frequency"], strict=True):
                if value <= 0:
                    raise ValueError(
                        f"{kept.place} {where}: {kept.headings['frequency']} is {value} Hz; a real tone needs a "
                        "frequency above 0 Hz, and complex tones need --complex or complex=True"
                    )
        note_repeated(kept.place, kept.places, kept.values["frequency"])
        return kept

    def _without_silent_tones(self) -> ToneColumns:
        amplitudes = self.values.get("amplitude")
        if amplitudes is None or min(amplitudes) > 0:
            return self
        if max(amplitudes) == 0.0:
            raise ValueError("all amplitudes are 0; at least one tone must be above 0")
        for where, value in zip(self.places, amplitudes, strict=True):
            if value < 0:
                raise ValueError(
                    f"{self.place} {where}: {self.headings['amplitude']} is {value}; it must be above 0; "
                    "for a negative sign add π to the phase"
                )
        keep = audible(self.place, self.places, amplitudes)
        values = {name: [column[k] for k in keep] for name, column in self.values.items()}
        return ToneColumns(values, self.headings, [self.places[k] for k in keep], self.place)


def audible(place: str, places: Sequence[int], amplitudes: Sequence[float]) -> list[int]:
    """Indices of the tones whose amplitude is not 0; all of them, if it is 0 everywhere.

    Warns:
        CrestfallWarning: Some are 0; the message names their places.
    """
    keep = [k for k, value in enumerate(amplitudes) if value]
    if not keep or len(keep) == len(amplitudes):
        return list(range(len(amplitudes)))
    note(f"{_listed(place, [places[k] for k, value in enumerate(amplitudes) if not value])}: amplitude 0; left out")
    return keep


def note_repeated(place: str, places: Sequence[int], frequencies: Sequence[float]) -> None:
    """Report a frequency that occurs twice.

    Warns:
        CrestfallWarning: There is one; the message names the places.
    """
    if len(set(frequencies)) == len(frequencies):
        return
    twice = next(value for value, count in Counter(frequencies).items() if count > 1)
    where = [one for one, value in zip(places, frequencies, strict=True) if value == twice]
    note(
        f"{_listed(place, where)}: {readable(twice, 'Hz')} occurs {len(where)} times, probably by mistake: tones of "
        "one frequency add up to one, and may cancel; keep one of them"
    )


def columns_of(
    headings: Sequence[str] | None,
    rows: Iterable[tuple[int, Sequence[Cell]]],
    *,
    place: str = "line",
    decimal_comma: bool = False,
    without_headings: Sequence[str] = _WITHOUT_HEADINGS,
) -> ToneColumns:
    """The columns of a table.

    Args:
        headings: The headings; ``None`` if there are none: then the columns are frequency [Hz] and amplitude.
        rows: Number and cells of each row.
        place: What the numbers count: ``line`` or ``row``.
        decimal_comma: Whether a comma may stand for the decimal point.
        without_headings: What columns without headings are.

    Raises:
        ValueError: A heading is unknown, a row is too short or too long, or a cell is not a number; the message names
            the line.

    Example:
        >>> columns_of(["f / kHz", "Phase (deg)"], [(2, ["0.1", "180"])]).values
        {'frequency': [100.0], 'phase': [3.141592653589793]}
    """
    columns = None if headings is None else headed_columns(headings)
    values: dict[str, list[float]] = {}
    places: list[int] = []
    grouped, certain = "", False
    for number, cells in rows:
        if columns is None:
            columns = _unheaded_columns(cells, without_headings)
        cells = _without_empty_end(cells, len(columns))
        if len(cells) < len(columns) and all(one.quantity == "number" for one in columns[len(cells) :]):
            cells = [*cells, *[""] * (len(columns) - len(cells))]  # remarks that are missing
        if len(cells) != len(columns):
            what = "the header names" if headings is not None else "the first row has"
            raise ValueError(
                f"{place} {number}: {len(cells)} value{'s' * (len(cells) != 1)}, but {what} {len(columns)} "
                f"column{'s' * (len(columns) != 1)}"
            )
        if len(places) == MAX_TONES:
            raise ValueError(f"{place} {number}: more than {MAX_TONES} tones; split the file")
        places.append(number)
        for column, cell in zip(columns, cells, strict=True):
            if column.quantity == "number":
                continue
            try:
                values.setdefault(column.quantity, []).append(column.value(cell, decimal_comma))
                if decimal_comma and isinstance(cell, str) and has_grouping_points(cell):
                    certain |= "," in cell
                    grouped = grouped or f"{place} {number}: {column.heading} {shown(cell)}"
            except ValueError as error:
                raise ValueError(f"{place} {number}: {error}") from None
    if columns is None or not places:
        raise ValueError("no tones below the header; give one line for each tone")
    if grouped and not certain:
        note(f"{grouped}: the point sets off thousands, as other numbers have decimal commas; otherwise write a comma")
    return ToneColumns(values, {one.quantity: one.heading for one in columns}, places, place)


def headed_columns(headings: Sequence[str]) -> list[Column]:
    """What the headings of a table mean.

    Raises:
        ValueError: One is unknown, occurs twice or has no known unit, or none is a frequency.

    Example:
        >>> [(one.quantity, one.convert(Fraction(1))) for one in headed_columns(["freq_MHz", "level (mV)"])]
        [('frequency', 1000000.0), ('amplitude', 0.001)]
    """
    columns = [_column(str(heading)) for heading in headings]
    known = [one.quantity for one in columns if one.quantity != "number"]
    for quantity in known:
        if known.count(quantity) > 1:
            raise ValueError(f"the {quantity} occurs twice; keep one column")
    if "frequency" not in known:
        raise ValueError(f"no column is a frequency; write a header such as {EXAMPLE}")
    return columns


def is_heading(cells: Sequence[Cell]) -> bool:
    """Whether a row is one of headings: none of its cells begins as a number does."""
    return not any(not isinstance(cell, str) or _NUMBER_LIKE.match(cell) for cell in cells)


# ------------------------------------------------------------------ parts


def _unheaded_columns(cells: Sequence[Cell], names: Sequence[str]) -> list[Column]:
    cells = _without_empty_end(cells, 1)
    if len(cells) > len(names):
        raise ValueError(
            f"there are {len(cells)} columns and no header; write one above that says what they are, such as {EXAMPLE}"
        )
    columns = headed_columns(names[: len(cells)])
    return [Column(one.quantity, one.quantity, "", one.convert) for one in columns]


def _without_empty_end(cells: Sequence[Cell], width: int) -> Sequence[Cell]:
    while len(cells) > width and isinstance(cells[-1], str) and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _column(heading: str) -> Column:
    if len(heading) > _LONGEST:
        raise ValueError(f"column {shown(heading)} is unknown; write a header such as {EXAMPLE}")
    text = " ".join(heading.strip().strip("\"'").split())
    if re.match(r"(time|zeit)\b|time_|t / s|t \(s\)", text, re.IGNORECASE):
        raise ValueError(
            "this is a table of samples, not a list of tones; save the design as .json or .npz to read it back"
        )
    if text.lower() in _REMARKS:
        note(f"column {shown(heading)} holds remarks and is left out")
        return Column(heading, "number", "", float)
    if text.lower() in _NUMBERING:
        return Column(heading, "number", "", float)
    name, unit = _name_and_unit(text)
    if name is None:
        quantity = _quantity_of_unit(text)
        if quantity is None:
            raise ValueError(f"column {shown(heading)} is unknown; write a header such as {EXAMPLE}")
        name, unit = quantity, text
    elif name == "angular frequency":
        unit = unit or "rad/s"
        if unit.lower() not in _RADIANS_PER_SECOND:
            raise ValueError(f"column {shown(heading)}: an angular frequency is in rad/s; call others frequency")
        name = "frequency"
    elif name == "power" and (not unit or re.fullmatch(r".?[VA].*", unit)):
        raise ValueError(f"column {shown(heading)} has no known unit; power takes dBm, dBW, W, mW, dB")
    elif name == "phase" and not unit:
        raise ValueError(f"column {shown(heading)} has no known unit; phase takes deg, rad")
    quantity = "amplitude" if name == "power" else name
    try:
        return Column(text, quantity, unit, _conversion(quantity, unit))
    except ValueError as error:
        raise ValueError(f"column {shown(heading)} has no known unit: {error}") from None


def _name_and_unit(text: str) -> tuple[str | None, str]:
    """The known name that a heading begins with, and the unit after it."""
    if match := re.fullmatch(r"(.*?)[\s_]*[\[(]\s*(.*?)\s*[\])]", text):
        name, unit = match[1], match[2]
        return _NAMES.get(name.lower().replace("_", " ")), unit
    for name in sorted(_NAMES, key=len, reverse=True):
        spelled = re.escape(name).replace(r"\ ", r"[\s_]")
        if match := re.fullmatch(rf"{spelled}(?:\s*[/,:]\s*|\s+in\s+|_in_|[\s_]+)(.+)|{spelled}", text, re.IGNORECASE):
            return _NAMES[name], (match[1] or "").strip()
    return None, ""


def _quantity_of_unit(text: str) -> str | None:
    """The quantity that a unit alone says."""
    for quantity in ("frequency", "phase", "amplitude"):
        try:
            _conversion(quantity, text)
        except ValueError:
            continue
        return quantity
    return None


def _conversion(quantity: str, unit: str) -> Callable[[Fraction], float]:
    """The conversion from a unit to the base unit: exact, so that 102.4 MHz is 102 400 000 Hz.

    Raises:
        ValueError: The quantity has no such unit.
    """
    if quantity == "amplitude":
        return amplitude_unit(unit)
    if quantity == "phase":
        factor = _PHASES[unit.lower()] if unit.lower() in _PHASES else factor_of(unit or "rad", "rad")
    else:
        factor = factor_of("rad/s" if unit.lower() in _RADIANS_PER_SECOND else unit or "Hz", "Hz")
    if isinstance(factor, Fraction):
        return lambda number: float(number * factor)
    return lambda number: float(number) * factor


def _exact(cell: Any) -> Fraction:
    """A number as its shortest decimal."""
    if isinstance(cell, bool) or cell is None:
        raise TypeError("no number")
    return Fraction(repr(float(cell)))


def _listed(place: str, numbers: Sequence[int], most: int = 5) -> str:
    """``line 4``, or ``lines 4, 7 and 9``."""
    if len(numbers) == 1:
        return f"{place} {numbers[0]}"
    shown_ones = [str(number) for number in numbers[:most]]
    rest = len(numbers) - most
    last = f"{rest} more" if rest > 0 else shown_ones.pop()
    return f"{place}s {', '.join(shown_ones)} and {last}"
