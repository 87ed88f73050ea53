"""The high samples of few tones over a long period, against direct sums over all samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crestfall as cf
from crestfall.certainty.certified_maximum import certified_maximum
from crestfall.signal.high_samples import high_samples, is_long

HARMONICS = st.lists(st.integers(0, 400), min_size=1, max_size=6)


def samples_of(c: np.ndarray, numbers: np.ndarray, n_samples: int) -> np.ndarray:
    angles = 2 * np.pi / n_samples * np.multiply.outer(np.arange(n_samples), numbers)
    return (np.cos(angles) @ c.real) - (np.sin(angles) @ c.imag)


@given(
    HARMONICS, st.integers(1, 9000), st.floats(0.5, 0.99), st.integers(0, 2**32), st.sampled_from([1.0, 1e-200, 1e200])
)
def test_every_high_sample_is_found_with_its_height(numbers, n_samples, ratio, seed, scale):
    rng = np.random.default_rng(seed)
    c = scale * (rng.normal(size=len(numbers)) + 1j * rng.normal(size=len(numbers)))
    heights = np.abs(samples_of(c, np.array(numbers), n_samples))
    found = high_samples(c, np.array(numbers), n_samples, ratio=ratio)
    assert found.error < 1e-5 * np.sum(np.abs(c))
    assert abs(found.best - heights.max()) <= found.error
    assert np.all(np.abs(found.heights - heights[found.indices]) <= found.error)
    assert set(np.flatnonzero(heights >= ratio * heights.max())) <= set(found.indices)
    assert np.all(heights[found.indices] >= ratio * (heights.max() - 2 * found.error) - 3 * found.error)
    assert np.all(np.diff(found.indices) > 0)


@given(HARMONICS, st.integers(0, 2**32))
def test_one_sided_takes_the_maxima_only(numbers, seed):
    rng = np.random.default_rng(seed)
    c = rng.normal(size=len(numbers)) + 1j * rng.normal(size=len(numbers))
    values = samples_of(c, np.array(numbers), 5000)
    found = high_samples(c, np.array(numbers), 5000, ratio=0.9, part="value")
    if values.max() > 0:
        assert set(np.flatnonzero(values >= 0.9 * values.max())) <= set(found.indices)
        assert np.all(np.abs(found.heights - values[found.indices]) <= found.error)


@pytest.mark.parametrize("seed", range(4))
def test_the_certified_maximum_is_that_of_the_fourier_transform(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    numbers = np.unique(np.rint(np.geomspace(1, 40_000, 20)).astype(int))
    c = np.exp(2j * np.pi * rng.random(numbers.size))
    assert is_long(numbers.size, 8 * 40_000)
    fast = certified_maximum(c, numbers)
    monkeypatch.setattr("crestfall.certainty.certified_maximum.is_long", lambda n_tones, n_samples: False)
    slow = certified_maximum(c, numbers)
    assert fast.low <= slow.value <= fast.high
    assert slow.low <= fast.value <= slow.high
    assert fast.high - fast.low < 1e-10 * fast.value


def test_the_polish_meets_the_same_peaks_either_way(monkeypatch):
    ms = cf.Multisine(np.unique(np.rint(np.geomspace(1, 30_000, 12))))
    fast = cf.minimize_peak(ms, starts=2, seed=0, use_atlas=False)
    monkeypatch.setattr("crestfall.engine.polish.peaks.is_long", lambda n_tones, n_samples: False)
    slow = cf.minimize_peak(ms, starts=2, seed=0, use_atlas=False)
    assert fast.status.startswith("local minimax")
    assert fast.peak == pytest.approx(slow.peak, rel=1e-9)


def test_seven_decades_on_a_raster_of_ten_millihertz():
    frequencies_hz = np.unique(np.round(np.geomspace(0.01, 1e5, 57), 2))
    design = cf.minimize_peak(cf.Multisine(frequencies_hz), starts=1, time_limit=1.0, seed=0, use_atlas=False)
    assert design.multisine.harmonic_numbers.max() == 10_000_000
    # Direct sums around the instants of the five highest samples, and at random ones.
    c, numbers = np.exp(1j * design.phases), design.multisine.harmonic_numbers
    high = high_samples(c, numbers, 80_000_000, ratio=0.99).indices[:5]
    near = np.add.outer(high, np.linspace(-1, 1, 401)).ravel() / 80_000_000
    anywhere = np.random.default_rng(0).random(20_000)
    for instants in (near, anywhere):
        turns = np.multiply.outer(instants, numbers) % 1.0
        assert np.max(np.abs(np.cos(2 * np.pi * turns + design.phases).sum(axis=1))) <= design.peak_interval[1] * (
            1 + 1e-8
        )
    turns = np.multiply.outer(near, numbers) % 1.0
    highest = np.max(np.abs(np.cos(2 * np.pi * turns + design.phases).sum(axis=1)))
    assert highest >= design.peak_interval[0] * (1 - 1e-4)


@given(HARMONICS, st.integers(1, 9000), st.floats(0.5, 0.99), st.integers(0, 2**32))
def test_magnitudes_of_complex_signals(numbers, n_samples, ratio, seed):
    rng = np.random.default_rng(seed)
    numbers = np.array(numbers) - 200
    c = rng.normal(size=len(numbers)) + 1j * rng.normal(size=len(numbers))
    heights = np.hypot(samples_of(c, numbers, n_samples), samples_of(-1j * c, numbers, n_samples))
    found = high_samples(c, numbers, n_samples, ratio=ratio, part="complex")
    assert abs(found.best - heights.max()) <= found.error
    assert np.all(np.abs(found.heights - heights[found.indices]) <= found.error)
    assert set(np.flatnonzero(heights >= ratio * heights.max())) <= set(found.indices)


@given(HARMONICS, st.floats(0.001, 0.5), st.integers(0, 2**32))
def test_samples_that_are_too_low_are_left_out(numbers, fall, seed):
    rng = np.random.default_rng(seed)
    c = rng.normal(size=len(numbers)) + 1j * rng.normal(size=len(numbers))
    heights = np.abs(samples_of(c, np.array(numbers), 7000))
    found = high_samples(c, np.array(numbers), 7000, ratio=0.5, fall=fall)
    least = max(0.5 * heights.max(), heights.max() - fall)
    assert set(np.flatnonzero(heights >= least)) <= set(found.indices)
    assert np.all(heights[found.indices] >= least - 5 * found.error)


def test_only_the_highest_are_kept_where_there_are_far_too_many():
    heights = np.abs(samples_of(np.array([1.0 + 0j]), np.array([1]), 200_000))
    found = high_samples(np.array([1.0 + 0j]), np.array([1]), 200_000, ratio=0.5, most=100)
    assert 50 <= found.indices.size <= 1000
    assert set(np.argsort(-heights, kind="stable")[:50]) <= set(found.indices)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("is_complex", [False, True])
def test_certified_peaks_hold_against_direct_sums_with_strong_low_tones(seed, is_complex):
    rng = np.random.default_rng(seed)
    numbers = np.unique(np.rint(np.geomspace(1, 60_000, 10)).astype(int))
    ms = cf.Multisine.harmonics(numbers, 1.0, numbers**-0.7, complex=is_complex)
    phases = 2 * np.pi * rng.random(ms.n)
    low, high = cf.peak_interval(ms, phases)
    c = ms.amplitudes * np.exp(1j * phases)
    n_samples = 16 * 60_000
    x, y = (samples_of(turn * c, numbers, n_samples) for turn in (1.0, -1j))
    heights = np.hypot(x, y) if is_complex else np.abs(x)
    assert heights.max() <= high
    near = np.add.outer(np.argsort(-heights)[:20], np.linspace(-1, 1, 201)).ravel() / n_samples
    z = np.exp(2j * np.pi * np.multiply.outer(near, numbers)) @ c
    highest = np.max(np.abs(z) if is_complex else np.abs(z.real))
    assert low * (1 - 1e-6) <= highest <= high * (1 + 1e-12)
    assert high / low - 1 < 1e-9
