"""Designs to files and back: one file per format, chosen by the ending of the path.

============================  ====================================================================================
ending                        content
============================  ====================================================================================
.json                         problem, phases and figures (see ``record``)
.csv                          one line for each tone; problem and figures in comment lines above; of several inputs
                              the samples (see ``tones_csv``)
.npz                          NumPy arrays, without pickles (see ``npz``)
.wav                          the waveform at full scale; the design in the file's comment (see ``wav``)
.mat                          tones, samples and figures for MATLAB and Octave (see ``mat``)
.sigmf-meta, .sigmf-data      a SigMF recording, both files (see ``sigmf``); written only
.i16, .f32                    bare samples, described by a JSON file next to them (see ``raw``); written only
.scpi                         a SCPI binary block, described like these (see ``scpi``); written only
.arb                          text for Keysight's 33500 generators (see ``arb``); written only
.h                            a C header with a constant table (see ``c_header``); written only
.txt, .dat                    samples as text, a line each (see ``samples_text``); written only
.pwl                          time and voltage for SPICE (see ``pwl``); written only
.npy                          samples as a NumPy array (see ``samples_npy``); written only
.flac                         the waveform at full scale, lossless (see ``flac``); written only
.h5, .tdms                    samples as HDF5 and TDMS, optional extras (see ``hdf5``, ``tdms``); written only
.coe, .mif                    memory images for FPGAs (see ``memory_image``); written only
NAME_rigol.csv                text for Rigol's generators (see ``rigol_csv``); written only
NAME_siglent.csv              text for Siglent's generators (see ``siglent_csv``); written only
.wv                           for Rohde & Schwarz's vector generators (see ``wv``); written only
.play.json                    samples, tones and limits with a SHA-256 over them (see ``play_json``)
============================  ====================================================================================

Files are written whole or not at all, and never over an existing one unless asked. Reading has size limits, computes
every figure again, and evaluates nothing. Problems come from TOML, too (see ``problem_schema``), and tones alone from
text (see ``tones``); pandas and xarray objects are made by ``pandas_tables`` and ``xarray_table``.

All formats take designs for a window, which is played once, and for several inputs and experiments.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from os import PathLike
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from crestfall.design.design import Design
from crestfall.design.gain import require_below_full_scale
from crestfall.design.length import Length, length_of
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.design.provenance import Provenance
from crestfall.files.atomic import require_free, write_together
from crestfall.files.bands import load_bands, save_bands
from crestfall.files.endings import ending_of
from crestfall.files.problem_data import problem_from_data, problem_to_data
from crestfall.files.problem_toml import problem_from_text, problem_to_text
from crestfall.files.reading import naming, path_of
from crestfall.files.tones import read_any, read_bands, read_beginning, read_playback, read_problem
from crestfall.files.waveforms.read import ENDINGS
from crestfall.problem.arguments import finite_number, require_flag
from crestfall.problem.problem import Problem

# A format is a module with encode(design, **options) -> bytes and decode(data), which ``tones`` calls.
FORMATS = {
    ".csv": "tones_csv",
    ".json": "json_file",
    ".npz": "npz",
    ".wav": "wav",
    ".mat": "mat",
    ".play.json": "play_json",
}

# Written only: encode as above; or, where one file cannot say it all, file_names(name, design) -> list[str] and
# encode_files(design, name, **options) -> dict[str, bytes], files of one folder in the order in which they are written.
EXPORTS = {
    ".sigmf-meta": "sigmf",
    ".sigmf-data": "sigmf",
    ".i16": "raw",
    ".f32": "raw",
    ".scpi": "scpi",
    ".arb": "arb",
    ".h": "c_header",
    ".txt": "samples_text",
    ".dat": "samples_text",
    ".pwl": "pwl",
    ".npy": "samples_npy",
    ".flac": "flac",
    ".h5": "hdf5",
    ".tdms": "tdms",
    ".coe": "memory_image",
    ".mif": "memory_image",
    "_rigol.csv": "rigol_csv",
    "_siglent.csv": "siglent_csv",
    ".wv": "wv",
}
WRITABLE = FORMATS | EXPORTS
_REGISTERED: dict[str, SimpleNamespace] = {}
_VOLTS = (".f32", ".mat", ".csv", ".h5", ".tdms", ".pwl", ".play.json", "_rigol.csv", "_siglent.csv")
_VOLTS_WITHOUT_BITS = (".txt", ".dat", ".npy")
_FIELDS = [one.name for one in fields(Playback)]
_SHORT = {name: name for name in _FIELDS} | {"sample_rate": "rate", "peak": "level"}
"""Short forms of ``save``, and the fields of ``Playback`` that they are."""

__all__ = [
    "EXPORTS",
    "FORMATS",
    "WRITABLE",
    "holds_samples",
    "keeps_playback",
    "length_of_file",
    "load",
    "load_bands",
    "options_of_format",
    "paths_written",
    "problem_from_data",
    "problem_from_text",
    "problem_to_data",
    "problem_to_text",
    "read_bands",
    "read_beginning",
    "read_playback",
    "read_problem",
    "register",
    "save",
    "save_bands",
]


def save(
    design: Design,
    path: str | PathLike[str],
    playback: Playback | None = None,
    *,
    overwrite: bool = False,
    **options: Any,
) -> None:
    """Write a design to a file; missing folders are created.

    Args:
        design: What to write.
        path: Where to; the ending chooses the format (see the table above). Two files are written for SigMF, bare
            samples and SCPI blocks; of several inputs, ``.scpi`` and ``.arb`` have a file ``NAME_input_experiment``
            for each signal.
        playback: What the instrument plays, for formats with samples: rate, length, level, converter.
        overwrite: Replace an existing file instead of refusing.
        options: Fields of ``Playback``, in short (``sample_rate`` is ``rate``, and ``peak`` a ``level``), and what the
            format takes, such as ``subtype`` (see the module of the format).

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
    require_flag("overwrite", overwrite)
    if not isinstance(design, Design):
        raise TypeError(f"design is {design!r}; give what minimize_peak or Design.of returns")
    for each in paths_written(path, design):
        require_free(each, overwrite=overwrite)
    write_together(encoded(design, path, playback, **options).items(), overwrite=overwrite)


