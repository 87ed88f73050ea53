"""The JSON format: strict, versioned, measured again."""

import json

import pytest

import crestfall as cf
from crestfall.files import load, save

REFUSED = [
    ("version", 2, "version is 2; this crestfall reads version 1"),
    ("version", True, "version is True"),
    ("format", "other", "format is 'other'"),
    ("phases_rad", [1.0, 2.0], "phases_rad has 2 values, but frequencies_hz has 4"),
    ("amplitudes", [1.0, 0.5, 2.0, "0.1"], "amplitudes[3] is '0.1'"),
    ("amplitudes", [1.0, 0.5, 2.0, True], "amplitudes[3] is True"),
    ("amplitudes", [1.0, 0.5, -2.0, 0.1], "amplitudes[2] is -2"),
    ("amplitudes", 1.0, "amplitudes is 1.0; it must be a list"),
    ("phases_rad", [1.0, 2.0, 3.0, 10**400], "phases_rad holds an integer too large"),
    ("phases_rad", [1.0, 2.0, 3.0, None], "phases_rad[3] is None"),
    ("frequencies_hz", [], "frequencies_hz has 0 values"),
    ("frequencies_hz", [-100.0, 300.0, 400.0, 900.0], "frequencies_hz[0] is -100.0; a real tone"),
    ("frequencies_hz", [100.0, 300.0, 401.0, 900.0], "frequencies_hz[2] is 401.0, not a whole multiple"),
    ("frequencies_hz", [200.0, 600.0, 800.0, 1800.0], "the largest common divisor of frequencies_hz is 200.0"),
    ("fundamental_hz", 0.0, "fundamental_hz is 0.0"),
    ("fundamental_hz", 1e-320, "not a whole multiple of fundamental_hz"),
    ("fundamental_hz", "100", "fundamental_hz is '100'"),
    ("initial_phases_rad", [1.0], "initial_phases_rad has 1 values"),
    ("complex", "no", "complex is 'no'"),
    ("status", None, "status is None"),
    ("crest_factor", 1.0, "crest_factor is 1.0, but its phases give"),
    ("crest_factor", None, "crest_factor is None"),
    ("peak", 10**400, "peak is an integer too large"),
    ("provenance", [], "provenance is []; it must be a mapping"),
    ("provenance", {"method": "m"}, "key 'seed' is missing in provenance"),
]


def changed(path, **values):
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | values))


@pytest.fixture
def path(design, tmp_path):
    save(design, tmp_path / "design.json")
    return tmp_path / "design.json"


def test_any_json_reader_finds_the_figures(design, path):
    record = json.loads(path.read_text(encoding="utf-8"))
    for key, value in design.summary().items():
        assert record[key] == value
    assert (record["format"], record["version"]) == ("crestfall-design", 1)
    assert record["fundamental_hz"] == 100.0
    assert record["initial_phases_rad"] is None
    assert record["provenance"]["history"] == [[0.1, 1.9], [0.2, 1.8]]
    assert "≤ 5 %" in path.read_text(encoding="utf-8")


def test_what_is_not_finite_is_null(tmp_path):
    cf.Design.of(cf.Multisine([1.0, 1.0]), [0.0, 1e-5 + 3.14159]).save(tmp_path / "gap.json")

    def refuse(constant):
        raise AssertionError(constant)

    assert json.loads((tmp_path / "gap.json").read_text(), parse_constant=refuse)["gap"] is None


@pytest.mark.parametrize(("key", "value", "said"), REFUSED)
def test_a_wrong_value_is_named(key, value, said, path, error_of):
    changed(path, **{key: value})
    assert said in error_of(ValueError, path, load, path)


@pytest.mark.parametrize("key", ["version", "phases_rad", "provenance", "initial_phases_rad", "gap"])
def test_a_missing_key_is_named(key, path, error_of):
    record = json.loads(path.read_text())
    del record[key]
    path.write_text(json.dumps(record))
    assert key in error_of(ValueError, path, load, path)


def test_an_unknown_key_is_named(path, error_of):
    changed(path, phase_deg=[1, 2])
    assert "key 'phase_deg' is unknown" in error_of(ValueError, path, load, path)


def test_a_wrong_provenance_is_named(path, error_of):
    provenance = json.loads(path.read_text())["provenance"]
    for key, value in [("seed", 1.5), ("starts", None), ("goal_samples", 0), ("history", [[1]]), ("method", 3)]:
        changed(path, provenance=provenance | {key: value})
        assert f"provenance.{key} is" in error_of(ValueError, path, load, path)


def test_figures_may_differ_by_rounding_but_not_by_more(design, path, error_of):
    changed(path, peak=design.peak * (1 + 1e-10))
    assert load(path) == design
    changed(path, peak=design.peak * (1 + 1e-8))
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
