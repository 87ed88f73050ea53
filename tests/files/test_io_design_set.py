"""Sets of designs in files: exact round trips, other readers, and nothing that was changed on the way."""

import contextlib
import csv
import json
from io import BytesIO

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import wavfile

import crestfall as cf
from crestfall.files import riff
from crestfall.files.design_set import is_set, load_set, save_set


@pytest.fixture
def orthogonal():
    rng = np.random.default_rng(3)
    tones = [
        cf.Multisine.harmonics([1, 3, 4, 9], 100.0, rng.uniform(0.1, 2.0, 4), initial_phases=[0.0, 1.0, 2.0, 3.0])
        for _ in range(3)
    ]
    return cf.DesignSet.orthogonal(
        tones, rng.uniform(0, 7, (3, 4)), matrix="dft", names=["x", "y", 'z, "last"'], limits=[1.0, 2.0, 3.0]
    )


@pytest.fixture
def interleaved():
    inputs = [cf.Multisine([200.0, 400.0]), cf.Multisine([300.0, 900.0, 1500.0], [1.0, 0.5, 0.2])]
    return cf.DesignSet.interleaved(inputs, [[0.1, 0.2], [0.3, 0.4, 0.5]], names=["left", "right"], measure="range")


@pytest.mark.parametrize("ending", [".json", ".npz", ".JSON"])
@pytest.mark.parametrize("kind", ["orthogonal", "interleaved"])
def test_a_set_comes_back_equal(kind, ending, request, tmp_path):
    found = request.getfixturevalue(kind)
    path = tmp_path / "new" / f"set{ending}"
    found.save(path)
    again = cf.DesignSet.load(path)
    assert again == found
    assert hash(again) == hash(found)
    assert again.summary() == found.summary()
    assert again.designs[1][0].multisine.initial_phases is None or kind == "orthogonal"


def test_a_complex_set_comes_back_equal(tmp_path):
    ms = cf.Multisine.harmonics([-3, 0, 1, 4], 250.0, complex=True)
    found = cf.DesignSet.orthogonal([ms] * 2, [[0.0, 1.0, 2.0, 3.0]] * 2, sharing="common")
    for ending in (".json", ".npz"):
        found.save(tmp_path / f"set{ending}")
        assert cf.DesignSet.load(tmp_path / f"set{ending}") == found
    for ending in (".csv", ".wav"):
        with pytest.raises(ValueError, match="the channels are complex"):
            found.save(tmp_path / f"set{ending}")
        assert not (tmp_path / f"set{ending}").exists()


def test_what_is_found_keeps_its_certificate(tmp_path):
    found = cf.orthogonal_set(cf.Multisine.harmonics(range(1, 10)), 3, matrix="chirp", starts=8)
    found.save(tmp_path / "set.json")
    again = cf.DesignSet.load(tmp_path / "set.json")
    assert again.status == found.status
    assert again.designs[0][0].provenance == found.designs[0][0].provenance
    assert again.certificates[0].is_stationary


def test_files_are_not_replaced_unless_told(orthogonal, tmp_path):
    for ending in (".json", ".npz", ".csv", ".wav"):
        path = tmp_path / f"set{ending}"
        path.write_text("mine")
        with pytest.raises(FileExistsError, match="exists"):
            orthogonal.save(path)
        assert path.read_text() == "mine"
        orthogonal.save(path, overwrite=True)
        assert path.read_bytes() != b"mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["set.csv", "set.json", "set.npz", "set.wav"]


def test_a_table_of_samples(orthogonal, interleaved, tmp_path):
    interleaved.save(tmp_path / "a.csv", sample_rate=6400.0, periods=2, peak=0.5)
    with (tmp_path / "a.csv").open(newline="") as stream:
        header, *rows = list(csv.reader(stream))
    values = np.array(rows, dtype=float)
    assert header == ["time_s", "left", "right"]
    np.testing.assert_allclose(values[:, 0], np.arange(128) / 6400)
    left = np.cos(2 * np.pi * np.outer(values[:, 0], [200.0, 400.0]) + [0.1, 0.2]).sum(axis=1)
    factor = values[0, 1] / left[0]
    np.testing.assert_allclose(values[:, 1], factor * left, atol=1e-12)
    right = np.cos(2 * np.pi * np.outer(values[:, 0], [300.0, 900.0, 1500.0]) + [0.3, 0.4, 0.5]) @ [1.0, 0.5, 0.2]
    np.testing.assert_allclose(values[:, 2], factor * right, atol=1e-12)
    orthogonal.save(tmp_path / "b.csv")
    with (tmp_path / "b.csv").open(newline="") as stream:
        header = next(csv.reader(stream))
    assert header[-3:] == [f'z, "last" experiment {e}' for e in (1, 2, 3)]


