"""Reading files with limits: what comes in is data, of bounded size, and errors name the file in one line."""

from __future__ import annotations

import codecs
import errno
import os
import reprlib
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite, nan
from pathlib import Path
from typing import Any

from crestfall.design.length import MAX_BYTES
from crestfall.problem.notes import note

MAX_TONES = 2**22
"""Most tones that are read from a file."""


def path_of(path: str | os.PathLike[str]) -> Path:
    """A path that was given, as an object.

    Raises:
        TypeError: It is not a path.
        ValueError: No file can have this name.

    Example:
        >>> path_of(5)
        Traceback (most recent call last):
        TypeError: path is 5; give the name of a file, such as 'design.json'
    """
    try:
        found = Path(path)
    except TypeError:
        raise TypeError(f"path is {path!r}; give the name of a file, such as 'design.json'") from None
    try:
        is_name = b"\0" not in os.fsencode(found)
    except UnicodeEncodeError:
        is_name = False
    if not is_name:
        raise ValueError(f"path is {str(found)!r}, which no file can be called; give another name")
    return found


def read_bytes(path: Path) -> bytes:
    """The whole content of a file of at most ``MAX_BYTES``.

    Raises:
        FileNotFoundError: There is no such file.
        OSError: It is a folder or cannot be read.
        ValueError: It is a device or a pipe, or too large.
    """
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_BYTES:
            return path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {(error.strerror or str(error)).lower()}; check the path"
        raise _renamed(error, message) from None
    if stat.S_ISDIR(status.st_mode):
        raise _renamed(IsADirectoryError(errno.EISDIR, ""), f"{path} is a folder; give the name of a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"{path} is a device or pipe, not a file; copy it to a file first")
    raise ValueError(f"{path} has {status.st_size} bytes; at most {MAX_BYTES} are read")


def _renamed(error: OSError, message: str) -> OSError:
    renamed = type(error)(message)
    renamed.errno = error.errno
    return renamed


_LONGEST = 750


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Errors about the content of a file become a ``ValueError`` of one line that starts with the path."""
    with refusing(f"{path}: "):
        yield


@contextmanager
def refusing(prefix: str = "") -> Iterator[None]:
    """Errors about something from outside become a ``ValueError`` of one line, not too long, that starts like this."""
    try:
        yield
    except MemoryError:
        raise ValueError(f"{prefix}its content does not fit into memory; give fewer tones or samples") from None
    except OverflowError as error:
        raise ValueError(f"{prefix}a number is out of range ({error})") from None
    except RecursionError:
        raise ValueError(f"{prefix}its content is nested too deeply to be a design") from None
    except ValueError as error:
        renamed = ValueError(f"{prefix}{one_line(str(error))}")
        # Where it was found is kept: ``crestfall.problem.guide`` looks there for the page that explains it.
        raise renamed.with_traceback(error.__traceback__) from None


def one_line(text: str) -> str:
    """A message on one line, its middle left out if something from the file has made it very long.

    Example:
        >>> one_line("not\\n  TOML"), len(one_line("x" * 10_000))
        ('not TOML', 753)
    """
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]} … {line[-_LONGEST // 2 :]}"


_ENCODINGS = [codecs.lookup(name) for name in ("utf-16", "cp1252")]  # loaded now, and not while a file is read


def text_of(data: bytes) -> str:
    """The content of a text file without a byte order mark: UTF-8, UTF-16 with its mark, else Windows-1252 with a note.

    Raises:
        ValueError: It is none of these, or no text.

    Warns:
        CrestfallWarning: It is taken for Windows-1252 (Latin-1).
    """
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = f"byte {error.start}"
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = "\0"
    is_table = any(map(str.isdigit, text)) and not any(one < " " and one not in "\t\r\n\f" for one in text)
    if not is_table:
        raise ValueError(f"not text in UTF-8 ({place}); save the file in UTF-8")
    note(f"not text in UTF-8 ({place}), so it is read as Windows-1252; check special characters, such as µ")
    return text


def number_of_text(text: str) -> float | None:
    """A finite number, or ``None``; ``1_000``, which only Python reads as a thousand, is none.

    Example:
        >>> number_of_text("1e3"), number_of_text("1_000"), number_of_text("nan")
        (1000.0, None, None)
    """
    try:
        value = float(text) if "_" not in text else nan
    except ValueError:
        return None
    return value if isfinite(value) else None


def shown(value: Any) -> str:
    """A value from a file, short enough for one line of an error."""
    return reprlib.repr(value)
