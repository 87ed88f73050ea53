"""What the fuzz runs have found, as the smallest file that shows it. All of these are refused in one line now."""

import json
import sqlite3
from contextlib import closing
from functools import reduce
from operator import getitem
from pathlib import Path

import numpy as np
import pytest

import crestfall as cf
from crestfall.atlas import entries
from crestfall.atlas.entry import from_lines, to_lines
from crestfall.atlas.store.database import Store
from crestfall.atlas.store.improvement import Improvement
from crestfall.atlas.store.stored_tones import StoredTones
from crestfall.cli.parsing import duration
from crestfall.files import read_problem
from crestfall.files.harmonics_text import parse_harmonics
from crestfall.files.tones import read_tones
from crestfall.problem.amplitudes import AmplitudeFreedom
from crestfall.studio.draft import Draft
from crestfall.studio.limits import Limits


@pytest.fixture
def saved(tmp_path):
    """A function that saves a design, changes its record and gives the path."""

    def save(change, ending=".json"):
        path = tmp_path / f"design{ending}"
        design = cf.Design.of(cf.Multisine([100.0, 200.0]), [0.0, 1.0])
        design.save(path, overwrite=True)
        text = path.read_text("utf-8")
        path.write_text(change(text), "utf-8")
        return path

    return save


def refused(function, path, said):
    with pytest.raises(ValueError, match=r"^[^\n]*$") as caught:
        function(path)
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value), str(caught.value)
    assert len(str(caught.value)) < 1200


def test_an_integer_beyond_all_floats_as_a_limit(saved):
    outputs = [{"name": "a", "limit": 10**400, "response": 1.0}]
    path = saved(lambda text: text.replace('"problem": {', f'"problem": {{"outputs": {json.dumps(outputs)},'))
    refused(cf.load, path, "outputs[0].limit is 1000000000000")


def test_json_in_another_encoding(saved):
    path = saved(lambda text: text)
    path.write_bytes(path.read_text("utf-8").encode("utf-16"))
    refused(cf.load, path, "not UTF-8")
    path.write_bytes(path.read_bytes().decode("utf-16").encode("utf-8-sig"))
    assert cf.load(path).multisine.n == 2


WINDOW = Path(__file__).parents[1] / "files" / "version_1" / "window.json"
"""A design in a window, as version 1 saved it."""


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("starts", [1]),
        ("seconds", "long"),
        ("seed", 1.5),
        ("status", 3),
        ("complex", 1),
        ("window_s", [None, 1.0]),
        ("window_s", []),
        ("frequencies_hz", {"a": 1}),
        ("peak", 10**400),
        ("duration_s", "x"),
        ("amplitudes", "x"),
    ],
)
def test_a_window_design_of_version_1_with_a_value_of_another_kind(key, value, tmp_path):
    path = tmp_path / "window.json"
    path.write_text(json.dumps({**json.loads(WINDOW.read_text()), key: value}))
    refused(cf.load, path, "")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("design.provenance.starts", [1]),
        ("design.provenance.seconds", "long"),
        ("design.provenance.seed", 1.5),
        ("design.status", 3),
        ("problem.tones.complex", 1),
        ("problem.goal.window_s", [None, 1.0]),
        ("problem.goal.window_s", []),
        ("problem.goal.window_s", [0.0, 1e308]),
        ("problem.tones.frequencies_hz", {"a": 1}),
        ("design.peak", 10**400),
        ("problem.tones.amplitudes", "x"),
    ],
)
def test_a_window_design_with_a_value_of_another_kind(place, value, tmp_path):
    path = tmp_path / "window.json"
    problem = cf.Problem(cf.Multisine([1.0, 2**0.5]), over=cf.Window(0.0, 5.0))
    cf.Design.of(problem, [0.0, 1.0]).save(path)
    record = json.loads(path.read_text())
    *tables, key = place.split(".")
    reduce(getitem, tables, record)[key] = value
    path.write_text(json.dumps(record))
    refused(cf.load, path, "")


