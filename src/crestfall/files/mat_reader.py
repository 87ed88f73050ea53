"""Numbers and texts of a MATLAB file of level 5, read with every length checked.

SciPy's reader trusts the lengths and codes in a file, and a damaged file can end the whole process; this one reads what
tones need (real vectors and matrices, and texts, compressed or not, of either byte order) and refuses the rest.
Format: MathWorks, *MAT-File Format*, level 5.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection
from math import prod
from typing import Any, NamedTuple

import numpy as np

from crestfall.files.reading import MAX_BYTES

_HEADER_BYTES = 128
_MATRIX, _COMPRESSED = 14, 15
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_TEXTS = {1: "latin-1", 2: "utf-8", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_TEXT_CLASS = 4
_NUMBER_CLASSES = range(6, 16)
_CLASS_NAMES = {1: "a cell array", 2: "a struct", 3: "an object", 5: "a sparse matrix"}
_COMPLEX_FLAG = 0x0800


class _Element(NamedTuple):
    kind: int
    content: bytes
    end: int
    """Where the next element begins."""


def names_in_mat(data: bytes) -> set[str]:
    """The names of all variables.

    Raises:
        ValueError: As ``read_mat``.
    """
    names: set[str] = set()
    _read_all(data, (), {}, names)
    return names


def read_mat(data: bytes, wanted: Collection[str] | None) -> dict[str, Any]:
    """The wanted variables: real vectors as float64 ``(n,)``, matrices ``(m, n)``, texts as ``str``.

    Args:
        data: The whole file.
        wanted: Names of variables; others are skipped unread. ``None`` for all that are numbers, complex ones too.

    Raises:
        ValueError: The bytes are not a MAT file of level 5, are truncated or damaged, unpack to more than
            ``MAX_BYTES``, or a wanted variable is neither a vector nor a matrix of real numbers nor a text.

    Example:
        >>> import io, scipy.io
        >>> file = io.BytesIO()
        >>> scipy.io.savemat(file, {"a": [1, 2, 3], "b": "text", "c": [[1j]]})
        >>> read_mat(file.getvalue(), ["a", "b"])
        {'a': array([1., 2., 3.]), 'b': 'text'}
    """
    found: dict[str, Any] = {}
    _read_all(data, wanted, found, set())
    return found


def _read_all(data: bytes, wanted: Collection[str] | None, found: dict[str, Any], names: set[str]) -> None:
    """Add the wanted variables to what was found, and all names to the names."""
    order = _byte_order(data)
    position, left = _HEADER_BYTES, MAX_BYTES
    while position < len(data):
        element = _element(data, position, order, padded=False)
        position = element.end
        if element.kind == _COMPRESSED:
            unpacked = _unpack(element.content, left)
            left -= len(unpacked)
            element = _element(unpacked, 0, order, padded=False)
        if element.kind == _MATRIX:
            _read_matrix(element.content, order, wanted, found, names)


def _byte_order(data: bytes) -> str:
    if data[:4] == b"\x89HDF" or b"MATLAB 7.3" in data[:116]:
        raise ValueError("not a MAT file of level 5 but of version 7.3 (HDF5); save it in MATLAB with -v7")
    if len(data) < _HEADER_BYTES or data[126:128] not in (b"IM", b"MI"):
        raise ValueError("not a MAT file of level 5; save it in MATLAB with -v7")
    return "<" if data[126:128] == b"IM" else ">"


def _element(data: bytes, position: int, order: str, *, padded: bool = True) -> _Element:
    """The data element at a position; those within a matrix are padded to 8 bytes, small ones fit their tag."""
    if position + 8 > len(data):
        raise ValueError("the MAT file is truncated; copy it again")
    kind, size = struct.unpack_from(order + "II", data, position)
    if padded and kind >> 16:
        kind, size, start, end = kind & 0xFFFF, kind >> 16, position + 4, position + 8
        if size > 4:
            raise ValueError(f"the MAT file is damaged: a small element of {size} bytes; copy it again")
    else:
        start = position + 8
        end = start + size + (-size % 8 if padded else 0)
    if start + size > len(data):
        raise ValueError("the MAT file is truncated; copy it again")
    return _Element(kind, data[start : start + size], end)


def _unpack(packed: bytes, most: int) -> bytes:
    stream = zlib.decompressobj()
    try:
        unpacked = stream.decompress(packed, most)
    except zlib.error as error:
        raise ValueError(f"the MAT file is damaged ({error}); copy it again") from None
    if stream.unconsumed_tail:
        raise ValueError(f"the MAT file unpacks to more than {MAX_BYTES} bytes, the most that is read")
    if not stream.eof:
        raise ValueError("the MAT file is truncated; copy it again")
    return unpacked


def _read_matrix(
    content: bytes, order: str, wanted: Collection[str] | None, found: dict[str, Any], names: set[str]
) -> None:
    if not content:
        return  # how MATLAB stores an empty cell
    flags = _element(content, 0, order)
    shape_element = _element(content, flags.end, order)
    name_element = _element(content, shape_element.end, order)
    name = name_element.content.decode("latin-1")
    names.add(name)
    if wanted is not None and name not in wanted:
        return
    if name in found:
        raise ValueError(f"{name} occurs twice; keep one")
    if len(flags.content) != 8 or len(shape_element.content) % 4:
        raise ValueError(f"the MAT file is damaged at {name}; copy it again")
    word = struct.unpack(order + "II", flags.content)[0]
    array_class = word & 0xFF
    shape = np.frombuffer(shape_element.content, order + "i4").tolist()
    if wanted is None:
        if array_class in _NUMBER_CLASSES:
            found[name] = _numbers(content, name_element.end, order, shape, name, word & _COMPLEX_FLAG)
        return
    if array_class not in (_TEXT_CLASS, *_NUMBER_CLASSES) or word & _COMPLEX_FLAG:
        what = _CLASS_NAMES.get(array_class, "complex" if word & _COMPLEX_FLAG else f"of class {array_class}")
        raise ValueError(f"{name} is {what}; it must be a vector of real numbers")
    values = _element(content, name_element.end, order)
    if array_class == _TEXT_CLASS:
        found[name] = _text(values, order, name)
    else:
        found[name] = _vector(values, order, shape, name)


def _numbers(content: bytes, begin: int, order: str, shape: list[int], name: str, is_complex: int) -> np.ndarray:
    real = _element(content, begin, order)
    if not is_complex:
        return _vector(real, order, shape, name)
    imaginary = _element(content, real.end, order)
    return _vector(real, order, shape, name) + 1j * _vector(imaginary, order, shape, name)


def _vector(values: _Element, order: str, shape: list[int], name: str) -> np.ndarray:
    if values.kind not in _NUMBERS:
        raise ValueError(f"the MAT file is damaged: {name} has values of type {values.kind}; copy it again")
    dtype = np.dtype(order + _NUMBERS[values.kind])
    if min(shape, default=0) < 0 or prod(shape) * dtype.itemsize != len(values.content):
        raise ValueError(f"the MAT file is damaged: {name} has {len(values.content)} bytes of values for shape {shape}")
    if len(shape) > 2:
        raise ValueError(f"{name} has shape {shape}; it must be a vector or a matrix")
    numbers = np.frombuffer(values.content, dtype).astype(np.float64)
    return numbers if prod(shape) == max(shape, default=0) else numbers.reshape(shape, order="F")


def _text(values: _Element, order: str, name: str) -> str:
    encoding = _TEXTS.get(values.kind)
    if encoding is None:
        raise ValueError(f"the MAT file is damaged: {name} has characters of type {values.kind}; copy it again")
    if encoding in ("utf-16", "utf-32"):
        encoding += "-le" if order == "<" else "-be"
    try:
        return values.content.decode(encoding)
    except UnicodeDecodeError:
        raise ValueError(f"the MAT file is damaged: {name} is not a text in {encoding}; copy it again") from None
