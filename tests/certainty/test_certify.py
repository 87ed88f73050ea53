"""The certificate: it holds the true peak, whatever the phases, and it is tight."""

import cmath
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.certainty.certified_maximum import _Derivatives, certified_maximum, rounding_allowance
from crestfall.certainty.measures import true_peak_maximum
from crestfall.signal.synthesis import Synthesis, grid_size

# cos t - sin 2t = cos t (1 - 2 sin t), largest where 4 sin² t - sin t - 2 = 0: 1.76017…
_SINE = (1 - np.sqrt(33)) / 8
COS_MINUS_SIN = np.sqrt(1 - _SINE**2) * (1 - 2 * _SINE)


def direct(numbers, amplitudes, phases, angles, complex=False):
    """Samples at the angles (phases of one period), summed tone by tone."""
    argument = np.outer(angles, numbers) + phases
    if complex:
        return np.exp(1j * argument) @ amplitudes
    return np.cos(argument) @ amplitudes


def refined_peak(numbers, amplitudes, phases, complex=False):
    """Largest magnitude on a fine grid, each crest that may be the highest zoomed in on: never above the true peak."""
    band = int(np.max(np.abs(numbers))) * (2 if complex else 1)
    n_samples = 32 * max(band, 1)
    angles = 2 * np.pi * np.arange(n_samples) / n_samples
    heights = np.abs(direct(numbers, amplitudes, phases, angles, complex))
    best = 0.0
    # A sample next to a crest misses at most 1 - cos(pi / 32) of the peak, half a percent.
    crests = (heights >= np.roll(heights, 1)) & (heights >= np.roll(heights, -1)) & (heights > 0.99 * heights.max())
    candidates = np.flatnonzero(crests)
    for centre in angles[candidates[np.argsort(heights[candidates])[-100:]]]:
        half = 2 * np.pi / n_samples
        for _ in range(12):
            zoom = centre + half * np.linspace(-1, 1, 17)
            values = np.abs(direct(numbers, amplitudes, phases, zoom, complex))
            centre = zoom[np.argmax(values)]
            half /= 5
        best = max(best, float(values.max()))
    return best


@st.composite
def tones(draw, complex=False, distinct=False):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(1, 9))
    low = -20 if complex else 1
    numbers = rng.choice(np.arange(low, 40), n, replace=False) if distinct else rng.integers(low, 40, n)
    amplitudes = 10 ** rng.uniform(draw(st.sampled_from([-6, -1, 0])), 0.3, n)
    return numbers, amplitudes, rng.uniform(-10, 10, n)


@pytest.mark.parametrize("complex", [False, True])
@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_the_interval_holds_the_true_peak(complex, data):
    numbers, amplitudes, phases = data.draw(tones(complex))
    ms = cf.Multisine.harmonics(numbers, 1.0, amplitudes, complex)
    low, high = cf.peak_interval(ms, phases)
    value = cf.true_peak(ms, phases)
    independent = refined_peak(numbers, amplitudes, phases, complex)
    rounding = 1e-14 * np.sum(amplitudes)
    assert low <= value <= high
    assert independent <= high + rounding
    assert independent >= low * (1 - 1e-9) - rounding
    assert high - low <= 1e-10 * high + 1e-12 * np.sum(amplitudes)


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize("n", [1, 2, 31, 256, 1024, 4096])
def test_the_interval_is_narrow_and_right_for_every_size(n, complex):
    numbers = np.arange(n) if complex else np.arange(1, n + 1)
    ms = cf.Multisine.harmonics(numbers, 1.0, complex=complex)
    phases = cf.random_phases(ms, seed=n)
    maximum = true_peak_maximum(ms, phases)
    assert maximum.low <= maximum.value <= maximum.high
    assert (maximum.high - maximum.low) / maximum.value <= 1e-9
    at_peak = direct(numbers, np.ones(n), phases, [maximum.angle], complex)
    assert abs(at_peak[0]) == pytest.approx(maximum.value, rel=1e-10)
    somewhere = np.random.default_rng(0).uniform(0, 2 * np.pi, 300)
    near = maximum.angle + np.linspace(-1, 1, 101) / n
    assert np.max(np.abs(direct(numbers, np.ones(n), phases, somewhere, complex))) <= maximum.high
    assert np.max(np.abs(direct(numbers, np.ones(n), phases, near, complex))) <= maximum.high * (1 + 1e-12)