def test_a_window_design_without_tones(tmp_path):
    path = tmp_path / "window.json"
    path.write_text('{"format": "crestfall-window-design", "version": 1}')
    refused(cf.load, path, "missing")
    path.write_text('{"format": "crestfall", "version": 2, "problem": {}, "design": {}}')
    refused(cf.load, path, "missing")


def test_a_window_so_far_away_that_no_phase_is_left(tmp_path):
    path = tmp_path / "far.toml"
    path.write_text("[tones]\nfrequencies_hz = [1e9, 1.5e9]\n[goal]\nwindow_s = [1e12, 1.1e12]\n")
    refused(read_problem, path, "has made more than 2^52 cycles")


def test_a_response_that_overflows(tmp_path):
    path = tmp_path / "output.toml"
    path.write_text("[tones]\nfrequencies_hz = [1.0]\namplitudes = 1e200\n[[outputs]]\nlimit = 1.0\nresponse = 1e200\n")
    refused(read_problem, path, "inf")
    path.write_text(
        "[tones]\nfrequencies_hz = [1e200]\n[[outputs]]\nlimit = 1.0\n"
        "response = { numerator = [1.0], denominator = [1.0, 0.0, 1.0] }\n"
    )
    refused(read_problem, path, "response[0]")


def test_a_very_long_word_is_not_repeated(tmp_path):
    path = tmp_path / "long.toml"
    path.write_text(f"[tones]\nfrequ{'a' * 100_000} = 1\n")
    refused(read_problem, path, "is unknown")
    for parse in (parse_harmonics, duration):
        with pytest.raises(ValueError, match=r"^.{1,400}$"):
            parse("1" * 3000 + "{" * 10_000)


def test_a_problem_file_has_a_largest_size(tmp_path, monkeypatch):
    monkeypatch.setattr("crestfall.files.problem_toml.MAX_TOML", 100)
    path = tmp_path / "large.toml"
    path.write_text("[tones]\nfrequencies_hz = [1.0]\n" + "#" * 100)
    refused(read_problem, path, "are too many")


def test_subnormal_frequencies_have_no_period(tmp_path):
    path = tmp_path / "slow.csv"
    for text in ("5e-324,1\n1.5e-323,1\n", "1e-320,1\n", "1e-310,1\n2.5e-310,1\n"):
        path.write_text("frequency_hz,amplitude\n" + text)
        refused(read_problem, path, "no usable common period")
    with pytest.raises(ValueError, match="whose period is not a finite number"):
        cf.Multisine.harmonics([1, 2], 1e-310)


def test_subnormal_amplitudes_are_measured(tmp_path):
    path = tmp_path / "faint.csv"
    path.write_text("frequency_hz,amplitude,phase_rad\n1,1e-320,0\n2,5e-321,1\n3,7e-321,2\n")
    design = cf.load(path)  # it once took all the memory there is
    assert design.peak_interval[0] <= design.peak <= design.peak_interval[1] < 2.3e-320


def test_the_comment_of_a_wav_file_does_not_say_how_much_is_computed(tmp_path):
    path = tmp_path / "few.wav"
    design = cf.Design.of(cf.Multisine([100.0, 200.0]), [0.0, 1.0])
    design.save(path, sample_rate=800)
    whole = path.read_bytes()
    for periods in (b"99", b"1" + b"0" * 7, b"1" + b"0" * 400):
        at = whole.index(b'"periods": 1') + len(b'"periods": ')
        end = whole.index(b"}", whole.index(b"LIST"))
        assert at < end
        # Take as many letters from the status as the number has more, so that all lengths stay right.
        changed = whole[:at] + periods + whole[at + 1 :]
        status = changed.index(b'"status": "') + len(b'"status": "')
        surplus = len(periods) - 1
        if surplus > 30:
            continue
        path.write_bytes(changed[:status] + changed[status + surplus :])
        refused(cf.load, path, "samples")


