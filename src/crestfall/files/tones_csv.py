"""Designs as CSV, and the tones of any other CSV file (see ``tone_list``).

A saved design has a line for each tone, values separated by commas, under a header that names the columns:

- ``frequency_hz`` [Hz] and ``amplitude``;
- ``phase_rad`` [rad], the phases of the design;
- ``initial_phase_rad`` [rad], if the tones came with phases.

Lines that begin with ``#`` are comments; those at the top keep the problem and the figures: ``# key: JSON``.

The design of several inputs is a table of samples instead, written only: ``time_s``, and a column for each input in
each experiment, complex ones as two columns.
"""

from __future__ import annotations

import csv
from io import StringIO
from os import PathLike
from typing import Any

import numpy as np

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.files import tone_list, version_1
from crestfall.files.reading import naming, number_of_text, path_of, read_bytes, shown, text_of
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


def read_tones(path: str | PathLike[str], complex: bool = False) -> Multisine:
    """The tones of a CSV file; a column of phases, if there is one, becomes ``initial_phases``.

    Headings, units and separators are those of ``tone_list``: ``frequency_hz,amplitude`` or ``f / kHz; level_dBV``.

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
    text = text_of(data).replace("\r\n", "\n").replace("\r", "\n")
    comments = _comments(text)
    is_old = comments.get("format") == dumps(version_1.DESIGN)
    if not is_old and comments.get("format") != dumps(FORMAT):
        return tone_list.columns_of_text(text).multisine(complex=complex)
    record: dict[str, Any] = {key: _comment_value(key, value) for key, value in comments.items()}
    if not is_old:
        design = {key: record.pop(key) for key in list(record) if key not in ("format", "version", "problem")}
        record["design"] = design
    return from_columns(record, {_COLUMNS[name]: values for name, values in _columns(text).items()})


# ------------------------------------------------------------------ parts


def _samples_table(design: Design, playback: Playback) -> bytes:
    played = playback.of(design)
    require_text_size(played.values.size)
    columns: dict[str, Any] = {}
    for name, values in played.signals():
        if np.iscomplexobj(values):
            columns |= {f"{name} real": values.real, f"{name} imaginary": values.imag}
        else:
            columns[name] = values
    times = played.times_s.tolist()
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["time_s", *columns])
    writer.writerows(zip(map(repr, times), *(map(repr, values.tolist()) for values in columns.values()), strict=True))
    return text.getvalue().encode()


def _comments(text: str) -> dict[str, str]:
    """``# key: value`` above the header; the values are still text."""
    comments: dict[str, str] = {}
    for line in map(str.strip, text.split("\n")):
        if line and not line.startswith("#"):
            break
        key, colon, value = line[1:].partition(":")
        if colon:
            comments[key.strip()] = value.strip()
    return comments


def _columns(text: str) -> dict[str, list[float]]:
    """The columns of a saved design."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip() and line[0] != "#"]
    if not lines:
        raise ValueError("no header line; the first line must name the columns, frequency_hz,amplitude")
    number, header = lines[0]
    names = [name.strip(' "') for name in header.split(",")]
    for name in names:
        if name not in _COLUMNS or names.count(name) > 1:
            known = ", ".join(_COLUMNS)
            raise ValueError(f"line {number}: column {shown(name)} is unknown or there twice; known columns: {known}")
    for name in _REQUIRED:
        if name not in names:
            raise ValueError(f"line {number}: column {name!r} is missing; the header must name frequency_hz,amplitude")
    plain = tone_list.plain_numbers(lines[1:], ",", len(names))
    if plain is not None:
        return dict(zip(names, plain, strict=True))
    rows = [[_number(number, name, cell) for name, cell in _pairs(number, names, line)] for number, line in lines[1:]]
    if not rows:
        raise ValueError("no tones below the header; give one line for each tone")
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def _pairs(number: int, names: list[str], line: str) -> list[tuple[str, str]]:
    cells = [cell.strip(' "') for cell in line.split(",")]
    if len(cells) != len(names):
        raise ValueError(f"line {number}: {len(cells)} values, but the header names {len(names)} columns")
    return list(zip(names, cells, strict=True))


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
