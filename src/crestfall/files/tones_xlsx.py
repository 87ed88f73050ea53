"""Tones from Excel workbooks: the first sheet, read by openpyxl. Needs ``crestfall[tables]``."""

from __future__ import annotations

import warnings
import zipfile
from io import BytesIO
from typing import Any

from crestfall.files.reading import MAX_BYTES, MAX_TONES
from crestfall.files.tone_columns import Cell, columns_of, is_heading
from crestfall.problem.extras import imported
from crestfall.problem.multisine import Multisine

_MOST_COLUMNS = 64

Row = tuple[int, list[Cell]]


def decode(data: bytes, *, complex: bool = False) -> Multisine:
    """The tones of the first sheet, with headings as in text (see ``tone_columns``); empty rows are passed over.

    Raises:
        ImportError: openpyxl is not installed.
        ValueError: It is not a workbook, or its first sheet is not a list of tones; the message names the row.
    """
    rows = _rows(data)
    if not rows:
        raise ValueError("the first sheet is empty; put a tone into each row, under headings such as frequency_MHz")
    _, first = rows[0]
    if not is_heading(first):
        return columns_of(None, rows, place="row", decimal_comma=True).multisine(complex=complex)
    headings = [str(cell) for cell in first]
    return columns_of(headings, rows[1:], place="row", decimal_comma=True).multisine(complex=complex)


def _rows(data: bytes) -> list[Row]:
    """Row number and cells of each row of the first sheet that holds values."""
    openpyxl = imported("openpyxl")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > MAX_BYTES:
            raise ValueError(f"the workbook unpacks to {size} bytes; at most {MAX_BYTES} are read")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which hold no tones
            book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            limits = {"max_row": MAX_TONES + 2, "max_col": _MOST_COLUMNS}
            found = [(k, _cells(row)) for k, row in enumerate(sheet.iter_rows(values_only=True, **limits), 1)]
            book.close()
    except (ValueError, MemoryError):
        raise
    except Exception as error:  # damaged bytes make zipfile and openpyxl raise almost anything
        raise ValueError(f"not an XLSX workbook: {error}; save it again, or as CSV") from None
    return [(k, cells) for k, cells in found if cells]


def _cells(row: tuple[Any, ...]) -> list[Cell]:
    """The cells up to the last that is not empty."""
    cells: list[Cell] = [
        "" if cell is None else cell if isinstance(cell, int | float) else str(cell).strip() for cell in row
    ]
    while cells and cells[-1] == "":
        cells.pop()
    return cells
