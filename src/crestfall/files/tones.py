"""Tones and problems from files of many kinds: the ending chooses how a file is read.

=======  ==========================================================================================
ending   content
=======  ==========================================================================================
.csv     a saved design, or a tone list; .txt and .tsv too (see ``tone_list``)
.toml    a whole problem (see ``problem_schema``), tables ``[[tone]]``, or lists (see ``tones_toml``)
.npy     a vector of frequencies, or columns: frequency and amplitude (see ``tones_npy``)
.xlsx    the first sheet of a workbook, a tone list (see ``tones_xlsx``)
.json    a saved design, a problem, or an object of lists (see ``plain_tones``)
.npz     a saved design, or arrays of the same names
.mat     a saved design, or variables of the same names
.wav     a saved design, or whole periods, whose tones stand out in the spectrum (see ``spectrum``)
.play.json  a saved design, after its checksum (see ``play_json``)
=======  ==========================================================================================

Files of samples are read, too, as the tones that they hold: every ending of ``waveforms.read``, and texts and arrays
above if ``waveforms.guess`` finds samples in them.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from os import PathLike

from crestfall.design.design import Design
from crestfall.design.playback import Playback
from crestfall.files.endings import ending_of
from crestfall.files.file_content import FileContent
from crestfall.files.reading import naming, path_of, read_bytes
from crestfall.files.waveforms.measured import measured_file
from crestfall.files.waveforms.read import SAMPLES_ALONE, holds_samples, read_waveform
from crestfall.problem.channels import Orthogonal
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.problem.times import Period, Times

READABLE = {
    ".csv": "tones_csv",
    ".toml": "tones_toml",
    ".txt": "tone_list",
    ".tsv": "tone_list",
    ".npy": "tones_npy",
    ".xlsx": "tones_xlsx",
    ".json": "json_file",
    ".npz": "npz",
    ".mat": "mat",
    ".wav": "wav",
    ".play.json": "play_json",
}
"""Modules with decode(data, complex=…) -> Design, Problem or Multisine."""


def read_problem(
    path: str | PathLike[str], *, complex: bool = False, drop_below_db: float | None = None, over: Times | None = None
) -> Problem:
    """The problem of a file: what a problem file says, what a saved design was for, or tones and nothing else.

    The phases of a saved design become the initial phases of its problem, so that a search goes on from them. The file
    is read once.

    Args:
        path: The file.
        complex: Complex baseband instead of a real signal, for tones whose file does not say.
        drop_below_db: For files of samples: lines weaker than this, relative to the strongest [dB], are not tones; by
            default −60 dB, or higher where the noise is.
        over: The times that count, for tones whose file does not say: in a window they need no common period.

    Raises:
        ValueError: The ending is unknown, or the content describes no problem. The message is one line that starts
            with the path and, for texts, names the line.
        OSError: The file does not exist or cannot be read.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "two.toml"
        ...     _ = path.write_text('[tones]\\nfrequencies_hz = [1.0, 2.0]\\n[goal]\\nmeasure = "range"\\n')
        ...     read_problem(path).measure
        'range'
    """
    return read_beginning(path, complex=complex, drop_below_db=drop_below_db, over=over)[0]


def read_beginning(
    path: str | PathLike[str], *, complex: bool = False, drop_below_db: float | None = None, over: Times | None = None
) -> tuple[Problem, Design | None]:
    """The problem of a file, and the design to begin with if it holds one; the arguments are those of ``read_problem``.

    ``minimize_peak(problem, begin=design)`` then goes on from its phases and from the amplitudes that it chose.
    """
    return beginning_of(read_any(path, complex=complex, drop_below_db=drop_below_db), path, over)


def beginning_of(
    found: Design | Problem | Multisine, path: str | PathLike[str], over: Times | None = None
) -> tuple[Problem, Design | None]:
    """The problem of what a file held, and the design to begin with; errors name the file."""
    if isinstance(found, Design):
        return _going_on_from(found), found
    if isinstance(found, Problem):
        return found, None
    with naming(path_of(path)):
        return Problem(found, over=Period() if over is None else over), None


def read_playback(path: str | PathLike[str]) -> Playback | None:
    """What the table ``[playback]`` of a problem file, or a saved design, says is played; ``None`` where there is none.

    Raises:
        ValueError: The table is wrong; the message names the file and, for TOML, the line.
        OSError: The file does not exist or cannot be read.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "two.toml"
        ...     _ = path.write_text('[tones]\\nharmonics = "1:2"\\n[playback]\\nrate_hz = 64\\n')
        ...     read_playback(path).rate
        64.0
    """
    path = path_of(path)
    return None if path.suffix.lower() not in (".toml", ".json") else read_content(path).playback


def read_bands(path: str | PathLike[str], *, complex: bool = False) -> list[Problem]:
    """The problems of a file: that of each band where it asks for several (``bands`` in ``[tones]``), else one.

    Raises:
        ValueError: As ``read_problem``.
        OSError: The file does not exist or cannot be read.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "wide.toml"
        ...     _ = path.write_text("[tones]\\nfrequencies_hz = [0.1, 1, 10, 100]\\nbands = 2\\n")
        ...     [problem.multisine.fundamental for problem in read_bands(path)]
        [0.1, 10.0]
    """
    found = read_content(path, complex=complex).found
    return list(found) if isinstance(found, tuple) else [beginning_of(found, path)[0]]


def read_tones(path: str | PathLike[str], *, complex: bool = False, drop_below_db: float | None = None) -> Multisine:
    """The tones of a file; phases that come with them become ``initial_phases``.

    Args:
        path: The file.
        complex: Complex baseband instead of a real signal. A saved design and a waveform say so themselves.
        drop_below_db: For files of samples: lines weaker than this, relative to the strongest [dB], are not tones; by
            default −60 dB, or higher where the noise is.

    Raises:
        ValueError: As ``read_problem``.
        OSError: The file does not exist or cannot be read.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "tones.txt"
        ...     _ = path.write_text("freq_MHz, amplitude_dB\\n100, 0\\n101, -6\\n")
        ...     read_tones(path)
        Multisine(n=2, 100000000 … 101000000 Hz, fundamental 1000000 Hz, real)
    """
    found = read_any(path, complex=complex, drop_below_db=drop_below_db)
    if isinstance(found, Problem):
        return found.multisine
    if isinstance(found, Design):
        row = found.phases if found.phases.ndim == 1 else found.phases[0]
        return found.multisine.with_initial_phases(row)
    return found


def read_any(
    path: str | PathLike[str],
    *,
    complex: bool = False,
    drop_below_db: float | None = None,
    sample_rate: float | None = None,
    channel: int | str | None = None,
) -> Design | Problem | Multisine:
    """Whatever a file holds; the arguments are those of ``read_content``.

    Raises:
        ValueError: As ``read_content``; or the file asks for several bands.
        OSError: The file does not exist or cannot be read.
    """
    found = read_content(
        path, complex=complex, drop_below_db=drop_below_db, sample_rate=sample_rate, channel=channel
    ).found
    if isinstance(found, tuple):
        raise ValueError(
            f"{path_of(path)}: it asks for {len(found)} bands, a design for each; "
            "read it with crestfall.files.read_bands"
        )
    return found


def read_content(
    path: str | PathLike[str],
    *,
    complex: bool = False,
    drop_below_db: float | None = None,
    sample_rate: float | None = None,
    channel: int | str | None = None,
) -> FileContent:
    """Whatever a file holds.

    Args:
        path: The file.
        complex: As in ``read_problem``; of two signals of a file of samples that they are I and Q.
        drop_below_db: As in ``read_problem``, for all files of samples.
        sample_rate: Says that the file holds samples, of this rate [Hz].
        channel: Says that the file holds samples, and which signal is meant: its name or number from 1.

    Raises:
        ValueError: As ``read_problem``; or numbers may be tones or samples, and nothing says which.
        OSError: The file does not exist or cannot be read.
    """
    path = path_of(path)
    suffix = ending_of(path)
    if suffix not in (*READABLE, *SAMPLES_ALONE):  # such as that of tones_unknown.csv
        suffix = path.suffix.lower()
    if suffix not in (*READABLE, *SAMPLES_ALONE, ".dat"):
        known = ", ".join(dict.fromkeys((*READABLE, ".dat", *SAMPLES_ALONE)))
        raise ValueError(f"{path}: no tones are read from the ending {path.suffix!r}; use one of {known}")
    data = None if suffix in SAMPLES_ALONE else read_bytes(path)
    with naming(path):
        as_samples = _said_to_hold_samples(sample_rate, channel) or data is None
        as_samples = as_samples or holds_samples(path, data or b"", complex=complex)
    if as_samples:
        return FileContent(tones_of_file(path, complex, drop_below_db, sample_rate, channel, data))
    module = importlib.import_module(f"crestfall.files.{READABLE.get(suffix, 'tone_list')}")
    with naming(path):
        if hasattr(module, "decode_content"):
            content: FileContent = module.decode_content(data, complex=complex, folder=path.parent)
            return content
        return FileContent(module.decode(data, complex=complex))


def is_waveform(
    path: str | PathLike[str],
    *,
    sample_rate: float | None = None,
    channel: int | str | None = None,
    complex: bool = False,
) -> bool:
    """Whether a file is read as samples of a waveform: because a rate or a signal of it is named, or by what it holds.

    Raises:
        ValueError: Its numbers may be tones or samples; or it is not what its ending says.
        OSError: The file does not exist or cannot be read.
    """
    path = path_of(path)
    if _said_to_hold_samples(sample_rate, channel) or ending_of(path) in SAMPLES_ALONE:
        return True
    data = read_bytes(path)
    with naming(path):
        return holds_samples(path, data, complex=complex)


def tones_of_file(
    path: str | PathLike[str],
    complex: bool = False,
    drop_below_db: float | None = None,
    sample_rate: float | None = None,
    channel: int | str | None = None,
    data: bytes | None = None,
) -> Multisine:
    """The tones of a file of samples; the arguments are those of ``read_any``, and its content if it was read before.

    Warns:
        CrestfallWarning: As ``measure_waveform``.
    """
    path = path_of(path)
    found = read_waveform(path, data)
    with naming(path):
        return measured_file(
            found, path.name, sample_rate, channel=channel, complex=complex, drop_below_db=drop_below_db
        ).tones


def _said_to_hold_samples(sample_rate: float | None, channel: int | str | None) -> bool:
    return sample_rate is not None or channel is not None


def _going_on_from(design: Design) -> Problem:
    """The problem of a design, with its phases as those that the tones come with."""
    problem = design.problem
    ms, channels = problem.multisine, problem.channels
    if isinstance(channels, Orthogonal) and problem.has_own_phases:
        return replace(problem, channels=replace(channels, initial_phases=design.phases[:, : ms.n]))
    return replace(problem, multisine=ms.with_initial_phases(design.phases[: ms.n]))