@given(tones(), st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_samples_bound_the_true_peak_ehlich_zeller(case, extra):
    numbers, amplitudes, phases = case
    degree = int(numbers.max())
    n_samples = 2 * degree + 1 + extra * degree
    ms = cf.Multisine.harmonics(numbers, 1.0, amplitudes)
    angles = 2 * np.pi * np.arange(n_samples) / n_samples
    on_grid = np.max(np.abs(direct(numbers, amplitudes, phases, angles)))
    low, high = cf.peak_interval(ms, phases)
    rounding = 1e-13 * np.sum(amplitudes)
    assert on_grid <= high + rounding
    assert low <= on_grid / np.cos(np.pi * degree / n_samples) + rounding


@pytest.mark.parametrize("complex", [False, True])
@given(data=st.data(), shift=st.floats(-5, 5))
@settings(deadline=None, max_examples=40)
def test_symmetries_leave_the_peak_alone(complex, data, shift):
    numbers, amplitudes, phases = data.draw(tones(complex))
    ms = cf.Multisine.harmonics(numbers, 1.0, amplitudes, complex)
    peak = cf.true_peak(ms, phases)
    same = [phases + numbers * shift, phases + np.pi, -phases]
    if complex:
        same.append(phases + shift)
    for other in same:
        assert cf.true_peak(ms, other) == pytest.approx(peak, rel=1e-10, abs=1e-12 * np.sum(amplitudes))
    if complex:
        moved = cf.Multisine.harmonics(numbers + 1_000_000, 1.0, amplitudes, True)
        assert cf.true_peak(moved, phases) == pytest.approx(peak, rel=1e-10, abs=1e-12 * np.sum(amplitudes))


@pytest.mark.parametrize(
    ("numbers", "amplitudes", "phases", "peak"),
    [
        ([7], [2.5], [1.234], 2.5),
        ([1, 2, 3, 4], [1, 2, 3, 4], [0, 0, 0, 0], 10.0),
        ([1, 2], [1, 1], [0, np.pi / 2], COS_MINUS_SIN),
        ([1, 3], [1, 1 / 3], [0, np.pi], 2 * np.sqrt(2) / 3),  # cos t - cos(3t)/3 = 2c - 4c³/3, largest at c² = 1/2
        ([4, 4], [3, 4], [0, np.pi / 2], 5.0),
        ([4, 4, 4], [3, 1, 1], [0, np.pi, np.pi], 1.0),
        ([1, 2, 3], [1, 1, 1], [0, np.pi, 0], 3.0),  # all in phase at t = π
        ([1, 1000], [1, 1e-6], [0, 0], 1 + 1e-6),
    ],
)
def test_peaks_known_in_closed_form(numbers, amplitudes, phases, peak):
    ms = cf.Multisine.harmonics(numbers, 3.0, amplitudes)
    low, high = cf.peak_interval(ms, phases)
    assert cf.true_peak(ms, phases) == pytest.approx(peak, rel=1e-10)
    assert low - 1e-10 <= peak <= high + 1e-10
    assert high - low <= 1e-11 * peak


@pytest.mark.parametrize("offset", [0, -3, 10**6, 4 * 10**6])
def test_complex_peaks_known_in_closed_form(offset):
    # |1 + e^{iu} + a e^{2iu}| with a = -1: |2i sin u + 1|, largest √5.
    ms = cf.Multisine.harmonics(offset + np.arange(3), 1.0, complex=True)
    low, high = cf.peak_interval(ms, [0, 0, np.pi])
    assert low <= np.sqrt(5) <= high
    assert high - low <= 1e-11
    single = cf.Multisine.harmonics([offset], 1.0, [2.5], True)
    assert cf.true_peak(single, [0.7]) == pytest.approx(2.5, rel=1e-13)
    weak = cf.Multisine.harmonics([offset, offset + 5], 1.0, [1.0, 1e-6], True)
    assert cf.true_peak(weak, [0.7, 2.0]) == pytest.approx(1 + 1e-6, rel=1e-12)


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e300])
def test_very_small_and_very_large_amplitudes(scale, complex):
    unit = cf.Multisine([1, 2, 3], [1, 0.5, 1], complex=complex)
    scaled = cf.Multisine([1, 2, 3], scale * unit.amplitudes, complex=complex)
    phases = [0.1, 2.0, 3.0]
    assert cf.true_peak(scaled, phases) / scale == pytest.approx(cf.true_peak(unit, phases), rel=1e-12)
    assert cf.crest_factor(scaled, phases) == pytest.approx(cf.crest_factor(unit, phases), rel=1e-12)


@pytest.mark.parametrize("complex", [False, True])
def test_silence_has_a_peak_of_almost_nothing(complex):
    ms = cf.Multisine([5.0, 5.0, 10.0, 10.0], [1, 1, 2, 2], complex=complex)
    low, high = cf.peak_interval(ms, [0, np.pi, 1, 1 + np.pi])
    assert low <= 1e-15
    assert high <= 1e-13


def test_the_constant_zero():
    maximum = certified_maximum(np.zeros(2, dtype=complex), np.array([1, 2]))
    assert (maximum.value, maximum.low, maximum.high) == (0.0, 0.0, 0.0)


def test_a_constant_added_to_the_tones():
    # 2 + cos t + cos 2t is largest at 0.
    maximum = certified_maximum(np.array([2, 1, 1], dtype=complex), np.array([0, 1, 2]))
    assert maximum.value == pytest.approx(4.0, rel=1e-14)
    assert maximum.angle % (2 * np.pi) == pytest.approx(0.0, abs=1e-6)


def test_many_peaks_of_equal_height():
    # cos 64 t alone has 128 equal extrema, none preferred.
    maximum = certified_maximum(np.array([1.0 + 0j]), np.array([64]))
    assert maximum.low <= 1.0 <= maximum.high
    assert maximum.high - maximum.low < 1e-12


def test_sums_over_thousands_of_tones_round_no_more_than_over_64():
    """The power of 120 tones far apart has 7140 differences, whose sums at a few cells are not made by FFT."""
    rng = np.random.default_rng(8)
    degrees = np.sort(rng.choice(200_000, 7140, replace=False))
    c = rng.normal(size=7140) + 1j * rng.normal(size=7140)
    synthesis = Synthesis(degrees, grid_size(int(degrees.max()), 8.0), complex=False)
    cells = rng.integers(0, synthesis.n_samples, 20)
    derivatives = _Derivatives(c, degrees, synthesis, np.pi / synthesis.n_samples)
    assert derivatives.few(cells)
    (summed,) = derivatives.by_sums(cells, range(1))
    allowed = rounding_allowance(c, synthesis.n_samples)
    for cell, value in zip(cells.tolist(), summed.tolist(), strict=True):
        turns = [cell * degree % synthesis.n_samples / synthesis.n_samples for degree in degrees.tolist()]
        exact = math.fsum((one * cmath.exp(2j * math.pi * turn)).real for one, turn in zip(c, turns, strict=True))
        assert abs(value - exact) < 0.05 * allowed
