"""Designs as JSON, for people and machines: the record of ``record``, and what else describes tones as JSON.

It is strict JSON: what is not finite is ``null``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.files import box_proofs, moment_proofs, play_json, sidecar
from crestfall.files.file_content import FileContent
from crestfall.files.plain_tones import multisine_of
from crestfall.files.playback_table import playback_from_data, playback_to_data
from crestfall.files.problem_data import problem_from_data, problems_of_bands
from crestfall.files.quantity_texts import with_numbers
from crestfall.files.reading import shown
from crestfall.files.record import FORMAT, dumps_lines, from_record, loads, require_version, to_record
from crestfall.files.waveform_tables import with_files
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem

_PROBLEM = frozenset({"tones", "channels", "shapes"})
"""Tables of which a problem has one."""


def encode(design: Design, *, playback: Playback = AS_DESIGNED) -> bytes:
    """The JSON text, one line for each key.

    Args:
        design: The design.
        playback: What is to be played of it: kept under the key ``playback``, with which ``crestfall convert`` and
            ``crestfall.files.read_playback`` begin. The file holds no samples.

    Example:
        >>> from crestfall import Multisine
        >>> text = encode(Design.of(Multisine([1.0, 2.0]), [0.0, 1.0])).decode()
        >>> print(*text.splitlines()[1:3], sep="\\n")
          "format": "crestfall",
          "version": 2,
    """
    kept = {} if playback == AS_DESIGNED else {"playback": playback_to_data(playback)}
    return dumps_lines(to_record(design) | kept).encode()


def decode(data: bytes, *, complex: bool = False) -> Design | Problem | Multisine:
    """What a JSON text holds: a design, what describes or holds its samples (see ``sidecar``, ``play_json``), a
    problem, or lists of tones.

    Raises:
        ValueError: None of these.

    Example:
        >>> decode(b'{"frequencies_hz": [10, 20], "amplitudes": [1, 0.5]}')
        Multisine(n=2, 10 … 20 Hz, fundamental 10 Hz, real)
    """
    return _found(loads(data), data, complex)


def decode_content(data: bytes, *, complex: bool = False, folder: Path | None = None) -> FileContent:
    """The same, the bands of a problem, and what a design or a problem says is played.

    Args:
        data: The text.
        complex: Whether tones alone are complex.
        folder: Where the files are whose samples a problem names; none are read without.

    Raises:
        ValueError: As ``decode``.
    """
    record = loads(data)
    is_record = isinstance(record, dict)
    is_problem = is_record and "format" not in record and bool(_PROBLEM & record.keys())
    if is_problem and folder is not None:
        record = with_files(record, folder)
    playback = None
    if is_record and isinstance(record.get("playback"), dict) and (is_problem or record.get("format") == FORMAT):
        playback = playback_from_data(with_numbers(record["playback"]))
    if is_problem and (bands := problems_of_bands(record)):
        return FileContent(tuple(bands), playback)
    return FileContent(_found(record, data, complex), playback)


def _found(record: Any, data: bytes, complex: bool) -> Design | Problem | Multisine:
    if not isinstance(record, dict):
        raise ValueError(f"the content is {shown(record)}; it must be an object with frequencies_hz and amplitudes")
    if record.get("format") == sidecar.FORMAT:
        require_version(record, sidecar.FORMAT, *sidecar.VERSIONS)
        return from_record(record.get("design"))
    if record.get("format") == "crestfall-bands":
        raise ValueError("it is the manifest of several bands; read it with crestfall.files.load_bands, or measure it")
    if record.get("format") in (moment_proofs.FORMAT, box_proofs.FORMAT):
        raise ValueError(
            "it is a proof of a lower bound, not a design; crestfall verify or crestfall.load_proof reads it"
        )
    if record.get("format") == play_json.FORMAT:  # under another name
        return play_json.decode(data)
    if "format" in record:
        return from_record(record)
    if _PROBLEM & record.keys():
        return problem_from_data(record)
    return multisine_of(record, complex=complex)
