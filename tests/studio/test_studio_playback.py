"""What is played, as the fields of the studio say it."""

import io
import time
from dataclasses import fields

import numpy as np
import pytest
import soundfile

import crestfall as cf
from crestfall.files.json_file import encode
from crestfall.studio.downloads import download_of
from crestfall.studio.draft import Draft
from crestfall.studio.limits import Limits
from crestfall.studio.playback_form import PLAYED, playback_from
from crestfall.studio.run import Workers

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
    playback = playback_from(dict(zip(FIELDS, typed, strict=True)))
    assert (playback if playback is None else playback.said()) == said


def text_of(studio):
    return studio.draft.data.get("playback", {})


@pytest.fixture
def studio():
    workers = Workers(Limits())
    made = cf.studio.Studio("# mine\n[tones]\nharmonics = '1:3'\n", workers=workers)
    yield made
    made.close()
    workers.close()


def test_what_is_played_is_part_of_the_text_and_of_undo(studio):
    fields = studio.controls.fields
    before = studio.draft.problem
    fields["rate"].value = "48 kHz"
    fields["level"].value = "1 Vpp"
    assert text_of(studio) == {"rate_hz": 48_000.0, "level": "1 Vpp"}
    assert studio.draft.text.startswith("# mine\n[tones]\nharmonics = '1:3'\n")  # as it was written
    assert fields["text"].value == studio.draft.text
    assert studio.draft.problem is before
    assert not studio.controls.plain.visible
    studio._address.back()
    assert (fields["rate"].value, fields["level"].value) == ("48 kHz", "")
    studio._address.back()
    assert text_of(studio) == {}
    assert fields["rate"].value == ""
    studio._address.forth()
    assert fields["rate"].value == "48 kHz"


def test_a_link_restores_what_is_played(studio):
    for name, text in (("rate", "44,1 kHz"), ("length", "10"), ("bits", "14"), ("unsigned", "yes"), ("lead", "0.5")):
        studio.controls.fields[name].value = text
    other = cf.studio.Studio(studio.draft.text, workers=studio.session.workers)
    shown = {name: field.value for name, field in other.controls.fields.items() if name in PLAYED and field.value}
    assert shown == {"rate": "44.1 kHz", "length": "10 periods", "bits": "14", "unsigned": "yes", "lead": "0.5"}
    assert playback_from(shown) == playback_from({name: studio.controls.value(name) for name in PLAYED})
    other.close()


def test_another_problem_is_played_in_the_same_way_unless_it_says_otherwise(studio):
    fields = studio.controls.fields
    fields["rate"].value = "48 kHz"
    fields["preset"].value = "audio"
    assert (fields["preset"].value, text_of(studio)) == ("audio", {"rate_hz": 48_000.0})
    studio._editor.file_given("a.csv", b"frequency_hz\n10\n20\n")
    assert (studio.draft.multisine.n, text_of(studio)) == (2, {"rate_hz": 48_000.0})
    design = cf.Design.of(cf.Multisine([1.0, 2.0]), [0.0, 1.0])
    studio._editor.file_given("a.json", encode(design, playback=cf.Playback(bits=8)))
    assert text_of(studio) == {"bits": 8}
    assert (fields["rate"].value, fields["bits"].value) == ("", "8")


def test_what_is_played_neither_ends_a_search_nor_forgets_a_design(studio):
    fields = studio.controls.fields
    end = time.monotonic() + 60
    while studio.session.present is None and time.monotonic() < end:
        studio.poll()
    fields["seconds"].value, fields["origin"].value = "60", "scratch"
    studio.controls.go.clicks += 1
    assert studio.session.searching
    fields["rate"].value = "1 kHz"
    assert studio.session.searching
    assert not studio._question.visible
    studio._address.back()
    assert studio.session.searching
    while studio.session.shown is studio.session.present and time.monotonic() < end:
        studio.poll()  # a search that is stopped before it has found anything shows nothing new
    studio.session.stop()
    while studio.session.searching and time.monotonic() < end:
        studio.poll()
    found = studio.session.shown
    assert found is not studio.session.present
    fields["level"].value = "0.5 V"
    assert studio.session.shown is found


