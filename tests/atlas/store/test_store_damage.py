"""Files that are not stores, or were: one line that says so, never a traceback, never a wrong design."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from crestfall.atlas.store import Store, merge, verify


@pytest.mark.parametrize("content", [b"", b"frequency_hz,amplitude\n1,1\n", b"SQLite format 3\0", bytes(4096)])
@pytest.mark.parametrize("opened", [Store.open, Store.read])
def test_a_file_that_is_no_store_is_refused_and_left_alone(path, content, opened):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"designs\.sqlite: this is not a store of crestfall"):
        opened(path)
    assert path.read_bytes() == content


def test_another_database_is_refused_and_left_alone(path):
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE mine (x)")
    before = path.read_bytes()
    with pytest.raises(ValueError, match="this is not a store"):
        Store.open(path)
    assert path.read_bytes() == before


@pytest.fixture
def content(path, tones, better):
    with Store.open(path) as store:
        for improvement in better:
            store.add(tones, improvement)
    return path.read_bytes()


def findings(path):
    with Store.read(path) as store:
        return [finding for _, finding in verify(store) if finding is not None]


def test_changed_phases_are_found(path, content, better):
    phases = better[-1].phases_rad.astype("<f8").tobytes()
    assert content.count(phases) == 1
    path.write_bytes(content.replace(phases, (better[-1].phases_rad + np.arange(5)).tobytes()))
    (finding,) = findings(path)
    assert "but the phases give" in finding


def test_a_changed_peak_is_found(path, content, better):
    peak = np.array(better[-1].peak_high, ">f8").tobytes()
    for claim in (np.nextafter(better[-1].peak_low, 0) * 0.999, 1e9):
        path.write_bytes(content.replace(peak, np.array(claim, ">f8").tobytes()))
        assert findings(path)


def test_changed_tones_are_found(path, content, tones):
    amplitudes = tones.asked.amplitudes.astype("<f8").tobytes()
    path.write_bytes(content.replace(amplitudes, np.array([1, 1, 1, 1, 1.1]).tobytes()))
    (finding,) = findings(path)
    assert "is damaged: the tones are those of" in finding
    with Store.read(path) as store, pytest.raises(ValueError, match=r"designs\.sqlite: problem .* is damaged"):
        store.problems()


def test_what_is_not_damaged_can_be_rescued(path, content, tones, better, tmp_path):
    phases = better[-1].phases_rad.astype("<f8").tobytes()
    path.write_bytes(content.replace(phases, bytes(32) + b"\xff" * 8))
    with Store.read(path) as source, Store.open(tmp_path / "new.sqlite") as target:
        done = merge(target, source)
        assert (done.added, len(done.refused)) == (4, 1)
        assert target.best(tones).peak_high == better[-2].peak_high


def test_whatever_byte_is_changed_no_wrong_design_comes_out(path, content, tones, better):
    rng = np.random.default_rng(0)
    outcomes = set()
    for place in (*rng.integers(0, len(content), 100), *rng.integers(0, 120, 30)):
        path.write_bytes(content[:place] + bytes([content[place] ^ rng.integers(1, 256)]) + content[place + 1 :])
        try:
            wrong = findings(path)
            with Store.read(path) as store:
                best = store.best(tones)
        except (ValueError, OSError):  # any other error is the test's
            outcomes.add("refused")
            continue
        if wrong:
            outcomes.add("found")
        elif best is not None:
            best.verify(tones)  # what verify does not object to is true
            outcomes.add("harmless")
    assert outcomes == {"refused", "found", "harmless"}


@pytest.mark.parametrize("size", [100, 1000, 4096, 5000, 8192, 12_288, 20_000])
def test_a_file_that_was_cut_off_is_reported_in_one_line(path, content, size, run, one_line):
    path.write_bytes(content[:size])
    try:
        assert findings(path)
    except (ValueError, OSError) as error:
        message = str(error)
        assert message.startswith(f"{path}: ")
    if size == 12_288:
        assert str(path) in one_line(run("store", "list", path))
