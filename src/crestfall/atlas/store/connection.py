"""Opening the SQLite file of a store: made whole or not at all, brought up to date, durable before it answers."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from crestfall.atlas.store.errors import naming_the_store
from crestfall.atlas.store.schema import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION
from crestfall.files.atomic import write_atomically

_PATIENCE_S = 60.0


def connect_to_write(path: Path) -> sqlite3.Connection:
    """A connection that may write; a new store is made where there is no file.

    Raises:
        ValueError: The file is not a store, is damaged, or comes from a newer crestfall.
        OSError: The file or its folder cannot be written.
    """
    if not path.exists():
        # A campaign that was started twice makes the store once.
        with suppress(FileExistsError), naming_the_store(path):
            write_atomically(path, _empty_store())
            _sync_folder(path.parent)
    with naming_the_store(path):
        connection = _connection(f"{path.resolve().as_uri()}?mode=rw")
        with _closed_on_error(connection):
            version = _require_store(connection, path)
            connection.execute("PRAGMA foreign_keys = ON")
            # FULL: a commit has reached the disk when it returns, not at some later checkpoint.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA fullfsync = ON")
            connection.execute("PRAGMA checkpoint_fullfsync = ON")
            _require_writable(connection)
            if version < SCHEMA_VERSION:
                migrate(connection)
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; the file, its version and its folder stay as they are.

    Raises:
        ValueError: The file is not a store, is damaged, or comes from a newer crestfall.
        OSError: There is no such file, or it cannot be read.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist; give the file of a store, as made by crestfall search")
    with naming_the_store(path):
        connection = _read_only(path)
        with _closed_on_error(connection):
            if _require_store(connection, path) == SCHEMA_VERSION:
                return connection
            # An old store that may not be changed is read through an up-to-date copy in memory.
            with closing(connection):
                copy = sqlite3.connect(":memory:", isolation_level=None)
                connection.backup(copy)
            migrate(copy)
            return copy


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, with the lock for writing taken at the beginning: what is read in it is still true at its end."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            with suppress(sqlite3.Error):  # some errors of SQLite have rolled back by themselves
                connection.execute("ROLLBACK")
        raise


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables to the present version, in one transaction."""
    with transaction(connection):
        # Asked again under the lock: another process may have done it meanwhile.
        for statements in MIGRATIONS[_user_version(connection) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _empty_store() -> bytes:
    """The file of a store without designs, in WAL mode."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "empty")
        with closing(_connection(path.as_uri())) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            migrate(connection)
        return path.read_bytes()  # closing the last connection has moved everything from the WAL into it


def _sync_folder(folder: Path) -> None:
    """Force the name of a new file to the disk, where the system can do that."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _connection(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_PATIENCE_S)


def _read_only(path: Path) -> sqlite3.Connection:
    uri = path.resolve().as_uri()
    connection = _connection(f"{uri}?mode=ro")
    with _closed_on_error(connection):
        try:
            _user_version(connection)
        except sqlite3.OperationalError:
            # SQLite shares a WAL through a file beside it, which it cannot make on a read-only disk. Without a WAL
            # there is nothing to share; with one, reading the main file alone would miss the newest designs.
            wal = path.with_name(path.name + "-wal")
            if wal.exists() and wal.stat().st_size > 0:
                raise
            connection.close()
            connection = _connection(f"{uri}?immutable=1")
            _user_version(connection)
    return connection


def _require_store(connection: sqlite3.Connection, path: Path) -> int:
    """The version of the tables, or an error that says what the file is instead."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise ValueError(f"{path}: this is not a store of crestfall; give another file name")
    version = _user_version(connection)
    if not 1 <= version <= SCHEMA_VERSION:
        raise ValueError(
            f"{path}: the store has version {version}, but this crestfall reads versions 1 to {SCHEMA_VERSION}; "
            "update crestfall"
        )
    return version


def _require_writable(connection: sqlite3.Connection) -> None:
    """Find out before a search, not after it, that nothing can be saved."""
    with transaction(connection):
        # Writes a page, unlike an empty transaction; nothing is changed.
        connection.execute(f"PRAGMA user_version = {_user_version(connection)}")


def _user_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise
