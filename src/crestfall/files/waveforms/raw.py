"""Bare samples with the JSON file next to them that says what they are; SigMF recordings, SCPI blocks, ``.wv``.

The description of this package is ``NAME.json`` (see ``sidecar``). Written by hand, ``sample_type`` and
``sample_rate_hz`` suffice::

    {"sample_type": "int16_le", "sample_rate_hz": 48000, "volts_per_count": 3e-5, "layout": "real"}
"""

from __future__ import annotations

import re
from pathlib import Path
from sys import float_info
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.files.reading import naming, read_bytes, shown
from crestfall.files.record import loads
from crestfall.files.sidecar import sidecar_name
from crestfall.files.waveforms.waveform import Waveform, real_rows

_TYPE = re.compile(r"(u?int|float)(8|16|32|64)(?:_(le|be))?")
_SIGMF = re.compile(r"([rc])([fiu])(8|16|32|64)(?:_(le|be))?")
_TAG = re.compile(rb"\{([A-Z ]+?)(?:-\d+)?:([^{}]*)\}")


def read_raw(path: Path) -> Waveform:
    """Samples that ``NAME.json`` describes; a SCPI block without its header.

    Raises:
        ValueError: There is no description, a key of it is missing or wrong, or the file does not hold whole samples.
        OSError: The file cannot be read.
    """
    beside = path.with_name(sidecar_name(path.name))
    try:
        described = read_bytes(beside)
    except FileNotFoundError:
        raise ValueError(
            f"{path}: bare samples need a description next to them, {beside.name}, with sample_type, such as int16_le, "
            "and sample_rate_hz"
        ) from None
    with naming(beside):
        about = loads(described)
        if not isinstance(about, dict):
            raise ValueError(f"the content is {shown(about)}; it must be an object with sample_type and sample_rate_hz")
        kind, pairs = _number_type(_text(about, "sample_type")), "interleaved" in str(about.get("layout", "real"))
        rate, step = _number(about, "sample_rate_hz"), _number(about, "volts_per_count", 1.0)
        zero, channels = _number(about, "zero_count", 0.0), about.get("channels", ["1"])
        if not isinstance(channels, list) or not channels or not all(isinstance(one, str) for one in channels):
            raise ValueError(f"channels is {shown(channels)}; it must be a list of names")
    data = read_bytes(path)
    with naming(path):
        if path.suffix.lower() == ".scpi":
            data = _block(data)
        experiments = about.get("experiments", 1)
        count = experiments if isinstance(experiments, int) and experiments > 0 else 1
        one_a_file = path.suffix.lower() == ".scpi"
        names = [path.stem] if one_a_file else channels
        numbers = (_values(data, kind) - zero) * step
        return _framed(
            numbers,
            rate,
            names,
            1 if one_a_file else count,
            pairs,
            str(about.get("layout")).startswith("Q"),
            _unit(about, "unit"),
        )


def read_sigmf(path: Path) -> Waveform:
    """A SigMF recording, named by either of its files.

    Raises:
        ValueError: Its metadata are not what SigMF says, or the data are not whole samples.
        OSError: One of the files cannot be read.
    """
    meta, data = path.with_suffix(".sigmf-meta"), path.with_suffix(".sigmf-data")
    described = read_bytes(meta)
    with naming(meta):
        record = loads(described)
        about = record.get("global") if isinstance(record, dict) else None
        if not isinstance(about, dict):
            raise ValueError("there is no object global; it is not SigMF metadata")
        match = _SIGMF.fullmatch(_text(about, "core:datatype"))
        if match is None:
            raise ValueError(f"core:datatype is {shown(about['core:datatype'])}; give one such as cf32_le or ri16_le")
        rate = _number(about, "core:sample_rate")
        count = about.get("core:num_channels", 1)
        if not isinstance(count, int) or not 1 <= count <= 64:
            raise ValueError(f"core:num_channels is {shown(count)}; give a number from 1 to 64")
        step, zero = _number(about, "crestfall:volts_per_count", 1.0), _number(about, "crestfall:zero_count", 0.0)
        names, unit = about.get("crestfall:channels"), _unit(about, "crestfall:unit")
        captures = record.get("captures")
    samples = read_bytes(data)
    with naming(data):
        kind = np.dtype(f"{'>' if match[4] == 'be' else '<'}{match[2]}{int(match[3]) // 8}")
        labels = names if isinstance(names, list) and len(names) == count else [str(k + 1) for k in range(count)]
        experiments = len(captures) if isinstance(captures, list) and captures else 1
        numbers = (_values(samples, kind) - zero) * step
        return _framed(numbers, rate, [str(one) for one in labels], experiments, match[1] == "c", False, unit)


