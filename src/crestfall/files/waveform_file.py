"""Samples of a waveform that exists, from a file: WAV, ``.npy``, or text in one column or two.

Text has a value on each line, or a time [s] and a value, separated by a comma, a semicolon, a tab or blanks; the first
line may name the columns, and lines that begin with ``#`` or ``%`` are comments. After semicolons, tabs and blanks a
comma is a decimal comma. Times tell the sample rate.
"""

from __future__ import annotations

import re
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.files.reading import naming, number_of_text, path_of, read_bytes, shown, text_of
from crestfall.files.tones_npy import read_array

MOST_SAMPLES = 2**22
"""Most samples that are read as a waveform."""
_LARGEST = 1e150
"""Largest number that is read: squares and sums of such samples stay within range."""
_UNEVEN = 1e-3
"""Part of a sample by which times may be rounded."""


def read_waveform(path: str | PathLike[str]) -> tuple[npt.NDArray[Any], float | None]:
    """The samples of a file, and their rate [Hz] if the file says it.

    Raises:
        ValueError: It holds no samples of one signal, or times that are not equally spaced; the message begins with the
            path and names the line.
        OSError: The file does not exist or cannot be read.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder) / "cycle.csv"
        ...     _ = file.write_text("time_s,current_A\\n0,1\\n0.5,3\\n1.0,2\\n")
        ...     values, rate = read_waveform(file)
        >>> values.tolist(), rate
        ([1.0, 3.0, 2.0], 2.0)
    """
    path = path_of(path)
    if path.suffix.lower() == ".wav":
        from crestfall.files.wav import read_samples

        return read_samples(path)
    data = read_bytes(path)
    with naming(path):
        if path.suffix.lower() == ".npy":
            return _of_array(read_array(data))
        return _of_text(text_of(data))


def _of_array(array: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], float | None]:
    if array.dtype.kind not in "buifc" or array.dtype.names is not None:
        raise ValueError(f"the array is of type {array.dtype}; give real or complex numbers")
    array = np.squeeze(array)
    if array.ndim == 2 and array.shape[1] == 2 and array.dtype.kind != "c":
        return _with_times(array.astype(np.float64), lambda k: f"row {k}")
    if array.ndim != 1:
        raise ValueError(f"the array has shape {array.shape}; give one signal, or columns of times and values")
    return _checked(array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)), None


def _of_text(text: str) -> tuple[npt.NDArray[Any], float | None]:
    lines = [
        (number, line.strip())
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith(("#", "%"))
    ]
    if lines and all(number_of_text(cell) is None for cell in _cells(lines[0][1])):  # names of the columns
        lines = lines[1:]
    if not 2 <= len(lines) <= MOST_SAMPLES:
        raise ValueError(f"there are {len(lines)} lines with values; give 2 to {MOST_SAMPLES} samples")
    width = len(_cells(lines[0][1]))
    if width > 2:
        raise ValueError(f"line {lines[0][0]} has {width} values; give one column of values, or times and values")
    table = np.empty((len(lines), width))
    for row, (number, line) in enumerate(lines):
        cells = _cells(line)
        if len(cells) != width:
            raise ValueError(f"line {number} has {len(cells)} values, but the first has {width}; give as many on each")
        for column, cell in enumerate(cells):
            value = number_of_text(cell)
            if value is None:
                raise ValueError(f"line {number}: {shown(cell)} is not a finite number")
            table[row, column] = value
    if width == 1:
        return _checked(table[:, 0]), None
    return _with_times(table, lambda k: f"line {lines[k][0]}")


def _cells(line: str) -> list[str]:
    """The values of a line."""
    mark = next((mark for mark in (";", "\t") if mark in line), None)
    if mark is not None:
        return [cell.strip().replace(",", ".") for cell in line.split(mark)]
    if re.fullmatch(r"[^ ,]+(, *| +, *)[^ ,]+(,.*)?", line):
        return [cell.strip() for cell in line.split(",")]
    return [cell.replace(",", ".") for cell in line.split()]


def _with_times(table: npt.NDArray[np.float64], place: Any) -> tuple[npt.NDArray[Any], float | None]:
    """The second of two columns, and the rate that the first tells."""
    times, values = table.T
    _checked(times)
    step = (times[-1] - times[0]) / (times.size - 1) if times.size > 1 else 0.0
    if not step > 0.0:
        raise ValueError("the times of the first column do not rise; give times in seconds, or one column of values")
    off = np.abs(times - times[0] - step * np.arange(times.size))
    if np.max(off) > _UNEVEN * step:
        k = int(np.argmax(off > _UNEVEN * step))
        raise ValueError(
            f"{place(k)}: the time {times[k]:.9g} s is not on equal steps of {step:.6g} s; sample the waveform anew"
        )
    rate = 1.0 / step
    whole = float(np.rint(rate))
    return _checked(values), whole if whole and abs(rate / whole - 1.0) < 1e-9 else rate


def _checked(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if not 2 <= values.size <= MOST_SAMPLES:
        raise ValueError(f"there are {values.size} samples; give 2 to {MOST_SAMPLES}")
    fits = np.abs(values.real) + np.abs(values.imag) <= _LARGEST  # false for nan, too
    if not np.all(fits):
        k = int(np.argmin(fits))
        raise ValueError(f"number {k} is {values[k]}; every one must be finite, and at most {_LARGEST:g}")
    return values
