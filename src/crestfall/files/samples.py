"""Samples as the numbers of a file: integers of a converter, or floats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.design.gain import LEAST_PEAK
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.design.played import Played
from crestfall.files.endings import split_ending

FULL_SCALE = 32_767
"""Largest magnitude of a 16-bit sample: −32 768 is left out, so that both polarities have the same range."""

MAX_TEXT_SAMPLES = 2**24
"""Most samples that are written as text."""


def signal_files(design: Design, name: str) -> list[str]:
    """Names of the files of a format that holds one signal each: the name itself, or one for each input and experiment.

    Example:
        >>> from crestfall import Multisine, Problem
        >>> both = Problem.orthogonal([Multisine([1.0, 2.0])] * 2, names=["x", "y"])
        >>> signal_files(Design.of(both, [0.0, 1.0]), "a.arb")
        ['a_x_1.arb', 'a_x_2.arb', 'a_y_1.arb', 'a_y_2.arb']
    """
    channels = design.problem.channels
    if channels is None:
        return [name]
    stem, ending = split_ending(name)
    labels = [re.sub(r"[^\w-]+", "-", one).strip("-") for one in channels.names]
    if "" in labels or len({label.lower() for label in labels}) < len(labels):
        labels = [f"input-{number}" for number in range(1, len(labels) + 1)]
    return [f"{stem}_{label}_{e + 1}{ending}" for label in labels for e in range(channels.experiments)]


def file_names(name: str, design: Design | None = None) -> list[str]:
    """The files of a format that holds one signal each (see ``signal_files``)."""
    return [name] if design is None else signal_files(design, name)


def last_step(played: Played, bits: int = 16) -> int:
    """The largest count of the converter: ``2^(bits − 1) − 1``, whose negative is the lowest.

    The one step further down that two's complement has is left out, so that both polarities have the same range.
    """
    return 2 ** ((played.playback.bits or bits) - 1) - 1


_ASCII = str.maketrans(
    {
        "\N{MICRO SIGN}": "u",
        "\N{GREEK SMALL LETTER MU}": "u",
        "\N{GREEK CAPITAL LETTER OMEGA}": "Ohm",
        "\N{OHM SIGN}": "Ohm",
        "\N{DEGREE SIGN}": "deg",
        "²": "^2",
        "³": "^3",
        "·": "*",
    }
)


def ascii_unit(unit: str) -> str:
    """A unit in ASCII, for a comment of a text file, which it must not close.

    Example:
        >>> ascii_unit("µA"), ascii_unit("m/s²"), ascii_unit("*/ é")
        ('uA', 'm/s^2', '* / ?')
    """
    return unit.translate(_ASCII).encode("ascii", "replace").decode("ascii").replace("*/", "* /")


def volts_per_count(played: Played, bits: int = 16) -> float:
    """Value of one step of the converter [V]: its full scale over ``last_step``.

    Full scale is the certified peak unless the playback says otherwise, so that no sample, and nothing that a converter
    makes between the samples, lies outside.

    Raises:
        ValueError: Full scale is too small to be divided.

    Example:
        >>> from crestfall import Design, Multisine, Playback
        >>> round(volts_per_count(Playback().of(Design.of(Multisine([1.0], [0.5]), [0.0]))) * 32_767, 9)
        0.5
    """
    if played.full_scale < LEAST_PEAK:
        raise ValueError(
            f"the peak is {played.full_scale} V, too small to be divided into steps; give level, such as '1 V'"
        )
    return played.full_scale / last_step(played, bits)


def to_counts(values: npt.NDArray[Any], step: float, last: int = FULL_SCALE) -> npt.NDArray[np.int64]:
    """Rounded counts ``values / step``, complex ones interleaved I, Q.

    Raises:
        ValueError: A value lies outside ``±last`` steps: it is refused, not clipped.

    Example:
        >>> to_counts(np.array([1 + 2j, -3.4]), 1.0).tolist()
        [1, 2, -3, 0]
    """
    counts = np.rint(interleaved(values) / step)
    if counts.size and np.max(np.abs(counts)) > last:
        k = int(np.argmax(np.abs(counts)))
        raise ValueError(f"sample {k} is {counts[k]:.9g} steps, beyond ±{last}; use a larger step")
    return counts.astype(np.int64)


def played_counts(played: Played, values: npt.NDArray[Any], bits: int = 16) -> npt.NDArray[Any]:
    """One signal in the steps of the converter, as it takes them: bits, sign, order of I and Q, order of bytes.

    Args:
        played: What is played.
        values: ``(N,)`` samples of one signal [V].
        bits: Bits where the playback does not say.

    Returns:
        ``(N,)`` integers, ``(2 N,)`` for complex samples, in the smallest of 8, 16 and 32 bits that holds them.
    """
    playback = played.playback
    bits = playback.bits or bits
    counts = to_counts(in_order(values, playback.q_first), volts_per_count(played, bits), last_step(played, bits))
    if not playback.signed:
        counts += 2 ** (bits - 1)
    size = 1 if bits <= 8 else 2 if bits <= 16 else 4
    return counts.astype(f"{'>' if playback.big_endian else '<'}{'i' if playback.signed else 'u'}{size}")


def in_order(values: npt.NDArray[Any], q_first: bool) -> npt.NDArray[Any]:
    """Complex samples with I and Q exchanged where Q comes first."""
    return 1j * np.conj(values) if q_first and np.iscomplexobj(values) else values


def to_float32(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """The values as 32-bit floats, complex ones interleaved I, Q.

    Raises:
        ValueError: A value lies beyond the range of 32-bit floats.
    """
    numbers = interleaved(values)
    if numbers.size and np.max(np.abs(numbers)) > np.finfo(np.float32).max:
        raise ValueError("samples reach beyond what 32-bit floats hold; scale them down, for instance with level='1 V'")
    return numbers.astype(np.float32)


def type_name(numbers: npt.NDArray[Any]) -> str:
    """The type of the numbers of a file in words.

    Example:
        >>> type_name(np.zeros(1, "<i2")), type_name(np.zeros(1, ">f4")), type_name(np.zeros(1, "u1"))
        ('int16_le', 'float32_be', 'uint8')
    """
    kind = {"i": "int", "u": "uint", "f": "float"}[numbers.dtype.kind]
    order = "be" if numbers.dtype.str.startswith(">") else "le"
    return f"{kind}{8 * numbers.itemsize}" + (f"_{order}" if numbers.itemsize > 1 else "")


def zero_count(played: Played, sample_type: str = "uint16") -> int:
    """The count that stands for 0 V: half of the range in offset binary, else 0."""
    return (
        0 if played.playback.signed or not sample_type.startswith("uint") else 2 ** ((played.playback.bits or 16) - 1)
    )


def require_defaults(playback: Playback, names: Sequence[str], reason: str) -> None:
    """Raise if one of these fields is asked for, which a format cannot follow for this reason."""
    for name in names:
        value = getattr(playback, name)
        if value != getattr(AS_DESIGNED, name):
            raise ValueError(f"{name} is {value}, but {reason}; leave it out")


def require_signed(playback: Playback, ending: str) -> None:
    """Raise unless a format of signed integers of 16 bits in one order can hold what is asked for."""
    require_defaults(playback, ("signed", "big_endian"), f"the format of {ending} files fixes it")
    if playback.bits is not None and playback.bits > 16:
        raise ValueError(f"bits is {playback.bits}, but {ending} files have 16; give 16 or fewer")


def frames_as_bytes(played: Played, sample_type: str) -> tuple[bytes, float, str]:
    """All frames as integers or floats, the volts per count, and the type in words, such as ``int16_le``.

    Args:
        played: What is played.
        sample_type: ``"int16"``, for integers of as many bits as the playback says, or ``"float32"``.
    """
    if sample_type == "int16":
        numbers, step = played_counts(played, played.in_frames), volts_per_count(played)
    else:
        values = to_float32(in_order(played.in_frames, played.playback.q_first))
        numbers, step = values.astype(">f4" if played.playback.big_endian else "<f4"), 1.0
    return numbers.tobytes(), step, type_name(numbers)


def interleaved(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Numbers one after the other: real values as they are, complex ones as I, Q, I, Q, …"""
    if np.iscomplexobj(values):
        return np.ascontiguousarray(values, dtype=np.complex128).view(np.float64).ravel()
    return np.asarray(values, dtype=np.float64).ravel()


def require_text_size(count: int) -> None:
    """Raise unless so many samples make a text file of a sensible size."""
    if count > MAX_TEXT_SAMPLES:
        raise ValueError(
            f"{count} samples are too many for a text file (at most {MAX_TEXT_SAMPLES}); "
            "give a lower rate or fewer periods, or save as .i16"
        )
