"""Waveforms of every kind of file, against signals that are computed here."""

import contextlib
import json
import sys

import numpy as np
import pytest
import scipy.io
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.files.tones import read_any, read_tones
from crestfall.files.waveforms import measure_waveform, read_waveform
from crestfall.signal.noise_level import highest_noise, noise_level

RATE, N = 8000.0, 800
F, A, P = np.array([100.0, 250.0, 400.0]), np.array([1.0, 0.5, 0.25]), np.array([0.3, -2.0, 1.0])
T = np.arange(N) / RATE
X = (A[:, None] * np.cos(2 * np.pi * F[:, None] * T + P[:, None])).sum(0)
Z = (A[:, None] * np.exp(1j * (2 * np.pi * F[:, None] * T + P[:, None]))).sum(0)


def _csv(rows, head="", mark=",", comma=False):
    lines = [mark.join(f"{value:.9g}".replace(".", "," if comma else ".") for value in row) for row in rows]
    return (head + "\n".join(lines) + "\n").encode()


def _files():
    pairs = np.c_[T, X]
    return {
        "headed.csv": _csv(pairs, "time_s,voltage\n"),
        "ms.csv": _csv(np.c_[1e3 * T, 1e3 * X], "Time (ms);U / mV\n", ";"),
        "german.csv": _csv(np.c_[1e3 * T, X], "Zeit [ms];Spannung [V]\n", ";", comma=True),
        "scope.csv": _csv(pairs, "Record Length,800\nSample Interval,0.000125 s\n\nsecond,Volt\n"),
        "units.csv": _csv(np.c_[1e6 * T, 1e3 * X], "t,CH1\n(us),(mV)\n"),
        "bare.txt": _csv(pairs, mark=" "),
        "rate.txt": _csv(X[:, None], "# sampling rate: 8 kHz\n"),
        "tabs.tsv": _csv(pairs, "t [s]\tforce [N]\n", "\t"),
        "named.dat": _csv(X[:, None], "fs = 8000\nvoltage\n"),
    }


@pytest.mark.parametrize(("name", "data"), _files().items())
def test_texts_of_samples(name, data, tmp_path):
    (tmp_path / name).write_bytes(data)
    with pytest.warns(cf.CrestfallWarning, match="time in s") if name == "bare.txt" else contextlib.nullcontext():
        found = read_any(tmp_path / name)
    assert_is_the_signal(found)


def assert_is_the_signal(ms):
    np.testing.assert_allclose(ms.frequencies, F, rtol=1e-9)
    np.testing.assert_allclose(ms.amplitudes, A, rtol=0, atol=2e-4)
    np.testing.assert_allclose(ms.initial_phases, P, rtol=0, atol=2e-3)


def test_arrays_sound_and_bare_bytes(tmp_path):
    np.save(tmp_path / "pairs.npy", np.c_[T, X])
    np.savez(tmp_path / "a.npz", y=X, fs=RATE)
    scipy.io.savemat(tmp_path / "a.mat", {"x": X, "t": T, "about": "a text"})
    scipy.io.savemat(tmp_path / "b.mat", {"ch1": X, "ch2": -X, "Fs": RATE})
    scipy.io.savemat(tmp_path / "z.mat", {"iq": Z, "fs": RATE}, do_compression=True)
    soundfile.write(tmp_path / "a.flac", X / 2, int(RATE), subtype="PCM_24")
    soundfile.write(tmp_path / "b.wav", np.c_[X, -X] / 2, int(RATE), subtype="FLOAT")
    np.rint(X * 1000).astype(">i2").tofile(tmp_path / "a.bin")
    about = {"sample_type": "int16_be", "sample_rate_hz": RATE, "volts_per_count": 0.001}
    (tmp_path / "a.bin.json").write_text(json.dumps(about))
    with pytest.warns(cf.CrestfallWarning, match="it is the time"):
        assert_is_the_signal(read_any(tmp_path / "pairs.npy"))
    for name, channel in (("a.npz", None), ("a.mat", None), ("b.mat", "ch1"), ("a.bin", None)):
        assert_is_the_signal(read_any(tmp_path / name, channel=channel))
    assert_is_the_signal(measure_waveform(2 * read_waveform(tmp_path / "a.flac").samples[0], RATE).tones)
    assert_is_the_signal(measure_waveform(2 * read_waveform(tmp_path / "b.wav").signal("left"), RATE).tones)
    found = cf.load(tmp_path / "z.mat")
    assert found.multisine.complex
    assert_is_the_signal(found.multisine)
    with pytest.raises(ValueError, match="'ch1', 'ch2'; choose one with channel"):
        cf.load(tmp_path / "b.mat")
    with pytest.raises(ValueError, match="channel is 'ch3', but the signals are"):
        cf.load(tmp_path / "b.mat", channel="ch3")
    both = cf.load(tmp_path / "b.wav", complex=True).multisine
    assert both.complex
    np.testing.assert_allclose(np.unique(np.abs(both.frequencies)), F)


