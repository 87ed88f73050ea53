"""The samples of a move between two designs as a file: an array, a text, or 32-bit numbers."""

from __future__ import annotations

from io import BytesIO
from os import PathLike

import numpy as np

from crestfall.design.move import Move
from crestfall.files.atomic import write_atomically
from crestfall.files.reading import path_of

MOVE_ENDINGS = (".npy", ".txt", ".f32")


def save_move(move: Move, path: str | PathLike[str], sample_rate: float, *, overwrite: bool = False) -> None:
    """Write the samples of a move, in the unit of the amplitudes.

    Args:
        move: The move.
        path: Where to: ``.npy`` (float64), ``.txt`` (a line for each sample) or ``.f32`` (32-bit little-endian).
        sample_rate: Samples per second [Hz].
        overwrite: Replace a file that exists.

    Raises:
        ValueError: The ending is another one, or as ``Move.samples``.
        OSError: The file exists, or cannot be written.
    """
    write_atomically(path_of(path), encoded_move(move, path, sample_rate), overwrite=overwrite)


def encoded_move(move: Move, path: str | PathLike[str], sample_rate: float) -> bytes:
    """The bytes that ``save_move`` would write.

    Raises:
        ValueError: As ``save_move``.
    """
    path = path_of(path)
    ending = path.suffix.lower()
    if ending not in MOVE_ENDINGS:
        raise ValueError(f"{path}: a move is written as {', '.join(MOVE_ENDINGS)}; use one of these endings")
    samples = move.samples(sample_rate)
    if ending == ".txt":
        return "".join(f"{value!r}\n" for value in samples.tolist()).encode("ascii")
    if ending == ".f32":
        return samples.astype("<f4").tobytes()
    buffer = BytesIO()
    np.save(buffer, samples, allow_pickle=False)
    return buffer.getvalue()
