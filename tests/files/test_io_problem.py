"""Problem files: what they can say, and which line is wrong."""

import contextlib
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.files import problem_from_text, problem_to_text, read_problem
from crestfall.files.problem_toml import line_of

EXAMPLES = Path(__file__).parents[2] / "examples"
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
    ms = problem.multisine
    assert ms.frequencies.tolist() == [10.0, 20.0, 30.0, 40.0, 70.0]
    assert ms.initial_phases.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert (problem.measure, problem.over) == ("range", cf.Samples(128))
    assert [(output.name, output.limit) for output in problem.outputs] == [("voltage", 3.0), ("current", 0.5)]
    s = 2j * np.pi * ms.frequencies
    np.testing.assert_allclose(problem.outputs[1].responses(ms), 1 / (0.001 * s + 2.0))
    assert problem.phase_map.n_free == 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"1:4,7"', '"1:x"', "line 3: tones.harmonics: harmonics is '1:x'"),
        ("[1.0, 0.5, 0.5, 1.0, 0.2]", "[1.0, -0.5, 0.5, 1.0, 0.2]", r"line 5: tones.amplitudes: amplitudes\[1\] is"),
        ("fundamental_hz = 10.0", "fundamental_hz = -1", "line 4: tones.fundamental_hz"),
        ("[0.0, 1.0, 2.0, 3.0, 4.0]", "[0.0]", "line 6: tones.phases_rad"),
        ('"range"', '"volume"', "line 9: goal.measure is 'volume'"),
        ("limit = 0.5", "limit = 0", r"line 18: outputs\[1\].limit is 0; a limit must be above 0"),
        ("denominator = [0.001, 2.0]", 'denominator = "x"', r"line 19: outputs\[1\].response.denominator is"),
        ('kind = "hold"', 'kind = "wish"', r"line 22: constraints\[0\].kind is 'wish'"),
        ("tones = [1, 2]", "tones = [1.5]", r"line 27: constraints\[1\].tones\[0\] is 1.5; it must be an integer"),
        ("tones = [1, 2]", "tones = [0, 9]", "link: 9 is not a tone"),
        ("[goal]", "[gaol]", "line 8: gaol is unknown"),
        ("points = 129", "loudness = 1", "line 10: goal.loudness is unknown"),
        ("[goal]", "[effort]", r"line 8: effort is not part of a problem, .* \(--time-limit\), .*, effort=…\), or in"),
        ("points = 129", "prove = true", r"line 10: goal.prove is not part of a problem, .* \(--prove\), .*prove=…"),
        ("points = 129", "time_limit_s = 3", r"line 10: goal.time_limit_s is not .* \(--time-limit\)"),
        (
            "points = 129",
            "method = 'l2p'",
            r"line 10: goal.method is not .*--method\), .*\(problem, method=",
        ),
        ("points = 129", "use_atlas = false", r"line 10: goal.use_atlas is not .* \(--no-atlas\)"),
        ("points = 129", "dtype = 'float32'", r"line 10: goal.dtype is not .* option of the command, in Python"),
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


def test_what_was_asked_is_called_before_anything_is_built():
    def refuse(data):
        raise ValueError(f"tones.harmonics: {data['tones']['harmonics']} are too many here")

    with pytest.raises(ValueError, match=r"line 2: tones\.harmonics: 1:999999999 are too many here"):
        problem_from_text('[tones]\nharmonics = "1:999999999"\n', refuse)


