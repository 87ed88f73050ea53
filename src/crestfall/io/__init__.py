"""Designs to files and back: one file per format, chosen by the ending of the path.

========  ========================================================================================================
ending    content
========  ========================================================================================================
.json     every figure and phase under the names of ``Design.summary``, versioned (see ``json_file``)
.csv      one line for each tone; the figures in comment lines above (see ``tones_csv``)
.npz      NumPy arrays, without pickles (see ``npz``)
.wav      the waveform at full scale; the design travels along in the file's comment (see ``wav``)
========  ========================================================================================================

Files are written whole or not at all, and never over an existing one unless told to. Reading has size limits, computes
every figure again, and evaluates nothing.
"""

from __future__ import annotations

import importlib
import inspect
from os import PathLike
from pathlib import Path
from typing import Any

from crestfall.design import Design
from crestfall.io.atomic import require_free, write_atomically
from crestfall.io.reading import naming, read_bytes

# A format is a module with encode(design, **options) -> bytes and decode(data, name) -> Design.
FORMATS = {".csv": "tones_csv", ".json": "json_file", ".npz": "npz", ".wav": "wav"}

__all__ = ["FORMATS", "load", "save"]


def save(design: Design, path: str | PathLike[str], *, overwrite: bool = False, **options: Any) -> None:
    """Write a design to a file; missing folders are created.

    Args:
        design: What to write.
        path: Where to; the ending ``.csv``, ``.json``, ``.npz`` or ``.wav`` chooses the format.
        overwrite: Replace an existing file instead of refusing.
        options: What the format takes; ``.wav``: ``subtype``, ``sample_rate``, ``periods`` (see ``wav.encode``).

    Raises:
        ValueError: The ending is unknown, or the format cannot hold the design as asked.
        TypeError: The format has no such option.
        OSError: The path exists, is a folder or cannot be written, or the disk is full; nothing is left behind.

    Example:
        >>> import crestfall as cf, tempfile
        >>> design = cf.Design.of(cf.Multisine([1.0, 2.0, 3.0]), [0.0, 0.0, 3.0])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(design, f"{folder}/new/three.json")
        ...     load(f"{folder}/new/three.json") == design
        True
    """
    path = Path(path)
    require_free(path, overwrite=overwrite)
    encode = _module_for(path).encode
    known = [name for name in inspect.signature(encode).parameters if name != "design"]
    for option in options:
        if option not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise TypeError(f"{path}: the {path.suffix.lower()} format has no option {option!r}; {takes}")
    write_atomically(path, encode(design, **options), overwrite=overwrite)


def load(path: str | PathLike[str]) -> Design:
    """Read a design from a file; every figure is computed again from its tones and phases.

    What ``save`` wrote comes back equal, bit for bit. A foreign CSV file with phases or a foreign WAV file comes back
    as the design that its phases make, a WAV file as exactly as its quantisation allows.

    Args:
        path: A file ending in ``.csv``, ``.json``, ``.npz`` or ``.wav``.

    Raises:
        ValueError: The ending is unknown, or the content is not a design, too large, of another version, or was changed
            after it was saved. The message is one line that starts with the path.
        OSError: The file does not exist or cannot be read.
    """
    path = Path(path)
    module = _module_for(path)
    data = read_bytes(path)
    with naming(path):
        design = module.decode(data, path.name)
    assert isinstance(design, Design)
    return design


def _module_for(path: Path) -> Any:
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        ending = f"ending {path.suffix!r} is unknown" if suffix else "there is no ending to choose a format by"
        raise ValueError(f"{path}: {ending}; use one of {', '.join(FORMATS)}")
    return importlib.import_module(f"crestfall.io.{FORMATS[suffix]}")
