"""Designs as WAV files: the waveform at full scale, the design in the comment.

- **Channels.** A real signal is mono. A complex one has I and Q as left and right; since most stereo files are not I/Q,
  two channels are read as complex only when the comment of ``encode`` says so.
- **Scale.** The certified true peak becomes full scale, in every subtype, so that neither the samples nor what a
  converter makes between them can clip. The factor from amplitudes to file units is in the comment.
- **Comment.** The standard field ``ICMT``, which other programs show and keep. It holds JSON: ``scale``, ``periods``,
  ``complex`` and, up to ``MAX_COMMENT`` bytes, the whole design, with which a file comes back bit for bit.
"""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from math import ceil, isfinite, isnan
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.certainty.measures import MAX_SAMPLES, samples_per_period
from crestfall.design.design import Design, Provenance
from crestfall.files import riff
from crestfall.files.reading import MAX_BYTES, naming, read_bytes, shown
from crestfall.files.record import dumps, from_record, loads, require_keys, require_version, to_record
from crestfall.problem.multisine import Multisine
from crestfall.signal.spectrum import tones_of_period
from crestfall.signal.waveform import count_samples

MAX_COMMENT = 2**22
"""Largest comment [bytes]: the design of some 60 000 tones."""

_FORMAT = "crestfall-wav"
_VERSION = 1
_KEYS = ("format", "version", "scale", "periods", "complex", "design")
_SUBTYPES = {"16": 16, "24": 24, "float32": 32}
_MAX_RATE = 2**31 - 1
_STEPS = {"PCM_U8": 2.0**-7, "PCM_S8": 2.0**-7, "PCM_16": 2.0**-15, "PCM_24": 2.0**-23}


def read_samples(path: str | PathLike[str]) -> tuple[npt.NDArray[Any], int]:
    """The samples of a WAV file in file units, where full scale is 1, and the sample rate [Hz].

    Args:
        path: A WAV file with one channel, or one that was saved from a complex design.

    Returns:
        ``(N,)`` float64 samples (complex128 for a complex design) and the samples per second.

    Raises:
        ValueError: The file is not a WAV file, is truncated, has no samples, samples that are not finite, or channels
            whose meaning is not known. The message is one line that starts with the path.
        OSError: The file does not exist or cannot be read.
    """
    path = Path(path)
    data = read_bytes(path)
    with naming(path):
        samples, sample_rate, _, _ = _parse(data)
    return samples, sample_rate


def read_tones(path: str | PathLike[str], drop_below_db: float = -60.0) -> Multisine:
    """The tones of a WAV file that holds whole periods, as exactly as its quantisation allows (see ``spectrum``).

    Raises:
        ValueError: As ``read_samples`` and ``tones_of_period``.
        OSError: The file does not exist or cannot be read.
    """
    path = Path(path)
    samples, sample_rate = read_samples(path)
    with naming(path):
        return tones_of_period(samples, sample_rate, drop_below_db)


