"""Sets of designs for several channels, to files and back.

=======  ===================================================================================================
ending   content
=======  ===================================================================================================
.json    every figure and phase, a record for each input in each experiment (see ``record``); read back
.npz     the same, with the vectors as NumPy arrays ``input1_frequencies_hz``, ``input1_amplitudes`` and
         ``input1_experiment1_phases_rad``, …, and the rest in the text ``header``; read back
.csv     samples: ``time_s``, and a column for each input in each experiment; written only
.wav     samples: a channel for each input, the experiments one after the other; written only
=======  ===================================================================================================

Files are written whole or not at all, and never over an existing one unless told to. Reading computes every peak and
the orthogonality again; a file whose figures are not those of its phases is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from io import BytesIO
from math import isclose
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from crestfall.design.channels.design_set import PHASES, DesignSet
from crestfall.problem.channels.matrices import MATRICES, MOST_INPUTS
from crestfall.design.channels.tones import MEASURES, require_channels, require_same_tones, union_of
from crestfall.design.design import Design
from crestfall.files import riff
from crestfall.files.atomic import require_free, write_atomically
from crestfall.files.npz import read_arrays
from crestfall.files.reading import MAX_BYTES, naming, read_bytes, shown
from crestfall.files.record import SET_FORMAT, dumps, from_record, loads, require_keys, require_version, to_record
from crestfall.files.samples import default_rate, require_text_size
from crestfall.files.wav import _SUBTYPES, _quantised, _whole_rate, default_sample_rate

VERSION = 1
ENDINGS = (".json", ".npz", ".csv", ".wav")
_KEYS = (
    *("format", "version", "kind", "matrix", "phases", "measure", "names", "limits", "status"),
    *("worst_share", "orthogonality", "designs"),
)
_SHARED = ("frequencies_hz", "amplitudes", "initial_phases_rad")
_TOLERANCE = 1e-9


def save_set(found: DesignSet, path: str | PathLike[str], *, overwrite: bool = False, **options: Any) -> None:
    """Write a set to a file; missing folders are created.

    Args:
        found: What to write.
        path: Where to; the ending chooses the format (see the table above).
        overwrite: Replace an existing file instead of refusing.
        options: For ``.csv`` and ``.wav``: ``sample_rate`` [Hz], ``periods``; ``.csv``: also ``peak``, to which the
            highest peak is scaled; ``.wav``: also ``subtype``.

    Raises:
        ValueError: The ending is unknown, or the format cannot hold the set as asked.
        TypeError: The format has no such option.
        OSError: The path exists, is a folder or cannot be written; nothing is left behind.

    Example:
        >>> import crestfall as cf, tempfile
        >>> both = [cf.Multisine([1.0, 3.0]), cf.Multisine([2.0, 4.0])]
        >>> found = DesignSet.interleaved(both, [[0.0, 0.0], [0.0, 1.0]])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_set(found, f"{folder}/two.json")
        ...     load_set(f"{folder}/two.json") == found
        True
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in _ENCODERS:
        raise ValueError(f"{path}: a set of designs is saved as one of {', '.join(ENDINGS)}, not {path.suffix!r}")
    require_free(path, overwrite=overwrite)
    encode = _ENCODERS[suffix]
    known = list(inspect.signature(encode).parameters)[1:]
    for option in options:
        if option not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise TypeError(f"{path}: the {suffix} format of a set has no option {option!r}; {takes}")
    write_atomically(path, encode(found, **options), overwrite=overwrite)


