"""Problem files: what they can say, and which line is wrong."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crestfall.files.problem_toml import line_of, read_problem

WHOLE = """\
# a comment
[tones]
harmonics = "1:4,7"
fundamental_hz = 10.0
amplitudes = [1.0, 0.5, 0.5, 1.0, 0.2]
phases_rad = [0.0, 1.0, 2.0, 3.0, 4.0]

[goal]
measure = "range"
points = 129

[[outputs]]
name = "voltage"
limit = 3.0

[[outputs]]
name = "current"
limit = 0.5
response = { numerator = [1.0], denominator = [0.001, 2.0] }

[[constraints]]
kind = "hold"
phases_rad = { 0 = 0.5 }

[[constraints]]
kind = "link"
tones = [1, 2]
"""


def written(folder, text):
    path = folder / "problem.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_problem(tmp_path):
    problem = read_problem(written(tmp_path, WHOLE))
    ms, goal = problem.multisine, problem.goal
    assert ms.frequencies.tolist() == [10.0, 20.0, 30.0, 40.0, 70.0]
    assert ms.initial_phases.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert (goal.measure, problem.n_points, problem.sample_rate) == ("range", 129, None)
    assert [(output.name, output.limit) for output in goal.outputs] == [("voltage", 3.0), ("current", 0.5)]
    s = 2j * np.pi * ms.frequencies
    np.testing.assert_allclose(goal.outputs[1].responses(ms), 1 / (0.001 * s + 2.0))
    assert goal.phase_map(ms).n_free == 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"1:4,7"', '"1:x"', "line 3: tones.harmonics: harmonics is '1:x'"),
        ("[1.0, 0.5, 0.5, 1.0, 0.2]", "[1.0, -0.5, 0.5, 1.0, 0.2]", r"line 5: tones.amplitudes: amplitudes\[1\] is"),
        ("fundamental_hz = 10.0", "fundamental_hz = -1", "line 4: tones.fundamental_hz"),
        ("[0.0, 1.0, 2.0, 3.0, 4.0]", "[0.0]", "line 6: tones.phases_rad"),
        ('"range"', '"volume"', "line 9: goal.measure is 'volume'"),
        ("limit = 0.5", "limit = 0", r"line 18: outputs\[1\].limit is 0.0; a limit must be above 0"),
        ("denominator = [0.001, 2.0]", 'denominator = "x"', r"line 19: outputs\[1\].response.denominator is"),
        ('kind = "hold"', 'kind = "wish"', r"line 22: constraints\[0\].kind is 'wish'"),
        ("tones = [1, 2]", "tones = [1.5]", r"line 27: constraints\[1\].tones is"),
        ("tones = [1, 2]", "tones = [0, 9]", "link: 9 is no tone"),
        ("[goal]", "[gaol]", "line 8: gaol is unknown"),
        ("points = 129", "loudness = 1", "line 10: goal.loudness is unknown"),
        ("points = 129", "points = ", r"not TOML: .*line 10"),
        ("limit = 3.0", "", r"line 12: outputs\[0\].limit is missing"),
    ],
)
def test_errors_name_the_line(tmp_path, old, new, message):
    assert old in WHOLE
    path = written(tmp_path, WHOLE.replace(old, new))
    with pytest.raises(ValueError, match=message) as error:
        read_problem(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_tones_are_needed_in_one_form(tmp_path):
    for text in ("[goal]\nmeasure = 'peak'\n", "[tones]\n", "[tones]\nharmonics = '1:3'\nfrequencies_hz = [1.0]\n"):
        with pytest.raises(ValueError, match="tones"):
            read_problem(written(tmp_path, text))


def test_what_is_not_text_is_refused(tmp_path):
    path = tmp_path / "problem.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="not UTF-8"):
        read_problem(path)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.integers(0, len(WHOLE)))
def test_any_damage_is_a_value_error(tmp_path_factory, junk, place):
    path = written(tmp_path_factory.mktemp("toml"), WHOLE[:place] + junk + WHOLE[place:])
    with contextlib.suppress(ValueError):
        read_problem(path)


def test_lines_of_repeated_tables():
    assert line_of(WHOLE, "outputs[0].limit is 3") == 14
    assert line_of(WHOLE, "outputs[1].name is") == 17
    assert line_of(WHOLE, "constraints[1].kind is") == 26
    assert line_of(WHOLE, "something else") is None
