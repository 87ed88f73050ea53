"""The NPZ format: plain arrays, and nothing that runs."""

import json
import pickle
import zipfile

import numpy as np
import pytest

from crestfall.files import load, save


@pytest.fixture
def path(design, tmp_path):
    save(design, tmp_path / "design.npz")
    return tmp_path / "design.npz"


def rewritten(path, **changes):
    with np.load(path, allow_pickle=False) as arrays:
        contents = {name: arrays[name] for name in arrays.files}
    contents |= changes
    np.savez(path, **{name: array for name, array in contents.items() if array is not None})


def test_numpy_reads_it_without_pickles(design, path):
    with np.load(path, allow_pickle=False) as arrays:
        assert set(arrays.files) == {"frequencies_hz", "amplitudes", "phases_rad", "header"}
        np.testing.assert_array_equal(arrays["phases_rad"], design.phases)
        header = json.loads(str(arrays["header"]))
    assert header["design"]["peak"] == design.peak
    assert header["design"]["status"] == design.status


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("header", np.array([1.0]), "'header' is not a text"),
        ("header", np.array("[]"), "format is a list"),
        ("header", np.array('{"format": "crestfall-design", "version": 9}'), "version is 9"),
        ("header", np.array('{"format": "crestfall", "version": 9}'), "version is 9"),
        ("header", np.array('{"format": "crestfall", "version": 2}'), "problem is missing"),
        ("header", np.array('{"format": "crestfall", "version": 2, "problem": [], "design": {}}'), "problem is []"),
        ("phases_rad", None, "phases_rad are missing"),
        ("phases_rad", np.zeros((2, 2)), "phases_rad has 2 values"),
        ("phases_rad", np.zeros((2, 4)), "phases have shape (2, 4)"),
        ("phases_rad", np.zeros((2, 2, 2)), "shape (2, 2, 2)"),
        ("phases_rad", np.zeros(3), "phases_rad has 3 values"),
        ("phases_rad", np.zeros(4), "but its phases give"),
        ("phases_rad", np.full(4, np.nan), "phases[0] is nan"),
        ("amplitudes", np.array(["1"] * 4), "amplitudes is an array of type"),
        ("amplitudes", np.array([1.0, 1.0, np.inf, 1.0]), "amplitudes[2] is inf"),
        ("frequencies_hz", np.array([np.inf, 1.0, 2.0, 3.0]), "frequencies_hz[0] is inf"),
        ("initial_phases_rad", np.zeros(5), "initial_phases_rad has 5 values"),
    ],
)
def test_wrong_arrays_are_named(name, value, said, path, error_of):
    rewritten(path, **{name: value})
    assert said in error_of(ValueError, path, load, path)


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("a pickle was loaded",)


@pytest.mark.parametrize("name", ["phases_rad", "header"])
def test_a_pickle_is_never_loaded(name, path, error_of):
    rewritten(path, **{name: np.array([Bomb()], dtype=object)})
    assert "announces an array of type object" in error_of(ValueError, path, load, path)
    path.write_bytes(pickle.dumps(Bomb()))
    assert "not an NPZ file" in error_of(ValueError, path, load, path)


def test_an_announced_size_is_not_believed(path, error_of):
    with np.load(path, allow_pickle=False) as arrays:
        header = arrays["header"]
    lie = b"\x93NUMPY\x01\x00\x76\x00" + b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,), }".ljust(
        117
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("phases_rad.npy", lie + b"\n")
    assert "that the file does not hold" in error_of(ValueError, path, load, path)
    assert header.ndim == 0


def test_a_bomb_is_not_unpacked(path, error_of, monkeypatch):
    monkeypatch.setattr("crestfall.files.npz.MAX_BYTES", 10_000)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("phases_rad.npy", bytes(1_000_000))
    assert "unpacks to 1000000 bytes; at most 10000" in error_of(ValueError, path, load, path)


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"garbage", b"\x93NUMPY\x01\x00"])
def test_garbage_is_refused_in_one_line(content, tmp_path, error_of):
    path = tmp_path / "garbage.npz"
    path.write_bytes(content)
    assert "not an NPZ file" in error_of(ValueError, path, load, path)
