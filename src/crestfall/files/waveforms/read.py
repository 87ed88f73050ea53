"""Files of waveforms: the ending chooses the reader, and says whether a file may hold a list of tones instead.

===============================  ===================================================================================
ending                           samples
===============================  ===================================================================================
.wav, .flac                      sound; full scale is 1
.csv, .txt, .tsv, .dat           one column, several, or times and values (see ``text``)
.npy, .npz, .mat, .h5, .tdms     arrays (see ``arrays``)
.i16, .f32, .bin, .raw, .scpi    bare, with ``NAME.json`` next to them (see ``raw``)
.sigmf-meta, .sigmf-data, .wv    recordings (see ``raw``)
.arb, .h, .coe, .mif, .pwl       texts of instruments (see ``instrument_text``)
_rigol.csv, _siglent.csv         texts of generators (see ``text``)
===============================  ===================================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path

import numpy as np

from crestfall.files.endings import ending_of
from crestfall.files.mat_reader import names_in_mat
from crestfall.files.npz import names_in_npz
from crestfall.files.reading import naming, path_of, read_bytes, text_of
from crestfall.files.samples_text import BEGINNING
from crestfall.files.tone_columns import headed_columns
from crestfall.files.tones_npy import read_array
from crestfall.files.wav import holds_design
from crestfall.files.waveforms import arrays, audio, instrument_text, raw, text
from crestfall.files.waveforms.guess import are_samples
from crestfall.files.waveforms.headings import sample_column
from crestfall.files.waveforms.waveform import Waveform

_OF_BYTES: dict[str, Callable[[bytes], Waveform]] = {
    ".wav": audio.decode_wav,
    ".flac": audio.decode,
    **dict.fromkeys((".csv", ".txt", ".tsv", ".dat", "_rigol.csv", "_siglent.csv"), text.decode),
    ".npy": arrays.decode_npy,
    ".npz": arrays.decode_npz,
    ".mat": arrays.decode_mat,
    ".h5": arrays.decode_h5,
    ".hdf5": arrays.decode_h5,
    ".tdms": arrays.decode_tdms,
    ".wv": raw.decode_wv,
    ".arb": instrument_text.decode_arb,
    ".h": instrument_text.decode_header,
    ".coe": instrument_text.decode_memory,
    ".mif": instrument_text.decode_memory,
    ".pwl": instrument_text.decode_pwl,
}
_OF_PATH: dict[str, Callable[[Path], Waveform]] = {
    **dict.fromkeys((".i16", ".f32", ".bin", ".raw", ".scpi"), raw.read_raw),
    **dict.fromkeys((".sigmf-meta", ".sigmf-data"), raw.read_sigmf),
}
_EITHER = (".csv", ".txt", ".tsv", ".dat", ".npy", ".npz", ".mat", ".wav", "_rigol.csv", "_siglent.csv")
"""Endings of files that may hold tones or a saved design instead."""

ENDINGS = (*_OF_BYTES, *_OF_PATH)
"""Every ending that is read."""

SAMPLES_ALONE = tuple(ending for ending in ENDINGS if ending not in _EITHER)
"""Endings of files that hold samples and nothing else."""

IN_ONE_FILE = tuple(ending for ending in _OF_BYTES if ending not in (".h5", ".hdf5"))
"""Endings of files that need no second one next to them, without HDF5, whose library a damaged file can hold up."""


def read_waveform(path: str | PathLike[str], data: bytes | None = None) -> Waveform:
    """The samples of a file, with the rate and the unit that it says.

    Args:
        path: The file.
        data: Its content, where it has been read before.

    Raises:
        ValueError: The ending is unknown, or the content is not what it says. One line that starts with the path.
        OSError: The file does not exist or cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "scope.csv"
        ...     _ = path.write_text("time_ms,voltage_mV\\n0,100\\n0.5,-100\\n1,100\\n")
        ...     found = read_waveform(path)
        >>> found.rate_hz, found.unit, found.samples.tolist()
        (2000.0, 'V', [[0.1, -0.1, 0.1]])
    """
    path = path_of(path)
    ending = _ending(path)
    if ending in _OF_PATH:
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused
            return _OF_PATH[ending](path)
    if ending not in _OF_BYTES:
        raise ValueError(
            f"{path}: no samples are read from the ending {path.suffix!r}; use one of {', '.join(ENDINGS)}"
        )
    data = read_bytes(path) if data is None else data
    with naming(path), np.errstate(over="ignore", invalid="ignore"):
        return _OF_BYTES[ending](data)


def holds_samples(path: Path, data: bytes, *, complex: bool = False) -> bool:
    """Whether the content of a file is samples of a waveform, and not tones or a saved design (see ``guess``).

    Raises:
        ValueError: It may be either, or the content is not what the ending says.
    """
    ending = _ending(path)
    if ending in SAMPLES_ALONE:
        return True
    if ending not in _EITHER:
        return False
    if ending == ".wav":
        return not holds_design(data)
    if ending == ".npy":
        return _array_holds_samples(data, complex)
    if ending in (".npz", ".mat"):
        return not _names_tones(data, ending)
    return _text_holds_samples(text_of(data), complex)


# ------------------------------------------------------------------ parts


def _ending(path: Path) -> str:
    ending = ending_of(path)
    return ending if ending in ENDINGS else path.suffix.lower()


def _text_holds_samples(content: str, complex: bool) -> bool:
    if content.startswith(BEGINNING):
        return True
    if content.startswith(("# format", '"# format')):
        return False
    try:
        head = text.head_of(content)
    except ValueError:  # no two lines of numbers alike: a list of tones says what is wrong
        return False
    if head.says_rate:
        return True
    if not head.headings:
        try:
            columns = text.read_table(content).columns
        except ValueError:  # cells with units, or thousands set off: a list of tones
            return False
        return not np.any(np.isnan(columns)) and are_samples(columns, complex=complex)
    if any(sample_column(name).is_time for name in head.headings):
        return True
    try:
        headed_columns([name for name in head.headings if name])
    except ValueError as error:
        return "no column is a frequency" in str(error) and bool(np.any(text.read_table(content).columns < 0.0))
    return False


def _array_holds_samples(data: bytes, complex: bool) -> bool:
    array = read_array(data)
    if array.dtype.names is not None:
        return any(sample_column(name).is_time for name in array.dtype.names)
    if array.dtype.kind == "c" or array.ndim == 3:
        return True
    if array.dtype.kind not in "iuf" or array.ndim not in (1, 2) or not array.size:
        return False
    rows = array[None, :] if array.ndim == 1 else array.T if array.shape[0] > array.shape[1] else array
    return are_samples(rows.astype(np.float64), complex=complex)


def _names_tones(data: bytes, ending: str) -> bool:
    """Whether an archive has the names of a saved design or of lists of tones."""
    wanted = ("header", "frequencies_hz", "amplitudes", "phases_rad", "complex")
    return bool(names_in_npz(data) & set(wanted) if ending == ".npz" else names_in_mat(data) & set(wanted))