def encode(
    design: Design, *, subtype: str | int = "float32", sample_rate: float | None = None, periods: int = 1
) -> bytes:
    """The WAV file of a design's waveform over whole periods.

    Args:
        design: The design.
        subtype: ``16`` or ``24`` bit integers, or ``"float32"``.
        sample_rate: Samples per second [Hz], a whole number. By default 48 000 if that is a multiple of the fundamental
            and at least 2.5 times the highest tone; else the smallest power-of-two multiple of the fundamental that is
            whole and at least 4 times the highest tone, or any multiple if no power of two makes it whole.
        periods: Number of periods.

    Raises:
        ValueError: An option is out of range, no WAV sample rate fits the tones, or the file would be too large.

    Example:
        >>> design = Design.of(Multisine([100.0, 200.0]), [0.0, 1.0])
        >>> len(encode(design, subtype=16, periods=3)) > 3 * 480 * 2
        True
    """
    if str(subtype) not in _SUBTYPES:
        raise ValueError(f'subtype is {subtype!r}; use 16, 24 or "float32"')
    bits = _SUBTYPES[str(subtype)]
    rate = default_sample_rate(design.multisine) if sample_rate is None else _whole_rate(sample_rate)
    samples = design.waveform(rate, periods)
    frame = bits // 8 * (2 if design.multisine.complex else 1)
    if samples.size * frame + MAX_COMMENT > MAX_BYTES:
        raise ValueError(
            f"periods is {periods} and sample_rate {rate}: the file would have {samples.size * frame} bytes, more than "
            f"the {MAX_BYTES - MAX_COMMENT} that are read back; lower one of them"
        )
    full_scale = 1.0 if bits == 32 else 1.0 - 2.0 ** (1 - bits)
    scale = full_scale / design.peak_interval[1]
    if isnan(design.crest_factor):
        scale = min(scale, 1.0)  # tones that cancel stay silent instead of becoming loud rounding errors
    return riff.pack(
        riff.WavBytes(
            format_tag=3 if bits == 32 else 1,
            channels=2 if design.multisine.complex else 1,
            sample_rate=rate,
            bits=bits,
            data=_quantised(samples * scale, bits),
            comment=_comment(design, scale, int(periods)),
        )
    )


def decode(data: bytes, name: str) -> Design:
    """The design of a WAV file: the exact one in its comment, else the one that its samples make.

    Raises:
        ValueError: As ``read_samples``; also if the samples are not those of the design in the comment.
    """
    samples, sample_rate, comment, step = _parse(data)
    scale = 1.0 if comment is None else comment["scale"]
    if comment is not None and comment["design"] is not None:
        design = from_record(comment["design"])
        # Counted first: what the comment asks for may be far more than what is in the file.
        count, _ = count_samples(design.multisine, sample_rate, comment["periods"])
        same = count == samples.size and bool(
            np.all(np.abs(design.waveform(sample_rate, comment["periods"]) * scale - samples) <= 2.0 * step)
        )
        if not same:
            raise ValueError(
                "the samples are not those of the design in the comment, so one of them was changed; "
                "take the tones from the samples with Multisine.from_waveform"
            )
        return design
    with np.errstate(over="ignore"):  # of an absurd scale; samples that are not finite are refused next
        samples = samples / scale
    multisine = tones_of_period(samples, sample_rate)
    assert multisine.initial_phases is not None
    return Design.of(multisine, multisine.initial_phases, provenance=Provenance(f"phases of {name}"))


def default_sample_rate(ms: Multisine) -> int:
    """A whole sample rate [Hz] at which the period is a whole number of samples; see ``encode``.

    Raises:
        ValueError: No sample rate of a WAV file fits the tones.

    Example:
        >>> default_sample_rate(Multisine([100.0, 200.0])), default_sample_rate(Multisine([44100.0]))
        (48000, 176400)
    """
    highest = float(np.max(np.abs(ms.frequencies)))
    ratio = samples_per_period(ms, 48_000)
    if ratio is not None and ratio.denominator == 1 and 2.5 * highest <= 48_000:
        return 48_000
    fundamental = Fraction(repr(ms.fundamental))
    least = 4 * Fraction(repr(highest))
    power = 1
    while power * fundamental < least or (power * fundamental).denominator > 1:
        power *= 2
        if power * fundamental > _MAX_RATE:
            # A multiple of the fundamental p/q is whole exactly if it is a multiple of p.
            rate = fundamental.numerator * max(1, ceil(least / fundamental.numerator))
            break
    else:
        rate = int(power * fundamental)
    if rate > _MAX_RATE:
        raise ValueError(
            f"sample_rate is missing, and no whole one up to {_MAX_RATE} Hz is both 4 times the highest tone "
            f"({highest:.9g} Hz) and a multiple of the fundamental ({ms.fundamental!r} Hz); "
            "give sample_rate, or save as .npz or .csv"
        )
    return rate


