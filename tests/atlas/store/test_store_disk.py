"""A full disk and a read-only store: refused in one line, and what was saved stays."""

import ctypes
import errno
import json
import os
import shutil

import numpy as np
import pytest

from crestfall.atlas.store import Improvement, Store, StoredTones, verify
from crestfall.design.provenance import Provenance
from crestfall.problem.multisine import Multisine

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1

resource = pytest.importorskip("resource")  # of POSIX


def heed_permissions():
    """Let root, too, be refused by a file's permissions, from the next exec on."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE)


def sound(path):
    with Store.read(path) as store:
        return [finding for _, finding in verify(store) if finding is not None] == []


def large_problems():
    rng = np.random.default_rng(0)
    for n in range(60, 100):
        tones = StoredTones(Multisine.harmonics(range(1, n)))
        yield tones, Improvement.measured(tones, rng.uniform(0, 6, n - 1), Provenance("random phases"))


def test_a_full_disk_keeps_what_was_saved_and_free_space_lets_it_go_on(path):
    saved = []
    with Store.open(path) as store:
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages + 6}")

        def fill():
            for tones, improvement in large_problems():
                store.add(tones, improvement)
                saved.append(tones)

        with pytest.raises(OSError, match=r"designs\.sqlite: the disk is full") as full:
            fill()
        assert full.value.errno == errno.ENOSPC
        assert 0 < len(saved) < 20
        assert store.problems() == saved  # not half a design more
        store._connection.execute("PRAGMA max_page_count = 100000")
        fill()
        assert len(store.problems()) == 40
    assert sound(path)


def test_a_campaign_on_a_full_disk_hands_over_what_it_could_not_save(path, run_process, one_line):
    def little_space():
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    search = ("search", "real:3:18", "--store", path, "--seconds", 0.02, "--no-atlas", "--workers", 1, "--json")
    code, out, err = run_process(*search, preexec_fn=little_space)
    assert "saved is safe" in one_line((code, out, err))
    events = [json.loads(line) for line in out.splitlines()]
    saved = {event["problem"]: event["peak_interval"][1] for event in events if event["event"] == "saved"}
    assert len(saved) > 1
    with Store.open(path) as store:
        assert {tones.name: store.best(tones).peak_high for tones in store.problems() if store.best(tones)} == saved
    assert sound(path)
    if events[-1]["event"] == "not saved":
        phases = np.array(events[-1]["phases_rad"])
        t = np.linspace(0, 1, 20_001)
        x = np.cos(2 * np.pi * np.outer(t, np.arange(1, phases.size + 1)) + phases).sum(axis=1)
        assert np.max(np.abs(x)) == pytest.approx(events[-1]["peak"], rel=1e-4)
    code, _, err = run_process(*search)
    assert (code, err) == (0, "")
    with Store.read(path) as store:
        assert len(store.problems()) == 16


@pytest.mark.parametrize("failing", range(60_000, 20_000, -9_000))
def test_wherever_the_disk_gets_full_the_store_is_sound(tmp_path, python, failing):
    script = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
from crestfall.problem.multisine import Multisine
from crestfall.design.provenance import Provenance
from crestfall.atlas.store import Improvement, Store, StoredTones
with Store.open(sys.argv[1]) as store:
    for k in range(300):
        tones = StoredTones(Multisine([1.0, 2.0 + k]))
        store.add(tones, Improvement.measured(tones, [0.0, 1.0], Provenance("x")))
        print(k, flush=True)
"""
    path = tmp_path / "s.sqlite"
    process = python("-c", script, path, failing)
    out, err = process.communicate(timeout=60)
    assert "OSError" in err
    assert "saved is safe" in err
    with Store.open(path) as store:
        assert len(store.problems()) == len(out.split())
        assert all(finding is None for _, finding in verify(store))


@pytest.fixture
def read_only(tmp_path, python):
    """A folder to be locked, and how to start a process that heeds it."""
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    script = "import sys; open(sys.argv[1] + '/x', 'w')"
    if python("-c", script, folder, preexec_fn=heed_permissions).wait() == 0:
        pytest.skip("this user may write everywhere")
    folder.chmod(0o755)
    yield folder, {"preexec_fn": heed_permissions}
    folder.chmod(0o755)


def lock(folder):
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)


@pytest.mark.parametrize("with_wal", [False, True])
def test_a_read_only_store_can_be_read_and_says_so_before_a_search(
    read_only, run_process, one_line, tones, better, with_wal, tmp_path
):
    folder, options = read_only
    path = folder / "s.sqlite"
    with Store.open(path) as store:
        store.add(tones, better[0])
        if with_wal:  # as it is found beside a store whose process was killed
            shutil.copytree(folder, tmp_path / "unmerged")
    if with_wal:
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "unmerged", folder)
    lock(folder)
    code, out, err = run_process("store", "list", path, "--json", **options)
    assert (code, err) == (0, "")
    assert json.loads(out)["problem"] == "real:5"
    if with_wal:
        assert run_process("store", "verify", path, **options)[1] == "1 problems verified\n"
    before = path.read_bytes()
    refusal = one_line(run_process("search", "real:5", "--store", path, "--seconds", 60, **options))
    assert str(path) in refusal
    assert path.read_bytes() == before


def test_a_folder_that_may_not_be_written_is_refused_before_a_search(read_only, run_process, one_line):
    folder, options = read_only
    lock(folder)
    assert str(folder) in one_line(
        run_process("search", "real:5", "--store", folder / "s.sqlite", "--seconds", 60, **options)
    )
    assert list(folder.iterdir()) == []
