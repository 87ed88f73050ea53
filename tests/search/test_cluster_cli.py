"""``--scheduler`` on the command line, and campaigns on a cluster."""

import json
import subprocess
import sys

import numpy as np
import pytest

import crestfall as cf
from crestfall.atlas.store import Plan, Store, StoredTones, run_campaign


def executed(client):
    """How many tasks the workers have run."""
    return sum(client.run(lambda dask_worker: dask_worker.state.executed_count).values())


def test_a_design_and_a_campaign_on_a_cluster(cluster, client_with, run):
    client = client_with(1)
    search = ("design", "--harmonics", "1:20", "--starts", 300, "--seed", 2, "--no-atlas", "--json")
    here, there = run(*search), run(*search, "--scheduler", cluster.address)
    assert there[0] == 0
    assert json.loads(there[1])["phases_rad"] == json.loads(here[1])["phases_rad"]
    campaign = ("search", "real:9:10", "--store", "s.sqlite", "--seconds", 1, "--no-atlas")
    before = executed(client)
    code, out, err = run(*campaign, "--scheduler", cluster.address)
    assert (code, err) == (0, "")
    assert out.count("saved real:") >= 2
    assert executed(client) > before


def test_a_lost_scheduler_ends_a_campaign_with_what_it_has_saved(lonely, tmp_path):
    lonely.add_workers(1)
    lonely.connect(1).close()
    path = tmp_path / "s.sqlite"
    words = ("search", "real:24:99", "--store", path, "--seconds", 1, "--no-atlas", "--json")
    command = [sys.executable, "-m", "crestfall", *map(str, words), "--scheduler", lonely.address]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    saved = [json.loads(process.stdout.readline())]
    lonely.scheduler.kill()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.startswith(f"crestfall: error: --scheduler {lonely.address}: the scheduler is lost; what was found")
    assert err.count("\n") == 1
    saved += [json.loads(line) for line in out.splitlines()]
    with Store.read(path) as store:
        best = {tones.name: store.best(tones).peak_high for tones in store.problems() if store.best(tones)}
    assert best == {event["problem"]: event["peak_interval"][1] for event in saved}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--scheduler", "nonsense"), "--scheduler is 'nonsense'; give an address such as"),
        (("--scheduler", "tcp://127.0.0.1:1"), "no Dask scheduler answers there"),
    ],
)
def test_an_address_without_a_scheduler_is_refused_before_the_work(run, tmp_path, monkeypatch, words, message):
    monkeypatch.setattr("crestfall.cli.cluster._CONNECT_S", 0.3)
    for command in (("design", "--harmonics", "1:5"), ("search", "real:5", "--store", "s.sqlite")):
        code, out, err = run(*command, *words)
        assert (code, out) == (2, "")
        assert err.startswith("crestfall: error: ")
        assert message in err
        assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--workers", 2), "--workers cannot be combined with --scheduler"),
        (("--device", "cpu"), "--scheduler cannot be combined with --device"),
        (("--method", "clip"), "method 'clip' does not use --scheduler"),
    ],
)
def test_what_does_not_go_with_a_scheduler_is_refused_before_it_is_waited_for(run, words, message):
    code, out, err = run("design", "--harmonics", "1:4", *words, "--scheduler", "tcp://127.0.0.1:1")
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_an_alphabet_is_searched_on_a_cluster(run, cluster, client_with):
    client_with(1)
    search = ("design", "--harmonics", "1:30", "--alphabet", 2, "--starts", 20, "--json")
    here, there = run(*search), run(*search, "--scheduler", cluster.address)
    assert there[0] == 0, there[2]
    assert json.loads(there[1])["phases_rad"] == json.loads(here[1])["phases_rad"]


def test_a_campaign_takes_a_client_or_workers_not_both(tmp_path, client_with):
    with Store.open(tmp_path / "s.sqlite") as store:
        tones = cf.Multisine.harmonics(range(1, 8))
        with pytest.raises(ValueError, match="leave out one of them"):
            run_campaign(store, [tones], Plan(workers=2), client=client_with(1))
        plan = Plan(seconds=0.3, use_atlas=False)
        assert run_campaign(store, [tones], plan, client=client_with(1)) == 1
        best = store.best(StoredTones(tones))
    assert np.isclose(best.peak_high, cf.true_peak(tones, best.phases_rad), rtol=1e-9)
