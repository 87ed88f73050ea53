"""The waveform as FLAC, which is lossless: 24 or 16 bits, at whole rates up to 655 350 Hz.

Channels and scale are those of WAV: a channel for each input, two for a complex one, the experiments one after the
other; by default the certified peak is full scale. The standard comment holds the description of ``sidecar`` as JSON,
with the whole design; ``volts_per_unit`` is the value of a sample 1.0 in volts.
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.files import sidecar, wav
from crestfall.files.record import dumps, to_record
from crestfall.files.samples import in_order, last_step, require_defaults, to_counts, volts_per_count

MAX_COMMENT = wav.MAX_COMMENT
_MAX_RATE, _MAX_CHANNELS = 655_350, 8
_TENS_ABOVE = 65_535
_BITS = (24, 16)


def adapted(design: Design, playback: Playback) -> Playback:
    """The playback with the bits and a rate that FLAC has; level and full scale are those of WAV files.

    Raises:
        ValueError: It asks for something that FLAC does not have.
    """
    require_defaults(playback, ("signed", "big_endian"), "the format of FLAC files fixes it")
    bits = _BITS[0] if playback.bits is None else playback.bits
    if bits not in _BITS:
        raise ValueError(f"bits is {bits}; FLAC files are written with 16 or 24")
    playback = replace(wav.adapted(design, playback), bits=bits)
    rate = playback.rate or 0.0
    if rate > _MAX_RATE or (rate > _TENS_ABOVE and rate % 10.0):
        raise ValueError(
            f"rate is {rate:.12g}; give at most {_MAX_RATE} Hz, and above {_TENS_ABOVE} Hz a multiple of 10, as FLAC "
            "files have them, or save as .wav"
        )
    return playback


def encode(design: Design, *, playback: Playback = AS_DESIGNED) -> bytes:
    """The FLAC file of a design's waveform over whole periods.

    Args:
        design: The design.
        playback: Rate, length, level, and 24 or 16 bits.

    Raises:
        ValueError: An option is out of range, no rate of FLAC files fits the tones, or there are too many inputs.

    Example:
        >>> from crestfall import Multisine
        >>> encode(Design.of(Multisine([100.0, 200.0]), [0.0, 1.0]), playback=Playback(bits=16))[:4]
        b'fLaC'
    """
    import soundfile  # here, since loading its library takes longer than most calls of crestfall

    playback = adapted(design, playback)
    played = playback.of(design)
    frames = in_order(played.in_frames, playback.q_first)
    channels = frames.shape[1] * (2 if design.multisine.complex else 1)
    if channels > _MAX_CHANNELS:
        raise ValueError(f"{channels} channels are too many for a FLAC file (at most {_MAX_CHANNELS}); save as .wav")
    bits, step = int(playback.bits or 0), volts_per_count(played)
    counts = to_counts(frames, step, last_step(played)).astype(np.int32).reshape(-1, channels)
    known = sidecar.describe(design, played, f"int{bits}", step) | {"volts_per_unit": step * 2 ** (bits - 1)}
    buffer = BytesIO()
    options: dict[str, Any] = {"format": "FLAC", "subtype": f"PCM_{bits}"}
    with soundfile.SoundFile(buffer, "w", round(played.sample_rate_hz), channels, **options) as file:
        file.comment = _comment(design, known)
        file.write(counts << (32 - bits))  # the library takes 32 bits and keeps the highest
    return buffer.getvalue()


def _comment(design: Design, known: dict[str, Any]) -> str:
    head = {"format": sidecar.FORMAT, "version": sidecar.VERSION, **known}
    text = dumps(head | {"design": to_record(design)}, ascii_only=True)
    if len(text) < MAX_COMMENT:
        return text
    short = {key: value for key, value in head.items() if key not in ("frequencies_hz", "amplitudes", "phases_rad")}
    return dumps(short | {"design": None}, ascii_only=True)
