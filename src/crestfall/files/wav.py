"""Designs as WAV files: the waveform at full scale, the design in the comment.

- **Channels.** A real signal is mono. A complex one has I and Q as left and right; since most stereo files are not I/Q,
  two channels are read as complex only when the comment of ``encode`` says so. Several inputs have a channel each (two,
  if complex), and their experiments follow one another.
- **Scale.** The certified true peak becomes full scale, in every subtype, so that neither the samples nor what a
  converter makes between them can clip. The factor from amplitudes to file units is in the comment.
- **Comment.** The standard field ``ICMT``, which other programs show and keep. It holds JSON: ``scale``, ``periods``,
  ``complex``, ``names``, ``experiments``, ``samples_each`` and, up to ``MAX_COMMENT`` bytes, the whole design, with
  which a file comes back bit for bit.
"""

# No annotations as text: msgspec would compile those of the tables while a file is read.

from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from math import ceil
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import asdict

from crestfall.design.design import Design
from crestfall.design.gain import LEAST_PEAK
from crestfall.design.length import edges_of, length_of, rate_of_samples, rate_to_play, round_rate
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.design.played import Played
from crestfall.files import riff
from crestfall.files.conversion import Positive, converted
from crestfall.files.playback_table import Count, playback_from_data, playback_to_data
from crestfall.files.reading import MAX_BYTES, naming, path_of, read_bytes
from crestfall.files.record import dumps, from_record, loads, require_version, to_record
from crestfall.files.samples import in_order, interleaved, require_defaults
from crestfall.problem.arguments import whole_number
from crestfall.problem.multisine import Multisine
from crestfall.problem.readable import readable
from crestfall.problem.times import MAX_SAMPLES, samples_per_period
from crestfall.signal.spectrum import tones_of_period
from crestfall.signal.waveform import count_samples

MAX_COMMENT = 2**22
"""Largest comment [bytes]: the design of some 60 000 tones."""

_FORMAT = "crestfall-wav"
_VERSION = 2
_SUBTYPES = {"16": 16, "24": 24, "float32": 32}
_MAX_RATE = 2**31 - 1
_STEPS = {"PCM_U8": 2.0**-7, "PCM_S8": 2.0**-7, "PCM_16": 2.0**-15, "PCM_24": 2.0**-23}


class Comment(Struct, forbid_unknown_fields=True):
    """What a file of ours says about its samples; version 1 had one signal."""

    format: str
    version: int
    scale: Positive
    periods: Count
    complex: bool
    design: dict[str, Any] | None
    names: list[str] = []
    experiments: Count = 1
    samples_each: Count | None = None
    playback: dict[str, Any] | None = None
    """Where more was asked for than rate and periods: all of it (see ``playback_table``)."""


class _Contents(NamedTuple):
    values: npt.NDArray[np.float64]
    """``(frames, channels)``, full scale is 1."""
    sample_rate: int
    comment: Comment | None
    step: float
    """Quantisation step."""

    def one(self, *, complex: bool = False) -> npt.NDArray[Any]:
        """``(N,)`` samples of the only signal; ``complex`` says that the two channels of a foreign file are I and Q."""
        is_complex = complex and self.values.shape[1] == 2 if self.comment is None else self.comment.complex
        if self.values.shape[1] != 1 + is_complex:
            raise ValueError(
                f"the WAV file has {self.values.shape[1]} channels; choose one with channel, or take two as I and Q "
                "with complex"
            )
        return self.values[:, 0] + 1j * self.values[:, 1] if is_complex else self.values[:, 0]


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
    path = path_of(path)
    data = read_bytes(path)
    with naming(path):
        contents = _parse(data)
        return contents.one(), contents.sample_rate


def signals_of(data: bytes) -> tuple[npt.NDArray[Any], int]:
    """``(signals, N)`` samples of the channels in file units, and the rate [Hz]; pairs of a complex design are complex.

    Raises:
        ValueError: As ``read_samples``.
    """
    contents = _parse(data)
    rows = np.ascontiguousarray(contents.values.T)
    if contents.comment is None or not contents.comment.complex:
        return rows, contents.sample_rate
    if rows.shape[0] % 2:
        raise ValueError(f"the comment says I and Q, but there are {rows.shape[0]} channels; save the design again")
    i, q = (1, 0) if (contents.comment.playback or {}).get("q_first") else (0, 1)
    return rows[i::2] + 1j * rows[q::2], contents.sample_rate


