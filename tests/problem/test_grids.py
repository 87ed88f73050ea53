"""The common fundamental: exact for what people write and for what computers compute, and honest when there is none."""

from fractions import Fraction
from math import gcd

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crestfall.problem.grids import MAX_HARMONIC, common_fundamental

harmonic_sets = st.lists(st.integers(1, 5000), min_size=1, max_size=12)


def grid_of(frequencies):
    grid = common_fundamental(np.asarray(frequencies, dtype=np.float64))
    assert grid is not None
    return grid[0], grid[1].tolist()


@pytest.mark.parametrize(
    ("frequencies", "fundamental", "numbers"),
    [
        ([100e6, 101e6, 102.5e6], 0.5e6, [200, 202, 205]),
        ([0.1, 0.2, 0.3], 0.1, [1, 2, 3]),
        ([0.3, 0.7, 1.1], 0.1, [3, 7, 11]),
        ([50.0], 50.0, [1]),
        ([6.0, 10.0, 15.0], 1.0, [6, 10, 15]),
        ([0.0, 12.5, -37.5], 12.5, [0, 1, -3]),
        ([-3.0, -3.0], 3.0, [-1, -1]),
        ([0.0, 0.0], 1.0, [0, 0]),
        ([1e-300, 2.5e-300], 5e-301, [2, 5]),
        ([1e300, 2.5e300], 5e299, [2, 5]),
        ([1e-3, 4e3], 1e-3, [1, 4_000_000]),
    ],
)
def test_written_decimals_are_exact(frequencies, fundamental, numbers):
    assert grid_of(frequencies) == (fundamental, numbers)


def test_computed_multiples_of_a_tenth_and_of_a_third():
    for step in (0.1, 1 / 3, 2 / 7, np.pi, np.sqrt(2.0)):
        f0, numbers = grid_of(step * np.arange(1, 60))
        assert numbers == list(range(1, 60))
        assert f0 == pytest.approx(step, rel=1e-15)


def test_a_multiple_nobody_wrote():
    assert 3 * 0.1 != 0.3
    f0, numbers = grid_of([0.1, 0.2, 3 * 0.1])
    assert (round(f0, 15), numbers) == (0.1, [1, 2, 3])


@pytest.mark.parametrize(
    "frequencies",
    [
        [1.0, np.sqrt(2.0)],
        [1.0, np.pi],
        [1.0, (1 + np.sqrt(5.0)) / 2, 3.0],
        [1e-9, 1.0],
        [np.e, np.pi],
    ],
)
def test_no_common_period(frequencies):
    assert common_fundamental(np.array(frequencies)) is None


def test_the_largest_usable_harmonic_number_and_one_more():
    f0, numbers = grid_of([1.0, float(MAX_HARMONIC)])
    assert (f0, numbers) == (1.0, [1, MAX_HARMONIC])
    assert common_fundamental(np.array([1.0, MAX_HARMONIC + 1.0])) is None
    # in a narrow band only the distances count
    assert grid_of([1.0, 1.0 + 1e-9]) == (1e-9, [10**9, 10**9 + 1])
    # The same question with numbers that only a computer writes.
    f0, numbers = grid_of(np.array([MAX_HARMONIC - 1.0, MAX_HARMONIC]) / 3)
    assert numbers == [MAX_HARMONIC - 1, MAX_HARMONIC]
    assert f0 == pytest.approx(1 / 3, rel=1e-15)


@given(harmonic_sets, st.integers(1, 999), st.integers(-6, 6))
@settings(deadline=None, max_examples=100)
def test_decimal_grids_are_found_exactly(numbers, mantissa, exponent):
    step = Fraction(mantissa) * Fraction(10) ** exponent
    f0, found = grid_of([float(step * h) for h in numbers])
    divisor = gcd(*numbers)
    assert f0 == float(step * divisor)
    assert found == [h // divisor for h in numbers]


@given(harmonic_sets, st.floats(1e-12, 1e12))
@settings(deadline=None, max_examples=100)
def test_any_scale_gives_the_same_numbers(numbers, scale):
    divisor = gcd(*numbers)
    f0, found = grid_of(scale * np.array(numbers))
    # A short decimal scale may hold a finer common divisor only if the numbers do: the numbers decide.
    assert found == [h // divisor for h in numbers]
    assert f0 == pytest.approx(scale * divisor, rel=1e-14)


@given(harmonic_sets, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=50)
def test_order_does_not_matter(numbers, random):
    order = list(range(len(numbers)))
    random.shuffle(order)
    f0, found = grid_of(np.array(numbers) / 3.0)
    shuffled_f0, shuffled = grid_of(np.array(numbers)[order] / 3.0)
    assert shuffled_f0 == f0
    assert shuffled == [found[k] for k in order]


@given(st.lists(st.tuples(st.integers(1, 10**7), st.integers(0, 12)), min_size=1, max_size=6))
def test_decimals_have_the_divisor_of_their_fractions(decimals):
    values = [int(digits) / 10**places for digits, places in decimals]
    fractions = [Fraction(digits, 10**places) for digits, places in decimals]
    divisor = Fraction(0)
    for value in fractions:
        divisor = Fraction(
            gcd(divisor.numerator * value.denominator, value.numerator * divisor.denominator),
            divisor.denominator * value.denominator,
        )
    numbers = [int(value / divisor) for value in fractions]
    if max(numbers) <= MAX_HARMONIC:
        assert grid_of(values) == (float(divisor), numbers)
