"""Several inputs from a problem file."""

import json
from pathlib import Path

import pytest

import crestfall as cf
from crestfall.cli.design_channels import design_channels
from crestfall.files.problem_toml import read_problem

EXAMPLE = Path(__file__).parents[2] / "examples" / "channels.toml"
OPTIONS = {"overwrite": False, "starts": 1, "time_limit": None, "seed": 0, "workers": 1, "atlas": True} | {
    "json": True,
    "quiet": True,
}


def test_the_example_is_designed_saved_and_drawn(run, tmp_path):
    names = [tmp_path / f"set.{ending}" for ending in ("json", "wav", "csv", "png")]
    outs = [word for name in names for word in ("--out", name)]
    done = run("design", EXAMPLE, "--starts", 8, "--json", *outs)
    found = json.loads(done.out)
    assert (found["inputs"], found["experiments"], found["matrix"]) == (3, 3, "chirp")
    assert [channel["name"] for channel in found["channels"]] == ["x"] * 3 + ["y"] * 3 + ["z"] * 3
    assert found["worst_share"] == max(channel["share"] for channel in found["channels"])
    assert found["orthogonality"] < 1e-12
    assert all(name.stat().st_size > 1000 for name in names)
    assert cf.DesignSet.load(names[0]).worst.share == found["worst_share"]
    measured = run("measure", names[0])
    assert "z, experiment 3  peak" in measured.out
    assert "of 6 allowed" in measured.out
    again = json.loads(run("design", names[0], "--starts", 1, "--json").out)
    assert again["worst_share"] <= found["worst_share"] * (1 + 1e-9)
    assert again["matrix"] == "chirp"
    refused = run("design", EXAMPLE, "--starts", 8, "--out", names[0])
    assert refused.is_one_line_error()
    assert "exists" in refused.err


def test_a_set_is_explained(run, tmp_path):
    shared = cf.orthogonal_set(cf.Multisine.harmonics(range(1, 8)), 2, starts=16, use_atlas=False)
    shared.save(tmp_path / "shared.json")
    words = run("explain", "shared.json").out
    assert "2 inputs (input 1, input 2) in 2 experiments" in words
    assert "The phases meet the first-order conditions" in words
    assert "4 of the 4 signals are as high" in words
    assert f"below {shared.lower_bound:.4f}; this set is {shared.gap:.2%} above" in words
    apart = [cf.Multisine([1.0, 3.0]), cf.Multisine([2.0, 4.0, 6.0])]
    given = cf.DesignSet.interleaved(apart, [[0.0, 0.0], [0.0, 0.0, 0.0]], names=["x", "y"], limits=[1.0, 2.0])
    given.save(tmp_path / "given.npz")
    told = json.loads(run("explain", "given.npz", "--json").out)
    assert told["stationary"] == [True, True]  # nobody can do anything against a peak of all tones in phase, at first
    assert told["sections"]["What holds it where it is"] == [
        "x is the worst channel: its share of its limit is 2.0000.",
        "The lowest is y, experiment 1: 1.5000.",
    ]


def test_what_does_not_go_together_is_refused(run, tmp_path):
    done = run("design", EXAMPLE, "--out", "a.mat")
    assert done.is_one_line_error()
    assert "a set of designs is written as one of .json" in done.err
    for option, value in (("--scheduler", "tcp://127.0.0.1:1"), ("--max-memory", "4GB"), ("--device", "cpu")):
        refused = run("design", EXAMPLE, option, value)
        assert refused.is_one_line_error()
        assert f"leave out {option}" in refused.err
    with pytest.raises(ValueError, match="leave out --prove"):
        design_channels(read_problem(EXAMPLE), [], **OPTIONS, start_at_zero=False, prove=True)
    with pytest.raises(ValueError, match="only interleaved channels"):
        design_channels(read_problem(EXAMPLE), [], **OPTIONS, start_at_zero=True)
