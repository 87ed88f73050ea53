"""The MAT format: what SciPy reads of ours, what we read of SciPy's, and no trust in a single length."""

import struct
import zlib

import numpy as np
import pytest
import scipy.io

import crestfall as cf
from crestfall.files import load, save
from crestfall.files.mat_reader import read_mat
from crestfall.files.tones import read_tones


@pytest.fixture
def path(tmp_path):
    return tmp_path / "design.mat"


@pytest.mark.parametrize("which", ["design", "complex_design"])
def test_scipy_reads_tones_and_samples(which, path, request, direct_sum):
    design = request.getfixturevalue(which)
    save(design, path, sample_rate=9600 if which == "design" else 8000, periods=2)
    found = scipy.io.loadmat(path)
    rate = float(found["sample_rate_hz"].item())
    np.testing.assert_array_equal(found["frequencies_hz"].ravel(), design.multisine.frequencies)
    np.testing.assert_array_equal(found["amplitudes"].ravel(), design.multisine.amplitudes)
    np.testing.assert_array_equal(found["phases_rad"].ravel(), design.phases)
    assert found["samples"].shape == (2 * rate / design.multisine.fundamental, 1)
    expected = direct_sum(design, rate, found["samples"].size)
    np.testing.assert_allclose(found["samples"].ravel(), expected, atol=1e-12)


def test_samples_are_scaled_to_the_peak_and_say_by_how_much(design, path, direct_sum):
    save(design, path, peak=0.5)
    found = scipy.io.loadmat(path, squeeze_me=True)
    assert np.max(np.abs(found["samples"])) <= 0.5
    expected = direct_sum(design, found["sample_rate_hz"], found["samples"].size)
    np.testing.assert_allclose(found["samples"] / found["gain"], expected, atol=1e-12)
    assert load(path) == design


@pytest.mark.parametrize("kind", ["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "?"])
@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("oned_as", ["row", "column"])
def test_what_scipy_writes_is_read(kind, compressed, oned_as, path):
    for n in (1, 2, 3, 100):
        values = np.arange(1, n + 1).astype(kind)
        variables = {"x": values, "a_longer_name": "text", "s": {"field": 1}, "c": 1j, "empty": np.zeros((0, 0))}
        scipy.io.savemat(path, variables, do_compression=compressed, oned_as=oned_as)
        found = read_mat(path.read_bytes(), ["x", "a_longer_name", "empty"])
        assert found["a_longer_name"] == "text"
        assert found["empty"].size == 0
        np.testing.assert_array_equal(found["x"], values.astype(float))


@pytest.mark.parametrize(("inputs", "n"), [(1, 1), (1, 3), (2, 1), (2, 3)])
@pytest.mark.parametrize("began", [False, True])
def test_own_phases_of_one_input_or_one_tone_keep_their_shape(inputs, n, began, path):
    rows = np.arange(inputs * n).reshape(inputs, n) * 0.9
    channels = cf.Orthogonal(inputs, phases="own", initial_phases=rows + 1.0 if began else None)
    problem = cf.Problem(cf.Multisine.harmonics(range(1, n + 1)), channels=channels)
    design = cf.Design.of(problem, rows)
    design.save(path)
    again = cf.load(path)
    assert again == design
    assert again.phases.shape == (inputs, n)
    assert again.phases.tobytes() == design.phases.tobytes()


def test_tones_of_a_foreign_file(path):
    scipy.io.savemat(path, {"frequencies_hz": [10, 20, 30], "amplitudes": 0.5, "phases_rad": [0.0, 1.0, 2.0], "y": 1})
    ms = read_tones(path)
    assert ms == cf.Multisine([10.0, 20.0, 30.0], 0.5, initial_phases=[0.0, 1.0, 2.0])
    assert load(path).phases.tolist() == [0.0, 1.0, 2.0]
    scipy.io.savemat(path, {"frequencies_hz": [-10, 20], "complex": True})
    assert read_tones(path).complex


def test_tones_of_a_saved_design_start_from_its_phases(design, path):
    save(design, path)
    np.testing.assert_array_equal(read_tones(path).initial_phases, design.phases)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"a": 1.0}, "give frequencies_hz"),
        ({"frequencies_hz": np.eye(2)}, "shape (2, 2); it must be a real vector"),
        ({"frequencies_hz": [1j]}, "is complex"),
        ({"frequencies_hz": {"a": 1}}, "is a struct"),
        ({"frequencies_hz": np.array([1, "a"], dtype=object)}, "is a cell array"),
        ({"frequencies_hz": "10"}, "must be a list of numbers"),
        ({"frequencies_hz": [1.0, np.nan]}, "frequencies_hz[1] is nan"),
        ({"frequencies_hz": [1.0, 2.0], "amplitudes": [1.0, 1.0, 1.0]}, "amplitudes: amplitudes have length 3"),
        ({"frequencies_hz": [1.0, -2.0]}, "frequencies_hz: frequencies[1] is -2"),
        ({"frequencies_hz": [1.0], "complex": "no"}, "complex is 'no'"),
        ({"frequencies_hz": [1.0], "complex": [1, 0]}, "it must be true or false"),
        ({"frequencies_hz": [1.0], "header": 1.0}, "'header' is not a text"),
        ({"frequencies_hz": [1.0], "header": "{"}, "not JSON"),
    ],
)
def test_wrong_variables_are_named(variables, said, path, error_of):
    scipy.io.savemat(path, variables)
    assert said in error_of(ValueError, path, read_tones, path)


def test_tones_without_phases_are_no_design(path, error_of):
    scipy.io.savemat(path, {"frequencies_hz": [1.0]})
    assert "holds tones but no design" in error_of(ValueError, path, load, path)


@pytest.mark.parametrize("content", [b"", b"garbage", bytes(128), b"\x89HDF\r\n\x1a\n" + bytes(600)])
def test_other_files_are_refused_and_what_to_do_is_said(content, path, error_of):
    path.write_bytes(content)
    assert "save it in MATLAB with -v7" in error_of(ValueError, path, load, path)


@pytest.mark.parametrize("compressed", [True, False])
def test_every_truncation_is_refused(compressed, path, error_of):
    scipy.io.savemat(path, {"frequencies_hz": np.arange(1.0, 50.0)}, do_compression=compressed)
    whole = path.read_bytes()
    for length in range(129, len(whole)):
        path.write_bytes(whole[:length])
        error_of(ValueError, path, read_tones, path)


def test_damage_never_crashes(path):
    rng = np.random.default_rng(0)
    scipy.io.savemat(path, {"frequencies_hz": np.arange(1.0, 9.0), "amplitudes": 1.0, "header": "{}"})
    whole, messages = path.read_bytes(), []
    for _ in range(3000):
        damaged = bytearray(whole)
        for position in rng.integers(124, len(whole), size=rng.integers(1, 4)):
            damaged[position] = rng.integers(256)
        try:
            read_mat(bytes(damaged), ["frequencies_hz", "amplitudes", "header"])
        except ValueError as error:
            messages.append(str(error))
    assert len(messages) > 100
    assert not any("\n" in message for message in messages)


def test_a_bomb_is_not_unpacked(path, error_of, monkeypatch):
    monkeypatch.setattr("crestfall.files.mat_reader.MAX_BYTES", 10_000)
    packed = zlib.compress(bytes(10_000_000))
    path.write_bytes(bytes(124) + b"\x00\x01IM" + struct.pack("<II", 15, len(packed)) + packed)
    assert "unpacks to more than 10000 bytes" in error_of(ValueError, path, load, path)
