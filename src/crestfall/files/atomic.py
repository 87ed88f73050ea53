"""Files are written whole or not at all.

The bytes go to a temporary file in the same folder, are forced to the disk, and only then get the final name. Whatever
goes wrong before that (a full disk, Ctrl-C) removes the temporary file and leaves the folder as it was.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from crestfall.files.windows_names import require_name

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
# What file systems without hard links answer to os.link.
_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK, errno.EINVAL}

# What Windows answers where a file that is to be replaced is open: access denied, in use, locked.
_OPEN_ELSEWHERE = {5, 32, 33}


def write_atomically(path: Path, data: bytes, *, overwrite: bool = False) -> None:
    """Write a file whole or not at all; parent folders are created.

    Two writers of one path never clobber each other: without ``overwrite``, exactly one of them succeeds. The
    permission bits are those that the umask gives to any new file. With ``overwrite``, a symbolic link stays and its
    target is replaced.

    Args:
        path: Where to.
        data: The whole content.
        overwrite: Replace an existing file instead of refusing.

    Raises:
        FileExistsError: The path exists and ``overwrite`` is not set.
        IsADirectoryError: The path is a folder.
        OSError: The folder cannot be created or written, or the disk is full (``errno.ENOSPC``). Every message is one
            line that names the path and what to do.
    """
    write_together([(path, data)], overwrite=overwrite)


def write_together(contents: Iterable[tuple[Path, bytes]], *, overwrite: bool = False) -> list[Path]:
    """Write several files, all of them or none; each as ``write_atomically`` does.

    All bytes are on the disk before the first file gets its name. What goes wrong until then, also in what makes the
    contents, leaves all files as they were; afterwards, files that were new are removed again, and those that have
    replaced others stay.

    Args:
        contents: Where to, and the whole content. They are taken one after the other, so that only one need be in
            memory.
        overwrite: Replace existing files instead of refusing.

    Returns:
        The paths.

    Raises:
        OSError: As ``write_atomically``.
    """
    staged: list[tuple[Path, Path, Path]] = []
    new: list[Path] = []
    try:
        for path, data in contents:
            require_free(path, overwrite=overwrite)
            with _explaining(path):
                target = path.resolve() if overwrite else path
                target.parent.mkdir(parents=True, exist_ok=True)
                # A random name: no other writer uses it, so that removing it can only remove what was written here.
                temporary = target.parent / f".crestfall-{secrets.token_hex(8)}.tmp"
                staged.append((path, target, temporary))
                _write_through(temporary, data)
        for path, target, temporary in staged:
            with _explaining(path):
                is_new = not os.path.lexists(target)
                if overwrite:
                    temporary.replace(target)
                else:
                    _rename_exclusively(temporary, target)
                new += [target] if is_new else []
    except BaseException:
        for path in new:
            path.unlink(missing_ok=True)
        raise
    finally:
        for _, _, temporary in staged:
            temporary.unlink(missing_ok=True)
    return [path for path, _, _ in staged]


@contextmanager
def _explaining(path: Path) -> Iterator[None]:
    """Errors of the operating system as one line with the path and what to do."""
    try:
        yield
    except FileExistsError as error:
        if error.filename is None:
            raise  # ours, it has its message
        raise _os_error(NotADirectoryError, errno.ENOTDIR, _not_a_folder(path)) from None
    except OSError as error:
        if error.strerror is None:
            raise
        raise _explained(path, error) from None


def require_free(path: Path, *, overwrite: bool = False) -> None:
    """Raise unless ``path`` may be written: cheap, and therefore asked before any work is done."""
    require_name(path)
    try:
        is_folder, is_other = path.is_dir(), path.exists() and not path.is_file()
    except OSError as error:  # a folder on the way that may not be entered
        raise _explained(path, error) from None
    if is_folder:
        raise _os_error(IsADirectoryError, errno.EISDIR, f"{path} is a folder; give the name of a file in it")
    if overwrite and is_other:
        raise _os_error(OSError, errno.EINVAL, f"{path} is a device or pipe, not a file; give another path")
    if not overwrite and os.path.lexists(path):
        raise _exists(path)


def _write_through(path: Path, data: bytes) -> None:
    """Create the file, write all the bytes and wait until the disk has them."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _rename_exclusively(temporary: Path, path: Path) -> None:
    """Give the file its name, in one step that fails if the name is taken: a rename would silently replace."""
    try:
        os.link(temporary, path)
        return
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    # No hard links here: reserve the name with an empty file, which only one writer can create, and replace that.
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    except FileExistsError:
        raise _exists(path) from None
    try:
        temporary.replace(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _exists(path: Path) -> OSError:
    return _os_error(FileExistsError, errno.EEXIST, f"{path} exists; choose another name or set overwrite")


def _not_a_folder(path: Path) -> str:
    blocking = next((parent for parent in path.parents if parent.exists() and not parent.is_dir()), path.parent)
    return f"{path} cannot be written: {blocking} is a file, not a folder; choose another folder"


def _explained(path: Path, error: OSError) -> OSError:
    """The operating system's error as one line with the path and what to do."""
    code = error.errno or 0
    if code in _NO_SPACE:
        return _os_error(
            OSError, code, f"{path} cannot be written: the disk is full; free some space or choose another folder"
        )
    if code == errno.ENOTDIR:
        return _os_error(NotADirectoryError, code, _not_a_folder(path))
    if getattr(error, "winerror", None) in _OPEN_ELSEWHERE:
        return _os_error(
            type(error), code, f"{path} cannot be written: another program may have it open; close it there"
        )
    reason = (error.strerror or type(error).__name__).lower()
    return _os_error(type(error), code, f"{path} cannot be written: {reason}; choose another path")


def _os_error(kind: type[OSError], code: int, message: str) -> OSError:
    # With errno as an argument, Python would prefix the message with "[Errno 17]".
    error = kind(message)
    error.errno = code
    return error
