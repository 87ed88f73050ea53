"""What is played, as the command line and problem files say it, against sums of cosines and readers of others."""

import json
import re

import numpy as np
import pytest
import soundfile

import crestfall as cf
from crestfall.files.unused_playback import unused_fields

TONES = ("--harmonics", "1:20", "--fundamental", "10", "--starts", "1", "--quiet")


def summed(design, times):
    angles = 2 * np.pi * np.multiply.outer(times, design.multisine.frequencies) + design.phases
    return np.cos(angles) @ design.multisine.amplitudes


@pytest.mark.parametrize("flag", ["--rate", "--sample-rate"])
def test_a_rate_is_that_of_the_file_and_changes_nothing_else(flag, run, tmp_path):
    run("design", *TONES, "--out", "plain.json")
    done = run("design", *TONES, flag, "44.1kHz", "--out", "a.wav", "--out", "a.json")
    assert done.code == 0
    assert soundfile.info(tmp_path / "a.wav").samplerate == 44_100
    assert cf.load(tmp_path / "a.json").problem == cf.load(tmp_path / "plain.json").problem
    np.testing.assert_array_equal(cf.load(tmp_path / "a.json").phases, cf.load(tmp_path / "plain.json").phases)


@pytest.mark.parametrize(("ending", "count"), [("arb", 512), ("i16", 512)])
def test_a_rate_that_is_no_multiple_of_the_fundamental_gets_periods_that_close(ending, count, run, tmp_path):
    done = run("design", *TONES[:-1], "--no-picture", "--rate", "1024", "--out", f"a.{ending}", "--out", "a.json")
    assert "1.024 kHz, 5 periods, 512 samples" in done.out
    if ending == "arb":
        counts = np.array((tmp_path / "a.arb").read_text().partition("Data:\n")[2].split(), dtype=int)
    else:
        counts = np.fromfile(tmp_path / "a.i16", "<i2")
    assert counts.size == count
    design = cf.load(tmp_path / "a.json")
    expected = summed(design, np.arange(count) / 1024.0)
    np.testing.assert_allclose(counts * design.peak / 32_767, expected, atol=design.peak / 32_767)


def test_periods_duration_level_offset_and_bits(run, tmp_path):
    run("design", *TONES, "--out", "a.json")
    design = cf.load(tmp_path / "a.json")
    options = ("--rate", "2 kHz", "--duration", "250ms", "--level", "1Vpp", "--offset", "100mV", "--full-scale", "2V")
    options = (*options, "--bits", "12", "--unsigned", "--out", "b.i16")
    assert run("convert", "a.json", *options, "--out", "b.wav").is_one_line_error()  # which has 16 or 24, with a sign
    assert not (tmp_path / "b.i16").exists()
    done = run("convert", "a.json", *options, "--json")
    assert json.loads(done.out)["files"]["b.i16"] == {"rate_hz": 2000.0, "periods": 3, "samples": 600}
    volts = (np.fromfile(tmp_path / "b.i16", "<u2").astype(float) - 2048) * 2.0 / 2047
    expected = 0.5 / design.peak * summed(design, np.arange(600) / 2000.0) + 0.1
    np.testing.assert_allclose(volts, expected, atol=0.51 * 2.0 / 2047)


def test_decibels_of_full_scale_in_a_wav_file(run, tmp_path):
    done = run("design", *TONES, "--level", "-6dBFS", "--out", "a.wav", "--periods", "2")
    assert done.code == 0
    samples, rate = soundfile.read(tmp_path / "a.wav")
    assert samples.size == 2 * rate // 10
    fine = summed(cf.load(tmp_path / "a.wav"), np.arange(100_000) / 1e6)
    assert np.max(np.abs(fine)) / cf.load(tmp_path / "a.wav").peak == pytest.approx(1.0, rel=1e-4)
    assert np.max(np.abs(samples)) == pytest.approx(10 ** (-6 / 20), rel=0.01)


def test_a_level_in_volts_is_kept_in_a_wav_file(run, tmp_path):
    run("design", *TONES, "--level", "250mV", "--out", "a.wav", "--rate", "48000")
    assert np.max(np.abs(soundfile.read(tmp_path / "a.wav")[0])) == pytest.approx(0.25, rel=0.01)
    refused = run("design", *TONES, "--level", "2V", "--out", "b.wav")
    assert "--full-scale is 1 V, but the signal reaches 2 V" in refused.err


@pytest.mark.parametrize("name", ["a.wav", "b.wav"])
def test_a_wav_file_with_more_than_periods_comes_back_whole(name, run, tmp_path):
    options = ("--lead", "0.1s", "--fade-in", "50ms", "--trail", "0.2", "--offset", "0.1", "--level", "0.5")
    run("design", *TONES, *options, "--out", name, "--out", "a.json", *(("--bits", "16") if name == "b.wav" else ()))
    assert cf.load(tmp_path / name) == cf.load(tmp_path / "a.json")


