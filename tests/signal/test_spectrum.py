"""Samples of a period back to the tones they were made of."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.signal.spectrum import tones_of_period


def told(samples, rate):
    """The notes of a reading."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tones_of_period(samples, rate)
    assert all(issubclass(one.category, cf.CrestfallWarning) for one in caught)
    return [str(one.message) for one in caught]


@pytest.mark.parametrize(("n", "whole"), [(987, 900), (1099, 1000), (250, 200), (150, 100)])
def test_a_record_of_no_whole_number_of_periods_is_told_with_where_to_cut_it(n, whole):
    t = np.arange(n) / 1000
    x = np.cos(2 * np.pi * 10 * t) + np.cos(2 * np.pi * 30 * t + 1)
    (message,) = told(x, 1000.0)
    assert f"the {n} samples are {n / 100:.4g} periods of 100 samples (100 ms): cut to {whole} samples" in message
    assert "hold 2 tones" in message
    assert told(x[:whole], 1000.0) == []


def test_less_than_two_periods_jump():
    t = np.arange(150) / 1000
    (message,) = told(np.sin(2 * np.pi * 2.2 * t), 1000.0)
    assert "jump from the last to the first" in message


@pytest.mark.parametrize("periods", [1, 2, 5])
@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_told_of_whole_periods_of_many_tones(periods, seed):
    rng = np.random.default_rng(seed)
    t = np.arange(512) / 512
    x = sum(np.cos(2 * np.pi * k * t + rng.uniform(0, 6)) for k in range(1, 60))
    assert told(np.tile(x, periods), 512.0) == []


@settings(max_examples=40, deadline=None)
@given(data=st.data(), is_complex=st.booleans(), periods=st.integers(1, 3))
def test_the_tones_of_a_waveform_are_those_that_made_it(data, is_complex, periods):
    numbers = data.draw(st.lists(st.integers(-20 if is_complex else 1, 20), min_size=1, max_size=8, unique=True))
    values = data.draw(st.lists(st.floats(0.1, 10), min_size=len(numbers), max_size=len(numbers)))
    phases = data.draw(st.lists(st.floats(-3.1, 3.1), min_size=len(numbers), max_size=len(numbers)))
    fundamental = data.draw(st.sampled_from([0.1, 1.0, 10.0, 12.5, 1e6]))
    ms = cf.Multisine.harmonics(sorted(numbers), fundamental, values, complex=is_complex, initial_phases=phases)
    rate = 64 * ms.fundamental
    found = tones_of_period(cf.Design.of(ms, phases).waveform(rate, periods), rate)
    assert found.complex == is_complex
    np.testing.assert_allclose(found.frequencies, ms.frequencies, rtol=1e-15)
    np.testing.assert_allclose(found.amplitudes, ms.amplitudes, rtol=1e-10)
    np.testing.assert_allclose(found.initial_phases, ms.initial_phases, atol=1e-10)
    if np.any(ms.harmonic_numbers):
        assert found.harmonic_numbers.tolist() == ms.harmonic_numbers.tolist()


def test_weak_tones_are_dropped_relative_to_the_strongest():
    t = np.arange(64) / 64
    x = 100.0 + 10 * np.cos(2 * np.pi * 3 * t) + 0.02 * np.cos(2 * np.pi * 5 * t) + 0.005 * np.cos(2 * np.pi * 7 * t)
    assert told(x, 64.0) == ["the samples have an offset of 100, which is left out: it has no phase to choose"]
    x -= 100.0
    assert tones_of_period(x, 64.0).frequencies.tolist() == [3.0, 5.0]
    assert tones_of_period(x, 64.0, -50.0).frequencies.tolist() == [3.0]
    assert tones_of_period(x, 64.0, -80.0).frequencies.tolist() == [3.0, 5.0, 7.0]
    assert tones_of_period(x, 64.0, -np.inf).frequencies.tolist() == [3.0, 5.0, 7.0]
    assert tones_of_period(x, 64.0, 0.0).frequencies.tolist() == [3.0]


