"""What raw samples cannot say about themselves, as a JSON file next to them.

``excitation.i16`` is described by ``excitation.i16.json``: sample type, rate, volts per count, how several inputs and
experiments stand in the samples, and the whole design.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crestfall.design.design import Design
from crestfall.design.played import Played
from crestfall.files.record import dumps_lines, to_record
from crestfall.files.samples import zero_count

FORMAT = "crestfall-samples"
VERSION = 2
VERSIONS = (1, 2)


def sidecar_name(name: str) -> str:
    """Name of the description of a file.

    Example:
        >>> sidecar_name("excitation.i16")
        'excitation.i16.json'
    """
    return f"{name}.json"


def describe(design: Design, played: Played, sample_type: str, step: float) -> dict[str, Any]:
    """The keys that every description has.

    Args:
        design: What the samples are of.
        played: What is played.
        sample_type: ``int16_le``, ``float32_le``, …; complex samples are interleaved I, Q.
        step: Volts per count: (stored number - ``zero_count``) × ``step`` = value in the unit of the amplitudes.
    """
    return {
        "sample_type": sample_type,
        "layout": ("Q, I" if played.playback.q_first else "I, Q") + " interleaved"
        if design.multisine.complex
        else "real",
        "n_samples": int(played.values.size),
        "channels": list(played.names),
        "experiments": played.values.shape[1],
        "samples_each": played.values.shape[2],
        "start_s": played.start_s,
        **figures_of(played),
        "zero_count": zero_count(played, sample_type),
        "volts_per_count": step,
        "frequencies_hz": design.multisine.frequencies.tolist(),
        "amplitudes": (design.multisine.amplitudes * played.gain).tolist(),
        "phases_rad": design.phases.tolist(),
    }


def figures_of(played: Played) -> dict[str, Any]:
    """The figures of what is played, under the keys that every format uses which can hold them.

    ``unit`` names the unit of all values. Keys that end in ``_v``, and ``volts_per_count``, are older than it and keep
    their names, whatever the unit.
    """
    return {
        "sample_rate_hz": played.sample_rate_hz,
        "periods": played.periods,
        "first_period_begins_at": played.first,
        "offset_v": played.offset,
        "full_scale_v": played.full_scale,
        "gain": played.gain,
        "unit": played.unit,
    }


def encode_sidecar(design: Design, played: Played, sample_type: str, step: float, files: Sequence[str] = ()) -> bytes:
    """The JSON text of a description, one line for each key; ``files`` are those of the signals, if several."""
    record = {"format": FORMAT, "version": VERSION, **describe(design, played, sample_type, step)}
    if files:
        record["files"] = list(files)
    return dumps_lines(record | {"design": to_record(design)}).encode()
