"""Samples as a SCPI definite-length block: ``#``, the number of digits, the number of bytes, the bytes.

It is what ``DATA:ARBitrary`` and its relatives take, and what PyVISA's ``write_binary_values`` sends
(IEEE 488.2, <DEFINITE LENGTH ARBITRARY BLOCK PROGRAM DATA>).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.design.played import Played
from crestfall.files.samples import (
    FULL_SCALE,
    in_order,
    played_counts,
    signal_files,
    to_counts,
    to_float32,
    type_name,
    volts_per_count,
)
from crestfall.files.sidecar import encode_sidecar, sidecar_name

_MAX_BLOCK = 999_999_999
_TYPES = {"int16": "i2", "float32": "f4"}


def scpi_block(samples: npt.ArrayLike, *, sample_type: str = "float32", big_endian: bool = False) -> bytes:
    """One definite-length block.

    Args:
        samples: ``(N,)`` real samples, or complex ones that are sent as I, Q, I, Q, …
        sample_type: ``"float32"``, or ``"int16"`` for counts within ±32 767, which are rounded.
        big_endian: Most significant byte first, as after ``FORMat:BORDer NORMal``.

    Raises:
        ValueError: The samples are not finite, not one-dimensional, beyond the range of the type or too many.

    Example:
        >>> scpi_block([1, 2, -1], sample_type="int16")
        b'#16\\x01\\x00\\x02\\x00\\xff\\xff'
    """
    if sample_type not in _TYPES:
        raise ValueError(f'sample_type is {sample_type!r}; use "int16" or "float32"')
    values = np.asarray(samples)
    if values.ndim != 1 or values.size == 0 or values.dtype.kind not in "iufc":
        raise ValueError(f"samples have type {values.dtype} and shape {values.shape}; give a vector of numbers")
    if not np.all(np.isfinite(values)):
        k = int(np.argmin(np.isfinite(values)))
        raise ValueError(f"samples[{k}] is {values[k]}; every sample must be a finite number")
    numbers = to_counts(values, 1.0, FULL_SCALE) if sample_type == "int16" else to_float32(values)
    return _block(numbers.astype((">" if big_endian else "<") + _TYPES[sample_type]).tobytes())


def _block(data: bytes) -> bytes:
    if len(data) > _MAX_BLOCK:
        raise ValueError(f"samples take {len(data)} bytes; a block holds at most {_MAX_BLOCK}, so send fewer periods")
    length = str(len(data))
    return f"#{len(length)}{length}".encode("ascii") + data


def file_names(name: str, design: Design | None = None) -> list[str]:
    """The files: description (see ``sidecar``), and a block for each signal (see ``signal_files``)."""
    return [sidecar_name(name), *([name] if design is None else signal_files(design, name))]


def encode_files(
    design: Design,
    name_of_file: str,
    *,
    playback: Playback = AS_DESIGNED,
    sample_type: str = "int16",
    command: str = "",
) -> dict[str, bytes]:
    """The bytes of the description and of a block for each signal.

    Args:
        design: The design.
        name_of_file: Name of the file with the block.
        playback: Rate, length, level and converter.
        sample_type: ``"int16"`` with the certified peak at 32 767 counts, or ``"float32"`` in volts.
        command: What to send before the block, for instance ``"SOURce1:DATA:ARBitrary:DAC multisine,"``.

    Raises:
        ValueError: An option is out of range, or there would be too many samples.

    Example:
        >>> from crestfall import Multisine
        >>> encode_files(Design.of(Multisine([1.0]), [0.0]), "a.scpi", command="DATA ")["a.scpi"]
        b'DATA #18\\xff\\x7f\\x00\\x00\\x01\\x80\\x00\\x00'
    """
    if sample_type not in tuple(_TYPES):
        raise ValueError(f'sample_type is {sample_type!r}; use "int16" or "float32"')
    if not (isinstance(command, str) and command.isascii() and command.isprintable()):
        raise ValueError(f"command is {command!r}; it must be printable ASCII on one line")
    played = playback.of(design)
    step = volts_per_count(played) if sample_type == "int16" else 1.0
    blocks = [_numbers(played, values, sample_type) for _, values in played.signals()]
    kind = type_name(blocks[0])
    names = signal_files(design, name_of_file)
    description = encode_sidecar(design, played, kind, step, () if names == [name_of_file] else names)
    texts = (command.encode() + _block(block.tobytes()) for block in blocks)
    return {sidecar_name(name_of_file): description} | dict(zip(names, texts, strict=True))


def _numbers(played: Played, values: npt.NDArray[Any], sample_type: str) -> npt.NDArray[Any]:
    if sample_type == "int16":
        return played_counts(played, values)
    order = ">" if played.playback.big_endian else "<"
    return to_float32(in_order(values, played.playback.q_first)).astype(f"{order}f4")
