"""What is saved comes back equal, bit for bit, in every format; and what every format refuses alike."""

import subprocess
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.files import FORMATS, load, save

QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

angles = st.floats(-1e3, 1e3)
seconds = st.floats(0, 1e9)
provenances = st.builds(
    cf.Provenance,
    method=st.text(max_size=20),
    seed=st.none() | st.integers(0, 2**128),
    starts=st.integers(0, 10**9),
    seconds=seconds,
    history=st.lists(st.tuples(seconds, st.floats(1, 100)), max_size=4).map(tuple),
)


@st.composite
def multisines(draw, fundamentals):
    n = draw(st.integers(1, 8))
    is_complex = draw(st.booleans())

    def vector(elements):
        return draw(st.lists(elements, min_size=n, max_size=n))

    return cf.Multisine.harmonics(
        vector(st.integers(-60 if is_complex else 1, 60)),
        draw(fundamentals),
        vector(st.floats(1e-3, 1e3)),
        complex=is_complex,
        initial_phases=vector(angles) if draw(st.booleans()) else None,
    )


@st.composite
def designs(draw, fundamentals):
    ms = draw(multisines(fundamentals))
    phases = draw(st.lists(angles, min_size=ms.n, max_size=ms.n))
    return cf.Design.of(ms, phases, status=draw(st.text(max_size=30)), provenance=draw(provenances))


def assert_same(loaded, design):
    assert loaded == design
    assert loaded.phases.tobytes() == design.phases.tobytes()
    assert loaded.multisine.harmonic_numbers.tolist() == design.multisine.harmonic_numbers.tolist()
    assert loaded.peak_interval == design.peak_interval
    np.testing.assert_equal(loaded.summary(), design.summary())


@pytest.mark.parametrize("suffix", [".json", ".csv", ".npz", ".mat"])
@QUICK
@given(design=designs(st.floats(1e-6, 1e9)))
def test_any_design_comes_back_bit_for_bit(design, suffix, tmp_path):
    path = tmp_path / f"design{suffix}"
    save(design, path, overwrite=True)
    assert_same(load(path), design)


@QUICK
@given(
    design=designs(st.integers(1, 500)),
    subtype=st.sampled_from([16, 24, "16", "24", "float32"]),
    periods=st.integers(1, 3),
)
def test_any_design_comes_back_from_the_comment_of_a_wav_file(design, subtype, periods, tmp_path):
    path = tmp_path / "design.wav"
    save(design, path, overwrite=True, subtype=subtype, periods=periods)
    assert_same(load(path), design)


@pytest.mark.parametrize("suffix", FORMATS)
def test_frequencies_that_are_no_exact_products_come_back_exactly(suffix, tmp_path):
    # 3 · 0.1 and 9 · 0.1 have the fundamental 3 · 0.1, whose triple is not 9 · 0.1.
    ms = cf.Multisine.harmonics([3, 9], fundamental=0.1)
    assert ms.frequencies[1] != 3 * ms.fundamental
    design = cf.Design.of(ms, [-0.0, 1.0])
    save(design, tmp_path / f"design{suffix}", **({"sample_rate": 9} if suffix == ".wav" else {}))
    assert_same(load(tmp_path / f"design{suffix}"), design)


@pytest.mark.parametrize("suffix", FORMATS)
def test_tones_that_cancel_and_numpy_numbers_in_the_provenance(suffix, tmp_path):
    provenance = cf.Provenance(
        "cancel", seed=np.int64(3), starts=np.int32(2), history=((np.float64(0.5), np.float64(2)),)
    )
    design = cf.Design.of(cf.Multisine([50.0, 50.0]), [0.0, np.pi], provenance=provenance)
    assert np.isnan(design.crest_factor)
    design.save(tmp_path / f"silent{suffix}")
    assert_same(load(tmp_path / f"silent{suffix}"), design)


