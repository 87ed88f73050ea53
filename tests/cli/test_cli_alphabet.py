"""``crestfall design --alphabet`` and ``alphabet`` in problem files."""

import json

import numpy as np
import pytest


def test_binary_phases_from_the_command_line(run):
    done = run("design", "--harmonics", "1:8", "--alphabet", "2", "--json")
    record = json.loads(done.out)
    steps = np.array(record["phases_rad"]) / np.pi
    assert np.allclose(steps, np.round(steps), atol=1e-12)
    assert record["status"] == "global optimum: all 128 words of the alphabet"
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
        letters = np.array(record["phases_rad"]) * 2.0 / np.pi
        assert np.allclose(letters, np.round(letters), atol=1e-12)
        assert letters[2] == 0
        assert "single letters" in record["status"]
    assert again["peak"] <= first["peak"] * (1 + 1e-12)
    assert json.loads((tmp_path / "next.json").read_text())["goal"]["alphabet"] == 4
    words = run("explain", "saved.json").out
    assert "alphabet of 4 phases" in words
    assert "goes on from these phases to a local minimum" not in words


def test_a_saved_design_for_samples_is_searched_again_over_the_same_samples(run, tmp_path):
    run("design", "--harmonics", "1:8", "--points", "33", "--starts", "4", "--out", "saved.json")
    run("design", "saved.json", "--starts", "4", "--out", "next.json")
    assert json.loads((tmp_path / "next.json").read_text())["provenance"]["goal_samples"] == 32
    run("design", "saved.json", "--starts", "4", "--sample-rate", "48", "--out", "other.json")
    assert json.loads((tmp_path / "other.json").read_text())["provenance"]["goal_samples"] == 48


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'alphabet = 4\n[[constraints]]\nkind = "link"\ntones = [0, 1]\noffsets_rad = [0.0, 1.0]\n',
            "line 8: constraints[0].offsets_rad links tones 1 rad apart, which no phases of the alphabet of 4 are",
        ),
        (
            'alphabet = 2\n[[constraints]]\nkind = "hold"\nphases_rad = { 1 = 1.0 }\n',
            "line 7: constraints[0].phases_rad holds tone 1 at 1 rad, outside the alphabet of 2 phases",
        ),
        ('alphabet = 2\nmeasure = "range"\n', "line 4: goal.alphabet: the discrete search lowers the true peak"),
        ("alphabet = 1\n", "line 4: goal.alphabet is 1; it must be a number of phases, 2 or more"),
        ("alphabet = 2\npoints = 100\n", "line 4: goal.alphabet: the discrete search lowers the true peak"),
    ],
)
def test_what_an_alphabet_cannot_go_with_is_refused(text, words, run, tmp_path):
    (tmp_path / "bad.toml").write_text(f'[tones]\nharmonics = "1:4"\n[goal]\n{text}')
    done = run("design", "bad.toml")
    assert done.code == 2
    assert words in " ".join(done.err.split())


@pytest.mark.parametrize(
    "options", [["--target", "1.5"], ["--prove"], ["--method", "clip"], ["--start-at-zero"], ["--workers", "2"]]
)
def test_options_of_the_other_search_are_refused(options, run):
    done = run("design", "--harmonics", "1:4", "--alphabet", "2", *options)
    assert done.code == 2
    assert f"leave out {options[0]}" in done.err
