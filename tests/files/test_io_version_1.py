"""Files of version 1, written before problems and designs were one: the same phases and figures come back.

``version_1`` holds files that the last version with that format wrote, and ``expected.json`` what it computed itself.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import crestfall as cf
from crestfall.files import read_problem

FOLDER = Path(__file__).parent / "version_1"
EXPECTED = json.loads((FOLDER / "expected.json").read_text("utf-8"))
FILES = sorted(path.name for path in FOLDER.iterdir() if path.name != "expected.json")


def turned(phases):
    return np.exp(1j * np.asarray(phases))


def expected_of(name):
    return EXPECTED[name.removesuffix(".json") if name.endswith(".i16.json") else name]


@pytest.mark.parametrize("name", FILES)
def test_phases_and_figures_come_back(name):
    design, expected = cf.load(FOLDER / name), expected_of(name)
    for row, phases, peaks, factors in zip(
        design.channels, expected["phases_rad"], expected["peaks"], expected["crest_factors"], strict=True
    ):
        for one, angles, peak, crest_factor in zip(row, phases, peaks, factors, strict=True):
            np.testing.assert_allclose(turned(one.phases), turned(angles), atol=1e-12)
            assert one.peak == pytest.approx(peak, rel=1e-12)
            assert one.crest_factor == pytest.approx(crest_factor, rel=1e-12)
    assert design.status == expected["status"]
    if len(expected["shares"]) == 1:  # of a set: its worst
        assert design.worst.share == pytest.approx(expected["shares"][0], rel=1e-12)
    elif expected["shares"]:
        shares = sorted(report.share for report in design.signals)
        assert shares == pytest.approx(sorted(expected["shares"]), rel=1e-12)


@pytest.mark.parametrize("name", FILES)
def test_they_are_saved_as_version_2_and_come_back_equal(name, tmp_path):
    design = cf.load(FOLDER / name)
    design.save(tmp_path / "new.json")
    assert json.loads((tmp_path / "new.json").read_text("utf-8"))["version"] == 2
    assert cf.load(tmp_path / "new.json") == design


@pytest.mark.parametrize("name", FILES)
def test_a_search_can_go_on_from_them(name):
    problem = read_problem(FOLDER / name)
    assert problem.tones.n == cf.load(FOLDER / name).multisine.n
    channels = problem.channels
    begun = channels.initial_phases if getattr(channels, "phases", "") == "own" else problem.multisine.initial_phases
    assert begun is not None


def test_what_they_were_for_comes_back():
    limited = cf.load(FOLDER / "limited.json").problem
    assert [(output.name, output.limit) for output in limited.outputs] == [("voltage", 3.0), ("current", 0.5)]
    assert limited.phases == (cf.Hold({0: 0.5}), cf.Link((1, 2), (0.0, 0.25)))
    samples = cf.load(FOLDER / "samples.json").problem
    assert (samples.over, samples.measure) == (cf.Samples(64), "range")
    assert samples.phases == (cf.Delays([[0, 1], [2, 3]], [0.1] * 4),)
    assert cf.load(FOLDER / "mirror.json").problem.phases == (cf.ConjugateSymmetric(),)
    assert cf.load(FOLDER / "alphabet.json").problem.alphabet == 4
    assert cf.load(FOLDER / "custom.json").problem.phases == ()  # named in version 1, but not stored
    assert cf.load(FOLDER / "proven.json").proven_peak_bound > 0
    window = cf.load(FOLDER / "window.json").problem
    assert (window.over, window.phases) == (cf.Window(0.013, 0.1), (cf.Hold({0: 0.5}),))
    assert not window.multisine.has_period
    own = cf.load(FOLDER / "own.json").problem.channels
    assert (own.names, own.limits, own.matrix, own.phases) == (("x", "y", "z"), (1.0, 2.0, 3.0), "chirp", "own")
    common = cf.load(FOLDER / "common.json").problem.channels
    assert (common.phases, common.matrix, common.amplitudes) == ("common", "hadamard", None)
    apart = cf.load(FOLDER / "interleaved.json").problem
    assert (apart.channels.names, apart.measure) == (("left", "right"), "range")
    assert apart.multisine.frequencies.tolist() == [200.0, 400.0, 300.0, 900.0, 1500.0]


@pytest.mark.parametrize("name", ["free.json", "free.csv"])
def test_free_amplitudes_come_back_as_a_tolerance_and_extra_tones(name):
    design = cf.load(FOLDER / name)
    problem = design.problem
    np.testing.assert_allclose(problem.tolerance_db, [0.5, 0.5, 0.0, 1.0], atol=1e-12)
    np.testing.assert_allclose(problem.multisine.amplitudes, [1.0, 0.5, 2.0, 0.1], rtol=1e-14)
    assert problem.extra == cf.ExtraTones([200.0, 500.0], [0.3, 0.2])
    record = json.loads((FOLDER / "free.json").read_text("utf-8"))
    assert design.multisine.amplitudes.tolist() == record["amplitudes"]


def changed(name, change, folder):
    record = json.loads((FOLDER / name).read_text("utf-8"))
    change(record)
    path = folder / name
    path.write_text(json.dumps(record))
    return path


def turn_one(record):
    """A sign for one signal changes no peak, but takes the orthogonality."""
    one = record["designs"][1][0]
    one["phases_rad"] = [phase + np.pi for phase in one["phases_rad"]]


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("plain.json", lambda r: r.update(version=2), "version is 2"),
        ("plain.json", lambda r: r["phases_rad"].__setitem__(0, 0.0), "peak is"),
        ("plain.json", lambda r: r.update(crest_factor=1.0), "crest_factor is 1.0"),
        ("plain.json", lambda r: r.pop("peak"), "peak is missing"),
        ("plain.json", lambda r: r.update(more=1), "more is unknown"),
        ("plain.json", lambda r: r["provenance"].pop("method"), "design.provenance.method is missing"),
        ("limited.json", lambda r: r["goal"]["outputs"][0].update(limit=0), "outputs[0].limit is 0"),
        ("free.json", lambda r: r["goal"]["amplitudes"].update(low=[1.0]), "goal.amplitudes: give low, high"),
        ("free.json", lambda r: r["amplitudes"].__setitem__(0, 3.0), "design.amplitudes: amplitudes[0] is 3.0"),
        ("window.json", lambda r: r.update(duration_s=0.2), "peak is"),
        ("window.json", lambda r: r.update(window_s=[0.0]), "window_s is [0.0]; it must be a list of 2"),
        (
            "own.json",
            lambda r: r["designs"][1][2]["phases_rad"].__setitem__(0, 0.0),
            "designs[1][2]: its phases are not",
        ),
        ("own.json", turn_one, "its phases are not those of an orthogonal set"),
        ("own.json", lambda r: r.update(worst_share=r["worst_share"] * 0.99), "figure_value is"),
        ("own.json", lambda r: r.update(limits=[1.0, 2.0]), "must be as many as the 3 inputs"),
        ("own.json", lambda r: r.update(names=["x", "x", "y"]), "two inputs are called 'x'"),
        ("own.json", lambda r: r.update(matrix="magic"), "matrix is 'magic'"),
        ("own.json", lambda r: r.update(kind="interleaved"), "a list for each input"),
        ("own.json", lambda r: r["designs"].pop(), "a list for each input"),
        ("own.json", lambda r: r["designs"][0].__setitem__(1, r["designs"][1][1]), "the same tones in all experiments"),
        ("own.json", lambda r: r["designs"][0].__setitem__(1, 5), "designs[0][1] is 5"),
        ("interleaved.json", lambda r: r["designs"].__setitem__(1, r["designs"][0]), "a frequency occurs twice"),
    ],
)
def test_what_was_changed_is_refused(name, change, words, tmp_path, error_of):
    path = changed(name, change, tmp_path)
    assert words in error_of(ValueError, path, cf.load, path)
