"""The JSON format: strict, versioned, measured again."""

import json

import pytest

import crestfall as cf
from crestfall.files import load, save

TONES, DESIGN = ("problem", "tones"), ("design",)
REFUSED = [
    ((), "version", 3, "version is 3; this crestfall reads version 2"),
    ((), "version", True, "version is True"),
    ((), "format", "other", "format is 'other'"),
    ((), "problem", 3, "problem is 3; it must be a table"),
    (DESIGN, "phases_rad", [1.0, 2.0], "design.phases_rad has 2 values, but there are 4 tones"),
    (DESIGN, "phases_rad", [[1.0] * 4, 2.0], "design.phases_rad has numbers and lists"),
    (DESIGN, "phases_rad", [[1.0] * 4], "phases have shape (1, 4)"),
    (DESIGN, "phases_rad", [1.0, 2.0, 3.0, 10**400], "design.phases_rad[3] is 1"),
    (DESIGN, "phases_rad", [1.0, 2.0, 3.0, None], "design.phases_rad[3] is None; it must be a number or a list"),
    (DESIGN, "amplitudes", [1.0, 0.5, 2.0, "0.1"], "design.amplitudes[3] is '0.1'; it must be a number"),
    (DESIGN, "amplitudes", [1.0, 0.5, 2.0, 0.2], "design.amplitudes are not those of the problem"),
    (DESIGN, "amplitudes", [1.0, 0.5], "design.amplitudes has 2 values, but there are 4 tones"),
    (TONES, "amplitudes", [1.0, 0.5, 2.0, True], "problem.tones.amplitudes[3] is True"),
    (TONES, "amplitudes", [1.0, 0.5, -2.0, 0.1], "amplitudes[2] is -2"),
    (TONES, "amplitudes", "loud", "problem.tones.amplitudes: amplitudes is 'loud'; give flat"),
    (TONES, "frequencies_hz", [], "frequencies_hz has 0 values"),
    (TONES, "frequencies_hz", [-100.0, 300.0, 400.0, 900.0], "frequencies_hz[0] is -100.0; a real tone"),
    (TONES, "frequencies_hz", [100.0, 300.0, 401.0, 900.0], "frequencies_hz[2] is 401.0, not a whole multiple"),
    (TONES, "frequencies_hz", [200.0, 600.0, 800.0, 1800.0], "largest common divisor of frequencies_hz is 200.0"),
    (TONES, "fundamental_hz", 0.0, "fundamental_hz is 0.0"),
    (TONES, "fundamental_hz", 1e-320, "not a whole multiple of fundamental_hz"),
    (TONES, "fundamental_hz", "100 V", "problem.tones.fundamental_hz is '100 V'; give a frequency"),
    (TONES, "phases_rad", [1.0], "initial_phases have length 1"),
    (TONES, "complex", "no", "problem.tones.complex is 'no'; it must be true or false"),
    (TONES, "phase_deg", [1, 2], "problem.tones.phase_deg is unknown; known are harmonics, frequencies_hz"),
    (DESIGN, "phase_deg", [1, 2], "design.phase_deg is unknown; known are phases_rad, amplitudes"),
    ((), "note", 1, "note is unknown; known are format, version, problem, design"),
    (DESIGN, "status", None, "design.status is None; it must be a text"),
    (DESIGN, "crest_factor", 1.0, "design.crest_factor is 1.0, but its phases give"),
    (DESIGN, "crest_factor", None, "design.crest_factor is None, but its phases give"),
    (DESIGN, "figure_value", 1.0, "design.figure_value is 1.0, but its phases give"),
    (DESIGN, "figure_value", None, "design.figure_value is None, but its phases give"),
    (DESIGN, "peak", 10**400, "design.peak is 1"),
    (DESIGN, "proven_peak_bound", 99.0, "proven_peak_bound is 99.0, but these phases have a peak of at most"),
    (DESIGN, "provenance", [], "design.provenance is []; it must be a table"),
    (DESIGN, "provenance", {"method": "m"}, "design.provenance.seed is missing"),
]


