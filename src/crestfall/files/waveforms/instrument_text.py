"""Samples in the texts of instruments, compilers and memories: ``.arb``, ``.h``, ``.coe``, ``.mif``, ``.pwl``."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from crestfall.files.reading import number_of_text, shown, text_of
from crestfall.files.waveforms.text import read_table, waveform_of_table
from crestfall.files.waveforms.waveform import Waveform, real_rows

_WORDS = re.compile(
    r"crestfall: \d+ words of (\d+) bits,(?: ([IQ]), [IQ],)? (two's complement|offset binary), (\S+) Hz, (\S+)"
    r"(?: (.{1,20}?))? a step"
)
_CONSTANT = re.compile(r"#define\s+\w+?_(SAMPLE_RATE_HZ|VOLTS_PER_COUNT|ZERO_COUNT)\s+(\S+)")
_IN_UNIT = re.compile(r"^ \* (volts|value(?: in (.{1,20}?))?) = \(?count\b", re.MULTILINE)
"""What a comment that this package wrote says about the values; older ones say volts."""
_TABLE = re.compile(r"\b(\w+)\s*\[[^\]]*\]\s*=\s*\{([^}]*)\}")
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def decode_arb(data: bytes) -> Waveform:
    """Keysight's ``.arb``: counts, with ``Sample Rate`` and the level of the highest count.

    Raises:
        ValueError: A line of the header is missing, or a sample is not a number.

    Example:
        >>> found = decode_arb(b"Sample Rate:100\\nHigh Level:0.5\\nLow Level:-0.5\\nData:\\n32767\\n-32767\\n")
        >>> found.rate_hz, found.samples.tolist()
        (100.0, [[0.5, -0.5]])
    """
    head, begins, body = text_of(data).replace("\r", "").partition("Data:\n")
    if not begins:
        raise ValueError("not an .arb text: there is no line Data:; save it again")
    said = {key.strip().lower(): value for key, _, value in (line.partition(":") for line in head.split("\n"))}
    rate, high, low = (_said(said, key) for key in ("sample rate", "high level", "low level"))
    counts = _numbers(body.replace(",", " ").split())
    middle, half = (high + low) / 2.0, (high - low) / 2.0
    return Waveform(middle + counts * (half / 32_767.0), rate, unit="V")


def decode_pwl(data: bytes) -> Waveform:
    """SPICE's times and values; the first value again at the end closes a period and is not a sample of it.

    Example:
        >>> decode_pwl(b"0 1\\n0.25 0\\n0.5 -1\\n0.75 0\\n1 1\\n").samples.tolist()
        [[1.0, 0.0, -1.0, 0.0]]
    """
    found = waveform_of_table(read_table(re.sub(r"^[*;+].*$|[()]", "", text_of(data), flags=re.MULTILINE)))
    samples = found.samples
    closed = samples.shape[1] > 1 and np.array_equal(samples[:, 0], samples[:, -1])
    return Waveform(samples[:, :-1] if closed else samples, found.rate_hz, found.names, "V")


def decode_header(data: bytes) -> Waveform:
    """C: the tables of integers of a header, with the constants ``…_SAMPLE_RATE_HZ`` and ``…_VOLTS_PER_COUNT``.

    Example:
        >>> decode_header(b"#define A_SAMPLE_RATE_HZ 10.0\\nstatic const int16_t a[2] = { 1, -1 };").samples.tolist()
        [[1.0, -1.0]]
    """
    text = text_of(data)
    said = {key: number_of_text(value) for key, value in _CONSTANT.findall(text)}
    tables = _TABLE.findall(_COMMENT.sub("", text))
    if not tables:
        raise ValueError("there is no table of numbers, such as int16_t name[4] = {1, 0, -1, 0}")
    rows = [_numbers(body.replace(",", " ").split())[0] for _, body in tables]
    if len({row.size for row in rows}) > 1:
        raise ValueError("the tables differ in length; keep those of one waveform")
    step = said.get("VOLTS_PER_COUNT") or 1.0
    samples = (np.stack(rows) - (said.get("ZERO_COUNT") or 0.0)) * step
    names = tuple(name for name, _ in tables)
    named = _IN_UNIT.search(text)
    old_unit = "V" if "VOLTS_PER_COUNT" in said else ""
    unit = old_unit if named is None or named[1] == "volts" else named[2] or ""
    return _parted(samples, text, said.get("SAMPLE_RATE_HZ"), names, unit)


def decode_memory(data: bytes) -> Waveform:
    """Memory images of FPGAs, hexadecimal; the comment of this package says bits, sign, rate and step.

    Example:
        >>> text = b"; crestfall: 2 words of 8 bits, two's complement, 4 Hz, 0.5 V a step\\n"
        >>> decode_memory(text + b"memory_initialization_radix=16;\\nmemory_initialization_vector=\\n02,fe;").samples
        array([[ 1., -1.]])
    """
    text = text_of(data)
    match = _WORDS.search(text)
    if match is None:
        raise ValueError("no comment says bits, sign and rate of the words, as crestfall writes it; save it as .txt")
    bits, signed, unit = int(match[1]), match[3] == "two's complement", match[6] or ""
    rate, step = number_of_text(match[4]), number_of_text(match[5])
    if "memory_initialization_vector=" in text:
        words = re.split(r"[\s,;]+", text.partition("memory_initialization_vector=")[2].strip(" \n,;"))
    else:
        words = re.findall(r"^\s*[0-9a-f]+\s*:\s*([0-9a-f]+)\s*;", text, re.IGNORECASE | re.MULTILINE)
    try:
        counts = np.array([int(word, 16) for word in words], dtype=np.float64)
    except (ValueError, OverflowError):
        raise ValueError("a word is not a hexadecimal number; save the file again") from None
    if not 2 <= bits <= 32 or step is None or rate is None or rate <= 0.0:
        raise ValueError(f"the comment is {shown(match[0])}, not what crestfall wrote; save the file again")
    half = 2.0 ** (bits - 1)
    values = (np.where(counts >= half, counts - 2.0 * half, counts) if signed else counts - half) * step
    if match[2] is None:
        return Waveform(real_rows(values[None, :]), rate, unit=unit)
    return Waveform(_paired(values, match[2] == "Q")[None, :], rate, unit=unit)


# ------------------------------------------------------------------ parts


def _said(said: dict[str, str], key: str) -> float:
    value = number_of_text(said.get(key, "").strip())
    if value is None:
        raise ValueError(f"the line {key.title()}: is missing or no number; save the file again")
    return value


def _numbers(words: list[str]) -> Any:
    values = [number_of_text(word) for word in words]
    if None in values or not values:
        wrong = next((word for word, value in zip(words, values, strict=True) if value is None), "")
        raise ValueError(f"{shown(wrong)} is not a sample; each must be a number")
    return np.array([values], dtype=np.float64)


def _parted(samples: Any, text: str, rate: float | None, names: tuple[str, ...], unit: str) -> Waveform:
    """Interleaved I and Q as complex samples, where the comment says that they are."""
    match = re.search(r"\(([IQ]), [IQ] interleaved\)", text)
    if match is None:
        return Waveform(real_rows(samples), rate, names, unit)
    return Waveform(np.stack([_paired(row, match[1] == "Q") for row in samples]), rate, names, unit)


def _paired(values: Any, q_first: bool) -> Any:
    if values.size % 2:
        raise ValueError(f"there are {values.size} numbers, which are not pairs of I and Q; save the file again")
    first, second = values[0::2], values[1::2]
    return second + 1j * first if q_first else first + 1j * second