@pytest.mark.parametrize(
    "values",
    [X, np.round(X + 3.0, 9), np.round(1e5 * X) + 500_000],
    ids=["signed", "with repeated values", "counts"],
)
def test_one_column_of_samples_is_told_from_frequencies(values, tmp_path):
    np.savetxt(tmp_path / "a.txt", values)
    np.save(tmp_path / "a.npy", values)
    for name in ("a.txt", "a.npy"):
        with pytest.warns(cf.CrestfallWarning):
            found = read_tones(tmp_path / name)
        np.testing.assert_allclose(found.frequencies * RATE, F, rtol=1e-9)
        with pytest.warns(cf.CrestfallWarning) if np.mean(values) > 1 else contextlib.nullcontext():
            np.testing.assert_allclose(read_any(tmp_path / name, sample_rate=RATE).frequencies, F, rtol=1e-9)


def test_what_may_be_either_is_refused_and_sorted_numbers_are_frequencies(tmp_path):
    shuffled = np.random.default_rng(0).permutation(np.arange(1.0, 31.0))
    np.savetxt(tmp_path / "a.txt", shuffled)
    with pytest.raises(ValueError, match="may be frequencies or samples"):
        read_any(tmp_path / "a.txt")
    np.savetxt(tmp_path / "a.txt", np.sort(shuffled))
    assert read_any(tmp_path / "a.txt").n == 30
    (tmp_path / "a.txt").write_text("frequency_hz\n" + "\n".join(map(str, shuffled)))
    assert read_any(tmp_path / "a.txt").n == 30


def test_noise_is_no_tone_and_partial_periods_are_cut(tmp_path):
    rng = np.random.default_rng(3)
    t = np.arange(9870) / 1e4
    noise = 0.03 * rng.normal(size=t.size)
    x = sum(
        np.cos(2 * np.pi * f * t + phase) for f, phase in zip(range(10, 200, 10), rng.uniform(0, 6, 19), strict=True)
    )
    with pytest.warns(cf.CrestfallWarning, match=r"9870 samples are 9\.87 periods of 1000 samples; 9000"):
        found = measure_waveform(x + noise, 1e4)
    np.testing.assert_allclose(found.tones.frequencies, np.arange(10, 200, 10))
    assert found.noise_rms == pytest.approx(0.03, rel=0.05)
    # a line of white noise of variance s² in N samples has the mean power 4 s² / N
    assert found.noise_db == pytest.approx(10 * np.log10(4 * 0.03**2 / 9000), abs=0.7)
    fine = np.arange(100_000) / 1e6
    of_tones = sum(
        np.cos(2 * np.pi * f * fine + p) for f, p in zip(found.tones.frequencies, found.design.phases, strict=True)
    )
    assert found.design.peak == pytest.approx(np.max(np.abs(of_tones)), rel=0.01)


def test_a_last_sample_that_repeats_the_first_is_left_out():
    t = np.linspace(0.0, 1.0, 501)
    with pytest.warns(cf.CrestfallWarning, match="500 of them"):
        found = measure_waveform(np.sin(2 * np.pi * 3 * t) + np.sin(2 * np.pi * 7 * t), 500.0)
    assert found.tones.frequencies.tolist() == [3.0, 7.0]


