"""Uploaded files: read by ``crestfall.files``, from a private folder under a fixed name."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from crestfall.files import read_problem
from crestfall.files.endings import ending_of
from crestfall.files.problem_toml import parsed
from crestfall.files.reading import naming, shown
from crestfall.files.record import loads
from crestfall.files.tones import READABLE
from crestfall.files.waveforms.read import IN_ONE_FILE
from crestfall.studio.draft import Draft
from crestfall.studio.limits import Limits

ENDINGS = tuple(dict.fromkeys((*READABLE, *IN_ONE_FILE)))
_NAME = "uploaded"


def draft_of_file(name: str, data: bytes, limits: Limits) -> Draft:
    """The problem of a file: tones, a waveform, a saved design of any kind or a problem file.

    Args:
        name: What the visitor's machine calls it; only its ending counts, and it becomes no path.
        data: Its content.
        limits: What is taken.

    Raises:
        ValueError: The ending is unknown, the file is too large or not what the ending says. One line, in which the
            file is called ``uploaded``.

    Example:
        >>> draft_of_file("C:\\\\x\\\\tones.CSV", b"frequency_hz,amplitude\\n10,1\\n20,1\\n", Limits()).sentence
        '2 tones, 10 to 20 Hz, period 100 ms'
    """
    ending = ending_of(PurePosixPath(name.replace("\\", "/")))
    if ending not in ENDINGS:
        raise ValueError(f"files ending in {shown(ending)} are not read; give one of {', '.join(ENDINGS)}")
    if len(data) > limits.upload_bytes:
        raise ValueError(f"the file has {len(data)} bytes; at most {limits.upload_bytes} are taken")
    with tempfile.TemporaryDirectory(prefix="crestfall-") as folder:
        path = Path(folder, _NAME + ending)
        path.write_bytes(data)
        try:
            return _draft(path, data, limits)
        except (ValueError, OSError, ImportError) as error:
            # The visitor has no use for the place where the file lay.
            raise ValueError(" ".join(str(error).replace(str(path), f"{_NAME}{ending}").split())) from None


def _draft(path: Path, data: bytes, limits: Limits) -> Draft:
    with naming(path):
        if path.suffix == ".toml":
            try:
                text = data.decode("utf-8-sig")
            except UnicodeDecodeError:
                raise ValueError("not TOML: the text is not UTF-8") from None
            if {"tones", "channels", "inputs", "shapes", "fixed"} & parsed(text).keys():
                return Draft.of_text(text, limits)  # with its comments
        if path.suffix == ".json":
            for record in _records(loads(data)):
                if isinstance(record.get("problem"), dict):
                    limits.require_small(record["problem"])
    return Draft.of_problem(read_problem(path), limits)


def _records(value: Any) -> list[dict[str, Any]]:
    """A record, and those that descriptions of samples and files to be played have within."""
    within = [value, *(value.get(key) for key in ("design", "content"))] if isinstance(value, dict) else []
    content = within[-1] if within else None
    return [one for one in (*within, content.get("design") if isinstance(content, dict) else None) if type(one) is dict]