def holds_design(data: bytes) -> bool:
    """Whether a comment of a WAV file holds a design.

    Raises:
        ValueError: The comment is one of ours and damaged, or it is not a WAV file.
    """
    comment = _our_comment(riff.read_comment(data))
    return comment is not None


def read_sample_rate(path: str | PathLike[str]) -> int:
    """The sample rate [Hz] of a WAV file with any number of channels.

    Raises:
        ValueError: As ``read_samples``.
        OSError: The file does not exist or cannot be read.
    """
    path = path_of(path)
    data = read_bytes(path)
    with naming(path):
        return _parse(data).sample_rate


def read_tones(path: str | PathLike[str], drop_below_db: float = -60.0) -> Multisine:
    """The tones of a WAV file that holds whole periods, as exactly as its quantisation allows (see ``spectrum``).

    Raises:
        ValueError: As ``read_samples`` and ``tones_of_period``.
        OSError: The file does not exist or cannot be read.
    """
    path = path_of(path)
    samples, sample_rate = read_samples(path)
    with naming(path):
        return tones_of_period(samples, sample_rate, drop_below_db)


def encode(design: Design, *, subtype: str | int | None = None, playback: Playback = AS_DESIGNED) -> bytes:
    """The WAV file of a design's waveform over whole periods.

    Args:
        design: The design.
        subtype: ``16`` or ``24`` bit integers, or ``"float32"``, which is the default. ``playback.bits`` says the same.
        playback: Rate, length and level. 1.0 in the file is its full scale: by default the certified peak, or 1 V where
            a level in volts is asked for. The rate must be a whole number; by default it is that of samples that count,
            if it is whole; 48 000 if that is a multiple of the fundamental and at least 2.5 times the highest tone;
            else the smallest power-of-two multiple of the fundamental that is whole and at least 4 times the highest
            tone, or any multiple if no power of two makes it whole. Tones without a period: 48 000, or a round number
            at least 4 times the highest tone.

    Raises:
        ValueError: An option is out of range, no WAV sample rate fits the tones, or the file would be too large.

    Example:
        >>> design = Design.of(Multisine([100.0, 200.0]), [0.0, 1.0])
        >>> len(encode(design, subtype=16, playback=Playback(periods=3))) > 3 * 480 * 2
        True
    """
    bits = _bits(subtype, playback)
    asked, playback = playback, adapted(design, playback)
    played = playback.of(design)
    channels = played.values.shape[0] * (2 if design.multisine.complex else 1)
    frame = bits // 8 * channels
    size = played.in_frames.shape[0] * frame
    if size + MAX_COMMENT > MAX_BYTES:
        raise ValueError(
            f"periods is {played.periods} and rate {played.sample_rate_hz:.12g}: the file would have {size} bytes, "
            f"more than the {MAX_BYTES - MAX_COMMENT} that are read back; lower one of them"
        )
    unit = _units_per_volt(played, bits)
    comment = Comment(
        _FORMAT,
        _VERSION,
        unit * played.gain,
        played.periods,
        design.multisine.complex,
        to_record(design),
        list(played.names),
        played.values.shape[1],
        played.values.shape[2],
        None if _is_plain(asked) else playback_to_data(playback),
    )
    return riff.pack(
        riff.WavBytes(
            format_tag=3 if bits == 32 else 1,
            channels=channels,
            sample_rate=round(played.sample_rate_hz),
            bits=bits,
            data=_quantised(in_order(played.in_frames, playback.q_first) * unit, bits),
            comment=_text_of(comment),
        )
    )


