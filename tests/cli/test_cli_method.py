"""`crestfall design --method`: the baselines of the literature from the command line."""

import json

import pytest

import crestfall as cf


@pytest.mark.parametrize("method", ["schroeder", "clip", "l2p"])
def test_the_method_is_run_and_named(run, tmp_path, method):
    done = run("design", "--harmonics", "1:9", "--method", method, "--out", "a.json", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    ms = cf.Multisine.harmonics(range(1, 10))
    assert found["phases_rad"] == cf.minimize_peak(ms, method=method).phases.tolist()
    assert found["status"].startswith("not converged")
    provenance = cf.load(tmp_path / "a.json").provenance
    assert provenance.method == cf.minimize_peak(ms, method=method).provenance.method


def test_the_report_names_the_method(run):
    assert "Guillaume et al. 1991" in run("design", "--harmonics", "1:9", "--method", "l2p").out


def test_starts_and_seed_reach_the_method(run):
    done = run("design", "--harmonics", "1:9", "--method", "l2p", "--starts", 4, "--seed", 2, "--json")
    expected = cf.minimize_peak(cf.Multisine.harmonics(range(1, 10)), method="l2p", starts=4, seed=2)
    assert json.loads(done.out)["phases_rad"] == expected.phases.tolist()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--method", "magic"),
        ("--method", "schroeder", "--starts", "3"),
        ("--method", "clip", "--points", "100"),
        ("--method", "l2p", "--goal-rate", "100"),
        ("--method", "l2p", "--starts", "0"),
    ],
)
def test_what_does_not_fit_gets_one_line(run, arguments):
    done = run("design", "--harmonics", "1:5", *arguments)
    assert done.is_one_line_error(), done
    assert arguments[1] in done.err or "starts" in done.err