@pytest.mark.parametrize("suffix", FORMATS)
def test_figures_that_are_not_finite_are_left_out_of_the_file(suffix, design, tmp_path):
    odd = replace(design, provenance=cf.Provenance("odd", seconds=float("nan"), history=((1.0, float("inf")),)))
    save(odd, tmp_path / f"odd{suffix}")
    loaded = load(tmp_path / f"odd{suffix}").provenance
    assert np.isnan(loaded.seconds)
    assert loaded.history[0][0] == 1.0
    assert np.isnan(loaded.history[0][1])


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_design_makes_the_same_bytes_and_the_ending_may_be_in_capitals(suffix, design, tmp_path):
    first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix.upper()}"
    save(design, first)
    save(design, str(second))
    assert first.read_bytes() == second.read_bytes()
    assert load(second) == design


@pytest.mark.parametrize("name", ["design.docx", "design", ".json"])
def test_an_unknown_ending_names_the_known_ones(name, design, tmp_path, error_of):
    for call in (lambda: save(design, tmp_path / name), lambda: load(tmp_path / name)):
        assert ".csv, .json, .npz, .wav" in error_of(ValueError, tmp_path / name, call)
    assert not list(tmp_path.iterdir())


def test_an_ending_of_tones_alone_says_how_to_read_them(design, tmp_path, error_of):
    path = tmp_path / "design.xlsx"
    assert ".csv, .json, .npz, .wav" in error_of(ValueError, path, save, design, path)
    assert "read it with read_problem" in error_of(ValueError, path, load, path)


@pytest.mark.parametrize(
    ("suffix", "takes"),
    [
        (".csv", "it takes playback, rate, samples_per_period, periods"),
        (".json", "it takes playback, rate, samples_per_period, periods"),
        (".wav", "subtype, playback, rate"),
    ],
)
def test_an_unknown_option_names_the_known_ones(suffix, takes, design, tmp_path, error_of):
    path = tmp_path / f"design{suffix}"
    assert takes in error_of(TypeError, path, save, design, path, bitrate=320)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", FORMATS)
def test_reading_what_is_not_there_a_folder_or_nothing(suffix, tmp_path, error_of):
    path = tmp_path / f"design{suffix}"
    assert "no such file" in error_of(FileNotFoundError, path, load, path)
    path.mkdir()
    assert "folder" in error_of(IsADirectoryError, path, load, path)
    path.rmdir()
    path.write_bytes(b"")
    error_of(ValueError, path, load, path)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.posix
def test_devices_and_huge_files_are_not_read(suffix, tmp_path, error_of):
    device, huge = tmp_path / f"device{suffix}", tmp_path / f"huge{suffix}"
    device.symlink_to("/dev/zero")
    assert "device" in error_of(ValueError, device, load, device)
    with huge.open("wb") as file:
        file.truncate(2**30 + 1)  # sparse: takes no space
    assert "at most 1073741824" in error_of(ValueError, huge, load, huge)


@pytest.mark.parametrize("suffix", FORMATS)
def test_damaged_files_are_refused_or_read_but_never_crash(suffix, design, tmp_path):
    messages = []
    path, rng = tmp_path / f"design{suffix}", np.random.default_rng(1)
    save(design, path)
    whole = path.read_bytes()
    for _ in range(150):
        damaged = bytearray(whole)
        if rng.random() < 0.3:
            del damaged[rng.integers(len(damaged)) :]
        for position in rng.integers(min(len(damaged), 2000), size=rng.integers(1, 4)) if damaged else ():
            damaged[position] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", cf.CrestfallWarning)  # of offsets that damage makes
                load(path)
        except ValueError as error:
            messages.append(str(error))
    assert len(messages) > 50
    assert all("\n" not in message and message.startswith(str(path)) for message in messages)


def test_importing_the_formats_loads_no_sound_library():
    code = "import sys, crestfall.files; sys.exit('soundfile' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