def load_set(path: str | PathLike[str]) -> DesignSet:
    """Read a set; every peak and the orthogonality are computed again.

    Raises:
        ValueError: The file is not a saved set, or was changed after it was saved. The message is one line that starts
            with the path.
        OSError: The file does not exist or cannot be read.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".json", ".npz"):
        raise ValueError(f"{path}: a set of designs is read from .json or .npz; its samples are written only")
    data = read_bytes(path)
    with naming(path):
        return _from_record(loads(data) if suffix == ".json" else _npz_record(data))


def is_set(path: str | PathLike[str]) -> bool:
    """Whether a file is a saved set rather than one design; a quick look that validates nothing.

    Raises:
        OSError: The file does not exist or cannot be read.
    """
    path = Path(path)
    if path.suffix.lower() not in (".json", ".npz"):
        return False
    data = read_bytes(path)
    # NumPy keeps the header's text as four bytes for each character.
    return any(SET_FORMAT.encode(encoding) in data for encoding in ("ascii", "utf-32-le", "utf-32-be"))


# ------------------------------------------------------------------ records


def _record(found: DesignSet) -> dict[str, Any]:
    return {
        "format": SET_FORMAT,
        "version": VERSION,
        "kind": found.kind,
        "matrix": found.matrix,
        "phases": found.phases,
        "measure": found.measure,
        "names": list(found.names),
        "limits": None if found.limits is None else list(found.limits),
        "status": found.status,
        "worst_share": found.worst.share,
        "orthogonality": found.orthogonality,
        "designs": [[to_record(design) for design in row] for row in found.designs],
    }


def _from_record(record: Any) -> DesignSet:
    require_version(record, SET_FORMAT, VERSION)
    require_keys(record, _KEYS, "")
    for key, allowed in (
        ("kind", ("orthogonal", "interleaved")),
        ("matrix", MATRICES if record["kind"] == "orthogonal" else (None,)),
        ("phases", PHASES if record["kind"] == "orthogonal" else ("own",)),
        ("measure", MEASURES),
    ):
        if record[key] not in allowed:
            raise ValueError(f"{key} is {shown(record[key])}; it must be one of {', '.join(map(repr, allowed))}")
    names, limits = _texts(record, "names"), None if record["limits"] is None else _numbers(record, "limits")
    if type(record["status"]) is not str:
        raise ValueError(f"status is {shown(record['status'])}; it must be a text")
    found = DesignSet(
        record["kind"],
        _designs(record),
        names,
        record["measure"],
        limits,
        record["matrix"],
        record["phases"],
        record["status"],
    )
    inputs = found.inputs
    require_channels(inputs, names, limits, found.measure)
    require_same_tones(inputs) if found.kind == "orthogonal" else union_of(inputs)
    _require_figures(record, found)
    return found


def _designs(record: dict[str, Any]) -> tuple[tuple[Design, ...], ...]:
    rows = record["designs"]
    if type(rows) is not list or not len(rows) >= 1 or not all(type(row) is list for row in rows):
        raise ValueError(f"designs is {shown(rows)}; it must be a list for each input, of a design for each experiment")
    experiments = len(rows) if record["kind"] == "orthogonal" else 1
    if record["kind"] == "orthogonal" and len(rows) > MOST_INPUTS:
        raise ValueError(f"designs has {len(rows)} inputs; an orthogonal set has at most {MOST_INPUTS}")
    found = []
    for i, row in enumerate(rows):
        if len(row) != experiments:
            raise ValueError(f"designs[{i}] has {len(row)} experiments; it must have {experiments}")
        designs = []
        for e, one in enumerate(row):
            try:
                designs.append(from_record(one))
            except ValueError as error:
                raise ValueError(f"designs[{i}][{e}]: {error}") from None
        if any(design.multisine != designs[0].multisine for design in designs):
            raise ValueError(f"designs[{i}]: an input has the same tones in all experiments; save the set again")
        found.append(tuple(designs))
    return tuple(found)


def _require_figures(record: dict[str, Any], found: DesignSet) -> None:
    """Raise unless the channels are orthogonal and the worst of them is as bad as the file says."""
    if found.orthogonality > _TOLERANCE:
        raise ValueError(
            f"designs: the channels are not orthogonal ({found.orthogonality:.3g} instead of 0): "
            "the file was changed after it was saved; save the set again"
        )
    share = record["worst_share"]
    if type(share) not in (int, float) or not isclose(share, found.worst.share, rel_tol=_TOLERANCE):
        raise ValueError(
            f"worst_share is {shown(share)}, but the phases give {found.worst.share!r}: "
            "the file was changed after it was saved; save the set again"
        )


def _texts(record: dict[str, Any], key: str) -> tuple[str, ...]:
    if type(record[key]) is not list or not all(type(value) is str for value in record[key]):
        raise ValueError(f"{key} is {shown(record[key])}; it must be a list of texts")
    return tuple(record[key])


def _numbers(record: dict[str, Any], key: str) -> tuple[float, ...]:
    if type(record[key]) is not list or not all(type(value) in (int, float) for value in record[key]):
        raise ValueError(f"{key} is {shown(record[key])}; it must be a list of numbers or null")
    return tuple(float(value) for value in record[key])


# ------------------------------------------------------------------ formats


def _json(found: DesignSet) -> bytes:
    record = _record(found)
    designs = record.pop("designs")
    lines = [f"  {dumps(key)}: {dumps(value)}" for key, value in record.items()]
    rows = ",\n".join("    [" + ",\n     ".join(dumps(one) for one in row) + "]" for row in designs)
    lines.append(f'  "designs": [\n{rows}\n  ]')
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _npz(found: DesignSet) -> bytes:
    record = _record(found)
    arrays: dict[str, Any] = {}
    for i, row in enumerate(record["designs"]):
        for e, one in enumerate(row):
            vectors = {key: one.pop(key) for key in (*_SHARED, "phases_rad")}
            arrays[f"input{i + 1}_experiment{e + 1}_phases_rad"] = np.array(vectors["phases_rad"])
            for key in _SHARED:
                if vectors[key] is not None:
                    arrays[f"input{i + 1}_{key}"] = np.array(vectors[key])
    buffer = BytesIO()
    np.savez(buffer, header=np.array(dumps(record, ascii_only=True)), **arrays)
    return buffer.getvalue()


def _npz_record(data: bytes) -> Any:
    arrays = read_arrays(data, lambda name: name == "header" or name.startswith("input"))
    header = arrays.get("header")
    if header is None or header.dtype.kind != "U" or header.ndim != 0:
        raise ValueError(f"not a {SET_FORMAT} file: the text 'header' is missing; save the set again")
    record = loads(str(header))
    require_version(record, SET_FORMAT, VERSION)
    rows = record.get("designs")
    for i, row in enumerate(rows if type(rows) is list else ()):
        for e, one in enumerate(row if type(row) is list else ()):
            if type(one) is dict:
                one |= {key: arrays.get(f"input{i + 1}_{key}") for key in _SHARED}
                one["phases_rad"] = arrays.get(f"input{i + 1}_experiment{e + 1}_phases_rad")
    return record


def _csv(found: DesignSet, sample_rate: float | None = None, periods: int = 1, peak: float | None = None) -> bytes:
    rate = default_rate(found.tones) if sample_rate is None else sample_rate
    samples = _samples(found, rate, periods, peak)
    require_text_size(samples.size)
    columns = [
        name if found.n_experiments == 1 else f"{name} experiment {e + 1}"
        for name in found.names
        for e in range(found.n_experiments)
    ]
    values = samples.reshape(len(columns), -1).T.tolist()
    lines = [",".join(["time_s", *(_quoted(column) for column in columns)])]
    lines += [",".join([repr(k / rate), *map(repr, row)]) for k, row in enumerate(values)]
    return ("\n".join(lines) + "\n").encode()


def _wav(found: DesignSet, subtype: str | int = "float32", sample_rate: float | None = None, periods: int = 1) -> bytes:
    if str(subtype) not in _SUBTYPES:
        raise ValueError(f'subtype is {subtype!r}; use 16, 24 or "float32"')
    bits = _SUBTYPES[str(subtype)]
    rate = default_sample_rate(found.tones) if sample_rate is None else _whole_rate(sample_rate)
    full_scale = 1.0 if bits == 32 else 1.0 - 2.0 ** (1 - bits)
    samples = _samples(found, rate, periods, full_scale)
    comment = {
        "format": "crestfall-set-samples",
        "version": 1,
        "scale": full_scale / found.highest_peak,
        "periods": int(periods),
        "names": list(found.names),
        "experiments": found.n_experiments,
        "samples_each": samples.shape[2],
    }
    return riff.pack(
        riff.WavBytes(
            format_tag=3 if bits == 32 else 1,
            channels=found.n_inputs,
            sample_rate=rate,
            bits=bits,
            data=_quantised(samples.transpose(1, 2, 0).ravel(), bits),
            comment=dumps(comment, ascii_only=True),
        )
    )


def _samples(found: DesignSet, rate: float, periods: int, peak: float | None) -> np.ndarray:
    if found.tones.complex:
        raise ValueError("the channels are complex; a table or WAV file of several holds real ones, save as .npz")
    samples = found.waveforms(rate, periods, peak=peak)
    if samples.nbytes > MAX_BYTES:
        raise ValueError(f"{samples.size} samples are too many; lower sample_rate or periods")
    return samples


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n\r') else text


_ENCODERS: dict[str, Callable[..., bytes]] = {".json": _json, ".npz": _npz, ".csv": _csv, ".wav": _wav}