LIMITED = """
[tones]
harmonics = "1:7"
fundamental_hz = 10
[[outputs]]
limit = "1 V"
name = "voltage"
[playback]
rate_hz = "1 kHz"
periods = 4
lead_s = "20 ms"
"""


def test_a_problem_file_says_what_is_played_and_options_change_it(run, tmp_path):
    (tmp_path / "p.toml").write_text(LIMITED.replace('"1 V"', "1.0"))
    done = run("design", "p.toml", "--starts", 1, "--out", "a.f32", "--no-picture")
    assert "1 kHz, 4 periods, 420 samples, peak 1" in done.out
    samples = np.fromfile(tmp_path / "a.f32", "<f4")
    assert samples.size == 420
    assert not samples[:20].any()
    assert 0.9 < np.max(np.abs(samples)) <= 1.0  # as large as the limit allows
    run("design", "p.toml", "--starts", 1, "--duration", "1s", "--out", "b.f32", "--quiet")
    assert np.fromfile(tmp_path / "b.f32", "<f4").size == 1020
    refused = run("design", "p.toml", "--starts", 1, "--level", "3 V", "--out", "c.f32")
    assert "--level is '3 V', which reaches 300.0% of a limit of the problem; give --level limits" in refused.err
    assert not (tmp_path / "c.f32").exists()
    done = run("design", "p.toml", "--starts", 1, "--level", "3 V", "--beyond-limits", "--out", "c.f32", "--no-picture")
    assert "peak 3 V, 300.0% of a limit" in done.out


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("rate_hz = 0", "line 5: playback.rate_hz is 0; it must be a finite number above 0"),
        ("rate = 5", "playback.rate is unknown; known are rate_hz"),
        ('level = "loud"', "playback.level is 'loud'; give a level"),
        ("periods = 2\nduration_s = 3", "playback: periods and duration_s say the same thing"),
        ("bits = 99", "playback.bits is 99; it must be an integer from 2 to 32"),
    ],
)
def test_wrong_tables_are_named(table, said, run, tmp_path):
    (tmp_path / "p.toml").write_text(f'[tones]\nharmonics = "1:3"\n\n[playback]\n{table}\n')
    refused = run("design", "p.toml", "--out", "a.wav")
    assert refused.is_one_line_error()
    assert said in refused.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--rate", "1 kV", "--out", "a.wav"), "--rate is '1 kV'; give a frequency"),
        (("--rate", "0", "--out", "a.wav"), "--rate is 0"),
        (("--rate", "300", "--out", "a.wav"), "--rate is 300 Hz, but the highest tone is at 200 Hz"),
        (("--rate", "1024", "--periods", "2", "--out", "a.f32"), "so give a multiple of 5"),
        (("--periods", "2", "--duration", "1s", "--out", "a.f32"), "--periods and --duration say the same thing"),
        (("--level", "limits", "--out", "a.f32"), "--level is 'limits', but the problem has none"),
        (("--rate", "48kHz", "--out", "a.npz"), "--rate: a.npz holds tones, not samples; for samples add"),
        (("--bits", "12"), "--bits: no file of --out holds samples"),
        (("--bits", "12", "--out", "a.wav"), "--bits is 12; WAV files are written with 16 or 24"),
        (("--q-first", "--out", "a.arb"), ""),
    ],
)
def test_refusals_are_in_words_of_options(options, said, run, tmp_path):
    done = run("design", *TONES, *options)
    if not said:
        assert done.code == 0
        return
    assert done.is_one_line_error()
    assert said in done.err
    assert not list(tmp_path.glob("a.[wf]*"))


def test_what_is_played_is_no_part_of_the_problem(run, tmp_path):
    (tmp_path / "p.toml").write_text('[tones]\nharmonics = "1:3"\n[playback]\nperiods = 3\n')
    (tmp_path / "q.toml").write_text('[tones]\nharmonics = "1:3"\n')
    problems = [cf.files.read_problem(tmp_path / name) for name in ("p.toml", "q.toml")]
    assert problems[0] == problems[1]
    assert cf.files.read_playback(tmp_path / "p.toml") == cf.Playback(periods=3)
    assert cf.files.read_playback(tmp_path / "q.toml") is None


def test_an_option_at_its_default_changes_what_the_file_says(run, tmp_path):
    text = LIMITED + 'level = "3 V"\noffset_v = 0.2\nbeyond_limits = true\n'
    (tmp_path / "p.toml").write_text(text.replace('"1 V"', "1.0"))
    refused = run("design", "p.toml", "--starts", 1, "--within-limits", "--out", "a.f32")
    assert "of a limit of the problem" in refused.err
    done = run(
        "design",
        "p.toml",
        "--starts",
        1,
        "--level",
        "0.5",
        "--offset",
        "0",
        "--lead",
        "0s",
        "--out",
        "a.f32",
        "--no-picture",
    )
    assert "400 samples, peak 0.5" in done.out
    assert "around" not in done.out


