"""Windows from problem files."""

import json
from pathlib import Path

import numpy as np
import pytest

import crestfall as cf

EXAMPLE = Path(__file__).parents[2] / "examples" / "beats.toml"


def test_the_example_is_designed_and_saved(run, tmp_path):
    found = json.loads(run("design", EXAMPLE, "--starts", 8, "--json", "--out", tmp_path / "a.json").out)
    assert found["over"] == "window"
    assert found["peak_lower_bound"] < found["peak"] < sum(found["amplitudes"])
    saved = cf.load(tmp_path / "a.json")
    assert saved.peak == found["peak"]
    assert saved.problem.window == cf.Window(0.0, 0.05)
    assert "within the window " in run("explain", "a.json").out
    assert json.loads(run("explain", "a.json", "--json").out)["sections"]["What is proven"]
    assert json.loads(run("measure", "a.json", "--json").out)["peak"] == found["peak"]
    assert "within the window" in run("measure", "a.json").out
    t = np.arange(2401) / 48_000
    x = np.cos(2 * np.pi * np.outer(t, found["frequencies_hz"]) + found["phases_rad"]) @ found["amplitudes"]
    measured = json.loads(run("measure", "a.json", "--sample-rate", 48_000, "--json").out)
    assert measured["sample_peak"] == pytest.approx(np.abs(x).max(), rel=1e-9)
    shown = run("design", EXAMPLE, "--starts", 8).out
    assert "over the RMS within the window" in next(line for line in shown.splitlines() if line.startswith("crest "))
    assert "over a long time" in next(line for line in shown.splitlines() if line.startswith("minimised"))


def test_held_phases_of_a_window_are_held(run, tmp_path):
    text = EXAMPLE.read_text() + '\n[[constraints]]\nkind = "hold"\nphases_rad = { 1 = 0.5 }\n'
    (tmp_path / "held.toml").write_text(text)
    found = json.loads(run("design", "held.toml", "--starts", 8, "--json", "--out", "a.json").out)
    assert found["phases_rad"][1] == pytest.approx(0.5, abs=1e-9)
    assert cf.load(tmp_path / "a.json").problem.phases == (cf.Hold({1: 0.5}),)


MIRROR = '[[constraints]]\nkind = "conjugate-symmetric"\n'


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (("[goal]", f"{MIRROR}[goal]"), (), "line 9: constraints[0].kind: conjugate-symmetric phases need"),
        (("[goal]", '[[constraints]]\nkind = "hold"\nphases_rad = { 44 = 0.0 }\n[goal]'), (), "44 is not a tone"),
        (("[0.0, 0.05]", "[1.0, 0.5]"), (), "line 9: goal.window_s"),
        (("[0.0, 0.05]", "0.05"), (), "write beginning and end in seconds"),
        (("997.0", "-997.0"), (), "line 5: tones.frequencies_hz: frequencies[0] is -997"),
        (("", ""), ("--prove",), "a window cannot be combined with --prove"),
        (("", ""), ("--method", "l2p"), "a window cannot be combined with method 'l2p'"),
        (("", ""), ("--start-at-zero",), "a window cannot be combined with --start-at-zero"),
    ],
)
def test_mistakes_are_named(run, tmp_path, change, options, message):
    file = tmp_path / "problem.toml"
    file.write_text(EXAMPLE.read_text().replace(*change) if change[0] else EXAMPLE.read_text())
    done = run("design", file, *options)
    assert done.is_one_line_error()
    assert message in done.err


def test_a_window_from_the_command_line_frees_tones_of_a_common_period(run, tmp_path):
    (tmp_path / "tones.csv").write_text("frequency_hz,amplitude\n997,1\n1414.2135623731,1\n2236.0679774998,0.5\n")
    found = json.loads(run("design", "tones.csv", "--window", "0.1:0.15", "--starts", 8, "--json").out)
    t = np.linspace(0.1, 0.15, 200_001)
    x = np.cos(2 * np.pi * np.outer(t, found["frequencies_hz"]) + found["phases_rad"]) @ found["amplitudes"]
    assert np.abs(x).max() == pytest.approx(found["peak"], rel=1e-6)
    assert found["over"] == "window"


def test_a_window_takes_the_place_of_what_the_file_says(run, tmp_path):
    run("design", EXAMPLE, "--starts", 4, "--window", "0:0.01", "--out", "a.json")
    assert cf.load(tmp_path / "a.json").problem.window == cf.Window(0.0, 0.01)
    run("design", "--harmonics", "1:5", "--samples", 32, "--starts", 2, "--out", "b.json")
    assert cf.load(tmp_path / "b.json").problem.samples == 32
    run("design", "b.json", "--window", "0:0.3", "--measure", "range", "--starts", 2, "--out", "c.json")
    again = cf.load(tmp_path / "c.json").problem
    assert (again.window, again.measure) == (cf.Window(0.0, 0.3), "range")


@pytest.mark.parametrize("text", ["5", "0:", "1:0", "0:0", "a:b", "0:1:2", "0:inf", "nan:1"])
def test_what_is_no_window_is_refused(text, run):
    done = run("design", "--harmonics", "1:3", "--window", text)
    assert done.is_one_line_error()
    assert "window" in done.err


def test_only_one_option_says_which_times_count(run):
    done = run("design", "--harmonics", "1:3", "--window", "0:1", "--samples", 8)
    assert done.is_one_line_error()
    assert "--window and --samples each say which times count" in done.err