def encoded(
    design: Design, path: str | PathLike[str], playback: Playback | None = None, **options: Any
) -> dict[Path, bytes]:
    """The files that ``save`` would write, and what is in them.

    Raises:
        ValueError, TypeError: As ``save``.
    """
    path = path_of(path)
    module = _module_for(path, WRITABLE)
    encode = getattr(module, "encode_files", None) or module.encode
    with _naming_short_forms(options):
        options = _options_of(encode, path, playback, options)
        _require_meaning(path, options.get("playback", AS_DESIGNED))
        content = encode(design, *((path.name,) if hasattr(module, "encode_files") else ()), **options)
    return (
        {path.with_name(name): data for name, data in content.items()} if isinstance(content, dict) else {path: content}
    )


@contextmanager
def _naming_short_forms(options: dict[str, Any]) -> Iterator[None]:
    """Errors about fields of ``Playback`` that were given in short name them as they were given."""
    try:
        yield
    except ValueError as error:
        field, given, rest = str(error).partition(" is ")
        names = [name for name in options if name != field and _SHORT.get(name) == field]
        if given and names:
            raise ValueError(f"{names[0]} is {rest}") from None
        raise


def _options_of(
    encode: Callable[..., Any], path: Path, playback: Playback | None, options: dict[str, Any]
) -> dict[str, Any]:
    """The options of a format, with everything that ``Playback`` has fields for as one of them.

    Raises:
        ValueError: A field is out of range.
        TypeError: The format has no such option, or the playback is none.
    """
    if playback is not None and not isinstance(playback, Playback):
        raise TypeError(f"playback is {playback!r}; give crestfall.Playback(rate=…, periods=…, level=…)")
    parameters = _parameters(encode)
    short = _SHORT if "playback" in parameters else {}
    if short and options.get("peak") is not None:
        finite_number("peak", options["peak"], "a finite number of volts above 0", above_zero=True)
    said = {short[name]: options[name] for name in options if name in short and options[name] is not None}
    rest = {name: value for name, value in options.items() if name not in short}
    known = [one for one in parameters if one != "playback"] + (["playback", *_FIELDS] if short else [])
    for name in rest:
        if name not in parameters or name == "playback":
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise TypeError(f"{path}: the {ending_of(path)} format has no option {name!r}; {takes}")
    if playback is None and not said:
        return rest
    if "playback" not in parameters:
        raise TypeError(f"{path}: the {ending_of(path)} format holds no samples, so it takes no playback")
    return rest | {"playback": replace(AS_DESIGNED if playback is None else playback, **said)}


