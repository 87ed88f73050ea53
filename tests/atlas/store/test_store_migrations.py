"""Old stores are brought up to date, or read as they are; new ones are refused."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest

import crestfall.atlas.store.connection as connection
from crestfall.atlas.store import Store, StoredTones, verify
from crestfall.atlas.store.schema import SCHEMA_VERSION
from crestfall.problem.multisine import Multisine

# Version 1 as it was, written out: the migrations must lead from this, whatever becomes of the code.
VERSION_1 = """
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1668441459;
CREATE TABLE problem (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, n INTEGER NOT NULL,
    fundamental_hz REAL NOT NULL, harmonic_numbers BLOB NOT NULL, frequencies_hz BLOB NOT NULL,
    amplitudes BLOB NOT NULL);
CREATE TABLE improvement (id INTEGER PRIMARY KEY AUTOINCREMENT,
    problem_id INTEGER NOT NULL REFERENCES problem (id), phases_rad BLOB NOT NULL, peak_low REAL NOT NULL,
    peak_high REAL NOT NULL, lower_bound REAL NOT NULL, residual REAL, method TEXT NOT NULL, seed INTEGER,
    starts INTEGER NOT NULL, seconds REAL NOT NULL, version TEXT NOT NULL, date_utc TEXT NOT NULL);
CREATE INDEX improvement_by_peak ON improvement (problem_id, peak_high);
PRAGMA user_version = 1;
"""


@pytest.fixture
def old(path):
    """A store of version 1 with two tones at 50 and 100 Hz: peak 2 with phases (0, 0)."""
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(VERSION_1)
        f8 = lambda *values: np.array(values, "<f8").tobytes()  # noqa: E731
        raw.execute(
            "INSERT INTO problem VALUES (1, ?, 'real', 2, 50.0, ?, ?, ?)",
            (
                StoredTones(Multisine([1, 2])).identifier,
                np.array([1, 2], "<i8").tobytes(),
                f8(50, 100),
                f8(3, 3),
            ),
        )
        bound = float(np.sqrt(1 + (1 + 0.25) / 2))  # Bernstein–Szegő
        raw.execute(
            "INSERT INTO improvement VALUES (1, 1, ?, 2.0, 2.0000000001, ?, NULL, 'by hand', NULL, 0, 0.0, '0.0', ?)",
            (f8(0, 0), bound, "2026-01-01T00:00:00+00:00"),
        )
        raw.commit()
    return path


def version(path):
    with closing(sqlite3.connect(path)) as raw:
        return raw.execute("PRAGMA user_version").fetchone()[0]


def test_a_store_of_version_1_is_migrated_with_all_it_has(old, make_improving):
    tones = StoredTones(Multisine([50.0, 100.0]))
    with Store.open(old) as store:
        assert store.best(tones).method == "by hand"
        assert store.spent()[tones.identifier].rounds == 0
        assert store.begin_round(tones) == 0
        better = make_improving(tones)[-1]
        assert store.add(tones, better)
        assert [row.method for row in store.history(tones)] == ["random phases", "by hand"]
        assert all(finding is None for _, finding in verify(store))
    assert version(old) == SCHEMA_VERSION


def test_an_old_store_is_read_without_being_changed(old):
    before = old.read_bytes()
    with Store.read(old) as store:
        assert store.problems()[0].asked.frequencies.tolist() == [50.0, 100.0]
        assert store.spent()
        assert all(finding is None for _, finding in verify(store))
    assert old.read_bytes() == before
    assert version(old) == 1


def test_a_migration_that_fails_leaves_the_old_store(old, monkeypatch):
    first, second = connection.MIGRATIONS
    monkeypatch.setattr(connection, "MIGRATIONS", (first, (*second, "CREATE TABLE effort (again)")))
    with pytest.raises(ValueError, match="already exists"):
        Store.open(old)
    assert version(old) == 1
    monkeypatch.undo()
    with Store.open(old) as store:
        assert len(store.problems()) == 1


def test_migrated_and_new_stores_have_the_same_tables(old, tmp_path):
    def tables(path):
        with Store.open(path) as store:
            rows = store._rows("SELECT type, name FROM sqlite_master ORDER BY type, name")
            return rows, store._rows("PRAGMA user_version")

    assert tables(old) == tables(tmp_path / "new.sqlite")


@pytest.mark.parametrize("opened", [Store.open, Store.read])
@pytest.mark.parametrize("number", [0, SCHEMA_VERSION + 1])
def test_a_version_that_is_not_known_is_refused(old, opened, number):
    with closing(sqlite3.connect(old)) as raw:
        raw.execute(f"PRAGMA user_version = {number}")
    with pytest.raises(ValueError, match="update crestfall"):
        opened(old)
    assert version(old) == number
