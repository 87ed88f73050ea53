"""A figure to a file, whole or not at all."""

from __future__ import annotations

from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from crestfall.files.atomic import require_free, write_atomically
from crestfall.files.endings import PICTURES

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save_picture(figure: Figure, path: str | PathLike[str], *, overwrite: bool = False, dpi: int = 150) -> None:
    """Write a figure as PNG, SVG or PDF.

    Args:
        figure: What to write.
        path: Where to; the ending chooses the format.
        overwrite: Replace an existing file instead of refusing.
        dpi: Dots per inch of a PNG.

    Raises:
        ValueError: The ending is unknown.
        OSError: The path exists, is a folder or cannot be written, or the disk is full; nothing is left behind.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in PICTURES:
        raise ValueError(f"{path}: ending {suffix!r} is not a picture; use one of {', '.join(PICTURES)}")
    require_free(path, overwrite=overwrite)
    buffer = BytesIO()
    figure.savefig(buffer, format=suffix[1:], dpi=dpi)
    write_atomically(path, buffer.getvalue(), overwrite=overwrite)
