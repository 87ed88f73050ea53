"""What is played, as the fields of the studio say it."""

import io

import pytest
import soundfile

import crestfall as cf
from crestfall.studio.downloads import download_of
from crestfall.studio.playback_form import playback_from

DESIGN = cf.Design.of(cf.Multisine.harmonics([1, 2, 3], 10.0), [0.0, 0.5, 2.0])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (("", "", "", ""), None),
        (("48 kHz", "", "", ""), {"rate": 48_000.0}),
        (("48000", "10", "-1 dBFS", "16"), {"rate": 48_000.0, "periods": 10, "level": "-1 dBFS", "bits": 16}),
        (("", "500 ms", " 1 Vpp ", ""), {"duration": 0.5, "level": " 1 Vpp "}),
    ],
)
def test_fields_are_fields_of_the_playback(fields, said):
    playback = playback_from({}, *fields)
    assert (playback if playback is None else playback.said()) == said


def test_fields_change_what_the_text_says():
    data = {"tones": {"harmonics": "1:3"}, "playback": {"rate_hz": 1000, "periods": 2, "lead_s": 0.5}}
    assert playback_from(data, "", "", "", "").said() == {"rate": 1000.0, "periods": 2, "lead": 0.5}
    assert playback_from(data, "", "3 s", "", "").said() == {"rate": 1000.0, "duration": 3.0, "lead": 0.5}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (("fast", "", "", ""), "Sample rate is 'fast'; give a frequency"),
        (("", "a while", "", ""), "Periods, or seconds is 'a while'; give a time"),
        (("", "0", "", ""), "Periods, or seconds is 0; give an integer of at least 1"),
        (("", "", "loud", ""), "Level is 'loud'; give a level"),
        (("", "", "", "99"), "Bits is 99; give an integer from 2 to 32"),
    ],
)
def test_wrong_fields_are_named_as_the_page_calls_them(fields, said):
    with pytest.raises(ValueError, match=said):
        playback_from({}, *fields)


def test_a_file_is_played_so():
    playback = playback_from({}, "1 kHz", "2 s", "0.25 V", "16")
    samples, rate = soundfile.read(io.BytesIO(download_of(DESIGN, ".wav", playback)[1]))
    assert (rate, samples.size) == (1000, 2000)
    assert abs(samples).max() == pytest.approx(0.25, rel=0.01)
    with pytest.raises(ValueError, match=r"^Periods, or seconds is 2, which is not a whole number of samples"):
        download_of(DESIGN, ".f32", playback_from({}, "1024", "2", "", ""))