def at(record, where):
    for key in where:
        record = record[key]
    return record


def changed(path, where, **values):
    record = json.loads(path.read_text())
    at(record, where).update(values)
    path.write_text(json.dumps(record))


@pytest.fixture
def path(design, tmp_path):
    save(design, tmp_path / "design.json")
    return tmp_path / "design.json"


def test_any_json_reader_finds_the_figures(design, path):
    record = json.loads(path.read_text(encoding="utf-8"))
    summary = design.summary()
    kept = record["design"].keys() & summary.keys()
    assert {"phases_rad", "amplitudes", "peak", "peak_interval", "crest_factor", "papr_db", "figure", "gap"} < kept
    for key in kept:
        assert record["design"][key] == summary[key]
    assert (record["format"], record["version"]) == ("crestfall", 2)
    assert record["problem"]["tones"]["frequencies_hz"] == summary["frequencies_hz"]
    assert record["problem"]["tones"]["fundamental_hz"] == 100.0
    assert "phases_rad" not in record["problem"]["tones"]
    assert record["design"]["provenance"]["history"] == [[0.1, 1.9], [0.2, 1.8]]
    assert "≤ 5 %" in path.read_text(encoding="utf-8")


def test_what_is_not_finite_is_null(tmp_path):
    cf.Design.of(cf.Multisine([1.0, 1.0]), [0.0, 1e-5 + 3.14159]).save(tmp_path / "gap.json")

    def refuse(constant):
        raise AssertionError(constant)

    record = json.loads((tmp_path / "gap.json").read_text(), parse_constant=refuse)
    assert record["design"]["gap"] is None


@pytest.mark.parametrize(("where", "key", "value", "said"), REFUSED)
def test_a_wrong_value_is_named(where, key, value, said, path, error_of):
    changed(path, where, **{key: value})
    assert said in error_of(ValueError, path, load, path)


@pytest.mark.parametrize(
    ("where", "key"),
    [
        ((), "version"),
        ((), "problem"),
        ((), "design"),
        (DESIGN, "phases_rad"),
        (DESIGN, "provenance"),
        (DESIGN, "peak"),
        (DESIGN, "figure_value"),
        (("problem",), "tones"),
    ],
)
def test_a_missing_key_is_named(where, key, path, error_of):
    record = json.loads(path.read_text())
    del at(record, where)[key]
    path.write_text(json.dumps(record))
    assert ".".join((*where, key)) in error_of(ValueError, path, load, path)


def test_a_wrong_provenance_is_named(path, error_of):
    provenance = json.loads(path.read_text())["design"]["provenance"]
    for key, value in [("seed", 1.5), ("starts", None), ("seconds", "x"), ("method", 3)]:
        changed(path, DESIGN, provenance=provenance | {key: value})
        assert f"design.provenance.{key} is" in error_of(ValueError, path, load, path)
    changed(path, DESIGN, provenance=provenance | {"history": [[1]]})
    assert "design.provenance.history[0] is [1]; it must be a list of 2" in error_of(ValueError, path, load, path)


def test_figures_may_differ_by_rounding_but_not_by_more(design, path, error_of):
    changed(path, DESIGN, peak=design.peak * (1 + 1e-10))
    assert load(path) == design
    changed(path, DESIGN, peak=design.peak * (1 + 1e-8))
    assert "was changed after it was saved" in error_of(ValueError, path, load, path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "[1, 2]",
        "null",
        '"crestfall-design"',
        '{"format": "crestfall-design", "version": 1',
        '{"format": "crestfall-design", "version": 1, "peak": NaN}',
        '{"format": "crestfall", "version": 2}',
        '{"format": ["crestfall"], "version": 2}',
        '{"format": "crestfall-design-set", "version": 1, "designs": []}',
        '{"format": "crestfall-design", "format": "crestfall-design"}',
        "[" * 100_000,
        "1" * 10_000,
        b"\xff\xfe\x00",
        b"\x80",
    ],
)
def test_garbage_is_refused_in_one_line(text, tmp_path, error_of):
    path = tmp_path / "garbage.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    error_of(ValueError, path, load, path)
