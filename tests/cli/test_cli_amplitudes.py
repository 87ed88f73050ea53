"""Free amplitudes on the command line and in problem files."""

import json

import pytest

PROBLEM = """\
[tones]
harmonics = "1:9"
fundamental_hz = 10.0
tolerance_db = 0.5

[[extra]]
harmonics = "11,13"
largest = 0.2
"""


def test_a_problem_file_frees_amplitudes(run, tmp_path):
    file = tmp_path / "problem.toml"
    file.write_text(PROBLEM)
    saved = tmp_path / "design.json"
    found = json.loads(run("design", file, "--starts", 8, "--out", saved, "--json").out)
    assert found["frequencies_hz"][-2:] == [110.0, 130.0]
    assert max(found["amplitudes"][-2:]) <= 0.2
    assert 0 < found["extra_power_share"] < 0.02
    again = json.loads(run("design", saved, "--starts", 8, "--json").out)
    assert again["wanted_crest_factor"] == pytest.approx(found["wanted_crest_factor"], rel=0.05)
    assert len(again["amplitudes"]) == 11
    shown = run("design", file, "--starts", 8).out
    assert "extra tones hold" in shown
    assert "wanted tones" in shown


def test_one_tolerance_for_all(run):
    found = json.loads(run("design", "--harmonics", "1:9", "--tolerance-db", 1, "--starts", 8, "--json").out)
    assert max(found["amplitudes"]) <= 1.1221
    assert min(found["amplitudes"]) >= 0.8912
    shown = run("design", "--harmonics", "1:9", "--tolerance-db", 1, "--starts", 8).out
    assert "extra tones" not in shown  # there are none


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("largest = 0.2", "largest = 0"), "line 8: extra[0].largest: extra tones: largest[0] is 0"),
        (("largest = 0.2", "large = 1"), "extra[0].large is unknown"),
        (("largest = 0.2", ""), "extra[0].largest is missing"),
        (("11,13", "9,13"), "which the signal or another extra tone has already"),
        (("tolerance_db = 0.5", "tolerance_db = -1"), "line 4: tones.tolerance_db: tolerance_db[0] is -1"),
    ],
)
def test_mistakes_are_named(run, tmp_path, change, message):
    file = tmp_path / "problem.toml"
    file.write_text(PROBLEM.replace(*change))
    done = run("design", file)
    assert done.is_one_line_error()
    assert message in done.err