@settings(max_examples=25, deadline=None)
@given(sigma=st.floats(1e-6, 1e3), seed=st.integers(0, 99), share=st.floats(0.0, 0.4))
def test_the_level_of_noise_is_found_among_tones(sigma, seed, share):
    rng = np.random.default_rng(seed)
    lines = np.abs(sigma * (rng.normal(size=3000) + 1j * rng.normal(size=3000)))
    lines[: round(3000 * share)] += 1000 * sigma
    level = noise_level(np.sort(lines))
    expected = sigma * np.sqrt(np.log(1 / (1 - 0.25 / (1 - share))) / np.log(4 / 3))  # the quantile that is left
    assert level == pytest.approx(expected, rel=0.12)
    assert highest_noise(sigma, 3000) == pytest.approx(sigma * np.sqrt(2 * np.log(3e5)))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "time_parsec,v\n0,1\n1,2\n", "is a time in 'parsec'"),
        ("a.csv", "time_s,v\n0,1\n1,2\n3,1\n4,1\n", "do not rise in equal steps"),
        ("a.csv", "time_s,v\n0,1\n1,2\n2,x\n", "line 4: 'x' is not a finite number"),
        ("a.csv", "time_s,v\n0,1\n1,2\n2\n", "line 4: 1 values, but the first line of numbers has 2"),
        ("a.csv", "time_s,v\n0,1\n1,\n2,1\n", "sample 2 is not a finite number"),
        ("a.arb", "Sample Rate:10\n", "there is no line Data:"),
        ("a.arb", "Sample Rate:10\nHigh Level:1\nData:\n1\n", "the line Low Level: is missing"),
        ("a.h", "int x;", "no table of numbers"),
        ("a.coe", "memory_initialization_vector=\n00;", "no comment says bits"),
        ("a.wv", "{TYPE:SMU-WV,0}", "not a .wv file"),
        ("a.i16", "ab", "a.i16.json, with sample_type"),
        ("a.h5", "ab", "not an HDF5 file"),
        ("a.npz", "ab", "not an NPZ file"),
    ],
)
def test_wrong_files_are_refused_in_one_line(name, text, said, tmp_path):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z") as error:
        cf.load(tmp_path / name)
    assert said in str(error.value)
    assert str(error.value).startswith(str(tmp_path / name))


