"""What each term of a certified interval, and of a bound, is for: made large enough to see, it must not be left out."""

import sys

import mpmath as mp
import numpy as np
import pytest

import crestfall as cf
from crestfall.certainty.bounds.montgomery_vaughan import montgomery_vaughan
from crestfall.certainty.certified_maximum import Maximum, _bernstein_matrices, certified_maximum, largest_on_cells
from crestfall.certainty.measures import in_unit, true_peak_maximum
from crestfall.certainty.value import value_bound, value_of
from crestfall.certainty.window_maximum import window_maximum

CERTIFIED, WINDOW = (sys.modules[f"crestfall.certainty.{name}"] for name in ("certified_maximum", "window_maximum"))
MEASURES = sys.modules["crestfall.certainty.measures"]


def with_terms(monkeypatch, terms):
    """Taylor polynomials of so few terms that what they leave out is far above rounding."""
    matrices = _bernstein_matrices(terms)
    for name, value in zip(("_TO_BERNSTEIN", "_LEFT_HALF", "_RIGHT_HALF"), matrices, strict=True):
        monkeypatch.setattr(CERTIFIED, name, value)
    for module in (CERTIFIED, WINDOW):
        monkeypatch.setattr(module, "TERMS", terms)


def dense_peak(ms, phases, begin=0.0, duration=1.0, count=40_001):
    t = begin + np.linspace(0.0, duration, count)
    z = np.exp(2j * np.pi * np.outer(t, ms.frequencies)) @ (ms.amplitudes * np.exp(1j * phases))
    return np.abs(z if ms.complex else z.real).max()


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize("terms", [4, 5, 6])
def test_an_interval_holds_the_peak_however_few_the_terms(terms, complex, monkeypatch):
    ms = cf.Multisine.harmonics([1, 2, 3, 5, 8], amplitudes=[1.0, 0.7, 1.2, 0.4, 0.9], complex=complex)
    rng = np.random.default_rng(terms)
    phases = rng.uniform(0.0, 2.0 * np.pi, (20, 5))
    exact = [cf.peak_interval(ms, theta) for theta in phases]
    with_terms(monkeypatch, terms)
    missed = 0
    for theta, (low, high) in zip(phases, exact, strict=True):
        found = true_peak_maximum(ms, theta)
        assert found.low <= low
        assert high <= found.high
        missed += not low <= found.value <= high
    assert missed  # the polynomials are wrong, and only the remainder makes up for it


@pytest.mark.parametrize("complex", [False, True])
def test_an_interval_in_a_window_holds_the_peak_however_few_the_terms(complex, monkeypatch):
    ms, window = cf.Multisine([1.0, 2.3, 4.1], complex=complex), cf.Window(0.1, 0.9)
    phases = np.random.default_rng(1).uniform(0.0, 2.0 * np.pi, (20, 3))
    exact = [window_maximum(ms, window, theta) for theta in phases]
    with_terms(monkeypatch, 5)
    missed = 0
    for theta, true in zip(phases, exact, strict=True):
        found = window_maximum(ms, window, theta)
        assert found.low <= true.low
        assert true.high <= found.high
        assert dense_peak(ms, theta, 0.1, 0.9) <= found.high
        missed += not true.low <= found.value <= true.high
    assert missed


