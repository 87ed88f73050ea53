"""What is played of a design, against sums of cosines."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.design.length import length_of
from crestfall.design.level import level_of
from crestfall.design.loop import closing_periods, periods_to_play
from crestfall.files.samples import played_counts, volts_per_count


def of(numbers, fundamental=1.0, amplitudes=1.0, *, complex=False, **fields):
    ms = cf.Multisine.harmonics(numbers, fundamental, amplitudes, complex=complex)
    return cf.Design.of(cf.Problem(ms, **fields), np.cos(np.arange(ms.n) ** 2.0) * 3.0)


def summed(design, times):
    ms = design.multisine
    angles = 2 * np.pi * np.multiply.outer(times, ms.frequencies) + design.phases
    z = np.exp(1j * angles) @ ms.amplitudes
    return z if ms.complex else z.real


# ------------------------------------------------------------------ length


@pytest.mark.parametrize(
    ("numbers", "fundamental", "rate", "periods", "samples"),
    [
        (range(1, 21), 10.0, 1024.0, 5, 512),
        (range(1, 11), 30e3, 1e6, 3, 100),
        ([1, 2, 3], 3.0, 1000.0, 3, 1000),  # what snap makes of 3.1, 6.2 and 9.1 Hz
        (range(1, 101), 10.0, 44_100.0, 1, 4410),
        ([1], 0.1 * 3, 48.0, 1, 160),
        ([1], 1 / 60, 1.0, 1, 60),
        ([1], 50.0, 101.0, 50, 101),
    ],
)
def test_as_few_periods_as_close_are_played(numbers, fundamental, rate, periods, samples):
    design = of(numbers, fundamental)
    assert closing_periods(design.multisine, rate) == (periods, samples)
    played = cf.Playback(rate=rate).of(design)
    assert (played.periods, played.one.size) == (periods, samples)
    np.testing.assert_allclose(played.one, summed(design, np.arange(samples) / rate), atol=1e-8)
    # A loop has its lines at the tones, and nowhere else.
    spectrum = np.abs(np.fft.rfft(played.one)) * 2 / samples
    lines = np.rint(design.multisine.frequencies / rate * samples).astype(int)
    np.testing.assert_allclose(spectrum[lines], 1.0, atol=1e-6)
    assert np.max(np.delete(spectrum, lines)) < 1e-6


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 400), st.integers(1, 40), st.integers(1, 5), st.floats(0.01, 100.0))
def test_a_number_of_periods_is_taken_exactly_if_it_closes(per_ten, rate_factor, periods, fundamental):
    rate = fundamental * (20 + per_ten / 10)
    ms = cf.Multisine.harmonics([1, 2, 9], fundamental)
    ratio = (200 + per_ten, 10)
    step = 10 // np.gcd(*ratio)
    assert closing_periods(ms, rate) == (step, step * (200 + per_ten) // 10)
    if periods % step:
        with pytest.raises(ValueError, match=f"periods is {periods}, .* so give a multiple of {step}$"):
            periods_to_play(ms, rate, periods)
    else:
        assert periods_to_play(ms, rate, periods) == periods
    assert periods_to_play(ms, rate, periods, may_not_close=True) == periods
    duration = rate_factor * 0.37 / fundamental
    found = periods_to_play(ms, rate, None, duration)
    assert found % step == 0
    assert found / fundamental >= duration * (1 - 1e-9)
    assert (found - step) / fundamental < duration


def test_a_duration_is_not_rounded_up_by_rounding_errors():
    assert periods_to_play(cf.Multisine([10.0]), 1000.0, None, 0.1 * 3) == 3


@pytest.mark.parametrize(
    ("fundamental", "rate", "said"),
    [
        (
            3.3333,
            1000.0,
            r"only 33333 periods, 10000000 samples, close; for 300 samples .* fundamental of 3.33333333333 Hz",
        ),
        (np.pi, 1000.0, r"no number of periods .* for 318 samples a period play at 999\.02\d+ Hz"),
        (10.0, 19.0, r"rate is 19 Hz, but the highest tone is at 20 Hz"),
    ],
)
def test_what_does_not_close_names_what_does(fundamental, rate, said):
    design = of([1, 2], fundamental)
    with pytest.raises(ValueError, match=said):
        cf.Playback(rate=rate).of(design)
    if rate > 4 * fundamental:
        assert cf.Playback(rate=rate, seam=True).of(design).one.size == int(np.ceil(rate / fundamental))


def test_samples_that_count_at_such_a_rate_are_refused_in_the_same_way():
    with pytest.raises(ValueError, match=r"33333 periods; .* 3\.33333333333 Hz"):
        cf.Problem(cf.Multisine([3.3333, 6.6666]), over=cf.Samples(rate=1000.0)).samples  # noqa: B018


def test_too_long_is_refused_before_it_is_computed():
    with pytest.raises(ValueError, match="give a lower rate or fewer periods"):
        cf.Playback(rate=1e6, duration=1e6).of(of([1, 2]))
    with pytest.raises(ValueError, match="give a shorter time"):
        cf.Playback(rate=1e6, lead=1e6).of(of([1, 2]))


def test_a_window_is_played_once():
    design = of([1, 2, 5], 0.77, over=cf.Window(0.25, 2.0))
    played = cf.Playback(rate=100.0, lead=0.5).of(design)
    assert (played.start_s, played.first, played.periods) == (-0.25, 50, 1)
    np.testing.assert_allclose(played.one[50:], summed(design, 0.25 + np.arange(201) / 100.0), atol=1e-9)
    assert not played.one[:50].any()
    for wrong in ({"periods": 2}, {"duration": 3.0}, {"fade_in": 0.1}, {"samples_per_period": 64}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            cf.Playback(**wrong).of(design)


# ------------------------------------------------------------------ level


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("0.5 V", "peak", 0.5),
        ("0.5", "peak", 0.5),
        (2, "peak", 2.0),
        ("500mV", "peak", 0.5),
        ("1 Vpp", "peak", 0.5),
        ("1 V peak", "peak", 1.0),
        ("200 mVrms", "rms", 0.2),
        ("0.2 V rms", "rms", 0.2),
        ("3 mA", "peak", 0.003),
        ("-20 dBV", "rms", 0.1),
        ("\N{MINUS SIGN}1 dBFS", "full scale", -1.0),
        ("0dbfs", "full scale", 0.0),
        ("limits", "limits", 0.0),
        ("Designed", "designed", 0.0),
    ],
)
def test_levels_as_people_write_them(text, kind, value):
    assert level_of(text).kind == kind
    assert level_of(text).value == pytest.approx(value, rel=1e-15)


NO_LEVELS = ["", "loud", "-1 V", "0", "1 dBFS", "-1", "nan", "1e999 V", "5 Hz", "1 dBm", "1 Vpp rms", True]
NO_LEVELS += ["0,5 V", "1,5", "-1, 3"]


@pytest.mark.parametrize("text", NO_LEVELS)
def test_what_is_no_level_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match=r"^level is [^\n]*$"):
        cf.Playback(level=text)


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize(("level", "peak"), [("0.25 V", 0.25), ("3 Vpp", 1.5), (0.7, 0.7)])
def test_a_peak_is_that_of_continuous_time(complex, level, peak):
    design = of([1, 2, 7], complex=complex)
    played = cf.Playback(rate=64.0, level=level).of(design)
    fine = np.abs(played.gain * summed(design, np.arange(100_000) / 100_000))
    assert fine.max() <= peak
    assert fine.max() == pytest.approx(peak, rel=1e-6)
    np.testing.assert_allclose(played.one, played.gain * summed(design, np.arange(64) / 64), atol=1e-9)


def test_an_rms_is_that_of_the_samples():
    played = cf.Playback(rate=64.0, level="200 mVrms").of(of([1, 2, 7], amplitudes=[1.0, 3.0, 2.0]))
    assert np.sqrt(np.mean(played.one**2)) == pytest.approx(0.2, rel=1e-12)


def test_decibels_of_full_scale_leave_volts_alone_unless_full_scale_is_given():
    design = of([1, 2, 7])
    played = cf.Playback(level="-6 dBFS").of(design)
    assert played.gain == 1.0
    assert design.peak / played.full_scale == pytest.approx(10 ** (-6 / 20))
    played = cf.Playback(level="-6 dBFS", full_scale=2.0).of(design)
    assert played.full_scale == 2.0
    assert played.gain * design.peak == pytest.approx(2.0 * 10 ** (-6 / 20))


def test_what_exceeds_full_scale_is_refused():
    with pytest.raises(ValueError, match=r"full_scale is 1 V, but the signal reaches 1\.5 V"):
        cf.Playback(level="1 V", offset=-0.5, full_scale=1.0).of(of([1, 2]))
    assert np.max(np.abs(cf.Playback(level="0.5 V", offset=-0.5, full_scale=1.0).of(of([1, 2])).one)) <= 1.0


LIMITS = [cf.Output(limit=1.0, name="voltage"), cf.Output(lambda f: 2j * np.pi * f, limit=30.0, name="slew rate")]


def test_limits_are_kept_unless_asked_otherwise():
    design = of([1, 2, 7], outputs=LIMITS)
    times = np.arange(100_000) / 100_000

    def shares(gain):
        ms = design.multisine
        angles = 2 * np.pi * np.multiply.outer(times, ms.frequencies) + design.phases
        rate = np.abs(np.sin(angles) @ (2 * np.pi * ms.frequencies))
        return gain * np.max(np.abs(summed(design, times))) / 1.0, gain * rate.max() / 30.0

    for level in (None, "limits"):
        found = shares(cf.Playback(level=level).of(design).gain)
        assert max(found) <= 1.0
        assert max(found) == pytest.approx(1.0, rel=1e-5)
    for level in ("designed", "2 V", "1.5 Vrms"):
        with pytest.raises(ValueError, match=r"of a limit of the problem; give level='limits'"):
            cf.Playback(level=level).of(design)
        assert max(shares(cf.Playback(level=level, beyond_limits=True).of(design).gain)) > 1.0
    with pytest.raises(ValueError, match="level is 'limits', but the problem has none"):
        cf.Playback(level="limits").of(of([1, 2]))


def test_limits_over_samples_are_kept_between_them():
    design = of([1, 2, 7], outputs=[cf.Output(limit=1.0)], over=cf.Samples(15))
    played = cf.Playback(rate=480.0).of(design)
    assert np.max(np.abs(played.one)) <= 1.0


@pytest.mark.parametrize("text", ["-1 to 3 V", "-1..3V", "[-1, 3] V", "-1000 mV to 3 V", "−1 to 3"])
def test_a_range_is_filled_from_end_to_end(text):
    design = of([1, 2, 7], measure="range")
    played = cf.Playback(rate=64.0, level=text).of(design)
    fine = played.gain * summed(design, np.arange(200_000) / 200_000) + played.offset
    assert fine.min() >= -1.0
    assert fine.max() <= 3.0
    np.testing.assert_allclose([fine.min(), fine.max()], [-1.0, 3.0], atol=1e-6)
    np.testing.assert_allclose(played.one, played.gain * summed(design, np.arange(64) / 64) + played.offset, atol=1e-9)
    assert played.full_scale == 3.0


def test_a_range_that_makes_no_sense_is_refused():
    for text in ("3 to -1 V", "1 to 1", "1 to 2 Hz", "1 to 2 Vrms"):
        with pytest.raises(ValueError, match=r"^level is "):
            cf.Playback(level=text)
    with pytest.raises(ValueError, match=r"offset is 0\.5, but a level from -1 to 3 V sets it"):
        cf.Playback(level="-1 to 3 V", offset=0.5).of(of([1, 2]))
    with pytest.raises(ValueError, match="a complex signal has no minimum"):
        cf.Playback(level="-1 to 3 V").of(of([1, 2], complex=True))


@pytest.mark.parametrize(("multiple_of", "samples"), [(32, 800), (192, 4800), (100, 100), (1, 100)])
def test_memories_that_are_filled_in_steps(multiple_of, samples):
    design = of(range(1, 11), 30e3)
    played = cf.Playback(rate=1e6, multiple_of=multiple_of).of(design)
    assert (played.one.size, played.periods) == (samples, 3 * samples // 100)
    if samples == 100:
        return
    with pytest.raises(ValueError, match=f"periods is {3 * samples // 100 + 3}, .*multiple of {3 * samples // 100}$"):
        cf.Playback(rate=1e6, multiple_of=multiple_of, periods=3 * samples // 100 + 3).of(design)


# ------------------------------------------------------------------ edges, offset, hold


def test_the_signal_begins_and_ends_at_rest():
    design = of([1, 2, 3], 10.0)
    played = cf.Playback(rate=640.0, periods=2, lead=0.1, fade_in=0.05, fade_out=0.025, trail=0.2, offset=0.5).of(
        design
    )
    x = played.one - 0.5
    assert (played.first, x.size, played.start_s) == (96, 64 + 32 + 128 + 16 + 128, -0.15)
    assert not x[:64].any()
    assert not x[-128:].any()
    np.testing.assert_allclose(x[96:224], summed(design, np.arange(128) / 640), atol=1e-9)
    ramp = summed(design, np.arange(-32, 0) / 640) * np.sin(np.pi / 2 * (np.arange(32) + 0.5) / 32) ** 2
    np.testing.assert_allclose(x[64:96], ramp, atol=1e-9)
    fall = summed(design, np.arange(16) / 640) * np.cos(np.pi / 2 * (np.arange(16) + 0.5) / 16) ** 2
    np.testing.assert_allclose(x[224:240], fall, atol=1e-9)


@pytest.mark.parametrize("complex", [False, True])
def test_what_a_converter_that_holds_makes_of_it_is_what_was_asked_for(complex):
    design = of([1, 4, 9, 13], complex=complex)
    x = cf.Playback(rate=32.0, compensate_hold=True).of(design).one
    held = np.repeat(x, 512)  # the output of the converter
    z = np.fft.fft(held) / held.size
    found = np.abs(z[[1, 4, 9, 13]]) * (1 if complex else 2)
    np.testing.assert_allclose(found, 1.0, rtol=2e-3)
    plain = np.fft.fft(np.repeat(cf.Playback(rate=32.0).of(design).one, 512)) / held.size
    assert abs(plain[13]) * (1 if complex else 2) < 0.8
    assert np.max(np.abs(x)) <= cf.Playback(rate=32.0, compensate_hold=True).of(design).full_scale
    with pytest.raises(ValueError, match="compensate_hold is True, but it needs whole periods"):
        cf.Playback(rate=31.7, compensate_hold=True, seam=True).of(design)


# ------------------------------------------------------------------ converter


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 32), st.booleans(), st.booleans(), st.booleans(), st.floats(-1.0, 1.0), st.booleans())
def test_counts_are_the_samples_to_half_a_step(bits, signed, big_endian, q_first, offset, is_complex):
    design = of([1, 2, 5], complex=is_complex)
    playback = cf.Playback(
        rate=32.0, bits=bits, signed=signed, big_endian=big_endian, q_first=q_first, offset=offset, level="-1 dBFS"
    )
    played = playback.of(design)
    counts = played_counts(played, played.one)
    assert counts.dtype.kind == ("i" if signed else "u")
    assert counts.dtype.itemsize == 1 or counts.dtype.str[0] == (">" if big_endian else "<")
    numbers = np.frombuffer(counts.tobytes(), counts.dtype).astype(float) - (0 if signed else 2 ** (bits - 1))
    last = 2 ** (bits - 1) - 1
    assert np.max(np.abs(numbers)) <= last
    volts = numbers * volts_per_count(played)
    expected = summed(design, np.arange(32) / 32) + offset
    if is_complex:
        i, q = (volts[1::2], volts[::2]) if q_first else (volts[::2], volts[1::2])
        volts = i + 1j * q
    step = volts_per_count(played)
    np.testing.assert_allclose(volts.real, expected.real, atol=0.5001 * step + 1e-9)
    np.testing.assert_allclose(volts.imag, expected.imag, atol=0.5001 * step + 1e-9)


# ------------------------------------------------------------------ the class itself


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rate": 0}, "rate is 0; give a finite number"),
        ({"rate": "48 ms"}, "rate is '48 ms'; give a frequency"),
        ({"rate": 48, "samples_per_period": 8}, "rate and samples_per_period say the same thing"),
        ({"periods": 2, "duration": 1.0}, "periods and duration say the same thing"),
        ({"periods": 0}, "periods is 0; give an integer of at least 1"),
        ({"periods": 1.5}, "periods is 1.5; give an integer"),
        ({"duration": -1}, "duration is -1; give"),
        ({"offset": float("nan")}, "offset is nan; give"),
        ({"lead": -0.1}, "lead is -0.1; give a finite time"),
        ({"bits": 1}, "bits is 1; give an integer from 2 to 32"),
        ({"bits": 64}, "bits is 64; give an integer from 2 to 32"),
        ({"signed": "no"}, "signed is 'no'; give True or False"),
        ({"full_scale": 0.0}, "full_scale is 0.0; give"),
    ],
)
def test_wrong_values_are_named(wrong, said):
    with pytest.raises(ValueError, match=rf"^{said}"):
        cf.Playback(**wrong)


def test_equal_playbacks_are_equal():
    one, other = cf.Playback(rate=48_000, level="-1 dBFS"), cf.Playback(rate=48_000.0, level="-1 dBFS")
    assert one == other
    assert hash(one) == hash(other)
    assert one.said() == {"rate": 48_000.0, "level": "-1 dBFS"}
    assert replace(one, rate=None).said() == {"level": "-1 dBFS"}


@given(st.data())
def test_lengths_are_those_of_what_is_played(data):
    names = ["periods", "duration", "lead", "trail", "fade_in", "fade_out"]
    said = {
        name: data.draw(st.integers(1, 4) if name == "periods" else st.floats(0.01, 0.4))
        for name in data.draw(st.sets(st.sampled_from(names)))
    }
    assume(not {"periods", "duration"} <= said.keys())
    design = of([1, 3], 10.0)
    playback = cf.Playback(rate=80.0, **said)
    assert length_of(design, playback).samples == playback.of(design).one.size


@pytest.mark.parametrize("offset", [0.3, -0.6])
def test_an_offset_counts_where_a_response_passes_it(offset):
    design = of([1, 2, 7], outputs=LIMITS)  # a derivative does not pass it
    times = np.arange(100_000) / 100_000
    played = cf.Playback(offset=offset).of(design)
    drive = played.gain * summed(design, times) + offset
    assert np.max(np.abs(played.gain * summed(design, times))) + abs(offset) <= 1.0 + 1e-9
    assert np.max(np.abs(drive)) <= 1.0
    with pytest.raises(ValueError, match=r"with an offset of .* V; give level='limits'"):
        cf.Playback(level=0.9, offset=offset).of(design)
    with pytest.raises(ValueError, match=r"allows no signal with an offset of 2 V"):
        cf.Playback(offset=2.0).of(design)
    with pytest.raises(ValueError, match=r"level is '0 to 12 V', which reaches .* of a limit"):
        cf.Playback(level="0 to 12 V").of(design)
    unknown = of([1, 2, 7], outputs=[cf.Output(lambda f: 1.0 / (1.0 + 1j * f), limit=1.0, name="velocity")])
    with pytest.raises(ValueError, match="how output 'velocity' answers to a constant is not known"):
        cf.Playback(offset=offset).of(unknown)


def test_of_a_single_tone_no_response_is_known_but_a_real_number_and_a_derivative():
    def with_output(output):
        return of([1], outputs=[cf.Output(limit=1.0), output])

    low_pass = cf.Output(lambda f: 1.0 / (1.0 + 1j * f), limit=1.0, name="velocity")  # its gain is highest at 0 Hz
    for unknown in (low_pass, cf.integral(1.0, "velocity")):
        with pytest.raises(ValueError, match="how output 'velocity' answers to a constant is not known"):
            cf.Playback(offset=0.3).of(with_output(unknown))
    assert cf.Playback(offset=0.3).of(with_output(cf.slew_rate(100.0))).gain == pytest.approx(0.7)
    assert cf.Playback(offset=0.3).of(with_output(cf.Output(2.0, limit=1.0, name="twice"))).gain == pytest.approx(0.2)


@pytest.mark.parametrize("measure", ["range", "one-sided"])
def test_limits_are_kept_between_the_samples_that_count(measure):
    problem = cf.Problem(
        cf.Multisine.harmonics([1, 2, 7]), over=cf.Samples(15), measure=measure, outputs=[cf.Output(limit=1.0)]
    )
    design = cf.minimize_peak(problem, starts=4)
    x = cf.Playback(rate=10_000.0).of(design).one
    highest = 0.5 * np.ptp(x) if measure == "range" else np.max(x)
    assert 0.999 < highest <= 1.0
    assert design.figure * cf.Playback(rate=10_000.0).of(design).gain < 0.99  # the samples alone would allow more


def test_several_inputs_share_the_middle_of_a_range():
    problem = cf.Problem(cf.Multisine.harmonics(range(1, 7), 1.0), channels=cf.Interleaved(3))
    design = cf.Design.of(problem, np.arange(6.0))
    played = cf.Playback(rate=64.0, level="-5 to 5 V").of(design)
    assert played.offset == 0.0
    assert 4.0 < np.max(np.abs(played.values)) <= 5.0
    assert cf.Playback(rate=64.0, level="-1 to 3 V").of(design).offset == 1.0


def test_files_in_volts_have_no_full_scale(tmp_path):
    design = of([1, 2])
    for name in ("a.f32", "a.txt", "a.npy", "a.pwl", "a.mat"):
        with pytest.raises(ValueError, match="hold volts and have no full scale; give a level in volts"):
            design.save(tmp_path / name, level="-3 dBFS")
        design.save(tmp_path / name, level="-3 dBFS", full_scale=2.0)
    design.save(tmp_path / "b.npy", level="-3 dBFS", bits=12)


def test_a_hold_that_raises_samples_keeps_limits_too():
    design = of([1, 9], outputs=[cf.Output(limit=1.0)])
    played = cf.Playback(rate=32.0, compensate_hold=True).of(design)
    assert 0.99 < np.max(np.abs(played.one)) <= 1.0
    with pytest.raises(ValueError, match="of a limit of the problem"):
        cf.Playback(rate=32.0, compensate_hold=True, level=0.99).of(design)
    with pytest.raises(ValueError, match="which compensate_hold would exceed"):
        cf.Playback(rate=32.0, compensate_hold=True, level="-1 to 1 V").of(of([1, 9]))


@pytest.mark.parametrize("edge", ["fade_in", "fade_out", "lead", "trail"])
def test_what_an_output_does_at_the_edges_is_not_promised(edge):
    with pytest.raises(ValueError, match=f"{edge} is 100 ms: what output 'slew rate' does"):
        cf.Playback(**{edge: 0.1}).of(of([1, 2, 7], outputs=LIMITS))
    cf.Playback(**{edge: 0.1}, beyond_limits=True).of(of([1, 2, 7], outputs=LIMITS))
    drive = cf.Playback(**{edge: 0.1}).of(of([1, 2, 7], outputs=LIMITS[:1]))
    assert np.max(np.abs(drive.one)) <= 1.0


def test_extreme_times_and_levels_are_refused_in_one_line():
    wrong = [{"lead": 1e308}, {"duration": 1e300}, {"level": 1e308, "offset": 1.7e308}]
    for fields in wrong:
        with pytest.raises(ValueError, match=r"^[^\n]*$"):
            cf.Playback(rate=1e6, **fields).of(of([1, 2]))


def test_silence_has_no_range_and_no_hidden_clipping():
    silent = cf.Design.of(cf.Multisine([1.0, 1.0]), [0.0, np.pi])
    with pytest.raises(ValueError, match="silence has no range"):
        cf.Playback(level="-1 to 3 V").of(silent)
    with pytest.raises(ValueError, match="full_scale is 1 V, but the signal reaches 2 V"):
        cf.Playback(offset=2.0, full_scale=1.0).of(silent)
    assert cf.Playback().of(silent).full_scale == 1.0


@pytest.mark.parametrize(
    "fields",
    [
        {"level": "-1 to 3 V"},
        {"rate": 1024, "lead": 0.1},
        {"rate": 1024, "duration": 2.0, "trail": 0.1},
        {"rate": 1024, "multiple_of": 192, "fade_in": 0.05},
        {"rate": 1000, "compensate_hold": True},
        {"rate": 1024, "seam": True, "offset": 0.1},
    ],
)
def test_wav_files_come_back_whatever_was_played(fields, tmp_path):
    design = of([1, 2, 5], 10.0)
    design.save(tmp_path / "a.wav", cf.Playback(**fields))
    assert cf.load(tmp_path / "a.wav") == design
