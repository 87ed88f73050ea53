"""L2p's normal equations against a Jacobian written out by direct differentiation, and against finite differences."""

from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.search.methods.l2p import l2p
from crestfall.search.methods.power_residuals import PowerResiduals, ToeplitzPlusHankel
from crestfall.signal.synthesis import Synthesis, band_numbers

SAMPLES = 96


def residuals_of(ms, exponent, n_samples=SAMPLES):
    numbers = band_numbers(ms)
    synthesis = Synthesis(numbers, n_samples, complex=ms.complex)
    return PowerResiduals(synthesis, ToeplitzPlusHankel(numbers, n_samples), ms.amplitudes, exponent)


def equations_of(ms, exponent, phases):
    residuals = residuals_of(ms, exponent)
    return residuals.normal_equations(residuals.at(phases))


def signal(ms, phases, n_samples=SAMPLES):
    """``z_j`` and ``dz_j/dθ_k`` by direct summation, the numbers counted from 0 for complex tones."""
    h = ms.harmonic_numbers - (ms.harmonic_numbers.min() if ms.complex else 0)
    waves = np.exp(2j * np.pi * np.outer(np.arange(n_samples), h) / n_samples)
    waves = waves * ms.amplitudes * np.exp(1j * phases)
    return waves.sum(axis=1), 1j * waves


def residuals_and_jacobian(ms, phases, p):
    """``|x_j|^p`` and its derivatives by the product rule, with samples in units of their peak."""
    z, dz = signal(ms, phases)
    if not ms.complex:
        z, dz = z.real, dz.real
    peak = np.max(np.abs(z))
    z, dz = z / peak, dz / peak
    size = np.abs(z)
    d_size = np.real(np.conj(z)[:, None] * dz) / size[:, None]
    return size**p, p * size[:, None] ** (p - 1) * d_size


@st.composite
def problems(draw):
    is_complex = draw(st.booleans())
    numbers = draw(st.lists(st.integers(1, 40), min_size=3, max_size=9, unique=True))
    # A common divisor would be taken out of complex numbers; these two keep it at 1.
    numbers = sorted({1, 2, *numbers})
    amplitudes = draw(st.lists(st.floats(0.1, 10.0), min_size=len(numbers), max_size=len(numbers)))
    ms = cf.Multisine.harmonics(numbers, amplitudes=amplitudes, complex=is_complex)
    return ms, cf.random_phases(ms, draw(st.integers(0, 2**31)))


@settings(max_examples=40, deadline=None)
@given(problems(), st.sampled_from([2, 4, 16, 256]))
def test_the_normal_equations_are_those_of_the_dense_jacobian(problem, exponent):
    ms, phases = problem
    matrix, gradient = equations_of(ms, exponent, phases)
    r, jacobian = residuals_and_jacobian(ms, phases, exponent)
    expected = jacobian.T @ jacobian
    np.testing.assert_allclose(matrix, expected, rtol=0, atol=1e-10 * exponent**2 * np.max(np.abs(expected)))
    np.testing.assert_allclose(gradient, jacobian.T @ r, rtol=0, atol=1e-10 * exponent**2 * np.max(np.abs(expected)))


@pytest.mark.parametrize("is_complex", [False, True])
@pytest.mark.parametrize("exponent", [2, 8, 64])
def test_the_gradient_is_that_of_the_norm(is_complex, exponent):
    ms = cf.Multisine.harmonics([1, 2, 5, 6, 9], amplitudes=[1, 0.5, 2, 1, 0.7], complex=is_complex)
    phases = cf.random_phases(ms, seed=4)
    residuals = residuals_of(ms, exponent)
    point = residuals.at(phases)
    _, gradient = residuals.normal_equations(point)
    step = 1e-6
    slopes = [(residuals.at(phases + e).norm - residuals.at(phases - e).norm) / (2 * step) for e in step * np.eye(ms.n)]
    # d norm = norm · d(½ Σ r²) / (p Σ r²), whatever the unit of the residuals.
    squares = SAMPLES * (point.norm / point.peak) ** (2 * exponent)
    np.testing.assert_allclose(point.norm * gradient / (exponent * squares), slopes, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("is_complex", [False, True])
def test_norm_and_peak_by_direct_summation(is_complex):
    ms = cf.Multisine.harmonics(range(1, 8), complex=is_complex)
    phases = cf.random_phases(ms, seed=1)
    z, _ = signal(ms, phases)
    size = np.abs(z if is_complex else z.real)
    point = residuals_of(ms, 8).at(phases)
    assert point.peak == pytest.approx(size.max(), rel=1e-12)
    assert point.norm == pytest.approx(np.mean(size**16) ** (1 / 16), rel=1e-12)


def test_one_tone_of_either_kind_has_nothing_to_solve():
    for is_complex in (False, True):
        ms = cf.Multisine([5.0], complex=is_complex)
        steps = list(l2p(ms, np.array([0.3])))
        assert all(step.sample_peak == pytest.approx(1.0, rel=2e-2) for step in steps)


def test_very_unequal_amplitudes_are_solved_without_a_warning():
    ms = cf.Multisine.harmonics(range(1, 16), amplitudes=np.geomspace(1.0, 1e-9, 15))
    peaks = [step.sample_peak for step in l2p(ms, cf.schroeder(ms))]
    assert peaks[-1] <= peaks[0]


def test_each_accepted_step_lowers_the_norm_of_its_exponent():
    ms = cf.Multisine.harmonics(range(1, 16))
    fourth_powers = residuals_of(ms, 2, 240)
    norms = [fourth_powers.at(step.phases).norm for step in islice(l2p(ms, cf.schroeder(ms)), 5)]
    assert all(later <= earlier for earlier, later in pairwise(norms))


@pytest.mark.parametrize("is_complex", [False, True])
def test_the_equations_of_many_tones_are_set_up_in_pieces(is_complex, monkeypatch):
    ms = cf.Multisine.harmonics(range(1, 8), complex=is_complex)
    phases = cf.random_phases(ms, seed=2)
    whole, _ = equations_of(ms, 4, phases)
    monkeypatch.setattr("crestfall.search.methods.power_residuals._ENTRIES_AT_ONCE", 21)
    np.testing.assert_array_equal(equations_of(ms, 4, phases)[0], whole)
