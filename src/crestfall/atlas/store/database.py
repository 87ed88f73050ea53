"""The store: designs go in when they are better, and what it has confirmed is on the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from crestfall.atlas.store.connection import connect_to_read, connect_to_write, transaction
from crestfall.atlas.store.errors import naming_the_store
from crestfall.atlas.store.improvement import COLUMNS, Improvement
from crestfall.atlas.store.stored_tones import StoredTones

_TONES = "problem.key, kind, fundamental_hz, harmonic_numbers, frequencies_hz, amplitudes"
_DESIGN = ", ".join(f"improvement.{name}" for name in COLUMNS)


@dataclass(frozen=True)
class Spent:
    """What campaigns have spent on a problem: searches begun, and their time [s]."""

    rounds: int = 0
    seconds: float = 0.0


class Store:
    """Designs of many problems in one SQLite file; any number of processes may use it at once.

    ``add`` returns when the design has reached the disk (a commit with ``synchronous = FULL``). Rows are only ever
    added, and only if their certified peak is lower than that of every design before them: a process that dies at any
    moment, or a power cut, loses at most what has not been answered for.

    Args:
        path: The file.
        connection: As ``connect_to_write`` and ``connect_to_read`` make it; use ``open`` and ``read``.

    Example:
        >>> import tempfile
        >>> from crestfall.design.provenance import Provenance
        >>> from crestfall.problem.multisine import Multisine
        >>> tones = StoredTones(Multisine([100.0, 200.0]))
        >>> with tempfile.TemporaryDirectory() as folder, Store.open(f"{folder}/designs.sqlite") as store:
        ...     [store.add(tones, Improvement.measured(tones, [0.0, x], Provenance("by hand"))) for x in (0, 1.6, 1)]
        ...     store.best(tones).phases_rad.tolist()
        [True, True, False]
        [0.0, 1.6]
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, path: str | PathLike[str]) -> Store:
        """Open a store to write to it; it is made if there is none, and migrated if it is old.

        Raises:
            ValueError: The file is not a store, is damaged, or comes from a newer crestfall.
            OSError: The file or its folder cannot be written, or the disk is full.
        """
        return cls(Path(path), connect_to_write(Path(path)))

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Store:
        """Open a store to read it; nothing is changed, not even an old version.

        Raises:
            ValueError: The file is not a store, is damaged, or comes from a newer crestfall.
            OSError: There is no such file, or it cannot be read.
        """
        return cls(Path(path), connect_to_read(Path(path)))

    def close(self) -> None:
        """Let go of the file; what was added is safe with or without it."""
        self._connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # ------------------------------------------------------------------ writing

    def add(self, tones: StoredTones, improvement: Improvement) -> bool:
        """Take a design in if it is verified and better than all before it; on return it is on the disk.

        Args:
            tones: Its problem.
            improvement: The design; its certified peak is computed again from the phases.

        Returns:
            Whether it was better.

        Raises:
            ValueError: The peak that it claims is not that of its phases.
            OSError: The disk is full, failing or read-only; the store is as it was.
        """
        improvement.verify(tones)
        with self._writing():
            problem = self._problem_id(tones)
            row = self._connection.execute(
                "SELECT min(peak_high) FROM improvement WHERE problem_id = ?", (problem,)
            ).fetchone()
            if row[0] is not None and row[0] <= improvement.peak_high:
                return False
            marks = ", ".join("?" * (len(COLUMNS) + 1))
            number = self._connection.execute(
                f"INSERT INTO improvement (problem_id, {', '.join(COLUMNS)}) VALUES ({marks})",
                (problem, *improvement.to_row()),
            ).lastrowid
            written = self._connection.execute(f"SELECT {_DESIGN} FROM improvement WHERE id = ?", (number,)).fetchone()
            if not np.array_equal(Improvement.from_row(written).phases_rad, improvement.phases_rad):
                raise ValueError(f"{self.path}: the phases of {tones.name} were not stored as they are")
        return True

    def begin_round(self, tones: StoredTones) -> int:
        """Number of the search that begins now, from 0: no two searches of a problem get the same one."""
        with self._writing():
            problem = self._problem_id(tones)
            self._connection.execute("UPDATE effort SET rounds = rounds + 1 WHERE problem_id = ?", (problem,))
            row = self._connection.execute("SELECT rounds FROM effort WHERE problem_id = ?", (problem,)).fetchone()
            return int(row[0]) - 1

    def spend(self, tones: StoredTones, seconds: float) -> None:
        """Note that a search took this long [s]."""
        with self._writing():
            problem = self._problem_id(tones)
            self._connection.execute("UPDATE effort SET seconds = seconds + ? WHERE problem_id = ?", (seconds, problem))

    # ------------------------------------------------------------------ reading

    def best(self, tones: StoredTones) -> Improvement | None:
        """The best design of a problem, or ``None``."""
        history = self.history(tones, newest=1)
        return history[0] if history else None

    def history(self, tones: StoredTones, *, newest: int = -1) -> list[Improvement]:
        """All improvements of a problem, or the ``newest`` ones; the newest and best first."""
        rows = self._rows(
            f"SELECT {_DESIGN} FROM improvement JOIN problem ON problem.id = problem_id WHERE problem.key = ? "
            "ORDER BY peak_high LIMIT ?",
            (tones.identifier, newest),
        )
        return [Improvement.from_row(row) for row in rows]

    def problems(self, damaged: list[str] | None = None) -> list[StoredTones]:
        """All problems, by kind, number of tones and age.

        Args:
            damaged: Takes a line for each problem that cannot be read; without it the first one is an error.

        Raises:
            ValueError: A row does not hold the tones that it should.
        """
        found = []
        for row in self._rows(f"SELECT {_TONES} FROM problem ORDER BY kind DESC, n, id"):
            try:
                found.append(StoredTones.from_row(*row))
            except ValueError as error:
                if damaged is None:
                    raise ValueError(f"{self.path}: {error}") from None
                damaged.append(str(error))
        return found

    def spent(self) -> dict[str, Spent]:
        """What has been spent on each problem, by its identifier."""
        rows = self._rows("SELECT key, rounds, seconds FROM effort JOIN problem ON problem.id = problem_id")
        return {key: Spent(rounds, seconds) for key, rounds, seconds in rows}

    def counts(self) -> dict[str, int]:
        """Number of improvements of each problem, by its identifier."""
        rows = self._rows(
            "SELECT key, count(improvement.id) FROM problem LEFT JOIN improvement ON problem.id = problem_id "
            "GROUP BY key"
        )
        return dict(rows)

    def damage(self) -> list[str]:
        """What SQLite itself finds wrong with the file, a line each."""
        found = [row[0] for row in self._rows("PRAGMA integrity_check") if row[0] != "ok"]
        return found + [f"row {row[1]} of {row[0]} refers to nothing" for row in self._rows("PRAGMA foreign_key_check")]

    # ------------------------------------------------------------------ parts

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with naming_the_store(self.path), transaction(self._connection):
            yield

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple]:
        with naming_the_store(self.path):
            return self._connection.execute(query, values).fetchall()

    def _problem_id(self, tones: StoredTones) -> int:
        """Row of the problem, which is made if there is none; within a transaction."""
        find = "SELECT id FROM problem WHERE key = ?"
        row = self._connection.execute(find, (tones.identifier,)).fetchone()
        if row is None:
            self._connection.execute(
                "INSERT INTO problem (key, kind, n, fundamental_hz, harmonic_numbers, frequencies_hz, amplitudes) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                tones.to_row(),
            )
            row = self._connection.execute(find, (tones.identifier,)).fetchone()
        self._connection.execute("INSERT OR IGNORE INTO effort VALUES (?, 0, 0.0)", row)
        return int(row[0])