def _parameters(encode: Callable[..., Any]) -> list[str]:
    return [one for one in inspect.signature(encode).parameters if one not in ("design", "name_of_file")]


def options_of_format(path: str | PathLike[str]) -> list[str]:
    """Names of the options that the format of a file takes, what is played apart.

    Raises:
        ValueError: The ending is unknown.

    Example:
        >>> options_of_format("a.txt"), options_of_format("a.arb")
        (['time', 'header', 'separator'], [])
    """
    module = _module_for(path_of(path), WRITABLE)
    return [one for one in _parameters(getattr(module, "encode_files", None) or module.encode) if one != "playback"]


def length_of_file(
    design: Design, path: str | PathLike[str], playback: Playback | None = None, **options: Any
) -> Length | None:
    """Rate, periods and samples of what ``save`` would write; ``None`` for a format that holds no samples.

    It costs next to nothing, and may be asked of any phases: rate and length do not depend on them. ``options`` are
    those of the format, some of which fix the length.

    Raises:
        ValueError: As ``save``, where rate or length are at fault, or the ending is unknown.

    Example:
        >>> import crestfall as cf
        >>> design = cf.Design.of(cf.Multisine.harmonics(range(1, 11), 30e3), [0.0] * 10)
        >>> length_of_file(design, "a.arb", cf.Playback(rate=1e6))
        Length(rate_hz=1000000.0, periods=3, samples=100)
        >>> length_of_file(design, "a.json") is None
        True
    """
    if not holds_samples(design, path):
        return None
    module = _module_for(path_of(path), WRITABLE)
    playback = AS_DESIGNED if playback is None else playback
    _require_meaning(path_of(path), playback)
    playback = getattr(module, "adapted", lambda design, playback: playback)(design, playback)
    require_below_full_scale(playback)
    length = length_of(design, playback)
    if hasattr(module, "require_length"):
        module.require_length(length.samples, **options)
    return length


def holds_samples(design: Design, path: str | PathLike[str]) -> bool:
    """Whether the file that ``save`` would write holds samples, and not the tones alone.

    Raises:
        ValueError: The ending is unknown.

    Example:
        >>> import crestfall as cf
        >>> design = cf.Design.of(cf.Multisine([1.0, 2.0]), [0.0, 1.0])
        >>> [name for name in ("a.csv", "a.txt", "a.json", "a.npz", "a.wav") if holds_samples(design, name)]
        ['a.txt', 'a.wav']
    """
    module = _module_for(path_of(path), WRITABLE)
    encode = getattr(module, "encode_files", None) or module.encode
    if "playback" not in inspect.signature(encode).parameters or keeps_playback(path):
        return False
    return WRITABLE[ending_of(path)] != "tones_csv" or design.problem.channels is not None


def keeps_playback(path: str | PathLike[str]) -> bool:
    """Whether a format holds no samples, but says what is to be played.

    Example:
        >>> keeps_playback("a.json"), keeps_playback("a.npz"), keeps_playback("a.wav")
        (True, False, False)
    """
    return WRITABLE.get(ending_of(path)) == "json_file"


def _require_meaning(path: Path, playback: Playback) -> None:
    """Raise a ``ValueError`` where a file in volts is to have a level relative to full scale."""
    ending, level = ending_of(path), playback.asked_level
    if level is None or level.kind != "full scale" or playback.full_scale is not None:
        return
    if ending in _VOLTS or (ending in _VOLTS_WITHOUT_BITS and playback.bits is None):
        raise ValueError(
            f"level is {playback.level!r}, but {ending} files hold volts and have no full scale; "
            "give a level in volts, or full_scale"
        )


