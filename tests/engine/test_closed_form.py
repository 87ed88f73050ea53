"""Closed forms: the formulas as published, their known figures, and tones in any order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf

BY_FREQUENCY = [cf.schroeder, cf.newman, cf.rudin_shapiro]
ALL = [*BY_FREQUENCY, cf.zero_phases, cf.equally_spaced, cf.random_phases]


def flat(n, complex=False):
    return cf.Multisine.harmonics(range(0 if complex else 1, n + 1 - complex), complex=complex)


def same_up_to_time_shift(first, second):
    """Whether the phases of contiguous tones differ by ``a + b h`` and full turns: their bend is then the same."""
    bend = np.diff(np.asarray(first) - np.asarray(second), n=2)
    return np.allclose(np.exp(1j * bend), 1.0, atol=1e-9)


@pytest.mark.parametrize("formula", ALL)
@pytest.mark.parametrize(
    "ms",
    [flat(1), flat(7), cf.Multisine([5.0] * 3), cf.Multisine([-3.0, 0.0], complex=True), cf.Multisine([9e6, 1e6, 1e6])],
)
def test_every_formula_takes_every_multisine(formula, ms):
    phases = formula(ms)
    assert phases.shape == (ms.n,)
    assert phases.dtype == np.float64
    assert np.all(np.isfinite(phases))


@pytest.mark.parametrize("formula", BY_FREQUENCY)
@given(numbers=st.lists(st.integers(1, 30), min_size=1, max_size=12), seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_the_order_of_the_tones_does_not_matter(formula, numbers, seed):
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(numbers))
    numbers, amplitudes = np.array(numbers), rng.uniform(0.1, 2, len(numbers))
    phases = formula(cf.Multisine.harmonics(numbers, 1.0, amplitudes))
    shuffled = formula(cf.Multisine.harmonics(numbers[order], 1.0, amplitudes[order]))
    np.testing.assert_allclose(shuffled, phases[order], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("formula", BY_FREQUENCY)
def test_tones_of_one_frequency_get_one_phase(formula):
    split = cf.Multisine.harmonics([1, 2, 2, 3, 4], 1.0, [1, 0.25, 0.75, 1, 1])
    whole = formula(flat(4))
    np.testing.assert_allclose(formula(split), whole[[0, 1, 1, 2, 3]], atol=1e-12)
    assert np.ptp(formula(cf.Multisine([5.0] * 4))) == 0.0


# ---------------------------------------------------------------------- Schroeder


def test_schroeder_flat():
    for n in (1, 2, 15, 100):
        k = np.arange(1, n + 1)
        np.testing.assert_allclose(cf.schroeder(flat(n)), -np.pi * k * (k - 1) / n, atol=1e-9)


@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=20), st.integers(0, 50), st.integers(1, 3))
@settings(deadline=None, max_examples=40)
def test_schroeder_classic_formula_on_uniform_grids(amplitudes, offset, step):
    n = len(amplitudes)
    p = np.square(amplitudes) / np.sum(np.square(amplitudes))
    classic = [-2 * np.pi * sum((k - j) * p[j] for j in range(k)) for k in range(n)]
    ms = cf.Multisine.harmonics(1 + offset + step * np.arange(n), 7.0, amplitudes)
    np.testing.assert_allclose(cf.schroeder(ms), classic, atol=1e-10)


def test_schroeder_on_an_irregular_grid_integrates_the_group_delay():
    numbers, amplitudes = np.array([2, 3, 7, 8]), np.array([1.0, 2.0, 1.0, 2.0])
    theta = cf.schroeder(cf.Multisine.harmonics(numbers, 1.0, amplitudes))
    delays = -np.diff(theta) / (2 * np.pi * np.diff(numbers))  # in periods
    np.testing.assert_allclose(delays, [0.1, 0.5, 0.6], atol=1e-12)


def test_schroeder_sweeps_a_gap_in_the_band_as_quietly_as_the_band():
    ms = cf.Multisine.harmonics([*range(10, 40), *range(60, 90)])
    assert cf.crest_factor(ms, cf.schroeder(ms)) < 2.0


def test_schroeder_forgets_the_scale_and_the_carrier():
    amplitudes = np.array([1.0, 2.0, 0.5])
    expected = cf.schroeder(cf.Multisine.harmonics([0, 1, 3], 1.0, amplitudes, True))
    for scale, offset in ((1e-200, 0), (1e200, -2), (1.0, 1_000_000)):
        ms = cf.Multisine.harmonics(offset + np.array([0, 1, 3]), 1.0, scale * amplitudes, True)
        np.testing.assert_allclose(cf.schroeder(ms), expected, atol=1e-12)


@pytest.mark.parametrize(("n", "figure"), [(15, 1.788), (31, 1.782), (64, 1.707), (256, 1.680), (1024, 1.677)])
def test_schroeder_figures(n, figure):
    assert cf.crest_factor(flat(n), cf.schroeder(flat(n))) == pytest.approx(figure, abs=6e-4)


# ---------------------------------------------------------------------- Newman


@pytest.mark.parametrize(("n", "figure"), [(15, 1.833), (31, 1.760), (64, 1.712), (256, 1.676), (1024, 1.676)])
def test_newman_figures(n, figure):
    assert cf.crest_factor(flat(n), cf.newman(flat(n))) == pytest.approx(figure, abs=6e-4)


def test_newman_is_schroeder_reversed_and_shifted():
    ms = flat(31, complex=True)
    np.testing.assert_allclose(cf.newman(ms), np.pi * np.arange(31) ** 2 / 31, atol=1e-12)
    assert same_up_to_time_shift(cf.newman(ms), -cf.schroeder(ms))
    assert cf.true_peak(ms, cf.newman(ms)) == pytest.approx(cf.true_peak(ms, cf.schroeder(ms)), rel=1e-10)


# ---------------------------------------------------------------------- Rudin-Shapiro


def test_rudin_shapiro_by_its_recursion():
    p, q = np.array([1]), np.array([1])
    for _ in range(6):
        p, q = np.concatenate((p, q)), np.concatenate((p, -q))
    phases = cf.rudin_shapiro(flat(64))
    np.testing.assert_array_equal(np.where(phases == 0, 1, -1), p)
    assert set(np.unique(phases)) == {0.0, np.pi}
    np.testing.assert_array_equal(cf.rudin_shapiro(flat(50)), phases[:50])


@pytest.mark.parametrize("m", range(11))
def test_rudin_shapiro_never_exceeds_its_bound(m):
    n = 2**m
    complex_tones, real_tones = flat(n, complex=True), flat(n)
    phases = cf.rudin_shapiro(real_tones)
    assert cf.crest_factor(complex_tones, phases) ** 2 <= 2.0 * (1 + 1e-10)
    assert cf.true_peak(real_tones, phases) <= np.sqrt(2 * n) * (1 + 1e-10)


# ---------------------------------------------------------------------- the others


def test_zero_phases_add_up():
    ms = cf.Multisine([3.0, 1.0, 2.0], [1.0, 2.0, 0.5])
    assert cf.true_peak(ms, cf.zero_phases(ms)) == pytest.approx(3.5, rel=1e-14)


@pytest.mark.parametrize("n", [2, 3, 5, 20, 1000])
def test_equally_spaced_waves_cancel(n):
    ms = cf.Multisine([50.0] * n)
    assert cf.true_peak(ms, cf.equally_spaced(ms)) < 1e-13 * n
    assert cf.sample_peak(ms, cf.equally_spaced(ms), n_points=48_000) < 1e-13 * n


def test_one_wave_cannot_cancel():
    ms = cf.Multisine([50.0])
    assert cf.true_peak(ms, cf.equally_spaced(ms)) == pytest.approx(1.0, rel=1e-13)


def test_random_phases_follow_the_seed():
    ms = flat(1000)
    phases = cf.random_phases(ms)
    np.testing.assert_array_equal(phases, cf.random_phases(ms, seed=0))
    assert np.any(phases != cf.random_phases(ms, seed=1))
    np.testing.assert_array_equal(cf.random_phases(ms, np.random.default_rng(5)), cf.random_phases(ms, seed=5))
    generator = np.random.default_rng(5)
    assert np.any(cf.random_phases(ms, generator) != cf.random_phases(ms, generator))
    assert phases.min() >= 0.0
    assert phases.max() < 2 * np.pi
    assert abs(np.mean(np.exp(1j * phases))) < 0.1