def decode(data: bytes, *, complex: bool = False, drop_below_db: float = -60.0) -> Design | Multisine:
    """The design in the comment of a WAV file, else the tones of its samples; ``complex``: two channels are I and Q.

    Raises:
        ValueError: As ``read_samples``; also if the samples are not those of the design in the comment.
    """
    contents = _parse(data)
    comment = contents.comment
    if comment is not None and comment.design is not None:
        design = from_record(comment.design)
        if not _are_samples_of(contents, comment, design):
            raise ValueError(
                "the samples are not those of the design in the comment, so one of them was changed; "
                "take the tones from the samples with Multisine.from_waveform"
            )
        return design
    with np.errstate(over="ignore"):  # of an absurd scale; samples that are not finite are refused next
        samples = contents.one(complex=complex) / (1.0 if comment is None else comment.scale)
    return tones_of_period(samples, contents.sample_rate, drop_below_db)


def _are_samples_of(contents: _Contents, comment: Comment, design: Design) -> bool:
    if comment.playback is None:
        playback = Playback(rate=contents.sample_rate, periods=comment.periods, level="designed", **_UNCHECKED)
        unit = comment.scale
    else:
        asked = playback_from_data(comment.playback)
        playback = replace(asked, periods=comment.periods, duration=None, multiple_of=None, **_UNCHECKED)
        unit = None
    # Counted first: what the comment asks for may be far more than what is in the file.
    count = _frames(design, playback, contents.sample_rate, comment.periods)
    channels = design.problem.channels
    inputs, experiments = (1, 1) if channels is None else (channels.count, channels.experiments)
    if contents.values.shape != (count * experiments, inputs * (1 + design.multisine.complex)):
        return False
    played = playback.of(design)
    if unit is None:
        unit = comment.scale / played.gain
    expected = in_order(played.in_frames, playback.q_first) * unit
    parts = interleaved(expected).reshape(contents.values.shape)
    return bool(np.all(np.abs(parts - contents.values) <= 2.0 * contents.step))


_UNCHECKED: dict[str, Any] = {"seam": True, "beyond_limits": True}
"""What was written is read, whether or not it closes and keeps the limits."""


def _frames(design: Design, playback: Playback, rate: int, periods: int) -> int:
    """Frames of one experiment."""
    window = design.problem.window
    if design.problem.held_samples is not None:
        return length_of(design, Playback(rate=rate, periods=periods, seam=True)).samples + sum(
            edges_of(playback, rate)
        )
    count = count_samples(design.multisine, rate, periods)[0] if window is None else window.count(rate)
    return count + sum(edges_of(playback, rate))


def default_sample_rate(ms: Multisine) -> int:
    """A whole sample rate [Hz] at which the period is a whole number of samples; see ``encode``.

    Raises:
        ValueError: No sample rate of a WAV file fits the tones.

    Example:
        >>> default_sample_rate(Multisine([100.0, 200.0])), default_sample_rate(Multisine([44100.0]))
        (48000, 176400)
    """
    highest = float(np.max(np.abs(ms.frequencies)))
    if not ms.has_period:
        rate = 48_000 if 2.5 * highest <= 48_000 else ceil(round_rate(4.0 * highest))
        return _whole_rate(rate)
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
            f"({readable(highest, 'Hz')}) and a multiple of the fundamental ({ms.fundamental!r} Hz); "
            "give sample_rate, or save as .npz or .csv"
        )
    return rate


# ------------------------------------------------------------------ parts


def _bits(subtype: str | int | None, playback: Playback) -> int:
    """Bits of a sample; 32 are floating-point."""
    if subtype is not None and playback.bits is not None:
        raise ValueError("subtype and bits say the same thing; give one of them")
    require_defaults(playback, ("big_endian", "signed"), "the format of WAV files fixes it")
    if playback.bits is not None:
        if playback.bits not in (16, 24):
            raise ValueError(
                f"bits is {playback.bits}; WAV files are written with 16 or 24, or without bits as float32"
            )
        return playback.bits
    if subtype is None:
        return 32
    if str(subtype) not in _SUBTYPES:
        raise ValueError(f'subtype is {subtype!r}; use 16, 24 or "float32"')
    return _SUBTYPES[str(subtype)]