def test_a_field_that_cannot_be_read_stays_and_changes_nothing(studio):
    fields = studio.controls.fields
    fields["rate"].value = "fast"
    assert "'fast'" in fields["rate"].error
    assert text_of(studio) == {}
    fields["harmonics"].value = "1:5"
    assert studio.draft.multisine.n == 5
    assert fields["rate"].value == "fast"
    fields["fundamental"].value = "ten"
    fields["rate"].value = "1 kHz"
    assert fields["fundamental"].value == "ten"
    assert "'ten'" in fields["fundamental"].error
    fields["fundamental"].value = "10"
    assert (studio.draft.multisine.fundamental, text_of(studio)) == (10.0, {"rate_hz": 1000.0})


def playable(studio):
    return not any(studio.controls.fields[name].error for name in PLAYED)


def test_what_cannot_be_played_is_said_at_its_field_as_soon_as_it_is_typed(studio):
    fields = studio.controls.fields
    fields["rate"].value = "5"  # tones at 1, 2 and 3 Hz
    with pytest.raises(ValueError, match=r"^Sample rate is ") as saving:
        download_of(studio.draft.present(), ".wav", playback_from({"rate": "5"}))
    assert str(saving.value) == f"Sample rate is {fields['rate'].error}"
    assert fields["rate"].error.startswith(
        "5 Hz, but the highest tone is at 3 Hz; a waveform needs more than 6 samples"
    )
    assert (studio._editor.is_wrong, text_of(studio)) == (False, {"rate_hz": 5.0})  # the problem is as good as before
    studio.poll()
    assert (studio.controls.go.disabled, studio._save.disabled) == (False, True)
    fields["rate"].value = "8"
    assert playable(studio)
    studio.poll()
    assert not studio._save.disabled
    fields["harmonics"].value = "1:4"  # whose highest tone is at half the rate
    assert fields["rate"].error.startswith("8 Hz, but the highest tone is at 4 Hz")
    fields["level"].value = "1 V"  # which does not make it right
    assert fields["rate"].error.startswith("8 Hz, but the highest tone is at 4 Hz")
    fields["format"].value = "JSON, the whole design"  # which has no samples
    assert playable(studio)
    fields["format"].value = "NumPy samples"
    assert not playable(studio)
    fields["harmonics"].value = "1:3"
    assert playable(studio)
    studio._address.back()
    assert fields["rate"].error.startswith("8 Hz, but the highest tone is at 4 Hz")


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"rate": "10.24", "length": "2"}, "length", "2, which is not a whole number of samples at 10.24 Hz"),
        ({"samples_per_period": "5"}, "samples_per_period", "5, a rate of 5 Hz, but the highest tone is at 3 Hz"),
        ({"rate": "20 MHz"}, "rate", "20 MHz, which over 1 period(s) makes more than 4194304 samples"),
        ({"samples_per_period": "20000000"}, "samples_per_period", "20000000, which over 1 period(s) makes more than"),
        ({"length": "500000 periods"}, "length", "500000, which at 16 Hz makes more than 4194304 samples"),
        ({"length": "144 h"}, "length", "518.4 ks, which at 16 Hz makes more than 4194304 samples"),
        ({"rate": "8", "multiple_of": "12", "length": "1"}, "length", "1, which is not a multiple of 12 samples"),
        ({"fade_in": "1e9"}, "fade_in", "1 Gs, more than"),
    ],
)
def test_the_field_that_is_to_be_corrected_is_marked(studio, typed, field, said):
    fields = studio.controls.fields
    fields["format"].value = "NumPy samples"
    for name, text in typed.items():
        fields[name].value = text
    assert fields[field].error.startswith(said)
    assert [name for name in PLAYED if fields[name].error] == [field]
    with pytest.raises(ValueError, match=f"^{fields[field].spec.short} is ") as saving:
        download_of(studio.draft.present(), ".npy", playback_from(typed))
    assert str(saving.value).endswith(fields[field].error)


