"""Several inputs from a problem file."""

import json
from pathlib import Path

import crestfall as cf

EXAMPLE = Path(__file__).parents[2] / "examples" / "channels.toml"


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
    refused = run("design", EXAMPLE, "--starts", 8, "--out", names[0])
    assert refused.is_one_line_error()
    assert "exists" in refused.err


def test_a_person_reads_a_line_for_each_channel(run, tmp_path):
    shown = run("design", EXAMPLE, "--starts", 2).out
    assert "z, experiment 3  peak" in shown
    assert "of 6 allowed" in shown
    assert "orthogonality" in shown


def test_what_does_not_go_together_is_refused(run, tmp_path):
    for option, words in (
        (("--prove",), "leave out --prove"),
        (("--out", "a.mat"), "a set of designs is written as one of .json"),
        (("--start-at-zero",), "only interleaved channels"),
    ):
        done = run("design", EXAMPLE, *option)
        assert done.is_one_line_error()
        assert words in done.err
