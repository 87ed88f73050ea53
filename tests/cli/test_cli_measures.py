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


def test_the_larger_of_i_and_q(run, tmp_path):
    options = ("--harmonics", "-3:4", "--fundamental", 5, "--complex", "--measure", "components", "--starts", 8)
    done = run("design", *options, "--json", "--out", "both.json", "--out", "both.wav")
    record = json.loads(done.out)
    t = np.arange(8192) / 8192 / 5.0
    z = np.exp(1j * (2 * np.pi * np.outer(t, record["frequencies_hz"]) + record["phases_rad"])).sum(axis=1)
    highest = max(np.abs(z.real).max(), np.abs(z.imag).max())
    assert record["measure"] == "components"
    assert record["peak"] == record["signals"][0]["value"] == pytest.approx(highest, rel=1e-5)
    assert record["figure_value"] == record["crest_factor"] == pytest.approx(highest / np.sqrt(8), rel=1e-5)
    assert record["peak_interval"][0] <= record["peak"] <= record["peak_interval"][1]
    assert record["lower_bound"] <= record["figure_value"]
    assert record["status"].startswith("local minimax")
    for name in ("both.json", "both.wav"):
        shown = run("measure", name).out
        row = next(line for line in shown.splitlines() if line.startswith("magnitude "))
        assert float(row.split()[1]) == pytest.approx(np.abs(z).max(), rel=1e-5)
        assert "the larger of I and Q" in shown
        assert f"{record['figure_value']:.6f}   peak of I and Q over RMS" in shown
    sampled = json.loads(run("measure", "both.json", "--sample-rate", 100, "--json").out)["sample_peak"]
    steps = np.arange(20) / 100.0
    some = np.exp(1j * (2 * np.pi * np.outer(steps, record["frequencies_hz"]) + record["phases_rad"])).sum(axis=1)
    assert sampled == pytest.approx(max(np.abs(some.real).max(), np.abs(some.imag).max()), rel=1e-9)
    words = run("explain", "both.json").out
    assert f"The larger peak of I and Q is {record['peak']:.6g}" in words
    assert ", a maximum of I" in words or ", a minimum of I" in words
    assert ", a maximum of Q" in words or ", a minimum of Q" in words


def test_i_and_q_are_measured_of_any_complex_design(run, tmp_path):
    run("design", "--harmonics", "0:1", "--complex", "--starts", 1, "--out", "two.json")
    phases = json.loads(run("measure", "two.json", "--json").out)["phases_rad"]
    t = np.linspace(0.0, 1.0, 4001)
    z = np.exp(1j * phases[0]) + np.exp(1j * (2 * np.pi * t + phases[1]))
    row = next(line for line in run("measure", "two.json").out.splitlines() if line.startswith("I and Q "))
    assert float(row.split()[3]) == pytest.approx(max(np.abs(z.real).max(), np.abs(z.imag).max()), rel=1e-5)


def test_real_tones_have_no_i_and_q(run):
    done = run("design", "--harmonics", "1:4", "--measure", "components")
    assert done.is_one_line_error()
    assert "only complex tones have I and Q" in done.err
    done = run("design", "--harmonics", "1:4", "--complex", "--measure", "components", "--prove")
    assert done.is_one_line_error()
    assert "--prove cannot be combined with measure 'components'" in done.err


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