def decode_wv(data: bytes) -> Waveform:
    """Rohde & Schwarz's ``.wv``: I and Q as 16-bit integers, full scale 1; a Q of zeros throughout is left out.

    Raises:
        ValueError: A tag is missing, or the samples are not all there.
    """
    begin = re.search(rb"\{WAVEFORM-\d+:#", data)
    if not data.startswith(b"{TYPE:") or begin is None:
        raise ValueError("not a .wv file: it does not begin with {TYPE:, or has no {WAVEFORM; save it again")
    tags = {key.decode("ascii"): value.decode("latin-1") for key, value in _TAG.findall(data[: begin.start()])}
    try:
        rate, count = float(tags["CLOCK"]), int(tags["SAMPLES"])
    except (KeyError, ValueError):
        raise ValueError("the tag CLOCK or SAMPLES is missing or no number; save the file again") from None
    body = data[begin.end() : begin.end() + 4 * count]
    if count < 1 or len(body) < 4 * count or not np.isfinite(rate) or rate <= 0.0:
        raise ValueError(f"it announces {count} samples at {rate} Hz, which it does not hold; copy it again")
    pairs = np.frombuffer(body, "<i2").astype(np.float64).reshape(-1, 2) / 32_767.0
    values = pairs[:, 0] if not np.any(pairs[:, 1]) else pairs[:, 0] + 1j * pairs[:, 1]
    return Waveform(values[None, :], rate, unit="full scale")


# ------------------------------------------------------------------ parts


def _text(about: dict[str, Any], key: str) -> str:
    if not isinstance(about.get(key), str):
        raise ValueError(f"{key} is {shown(about.get(key))}; it must be a text")
    return str(about[key])


def _number(about: dict[str, Any], key: str, default: float | None = None) -> float:
    value = about.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= float_info.max:
        raise ValueError(f"{key} is {shown(value)}; it must be a finite number")
    if value <= 0 and key != "crestfall:zero_count" and key != "zero_count":
        raise ValueError(f"{key} is {shown(value)}; it must be above 0")
    return float(value)


def _number_type(text: str) -> np.dtype[Any]:
    match = _TYPE.fullmatch(text)
    if match is None or (match[1] == "float" and match[2] in ("8", "16")):
        raise ValueError(f"sample_type is {shown(text)}; give one such as int16_le, uint8 or float32_be")
    letter = {"int": "i", "uint": "u", "float": "f"}[match[1]]
    return np.dtype(f"{'>' if match[3] == 'be' else '<'}{letter}{int(match[2]) // 8}")


def _block(data: bytes) -> bytes:
    """The content of a definite-length block, after whatever command comes before it."""
    begin = data.find(b"#")
    digits = data[begin + 1 : begin + 2]
    if begin < 0 or not digits.isdigit() or digits == b"0":
        raise ValueError("there is no definite-length block: #, the number of digits, the number of bytes")
    start = begin + 2 + int(digits)
    length = data[begin + 2 : start]
    if not length.isdigit() or len(data) < start + int(length):
        raise ValueError("the block ends before the length that it announces; copy it again")
    return data[start : start + int(length)]


def _values(data: bytes, kind: np.dtype[Any]) -> npt.NDArray[np.float64]:
    if not data or len(data) % kind.itemsize:
        raise ValueError(f"{len(data)} bytes are not whole samples of {kind.itemsize} bytes; copy it again")
    return np.frombuffer(data, kind).astype(np.float64)


def _unit(about: dict[str, Any], key: str) -> str:
    """The unit that a description names; an older description names none and means volts."""
    given = about.get(key, "V")
    return given if isinstance(given, str) else ""


def _framed(
    numbers: npt.NDArray[np.float64],
    rate: float,
    names: list[str],
    experiments: int,
    pairs: bool,
    q_first: bool,
    unit: str,
) -> Waveform:
    """Interleaved numbers as signals; experiments follow one another, each as a signal of its own."""
    frame = len(names) * (2 if pairs else 1)
    if numbers.size % (frame * experiments):
        raise ValueError(f"{numbers.size} numbers are not whole frames of {frame}; copy the file again")
    frames = real_rows(numbers.reshape(experiments, -1, len(names), 2 if pairs else 1))
    if pairs:
        i, q = (1, 0) if q_first else (0, 1)
        values: npt.NDArray[Any] = frames[..., i] + 1j * frames[..., q]
    else:
        values = frames[..., 0]
    labels = [name if experiments == 1 else f"{name} {e + 1}" for name in names for e in range(experiments)]
    return Waveform(np.moveaxis(values, 2, 0).reshape(len(labels), -1), rate, tuple(labels), unit)
