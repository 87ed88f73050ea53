"""What all the formats that are only written have in common."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.design.length import default_rate
from crestfall.files import EXPORTS, FORMATS, load, paths_written, save
from crestfall.files.samples import FULL_SCALE, to_counts, volts_per_count

WITH_SAMPLES = [*EXPORTS, ".mat"]


@pytest.mark.parametrize("suffix", EXPORTS)
def test_the_same_design_makes_the_same_bytes_and_all_its_files(suffix, design, tmp_path):
    paths = []
    for folder in ("a", "b"):
        save(design, tmp_path / folder / f"design{suffix}")
        paths.append(sorted((tmp_path / folder).iterdir()))
    assert paths[0] == sorted(paths_written(tmp_path / "a" / f"design{suffix}"))
    assert [path.read_bytes() for path in paths[0]] == [path.read_bytes() for path in paths[1]]


@pytest.mark.parametrize("suffix", EXPORTS)
def test_no_file_of_a_pair_is_replaced_unless_asked(suffix, design, tmp_path, error_of):
    path = tmp_path / f"design{suffix}"
    for occupied in paths_written(path):
        occupied.write_text("mine")
        error_of(FileExistsError, occupied, save, design, path)
        assert [each.read_text() for each in tmp_path.iterdir()] == ["mine"]
        occupied.unlink()
    save(design, path)
    save(design, path, overwrite=True)


def test_a_pair_is_written_whole_or_not_at_all(design, tmp_path, monkeypatch):
    from crestfall.files import atomic

    rename = atomic._rename_exclusively

    def full(temporary, path):
        if path.suffix == ".sigmf-meta":
            raise OSError("full")
        rename(temporary, path)

    monkeypatch.setattr(atomic, "_rename_exclusively", full)
    with pytest.raises(OSError, match="full"):
        save(design, tmp_path / "a.sigmf-meta")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", EXPORTS)
def test_what_is_only_written_comes_back_as_the_tones_of_its_samples(suffix, design, tmp_path):
    path = tmp_path / f"design{suffix}"
    save(design, path, level="1 V")
    again = load(path, sample_rate=default_rate(design) if suffix == ".npy" else None)
    gain = 1.0 / design.peak
    np.testing.assert_allclose(again.multisine.frequencies, design.multisine.frequencies, rtol=1e-9)
    np.testing.assert_allclose(again.multisine.amplitudes, design.multisine.amplitudes * gain, rtol=0, atol=1e-3)
    assert np.max(np.abs(np.exp(1j * again.phases) - np.exp(1j * design.phases))) < 0.01


@pytest.mark.parametrize("suffix", WITH_SAMPLES)
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sample_rate": 1800}, "highest tone is at 900 Hz"),
        ({"sample_rate": float("nan")}, "sample_rate is nan"),
        ({"periods": 0}, "periods is 0"),
        ({"periods": 10**9}, "give a lower rate or fewer periods"),
        ({"peak": -1.0}, "peak is -1.0"),
    ],
)
def test_wrong_options_leave_nothing_behind(suffix, options, said, design, tmp_path):
    with pytest.raises(ValueError, match=r"^[^\n]*$") as caught:
        save(design, tmp_path / f"design{suffix}", **options)
    assert said in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", EXPORTS)
def test_tones_that_cancel_are_written_as_silence(suffix, tmp_path):
    save(cf.Design.of(cf.Multisine([50.0, 50.0]), [0.0, np.pi]), tmp_path / f"silent{suffix}")


@pytest.mark.parametrize("suffix", [".i16", ".f32", ".scpi"])
def test_the_description_of_bare_samples_holds_the_design(suffix, design, tmp_path):
    save(design, tmp_path / f"a{suffix}")
    assert load(tmp_path / f"a{suffix}.json") == design
    record = json.loads((tmp_path / f"a{suffix}.json").read_text("utf-8"))
    assert record["n_samples"] == 64
    assert record["sample_rate_hz"] == 6400.0


@pytest.mark.parametrize("numbers", [[1], [1, 2, 3, 100], [5, 7], [-3, 0, 8]])
@pytest.mark.parametrize("fundamental", [1.0, 0.1 * 3, 1e8 / 3, 1e-5])
def test_the_default_rate_fits_every_tone_and_the_period(numbers, fundamental):
    ms = cf.Multisine.harmonics(numbers, fundamental, complex=min(numbers) < 1)
    design = cf.Design.of(ms, np.zeros(ms.n))
    samples = cf.Playback(periods=3).of(design)
    assert samples.one.size == 3 * round(default_rate(design) / ms.fundamental)
    assert default_rate(design) >= 4 * np.max(np.abs(ms.frequencies)) * (1 - 1e-12)
    np.testing.assert_allclose(samples.one[: samples.one.size // 3], samples.one[-samples.one.size // 3 :])


@pytest.mark.parametrize("suffix", [suffix for suffix in EXPORTS if suffix != ".flac"])  # its full scale is 1 V
@pytest.mark.parametrize("peak", [1e-307, 1e300])
def test_absurd_peaks_are_refused_or_written_without_a_warning(suffix, peak, design, tmp_path):
    steps = (".i16", ".scpi", ".arb", ".h", ".coe", ".mif", ".wv", "_siglent.csv")
    floats = (".f32", ".sigmf-meta", ".sigmf-data")
    if suffix in (floats if peak > 1 else steps):
        with pytest.raises(ValueError, match=r"32-bit floats hold; scale them down|too small to be divided"):
            save(design, tmp_path / f"a{suffix}", peak=peak)
        assert not list(tmp_path.iterdir())
    else:
        save(design, tmp_path / f"a{suffix}", peak=peak)


def test_integers_reach_full_scale_and_never_beyond():
    design = cf.Design.of(cf.Multisine([1.0], [3.0]), [0.0])
    played = cf.Playback(rate=64.0).of(design)
    counts = to_counts(played.one, volts_per_count(played))
    assert counts.max() == FULL_SCALE == -counts.min()
    with pytest.raises(ValueError, match=r"sample 0 is 32768 steps, beyond ±32767"):
        to_counts(np.array([32768.0]), 1.0)


tones = st.lists(st.tuples(st.integers(-40, 40), st.floats(1e-3, 1e3), st.floats(-10, 10)), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(tones=tones, peak=st.none() | st.floats(1e-9, 1e9), rate=st.integers(85, 500))
def test_counts_are_the_waveform_to_half_a_step(tones, peak, rate):
    numbers, amplitudes, phases = (list(column) for column in zip(*tones, strict=True))
    design = cf.Design.of(cf.Multisine.harmonics(numbers, 1.0, amplitudes, complex=True), phases)
    if np.isnan(design.crest_factor):
        return
    samples = cf.Playback(rate=rate, level=peak).of(design)
    step = volts_per_count(samples)
    counts = to_counts(samples.values, step)
    k = np.arange(samples.values.size)[:, None]
    expected = samples.gain * np.sum(amplitudes * np.exp(1j * (2 * np.pi * k * numbers / rate + phases)), axis=1)
    np.testing.assert_allclose(counts[::2] * step, expected.real, atol=0.5001 * step)
    np.testing.assert_allclose(counts[1::2] * step, expected.imag, atol=0.5001 * step)


def test_every_writable_ending_is_in_the_page(request):
    page = (request.config.rootpath / "docs" / "exports.md").read_text("utf-8")
    # Not WRITABLE: an example in a docstring registers a format of its own.
    assert all(f"`{suffix}`" in page for suffix in FORMATS | EXPORTS)
