"""Samples as JSON with a checksum, for programs on a vehicle or a test stand that must not play anything else.

.. code-block:: json

    {"content": {"rate_hz": 100.0, "signals": [], "tones": [], "limits": []},
     "format": "crestfall-play", "sha256": "…", "version": 1}

``content`` says rate and length, each signal's samples [V] and tones, and each limit of the problem with the peak that
is reached; ``design`` in it is the record of ``record``. ``sha256`` is that of the canonical text of the content: keys
sorted, no blanks, ASCII, floats as short as they read back. The file itself is written like that, so that a program
without a JSON library may hash the bytes between ``{"content":`` and ``,"format":"crestfall-play"``.
"""

from __future__ import annotations

import hashlib
import json
from os import PathLike
from typing import Any

from crestfall.design.design import Design
from crestfall.design.gain import in_unit_of_limits
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.design.played import Played
from crestfall.design.signal_report import SignalReport
from crestfall.files.reading import naming, path_of, read_bytes
from crestfall.files.real_signals import real_signals, require_volts
from crestfall.files.record import from_record, loads, require_version, to_record
from crestfall.files.samples import require_text_size
from crestfall.problem.arguments import require_flag

FORMAT = "crestfall-play"
VERSION = 1


def adapted(design: Design, playback: Playback) -> Playback:
    """The playback as it is, after a check.

    Raises:
        ValueError: It asks for bits, a sign or an order, and the file holds volts.
    """
    require_volts(playback, ".play.json")
    return playback


def encode(design: Design, *, playback: Playback = AS_DESIGNED, tones_only: bool = False) -> bytes:
    """The text, on one line.

    Args:
        design: The design.
        playback: Rate, length and level.
        tones_only: Whether the samples are left out: for programs that sum the tones themselves.

    Raises:
        ValueError: An option is out of range, or there would be too many samples.

    Example:
        >>> from crestfall import Multisine
        >>> data = encode(Design.of(Multisine([1.0], [0.5]), [0.0]))
        >>> checked(data)["rate_hz"], decode(data).peak
        (4.0, 0.5)
    """
    require_flag("tones_only", tones_only)
    played = adapted(design, playback).of(design)
    require_text_size(played.values.size)
    content = {
        "rate_hz": played.sample_rate_hz,
        "samples_each": played.values.shape[2],
        "periods": played.periods,
        "start_s": played.start_s,
        "first_period_begins_at": played.first,
        "offset_v": played.offset,
        "largest_v": played.full_scale,
        "unit": played.unit,
        "signals": [] if tones_only else _signals(played),
        "tones": _tones(design, played),
        "limits": _limits(design, played),
        "design": to_record(design),
    }
    text = canonical(content)
    digest = hashlib.sha256(text).hexdigest()
    return b'{"content":%s,"format":"%s","sha256":"%s","version":%d}\n' % (
        text,
        FORMAT.encode(),
        digest.encode(),
        VERSION,
    )


def canonical(content: Any) -> bytes:
    """The text over which the checksum is taken.

    Example:
        >>> canonical({"b": 1.5, "a": [True, None]})
        b'{"a":[true,null],"b":1.5}'
    """
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def checked(data: bytes) -> dict[str, Any]:
    """The content of a text whose checksum is right.

    Raises:
        ValueError: It is not such a text, or it was changed after it was written.
    """
    record = loads(data)
    require_version(record, FORMAT, VERSION)
    content = record.get("content")
    if not isinstance(content, dict) or not isinstance(record.get("sha256"), str):
        raise ValueError("content or sha256 is missing; save the design again")
    found = hashlib.sha256(canonical(content)).hexdigest()
    if found != record["sha256"].lower():
        raise ValueError(
            f"the content was changed after it was written: its SHA-256 begins with {found[:12]}, but the file says "
            f"{record['sha256'][:12]}; do not play it, save the design again"
        )
    return content


def read_play(path: str | PathLike[str]) -> dict[str, Any]:
    """The content of a ``.play.json`` file, after its checksum was verified.

    Raises:
        ValueError: It is not such a file, or it was changed after it was written. The message starts with the path.
        OSError: The file does not exist or cannot be read.

    Example:
        >>> import crestfall as cf, tempfile
        >>> design = cf.Design.of(cf.Multisine([1.0, 3.0]), [0.0, 3.0])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     design.save(f"{folder}/a.play.json", cf.Playback(rate=20.0))
        ...     content = read_play(f"{folder}/a.play.json")
        >>> content["samples_each"], content["signals"][0]["name"]
        (20, 'drive')
    """
    path = path_of(path)
    data = read_bytes(path)
    with naming(path):
        return checked(data)


def decode(data: bytes, *, complex: bool = False) -> Design:
    """The design, after the checksum was verified.

    Raises:
        ValueError: As ``checked``, or the design in it is none.
    """
    return from_record(checked(data).get("design"))


def _signals(played: Played) -> list[dict[str, Any]]:
    return [{"name": name, "samples_v": values.tolist()} for name, values in real_signals(played)]


def _tones(design: Design, played: Played) -> list[dict[str, Any]]:
    """For each input and experiment: ``Σ a cos(2π f t + θ)``, or its complex counterpart, without offset."""
    return [
        {
            "name": name,
            "experiment": e,
            "complex": one.multisine.complex,
            "frequencies_hz": one.multisine.frequencies.tolist(),
            "amplitudes_v": (one.multisine.amplitudes * played.gain).tolist(),
            "phases_rad": one.phases.tolist(),
        }
        for name, row in zip(played.names, design.channels, strict=True)
        for e, one in enumerate(row, 1)
    ]


def _reached(signal: SignalReport, drive: tuple[float, float]) -> float | None:
    """How high a signal rises, the offset included; ``None`` where what it makes of a constant is not known."""
    try:
        return signal.reach(*drive)
    except ValueError:
        return None


def _limits(design: Design, played: Played) -> list[dict[str, Any]]:
    """Each limit of the problem, and the certified peak that is reached, offset included, in the unit of the limit."""
    drive = in_unit_of_limits(design, played.playback, played.gain, played.offset)
    return [
        {
            "name": each.name,
            "input": each.channel,
            "experiment": each.experiment + 1,
            "limit": each.limit,
            "peak": _reached(each, drive),
        }
        for each in design.signals
        if each.limit is not None
    ]