def register(ending: str, encode: Callable[..., bytes]) -> None:
    """Let ``save`` write a format of your own, in this process.

    Args:
        ending: How its files end, with the dot; one that crestfall does not write itself.
        encode: ``encode(design, **options)`` to the bytes of the file.

    Raises:
        ValueError: The ending has no dot, or crestfall has a format for it.

    Example:
        >>> import crestfall as cf, tempfile
        >>> register(".rad", lambda design: "\\n".join(f"{t:.1f}" for t in design.phases).encode())
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(cf.Design.of(cf.Multisine([1.0, 2.0]), [0.0, 1.5]), f"{folder}/two.rad")
        ...     Path(f"{folder}/two.rad").read_text().split()
        ['0.0', '1.5']
    """
    if not isinstance(ending, str) or not ending.startswith(".") or len(ending) < 2:
        raise ValueError(f"ending is {ending!r}; give it with its dot, for instance '.tab'")
    if not callable(encode):
        raise TypeError(f"encode is {encode!r}; give a function of the design that returns bytes")
    ending = ending.lower()
    if ending in FORMATS or ending in EXPORTS:
        raise ValueError(f"ending is {ending!r}, which crestfall writes itself; choose another")
    _REGISTERED[ending] = SimpleNamespace(encode=encode)
    WRITABLE[ending] = "registered"


def paths_written(path: str | PathLike[str], design: Design | None = None) -> list[Path]:
    """The files that saving to ``path`` writes: itself and, for formats of several files, its companions.

    Args:
        path: Where to.
        design: What is saved: some formats hold one signal a file, and several inputs make several files.

    Raises:
        ValueError: The ending is unknown.

    Example:
        >>> [each.name for each in paths_written("out/a.sigmf-meta")]
        ['a.sigmf-data', 'a.sigmf-meta']
    """
    path = path_of(path)
    names = getattr(_module_for(path, WRITABLE), "file_names", lambda name, design: [name])
    return [path.with_name(name) for name in names(path.name, design)]


def load(
    path: str | PathLike[str],
    *,
    sample_rate: float | None = None,
    channel: int | str | None = None,
    complex: bool = False,
) -> Design:
    """Read a design from a file; every figure is computed again from its tones and phases.

    What ``save`` wrote as ``.csv``, ``.json``, ``.npz``, ``.wav``, ``.mat`` or ``.play.json`` comes back equal, bit for
    bit; so do files of version 1. A foreign CSV file with phases, and any file of samples (see ``waveforms.read``),
    comes back as the design that its tones and their phases make, as exactly as its digits allow.

    Args:
        path: The file.
        sample_rate: Says that the file holds samples, of this rate [Hz], and not tones.
        channel: Which signal of a file of samples is meant: its name, or its number from 1.
        complex: Whether tones whose file does not say are complex, and two signals are I and Q.

    Raises:
        ValueError: The ending is unknown, or the content is not a design, too large, of another version, or was changed
            after it was saved; or numbers may be tones or samples. The message is one line that starts with the path.
        OSError: The file does not exist or cannot be read.
    """
    path = path_of(path)
    if ending_of(path) not in (*FORMATS, *ENDINGS) and path.suffix.lower() not in ENDINGS:
        if path.suffix.lower() in (".toml", ".xlsx"):
            raise ValueError(
                f"{path}: {path.suffix} files hold tones or a problem but no design; "
                "read it with read_problem and minimise its peak"
            )
        _module_for(path, FORMATS | dict.fromkeys(ENDINGS, ""))
    found = read_any(path, complex=complex, sample_rate=sample_rate, channel=channel)
    if isinstance(found, Design):
        return found
    if isinstance(found, Problem) or found.initial_phases is None:
        raise ValueError(
            f"{path}: it holds tones but no design, as it has no phases; "
            "read it with read_problem and minimise its peak (if its numbers are samples, give sample_rate)"
        )
    with naming(path):
        return Design.of(found, found.initial_phases, provenance=Provenance(f"phases of {path.name}"))


def _module_for(path: Path, formats: dict[str, str]) -> Any:
    suffix = ending_of(path)
    if suffix not in formats:
        ending = f"ending {path.suffix!r} is unknown" if suffix else "there is no ending to choose a format by"
        raise ValueError(f"{path}: {ending}; use one of {', '.join(formats)}")
    if suffix in _REGISTERED:
        return _REGISTERED[suffix]
    return importlib.import_module(f"crestfall.files.{formats[suffix]}")
