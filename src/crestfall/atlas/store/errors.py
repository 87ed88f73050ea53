"""What SQLite says, in one line that names the store and what to do."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crestfall.files.reading import one_line

# (errno, what has happened and what to do); without an errno it is the content that is wrong.
_EXPLAINED: dict[int, tuple[int | None, str]] = {
    sqlite3.SQLITE_FULL: (
        errno.ENOSPC,
        "the disk is full; what was reported as saved is safe, free some space and start again",
    ),
    sqlite3.SQLITE_IOERR: (
        errno.EIO,
        "the disk cannot be read or written (it may be full); what was reported as saved is safe, start again",
    ),
    sqlite3.SQLITE_READONLY: (errno.EROFS, "the store is read-only; copy it to where you may write"),
    sqlite3.SQLITE_CANTOPEN: (
        errno.EACCES,
        "the store cannot be opened; check that the file and its folder exist and may be read and written",
    ),
    sqlite3.SQLITE_BUSY: (errno.EAGAIN, "another program has locked the store for too long; end it and start again"),
    sqlite3.SQLITE_NOTADB: (None, "this is not a store of crestfall; give another file name"),
    sqlite3.SQLITE_CORRUPT: (
        None,
        "the store is damaged; restore a copy, or rescue what can be read with sqlite3's .recover",
    ),
}


@contextmanager
def naming_the_store(path: Path) -> Iterator[None]:
    """Turn errors of SQLite into ``OSError`` (disk, permissions, locks) or ``ValueError`` (content)."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explained(path, error) from error
    except UnicodeDecodeError as error:  # of a text that SQLite hands over as it is in the file
        raise ValueError(f"{path}: {_EXPLAINED[sqlite3.SQLITE_CORRUPT][1]} ({error.reason})") from None


def _explained(path: Path, error: sqlite3.Error) -> Exception:
    code = getattr(error, "sqlite_errorcode", None)  # errors of Python's own have none
    if code is None and "decode" in str(error):
        code = sqlite3.SQLITE_CORRUPT
    number, text = _EXPLAINED.get(-1 if code is None else code & 0xFF, (None, "the store cannot be used"))
    message = f"{path}: {text} ({one_line(str(error))})"
    if number is None:
        return ValueError(message)
    explained = OSError(message)
    explained.errno = number
    return explained
