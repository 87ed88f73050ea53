"""Valid files to invalid ones: bytes, numbers, words and structures changed at random, from a seed.

Checksums and compression hide most of a file from blind changes; NPZ, MAT and WAV files are therefore also taken apart,
changed inside, and put together again so that they look whole.
"""

from __future__ import annotations

import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np

_NUMBERS = (
    *("0", "-0.0", "1e-320", "5e-324", "1e308", "1.7976931348623157e308", "1e309", "-1", "nan", "inf", "-Infinity"),
    *("NaN", "4194304", "4194305", "1e22", "9007199254740993", "18446744073709551616", "1" + "0" * 400, "0.1", "1e-9"),
    *(
        "true",
        "null",
        "1_000",
        "0x10",
        "1,5",
        "--1",
        "",
        "٣",
        "1e",
        ".5",
        "2147483648",
        "-2147483649",
        "3.0000000000001",
    ),
)
_WORDS = (
    *('"', "'", "[", "]", "{", "}", ",", ":", "=", "#", "\n", "\r", "\t", "\\", "\\u0000", "\x00", "\ud7ff", "\u2028"),
    *("frequencies_hz", "amplitudes", "phases_rad", "tone", "header", "complex", "format", "version", "[tones]"),
    *('"""', "__import__('os').system('x')", "$(touch x)", "../../x", "/etc/passwd", "%s%n", "{0.__class__}", "\ufeff"),
    *(
        "[[outputs]]",
        "[[extra]]",
        "limit = 0",
        "1:4194304",
        "odd:4194305",
        "log:1:9:9999999",
        "Hz",
        "dB",
        "MHz",
        "crestfall",
    ),
    *("[" * 2000, "{" * 2000, '{"a":' * 1500, "9" * 5000, "a" * 5000),
)
_VALUES = (
    0,
    -1,
    1,
    2**31,
    2**53 + 1,
    10**400,
    1e308,
    1e-320,
    0.5,
    True,
    False,
    None,
    "",
    "text",
    [],
    {},
    [[]],
    [1, 2],
    -0.0,
)
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_CODES = np.array([0, 1, 2, 4, 7, 8, 15, 16, 31, 32, 64, 127, 128, 200, 254, 255], dtype=np.uint8)


def mutated(seeds: list[bytes], ending: str, rng: np.random.Generator) -> bytes:
    """A file made of the seeds by one to eight changes.

    Args:
        seeds: Valid files.
        ending: Which changes make sense.
        rng: Source of chance; the same state gives the same file.
    """
    data = seeds[int(rng.integers(len(seeds)))]
    inside = _INSIDE.get(ending)
    if inside is not None and rng.random() < 0.6:
        data = inside(data, rng)
    binary = ending in (".npz", ".mat", ".wav", ".sqlite")
    if inside is not None and rng.random() < (0.6 if binary else 0.3):
        return data
    changes = _BYTES if binary else _BYTES + _TEXT * 2
    for _ in range(1 + int(rng.geometric(0.5)) % 8):
        data = changes[int(rng.integers(len(changes)))](data, rng)
        if rng.random() < 0.03:
            data = _spliced(data, seeds[int(rng.integers(len(seeds)))], rng)
    return data[:_MOST_BYTES]


_MOST_BYTES = 200_000


def _place(data: bytes, rng: np.random.Generator) -> int:
    return int(rng.integers(len(data) + 1))


def _span(data: bytes, rng: np.random.Generator) -> tuple[int, int]:
    begin = _place(data, rng)
    return begin, min(len(data), begin + int(rng.geometric(0.1)))


