"""Tones as TOML, the form that is pleasant to write by hand.

Either a table for each tone, or lists (see ``plain_tones``)::

    complex = false

    [[tone]]
    frequency_hz = 100.0
    amplitude = 1.0      # 1 if left out
    phase_rad = 0.5      # for all tones or none
"""

from __future__ import annotations

from pathlib import Path

from crestfall.files.file_content import FileContent
from crestfall.files.plain_tones import LISTS, multisine_of
from crestfall.files.problem_data import playback_of_problem, problems_of_bands
from crestfall.files.problem_toml import naming_lines, parsed, problem_of_parsed
from crestfall.files.waveform_tables import with_files


def decode_content(data: bytes, *, complex: bool = False, folder: Path | None = None) -> FileContent:
    """The tones of a TOML text, or its whole problem (see ``problem_toml``) with what is played.

    Args:
        data: The text.
        complex: Whether tones alone are complex.
        folder: Where the files are whose samples it names; none are read without.

    Raises:
        ValueError: The text is not TOML or describes neither; the message names the line.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"not TOML: the text is not UTF-8 (byte {error.start}); save the file as TOML in UTF-8"
        ) from None
    record = parsed(text)
    with naming_lines(text):
        if any(key in record for key in ("tone", *LISTS)) and not {"tones", "channels", "shapes"} & record.keys():
            return FileContent(multisine_of(record, complex=complex))
        record = record if folder is None else with_files(record, folder)
        playback = playback_of_problem(record) if "playback" in record else None
        if bands := problems_of_bands(record):
            return FileContent(tuple(bands), playback)
    return FileContent(problem_of_parsed(text, record), playback)
