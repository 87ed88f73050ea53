"""Equal frequencies: the closed form reaches the polygon value, whatever the amplitudes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crestfall.closed_form.polygon import cancelling_phases, least_resultant

AMPLITUDES = st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=40)


@settings(deadline=None, max_examples=300)
@given(AMPLITUDES)
def test_the_sum_is_the_least_possible(amplitudes):
    theta = cancelling_phases(amplitudes)
    total = abs(np.sum(np.array(amplitudes) * np.exp(1j * theta)))
    expected = max(0.0, 2 * max(amplitudes) - sum(amplitudes))
    assert theta.shape == (len(amplitudes),)
    # The law of cosines loses half of the digits where a triangle is almost flat.
    assert total == pytest.approx(expected, abs=1e-7 * sum(amplitudes))
    assert least_resultant(amplitudes) == pytest.approx(expected, abs=1e-12 * sum(amplitudes))


@pytest.mark.parametrize("n", [2, 3, 4, 5, 100, 10**6])
def test_equal_amplitudes_cancel(n):
    assert abs(np.sum(np.exp(1j * cancelling_phases(np.ones(n))))) < 1e-9 * n


@pytest.mark.parametrize("power", [1, 3, 9])
def test_a_million_unequal_amplitudes_cancel(power):
    a = np.random.default_rng(0).uniform(0.01, 1, 10**6) ** power
    assert abs(np.sum(a * np.exp(1j * cancelling_phases(a)))) < 1e-12 * np.sum(a)


def test_no_phases_do_better():
    rng = np.random.default_rng(1)
    a = np.array([3.0, 1.0, 0.5])
    sums = np.abs(np.exp(1j * rng.uniform(0, 2 * np.pi, (10_000, 3))) @ a)
    assert sums.min() >= least_resultant(a) == 1.5
