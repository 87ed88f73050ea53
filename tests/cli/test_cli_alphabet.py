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


@pytest.mark.parametrize(
    ("text", "words"),
    [
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
