"""The WAV format: read by other programs, read back exactly, and honest about what it cannot know."""

import json
import struct
import wave

import numpy as np
import pytest
import scipy.io.wavfile
import soundfile

import crestfall as cf
from crestfall.files import load, save
from crestfall.files.wav import default_sample_rate, read_samples

STEP = {16: 2.0**-15, 24: 2.0**-23, "float32": 2.0**-24}


def normalised(values):
    """SciPy's samples with full scale 1; it gives 24-bit samples in the upper bytes of 32."""
    return values / {"int16": 2.0**15, "int32": 2.0**31, "float32": 1.0}[str(values.dtype)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "design.wav"


@pytest.mark.parametrize("subtype", STEP)
def test_scipy_reads_the_waveform_at_full_scale(subtype, design, path):
    save(design, path, subtype=subtype, sample_rate=9600, periods=2)
    rate, values = scipy.io.wavfile.read(path)
    expected = design.waveform(9600, periods=2, peak=1.0)
    assert rate == 9600
    assert values.shape == (192,)
    np.testing.assert_allclose(normalised(values), expected, atol=1.6 * STEP[subtype])
    assert np.max(np.abs(normalised(values))) <= 1.0


@pytest.mark.parametrize("subtype", STEP)
def test_soundfile_reads_a_complex_design_as_two_channels(subtype, complex_design, path):
    save(complex_design, path, subtype=subtype)
    values, rate = soundfile.read(path)
    expected = complex_design.waveform(rate, peak=1.0)
    np.testing.assert_allclose(values, np.stack([expected.real, expected.imag], axis=1), atol=1.6 * STEP[subtype])
    assert load(path) == complex_design
    samples, rate_again = read_samples(path)
    assert rate_again == rate
    np.testing.assert_allclose(samples, expected, atol=2.3 * STEP[subtype])


@pytest.mark.parametrize("subtype", [16, 24])
def test_the_standard_library_reads_the_integers(subtype, design, path):
    save(design, path, subtype=subtype)
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, subtype // 8, 48_000)
        assert file.getnframes() == 480


def test_the_peak_between_the_samples_fits_full_scale(path):
    # Sampled at 45°, a sine at a quarter of the rate shows only 0.707 of its peak; the certified peak is scaled to 1.
    design = cf.Design.of(cf.Multisine([12_000.0], [3.0]), [np.pi / 4])
    save(design, path, sample_rate=48_000)
    assert np.max(np.abs(read_samples(path)[0])) == pytest.approx(np.sqrt(0.5))


@pytest.mark.parametrize("subtype", STEP)
def test_a_foreign_file_comes_back_to_its_quantisation(subtype, design, path):
    soundfile.write(
        path, design.waveform(9600, peak=0.9), 9600, subtype={16: "PCM_16", 24: "PCM_24"}.get(subtype, "FLOAT")
    )
    loaded = load(path)
    np.testing.assert_array_equal(loaded.multisine.frequencies, design.multisine.frequencies)
    np.testing.assert_allclose(
        loaded.multisine.amplitudes * design.peak / 0.9, design.multisine.amplitudes, atol=design.peak * STEP[subtype]
    )
    turns = (loaded.phases - design.phases) / (2 * np.pi)
    np.testing.assert_allclose(turns, np.rint(turns), atol=20 * STEP[subtype])
    assert loaded.provenance.method == "phases of design.wav"
    assert cf.Multisine.from_waveform(path) == loaded.multisine


def test_a_foreign_comment_says_nothing(design, path):
    for comment in ("made by hand", '{"made": "by crestfall-wav"', "{}"):
        with soundfile.SoundFile(path, "w", samplerate=9600, channels=1, subtype="PCM_16") as file:
            file.comment = comment
            file.write(design.waveform(9600, peak=0.9))
        if "crestfall-wav" in comment:
            with pytest.raises(ValueError, match="not JSON"):
                load(path)
        else:
            assert load(path).multisine.n == 4


def test_a_long_comment_does_not_trouble_other_readers(path, recwarn):
    ms = cf.Multisine.harmonics(range(1, 4001), fundamental=2.0)
    design = cf.Design.of(ms, np.random.default_rng(1).uniform(-3, 3, 4000))
    save(design, path)
    assert path.read_bytes().count(b"ICMT") == 1
    expected = design.waveform(48_000, peak=1.0)
    np.testing.assert_allclose(soundfile.read(path)[0], expected, atol=1e-7)
    np.testing.assert_allclose(scipy.io.wavfile.read(path)[1], expected, atol=1e-7)
    assert load(path) == design
    assert not recwarn.list


def test_a_design_too_long_for_the_comment_comes_back_from_its_samples(design, path, monkeypatch):
    monkeypatch.setattr("crestfall.files.wav.MAX_COMMENT", 100)
    save(design, path)
    comment = json.loads(path.read_bytes().split(b"ICMT")[1][4:].split(b"\0")[0])
    assert comment["design"] is None
    loaded = load(path)
    np.testing.assert_array_equal(loaded.multisine.frequencies, design.multisine.frequencies)
    np.testing.assert_allclose(loaded.multisine.amplitudes, design.multisine.amplitudes, rtol=1e-5)  # in their own unit
    assert loaded.peak == pytest.approx(design.peak, rel=1e-5)


def test_samples_that_were_changed_are_noticed(design, path, error_of):
    save(design, path, subtype=16)
    whole = bytearray(path.read_bytes())
    whole[-1] ^= 0x40
    path.write_bytes(whole)
    assert "Multisine.from_waveform" in error_of(ValueError, path, load, path)
    with pytest.warns(cf.CrestfallWarning, match="left out"):  # what one wrong sample adds everywhere
        assert cf.Multisine.from_waveform(path).n >= 4


@pytest.mark.parametrize(
    ("fundamental", "numbers", "rate"),
    [
        (100.0, [1, 192], 48_000),
        (100.0, [1, 193], 102_400),
        (44_100.0, [1], 176_400),
        (0.5, [1, 3], 48_000),
        (7.0, [1, 3], 112),
        (0.3, [1, 5], 48_000),
        (0.7, [1, 5], 14),
        (500_000.0, [200, 201], 512_000_000),
        (1e-3, [1, 7], 48_000),
    ],
)
def test_the_default_sample_rate_is_whole_and_a_multiple_of_the_fundamental(fundamental, numbers, rate):
    ms = cf.Multisine.harmonics(numbers, fundamental=fundamental)
    assert default_sample_rate(ms) == rate
    assert rate / fundamental == pytest.approx(round(rate / fundamental))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"subtype": 8}, "subtype is 8; use 16, 24"),
        ({"subtype": "flac"}, "subtype is 'flac'"),
        ({"sample_rate": 44_100.5}, "whole number of Hz"),
        ({"sample_rate": float("nan")}, "sample_rate is nan"),
        ({"sample_rate": 0}, "sample_rate is 0"),
        ({"sample_rate": 2**31}, "sample_rate is 2147483648"),
        ({"sample_rate": 1800}, "highest tone is at 900 Hz"),
        ({"periods": 0}, "periods is 0"),
        ({"periods": 1.5}, "periods is 1.5"),
        ({"periods": 10**9}, "give a lower rate or fewer periods"),
    ],
)
def test_wrong_options_are_named_and_leave_nothing_behind(options, said, design, path):
    with pytest.raises(ValueError, match=r"^[^\n]*$") as caught:
        save(design, path, **options)
    assert said in str(caught.value)
    assert not list(path.parent.iterdir())


