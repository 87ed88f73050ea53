"""Tones from any file that has some: the ending chooses how it is read.

=======  ==========================================================================================
ending   content
=======  ==========================================================================================
.csv     columns ``frequency_hz``, ``amplitude``, ``phase_rad`` (see ``tones_csv``)
.toml    tables ``[[tone]]`` or lists (see ``tones_toml``)
.txt     a tone list with units in its header (see ``tone_list``)
.json    a saved design, or an object of lists (see ``plain_tones``)
.npz     a saved design, or arrays of the same names
.mat     a saved design, or variables of the same names
.wav     whole periods; the tones are those that stand out in its spectrum (see ``spectrum``)
=======  ==========================================================================================
"""

from __future__ import annotations

import importlib
from os import PathLike
from pathlib import Path

from crestfall.files.reading import naming, read_bytes
from crestfall.problem.multisine import Multisine

READABLE = {
    ".csv": "tones_csv",
    ".toml": "tones_toml",
    ".txt": "tone_list",
    ".json": "json_file",
    ".npz": "npz",
    ".mat": "mat",
    ".wav": "wav",
}


def read_tones(path: str | PathLike[str], *, complex: bool = False, drop_below_db: float = -60.0) -> Multisine:
    """The tones of a file; phases that come with them become ``initial_phases``.

    Args:
        path: The file.
        complex: Complex baseband instead of a real signal. A saved design and a waveform say so themselves.
        drop_below_db: For WAV: tones weaker than this, relative to the strongest [dB], are dropped.

    Raises:
        ValueError: The ending is unknown or the content does not describe tones. The message is one line that starts
            with the path and, for texts, names the line.
        OSError: The file does not exist or cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "tones.txt"
        ...     _ = path.write_text("freq_MHz, amplitude_dB\\n100, 0\\n101, -6\\n")
        ...     read_tones(path)
        Multisine(n=2, 100000000 … 101000000 Hz, fundamental 1000000 Hz, real)
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in READABLE:
        raise ValueError(f"{path}: no tones are read from the ending {path.suffix!r}; use one of {', '.join(READABLE)}")
    if suffix == ".wav":
        return Multisine.from_waveform(path, drop_below_db=drop_below_db)
    if suffix == ".csv":
        return Multisine.from_csv(path, complex=complex)
    module = importlib.import_module(f"crestfall.files.{READABLE[suffix]}")
    data = read_bytes(path)
    with naming(path):
        found = module.decode_tones(data, complex=complex)
    assert isinstance(found, Multisine)
    return found
