"""A search that is stopped before a round has brought anything still answers with its best."""

import os
import signal
import sys

import numpy as np
import pytest

import crestfall as cf
from crestfall.search.executors import Here


def test_a_round_that_brings_nothing_ends_the_search(monkeypatch):
    explore = sys.modules["crestfall.search.explore"]
    searches = []

    class NothingInTime(Here):
        def run(self, tasks):
            searches[0].budget.end("interrupted")
            return iter(())

    def remember(search, *known):
        searches.append(search)
        return run_as_before(search, *known)

    run_as_before = explore.Search.run
    monkeypatch.setattr(explore, "executor_for", lambda workers, client, *told, **_: NothingInTime(*told))
    monkeypatch.setattr(explore.Search, "run", remember)
    ms = cf.Multisine.harmonics(range(1, 12))
    design = cf.minimize_peak(ms, time_limit=60.0, use_atlas=False)
    assert "interrupted" in design.status
    assert design.crest_factor <= cf.crest_factor(ms, cf.schroeder(ms))
    assert np.all(np.isfinite(design.phases))


@pytest.mark.linux
@pytest.mark.filterwarnings("ignore:A worker stopped:UserWarning")
def test_worker_processes_that_are_killed_lose_nothing(worker_processes):
    killed = []

    def kill(progress):
        if progress.starts_done > 100 and not killed:
            killed.extend(worker_processes())
            for pid in killed:
                os.kill(pid, signal.SIGKILL)

    ms = cf.Multisine.harmonics(range(1, 25))
    design = cf.minimize_peak(ms, time_limit=30.0, workers=2, use_atlas=False, progress=kill)
    assert killed
    assert "a worker process has died" in design.status
    assert design.crest_factor < 1.41


@pytest.mark.linux
@pytest.mark.usefixtures("usual_ctrl_c")
@pytest.mark.parametrize(("stopped_by", "status"), [("time", "time limit"), ("ctrl-c", "interrupted")])
def test_worker_processes_that_hang_hold_nothing_up(stopped_by, status, monkeypatch, worker_processes):
    monkeypatch.setattr("crestfall.search.executors.processes._GRACE_S", 0.2)
    frozen, best = [], []

    def freeze(progress):
        best.append(progress.best)
        if progress.starts_done > 100 and not frozen:
            frozen.extend(worker_processes())
            for pid in frozen:
                os.kill(pid, signal.SIGSTOP)
            if stopped_by == "ctrl-c":
                signal.raise_signal(signal.SIGINT)

    ms = cf.Multisine.harmonics(range(1, 25))
    effort = {"time_limit": 6.0} if stopped_by == "time" else {"starts": 10**6}
    design = cf.minimize_peak(ms, workers=2, use_atlas=False, progress=freeze, **effort)
    worker_processes.go_on(frozen)  # those that had nothing to do are still there
    assert frozen
    assert status in design.status
    assert design.crest_factor <= min(best) * (1 + 1e-12)
    again = cf.minimize_peak(ms, workers=2, use_atlas=False, starts=200, seed=0)
    assert again.crest_factor == cf.minimize_peak(ms, use_atlas=False, starts=200, seed=0).crest_factor
