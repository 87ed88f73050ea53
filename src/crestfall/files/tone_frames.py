"""Tones of tables in memory: data frames, mappings of columns, structured arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from crestfall.files.tone_columns import Cell, columns_of
from crestfall.problem.arguments import items
from crestfall.problem.multisine import Multisine


def multisine_of_table(table: Any, *, complex: bool = False) -> Multisine:
    """The tones of a table whose columns are named as in files (see ``tone_columns``).

    Args:
        table: A pandas or polars DataFrame, an xarray Dataset, a mapping of columns, or a structured NumPy array.
        complex: Complex baseband instead of a real signal.

    Raises:
        TypeError: It has no named columns.
        ValueError: A heading is unknown, the columns differ in length, or a value is not a number or out of range; the
            message names the row, counted from 0.

    Example:
        >>> multisine_of_table({"f / kHz": [1, 2], "level_dBV": [0, -20]}).amplitudes.round(6).tolist()
        [1.414214, 0.141421]
    """
    columns = _columns(table)
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"the columns differ in length: {', '.join(f'{n} has {k}' for n, k in lengths.items())}")
    rows = enumerate(zip(*columns.values(), strict=True))
    return columns_of(list(columns), rows, place="row").multisine(complex=complex)


def _columns(table: Any) -> dict[str, list[Cell]]:
    if hasattr(table, "to_dataframe"):  # of xarray; the frequencies are often its coordinate
        table = table.to_dataframe().reset_index()
    if isinstance(table, np.ndarray) and table.dtype.names is not None:
        return {name: _cells(table[name], name) for name in table.dtype.names}
    names = table.columns if hasattr(table, "columns") else table if isinstance(table, Mapping) else None
    if names is None:
        raise TypeError(
            f"table is of type {type(table).__name__}; give a data frame, a mapping of columns or a structured array, "
            "or lists of frequencies and amplitudes to Multisine"
        )
    return {str(name): _cells(table[name], str(name)) for name in names}


def _cells(values: Any, name: str) -> list[Cell]:
    if np.ma.isMaskedArray(values):
        cells: list[Cell] = np.ma.asarray(values).filled(np.nan).tolist()
        return cells
    return list(items(f"table: the column {name!r}", values, "a list with a value for each tone"))