def test_a_window_has_no_periods_and_each_band_is_played_at_its_rate(studio):
    fields = studio.controls.fields
    fields["times"].value = "0:0.4"
    for name, text in (("length", "2"), ("samples_per_period", "64")):
        fields[name].value = text
        assert fields[name].error.startswith(f"{text}, but ")
        fields[name].value = ""
    assert playable(studio)
    fields["text"].value = "[tones]\nfrequencies_hz = [1, 2, 10, 20]\nbands = 2\nraster_hz = [1, 10]\n"
    fields["rate"].value = "16 Hz, 32 Hz"
    assert fields["rate"].error.startswith("32 Hz, but the highest tone is at 20 Hz")
    fields["rate"].value = "16 Hz, 64 Hz"
    assert playable(studio)


def test_what_nobody_has_typed_is_not_marked(studio):
    fields = studio.controls.fields
    fields["fundamental"].value, fields["format"].value = "1 MHz", "FLAC, 24 bits"
    assert playable(studio)
    with pytest.raises(ValueError, match=r"^Sample rate is .*as FLAC files have them"):
        download_of(studio.draft.present(), ".flac")


@pytest.mark.parametrize(
    "text",
    [
        "[tones]\nharmonics = '1:3'\n[playback]\nrate_hz = 1000  # Hz\n# more\n[goal]\nmeasure = 'range'\n",
        "[playback]\nperiods = 2\n\n[tones]\nharmonics = '1:3'\n",
        "tones = { harmonics = '1:3' }\nplayback = { periods = 2 }\n",
        "playback.periods = 2\n[tones]\nharmonics = '1:3'\n",
    ],
)
def test_another_playback_in_any_text_leaves_the_problem_as_it_is(text):
    draft = Draft.of_text(text, Limits())
    for table in ({"level": "1 V", "bits": 8}, {}):
        changed = draft.with_playback(table)
        again = Draft.of_text(changed.text, Limits())
        assert again.data == changed.data
        assert again.data.get("playback", {}) == table
        assert changed.asks_the_same(draft)
        assert again.problem == draft.problem


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
        playback_from(dict(zip(FIELDS, typed, strict=True)))


def test_a_file_is_played_so():
    playback = playback_from({"rate": "1 kHz", "length": "2 s", "level": "0.25 V", "bits": "16"})
    samples, rate = soundfile.read(io.BytesIO(download_of(DESIGN, ".wav", playback)[1]))
    assert (rate, samples.size) == (1000, 2000)
    assert abs(samples).max() == pytest.approx(0.25, rel=0.01)
    with pytest.raises(ValueError, match=r"^Periods, or seconds is 2, which is not a whole number of samples"):
        download_of(DESIGN, ".f32", playback_from({"rate": "1024", "length": "2"}))


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
    assert playback_from(typed) == expected
    assert {field.name for field in fields(cf.Playback)} - expected.said().keys() == {"rate", "duration"}
    with pytest.raises(ValueError, match=r"^Fade in is 'slow'; give a time"):
        playback_from({"fade_in": "slow"})
    with pytest.raises(ValueError, match=r"^Samples of a period is '0'; write a whole number"):
        playback_from({"samples_per_period": "0"})


def test_the_options_of_single_formats_have_fields():
    name, data = download_of(DESIGN, ".txt", None, {"time": "yes", "no_header": "yes", "separator": "comma"})
    times, values = np.loadtxt(io.BytesIO(data), delimiter=",").T
    direct = np.cos(2 * np.pi * np.outer(times, DESIGN.multisine.frequencies) + DESIGN.phases).sum(axis=1)
    assert name.endswith(".txt")
    assert values == pytest.approx(direct, abs=1e-6)
    assert b"samples" not in download_of(DESIGN, ".play.json", None, {"tones_only": "yes"})[1].split(b'"problem"')[0]
    download_of(DESIGN, ".wav", None, {"time": "yes"})  # which has no columns
