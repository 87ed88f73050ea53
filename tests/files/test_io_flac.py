"""FLAC files, read by libsndfile."""

import json

import numpy as np
import pytest
import soundfile

import crestfall as cf
from crestfall.files import save


@pytest.mark.parametrize("bits", [None, 16, 24])
@pytest.mark.parametrize("level", ["-6 dBFS", "0.4 V", None])
def test_samples_and_scale(bits, level, design, tmp_path, direct_sum):
    save(design, tmp_path / "a.flac", cf.Playback(rate=44_100, periods=2, level=level, bits=bits))
    with soundfile.SoundFile(tmp_path / "a.flac") as file:
        assert (file.samplerate, file.channels, file.subtype) == (44_100, 1, f"PCM_{bits or 24}")
        values, known = file.read(), json.loads(file.comment)
    size = {"-6 dBFS": 10 ** (-6 / 20), "0.4 V": 0.4, None: 1.0}[level]
    expected = size / design.peak * direct_sum(design, 44_100, 882)
    step = 2.0 ** (1 - (bits or 24))
    np.testing.assert_allclose(values, expected, atol=1.6 * step)  # half a step, and one by which full scale is smaller
    gain = 0.4 / design.peak if level == "0.4 V" else 1.0
    volts, atol = values * known["volts_per_unit"], 0.51 * known["volts_per_count"]
    np.testing.assert_allclose(volts, gain * direct_sum(design, 44_100, 882), atol=atol)
    assert known["design"]["design"]["phases_rad"] == design.phases.tolist()


@pytest.mark.parametrize("q_first", [False, True])
def test_complex_signals_have_two_channels(q_first, complex_design, tmp_path, direct_sum):
    save(complex_design, tmp_path / "a.flac", cf.Playback(rate=9000, q_first=q_first))
    values, rate = soundfile.read(tmp_path / "a.flac")
    signal = values[:, 1] + 1j * values[:, 0] if q_first else values[:, 0] + 1j * values[:, 1]
    expected = direct_sum(complex_design, rate, 36) / complex_design.peak
    np.testing.assert_allclose(signal, expected, atol=1e-6)


def test_a_channel_for_each_input(tmp_path):
    design = cf.Design.of(cf.Problem.orthogonal([cf.Multisine([100.0, 300.0])] * 2), [0.0, 1.0])
    save(design, tmp_path / "a.flac", cf.Playback(rate=48_000))
    values, _ = soundfile.read(tmp_path / "a.flac", always_2d=True)
    assert values.shape == (960, 2)
    one, loudest = design.channels[1][1], max(each.peak for row in design.channels for each in row)
    angles = 2 * np.pi * np.outer(np.arange(480) / 48_000, one.multisine.frequencies) + one.phases
    np.testing.assert_allclose(values[480:, 1], np.cos(angles) @ one.multisine.amplitudes / loudest, atol=1e-6)
    many = cf.Design.of(cf.Problem(cf.Multisine([1.0, 2.0]), channels=cf.Orthogonal(9)), [0.0, 1.0])
    with pytest.raises(ValueError, match=r"9 channels are too many for a FLAC file \(at most 8\); save as \.wav"):
        save(many, tmp_path / "b.flac")


@pytest.mark.parametrize("rate", [1000, 65_500, 96_000, 192_000, 655_350])
def test_rates_that_flac_has(rate, tmp_path):
    save(cf.Design.of(cf.Multisine([100.0]), [0.0]), tmp_path / "a.flac", cf.Playback(rate=rate, seam=True))
    assert soundfile.info(tmp_path / "a.flac").samplerate == rate


@pytest.mark.parametrize(
    ("playback", "said"),
    [
        ({"rate": 655_360}, "rate is 655360; give at most 655350 Hz"),
        ({"rate": 65_537}, "rate is 65537; give at most"),
        ({"rate": 44_100.5}, "rate is 44100.5; give a whole number"),
        ({"bits": 8}, "bits is 8; FLAC files are written with 16 or 24"),
        ({"signed": False}, "signed is False, but the format of FLAC files fixes it"),
        ({"big_endian": True}, "big_endian is True, but the format of FLAC"),
    ],
)
def test_what_flac_does_not_have_is_refused(playback, said, tmp_path):
    with pytest.raises(ValueError, match=f"^{said}"):
        save(cf.Design.of(cf.Multisine([100.0]), [0.0]), tmp_path / "a.flac", cf.Playback(seam=True, **playback))
    assert not list(tmp_path.iterdir())