def test_the_constant_and_the_bin_at_half_the_rate_are_dropped_of_a_real_period_only():
    j = np.arange(8)
    x = 5.0 + 3.0 * (-1.0) ** j + np.cos(2 * np.pi * 2 * j / 8)
    with pytest.warns(cf.CrestfallWarning):
        assert tones_of_period(x, 8.0).frequencies.tolist() == [2.0]
    offset, half = told(x, 8.0)
    assert "offset of 5," in offset
    assert "a part of 3 at half the sample rate" in half
    found = tones_of_period(x.astype(complex), 8.0)
    assert found.frequencies.tolist() == [-4.0, -2.0, 0.0, 2.0]
    np.testing.assert_allclose(found.amplitudes, [3.0, 0.5, 5.0, 0.5])


@pytest.mark.parametrize("n", [3, 4, 5, 100, 101, 127])
def test_any_number_of_samples_will_do(n):
    found = tones_of_period(np.cos(2 * np.pi * np.arange(n) / n + 0.5), float(n))
    assert found.frequencies.tolist() == [1.0]
    np.testing.assert_allclose(found.initial_phases, [0.5])


@pytest.mark.parametrize("dtype", [np.int16, np.float32, np.longdouble])
def test_any_kind_of_number_will_do(dtype):
    x = np.round(1000 * np.cos(2 * np.pi * np.arange(16) / 16)).astype(dtype)
    assert tones_of_period(x, 16.0, -40.0).amplitudes == pytest.approx([1000], rel=1e-3)


@pytest.mark.parametrize(
    ("samples", "rate", "level", "said"),
    [
        ([], 1.0, -60.0, "samples are empty"),
        ([[1.0, 2.0]], 1.0, -60.0, "samples have shape (1, 2)"),
        (3.0, 1.0, -60.0, "samples have shape ()"),
        (["a", "b"], 1.0, -60.0, "samples are of type"),
        ([1.0, None], 1.0, -60.0, "samples are of type object"),
        ([0.0, np.nan, 1.0], 1.0, -60.0, "samples[1] is nan"),
        ([0.0, 1.0, 1j * np.inf], 1.0, -60.0, "samples[2] is"),
        ([0.0] * 8, 1.0, -60.0, "samples hold no tone"),
        ([0.1] * 1000, 1.0, -60.0, "samples hold no tone"),
        ([1.0], 1.0, -60.0, "samples hold no tone"),
        ([1.0, -1.0], 1.0, -60.0, "samples hold no tone"),
        ([0j] * 8, 1.0, -60.0, "samples hold no tone"),
        ([0.0, 1.0, 0.0, -1.0], 0.0, -60.0, "sample_rate is 0"),
        ([0.0, 1.0, 0.0, -1.0], np.nan, -60.0, "sample_rate is nan"),
        ([0.0, 1.0, 0.0, -1.0], -48e3, -60.0, "sample_rate is -48000"),
        ([0.0, 1.0, 0.0, -1.0], 4.0, 3.0, "drop_below_db is 3"),
        ([0.0, 1.0, 0.0, -1.0], 4.0, np.nan, "drop_below_db is nan"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(samples, rate, level, said):
    with pytest.raises(ValueError, match=r"^[^\n]*$") as caught:
        tones_of_period(samples, rate, level)
    assert said in str(caught.value)


def test_more_tones_than_a_grid_can_hold_are_refused_with_what_to_do(monkeypatch):
    monkeypatch.setattr("crestfall.signal.spectrum.MAX_HARMONIC", 10)
    x = np.random.default_rng(1).standard_normal(64)
    with pytest.raises(ValueError, match=r"^samples hold 64 points, .* cut them to a single period.*-60 dB$"):
        tones_of_period(x, 1.0)
    t = np.arange(64) / 64
    assert tones_of_period(np.cos(2 * np.pi * 16 * t) + np.cos(2 * np.pi * 24 * t), 64.0).harmonic_numbers.tolist() == [
        2,
        3,
    ]


def test_a_missing_sample_rate_is_asked_for():
    with pytest.raises(ValueError, match=r"^sample_rate is missing"):
        cf.Multisine.from_waveform([0.0, 1.0, 0.0, -1.0])
