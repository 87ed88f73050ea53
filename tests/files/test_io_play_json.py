"""JSON to be played, with its checksum: verified by ``hashlib`` and ``json`` alone, and damaged."""

import contextlib
import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.files import load, read_problem, save
from crestfall.files.play_json import read_play


def limited():
    ms = cf.Multisine.harmonics([1, 2, 5], 0.1, [1.0, 0.5, 0.3])
    problem = cf.Problem(ms, outputs=[cf.Output(limit=2.0, name="elevator"), cf.slew_rate(3.0)])
    return cf.Design.of(problem, [0.0, 1.0, 2.0])


def test_samples_tones_and_limits(tmp_path):
    design = limited()
    save(design, tmp_path / "a.play.json", cf.Playback(rate=50.0, level="1.2 V", offset=0.05))
    record = json.loads((tmp_path / "a.play.json").read_text("ascii"))
    content = record.pop("content")
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    assert record == {"format": "crestfall-play", "version": 1, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    whole = (tmp_path / "a.play.json").read_bytes()
    plain = whole.partition(b'{"content":')[2].partition(b',"format":"crestfall-play"')[0]
    assert hashlib.sha256(plain).hexdigest() == record["sha256"]  # without a JSON library
    (signal,), (tones,) = content["signals"], content["tones"]
    times = np.arange(content["samples_each"]) / content["rate_hz"]
    angles = 2 * np.pi * np.outer(times, tones["frequencies_hz"]) + tones["phases_rad"]
    assert (content["rate_hz"], content["samples_each"], content["periods"]) == (50.0, 500, 1)
    np.testing.assert_allclose(signal["samples_v"], 0.05 + np.cos(angles) @ tones["amplitudes_v"], atol=1e-12)
    limits = {each["name"]: each for each in content["limits"]}
    assert (limits["elevator"]["limit"], limits["elevator"]["peak"]) == (2.0, pytest.approx(1.25))  # with the offset
    speed = np.sin(angles) @ (2 * np.pi * np.array(tones["frequencies_hz"]) * tones["amplitudes_v"])
    assert limits["slew rate"]["peak"] == pytest.approx(np.max(np.abs(speed)), rel=1e-2)


def test_tones_only(tmp_path):
    save(limited(), tmp_path / "a.play.json", tones_only=True)
    content = read_play(tmp_path / "a.play.json")
    assert content["signals"] == []
    assert content["tones"][0]["frequencies_hz"] == [0.1, 0.2, 0.5]


def test_it_comes_back_and_a_search_goes_on_from_it(design, tmp_path):
    save(design, tmp_path / "a.play.json", cf.Playback(rate=9000.0, level=0.1))
    assert load(tmp_path / "a.play.json") == design
    assert read_problem(tmp_path / "a.play.json").multisine.initial_phases.tolist() == design.phases.tolist()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("play") / "a.play.json"
    save(limited(), path, cf.Playback(rate=20.0))
    return path.read_bytes()


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, 10**9), byte=st.integers(32, 126))
def test_no_changed_byte_is_taken(place, byte, written, tmp_path_factory):
    path = tmp_path_factory.mktemp("changed") / "a.play.json"
    data = bytearray(written)
    place %= len(data)
    data[place] = byte
    path.write_bytes(data)
    with contextlib.suppress(ValueError):  # else another way to write the same: 1E-05 for 1e-05
        assert read_play(path) == json.loads(written)["content"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: r["content"]["signals"][0]["samples_v"].__setitem__(3, 0.5), "changed after it was written"),
        (lambda r: r["content"].update(rate_hz=21.0), "do not play it"),
        (lambda r: r.update(sha256="0" * 64), "the file says 000000000000"),
        (lambda r: r.update(version=2), "version is 2"),
        (lambda r: r.update(format="other"), "format is 'other'"),
        (lambda r: r.pop("sha256"), "sha256 is missing"),
        (lambda r: r.update(content=[]), "content or sha256 is missing"),
    ],
)
def test_what_was_changed_is_not_played(change, words, written, tmp_path, error_of):
    record, path = json.loads(written), tmp_path / "a.play.json"
    change(record)
    path.write_text(json.dumps(record))
    for read in (read_play, load):
        assert words in error_of(ValueError, path, read, path)
