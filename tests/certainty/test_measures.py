"""Sample peak, true peak, RMS, crest factor, PAPR and relative peak factor against dense direct summation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.problem.times import MAX_SAMPLES


def direct(ms, phases, t):
    argument = 2 * np.pi * np.outer(t, ms.frequencies) + np.asarray(phases)
    if ms.complex:
        return np.exp(1j * argument) @ ms.amplitudes
    return np.cos(argument) @ ms.amplitudes


@st.composite
def problems(draw, complex=None):
    complex = draw(st.booleans()) if complex is None else complex
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(1, 10))
    numbers = rng.integers(-15 if complex else 1, 30, n)
    ms = cf.Multisine.harmonics(
        numbers, draw(st.sampled_from([0.1, 1.0, 48.0, 1e6])), 10 ** rng.uniform(-2, 1, n), complex
    )
    return ms, rng.uniform(-7, 7, n)


@given(problems())
@settings(deadline=None, max_examples=60)
def test_measures_against_dense_sampling(problem):
    ms, phases = problem
    # Enough samples that the grid misses at most 1 - cos(π/64) of the peak.
    n_samples = 128 * max(1, int(np.max(np.abs(ms.harmonic_numbers))))
    x = direct(ms, phases, np.arange(n_samples) / n_samples * ms.period)
    total = np.sum(ms.amplitudes)
    rms = np.sqrt(np.mean(np.abs(x) ** 2))
    assert cf.rms(ms, phases) == pytest.approx(rms, rel=1e-9, abs=1e-12 * total)
    peak = cf.true_peak(ms, phases)
    assert np.max(np.abs(x)) <= peak * (1 + 1e-9) + 1e-11 * total
    assert peak * np.cos(np.pi / 64) <= np.max(np.abs(x)) + 1e-11 * total
    assert cf.sample_peak(ms, phases, n_points=n_samples + 1) == pytest.approx(np.max(np.abs(x)), abs=1e-10 * total)
    if rms > 1e-6 * total:
        crest_factor = cf.crest_factor(ms, phases)
        assert crest_factor == pytest.approx(peak / rms, rel=1e-7)
        assert cf.papr_db(ms, phases) == pytest.approx(20 * np.log10(crest_factor), abs=1e-12)


@given(problems(complex=False))
@settings(deadline=None, max_examples=40)
def test_relative_peak_factor_against_dense_sampling(problem):
    ms, phases = problem
    rms = cf.rms(ms, phases)
    if rms < 1e-3 * np.sum(ms.amplitudes):
        return
    n_samples = 512 * int(ms.harmonic_numbers.max())
    x = direct(ms, phases, np.arange(n_samples) / n_samples * ms.period)
    dense = (x.max() - x.min()) / (2 * np.sqrt(2) * rms)
    exact = cf.relative_peak_factor(ms, phases)
    # Both ends may be missed by the grid, each by at most 1 - cos(π/512) of the peak.
    assert dense <= exact * (1 + 1e-8)
    assert exact - dense <= (1 - np.cos(np.pi / 512)) * cf.true_peak(ms, phases) / (np.sqrt(2) * rms) + 1e-8


def test_figures_of_one_sine():
    ms = cf.Multisine([50.0], [3.0])
    assert cf.true_peak(ms, [1.0]) == pytest.approx(3.0, rel=1e-12)
    assert cf.rms(ms, [1.0]) == pytest.approx(3.0 / np.sqrt(2), rel=1e-15)
    assert cf.crest_factor(ms, [1.0]) == pytest.approx(np.sqrt(2), rel=1e-12)
    assert cf.papr_db(ms, [1.0]) == pytest.approx(10 * np.log10(2), rel=1e-11)
    assert cf.relative_peak_factor(ms, [1.0]) == pytest.approx(1.0, rel=1e-11)


def test_figures_of_one_complex_tone():
    ms = cf.Multisine([-50.0], [3.0], complex=True)
    assert cf.crest_factor(ms, [1.0]) == pytest.approx(1.0, rel=1e-12)
    assert cf.papr_db(ms, [1.0]) == pytest.approx(0.0, abs=1e-11)
    with pytest.raises(ValueError, match="relative_peak_factor needs a real signal"):
        cf.relative_peak_factor(ms, [1.0])


def test_an_asymmetric_waveform_separates_the_peak_factors():
    ms = cf.Multisine.harmonics([1, 2])
    # cos t + cos 2t reaches 2 above and -9/8 below.
    assert cf.true_peak(ms, [0, 0]) == pytest.approx(2.0, rel=1e-12)
    assert cf.relative_peak_factor(ms, [0, 0]) == pytest.approx((2 + 9 / 8) / (2 * np.sqrt(2)), rel=1e-11)


def test_tones_of_one_frequency_add_before_they_are_squared():
    ms = cf.Multisine([5.0, 5.0, 7.0], [3.0, 4.0, 1.0])
    assert cf.rms(ms, [0, np.pi / 2, 1]) == pytest.approx(np.sqrt((25 + 1) / 2), rel=1e-14)
    assert cf.rms(ms, [0, np.pi, 1]) == pytest.approx(np.sqrt((1 + 1) / 2), rel=1e-14)


def test_cancelled_tones_have_no_crest_factor():
    ms = cf.Multisine([5.0, 5.0])
    assert np.isnan(cf.crest_factor(ms, [0, np.pi]))
    assert np.isnan(cf.papr_db(ms, [0, np.pi]))
    assert np.isnan(cf.relative_peak_factor(ms, [0, np.pi]))


@pytest.mark.parametrize(("n", "points"), [(1, 48_000), (2, 48_000), (5, 48_000), (20, 997), (3, 2), (3, 1)])
def test_sample_peak_of_the_original_question(n, points):
    phases = np.random.default_rng(n).uniform(0, 2 * np.pi, n)
    t = np.linspace(0, 2 * np.pi, points)
    expected = np.max(np.abs(np.sin(t[:, None] + phases).sum(axis=1)))
    ms = cf.Multisine([1.0] * n)
    assert cf.sample_peak(ms, phases - np.pi / 2, n_points=points) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize(
    ("rate", "distinct"),
    [(48_000.0, 4800), (100.0, 10), (25.0, 5), (7.5, 3), (10.0, 1), (10 / 3, 1), (441.0, 441), (1e4 / 3, 1000)],
)
def test_sample_peak_at_a_rate(rate, distinct, complex):
    ms = cf.Multisine.harmonics([1, 2, 5, 9], 10.0, [1, 2, 0.5, 1], complex)
    phases = [0.3, 1.0, -2.0, 4.0]
    assert cf.Samples(rate=rate).count(ms) == distinct
    # Enough samples to have visited every point; many more than one period where the ratio is a fraction.
    x = direct(ms, phases, np.arange(3 * distinct + 10) / rate)
    assert cf.sample_peak(ms, phases, sample_rate=rate) == pytest.approx(np.max(np.abs(x)), rel=1e-9)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({}, "sample_rate"),
        ({"sample_rate": 8.0, "n_points": 8}, "sample_rate"),
        ({"sample_rate": 0.0}, "sample_rate is 0"),
        ({"sample_rate": -8.0}, "sample_rate is -8"),
        ({"sample_rate": np.nan}, "sample_rate is nan"),
        ({"sample_rate": np.inf}, "sample_rate is inf"),
        ({"sample_rate": np.pi}, "the rate of 3.14159265359 Hz"),
        ({"n_points": 0}, "n_points is 0"),
        ({"n_points": 2.5}, "n_points is 2.5"),
        ({"n_points": np.nan}, "n_points is nan"),
        ({"n_points": np.inf}, "n_points is inf"),
        ({"n_points": MAX_SAMPLES + 1}, f"n_points is {MAX_SAMPLES + 1}"),
    ],
)
def test_bad_sampling_is_refused(arguments, name):
    with pytest.raises(ValueError, match=name) as caught:
        cf.sample_peak(cf.Multisine([1.0, 2.0]), [0, 0], **arguments)
    assert "\n" not in str(caught.value)
