"""Lower bounds: known values, and never crossed by any phases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.certainty.bounds import strongest_bound
from crestfall.certainty.bounds.bernstein_szego import bernstein_szego
from crestfall.certainty.bounds.fejer_pair import fejer_pair
from crestfall.certainty.bounds.quartic import quartic
from crestfall.certainty.bounds.square_spectrum import square_spectrum
from crestfall.certainty.bounds.triangle import triangle
from crestfall.certainty.proof import prove


@pytest.mark.parametrize("n", [1, 2, 31, 1000])
def test_flat_harmonics_by_the_sum_of_squares(n):
    # 1² + … + n² = n (n + 1)(2n + 1) / 6
    expected = np.sqrt(1 + (n + 1) * (2 * n + 1) / (6 * n * n))
    assert bernstein_szego(cf.Multisine.harmonics(range(1, n + 1), 7.0)) == pytest.approx(expected, rel=1e-13)


def test_limits():
    assert cf.lower_bound(cf.Multisine([3.0])) == pytest.approx(np.sqrt(2), rel=1e-15)
    assert cf.lower_bound(cf.Multisine.harmonics(range(1, 20_001))) == pytest.approx(np.sqrt(4 / 3), rel=1e-4)
    narrow = cf.Multisine.harmonics(range(10_000, 10_011))
    assert cf.lower_bound(narrow) == pytest.approx(np.sqrt(2), rel=1e-3)
    assert cf.lower_bound(cf.Multisine.harmonics(range(20_000), complex=True)) == 1.0
    assert cf.lower_bound(cf.Multisine.harmonics([0, 0], complex=True)) == 1.0


def test_weights_are_powers():
    ms = cf.Multisine([1.0, 2.0], [3.0, 1.0])
    assert bernstein_szego(ms) == pytest.approx(np.sqrt(1 + (9 / 4 + 1) / 10), rel=1e-14)
    assert cf.peak_lower_bound(ms) == pytest.approx(cf.lower_bound(ms) * np.sqrt(5), rel=1e-14)


@pytest.mark.parametrize(
    ("numbers", "share"), [([1, 2, 3], 1.0), (range(1, 13), 0.6), ([1, 5], 0.2), ([2, 4, 6, 16], 0.5)]
)
def test_three_instants_by_trying_pairs_of_lags(numbers, share):
    """M² ≥ R(s) + R(t) − R(s + t) and M² ≥ −R(s) − R(t) − R(s + t), with the autocorrelation R."""
    amplitudes = share ** np.arange(len(numbers))
    lags = np.arange(2048) / 1024
    r = np.cos(2 * np.pi * np.outer(lags, numbers)) @ amplitudes**2 / np.sum(amplitudes**2)
    first, second = np.meshgrid(np.arange(1024), np.arange(1024))
    total = r[first + second]
    highest = max((r[first] + r[second] - total).max(), (-r[first] - r[second] - total).max(), 1.0)
    found = triangle(cf.Multisine.harmonics(numbers, amplitudes=amplitudes))
    assert highest * 0.99 <= found**2 <= highest * 1.001


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_very_small_and_very_large_amplitudes(scale):
    for numbers in ([1, 2, 3], [1, 2, 2]):
        unit = cf.Multisine(numbers, [1, 1, 3])
        scaled = cf.Multisine(numbers, scale * unit.amplitudes)
        assert cf.lower_bound(scaled) == pytest.approx(cf.lower_bound(unit), rel=1e-13)
        assert cf.peak_lower_bound(scaled) / scale == pytest.approx(cf.peak_lower_bound(unit), rel=1e-13)


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize(
    ("amplitudes", "least"),
    [
        ([1], 1),
        ([1, 1], 0),
        ([3, 1, 1], 1),
        ([1, 1, 1], 0),
        ([2, 1, 1], 0),
        ([0.5, 4, 0.25], 3.25),
        ([0.3, 0.1, 0.2], 0),
    ],
)
def test_one_frequency_is_the_polygon_inequality(amplitudes, least, complex):
    ms = cf.Multisine([50.0] * len(amplitudes), amplitudes, complex=complex)
    assert cf.peak_lower_bound(ms) == pytest.approx(least, rel=1e-14, abs=1e-15)
    assert cf.lower_bound(ms) == pytest.approx(1.0 if complex else np.sqrt(2), rel=1e-14)


@st.composite
def problems(draw, distinct):
    complex = draw(st.booleans())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(1, 8))
    lowest = -5 if complex else 1
    if distinct:
        numbers = rng.choice(np.arange(lowest, 20), n, replace=False)
    else:
        numbers = rng.integers(lowest, lowest + draw(st.integers(1, 6)), n)
    ms = cf.Multisine.harmonics(numbers, 1.0, 10 ** rng.uniform(-2, 1, n), complex)
    return ms, rng


@pytest.mark.parametrize("distinct", [True, False])
@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_no_phases_cross_the_bounds(distinct, data):
    ms, rng = data.draw(problems(distinct))
    least_crest_factor, least_peak = cf.lower_bound(ms), cf.peak_lower_bound(ms)
    if not ms.complex and not ms.has_repeated_frequencies:
        assert least_crest_factor >= bernstein_szego(ms)
    assert least_crest_factor >= 1.0
    candidates = [*rng.uniform(0, 2 * np.pi, (4, ms.n)), *rng.choice([0.0, np.pi], (4, ms.n)), cf.schroeder(ms)]
    for phases in candidates:
        slack = 1e-11 * np.sum(ms.amplitudes)
        assert cf.true_peak(ms, phases) >= least_peak - slack
        if cf.rms(ms, phases) > 1e-4 * np.sum(ms.amplitudes):
            assert cf.crest_factor(ms, phases) >= least_crest_factor * (1 - 1e-9)


@pytest.mark.parametrize(
    ("numbers", "amplitudes"), [([1, 1, 5], [1, 1, 1]), ([1, 5, 5], [1, 2, 2]), ([1, 5, 5], [1, 3, 1])]
)
def test_repeated_frequencies_by_trying_every_share_of_the_power(numbers, amplitudes):
    ms = cf.Multisine(numbers, amplitudes)
    repeated = max(set(numbers), key=numbers.count)
    alone = next(h for h in numbers if h != repeated)
    pair = [a for h, a in zip(numbers, amplitudes, strict=True) if h == repeated]
    magnitudes = np.linspace(abs(pair[0] - pair[1]), sum(pair), 2001)
    weights = magnitudes**2 + 1.0
    means = (magnitudes**2 * (repeated / 5) ** 2 + (alone / 5) ** 2) / weights
    assert cf.lower_bound(ms) == pytest.approx(np.sqrt(1 + means.min()), rel=1e-12)


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize("numbers", [[1, 2], [1, 2, 3], [1, 2, 5, 7], [3, 4, 7, 11], [1, 2, 4, 8], [97, 101, 103]])
def test_no_bound_is_above_the_proven_optimum(numbers, complex):
    rng = np.random.default_rng(sum(numbers))
    for amplitudes in (np.ones(len(numbers)), rng.uniform(0.2, 1.5, len(numbers)), np.geomspace(1, 0.1, len(numbers))):
        ms = cf.Multisine.harmonics(numbers, 1.0, amplitudes, complex)
        found = prove(ms, np.zeros(ms.n), gap=1e-3)
        assert found.proven
        square = square_spectrum(ms)
        bounds = [fejer_pair(square), quartic(square)] + ([] if complex else [triangle(ms), bernstein_szego(ms)])
        assert max(bounds) <= found.peak / cf.rms(ms, np.zeros(ms.n)) * (1 + 1e-9)


@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_the_certain_part_of_the_square_is_there_for_any_phases(data):
    ms, rng = data.draw(problems(True))
    square = square_spectrum(ms)
    t = np.arange(256) / 256
    for phases in rng.uniform(0, 2 * np.pi, (5, ms.n)):
        z = np.exp(2j * np.pi * np.outer(t, ms.harmonic_numbers)) @ ms.coefficients(phases)
        power = np.abs(z if ms.complex else z.real) ** 2
        spectrum = np.fft.fft(power) / 256
        moduli = np.abs(spectrum[square.frequencies]) / np.mean(power)
        assert np.all(moduli >= square.moduli - 1e-12)
        assert np.max(np.abs(spectrum[square.degree + 1 : 256 - square.degree]), initial=0.0) < 1e-12 * power.max()


@pytest.mark.parametrize(
    ("ms", "value", "name"),
    [
        (cf.Multisine.harmonics(range(9), complex=True), np.sqrt(1 + 2 / 9), "Fejér"),
        (cf.Multisine.harmonics([0, 1, 4, 9, 11], complex=True), np.sqrt(2 - 1 / 5), "quartic"),
        (cf.Multisine.harmonics([1, 10, 100]), np.sqrt(3 - 3 / 6), "quartic"),
        (cf.Multisine.harmonics(range(1, 65)), None, "Bernstein–Szegő"),
        (cf.Multisine.harmonics([1, 3, 5, 7, 1000], amplitudes=[1, 1, 1, 1, 0.1]), None, "triangle"),
        (cf.Multisine.harmonics(range(1000), complex=True), 1.0, "Parseval"),
    ],
)
def test_which_bound_is_the_strongest(ms, value, name):
    bound = strongest_bound(ms)
    assert bound.name == name
    assert bound.crest_factor == cf.lower_bound(ms)
    if value is not None:
        assert bound.crest_factor == pytest.approx(value, rel=1e-11)


def test_bounds_follow_amplitude_and_ignore_the_fundamental():
    rng = np.random.default_rng(0)
    numbers, amplitudes = [1, 3, 4, 9, 14], rng.uniform(0.1, 1, 5)
    here = cf.Multisine.harmonics(numbers, 1.0, amplitudes)
    there = cf.Multisine.harmonics(numbers, 250.0, 1e3 * amplitudes)
    assert cf.lower_bound(there) == pytest.approx(cf.lower_bound(here), rel=1e-12)
    assert cf.peak_lower_bound(there) == pytest.approx(1e3 * cf.peak_lower_bound(here), rel=1e-12)