def _overwrite(data: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(data)
    for _ in range(min(int(rng.integers(1, 4)), len(changed))):
        changed[int(rng.integers(len(changed)))] = int(rng.choice(_CODES) if rng.random() < 0.5 else rng.integers(256))
    return bytes(changed)


def _word(data: bytes, rng: np.random.Generator) -> bytes:
    """Four bytes replaced by a length or count that is too large, of either byte order."""
    value = int(rng.choice([0, 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1, int(rng.integers(2**32))]))
    at = _place(data, rng)
    return data[:at] + struct.pack("<I" if rng.random() < 0.7 else ">I", value) + data[at + 4 :]


def _delete(data: bytes, rng: np.random.Generator) -> bytes:
    begin, end = _span(data, rng)
    return data[:begin] + data[end:]


def _repeat(data: bytes, rng: np.random.Generator) -> bytes:
    begin, end = _span(data, rng)
    return data[:end] + data[begin:end] * int(rng.integers(1, 20)) + data[end:]


def _truncate(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: _place(data, rng)]


def _insert(data: bytes, rng: np.random.Generator) -> bytes:
    at = _place(data, rng)
    return data[:at] + rng.bytes(int(rng.integers(1, 9))) + data[at:]


def _spliced(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    return data[: _place(data, rng)] + other[_place(other, rng) :]


def _replace_number(data: bytes, rng: np.random.Generator) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    match = found[int(rng.integers(len(found)))]
    text = _NUMBERS[int(rng.integers(len(_NUMBERS)))]
    if rng.random() < 0.3:
        text = repr(float(rng.standard_normal() * 10.0 ** rng.integers(-12, 13)))
    return data[: match.start()] + text.encode() + data[match.end() :]


def _insert_word(data: bytes, rng: np.random.Generator) -> bytes:
    at = _place(data, rng)
    return data[:at] + _WORDS[int(rng.integers(len(_WORDS)))].encode("utf-8", "surrogatepass") + data[at:]


def _move_line(data: bytes, rng: np.random.Generator) -> bytes:
    lines = data.split(b"\n")
    line = lines.pop(int(rng.integers(len(lines))))
    for _ in range(int(rng.integers(3))):
        lines.insert(int(rng.integers(len(lines) + 1)), line)
    return b"\n".join(lines)


_BYTES = (_overwrite, _word, _delete, _repeat, _truncate, _insert)
_TEXT = (_replace_number, _insert_word, _move_line)


# ------------------------------------------------------------------ inside a structure


def _change_json(value: Any, rng: np.random.Generator) -> Any:
    """One place of a JSON value changed: replaced, removed, repeated or renamed."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = list(value)[int(rng.integers(len(value)))]
        chance = rng.random()
        rest = {name: each for name, each in value.items() if name != key}
        if chance < 0.1:
            return rest
        if chance < 0.15:
            return {**rest, "extra": value[key]}
        return {**value, key: _change_json(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.8:
        place, chance = int(rng.integers(len(value))), rng.random()
        if chance < 0.15:
            return value[:place] + value[place + 1 :]
        if chance < 0.3:
            return value + [value[place]] * int(rng.integers(1, 50))
        return [*value[:place], _change_json(value[place], rng), *value[place + 1 :]]
    if isinstance(value, float) and rng.random() < 0.5:
        return value * float(rng.choice([-1.0, 0.0, 1e9, 1e-9, 1 + 1e-15, 1e300, 1e-300]))
    return _VALUES[int(rng.integers(len(_VALUES)))]


def _inside_json(data: bytes, rng: np.random.Generator) -> bytes:
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        return data
    for _ in range(int(rng.integers(1, 4))):
        record = _change_json(record, rng)
    return json.dumps(record).encode()


def _array(value: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An array with another content, shape or type."""
    chance = int(rng.integers(7))
    if value.dtype.kind == "U":
        text = _inside_json(str(value).encode(), rng) if chance < 5 else _overwrite(str(value).encode(), rng)
        return np.array(text.decode("utf-8", "replace"))
    if chance == 0:
        return value.reshape(-1, 1)
    if chance == 1:
        value = value.real if value.dtype.kind == "c" else value
        return value.astype(str(rng.choice(["f4", "i1", "u8", "c16", "?", "S3", "U3", "M8[s]", ">f8", "f2"])))
    if chance == 2:
        return np.resize(value, int(rng.integers(0, 30)))
    changed = np.array(value, dtype=np.complex128 if value.dtype.kind == "c" else np.float64)
    if changed.size:
        changed.flat[int(rng.integers(changed.size))] = float(
            rng.choice([0.0, -1.0, np.nan, np.inf, 1e308, 1e-320, 4194304.0, 1e22, 0.1, rng.standard_normal()])
        )
    return changed


def _inside_npz(data: bytes, rng: np.random.Generator) -> bytes:
    """Members changed as arrays or as bytes, packed anew with checksums that hold."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, ValueError):
        return data
    name = list(members)[int(rng.integers(len(members)))]
    if rng.random() < 0.6:
        try:
            value = np.load(BytesIO(members[name]), allow_pickle=False)
            buffer = BytesIO()
            with np.errstate(all="ignore"):
                np.save(buffer, _array(value, rng), allow_pickle=False)
            members[name] = buffer.getvalue()
        except (ValueError, TypeError, OverflowError):
            return data
    else:
        members[name] = _BYTES[int(rng.integers(len(_BYTES)))](members[name], rng)
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED if rng.random() < 0.5 else zipfile.ZIP_STORED) as archive:
        for each, content in members.items():
            archive.writestr(each, content)
    return buffer.getvalue()


def _inside_mat(data: bytes, rng: np.random.Generator) -> bytes:
    """A compressed element unpacked, changed and packed again."""
    position, packed = 128, []
    while position + 8 <= len(data):
        kind, size = struct.unpack_from("<II", data, position)
        if kind == 15 and position + 8 + size <= len(data):
            packed.append((position, size))
        position += 8 + size + (0 if kind == 15 else -size % 8)
    if not packed:
        return _word(data, rng) if rng.random() < 0.5 else _overwrite(data, rng)
    at, size = packed[int(rng.integers(len(packed)))]
    try:
        content = zlib.decompress(data[at + 8 : at + 8 + size])
    except zlib.error:
        return data
    content = zlib.compress(_BYTES[int(rng.integers(len(_BYTES)))](content, rng))
    return data[:at] + struct.pack("<II", 15, len(content)) + content + data[at + 8 + size :]


def _inside_wav(data: bytes, rng: np.random.Generator) -> bytes:
    """One chunk changed, its length and that of the file made right."""
    chunks, position = [], 12
    while position + 8 <= len(data):
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        chunks.append((data[position : position + 4], data[position + 8 : position + 8 + size]))
        position += 8 + size + size % 2
    if not chunks:
        return data
    place = int(rng.integers(len(chunks)))
    name, content = chunks[place]
    comment = content.find(b"{")
    if name == b"LIST" and comment >= 0 and rng.random() < 0.7:
        end = content.rfind(b"}") + 1
        text = _inside_json(content[comment:end], rng) + b"\0"
        text += b"\0" * (len(text) % 2)
        chunks[place] = (name, b"INFOICMT" + struct.pack("<I", len(text)) + text)
    elif name == b"data" and rng.random() < 0.5:
        values = np.frombuffer(content[: len(content) // 4 * 4], "<f4").copy()
        if values.size:
            values[int(rng.integers(values.size))] = float(rng.choice([0.0, np.nan, np.inf, 1e38, -1.0, 1e-38]))
        chunks[place] = (name, values.tobytes())
    else:
        chunks[place] = (name, _BYTES[int(rng.integers(len(_BYTES)))](content, rng))
    body = b"".join(n + struct.pack("<I", len(c)) + c + b"\0" * (len(c) % 2) for n, c in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


_INSIDE: dict[str, Callable[[bytes, np.random.Generator], bytes]] = {
    ".json": _inside_json,
    ".jsonl": _inside_json,
    ".npz": _inside_npz,
    ".mat": _inside_mat,
    ".wav": _inside_wav,
}