@pytest.mark.parametrize(
    ("goal", "over"),
    [
        ("sample_rate_hz = 1024.0", cf.Samples(rate=1024.0)),
        ("samples = 64", cf.Samples(64)),
        ("points = 65", cf.Samples(64)),
        ("window_s = [0.5, 0.75]", cf.Window(0.5, 0.25)),
        ("", cf.Period()),
    ],
)
def test_the_times_that_count(goal, over):
    assert problem_from_text(f"[tones]\nharmonics = '1:4'\n[goal]\n{goal}\n").over == over


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[goal]\nsamples = 64\nwindow_s = [0, 1]\n", "line 5: goal.window_s cannot be combined with goal.samples"),
        ("[goal]\nwindow_s = [1, 0]\n", r"line 4: goal.window_s: \[1.0, 0.0\] must end after its beginning"),
        ("[goal]\nwindow_s = [1]\n", r"line 4: goal.window_s is \[1\]; write beginning and end in seconds"),
        ("[goal]\nwindow_s = [0.0, inf]\n", r"line 4: goal.window_s\[1\] is inf; it must be a finite number"),
        ("[goal]\nwindow_duration_s = 1.0\n", "line 4: goal.window_duration_s goes with goal.window_s"),
        ("[goal]\nsamples = 0\n", "line 4: goal.samples is 0; it must be an integer from 1"),
        ("[goal]\nalphabet = 1\n", "line 4: goal.alphabet is 1; give an integer from 2 to 1048576"),
        ("[goal]\nsample_rate_hz = true\n", "line 4: goal.sample_rate_hz is True"),
        (
            "[goal]\nwindow_s = [0, 1]\n[[outputs]]\nlimit = 1\n",
            "line 4: goal.window_s: a window cannot be combined with outputs",
        ),
        (
            "[goal]\nstart_at_zero = true\nsamples = 64\n",
            "line 4: goal.start_at_zero: start_at_zero cannot be combined with samples that count",
        ),
        ("[[extra]]\nharmonics = '5:7'\n", r"line 3: extra\[0\].largest is missing"),
        ("[[extra]]\nharmonics = '2:3'\nlargest = 1\n", r"line 3: extra: extra tones: frequencies\[0\] is 2 Hz"),
        ("[[extra]]\nharmonics = '5:7'\nlargest = 0\n", r"line 5: extra\[0\].largest: extra tones: largest\[0\] is 0"),
        ("tolerance_db = 'x'\n", "line 3: tones.tolerance_db is 'x'; give a number of decibels"),
    ],
)
def test_what_makes_no_problem_is_named(text, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        problem_from_text("[tones]\nharmonics = '1:4'\n" + text)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_example_is_read_and_written_again(path):
    problem = read_problem(path)
    text = problem_to_text(problem)
    assert problem_from_text(text) == problem
    assert problem_to_text(problem_from_text(text)) == text


def test_a_file_is_read_and_parsed_once(tmp_path, monkeypatch):
    import tomllib

    opened, parsed = [], []
    loads, read_bytes = tomllib.loads, Path.read_bytes
    monkeypatch.setattr(tomllib, "loads", lambda text: parsed.append(text) or loads(text))
    monkeypatch.setattr(Path, "read_bytes", lambda path: opened.append(path) or read_bytes(path))
    path = written(tmp_path, WHOLE)
    read_problem(path)
    assert (opened, len(parsed)) == ([path], 1)


@pytest.mark.parametrize("ending", [".json", ".npz", ".csv", ".mat", ".wav"])
def test_a_saved_design_is_read_once_and_certified_once(tmp_path, monkeypatch, ending):
    from crestfall.design import signal_report

    path = tmp_path / f"design{ending}"
    cf.Design.of(cf.Multisine([100.0, 200.0, 300.0]), [0.0, 1.0, 2.0]).save(path)
    opened, certified = [], []
    read_bytes, drive_maximum = Path.read_bytes, signal_report.drive_maximum
    monkeypatch.setattr(Path, "read_bytes", lambda path: opened.append(path) or read_bytes(path))
    monkeypatch.setattr(signal_report, "drive_maximum", lambda *args: certified.append(args) or drive_maximum(*args))
    read_problem(path)
    assert (opened, len(certified)) == ([path], 1)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.integers(0, len(WHOLE)))
def test_any_damage_is_a_value_error(tmp_path_factory, junk, place):
    path = written(tmp_path_factory.mktemp("toml"), WHOLE[:place] + junk + WHOLE[place:])
    with contextlib.suppress(ValueError):
        read_problem(path)


@pytest.mark.parametrize("part", ["a", '"a"', "'a'", '"a\\"b"', "a . a"])
@pytest.mark.parametrize("wrapped", ["{} = 1\n", "[{}]\n", "[[{}]]\n", "x = {{ {} = 1 }}\n"])
def test_a_key_of_thousands_of_parts_is_refused_at_once(part, wrapped):
    text = "# a file\n" + wrapped.format(".".join([part] * 20_000))
    begin = process_time()
    with pytest.raises(ValueError, match=r"^line 2: a key has more than 64 parts"):
        problem_from_text(text)
    assert process_time() - begin < 1.0  # the parser takes 15 s


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "{a = " * 100_000])
def test_what_is_nested_deeply_is_refused(text):
    with pytest.raises(ValueError, match=r"^not TOML: lists or tables are nested too deeply"):
        problem_from_text(text)


LONG = {
    "quotes": lambda size: '"' * size,
    "escapes": lambda size: '"\\' * size,
    "letters": lambda size: "a" * size,
    "many dots": lambda size: "a." * 63 + "b " * (size // 10),
    "numbers": lambda size: "1.5, " * (size // 10),
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_looking_for_long_keys_takes_linear_time(text):
    """Eight times the text takes eight times as long, not sixty-four times; the rest is for a busy machine."""
    assert processor_time(text(800_000)) < 24.0 * processor_time(text(100_000)) + 0.1


def processor_time(text):
    begin = process_time()
    with pytest.raises(ValueError, match=r"^not TOML"):
        problem_from_text(text)
    return process_time() - begin


def test_text_with_dots_is_no_long_key():
    text = "# 1.2.3.4.5.6.7.8.9\n[tones]\nfrequencies_hz = [1.5,2.5,3.5]\n[[outputs]]\nlimit = 1\nname = '" + "a. " * 40
    assert problem_from_text(text + "'\n").outputs[0].name == "a. " * 40


def test_lines_of_repeated_tables():
    assert line_of(WHOLE, "outputs[0].limit is 3") == 14
    assert line_of(WHOLE, "outputs[1].name is") == 17
    assert line_of(WHOLE, "constraints[1].kind is") == 26
    assert line_of(WHOLE, "something else") is None
