"""Uploaded files: read by ``crestfall.files``, from a private folder under a fixed name."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from crestfall.files import read_problem
from crestfall.files.endings import ending_of
from crestfall.files.playback_table import playback_to_data
from crestfall.files.problem_toml import parsed
from crestfall.files.reading import naming, shown
from crestfall.files.record import loads
from crestfall.files.tones import READABLE, beginning_of, read_any, read_playback
from crestfall.files.waveform_tables import fixed_to_data
from crestfall.files.waveforms import read_signal
from crestfall.files.waveforms.read import IN_ONE_FILE
from crestfall.problem.fixed_waveform import FixedWaveform
from crestfall.problem.multisine import Multisine
from crestfall.studio.draft import Draft
from crestfall.studio.field_specs import short
from crestfall.studio.limits import Limits
from crestfall.studio.typed_numbers import number

ENDINGS = tuple(dict.fromkeys((*READABLE, *IN_ONE_FILE)))
_NAME = "uploaded"
T = TypeVar("T")


def draft_of_file(name: str, data: bytes, limits: Limits, *, rate: str = "", channel: str = "") -> Draft:
    """The problem of a file: tones, a waveform, a saved design of any kind or a problem file.

    Args:
        name: What the visitor's machine calls it; only its ending counts, and it becomes no path.
        data: Its content.
        limits: What is taken.
        rate: Says that the file holds samples, of this rate.
        channel: Says that the file holds samples, and which signal of it is meant: its name or number.

    Raises:
        ValueError: The ending is unknown, the file is too large or not what the ending says. One line, which begins
            with what the visitor calls the file.

    Example:
        >>> draft_of_file("C:\\\\x\\\\tones.CSV", b"frequency_hz,amplitude\\n10,1\\n20,1\\n", Limits()).sentence
        '2 tones, 10 to 20 Hz, period 100 ms'
    """
    sample_rate = number(rate, short("samples_rate"), "Hz") if rate.strip() else None
    if sample_rate is not None or channel.strip():
        return _read(
            name, data, limits, ENDINGS, lambda path: _of_samples(path, limits, sample_rate, channel.strip() or None)
        )
    return _read(name, data, limits, ENDINGS, lambda path: _draft(path, data, limits))


def fixed_of_file(name: str, data: bytes, ms: Multisine, limits: Limits, lasts: str = "") -> dict[str, Any]:
    """The table ``[fixed]`` of a file of samples: its lines and its mean.

    Args:
        name: What the visitor's machine calls it; only its ending counts.
        data: Its content.
        ms: The tones: samples whose file says no rate are one period of them.
        limits: What is taken.
        lasts: Time of all samples; nothing for what the file says, or one period.

    Raises:
        ValueError: As ``draft_of_file``; or the tones have no period.

    Example:
        >>> fixed_of_file("cycle.csv", b"1\\n3\\n1\\n-1\\n", Multisine([10.0, 20.0]), Limits())["offset"]
        1.0
    """
    seconds = number(lasts, short("fixed_time"), "s") if lasts.strip() else None

    def table(path: Path) -> dict[str, Any]:
        values, rate = read_signal(path, complex=ms.complex)
        if seconds is not None:
            return fixed_to_data(FixedWaveform.of_samples(values, None, period=seconds))
        period = None if rate is not None else ms.period
        return fixed_to_data(FixedWaveform.of_samples(values, rate, period=period))

    return _read(name, data, limits, IN_ONE_FILE, table)


def _read(name: str, data: bytes, limits: Limits, endings: Sequence[str], make: Callable[[Path], T]) -> T:
    """What is made of a file of one of some endings."""
    ending = ending_of(PurePosixPath(name.replace("\\", "/")))
    if ending not in endings:
        raise ValueError(f"files ending in {shown(ending)} are not read; give one of {', '.join(endings)}")
    if len(data) > limits.upload_bytes:
        raise ValueError(f"the file has {len(data)} bytes; at most {limits.upload_bytes} are taken")
    with tempfile.TemporaryDirectory(prefix="crestfall-") as folder:
        path = Path(folder, _NAME + ending)
        path.write_bytes(data)
        try:
            return make(path)
        except (ValueError, OSError, ImportError) as error:
            # The visitor has no use for the place where the file lay.
            raise ValueError(" ".join(str(error).replace(str(path), _own_name(name)).split())) from None


def _own_name(name: str) -> str:
    """What the visitor calls the file, for a message: without folders, on one line, not too long."""
    own = PurePosixPath(name.replace("\\", "/")).name
    return "".join(letter for letter in own if letter.isprintable())[-60:]


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
    draft, playback = Draft.of_problem(read_problem(path), limits), read_playback(path)
    return draft if playback is None else draft.with_playback(playback_to_data(playback))


def _of_samples(path: Path, limits: Limits, rate: float | None, channel: str | None) -> Draft:
    found = read_any(path, sample_rate=rate, channel=channel)
    problem, _ = beginning_of(found, path)
    return Draft.of_problem(problem, limits)


def _records(value: Any) -> list[dict[str, Any]]:
    """A record, and those that descriptions of samples and files to be played have within."""
    within = [value, *(value.get(key) for key in ("design", "content"))] if isinstance(value, dict) else []
    content = within[-1] if within else None
    return [one for one in (*within, content.get("design") if isinstance(content, dict) else None) if type(one) is dict]
