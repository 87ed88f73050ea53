"""``crestfall design --alphabet`` and ``alphabet`` in problem files."""

import json

import numpy as np
import pytest

import crestfall as cf


def test_binary_phases_from_the_command_line(run):
    done = run("design", "--harmonics", "1:8", "--alphabet", "2", "--json")
    record = json.loads(done.out)
    steps = np.array(record["phases_rad"]) / np.pi
    assert np.allclose(steps, np.round(steps), atol=1e-12)
    assert record["status"] == "global optimum: all 128 sequences of the alphabet"
    grid = np.arange(2**14) * (2.0 * np.pi / 2**14)
    direct = np.cos(np.outer(grid, np.arange(1, 9)) + record["phases_rad"]).sum(axis=1)
    assert np.abs(direct).max() == pytest.approx(record["peak"], rel=1e-5)


def test_quaternary_phases_from_a_problem_file(run, tmp_path):
    (tmp_path / "qpsk.toml").write_text('[tones]\nharmonics = "0:5"\ncomplex = true\n[goal]\nalphabet = 4\n')
    record = json.loads(run("design", "qpsk.toml", "--json").out)
    steps = np.array(record["phases_rad"]) * 2.0 / np.pi
    assert np.allclose(steps, np.round(steps), atol=1e-12)


def test_a_saved_design_is_searched_again_in_its_own_alphabet(run, tmp_path):
    text = (
        '[tones]\nharmonics = "1:30"\n[goal]\nalphabet = 4\n[[constraints]]\nkind = "hold"\nphases_rad = { 2 = 0.0 }\n'
    )
    (tmp_path / "qpsk.toml").write_text(text)
    first = json.loads(run("design", "qpsk.toml", "--starts", "20", "--json", "--out", "saved.json").out)
    again = json.loads(run("design", "saved.json", "--starts", "20", "--seed", "1", "--json", "--out", "next.json").out)
    for record in (first, again):
        symbols = np.array(record["phases_rad"]) * 2.0 / np.pi
        assert np.allclose(symbols, np.round(symbols), atol=1e-12)
        assert symbols[2] == 0
        assert "single symbols" in record["status"]
    assert again["peak"] <= first["peak"] * (1 + 1e-12)
    assert cf.load(tmp_path / "next.json").problem.alphabet == 4
    words = run("explain", "saved.json").out
    assert "alphabet of 4 phases" in words
    assert "continues from these phases to a local minimum" not in words


def test_a_saved_design_for_samples_is_searched_again_over_the_same_samples(run, tmp_path):
    run("design", "--harmonics", "1:8", "--points", "33", "--starts", "4", "--out", "saved.json")
    run("design", "saved.json", "--starts", "4", "--out", "next.json")
    assert cf.load(tmp_path / "next.json").problem.samples == 32
    run("design", "saved.json", "--starts", "4", "--goal-rate", "48", "--out", "other.json")
    assert cf.load(tmp_path / "other.json").problem.samples == 48


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'alphabet = 4\n[[constraints]]\nkind = "link"\ntones = [0, 1]\noffsets_rad = [0.0, 1.0]\n',
            "tone 1 is linked with an offset of 1 rad, outside the alphabet of 4 phases",
        ),
        (
            'alphabet = 2\n[[constraints]]\nkind = "hold"\nphases_rad = { 1 = 1.0 }\n',
            "line 7: constraints[0].phases_rad: tone 1 is held at 1 rad, outside the alphabet of 2 phases",
        ),
        ("alphabet = 1\n", "line 4: goal.alphabet"),
    ],
)
def test_what_an_alphabet_cannot_go_with_is_refused(text, words, run, tmp_path):
    (tmp_path / "bad.toml").write_text(f'[tones]\nharmonics = "1:4"\n[goal]\n{text}')
    done = run("design", "bad.toml")
    assert done.code == 2
    assert words in " ".join(done.err.split())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--prove"], "--prove cannot be combined with"),
        (["--method", "clip"], "method 'clip' cannot be combined with"),
        (["--start-at-zero"], "--start-at-zero cannot be combined with an alphabet"),
        (["--device", "cpu"], "does not use --device"),
    ],
)
def test_what_an_alphabet_does_not_go_with_is_refused_by_option(options, words, run):
    done = run("design", "--harmonics", "1:4", "--alphabet", "2", *options)
    assert done.is_one_line_error()
    assert words in done.err


@pytest.mark.parametrize("options", [["--target", "1.5"], ["--workers", "2"], ["--stall-limit", "5s"]])
def test_the_search_over_sequences_takes_the_other_limits(options, run):
    done = run("design", "--harmonics", "1:6", "--alphabet", "2", "--json", *options)
    assert done.code == 0, done.err
    symbols = np.array(json.loads(done.out)["phases_rad"]) / np.pi
    assert np.allclose(symbols, np.round(symbols), atol=1e-12)


def test_a_range_over_an_alphabet_is_what_no_other_sequence_beats(run):
    record = json.loads(run("design", "--harmonics", "1:4", "--alphabet", "2", "--measure", "range", "--json").out)
    waves = np.exp(1j * np.outer(np.arange(4096) * (2 * np.pi / 4096), np.arange(1, 5)))
    spans = [np.ptp((waves @ np.exp(1j * np.pi * np.array(word))).real) for word in np.ndindex(2, 2, 2, 2)]
    assert record["figure_value"] == pytest.approx(min(spans) / 2 / 2, rel=1e-5)  # half a range over that of a sine
