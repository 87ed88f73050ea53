"""Designs as JSON, for people and machines.

One object with ``"format": "crestfall-design"``, ``"version": 1``, the keys of ``Design.summary``, ``fundamental_hz``,
``initial_phases_rad`` (a list or ``null``) and ``provenance``. It is strict JSON: what is not finite is ``null``.
"""

from __future__ import annotations

from typing import Any

from crestfall.design.design import Design
from crestfall.files import sidecar
from crestfall.files.plain_tones import multisine_of, tones_of
from crestfall.files.reading import shown
from crestfall.files.record import dumps, from_record, loads, require_version, to_record
from crestfall.problem.multisine import Multisine


def encode(design: Design) -> bytes:
    """The JSON text, one line for each key.

    Example:
        >>> from crestfall import Multisine
        >>> text = encode(Design.of(Multisine([1.0, 2.0]), [0.0, 1.0])).decode()
        >>> print(*text.splitlines()[1:3], sep="\\n")
          "format": "crestfall-design",
          "version": 1,
    """
    lines = (f"  {dumps(key)}: {dumps(value)}" for key, value in to_record(design).items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def decode(data: bytes, name: str) -> Design:
    """The design of a JSON text, or of the description of samples (see ``sidecar``).

    Raises:
        ValueError: Neither ``encode`` nor ``encode_sidecar`` wrote it.
    """
    return _design_of(loads(data))


def decode_tones(data: bytes, complex: bool = False) -> Multisine:
    """The tones of a saved design, or of an object with the lists of ``plain_tones``.

    Example:
        >>> decode_tones(b'{"frequencies_hz": [10, 20], "amplitudes": [1, 0.5]}')
        Multisine(n=2, 10 … 20 Hz, fundamental 10 Hz, real)
    """
    record = loads(data)
    if not isinstance(record, dict):
        raise ValueError(f"the content is {shown(record)}; it must be an object with frequencies_hz and amplitudes")
    return tones_of(_design_of(record)) if "format" in record else multisine_of(record, complex=complex, strict=True)


def _design_of(record: Any) -> Design:
    if isinstance(record, dict) and record.get("format") == sidecar.FORMAT:
        require_version(record, sidecar.FORMAT, sidecar.VERSION)
        return from_record(record.get("design"))
    return from_record(record)