ALL_FIELDS = {
    "rate": 400.0, "samples_per_period": 50, "periods": 3, "duration": 0.35, "multiple_of": 96, "level": "0.37 V",
    "full_scale": 11.0, "offset": 0.25, "fade_in": 0.05, "fade_out": 0.05, "lead": 0.05, "trail": 0.05, "bits": 8,
    "signed": False, "big_endian": True, "q_first": True, "compensate_hold": True,
}  # fmt: skip


@pytest.mark.parametrize("ending", [one for one in cf.files.WRITABLE if one not in (".tdms", ".h5")])
@pytest.mark.parametrize("complex", [False, True])
def test_a_field_without_effect_is_known_as_one(ending, complex):
    """What changes no byte of a file is what ``unused_fields`` names, and nothing else."""
    ms = cf.Multisine.harmonics([1, 2, 3], 10.0, complex=complex)
    design = cf.Design.of(ms, [0.0, 0.5, 3.0])
    path = f"a{ending}"
    try:
        plain = _content(design, path, cf.Playback())
    except ValueError:
        pytest.skip("the format does not take complex signals")
    for name, value in ALL_FIELDS.items():
        playback = cf.Playback(**{name: value})
        unused = unused_fields(design, path, playback) == [name]
        if not cf.files.holds_samples(design, path):
            assert unused != cf.files.keeps_playback(path), name
            continue
        try:
            same = _content(design, path, playback) == plain
        except ValueError:
            continue  # refused, which says it, too
        # 4800 samples are a multiple already; a WAV file keeps the order of I and Q in its comment alone.
        by_chance = name == "multiple_of" or (ending, name) in ((".wv", "level"), (".wav", "q_first"))
        assert unused == same or by_chance, name


def _content(design, path, playback):
    """The files without their times and random names."""
    varies = rb"\d{4}-\d\d-\d\d[T ][\d:.]*|[0-9a-f]{32,}"
    found = cf.files.encoded(design, path, playback if cf.files.holds_samples(design, path) else None)
    return {name: re.sub(varies, b"", data) for name, data in found.items()}


def test_an_option_without_effect_is_named_before_the_search(run, tmp_path):
    done = run("design", *TONES[:-1], "--rate", "48k", "--q-first", "--out", "a.csv", "--out", "a.txt")
    assert done.code == 0
    assert "note: a.csv holds tones, not samples, so --rate and --q-first have no effect on it" in done.err
    assert "for samples add --out a.txt" in done.err
    assert "note: a.txt: --q-first has no effect on it" in done.err
    assert "a.csv   tones, not samples\n" in done.out
    rows = (tmp_path / "a.txt").read_text().splitlines()
    assert sum(not row.startswith("#") for row in rows) > len((tmp_path / "a.csv").read_text().splitlines())
    refused = run("design", *TONES, "--rate", "48k", "--out", "b.csv")
    assert refused.is_one_line_error()
    assert "--rate: b.csv holds tones, not samples; for samples add --out b.txt" in refused.err
    assert run("design", *TONES, "--out", "b.csv").err == ""


@pytest.mark.parametrize(
    ("options", "said", "dbfs"),
    [
        ((), "full scale in the file", 0.0),
        (("--level", "-3 dBFS"), "-3 dBFS in the file", -3.0),
        (("--level", "0.5V", "--full-scale", "1V"), "-6.021 dBFS in the file", 20 * np.log10(0.5)),
        (("--level", "0.25V"), "-12.04 dBFS in the file", 20 * np.log10(0.25)),
    ],
)
@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_the_line_of_an_audio_file_says_where_its_peak_is(ending, options, said, dbfs, run, tmp_path):
    done = run("design", "--harmonics", "1:8", "--starts", "1", "--rate", "48kHz", "--out", f"x.{ending}", *options)
    assert said in done.out
    values, rate = soundfile.read(tmp_path / f"x.{ending}")
    assert rate == 48_000
    assert 20 * np.log10(np.abs(values).max()) == pytest.approx(dbfs, abs=0.02)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--rate", "48", "kHz"), '48 kHz are two arguments; write 48kHz, or "48 kHz" in quotes'),
        (("--level", "-1", "dBFS"), '-1 dBFS are two arguments; write -1dBFS, or "-1 dBFS" in quotes'),
        (("--duration=10", "s"), '10 s are two arguments; write 10s, or "10 s" in quotes'),
    ],
)
def test_quantities_split_by_the_shell_are_recognised(options, said, run):
    done = run("design", "--harmonics", "1:5", *options)
    assert done.is_one_line_error()
    assert said in done.err