@pytest.mark.parametrize("tolerance", [1e-13, 1e-9, 1e-3])
def test_cells_are_halved_until_nothing_higher_can_be_left(tolerance):
    """Of two polynomials whose tops are between the ends of all cells, the upper bound is above both."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        taylor = np.zeros((2, 12))
        taylor[:, :3] = 1.0, 0.0, -1.0
        taylor[:, 1] = rng.uniform(-0.5, 0.5, 2)
        tops = 1.0 + taylor[:, 1] ** 2 / 4.0
        value, upper, _ = largest_on_cells(np.array([0, 5]), taylor, 0.1, tolerance)
        assert value <= tops.max() * (1 + 1e-14)
        assert tops.max() <= upper * (1 + 1e-14)
        assert upper <= value * (1.0 + tolerance) * (1 + 1e-14)


def test_the_rounding_of_a_squared_envelope_is_in_its_interval(monkeypatch):
    ms = cf.Multisine.harmonics(range(12), complex=True)
    phases = np.random.default_rng(3).uniform(0.0, 2.0 * np.pi, 12)
    high = true_peak_maximum(ms, phases).high
    power = MEASURES._instantaneous_power

    def rounded(c, numbers):
        coefficients, degrees, rounding = power(c, numbers)
        return coefficients * (1.0 - 1e-6), degrees, rounding + 2e-6 * float(np.sum(np.abs(c))) ** 2

    monkeypatch.setattr(MEASURES, "_instantaneous_power", rounded)  # as if it had rounded far more
    found = true_peak_maximum(ms, phases)
    assert found.value < high * (1 - 1e-7)
    assert found.low < high < found.high


def test_the_rounding_of_the_samples_is_in_the_interval(monkeypatch):
    """With so many terms that nothing else widens it, around peaks that are the sums of all amplitudes."""
    with_terms(monkeypatch, 20)
    rng, missed = np.random.default_rng(5), 0
    for _ in range(30):
        amplitudes = rng.uniform(0.1, 1.0, 40)
        found = certified_maximum(amplitudes + 0j, np.arange(1, 41), tolerance=0.0)
        with mp.workdps(40):
            exact = mp.fsum(mp.mpf(float(a)) for a in amplitudes)
            assert mp.mpf(found.low) <= exact <= mp.mpf(found.high)
            missed += mp.mpf(found.value) != exact
        assert found.high - found.low < 1e-11
    assert missed > 10


@pytest.mark.parametrize("complex", [False, True])
def test_exact_peaks_that_are_not_floats_lie_within(complex):
    """Two tones whose peak is the sum of their amplitudes, which fifty digits know."""
    rng = np.random.default_rng(4)
    for _ in range(200):
        amplitudes = 10.0 ** rng.uniform(-3, 3, 2)
        low, high = cf.peak_interval(cf.Multisine([1.0, 2.0], amplitudes, complex=complex), [0.0, 0.0])
        with mp.workdps(50):
            assert mp.mpf(low) <= mp.mpf(float(amplitudes[0])) + mp.mpf(float(amplitudes[1])) <= mp.mpf(high)


def test_what_a_unit_next_to_zero_rounds_it_rounds_outwards():
    least = 5e-324
    for number in (1.2, 1.5, 1.7, 3.4):
        found = in_unit(Maximum(number, number, number, 0.0), least)
        assert found.low / least <= number <= found.high / least
        assert found.low <= found.value <= found.high


def test_a_bound_is_claimed_only_for_samples_that_can_show_the_tones():
    """cos(t + a) and cos(3t − a + π) cancel in all four samples of a period."""
    ms = cf.Multisine.harmonics([1, 3])
    with pytest.warns(cf.CrestfallWarning):
        few = cf.minimize_peak(ms, over=cf.Samples(4), starts=1).problem
    assert value_of(few, ms, np.array([0.4, np.pi - 0.4])) == pytest.approx(0.0, abs=1e-12)
    assert value_bound(few, ms) == 0.0
    enough = cf.Problem(ms, over=cf.Samples(7))
    assert value_bound(enough, ms) == pytest.approx(1.0)
    three = cf.Problem(cf.Multisine.harmonics([0, 1, 3], complex=True), over=cf.Samples(3))
    assert value_bound(three, three.tones) == 0.0


@pytest.mark.parametrize("turns", [1.3, 1.6, 1.95, 2.4])
@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_the_bound_of_a_window_is_no_higher_than_the_least_mean_square(turns, spread):
    """For the amplitudes and phases with the least mean square in the window: an eigenvector of what it integrates."""
    rng = np.random.default_rng(5)
    frequencies = np.arange(60) + spread * rng.uniform(-0.5, 0.5, 60)
    angle = 2.0 * np.pi * (frequencies[:, None] - frequencies) * turns
    gram = np.where(angle == 0.0, 1.0, np.sin(angle / 2) / np.where(angle == 0.0, 1.0, angle / 2))  # over [-T/2, T/2]
    values, vectors = np.linalg.eigh(gram)
    for k in range(0, 60, 6):
        kept = np.abs(vectors[:, k]) > 1e-9
        ms = cf.Multisine(frequencies[kept], np.abs(vectors[kept, k]), complex=True)
        least = montgomery_vaughan(ms, cf.Window(0.0, turns))
        assert least**2 <= values[k] * (1 + 1e-9) + 1e-12
    assert montgomery_vaughan(cf.Multisine(frequencies, complex=True), cf.Window(0.0, 20.0)) > 0.9 * np.sqrt(60.0)


def test_the_maximum_of_a_polynomial_known_in_closed_form_is_within_without_any_tolerance():
    """sin t + a cos 2t has no slope where cos t (1 − 4a sin t) = 0."""
    for a in (0.3, 0.5, 0.7, 0.9, 1.1):
        found = certified_maximum(np.array([-1j, a]), np.array([1, 2]))
        with mp.workdps(40):
            flat = (mp.pi / 2, -mp.pi / 2, mp.asin(1 / (4 * mp.mpf(a))))
            exact = max(abs(mp.sin(t) + mp.mpf(a) * mp.cos(2 * t)) for t in flat)
            assert mp.mpf(found.low) <= exact <= mp.mpf(found.high)
