"""A proof by branch and bound that several workers share, and that goes on after it was stopped or killed."""

import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import crestfall as cf
from crestfall.certainty.proof import prove
from crestfall.files.proof_states import load_state, save_state
from crestfall.problem.notes import CrestfallWarning
from crestfall.search.executors import Processes, WorkersLostError
from crestfall.search.methods import branch_and_bound

SEVEN = cf.Multisine.harmonics(range(1, 8))
NINE = cf.Multisine.harmonics(range(1, 10))


@pytest.fixture
def shared_at_once(monkeypatch):
    """Give even the smallest proof to the workers."""
    monkeypatch.setattr(branch_and_bound, "_FEW_BOXES", 0)


def proved(ms=SEVEN, **options):
    return cf.minimize_peak(ms, **{"starts": 16, "use_atlas": False, "prove": True, "workers": 1, **options})


@pytest.mark.usefixtures("shared_at_once")
def test_the_proof_is_the_same_with_any_number_of_workers(monkeypatch):
    alone, rounds = proved(), []
    run = Processes.run
    monkeypatch.setattr(Processes, "run", lambda self, tasks: rounds.append(len(tasks)) or run(self, tasks))
    shared = proved(workers=2, starts=16)
    assert sum(rounds) > 1  # they were asked
    assert shared.status == alone.status
    assert shared.status.startswith("global optimum")
    assert shared.proven_peak_bound == alone.proven_peak_bound
    assert np.array_equal(shared.phases, alone.phases)


@pytest.mark.usefixtures("shared_at_once")
def test_workers_of_a_cluster_share_the_proof(client_with):
    shared = proved(client=client_with(2), workers=None)
    assert shared.status.startswith("global optimum to 0.1 %")
    assert shared.proven_peak_bound == proved().proven_peak_bound


@pytest.mark.usefixtures("shared_at_once")
def test_workers_that_die_end_the_proof_with_what_is_proved(monkeypatch):
    rounds = []
    run = Processes.run

    def run_until_they_die(self, tasks):
        rounds.append(tasks)
        if len(rounds) > 2 and hasattr(tasks[0], "part"):
            raise WorkersLostError("a worker process has died")
        yield from run(self, tasks)

    monkeypatch.setattr(Processes, "run", run_until_they_die)
    design = proved(workers=2, starts=1)
    assert re.search(r"branch and bound stopped \(a worker process has died\) after \d+ boxes: the gap", design.status)
    assert 0.0 < design.proven_peak_bound < design.peak


def stop_after(boxes):
    def progress(report):
        if "boxes" in report.stage and int(report.stage.split()[3].strip(",")) >= boxes:
            raise StopIteration

    return progress


def test_a_proof_goes_on_where_it_was_stopped(tmp_path):
    path = tmp_path / "seven.npz"
    whole = proved()
    stopped = proved(checkpoint=path, progress=stop_after(1000))
    assert re.search(r"stopped \(stopped by the progress callback\) after [1-9]\d{3} boxes", stopped.status)
    state = load_state(path)
    assert 1000 <= state.count < 2500
    assert len(state.boxes) > 0

    bounded = []
    done = proved(checkpoint=path, progress=lambda report: bounded.append(report.stage))
    first = next(int(stage.split()[3].strip(",")) for stage in bounded if "boxes" in stage)
    assert first > state.count  # the boxes of before are counted, not bounded again
    assert done.status.startswith("global optimum to 0.1 %")
    assert done.proven_peak_bound == pytest.approx(whole.proven_peak_bound, rel=1e-9)
    assert len(load_state(path).boxes) == 0

    again = prove(SEVEN, done.phases, begin=load_state(path))
    assert again.proven
    assert again.boxes == load_state(path).count
    assert again.gap <= 1e-3


