"""What is played, as the fields of the studio say it."""

import io
from dataclasses import fields

import numpy as np
import pytest
import soundfile

import crestfall as cf
from crestfall.studio.downloads import download_of
from crestfall.studio.playback_form import playback_from

FIELDS = ("rate", "length", "level", "bits")
DESIGN = cf.Design.of(cf.Multisine.harmonics([1, 2, 3], 10.0), [0.0, 0.5, 2.0])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("", "", "", ""), None),
        (("48 kHz", "", "", ""), {"rate": 48_000.0}),
        (("48000", "10", "-1 dBFS", "16"), {"rate": 48_000.0, "periods": 10, "level": "-1 dBFS", "bits": 16}),
        (("", "500 ms", " 1 Vpp ", ""), {"duration": 0.5, "level": " 1 Vpp "}),
    ],
)
def test_fields_are_fields_of_the_playback(typed, said):
    playback = playback_from({}, dict(zip(FIELDS, typed, strict=True)))
    assert (playback if playback is None else playback.said()) == said


def test_fields_change_what_the_text_says():
    data = {"tones": {"harmonics": "1:3"}, "playback": {"rate_hz": 1000, "periods": 2, "lead_s": 0.5}}
    assert playback_from(data, {}).said() == {"rate": 1000.0, "periods": 2, "lead": 0.5}
    assert playback_from(data, {"length": "3 s"}).said() == {"rate": 1000.0, "duration": 3.0, "lead": 0.5}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("fast", "", "", ""), "Sample rate is 'fast'; give a frequency"),
        (("", "a while", "", ""), "Periods, or seconds is 'a while'; give a time"),
        (("", "0", "", ""), "Periods, or seconds is 0; give an integer of at least 1"),
        (("", "", "loud", ""), "Level is 'loud'; give a level"),
        (("", "", "", "99"), "Bits is 99; give an integer from 2 to 32"),
    ],
)
def test_wrong_fields_are_named_as_the_page_calls_them(typed, said):
    with pytest.raises(ValueError, match=said):
        playback_from({}, dict(zip(FIELDS, typed, strict=True)))


def test_a_file_is_played_so():
    playback = playback_from({}, {"rate": "1 kHz", "length": "2 s", "level": "0.25 V", "bits": "16"})
    samples, rate = soundfile.read(io.BytesIO(download_of(DESIGN, ".wav", playback)[1]))
    assert (rate, samples.size) == (1000, 2000)
    assert abs(samples).max() == pytest.approx(0.25, rel=0.01)
    with pytest.raises(ValueError, match=r"^Periods, or seconds is 2, which is not a whole number of samples"):
        download_of(DESIGN, ".f32", playback_from({}, {"rate": "1024", "length": "2"}))


def test_every_option_of_the_playback_has_a_field():
    typed = {
        "samples_per_period": "64",
        "length": "3 periods",
        "multiple_of": "32",
        "level": "0.5 V",
        "full_scale": "2,5 V",
        "played_offset": "-100 mV",
        "fade_in": "50 ms",
        "fade_out": "0,1",
        "lead": "1",
        "trail": "2 s",
        "bits": "16",
        **dict.fromkeys(("unsigned", "big_endian", "q_first", "compensate_hold", "seam", "beyond_limits"), "yes"),
    }
    expected = cf.Playback(
        samples_per_period=64,
        periods=3,
        multiple_of=32,
        level="0.5 V",
        full_scale=2.5,
        offset=-0.1,
        fade_in=0.05,
        fade_out=0.1,
        lead=1.0,
        trail=2.0,
        bits=16,
        signed=False,
        big_endian=True,
        q_first=True,
        compensate_hold=True,
        seam=True,
        beyond_limits=True,
    )
    assert playback_from({}, typed) == expected
    assert {field.name for field in fields(cf.Playback)} - expected.said().keys() == {"rate", "duration"}
    with pytest.raises(ValueError, match=r"^Fade in is 'slow'; give a time"):
        playback_from({}, {"fade_in": "slow"})
    with pytest.raises(ValueError, match=r"^Samples of a period is 0\.0; give an integer"):
        playback_from({}, {"samples_per_period": "0"})


def test_the_options_of_single_formats_have_fields():
    name, data = download_of(DESIGN, ".txt", None, {"time": "yes", "no_header": "yes", "separator": "comma"})
    times, values = np.loadtxt(io.BytesIO(data), delimiter=",").T
    direct = np.cos(2 * np.pi * np.outer(times, DESIGN.multisine.frequencies) + DESIGN.phases).sum(axis=1)
    assert name.endswith(".txt")
    assert values == pytest.approx(direct, abs=1e-6)
    assert b"samples" not in download_of(DESIGN, ".play.json", None, {"tones_only": "yes"})[1].split(b'"problem"')[0]
    download_of(DESIGN, ".wav", None, {"time": "yes"})  # which has no columns
