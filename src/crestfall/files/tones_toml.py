"""Tones as TOML, the form that is pleasant to write by hand.

Either a table for each tone, or lists (see ``plain_tones``)::

    complex = false

    [[tone]]
    frequency_hz = 100.0
    amplitude = 1.0      # 1 if left out
    phase_rad = 0.5      # for all tones or none
"""

from __future__ import annotations

from crestfall.files.plain_tones import LISTS, multisine_of
from crestfall.files.problem_toml import naming_lines, parsed, problem_of_parsed
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem


def decode(data: bytes, *, complex: bool = False) -> Multisine | Problem:
    """The tones of a TOML text, or its whole problem (see ``problem_toml``).

    Raises:
        ValueError: The text is not TOML or describes neither; the message names the line.

    Example:
        >>> decode(b"[[tone]]\\nfrequency_hz = 10\\n[[tone]]\\nfrequency_hz = 20\\namplitude = 0.5\\n")
        Multisine(n=2, 10 … 20 Hz, fundamental 10 Hz, real)
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"not TOML: the text is not UTF-8 (byte {error.start}); save the file as TOML in UTF-8"
        ) from None
    record = parsed(text)
    if not any(key in record for key in ("tone", *LISTS)) or {"tones", "channels"} & record.keys():
        return problem_of_parsed(text, record)
    with naming_lines(text):
        return multisine_of(record, complex=complex)