def test_tones_above_every_wav_sample_rate_are_referred_to_other_formats(path):
    design = cf.Design.of(cf.Multisine([2.4e9]), [0.0])
    with pytest.raises(ValueError, match=r"sample_rate is missing, and no whole one up to .* save as .npz or .csv$"):
        save(design, path)


def test_every_truncation_is_refused(design, path, error_of):
    save(design, path)
    whole = path.read_bytes()
    for length in (0, 3, 11, 12, 20, 40, 60, 300, len(whole) - 400, len(whole) - 1):
        path.write_bytes(whole[:length])
        for read in (load, read_samples, cf.Multisine.from_waveform):
            message = error_of(ValueError, path, read, path)
            assert "truncated" in message or "not a WAV file" in message


@pytest.mark.parametrize("content", [b"garbage", b"fLaC" + bytes(100), b"RIFF\x04\x00\x00\x00AVI ", b"a,b\n1,2\n"])
def test_other_files_are_refused(content, path, error_of):
    path.write_bytes(content)
    assert "not a WAV file" in error_of(ValueError, path, load, path)


def test_an_encoding_that_nobody_knows_is_refused(design, path, error_of):
    save(design, path)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(struct.pack("<HH", 3, 1), struct.pack("<HH", 0x7777, 1), 1))
    assert "not a WAV file that can be read" in error_of(ValueError, path, load, path)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros(0), "no samples"),
        (np.zeros(1_000_000), "samples hold no tone"),
        (np.full(1_000_000, 0.25), "samples hold no tone"),
        (np.tile([0.5, -0.5], 500_000), "samples hold no tone"),
        (np.zeros((50, 2)), "it holds 2 signals"),
        (np.zeros((50, 6)), "it holds 6 signals"),
        (np.array([0.0, np.nan, 0.0, 1.0]), "sample 1 is nan"),
        (np.array([0.0, 0.0, np.inf, 1.0]), "sample 2 is inf"),
    ],
)
def test_samples_without_tones_or_meaning_are_refused(samples, said, path, error_of):
    soundfile.write(path, samples, 48_000, subtype="FLOAT")
    assert said in error_of(ValueError, path, load, path)
    with pytest.raises(ValueError, match=r"^[^\n]*$"):
        cf.Multisine.from_waveform(path)


def test_more_samples_than_can_be_held_are_refused(design, path, monkeypatch, error_of):
    save(design, path)
    monkeypatch.setattr("crestfall.files.wav.MAX_SAMPLES", 100)
    assert "has 480 samples; at most 100 are read" in error_of(ValueError, path, load, path)


@pytest.mark.parametrize(
    ("key", "value"), [("scale", 0.0), ("scale", None), ("periods", 0), ("complex", 1), ("version", 3), ("extra", 1)]
)
def test_a_comment_with_wrong_values_is_refused(key, value, design, path, error_of):
    save(design, path)
    comment = json.loads(path.read_bytes().split(b"ICMT")[1][4:].split(b"\0")[0])
    with soundfile.SoundFile(path, "w", samplerate=48_000, channels=1, subtype="FLOAT") as file:
        file.comment = json.dumps(comment | {key: value})
        file.write(design.waveform(48_000, peak=1.0))
    assert key in error_of(ValueError, path, load, path)


def test_a_design_that_cancels_is_saved_as_silence(path):
    design = cf.Design.of(cf.Multisine([50.0, 50.0]), [0.0, np.pi])
    save(design, path, subtype=16)
    assert not np.any(read_samples(path)[0])
    assert load(path) == design