@pytest.mark.parametrize("subtype", ["float32", 16, 24])
def test_a_channel_for_each_input_and_the_experiments_in_a_row(orthogonal, subtype, tmp_path):
    path = tmp_path / "set.wav"
    orthogonal.save(path, subtype=subtype, sample_rate=6400, periods=2)
    samples, rate = soundfile.read(path, always_2d=True)
    assert (samples.shape, rate) == ((3 * 128, 3), 6400)
    comment = json.loads(riff.read_comment(path.read_bytes()))
    assert comment["names"] == ["x", "y", 'z, "last"']
    t = np.arange(128) / 6400
    step = {16: 2.0**-15, 24: 2.0**-23}.get(subtype, 1e-7)
    for i, row in enumerate(orthogonal.designs):
        for e, design in enumerate(row):
            ms = design.multisine
            x = np.cos(2 * np.pi * np.outer(t, ms.frequencies) + design.phases) @ ms.amplitudes
            part = samples[e * comment["samples_each"] : (e + 1) * comment["samples_each"], i]
            np.testing.assert_allclose(part, comment["scale"] * x, atol=step)
    assert np.max(np.abs(samples)) <= 1.0
    if subtype != 24:
        assert wavfile.read(path)[1].shape == (384, 3)


def changed(path, change):
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def turned(record):
    """A sign for one signal changes no peak, but takes the orthogonality."""
    one = record["designs"][1][0]
    one["phases_rad"] = [phase + np.pi for phase in one["phases_rad"]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: r["designs"][1][2]["phases_rad"].__setitem__(0, 0.0), "designs[1][2]: peak is"),
        (turned, "the channels are not orthogonal"),
        (lambda r: r.update(worst_share=r["worst_share"] * 0.99), "worst_share is"),
        (lambda r: r.update(limits=[1.0, 2.0, 30.0]), None),
        (lambda r: r.update(limits=[1.0, 2.0]), "limits has 2 entries for 3 inputs"),
        (lambda r: r.update(limits=[1.0, 2.0, "x"]), "it must be a list of numbers"),
        (lambda r: r.update(limits=[0.1, 2.0, 3.0]), "worst_share is"),
        (lambda r: r.update(names=["x", "x", "y"]), "two inputs are called 'x'"),
        (lambda r: r.update(names="xyz"), "names is 'xyz'"),
        (lambda r: r.update(matrix="magic"), "matrix is 'magic'"),
        (lambda r: r.update(matrix=["dft"]), "matrix is ['dft']"),
        (lambda r: r.update(kind="other"), "kind is 'other'"),
        (lambda r: r.update(kind="interleaved", matrix=None, phases="own"), "designs[0] has 3 experiments"),
        (lambda r: r.update(measure="volume"), "measure is 'volume'"),
        (lambda r: r.update(status=1), "status is 1"),
        (lambda r: r.update(version=2), "version is 2"),
        (lambda r: r.update(designs=[]), "designs is []"),
        (lambda r: r["designs"].pop(), "designs[0] has 3 experiments; it must have 2"),
        (lambda r: r["designs"][0].__setitem__(1, r["designs"][1][1]), "an input has the same tones in all"),
        (lambda r: r["designs"][0].__setitem__(1, 5), "designs[0][1]: not a crestfall-design"),
        (lambda r: r.pop("phases"), "key 'phases' is missing"),
        (lambda r: r.update(more=1), "key 'more' is unknown"),
    ],
)
def test_what_was_changed_is_refused(change, words, orthogonal, tmp_path, error_of):
    path = tmp_path / "set.json"
    orthogonal.save(path)
    changed(path, change)
    if words is None:  # a change that makes sense: the limit of an input that is not the worst
        assert cf.DesignSet.load(path).limits == (1.0, 2.0, 30.0)
        return
    assert words in error_of(ValueError, path, load_set, path)


