"""Designs as JSON, for people and machines.

One object with ``"format": "crestfall-design"``, ``"version": 1``, the keys of ``Design.summary``, ``fundamental_hz``,
``initial_phases_rad`` (a list or ``null``) and ``provenance``. It is strict JSON: what is not finite is ``null``.
"""

from __future__ import annotations

from crestfall.design import Design
from crestfall.io.record import dumps, from_record, loads, to_record


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
    """The design of a JSON text; ``ValueError`` for anything that ``encode`` did not write."""
    return from_record(loads(data))
