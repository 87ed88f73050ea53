"""Ranges and one-sided peaks on the command line: what was lowered is what is reported."""

import json

import numpy as np
import pytest

PROBLEM = '[tones]\nharmonics = "1:8"\nfundamental_hz = 5.0\n[goal]\nmeasure = "{}"\n'


def signal(record, count=8192):
    t = np.arange(count) / count / 5.0
    return np.cos(2 * np.pi * np.outer(t, record["frequencies_hz"]) + record["phases_rad"]).sum(axis=1)


def test_a_design_for_the_range_reports_its_relative_peak_factor(run, tmp_path):
    (tmp_path / "range.toml").write_text(PROBLEM.format("range"))
    record = json.loads(run("design", "range.toml", "--starts", 16, "--json", "--out", "saved.json").out)
    x = signal(record)
    assert record["measure"] == "range"
    assert record["relative_peak_factor"] == pytest.approx(np.ptp(x) / (2 * np.sqrt(2) * 2.0), rel=1e-6)
    assert record["figure_value"] == record["relative_peak_factor"]
    assert record["signals"][0]["value"] == pytest.approx(np.ptp(x) / 2, rel=1e-6)
    assert record["status"].startswith("local minimax")
    shown = run("design", "saved.json", "--starts", 1).out
    assert f"{record['relative_peak_factor']:.6f}   relative peak factor, (max − min) / (2√2 rms)" in shown
    assert "half of the range" in shown
    assert run("measure", "saved.json").out.count("relative peak factor") == 1


@pytest.mark.parametrize(("measure", "words"), [("one-sided", "maximum "), ("envelope", "envelope ")])
def test_other_measures_are_named(run, tmp_path, measure, words):
    (tmp_path / "problem.toml").write_text(PROBLEM.format(measure))
    record = json.loads(run("design", "problem.toml", "--starts", 8, "--json").out)
    shown = run("design", "problem.toml", "--starts", 8).out
    line = next(line for line in shown.splitlines() if line.startswith(words))
    assert float(line.split()[1]) == pytest.approx(record["signals"][0]["value"], rel=1e-8)
    if measure == "one-sided":
        assert record["signals"][0]["value"] == pytest.approx(signal(record).max(), rel=1e-5)
    assert record["figure"].startswith({"one-sided": "maximum", "envelope": "envelope"}[measure])
    assert f"{record['figure_value']:.6f}   {record['figure']}" in shown