def test_measure_on_the_command_line(run, tmp_path):
    (tmp_path / "scope.csv").write_bytes(_csv(np.c_[T, X + 0.25], "time_s,U (V)\n"))
    done = run("measure", "scope.csv", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    np.testing.assert_allclose(found["amplitudes"], A, atol=1e-6)
    assert found["waveform"]["offset"] == pytest.approx(0.25)
    assert found["waveform"]["unit"] == "V"
    assert found["redesign_crest_factor"] < found["crest_factor"]
    shown = run("measure", "scope.csv", "--redesign", "0")
    assert "100 Hz" in shown.out
    assert "redesign" not in shown.out
    np.save(tmp_path / "a.npy", X)
    assert run("measure", "a.npy", "--waveform", "8kHz", "--redesign", "0", "--json").code == 0
    np.savetxt(tmp_path / "s.txt", np.random.default_rng(0).permutation(np.arange(1.0, 31.0)))
    refused = run("design", "s.txt")
    assert refused.is_one_line_error()
    assert "--waveform RATE" in refused.err


def test_records_of_whole_periods_are_not_cut_where_they_repeat_nearly() -> None:
    """Periods of no whole number of samples repeat nearly after other lengths, too."""
    rng = np.random.default_rng(4)
    for n, lines in ((44_100, [440]), (7703, [4]), (13_582, [268]), (18_654, [706]), (2928, [82]), (4007, [33, 95])):
        amplitudes, phases = rng.uniform(0.3, 1.0, len(lines)), rng.uniform(0.0, 6.0, len(lines))
        t = np.arange(n) / n
        x = np.sum([a * np.cos(2 * np.pi * k * t + p) for a, k, p in zip(amplitudes, lines, phases, strict=True)], 0)
        found = cf.measure_waveform(x, float(n))
        np.testing.assert_allclose(found.tones.frequencies, lines, rtol=1e-12)
        np.testing.assert_allclose(found.tones.amplitudes, amplitudes, rtol=1e-9)
        assert found.n_used == n


def test_partial_periods_are_cut_to_exact_multiples() -> None:
    """A part of 715 cycles in 3053 samples is alike after 333 or so, but repeats after 3053 alone."""
    t = np.arange(12_629)
    with pytest.warns(cf.CrestfallWarning, match="12212 of them are whole ones"):
        found = cf.measure_waveform(np.cos(2 * np.pi * 715 * t / 3053), 3053.0)
    np.testing.assert_allclose(found.tones.frequencies, [715.0], rtol=1e-12)


@pytest.mark.parametrize(
    ("header", "rate"),
    [
        ("Sample rate,1,000,000", 1e6),
        ("Sample Rate: 250 MSPS", 250e6),
        ("Sample Rate: 500 kSPS", 500e3),
        ("Sample Rate: 48000, 16 bits", 48e3),
        ("Sample Rate: 48000 Hz. Values are linear", 48e3),
        ("Sample Rate: 1'000'000 Hz", 1e6),
        ("Sample Rate: 48 000 Hz", 48e3),
        ("Sample Rate: 1,5 kHz", 1.5e3),
        ("Sample rate: 48 k", 48e3),
        ("Sampling rate: 100 samples per second", 100.0),
        ("Sampling frequency (kHz): 48", 48e3),
        ("fs [MHz]: 1", 1e6),
        ("Sample Interval,1,us", 1e6),
        ("Sample Interval (ms): 10", 100.0),
        ("Sample Period: 10 usec", 1e5),
        ("Sampling Interval: 20 milliseconds", 50.0),
    ],
)
def test_rates_in_headers(header, rate, tmp_path):
    (tmp_path / "a.txt").write_text(header + "\n" + "\n".join(f"{value:.6f}" for value in X))
    found = measure_waveform(tmp_path / "a.txt")
    np.testing.assert_allclose(found.rate_hz, rate, rtol=1e-12)
    np.testing.assert_allclose(found.tones.frequencies, F * rate / RATE, rtol=1e-9)


@pytest.mark.parametrize(
    ("header", "words"),
    [("Sample Rate: 48,000 Hz", "write 48000 or 48.000"), ("Sample Rate: 60/min", "write a number with a unit")],
)
def test_rates_that_are_not_understood_are_refused(header, words, tmp_path):
    (tmp_path / "a.txt").write_text(header + "\n" + "\n".join(f"{value:.6f}" for value in X))
    for read in (measure_waveform, read_any):
        with pytest.raises(ValueError, match=words):
            read(tmp_path / "a.txt")


def test_numbers_of_samples_with_an_increment_are_times(tmp_path):
    """As Rigol's oscilloscopes write them."""
    head = "X,CH1,CH2,Start,Increment,\nSequence,Volt,Volt,-6.0e-03,1.25e-04\n"
    (tmp_path / "a.csv").write_text(head + "".join(f"{k},{x:.6f},{2 * x:.6f},\n" for k, x in enumerate(X)))
    found = measure_waveform(tmp_path / "a.csv", channel="CH2")
    np.testing.assert_allclose(found.rate_hz, RATE, rtol=1e-12)
    np.testing.assert_allclose(found.tones.amplitudes, 2 * A, atol=1e-5)
    assert found.unit == "V"


def test_headings_of_other_kinds(tmp_path):
    (tmp_path / "rs.csv").write_bytes(_csv(np.c_[T, X], "in s,C1 in V\n"))
    assert_is_the_signal(read_any(tmp_path / "rs.csv"))
    (tmp_path / "xyz.csv").write_bytes(_csv(np.c_[X**2, X, X[::-1]], "x,y,z\n"))
    assert_is_the_signal(measure_waveform(tmp_path / "xyz.csv", RATE, channel="y").tones)
    (tmp_path / "unit.csv").write_bytes(_csv(np.c_[T, X], "time,motor_HV\n"))
    assert_is_the_signal(read_any(tmp_path / "unit.csv"))
    (tmp_path / "twice.csv").write_bytes(_csv(np.c_[T, X, 2 * X], "time,u,u\n"))
    with pytest.raises(ValueError, match="'u' names several"):
        measure_waveform(tmp_path / "twice.csv", channel="u")
    (tmp_path / "bare.txt").write_bytes(_csv(np.c_[T, 2 * X, X], mark=" "))
    with pytest.warns(cf.CrestfallWarning, match="time in s"):
        assert_is_the_signal(measure_waveform(tmp_path / "bare.txt", channel=2).tones)


def test_variables_that_contradict_each_other_are_refused(tmp_path):
    def refused(words, **arrays):
        np.savez(tmp_path / "a.npz", **arrays)
        with pytest.raises(ValueError, match=words):
            measure_waveform(tmp_path / "a.npz")

    refused("x has shape \\(2, 800\\), but there are others", x=np.stack([X, X]), y=np.stack([X, X]))
    refused("there are 50 times, but x has shape", x=X, t=T[:50])
    refused("more than 1e[+]300", x=1e308 * X, fs=RATE)
    np.savez(tmp_path / "a.npz", x=X, fs=np.array(RATE + 0j), t=T + 0j)
    assert_is_the_signal(read_any(tmp_path / "a.npz"))


def test_arguments_out_of_range_are_refused(tmp_path):
    with pytest.raises(ValueError, match="drop_below_db is '-60 dB'"):
        measure_waveform(X, RATE, drop_below_db="-60 dB")
    (tmp_path / "a.bin").write_bytes(X.astype("<f4").tobytes())
    (tmp_path / "a.bin.json").write_text('{"sample_type": "float32_le", "sample_rate_hz": 1' + "0" * 400 + "}")
    with pytest.raises(ValueError, match=r"sample_rate_hz is .*finite number"):
        measure_waveform(tmp_path / "a.bin")


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.txt"])
def test_q_before_i_is_read_as_it_was_written(name, tmp_path):
    ms = cf.Multisine.harmonics([-8, 1, 3], fundamental=10.0, amplitudes=[1.0, 0.5, 0.7], complex=True)
    cf.Design.of(ms, [0.3, 2.0, 1.0]).save(tmp_path / name, cf.Playback(samples_per_period=50, q_first=True))
    found = measure_waveform(tmp_path / name, complex=True).tones
    np.testing.assert_allclose(found.frequencies, ms.frequencies, rtol=1e-9)
    np.testing.assert_allclose(found.amplitudes / found.amplitudes[0], ms.amplitudes, rtol=1e-4)
    np.testing.assert_allclose(np.mod(found.initial_phases, 2 * np.pi), [0.3, 2.0, 1.0], atol=1e-4)


def test_no_redesign_of_very_many_tones_unless_asked(tmp_path, monkeypatch, run):
    """A single value of them takes longer than the two seconds."""
    monkeypatch.setattr(sys.modules["crestfall.cli.measure"], "_MOST_TONES_AT_ONCE", 2)
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", X)
    assert (
        "not tried with 3 tones; ask for it with --redesign 5min" in run("measure", "a.npy", "--waveform", "8kHz").out
    )
    assert "not tried" not in run("measure", "a.npy", "--waveform", "8kHz", "--redesign", "0.1s").out


def test_leakage_is_named_and_many_true_tones_are_not() -> None:
    t = np.arange(59_256) / 48_000
    waves = sum(np.cos(2 * np.pi * f * t + f) for f in (440.3, 997.0, 1234.56, 3100.1, 3105.0, 12_000.7))
    with pytest.warns(cf.CrestfallWarning, match="may be leakage"):
        measure_waveform(waves + 0.02 * np.random.default_rng(0).standard_normal(t.size), 48_000.0)
    angles = 2 * np.pi * np.outer(np.arange(8000) / 8000, np.arange(1, 501))
    pink = np.cos(angles + np.arange(500.0) ** 2) @ np.arange(1, 501) ** -0.5
    assert measure_waveform(pink, 8000.0).tones.n == 500  # without a warning, which would be an error
