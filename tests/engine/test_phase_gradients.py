"""Gradients of the smooth objectives against finite differences, for real, complex, folded and repeated tones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crestfall.engine.objectives.p_norm import PNorm
from crestfall.engine.objectives.phase_space import PhaseSpace
from crestfall.signal.synthesis import Synthesis


def dense_log_p_norm(numbers, amplitudes, phases, n_samples, exponent, is_complex):
    """The p-norm by direct summation and ``pow``: nothing of the code under test."""
    t = 2 * np.pi * np.arange(n_samples) / n_samples
    z = np.exp(1j * (np.outer(t, numbers) + phases)) @ amplitudes
    y = np.abs(z if is_complex else z.real)
    return np.log(np.max(y)) + np.log(np.mean((y / np.max(y)) ** exponent)) / exponent


@st.composite
def phase_spaces(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.integers(1, 12))
    is_complex = draw(st.booleans())
    numbers = rng.integers(-10 if is_complex else 1, 30, n)
    amplitudes = 10 ** rng.uniform(-2, 1, n)
    n_samples = draw(st.integers(8, 200))
    squarings = draw(st.integers(0, 5))
    phases = rng.uniform(0, 2 * np.pi, n)
    return numbers, amplitudes, phases, n_samples, squarings, is_complex


@settings(deadline=None, max_examples=80)
@given(phase_spaces())
def test_value_and_gradient_agree_with_direct_summation(case):
    numbers, amplitudes, phases, n_samples, squarings, is_complex = case
    norm = PNorm(squarings)
    space = PhaseSpace(Synthesis(numbers, n_samples, complex=is_complex), amplitudes, norm)
    value, gradient = space.value_and_gradient(phases[None])

    def dense(theta):
        return dense_log_p_norm(numbers, amplitudes, theta, n_samples, norm.exponent, is_complex)

    assert value[0] == pytest.approx(dense(phases), abs=1e-9)
    step = 1e-6
    for k, unit in enumerate(np.eye(phases.size)):
        difference = (dense(phases + step * unit) - dense(phases - step * unit)) / (2 * step)
        assert gradient[0, k] == pytest.approx(difference, abs=2e-5 * (1 + abs(difference)) * norm.exponent)


@pytest.mark.parametrize("is_complex", [False, True])
def test_a_batch_is_its_rows(is_complex):
    rng = np.random.default_rng(1)
    space = PhaseSpace(Synthesis(np.arange(1, 10), 64, complex=is_complex), np.ones(9), PNorm(3))
    phases = rng.uniform(0, 6, (5, 9))
    values, gradients = space.value_and_gradient(phases)
    for row in range(5):
        value, gradient = space.value_and_gradient(phases[row : row + 1])
        assert values[row] == pytest.approx(value[0], rel=1e-13)
        np.testing.assert_allclose(gradients[row], gradient[0], rtol=1e-9, atol=1e-12)


def test_the_highest_exponents_stay_finite():
    samples = np.array([[1e-100, 1.0, 0.999, -1e100]])
    value, weights = PNorm(12).value_and_weights(samples)
    assert np.isfinite(value).all()
    assert np.isfinite(weights).all()
    assert value[0] == pytest.approx(np.log(1e100) - np.log(4) / 8194)


def test_the_norm_rises_with_the_exponent_towards_the_peak():
    y = np.random.default_rng(0).standard_normal((1, 1000))
    values = [float(PNorm(m).value_and_weights(y)[0][0]) for m in range(13)]
    assert np.all(np.diff(values) > 0)
    assert values[-1] < np.log(np.max(np.abs(y))) < values[-1] + np.log(1000) / 8194 + 1e-12
