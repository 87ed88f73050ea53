"""Equal frequencies: the closed form reaches the polygon value, whatever the amplitudes."""

from math import fsum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crestfall.engine.closed_form.polygon import cancelling_phases, least_resultant

AMPLITUDES = st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=40)
# Lengths from 10⁻⁹ to 10⁹ side by side, where formulas lose their digits.
UNEVEN = st.lists(st.floats(-9, 9).map(lambda exponent: 10.0**exponent), min_size=1, max_size=12)


def resultant(amplitudes, theta):
    """The length of the sum, summed without rounding on the way."""
    a = np.asarray(amplitudes, dtype=float)
    return abs(complex(fsum(a * np.cos(theta)), fsum(a * np.sin(theta))))


@settings(deadline=None, max_examples=300)
@given(AMPLITUDES | UNEVEN)
def test_the_sum_is_the_least_possible(amplitudes):
    theta = cancelling_phases(amplitudes)
    expected = max(0.0, 2 * max(amplitudes) - fsum(amplitudes))
    assert theta.shape == (len(amplitudes),)
    assert resultant(amplitudes, theta) == pytest.approx(expected, abs=2e-15 * sum(amplitudes))
    assert least_resultant(amplitudes) == pytest.approx(expected, abs=1e-15 * sum(amplitudes))


@settings(deadline=None, max_examples=300)
@given(AMPLITUDES | UNEVEN, st.floats(-16, -1))
def test_polygons_that_are_almost_flat_close_too(others, exponent):
    amplitudes = [fsum(others) * (1 - 10.0**exponent), *others]
    residual = resultant(amplitudes, cancelling_phases(amplitudes)) - least_resultant(amplitudes)
    assert abs(residual) < 2e-15 * sum(amplitudes)


@pytest.mark.parametrize("scale", [5e-324 * 2**20, 1e-300, 1e-20, 1e20, 1e300, 4e307])
def test_no_unit_is_too_large_or_too_small(scale):
    amplitudes = np.array([2.0, 3.0, 2.5, 0.5])
    assert resultant(amplitudes, cancelling_phases(amplitudes * scale)) < 1e-5
    assert least_resultant(amplitudes * scale) == 0.0
    assert least_resultant([4 * scale, scale]) == pytest.approx(3 * scale)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 100, 10**6])
def test_equal_amplitudes_cancel(n):
    theta = cancelling_phases(np.ones(n))
    np.testing.assert_allclose(theta, 2 * np.pi * np.arange(n) / n, rtol=1e-15)
    assert abs(np.sum(np.exp(1j * theta))) < 1e-15 * n


@pytest.mark.parametrize("power", [1, 3, 9])
def test_a_million_unequal_amplitudes_cancel(power):
    a = np.random.default_rng(0).uniform(0.01, 1, 10**6) ** power
    assert abs(np.sum(a * np.exp(1j * cancelling_phases(a)))) < 1e-14 * np.sum(a)


def test_one_as_long_as_a_million_others():
    a = np.random.default_rng(0).uniform(0.01, 1, 10**6)
    a[777] = 0.99 * (np.sum(a) - a[777])
    assert abs(np.sum(a * np.exp(1j * cancelling_phases(a)))) < 1e-14 * np.sum(a)


def test_small_cases_by_hand():
    assert cancelling_phases([2.0]).tolist() == [0.0]
    assert cancelling_phases([1.0, 1.0]).tolist() == [0.0, np.pi]
    assert cancelling_phases([1.0, 3.0, 1.0]).tolist() == [np.pi, 0.0, np.pi]
    assert cancelling_phases([0.0, 0.0]).shape == (2,)
    assert [least_resultant(a) for a in ([2.0], [1.0, 1.0], [1.0, 3.0, 1.0], [0.0])] == [2.0, 0.0, 1.0, 0.0]


def test_no_phases_do_better():
    rng = np.random.default_rng(1)
    a = np.array([3.0, 1.0, 0.5])
    sums = np.abs(np.exp(1j * rng.uniform(0, 2 * np.pi, (10_000, 3))) @ a)
    assert sums.min() >= least_resultant(a) == 1.5


@pytest.mark.parametrize(
    ("amplitudes", "message"),
    [
        ([], r"shape \(0,\)"),
        (1.0, r"shape \(\)"),
        ([[1.0]], r"shape \(1, 1\)"),
        ([1.0, -1.0], r"amplitudes\[1\] is -1"),
        ([float("nan")], r"amplitudes\[0\] is nan"),
        (["a"], "not real numbers"),
    ],
)
@pytest.mark.parametrize("function", [cancelling_phases, least_resultant])
def test_bad_amplitudes_are_named(function, amplitudes, message):
    with pytest.raises(ValueError, match=message):
        function(amplitudes)