# ------------------------------------------------------------------ parts


def _whole_rate(sample_rate: float) -> int:
    if not (isfinite(sample_rate) and sample_rate == int(sample_rate) and 1 <= sample_rate <= _MAX_RATE):
        raise ValueError(f"sample_rate is {sample_rate}; a WAV file needs a whole number of Hz from 1 to {_MAX_RATE}")
    return int(sample_rate)


def _quantised(samples: npt.NDArray[Any], bits: int) -> bytes:
    """Interleaved little-endian samples; ``samples`` lie within full scale."""
    if np.iscomplexobj(samples):
        samples = samples.view(np.float64)
    if bits == 32:
        return samples.astype("<f4").tobytes()
    top = 2 ** (bits - 1)
    integers = np.clip(np.rint(samples * top), 1 - top, top - 1).astype("<i4")
    return np.ascontiguousarray(integers.view(np.uint8).reshape(-1, 4)[:, : bits // 8]).tobytes()


def _comment(design: Design, scale: float, periods: int) -> str:
    comment = {
        "format": _FORMAT,
        "version": _VERSION,
        "scale": scale,
        "periods": periods,
        "complex": design.multisine.complex,
        "design": to_record(design),
    }
    text = dumps(comment, ascii_only=True)
    return text if len(text) < MAX_COMMENT else dumps(comment | {"design": None}, ascii_only=True)


def _parse(data: bytes) -> tuple[npt.NDArray[Any], int, dict[str, Any] | None, float]:
    """Samples, sample rate, our comment if there is one, and the quantisation step."""
    import soundfile  # here, since loading its library takes longer than most calls of crestfall

    text = riff.read_comment(data)
    try:
        with soundfile.SoundFile(BytesIO(data)) as file:
            if file.frames > MAX_SAMPLES:
                raise ValueError(f"the WAV file has {file.frames} samples; at most {MAX_SAMPLES} are read")
            values, sample_rate = file.read(dtype="float64", always_2d=True), int(file.samplerate)
            step = _STEPS.get(file.subtype, 1e-6)
    except soundfile.SoundFileError as error:
        raise ValueError(f"not a WAV file that can be read: {error}; convert it to 16-bit PCM") from None
    comment = _our_comment(text)
    n_samples, channels = values.shape
    if n_samples == 0:
        raise ValueError("the WAV file has no samples; give at least one whole period")
    if not np.all(np.isfinite(values)):
        k = int(np.argmin(np.all(np.isfinite(values), axis=1)))
        raise ValueError(f"sample {k} is {values[k, 0]}; every sample must be a finite number")
    is_complex = comment is not None and comment["complex"]
    if channels != 1 + is_complex:
        raise ValueError(
            f"the WAV file has {channels} channels; give one channel, or pass two as samples left + 1j * right "
            "to Multisine.from_waveform"
        )
    samples = values[:, 0] + 1j * values[:, 1] if is_complex else values[:, 0]
    return samples, sample_rate, comment, step


def _our_comment(text: str | None) -> dict[str, Any] | None:
    """The comment if ``encode`` wrote it; a foreign one says nothing."""
    if text is None or not text.startswith("{") or _FORMAT not in text:
        return None
    comment: dict[str, Any] = loads(text)
    require_version(comment, _FORMAT, _VERSION)
    require_keys(comment, _KEYS, "the comment")
    if type(comment["scale"]) is not float or not 0.0 < comment["scale"] < float("inf"):
        raise ValueError(f"scale is {shown(comment['scale'])}; it must be a number above 0")
    if type(comment["periods"]) is not int or comment["periods"] < 1:
        raise ValueError(f"periods is {shown(comment['periods'])}; it must be an integer of at least 1")
    if type(comment["complex"]) is not bool:
        raise ValueError(f"complex is {shown(comment['complex'])}; it must be true or false")
    return comment
