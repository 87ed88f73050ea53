"""Searches on a real scheduler and real workers on loopback, some of which die, hang, or come late."""

import os
import signal
import sys
import time

import numpy as np
import pytest

import crestfall as cf
from crestfall.search.executors import WorkersLostError

MS = cf.Multisine.harmonics(range(1, 21))
SEARCH = {"starts": 1200, "seed": 3, "use_atlas": False}  # two rounds, the second from perturbed copies of the best


@pytest.fixture(scope="module")
def alone():
    """The same search in this process."""
    return cf.minimize_peak(MS, **SEARCH)


@pytest.fixture
def after_the_first_task():
    """A progress callback that does something once, when the first task is done; again if it says that it could not."""

    def make(action):
        done = []

        def progress(report):
            if report.starts_done > 100 and not done and action() is not False:
                done.append(report.best_crest_factor)

        return progress

    return make


def require_same(design, alone):
    np.testing.assert_array_equal(design.phases, alone.phases)
    assert design.crest_factor == alone.crest_factor
    assert design.status == alone.status
    assert design.provenance.starts == alone.provenance.starts


def busy_worker(client):
    """Process number and address of the worker that has most tasks of ours, or ``None`` if no worker has any."""
    numbers = client.run(os.getpid)
    keys, worker = max((len(keys), worker) for worker, keys in client.processing().items())
    return (numbers[worker], worker) if keys else None


def executed(client):
    """How many tasks each worker has run."""
    return client.run(lambda dask_worker: dask_worker.state.executed_count)


def test_the_number_of_workers_does_not_matter_nor_when_they_come(cluster, client_with, alone, after_the_first_task):
    client = client_with(1)
    require_same(cf.minimize_peak(MS, client=client, **SEARCH), alone)

    def more():
        cluster.add_workers(1)
        client.wait_for_workers(len(first) + 1, timeout=60)
        client.run(lambda: __import__("crestfall.search.task"))  # or the first would overtake it while it imports

    first = set(executed(client))
    require_same(cf.minimize_peak(MS, client=client, progress=after_the_first_task(more), **SEARCH), alone)
    (late,) = set(executed(client)) - first
    assert executed(client)[late] > 0
    client = client_with(4)
    before = executed(client)
    require_same(cf.minimize_peak(MS, client=client, **SEARCH), alone)
    assert sum(count > before[worker] for worker, count in executed(client).items()) > 1


@pytest.mark.posix
def test_a_worker_that_is_killed_on_the_way_changes_nothing(client_with, alone, after_the_first_task):
    client, killed = client_with(2), []

    def kill():
        if (busy := busy_worker(client)) is None:  # between two tasks: at the next report
            return False
        os.kill(busy[0], signal.SIGKILL)
        killed.append(busy[1])
        return True

    require_same(cf.minimize_peak(MS, client=client, progress=after_the_first_task(kill), **SEARCH), alone)
    assert len(killed) == 1
    assert killed[0] not in client.nthreads()


@pytest.mark.posix
def test_a_worker_that_hangs_is_overtaken(client_with, alone, after_the_first_task):
    client, stopped = client_with(2), []

    def stop():
        if (busy := busy_worker(client)) is None:
            return False
        os.kill(busy[0], signal.SIGSTOP)
        stopped.append(busy)
        return True

    require_same(cf.minimize_peak(MS, client=client, progress=after_the_first_task(stop), **SEARCH), alone)
    number, address = stopped[0]
    assert address in client.nthreads()  # Dask still counts on it
    os.kill(number, signal.SIGCONT)
    require_same(cf.minimize_peak(MS, client=client, **SEARCH), alone)