def test_silence_names_the_file(tmp_path):
    import soundfile

    path = tmp_path / "silent.wav"
    soundfile.write(path, np.zeros(64), 6400)
    refused(read_tones, path, "samples hold no tone")


def test_a_store_with_text_that_is_none(tmp_path):
    path = tmp_path / "designs.sqlite"
    tones = StoredTones(cf.Multisine([100.0, 200.0]))
    with Store.open(path) as store:
        store.add(tones, Improvement.measured(tones, np.zeros(2), cf.Provenance("by hand")))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER " + connection.execute(GUARD).fetchone()[0])
        connection.execute("UPDATE improvement SET method = CAST(x'ff8f41' AS TEXT)")
        connection.commit()
    with Store.read(path) as store:
        refused(lambda _: store.history(tones), path, "damaged")


def test_lines_of_an_atlas():
    for text, said in (("[" * 100_000, "nested too deeply"), ("[1, 2]", "instead of an object")):
        with pytest.raises(ValueError, match=f"^atlas line 1: .*{said}"):
            from_lines(text)
    entry = json.loads(to_lines(entries()[:1]))
    for key, value, said in (
        ("peak", 10**400, "peak is 1000"),
        ("date", "2026-11-23" + "9" * 5000, "date is '2026-11-23"),
        ("kind", "x" * 5000, "kind is 'xxx"),
        ("y" * 5000, 1, "fields are unknown: "),
    ):
        with pytest.raises(ValueError, match=f"^atlas line 1: {said}.{{1,200}}$"):
            from_lines(json.dumps({**entry, key: value}))


GUARD = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%UPDATE ON improvement%'"


def test_amplitudes_next_to_the_largest_number(tmp_path):
    amplitudes = {"low": [1e300, 1e300], "high": [1.7e308, 1e300], "wanted": [True, True]}
    ms = cf.Multisine([1.0, 2.0], [1.7e308, 1e300])
    AmplitudeFreedom(*(np.array(values) for values in amplitudes.values())).require_fit(ms)


def test_a_window_of_half_a_million_oscillations_is_the_longest(tmp_path):
    path = tmp_path / "window.json"
    problem = cf.Problem(cf.Multisine([1.0, 2**0.5]), over=cf.Window(0.0, 5.0))
    cf.Design.of(problem, [0.0, 1.0]).save(path)
    text = path.read_text().replace("1.0, 1.4142135623730951", "1.0, 412110.19887010055")
    path.write_text(text)  # two million took ten seconds
    refused(cf.load, path, "shorten the window")
    path.write_text(text.replace("412110.19887010055", "1e308").replace("[0.0, 5.0]", "[0.0, 1e-320]"))
    refused(cf.load, path, "more than 2^52 cycles")


def test_a_sum_that_rounds_to_infinity():
    with pytest.raises(ValueError, match="add up to more than"):
        cf.Multisine.harmonics(range(1, 21), 5.0, 1.7976931348623157e308)


def test_four_million_extra_tones(tmp_path):
    path = tmp_path / "extra.toml"
    path.write_text('[tones]\nharmonics = "1:26"\n[[extra]]\nharmonics = "27:4194304"\nlargest = 0.3\n')
    refused(read_problem, path, "line 4: extra[0].harmonics: more than 16384 extra tones")


def test_what_a_visitor_of_the_studio_types():
    tones = '[tones]\nharmonics = "1:3"\n'
    for text, said in (
        (f"{tones}amplitudes = 1{'0' * 400}\n", "line 3: tones.amplitudes is 1000.*out of range"),
        (f"{tones}fundamental_hz = 1{'0' * 400}\n", "out of range|too large"),
        (f"{tones}{'a' * 6000} = 1\n", "is unknown"),
    ):
        with pytest.raises(ValueError, match=said) as refused:
            Draft.of_text(text, Limits())
        assert len(str(refused.value)) < 1000
    with pytest.raises(ValueError, match="amplitudes are not real numbers"):
        cf.Multisine([1.0, 2.0], [1, 10**400])
