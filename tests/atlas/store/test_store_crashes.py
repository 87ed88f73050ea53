"""Kill -9, power cuts, and two writers: what was reported as saved is there afterwards."""

import json
import shutil
import signal
import sqlite3
import time
from contextlib import closing

import numpy as np
import pytest

from crestfall.atlas.store import Store, StoredTones, verify
from crestfall.cli.problems import problems_from

pytestmark = pytest.mark.posix


def is_sound(store):
    return [finding for _, finding in verify(store) if finding is not None] == []


@pytest.mark.parametrize("count", [1, 300])
def test_a_killed_writer_loses_nothing(path, writer, numbers_in, count):
    process = writer()
    reported = [int(process.stdout.readline().split()[0]) for _ in range(count)]
    time.sleep(0.003 * (count % 5))
    process.send_signal(signal.SIGKILL)
    reported += [int(line.split()[0]) for line in process.stdout if line.endswith("\n")]
    process.wait()
    with Store.read(path) as store:
        before = numbers_in(store)
    with Store.open(path) as store:
        assert set(reported) <= numbers_in(store) == before <= set(range(len(reported) + 1))
        assert is_sound(store)


def test_many_kills_in_a_row_and_the_next_goes_on(path, writer, numbers_in):
    rng, reported = np.random.default_rng(3), set()
    for attempt in range(3):
        process = writer(100 * attempt)
        reported.add(int(process.stdout.readline().split()[0]))
        time.sleep(rng.uniform(0, 0.03))
        process.kill()
        reported |= {int(line.split()[0]) for line in process.stdout if line.endswith("\n")}
        process.wait()
    with Store.open(path) as store:
        assert reported <= numbers_in(store)
        assert is_sound(store)


@pytest.fixture
def unmerged(path, writer, tmp_path):
    """A store as a killed process leaves it, with its WAL, and the size of the WAL when each design was reported."""
    process = writer(0, 12)
    sizes = [int(process.stdout.readline().split()[1]) for _ in range(12)]
    process.kill()
    process.wait()
    wal = path.with_name(path.name + "-wal").read_bytes()
    assert len(wal) >= sizes[-1] > sizes[0] > 0
    return path, wal, sizes


def broken_copy(path, wal, folder):
    folder.mkdir()
    copy = folder / "s.sqlite"
    shutil.copyfile(path, copy)
    copy.with_name("s.sqlite-wal").write_bytes(wal)
    return copy


def test_a_power_cut_keeps_every_design_that_had_reached_the_disk(unmerged, tmp_path, numbers_in):
    path, wal, sizes = unmerged
    offsets = {*range(0, len(wal) + 1, 4001), *sizes, *(size - 1 for size in sizes), *(size + 1 for size in sizes)}
    for offset in sorted(min(offset, len(wal)) for offset in offsets):
        copy = broken_copy(path, wal[:offset], tmp_path / str(offset))
        with Store.open(copy) as store:
            reached_disk = sum(size <= offset for size in sizes)
            assert numbers_in(store) == set(range(reached_disk))
            assert store.damage() == []
        shutil.rmtree(copy.parent)


def test_a_power_cut_may_leave_nonsense_after_what_had_reached_the_disk(unmerged, tmp_path, numbers_in):
    path, wal, sizes = unmerged
    rng = np.random.default_rng(0)
    for k, size in [*enumerate(sizes)][::2]:
        nonsense = rng.bytes(len(wal) - size) if k % 4 else bytes(len(wal) - size)
        copy = broken_copy(path, wal[:size] + nonsense, tmp_path / str(k))
        with Store.open(copy) as store:
            assert numbers_in(store) == set(range(k + 1))
            assert store.damage() == []


def test_a_power_cut_while_the_wal_is_merged_loses_nothing(unmerged, tmp_path, numbers_in):
    path, wal, _ = unmerged
    merged = broken_copy(path, wal, tmp_path / "merged")
    with closing(sqlite3.connect(merged)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before, after = path.read_bytes(), merged.read_bytes()
    size = 4096
    assert len(before) == len(after)
    assert before != after
    rng = np.random.default_rng(1)
    for k in range(8):  # some pages have reached the file, some have not, one only in part; the WAL is still there
        places = range(0, len(before), size)
        pages = [(after if rng.random() < 0.5 else before)[at : at + size] for at in places]
        torn = int(rng.integers(len(pages)))
        half = torn * size + size // 2
        pages[torn] = after[torn * size : half] + before[half : half + size // 2]
        copy = broken_copy(path, wal, tmp_path / str(k))
        copy.write_bytes(b"".join(pages))
        with Store.open(copy) as store:
            assert numbers_in(store) == set(range(12))
            assert store.damage() == []


def test_two_writers_make_and_fill_one_store(path, writer, numbers_in):
    both = [writer(0, 40), writer(40, 80)]
    reported = [int(process.stdout.readline().split()[0]) for _ in range(40) for process in both]
    with Store.read(path) as store:
        assert numbers_in(store) == set(reported) == set(range(80))
        assert is_sound(store)


def test_two_campaigns_on_one_store(path, command):
    search = ("search", "real:3:6", "complex:4", "--store", path, "--seconds", 0.05, "--rounds", 2, "--no-atlas")
    both = [command(*search, "--workers", 1, "--json") for _ in range(2)]
    saved = []
    for process in both:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        saved += [json.loads(line) for line in out.splitlines()]
    assert sum(event.get("searches", 0) for event in saved) == 20
    with Store.read(path) as store:
        best = {tones.name: store.best(tones).peak_high for tones in store.problems()}
        assert {spent.rounds for spent in store.spent().values()} == {4}
        assert is_sound(store)
    for event in saved:
        if event["event"] == "saved":
            assert best[event["problem"]] <= event["peak_interval"][1]


def test_a_killed_campaign_goes_on_from_its_best_designs(path, command):
    search = ("search", "real:7:9", "--store", path, "--seconds", 0.1, "--rounds", 50, "--no-atlas", "--workers", 1)
    saved = {}
    for _ in range(2):
        process = command(*search, "--json")
        if not saved:
            for _ in range(3):
                event = json.loads(process.stdout.readline())
                saved[event["problem"]] = event["peak_interval"][1]
        else:
            time.sleep(1.5)
        process.kill()
        for line in process.stdout:
            if line.endswith("\n"):
                event = json.loads(line)
                assert event["peak_interval"][1] < saved[event["problem"]]
                saved[event["problem"]] = event["peak_interval"][1]
        process.wait()
    with Store.open(path) as store:
        for ms in problems_from(["real:7:9"]):
            tones = StoredTones(ms)
            assert store.best(tones).peak_high <= saved[tones.name]
        assert is_sound(store)
