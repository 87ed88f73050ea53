"""Tones and designs as CSV.

One line for each tone, values separated by commas, with a header that names the columns in any order:

- ``frequency_hz`` [Hz] and ``amplitude``, required;
- ``phase_rad`` [rad], optional: the phases of a design, or those that the tones came with;
- ``initial_phase_rad`` [rad], optional: the phases that the tones of a design came with.

Lines that begin with ``#`` are comments. A saved design keeps its problem and figures in those at the top:
``# key: JSON``.

The design of several inputs is a table of samples instead, written only: ``time_s``, and a column for each input in
each experiment, complex ones as two columns.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from math import isfinite, nan
from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.files import version_1
from crestfall.files.reading import MAX_TONES, naming, number_of_text, path_of, read_bytes, shown, text_of
from crestfall.files.record import FORMAT, dumps, from_columns, loads, to_columns
from crestfall.files.samples import require_text_size
from crestfall.problem.multisine import Multisine

_COLUMNS = {
    "frequency_hz": "frequencies_hz",
    "amplitude": "amplitudes",
    "phase_rad": "phases_rad",
    "initial_phase_rad": "initial_phases_rad",
}
_REQUIRED = ("frequency_hz", "amplitude")


class _Table(NamedTuple):
    columns: dict[str, list[float]]
    lines: Sequence[int]
    """Line number of each tone."""
    comments: dict[str, str]
    """``# key: value`` comments; the values are still text."""


def read_tones(path: str | PathLike[str], complex: bool = False) -> Multisine:
    """The tones of a CSV file; the column ``phase_rad``, if there is one, becomes ``initial_phases``.

    Args:
        path: The file, in UTF-8.
        complex: Complex baseband instead of a real signal. A file saved from a complex design says so itself.

    Raises:
        ValueError: A column is missing or unknown, a line is too short or too long, a value is not a finite number or
            out of range, or the frequencies have no common period. The message names the file, line and column.
        OSError: The file does not exist or cannot be read.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "tones.csv"
        ...     _ = path.write_text("# two tones\\nfrequency_hz,amplitude\\n10,1\\n30,0.5\\n")
        ...     read_tones(path)
        Multisine(n=2, 10 … 30 Hz, fundamental 10 Hz, real)
    """
    path = path_of(path)
    data = read_bytes(path)
    with naming(path):
        found = decode(data, complex=complex)
        return found if isinstance(found, Multisine) else found.multisine.with_initial_phases(found.phases)


def encode(design: Design, *, playback: Playback = AS_DESIGNED) -> bytes:
    """The CSV text: figures in comment lines, then the tones, with numbers that read back to the last bit.

    Args:
        design: The design.
        playback: For several inputs: rate, length and level.

    Raises:
        ValueError: A playback is given for a design of one drive, whose table holds tones and not samples; or it does
            not suit the design.

    Example:
        >>> print(encode(Design.of(Multisine([1.0, 2.0]), [0.0, 0.5])).decode().splitlines()[-3:])
        ['frequency_hz,amplitude,phase_rad', '1.0,1.0,0.0', '2.0,1.0,0.5']
    """
    if design.problem.channels is not None:
        return _samples_table(design, playback)
    if playback != AS_DESIGNED:
        raise ValueError(
            f"{', '.join(playback.said())}: a .csv file of one drive holds tones, not samples; leave it out, or save "
            "samples as .txt"
        )
    header, vectors = to_columns(design)
    header |= header.pop("design")
    columns = {name: vectors[key] for name, key in _COLUMNS.items() if key in vectors}
    lines = [f"# {key}: {dumps(value)}" for key, value in header.items()]
    lines.append(",".join(columns))
    lines += [",".join(map(repr, row)) for row in zip(*columns.values(), strict=True)]
    return ("\n".join(lines) + "\n").encode()


def decode(data: bytes, *, complex: bool = False) -> Design | Multisine:
    """The design of a CSV text that ``encode`` wrote, or the tones of any other."""
    table = _parse(data)
    is_old = table.comments.get("format") == dumps(version_1.DESIGN)
    if not is_old and table.comments.get("format") != dumps(FORMAT):
        return _tones(table, complex)
    record: dict[str, Any] = {key: _comment_value(key, text) for key, text in table.comments.items()}
    if not is_old:
        design = {key: record.pop(key) for key in list(record) if key not in ("format", "version", "problem")}
        record["design"] = design
    return from_columns(record, {_COLUMNS[name]: values for name, values in table.columns.items()})


# ------------------------------------------------------------------ parts