def adapted(design: Design, playback: Playback) -> Playback:
    """The playback with a whole rate, and with 1 V as full scale where the level is one in volts."""
    _bits(None, playback)
    level = playback.asked_level
    in_volts = level is not None and level.kind in ("peak", "rms")
    if in_volts and playback.full_scale is None:
        playback = replace(playback, full_scale=1.0)
    if playback.samples_per_period is not None:
        rate = rate_to_play(design, playback)
        return replace(playback, samples_per_period=None, rate=_whole_rate(rate))
    return replace(playback, rate=_default_rate(design) if playback.rate is None else _whole_rate(playback.rate))


def _is_plain(playback: Playback) -> bool:
    """Whether rate, periods and one factor say everything."""
    level = playback.asked_level
    return (level is None or level.kind != "range") and playback.said().keys() <= {
        "rate",
        "periods",
        "samples_per_period",
        "duration",
        "multiple_of",
        "level",
        "full_scale",
        "bits",
    }


def _units_per_volt(played: Played, bits: int) -> float:
    """Factor from volts to units of the file."""
    if played.full_scale < LEAST_PEAK:
        raise ValueError(
            f"the peak is {played.full_scale}, too small to be scaled to full scale; give amplitudes in a smaller unit"
        )
    return (1.0 if bits == 32 else 1.0 - 2.0 ** (1 - bits)) / played.full_scale


def _default_rate(design: Design) -> int:
    """The rate of samples that count, if it is a whole number of Hz; else what suits the tones."""
    own = rate_of_samples(design)
    if own is not None and own < _MAX_RATE:
        whole = round(own)
        if whole and samples_per_period(design.multisine, whole) == samples_per_period(design.multisine, own):
            return whole
    return default_sample_rate(design.multisine)


def _whole_rate(sample_rate: float) -> int:
    need = f"a whole number of Hz from 1 to {_MAX_RATE}, as WAV and FLAC files have them"
    rate = whole_number("rate", sample_rate, 1, need)
    if rate > _MAX_RATE:
        raise ValueError(f"rate is {sample_rate}; give {need}")
    return rate


def _quantised(samples: npt.NDArray[Any], bits: int) -> bytes:
    """Interleaved little-endian samples; ``samples`` lie within full scale."""
    samples = interleaved(samples)
    if bits == 32:
        return samples.astype("<f4").tobytes()
    top = 2 ** (bits - 1)
    integers = np.clip(np.rint(samples * top), 1 - top, top - 1).astype("<i4")
    return np.ascontiguousarray(integers.view(np.uint8).reshape(-1, 4)[:, : bits // 8]).tobytes()


def _text_of(comment: Comment) -> str:
    text = dumps(asdict(comment), ascii_only=True)
    return text if len(text) < MAX_COMMENT else dumps(asdict(comment) | {"design": None}, ascii_only=True)


def _parse(data: bytes) -> _Contents:
    """Samples, sample rate, our comment if there is one, and the quantisation step."""
    import soundfile  # here, since loading its library takes longer than most calls of crestfall

    text = riff.read_comment(data)
    try:
        with soundfile.SoundFile(BytesIO(data)) as file:
            if file.frames * file.channels > MAX_SAMPLES:
                raise ValueError(f"the WAV file has {file.frames} samples; at most {MAX_SAMPLES} are read")
            values, sample_rate = file.read(dtype="float64", always_2d=True), int(file.samplerate)
            step = _STEPS.get(file.subtype, 1e-6)
    except soundfile.SoundFileError as error:
        raise ValueError(f"not a WAV file that can be read: {error}; convert it to 16-bit PCM") from None
    if values.shape[0] == 0:
        raise ValueError("the WAV file has no samples; give at least one whole period")
    if not np.all(np.isfinite(values)):
        k = int(np.argmin(np.all(np.isfinite(values), axis=1)))
        raise ValueError(f"sample {k} is {values[k, 0]}; every sample must be a finite number")
    return _Contents(values, sample_rate, _our_comment(text), step)


def _our_comment(text: str | None) -> Comment | None:
    """The comment if ``encode`` wrote it; a foreign one says nothing."""
    if text is None or not text.startswith("{") or _FORMAT not in text:
        return None
    comment = loads(text)
    require_version(comment, _FORMAT, 1, _VERSION)
    return converted(comment, Comment)
