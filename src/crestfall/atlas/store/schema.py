"""The tables of a store, as the migrations that lead from an empty file to the present version.

A new store is an empty file that has gone through all migrations, so that there is one path to test. A migration that
has been released is never edited: a change of the tables is a new one at the end.

``phases_rad``, ``frequencies_hz`` and ``amplitudes`` are float64, ``harmonic_numbers`` int64, all little-endian and in
rising order of frequency. Peaks are in units of the largest amplitude, so that they compare between equal problems.
"""

from __future__ import annotations

APPLICATION_ID = 0x63726573
"""Marks an SQLite file as a store of crestfall ("cres")."""

_FIRST = (
    """
    CREATE TABLE problem (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL CHECK (kind IN ('real', 'complex')),
        n INTEGER NOT NULL CHECK (n >= 1),
        fundamental_hz REAL NOT NULL,
        harmonic_numbers BLOB NOT NULL CHECK (length(harmonic_numbers) = 8 * n),
        frequencies_hz BLOB NOT NULL CHECK (length(frequencies_hz) = 8 * n),
        amplitudes BLOB NOT NULL CHECK (length(amplitudes) = 8 * n)
    )
    """,
    """
    CREATE TABLE improvement (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        problem_id INTEGER NOT NULL REFERENCES problem (id),
        phases_rad BLOB NOT NULL,
        peak_low REAL NOT NULL,
        peak_high REAL NOT NULL,
        lower_bound REAL NOT NULL,
        residual REAL,
        method TEXT NOT NULL,
        seed INTEGER,
        starts INTEGER NOT NULL,
        seconds REAL NOT NULL,
        version TEXT NOT NULL,
        date_utc TEXT NOT NULL,
        CHECK (peak_low <= peak_high)
    )
    """,
    "CREATE INDEX improvement_by_peak ON improvement (problem_id, peak_high)",
)

# What has been spent on a problem lets a campaign go on with new seeds; the triggers hold against any writer.
_SECOND = (
    """
    CREATE TABLE effort (
        problem_id INTEGER PRIMARY KEY REFERENCES problem (id),
        rounds INTEGER NOT NULL,
        seconds REAL NOT NULL
    )
    """,
    "INSERT INTO effort SELECT id, 0, 0.0 FROM problem",
    """
    CREATE TRIGGER improvement_is_better BEFORE INSERT ON improvement
    WHEN EXISTS (SELECT 1 FROM improvement WHERE problem_id = NEW.problem_id AND peak_high <= NEW.peak_high)
    BEGIN SELECT RAISE(ABORT, 'a design only ever gets better'); END
    """,
    """
    CREATE TRIGGER improvement_is_final BEFORE UPDATE ON improvement
    BEGIN SELECT RAISE(ABORT, 'an improvement is never changed'); END
    """,
    """
    CREATE TRIGGER improvement_is_kept BEFORE DELETE ON improvement
    BEGIN SELECT RAISE(ABORT, 'an improvement is never deleted'); END
    """,
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _SECOND)
"""``MIGRATIONS[k]`` leads from version ``k`` to version ``k + 1``."""

SCHEMA_VERSION = len(MIGRATIONS)