def _tones(table: _Table, complex: bool) -> Multisine:
    frequencies, amplitudes = table.columns["frequency_hz"], table.columns["amplitude"]
    if (tone := _first_not_above_0(amplitudes)) is not None:
        raise ValueError(
            f"line {table.lines[tone]}: amplitude is {amplitudes[tone]}; it must be above 0, "
            "turn a tone by its phase instead"
        )
    if not complex and (tone := _first_not_above_0(frequencies)) is not None:
        raise ValueError(
            f"line {table.lines[tone]}: frequency_hz is {frequencies[tone]}; a real tone needs a frequency above 0 Hz, "
            "and complex tones need complex=True"
        )
    return Multisine(frequencies, amplitudes, complex=complex, initial_phases=table.columns.get("phase_rad"))


def _first_not_above_0(values: list[float]) -> int | None:
    return next((place for place, value in enumerate(values) if value <= 0), None)


def _samples_table(design: Design, playback: Playback) -> bytes:
    samples = playback.of(design)
    require_text_size(samples.values.size)
    columns: dict[str, Any] = {}
    for name, values in samples.signals():
        if np.iscomplexobj(values):
            columns |= {f"{name} real": values.real, f"{name} imaginary": values.imag}
        else:
            columns[name] = values
    times = samples.times_s.tolist()
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["time_s", *columns])
    writer.writerows(zip(map(repr, times), *(map(repr, values.tolist()) for values in columns.values()), strict=True))
    return text.getvalue().encode()


def _parse(data: bytes) -> _Table:
    text = text_of(data).replace("\r\n", "\n").replace("\r", "\n")
    comments: dict[str, str] = {}
    rows = _rows(text, comments)
    try:
        line, header = next(rows)
    except StopIteration:
        raise ValueError("no header line; the first line must name the columns, frequency_hz,amplitude") from None
    names = _require_names(line, header)
    plain = _plain_numbers(text, line, len(names))
    if plain is not None:
        return _Table(dict(zip(names, plain, strict=True)), range(line + 1, line + 1 + len(plain[0])), comments)
    columns: dict[str, list[float]] = {name: [] for name in names}
    lines: list[int] = []
    for line, cells in rows:
        if len(cells) != len(names):
            raise ValueError(f"line {line}: {len(cells)} values, but the header names {len(names)} columns")
        if len(lines) == MAX_TONES:
            raise ValueError(f"line {line}: more than {MAX_TONES} tones; split the file")
        lines.append(line)
        for name, cell in zip(names, cells, strict=True):
            columns[name].append(_number(line, name, cell))
    if not lines:
        raise ValueError("no tones below the header; give one line for each tone")
    return _Table(columns, lines, comments)


def _plain_numbers(text: str, header_line: int, width: int) -> list[list[float]] | None:
    """The columns of a table of nothing but finite numbers, read in one pass; ``None`` if any line is something else.

    It reads a million lines in a tenth of the time; whatever is not plain is left to the way that names the line.
    """
    lines = text.rstrip().split("\n")[header_line:]
    if not 0 < len(lines) <= MAX_TONES or any(line.count(",") != width - 1 for line in lines):
        return None
    body = ",".join(lines)
    try:
        values = list(map(float, body.split(","))) if "_" not in body else [nan]
    except ValueError:
        return None
    return [values[column::width] for column in range(width)] if all(map(isfinite, values)) else None


def _rows(text: str, comments: dict[str, str]) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and cells of the lines with values; ``# key: value`` above them goes to ``comments``."""
    begun = False
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith("#"):
            key, colon, value = stripped[1:].partition(":")
            if colon and not begun:
                comments[key.strip()] = value.strip()
        elif stripped:
            begun = True
            try:
                yield number, [cell.strip() for cell in next(csv.reader([line], strict=True))]
            except csv.Error as error:
                raise ValueError(f"line {number}: not CSV ({error}); write plain numbers separated by commas") from None


def _require_names(line: int, header: list[str]) -> list[str]:
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        separator = "semicolons" if ";" in header[0] else "tabs"
        raise ValueError(
            f"line {line}: the columns are separated by {separator}; save with commas between them and decimal points"
        )
    if header[0] == "time_s":
        raise ValueError("a table of samples, which is written only; save the design as .json or .npz to read it back")
    for name in header:
        if name not in _COLUMNS:
            raise ValueError(f"line {line}: column {shown(name)} is unknown; known columns: {', '.join(_COLUMNS)}")
        if header.count(name) > 1:
            raise ValueError(f"line {line}: column {name!r} occurs twice; keep one")
    for name in _REQUIRED:
        if name not in header:
            raise ValueError(f"line {line}: column {name!r} is missing; the header must name frequency_hz,amplitude")
    return header


def _number(line: int, name: str, cell: str) -> float:
    value = number_of_text(cell)
    if value is None:
        raise ValueError(f"line {line}: {name} is {shown(cell)}; it must be a finite number such as 0.5")
    return value


def _comment_value(key: str, text: str) -> Any:
    try:
        return loads(text)
    except ValueError:
        raise ValueError(
            f"comment {shown(key)} is {shown(text)}, not what crestfall wrote; delete the comment lines at the top "
            "to read the file as plain tones with phases"
        ) from None
