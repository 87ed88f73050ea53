"""Designs as NumPy arrays, without pickles.

The vectors ``frequencies_hz``, ``amplitudes``, ``phases_rad`` (a row for each input where inputs have their own);
``initial_phases_rad`` if the tones came with phases; for several inputs ``coefficients``, ``(n, inputs, experiments)``
complex amplitudes, with which a frequency response matrix is estimated; and ``header``, a text that holds everything
else as JSON, under the keys of the JSON format.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from math import prod
from typing import Any

import numpy as np

from crestfall.design.design import Design
from crestfall.files import version_1
from crestfall.files.plain_tones import multisine_of_arrays
from crestfall.files.reading import MAX_BYTES
from crestfall.files.record import VECTORS, dumps, from_columns, from_record, loads, to_columns
from crestfall.problem.multisine import Multisine

_NAMES = (*VECTORS, "header")

MAX_TOTAL = 5 * MAX_BYTES
"""Most bytes of all arrays of a file together: those of one design can be as many."""


def encode(design: Design) -> bytes:
    """The NPZ archive.

    Example:
        >>> from crestfall import Multisine
        >>> data = encode(Design.of(Multisine([1.0, 2.0]), [0.0, 1.0]))
        >>> with np.load(BytesIO(data), allow_pickle=False) as arrays:
        ...     arrays["phases_rad"].tolist()
        [0.0, 1.0]
    """
    header, vectors = to_columns(design)
    arrays: dict[str, Any] = {key: np.array(values) for key, values in vectors.items()}
    if design.problem.channels is not None:
        arrays["coefficients"] = design.coefficients
    buffer = BytesIO()
    np.savez(buffer, header=np.array(dumps(header, ascii_only=True)), **arrays)
    return buffer.getvalue()


def decode(data: bytes, *, complex: bool = False) -> Design | Multisine:
    """The design of an NPZ archive, or the tones of the arrays that ``plain_tones`` knows."""
    arrays = read_arrays(data, lambda key: key in (*_NAMES, "complex") or key.startswith("input"))
    if "header" not in arrays:
        return multisine_of_arrays(arrays, complex=complex)
    header = arrays["header"]
    if header.dtype.kind != "U" or header.ndim != 0:
        raise ValueError("not a file of crestfall: 'header' is not a text; save the design again")
    record = loads(str(header))
    if isinstance(record, dict) and record.get("format") == version_1.SET:
        return from_record(version_1.with_arrays(record, arrays))
    return from_columns(record, arrays)


def names_in_npz(data: bytes) -> set[str]:
    """The names of the arrays of an archive; of a damaged one ``header``, so that its reader says what is wrong.

    Example:
        >>> buffer = BytesIO()
        >>> np.savez(buffer, a=[1.0])
        >>> names_in_npz(buffer.getvalue())
        {'a'}
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return {name.removesuffix(".npy") for name in archive.namelist()}
    except Exception:  # what is wrong is said by those who read it
        return {"header"}


def read_arrays(data: bytes, wanted: Callable[[str], bool]) -> dict[str, Any]:
    """The arrays of an NPZ archive whose names are wanted, without pickles and with limits of size.

    Raises:
        ValueError: It is not an NPZ archive, or an array is too large, of a type that is not plain, or not all there.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            keys = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
            keys = [key for key in keys if wanted(key)]
            if sum(archive.getinfo(f"{key}.npy").file_size for key in keys) > MAX_TOTAL:
                raise ValueError(f"the arrays unpack to more than {MAX_TOTAL} bytes")
            return {key: _array(archive, key) for key in keys}
    except (ValueError, MemoryError):
        raise
    except Exception as error:  # damaged bytes make zipfile and NumPy raise almost anything
        raise ValueError(f"not an NPZ file: {error}; only what crestfall saved can be loaded") from None


def _array(archive: zipfile.ZipFile, key: str) -> np.ndarray:
    """One member, after checking that what its headers announce is there and small enough to be read."""
    member = archive.getinfo(f"{key}.npy")
    if member.file_size > MAX_BYTES:
        raise ValueError(f"{key} unpacks to {member.file_size} bytes; at most {MAX_BYTES} are read")
    with archive.open(member) as stream:
        content = stream.read(member.file_size + 1)
    stream = BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):
        raise ValueError(f"{key} is an array of format version {version}; save the design again")
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    # An announced shape is allocated before it is read, so it has to be believable.
    if dtype.hasobject or prod(shape) * max(dtype.itemsize, 1) > len(content):
        raise ValueError(f"{key} announces an array of type {dtype} and shape {shape} that the file does not hold")
    return np.lib.format.read_array(BytesIO(content), allow_pickle=False)
