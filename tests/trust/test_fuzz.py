"""Damaged files, a bounded and deterministic part of what fuzz/run.py reads; and nothing in a file is ever executed."""

import io
import pickle
import signal
import struct
import zipfile

import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.files.tones import read_tones

NAMES = [
    *(
        "CSV design",
        "CSV tones",
        "JSON design",
        "JSON tones",
        "JSON window",
        "JSON set",
        "NPZ set",
        "NPZ design",
        "NPZ tones",
        "MAT design",
    ),
    *("MAT tones", "WAV design", "WAV tones", "TOML tones", "TOML problem", "tone list"),
    *(
        "tone list with tabs",
        "NPY tones",
        "XLSX tones",
        "play JSON design",
        "play JSON tones",
        "SQLite store",
        "atlas lines",
        "proof",
        "proof content",
        "box proof content",
        "checkpoint",
    ),
    "samples text",
    *(f"samples {ending}" for ending in (".wav", ".flac", ".npy", ".mat", ".tdms")),
    *(f"samples {ending}" for ending in (".wv", ".arb", ".h", ".coe", ".mif", ".pwl")),
    *("harmonics text", "duration text", "studio text"),
    *("JSON problem", "JSON design of every kind", "TOML problem of every kind", "bands", "samples .npz"),
    *("description of samples", "SigMF description", "quantity", "studio form", "studio link"),
]


@pytest.fixture(scope="module")
def seeds(fuzzing):
    return {each.name: each.seeds() for each in fuzzing.READERS}


@pytest.fixture
def _own_alarm():
    before = signal.getsignal(signal.SIGPROF)
    yield
    signal.signal(signal.SIGPROF, before)


def test_every_reader_is_fuzzed(fuzzing):
    from crestfall.files import FORMATS
    from crestfall.files.tones import READABLE

    assert [each.name for each in fuzzing.READERS] == NAMES
    assert {each.ending for each in fuzzing.READERS if each.read is cf.load} == set(FORMATS)
    assert {each.ending for each in fuzzing.READERS if each.read is read_tones} == set(READABLE)


@pytest.mark.usefixtures("_own_alarm")
@pytest.mark.parametrize("name", NAMES)
def test_damaged_files_are_refused_or_read(name, fuzzing, seeds, tmp_path):
    each = fuzzing.reader(name)
    path = tmp_path / f"input{each.ending}"
    refusals = []
    for _ in range(2):  # what is imported for the first time is executed, and is not a fault
        faults = [fuzzing.fault_of(each, data, path)[:2] for data in seeds[name]]
    assert [fault for fault, _ in faults] == [None] * len(faults)
    assert faults[0] == (None, False)

    @given(st.integers(0, 2**63))
    @settings(
        max_examples=30 if name.startswith(("SQLite", "samples")) else 100,
        derandomize=True,
        deadline=None,
        database=None,
    )
    def reads(number):
        fault, refused, _ = fuzzing.fault_of(each, fuzzing.data_of(each, seeds[name], 1, number), path)
        assert fault is None
        refusals.append(refused)

    reads()
    assert any(refusals)


@pytest.mark.usefixtures("_own_alarm")
@pytest.mark.parametrize(
    "name", ["CSV tones", "JSON tones", "TOML tones", "TOML problem", "tone list", "harmonics text"]
)
def test_any_text_is_refused_or_read(name, fuzzing, seeds, tmp_path):
    each = fuzzing.reader(name)
    path = tmp_path / f"input{each.ending}"
    fuzzing.fault_of(each, seeds[name][0], path)

    @given(st.text(max_size=60))
    @settings(max_examples=60, derandomize=True, deadline=None, database=None)
    def reads(text):
        assert fuzzing.fault_of(each, text.encode("utf-8", "surrogatepass"), path)[0] is None

    reads()


@pytest.mark.usefixtures("_own_alarm")
def test_the_guard_sees_what_it_must(fuzzing, tmp_path):
    def reading(read):
        return fuzzing.fault_of(fuzzing.Reader("bad", ".x", read, list), b"", tmp_path / "input.x")[0]

    def endless(path):
        while True:
            pass

    def refuse(text):
        def read(path):
            raise ValueError(text.format(path=path))

        return read

    assert reading(lambda path: None) is None
    assert reading(lambda path: 1 / 0).startswith("ZeroDivisionError")
    assert reading(lambda path: np.float64(1.0) / np.float64(0.0)).startswith("RuntimeWarning")
    assert reading(lambda path: exec("1")).startswith("executed")
    assert reading(lambda path: (tmp_path / "made").write_text("x")).startswith("executed open")
    assert reading(lambda path: pickle.loads(pickle.dumps(cf.Provenance("x")))).startswith("executed pickle.find_class")
    assert reading(refuse("{path}: one line")) is None
    assert reading(refuse("no path")).startswith("message without the path")
    assert reading(refuse("{path}: two\nlines")).startswith("message of")
    fuzzing.fault_of.__globals__["MAX_SECONDS"] = 0.05
    try:
        assert reading(endless) == "slow"
    finally:
        fuzzing.fault_of.__globals__["MAX_SECONDS"] = 5.0


class Bomb:
    """Whoever unpickles it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_no_pickle_is_loaded(tmp_path):
    made, path = tmp_path / "made", tmp_path / "bomb.npz"
    bomb = np.array([Bomb(made)], dtype=object)
    for member in ("header", "frequencies_hz", "complex"):
        np.savez(path, **{member: bomb})
        for read in (cf.load, read_tones):
            with pytest.raises(ValueError, match="bomb"):
                read(path)
    bare = pickle.dumps(Bomb(made))
    for content in (bare, npz_with(bare), npz_with(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(bare)) + bare)):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="bomb"):
            cf.load(path)
    assert not made.exists()
    pickle.loads(bare).close()
    assert made.exists()  # the bomb is live


def npz_with(member):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("header.npy", member)
    return buffer.getvalue()


def test_no_object_of_a_mat_file_is_made(tmp_path):
    path = tmp_path / "objects.mat"
    for value in (np.array([1, "a", {"x": 1}], dtype=object), {"a": "x"}):
        scipy.io.savemat(path, {"frequencies_hz": value})
        with pytest.raises(ValueError, match=r"frequencies_hz is a (cell array|struct)"):
            read_tones(path)
