"""Designs as JSON, for people and machines: the record of ``record``, and what else describes tones as JSON.

It is strict JSON: what is not finite is ``null``.
"""

from __future__ import annotations

from typing import Any

from crestfall.design.design import Design
from crestfall.files import play_json, sidecar
from crestfall.files.plain_tones import multisine_of
from crestfall.files.problem_data import problem_from_data
from crestfall.files.reading import shown
from crestfall.files.record import dumps_lines, from_record, loads, require_version, to_record
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem


def encode(design: Design) -> bytes:
    """The JSON text, one line for each key.

    Example:
        >>> from crestfall import Multisine
        >>> text = encode(Design.of(Multisine([1.0, 2.0]), [0.0, 1.0])).decode()
        >>> print(*text.splitlines()[1:3], sep="\\n")
          "format": "crestfall",
          "version": 2,
    """
    return dumps_lines(to_record(design)).encode()


def decode(data: bytes, *, complex: bool = False) -> Design | Problem | Multisine:
    """What a JSON text holds: a design, what describes or holds its samples (see ``sidecar``, ``play_json``), a
    problem, or lists of tones.

    Raises:
        ValueError: None of these.

    Example:
        >>> decode(b'{"frequencies_hz": [10, 20], "amplitudes": [1, 0.5]}')
        Multisine(n=2, 10 … 20 Hz, fundamental 10 Hz, real)
    """
    record: Any = loads(data)
    if not isinstance(record, dict):
        raise ValueError(f"the content is {shown(record)}; it must be an object with frequencies_hz and amplitudes")
    if record.get("format") == sidecar.FORMAT:
        require_version(record, sidecar.FORMAT, *sidecar.VERSIONS)
        return from_record(record.get("design"))
    if record.get("format") == play_json.FORMAT:  # under another name
        return play_json.decode(data)
    if "format" in record:
        return from_record(record)
    if "tones" in record or "channels" in record:
        return problem_from_data(record)
    return multisine_of(record, complex=complex)