def test_a_proof_survives_a_kill(tmp_path):
    path = tmp_path / "nine.npz"
    program = f"""
import crestfall as cf
from crestfall.search.methods import branch_and_bound
branch_and_bound._KEEP_S = 0.0
cf.minimize_peak(cf.Multisine.harmonics(range(1, 10)), starts=16, use_atlas=False, prove=True, workers=1,
                 checkpoint={str(path)!r})
"""
    process = subprocess.Popen([sys.executable, "-c", program], env=os.environ)
    try:
        while process.poll() is None and (not path.exists() or load_state(path).count < 5000):
            time.sleep(0.01)
    finally:
        process.kill()
        process.wait()
    state = load_state(path)
    assert process.returncode == -signal.SIGKILL
    assert len(state.boxes) > 0
    assert [entry.name for entry in tmp_path.iterdir() if entry.suffix == ".npz"] == [path.name]
    design = proved(NINE, checkpoint=path)
    assert design.status.startswith("global optimum to 0.1 %")
    assert design.crest_factor == pytest.approx(1.396141, abs=1e-6)
    assert design.gap <= 1e-3


def test_a_checkpoint_that_cannot_be_written_stops_nothing(tmp_path):
    folder = tmp_path / "folder.npz"

    def block(report):
        if "boxes" in report.stage and not folder.exists():
            folder.mkdir()

    with pytest.warns(CrestfallWarning, match="checkpoint was not written: .*folder.npz"):
        design = proved(checkpoint=folder, progress=block)
    assert design.status.startswith("global optimum to 0.1 %")


def test_a_checkpoint_is_checked_before_the_search(tmp_path):
    path, other = tmp_path / "proof.npz", tmp_path / "other.npz"
    proved(checkpoint=path, progress=stop_after(100))
    searched = []
    eight = cf.Multisine.harmonics(range(1, 9))
    for ms in (eight, cf.Multisine([1.0, 2.0, 3.0])):
        with pytest.raises(ValueError, match=r"proof that was begun is about other tones \(7 of them, harmonics 1, 2"):
            proved(ms, checkpoint=path, progress=searched.append)
    with pytest.raises(ValueError, match=r"proof.npz: the proof that was begun is about other amplitudes"):
        proved(replace_amplitude(SEVEN), checkpoint=path, progress=searched.append)
    for content in (b"", b"nonsense", path.read_bytes()[:-200]):
        other.write_bytes(content)
        with pytest.raises(ValueError, match=r"other.npz: not a checkpoint of a proof, or damaged"):
            proved(checkpoint=other, progress=searched.append)
    np.savez(other, phases=np.zeros(3))
    with pytest.raises(ValueError, match=r"other.npz: not a checkpoint"):
        proved(checkpoint=other, progress=searched.append)
    with pytest.raises(ValueError, match=r"proof.json: a checkpoint is an .npz file"):
        proved(checkpoint=tmp_path / "proof.json", progress=searched.append)
    with pytest.raises(ValueError, match="checkpoint is for a proof by branch and bound"):
        cf.minimize_peak(SEVEN, checkpoint=path)
    with pytest.raises(ValueError, match="checkpoint is for the proof of one design, and there are 2 bands"):
        cf.minimize_bands([SEVEN, eight], prove=True, checkpoint=path)
    assert not searched


def replace_amplitude(ms):
    return cf.Multisine(ms.frequencies, [2.0, *ms.amplitudes[1:]])


def test_a_state_is_read_as_it_was_written(tmp_path):
    states = []
    prove(SEVEN, stop=lambda: len(states) > 1, keep=states.append)
    save_state(states[-1], tmp_path / "state.npz")
    assert load_state(tmp_path / "state.npz") == states[-1]
    assert load_state(tmp_path / "none.npz") is None


def test_a_proof_does_not_go_on_from_one_to_a_wider_gap():
    """Boxes that were done with there would have to be cut further here, but they are not kept."""
    states = []
    coarse = prove(SEVEN, gap=0.02, keep=states.append)
    assert coarse.proven
    with pytest.raises(ValueError, match=r"is to a wider gap, 0\.01\d* instead of 0\.001; begin another one"):
        prove(SEVEN, gap=1e-3, begin=states[-1])
    again = prove(SEVEN, gap=0.02, begin=states[-1])
    assert again.proven
    assert again.gap <= 0.02 * (1 + 1e-4)
    assert prove(SEVEN, gap=0.05, begin=states[-1]).proven
