"""Lines that may move on the command line."""

import json

import numpy as np
import pytest


def test_lines_move_by_a_number_by_hertz_or_by_percent_and_a_design_goes_on(run, tmp_path):
    saved = tmp_path / "design.json"
    tones = ("--harmonics", "2,5,9,14", "--fundamental", 10, "--starts", 1)
    found = json.loads(run("design", *tones, "--move-lines", "0.02kHz", "--json").out)
    assert np.all(np.abs(np.subtract(found["frequencies_hz"], [20.0, 50.0, 90.0, 140.0])) <= 20.0)
    assert found["moved_lines"]
    shown = run("design", *tones, "--move-lines", "10%", "--raster", "2Hz", "--exclude", "mains", "--out", saved).out
    assert "moved by 10 % at most" in shown
    asked = np.array([20.0, 90.0, 140.0])  # 50 Hz is mains
    wider = json.loads(run("design", saved, "--starts", 1, "--move-lines", "20%", "--json").out)
    assert np.all(np.abs(wider["frequencies_hz"] - asked) <= 0.2 * asked + 1e-9)
    assert not {50.0, 100.0, 150.0} & set(wider["frequencies_hz"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--move-lines", "far"], "--move-lines is 'far'"),
        (["--move-lines", "0"], "--move-lines: steps is 0"),
        (["--move-lines", "2", "--raster", "7Hz"], "not a multiple of the raster"),
        (["--raster", "1Hz"], "--raster goes with --move-lines"),
        (["--move-lines", "2", "--samples", "64"], "--move-lines cannot be combined with samples that count"),
        (["--move-lines", "2", "--prove"], "prove cannot be combined with --move-lines"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_the_words_of_the_options(run, options, message):
    found = run("design", "--harmonics", "2,5,9", "--fundamental", 10, *options)
    assert found.code == 2
    assert message in found.err.replace("\n", " ")


def test_lines_are_multiples_of_the_fundamental_that_was_given(run):
    """The largest common divisor of these tones is twice as much."""
    tones = ("--harmonics", "2,4,8,14,20", "--fundamental", "0.05", "--starts", 1)
    found = json.loads(run("design", *tones, "--move-lines", 2, "--json").out)
    assert np.max(np.abs(np.subtract(found["frequencies_hz"], [0.1, 0.2, 0.4, 0.7, 1.0]))) <= 0.1 + 1e-9