def test_shared_frequencies_are_found_out(interleaved, tmp_path, error_of):
    path = tmp_path / "set.json"
    interleaved.save(path)
    changed(path, lambda r: r["designs"].__setitem__(1, r["designs"][0]))
    assert "both have 200 Hz" in error_of(ValueError, path, load_set, path)


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("a pickle was loaded",)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("header", None, "'header' is missing"),
        ("header", np.array("[]"), "format is a list"),
        ("input1_experiment2_phases_rad", None, "phases_rad is None"),
        ("input2_amplitudes", np.ones((2, 2)), "shape (2, 2)"),
        ("input2_amplitudes", np.array([Bomb()], dtype=object), "type object"),
        ("input3_experiment3_phases_rad", np.zeros(4), "designs[2][2]: peak is"),
    ],
)
def test_wrong_arrays_are_refused(name, value, words, orthogonal, tmp_path, error_of):
    path = tmp_path / "set.npz"
    orthogonal.save(path)
    with np.load(path, allow_pickle=False) as arrays:
        contents = {key: arrays[key] for key in arrays.files} | {name: value}
    buffer = BytesIO()
    np.savez(buffer, **{key: array for key, array in contents.items() if array is not None})
    path.write_bytes(buffer.getvalue())
    assert words in error_of(ValueError, path, load_set, path)


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5)
) | st.sampled_from([[], {}, [[]], [{}], 10**400, -1, "orthogonal", "interleaved", "own", "dft"])


def places(value, path=()):
    """Every place of a record, as keys from the top."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


SMALL = cf.DesignSet.interleaved(
    [cf.Multisine([2.0, 4.0]), cf.Multisine([3.0])], [[0.1, 0.2], [0.3]], limits=[1.0, 2.0]
)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_any_other_value_anywhere_is_refused_or_harmless(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("set") / "set.json"
    SMALL.save(path)
    record = json.loads(path.read_text())
    *way, last = data.draw(st.sampled_from([place for place in places(record) if place]))
    target = record
    for key in way:
        target = target[key]
    target[last] = data.draw(JUNK)
    path.write_text(json.dumps(record))
    with contextlib.suppress(ValueError):
        found = load_set(path)
        assert found.orthogonality == 0.0
        for row, expected in zip(found.designs, SMALL.designs, strict=True):
            assert row[0].peak == pytest.approx(expected[0].peak, rel=1e-8)


def test_numpy_reads_the_arrays(orthogonal, tmp_path):
    orthogonal.save(tmp_path / "set.npz")
    with np.load(tmp_path / "set.npz", allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["input2_amplitudes"], orthogonal.inputs[1].amplitudes)
        np.testing.assert_array_equal(arrays["input3_experiment2_phases_rad"], orthogonal.designs[2][1].phases)


def test_one_design_and_a_set_are_not_taken_for_each_other(orthogonal, tmp_path, error_of):
    for ending in (".json", ".npz"):
        orthogonal.save(tmp_path / f"set{ending}")
        assert is_set(tmp_path / f"set{ending}")
        words = error_of(ValueError, tmp_path / f"set{ending}", cf.load, tmp_path / f"set{ending}")
        assert "read it with DesignSet.load" in words
        orthogonal.designs[0][0].save(tmp_path / f"one{ending}")
        assert not is_set(tmp_path / f"one{ending}")
        assert "not a crestfall-design-set file" in error_of(
            ValueError, tmp_path / f"one{ending}", load_set, tmp_path / f"one{ending}"
        )


def test_what_cannot_be_written_or_read_is_said(orthogonal, tmp_path, error_of):
    path = tmp_path / "set.mat"
    assert "is saved as one of .json, .npz, .csv, .wav" in error_of(ValueError, path, save_set, orthogonal, path)
    path = tmp_path / "set.json"
    assert "has no option 'periods'; it takes none" in error_of(TypeError, path, save_set, orthogonal, path, periods=2)
    path = tmp_path / "set.wav"
    assert "is read from .json or .npz" in error_of(ValueError, path, load_set, path)
    with pytest.raises(ValueError, match="subtype is 8"):
        orthogonal.save(path, subtype=8)
    with pytest.raises(ValueError, match="the highest tone"):
        orthogonal.save(path, sample_rate=100)
    assert not path.exists()
