"""``crestfall atlas``: the table, one design in full, the proof of all."""

import json
import subprocess
import sys
import wave

import numpy as np
import pytest

import crestfall as cf
from crestfall.atlas import entries

ENTRY = next(entry for entry in entries() if entry.kind == "real" and entry.n == 5)


def test_the_table_has_every_entry_of_a_kind(run):
    done = run("atlas", "--kind", "real")
    assert done.code == 0, done.err
    rows = [line.split() for line in done.out.splitlines() if line.startswith("real ")]
    assert [int(row[1]) for row in rows] == [entry.n for entry in entries() if entry.kind == "real"]
    assert [f"{ENTRY.crest_factor:.6f}", ENTRY.date] == [rows[3][2], rows[3][7]]
    for word in ("peak", "bound", "gap", "residual", "date", "found by"):
        assert word in done.out


def test_the_table_as_json(run):
    done = run("atlas", "--json")
    assert done.code == 0, done.err
    listed = json.loads(done.out)
    assert len(listed) == len(entries())
    assert next(entry for entry in listed if entry["n"] == 5)["phases_rad"] == list(ENTRY.phases_rad)


@pytest.mark.parametrize("how", [("real", 5), ("real", "--n", 5)])
def test_show_prints_the_phases(run, how):
    done = run("atlas", "show", *how)
    assert done.code == 0, done.err
    assert [line.split()[1] for line in done.out.splitlines()[-5:]] == [repr(phase) for phase in ENTRY.phases_rad]


def test_show_writes_files(run, tmp_path):
    done = run("atlas", "show", "real", 5, "--fundamental", 50, "--out", "a.json", "--out", "a.csv", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["frequencies_hz"] == [50.0, 100.0, 150.0, 200.0, 250.0]
    for name in ("a.json", "a.csv"):
        design = cf.load(tmp_path / name)
        np.testing.assert_array_equal(design.phases, ENTRY.phases_rad)
        assert design.crest_factor == pytest.approx(ENTRY.crest_factor, rel=1e-11)
    again = run("atlas", "show", "real", 5, "--out", "a.json")
    assert again.is_one_line_error()


def test_show_takes_the_options_of_convert(run, tmp_path):
    arguments = ("atlas", "show", "real", 5, "--fundamental", 100, "--out", "a.wav", "--rate", "48kHz", "--bits", 16)
    done = run(*arguments, "--level", "-6 dBFS")
    assert done.code == 0, done.err
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnframes()) == (48000, 2, 480)
        samples = np.frombuffer(file.readframes(480), "<i2")
    assert np.max(np.abs(samples)) / 32767 == pytest.approx(10 ** (-6 / 20), rel=2e-3)
    assert "a.wav   48 kHz, one period, 480 samples" in done.out
    assert run("atlas", "show", "real", 5, "--rate", "48kHz").is_one_line_error()


def test_show_writes_the_proof_that_comes_with_the_atlas(run, tmp_path):
    done = run("atlas", "show", "real", 5, "--fundamental", 50, "--proof", "proof.json", "--out", "design.json")
    assert done.code == 0, done.err
    assert "crestfall verify proof.json checks it" in done.out
    proof = cf.load_proof(tmp_path / "proof.json")
    assert proof.check(cf.load(tmp_path / "design.json").multisine) <= ENTRY.peak <= proof.peak * 1.002
    for n, why in (
        (2, "shifts make all phases of two complex tones equivalent"),
        (8, "its boxes were not kept; crestfall design --prove --proof FILE finds them"),
        (13, "its boxes are too many for a file"),
        (64, "its bound is one by formula"),
    ):
        refused = run("atlas", "show", "complex", n, "--proof", "none.json")
        assert refused.is_one_line_error()
        assert f"the atlas has no proof for complex n = {n}: " in refused.err
        assert why in refused.err
    for path, said in (("proof.json", "exists"), ("a.csv", "ends with .json"), ("no/a.json", "there is no folder no")):
        refused = run("atlas", "show", "real", 5, "--proof", path)
        assert refused.is_one_line_error()
        assert said in refused.err
    refused = run("atlas", "show", "real", 5, "--proof", "one.json", "--out", "one.json")
    assert "--proof and --out write one file, one.json" in refused.err
    assert not (tmp_path / "one.json").exists()


def test_show_says_when_the_proof_proves_less_than_the_bound(run):
    done = run("atlas", "show", "real", 12, "--proof", "proof.json")
    assert done.code == 0
    assert "is by branch and bound, whose boxes were not kept; proof.json proves 1.2" in done.err


def test_show_refuses_what_is_not_there(run):
    for arguments in (("real", 200), ("real",), ("real", 5, "--n", 5), ("real", 5, "--out", "a.xyz")):
        assert run("atlas", "show", *arguments).is_one_line_error(), arguments
    assert "2–" in run("atlas", "show", "real", 200).err


def test_options_before_a_command_are_refused(run):
    assert run("atlas", "--json", "verify").is_one_line_error()


def test_verify_proves_every_entry(run):
    done = run("atlas", "verify", "--json")
    assert done.code == 0, done.err + done.out
    assert json.loads(done.out) == {"entries": len(entries()), "faults": []}


def test_verify_names_the_entry_that_fails():
    script = """
from dataclasses import replace
import crestfall.atlas as atlas, crestfall.cli.atlas as cli, crestfall.cli as command
bad = tuple(replace(entry, peak=1.0) if entry.n == 5 else entry for entry in atlas.entries()[:5])
cli.entries = lambda: bad
import sys
sys.argv[1:] = ["atlas", "verify"]
command.main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "real n = 5: peak is 1.0, but the phases give 2.34351" in done.stderr
    assert done.stdout.startswith("4 of 5 entries hold")
