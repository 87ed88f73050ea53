"""SigMF recordings: ``NAME.sigmf-meta`` (JSON) and ``NAME.sigmf-data`` (samples).

Real designs become ``rf32_le`` or ``ri16_le``, complex ones ``cf32_le`` or ``ci16_le``. Each input is a channel, and
each experiment a capture. The namespace ``crestfall``, an optional extension, holds the volts per count and the tones.
Specification: https://sigmf.org, version 1.2.
"""

from __future__ import annotations

import hashlib
from typing import Any

import crestfall
from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.design.played import Played
from crestfall.files.record import dumps
from crestfall.files.samples import frames_as_bytes
from crestfall.files.sidecar import describe
from crestfall.problem.arguments import finite_number

_VERSION = "1.2.0"
_ENDINGS = (".sigmf-data", ".sigmf-meta")
_TYPES = {"float32": "f32_le", "int16": "i16_le"}


def file_names(name: str, design: Design | None = None) -> list[str]:
    """The two files of a recording, whichever of them is named.

    Example:
        >>> file_names("a.sigmf-meta")
        ['a.sigmf-data', 'a.sigmf-meta']
    """
    stem = name[: -len(_ENDINGS[0])]
    return [stem + ending for ending in _ENDINGS]


def encode_files(
    design: Design,
    name_of_file: str,
    *,
    playback: Playback = AS_DESIGNED,
    sample_type: str = "float32",
    center_hz: float = 0.0,
) -> dict[str, bytes]:
    """The bytes of both files.

    Args:
        design: The design.
        name_of_file: Name of one of the files.
        playback: Rate, length, level and converter.
        sample_type: ``"float32"`` in volts, or ``"int16"`` with the certified peak at 32 767 counts.
        center_hz: Frequency [Hz] that complex baseband is meant for.

    Raises:
        ValueError: An option is out of range, or there would be too many samples.

    Example:
        >>> from crestfall import Multisine
        >>> files = encode_files(Design.of(Multisine([1.0], complex=True), [0.0]), "a.sigmf-meta")
        >>> len(files["a.sigmf-data"]), b'"core:datatype": "cf32_le"' in files["a.sigmf-meta"]
        (32, True)
    """
    if sample_type not in tuple(_TYPES):
        raise ValueError(f'sample_type is {sample_type!r}; use "float32" or "int16"')
    center_hz = finite_number("center_hz", center_hz, "a finite frequency in Hz")
    if center_hz and not design.multisine.complex:
        raise ValueError(f"center_hz is {center_hz}, but the design is real; only complex baseband has a centre")
    if playback.q_first:
        raise ValueError("q_first is True, but SigMF stores I, Q; leave it out")
    played = playback.of(design)
    data, step, kind = frames_as_bytes(played, sample_type)
    data_name, meta_name = file_names(name_of_file)
    return {data_name: data, meta_name: _meta(design, played, kind, step, center_hz, data)}


def _meta(design: Design, played: Played, kind: str, step: float, center_hz: float, data: bytes) -> bytes:
    is_complex = design.multisine.complex
    known = describe(design, played, kind, step)
    own = (
        "volts_per_count",
        "unit",
        "zero_count",
        "periods",
        "channels",
        "experiments",
        "frequencies_hz",
        "amplitudes",
        "phases_rad",
    )
    common: dict[str, Any] = {
        "core:datatype": ("c" if is_complex else "r")
        + kind.replace("uint", "u").replace("int", "i").replace("float", "f"),
        "core:sample_rate": played.sample_rate_hz,
        "core:version": _VERSION,
        "core:num_channels": played.values.shape[0],
        "core:recorder": f"crestfall {crestfall.__version__}",
        "core:description": f"multisine of {design.own_tones.n} tones, {played.periods} period(s)",
        "core:sha512": hashlib.sha512(data).hexdigest(),
        "core:extensions": [{"name": "crestfall", "version": "1.0.0", "optional": True}],
    }
    common |= {f"crestfall:{key}": known[key] for key in own}
    tuned = {"core:frequency": float(center_hz)} if is_complex else {}
    _, experiments, count = played.values.shape
    captures = [{"core:sample_start": number * count, **tuned} for number in range(experiments)]
    lines = ",\n".join(f"    {dumps(key)}: {dumps(value, ascii_only=True)}" for key, value in common.items())
    text = '{\n  "global": {\n' + lines + "\n  },\n"
    text += f'  "captures": {dumps(captures)},\n  "annotations": []\n}}\n'
    return text.encode("ascii")
