"""Tones from NumPy's ``.npy`` files, without pickles.

A vector holds frequencies [Hz]; a matrix of two columns (or, longer, of two rows) frequencies and linear amplitudes; a
structured array has columns by their names, with units (see ``tone_columns``).
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from math import prod
from typing import Any

import numpy as np

from crestfall.files.reading import MAX_TONES
from crestfall.files.tone_columns import columns_of
from crestfall.problem.multisine import Multisine


def decode(data: bytes, *, complex: bool = False) -> Multisine:
    """The tones of an array.

    Raises:
        ValueError: It is not an array of numbers of such a shape, or a value is out of range.

    Example:
        >>> buffer = BytesIO()
        >>> np.save(buffer, np.array([[10.0, 1.0], [30.0, 0.5], [40.0, 0.5]]))
        >>> decode(buffer.getvalue()).amplitudes.tolist()
        [1.0, 0.5, 0.5]
    """
    array = read_array(data)
    if array.dtype.names is not None:
        names: Sequence[str] | None = array.dtype.names
        array = np.stack([np.asarray(array[name], dtype=np.float64).ravel() for name in array.dtype.names], axis=1)
    else:
        names = None
        array = _columns(array)
    if array.shape[0] > MAX_TONES:
        raise ValueError(f"the array has {array.shape[0]} rows; at most {MAX_TONES} tones are read")
    return columns_of(names, enumerate(array.tolist()), place="row").multisine(complex=complex)


def read_array(data: bytes) -> np.ndarray:
    """The array of an ``.npy`` file, checked before it is allocated.

    Raises:
        ValueError: It is not such a file, holds objects, or less than it announces.
    """
    stream = BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        shape, _, dtype = read_header[version](stream)
        if not dtype.hasobject and prod(shape) * max(dtype.itemsize, 1) <= len(data):
            return np.asarray(np.lib.format.read_array(BytesIO(data), allow_pickle=False))
        problem = f"it announces an array of type {dtype} and shape {shape} that it does not hold"
    except MemoryError:
        raise
    except Exception as error:  # damaged bytes make NumPy raise almost anything
        problem = str(error)
    raise ValueError(f"not an NPY file of numbers: {problem}; save one with numpy.save")


def _columns(array: np.ndarray) -> Any:
    if array.dtype.kind not in "iuf":
        raise ValueError(f"the array has type {array.dtype}; give real numbers: frequencies in Hz, and amplitudes")
    if array.ndim == 1:
        return array[:, None]
    if array.ndim == 2 and array.shape[1] in (1, 2) and array.shape != (2, 2):
        return array
    if array.ndim == 2 and array.shape[0] in (1, 2) and array.shape != (2, 2):
        return array.T
    raise ValueError(
        f"the array has shape {array.shape}; give a vector of frequencies, or a column of frequencies and one of "
        "amplitudes" + (" (two tones: as text, or with names for the columns)" if array.shape == (2, 2) else "")
    )