@pytest.mark.usefixtures("usual_ctrl_c")
def test_ctrl_c_frees_the_workers(client_with, after_the_first_task):
    client = client_with(2)
    interrupt = after_the_first_task(lambda: signal.raise_signal(signal.SIGINT))
    ms = cf.Multisine.harmonics(range(1, 129))
    design = cf.minimize_peak(ms, client=client, progress=interrupt, starts=10**4, use_atlas=False)
    assert "interrupted after" in design.status

    def ended(dask_worker):
        busy = dask_worker.state.executing_count > 0
        return not busy and list(dask_worker.crestfall_searches.values())[-1].ended

    end = time.monotonic() + 60  # the news of the end have a way to go
    while not all(client.run(ended).values()):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_time_limit_ends_a_search(client_with):
    client = client_with(2)
    client.run(lambda: __import__("crestfall.search.task"))  # importing takes longer than this limit
    design = cf.minimize_peak(MS, client=client, time_limit=0.5, use_atlas=False)
    assert "time limit after" in design.status
    assert design.crest_factor < cf.crest_factor(MS, cf.schroeder(MS))


def test_another_version_is_refused(client_with, monkeypatch):
    client = client_with(1)
    monkeypatch.setattr(cf, "__version__", "0.0.1")
    with pytest.raises(ValueError, match=r"and the search 0\.0\.1; install one version everywhere"):
        cf.minimize_peak(MS, client=client, **SEARCH)


def test_it_waits_for_workers_and_a_lost_scheduler_ends_it(lonely, after_the_first_task):
    client, reports = lonely.connect(0), []

    def progress(report):
        reports.append(report)
        if report.stage == "waiting for workers" and not lonely.workers:
            lonely.add_workers(1)
        kill(report)

    kill = after_the_first_task(lambda: lonely.scheduler.kill())
    design = cf.minimize_peak(MS, client=client, progress=progress, starts=10**6, use_atlas=False)
    assert "waiting for workers" in [report.stage for report in reports]
    assert "scheduler lost after" in design.status
    assert design.crest_factor == pytest.approx(min(report.best_crest_factor for report in reports), rel=1e-12)
    assert design.crest_factor < cf.crest_factor(MS, cf.schroeder(MS))
    with pytest.raises(ConnectionError, match=r"connect a new distributed\.Client"):
        cf.minimize_peak(MS, client=client)
    client.close(timeout=2)
    with pytest.raises(WorkersLostError, match="client is closed"):
        cf.minimize_peak(MS, client=client)


@pytest.mark.posix
@pytest.mark.usefixtures("usual_ctrl_c")
@pytest.mark.parametrize(("stopped_by", "status"), [("time", "time limit"), ("ctrl-c", "interrupted")])
def test_a_scheduler_that_hangs_holds_nothing_up(lonely, stopped_by, status):
    lonely.add_workers(2)
    client, reports, frozen = lonely.connect(2), [], []

    def progress(report):
        reports.append(report)
        if report.starts_done > 100 and not frozen:
            os.kill(lonely.scheduler.pid, signal.SIGSTOP)
            frozen.append(report)
        if frozen and report.stage == "waiting for the scheduler" and stopped_by == "ctrl-c":
            signal.raise_signal(signal.SIGINT)

    effort = {"time_limit": 8.0} if stopped_by == "time" else {"starts": 10**6}
    design = cf.minimize_peak(MS, client=client, progress=progress, use_atlas=False, **effort)
    assert frozen
    assert status in design.status
    assert design.crest_factor <= min(report.best_crest_factor for report in reports) * (1 + 1e-12)
    os.kill(lonely.scheduler.pid, signal.SIGCONT)
    client.close(timeout=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"client": 3}, "client is 3; give a distributed.Client"),
        ({"client": 3, "workers": 2}, "workers cannot be combined with client: the client has workers of its own"),
        ({"client": 3, "method": "l2p"}, "method 'l2p' does not use client"),
    ],
)
def test_what_does_not_go_with_a_client_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        cf.minimize_peak(MS, **arguments)


def test_without_dask_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ImportError, match=r"pip install 'crestfall\[cluster\]'"):
        cf.minimize_peak(MS, client=object())
