import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crestfall.problem import grids


@given(st.integers(1, 500), st.integers(2, 9), st.integers(0, 99))
def test_random_odd_leaves_one_of_each_full_group_out(highest, group, seed):
    excited, detection = grids.random_odd(highest, group, seed)
    everything = np.sort(np.concatenate([excited, detection]))
    np.testing.assert_array_equal(everything, grids.odd(highest))
    assert len(detection) == len(everything) // group
    for number, line in enumerate(detection):
        assert line in everything[number * group : (number + 1) * group]
    again = grids.random_odd(highest, group, seed)
    np.testing.assert_array_equal(again.excited, excited)


@given(st.integers(1, 40), st.integers(0, 3000), st.data(), st.booleans())
def test_quasi_logarithmic_lines_are_distinct_rising_and_enough(lowest, more, data, odd):
    highest = lowest + more
    free = [h for h in range(lowest, highest + 1) if h % 2 or not odd]
    if not free:
        return
    n = data.draw(st.integers(1, min(len(free), 60)))
    lines = grids.quasi_logarithmic(lowest, highest, n, odd=odd)
    assert len(lines) == n
    assert np.all(np.diff(lines) > 0)
    assert set(lines) <= set(free)
    if n > 1:
        assert (lines[0], lines[-1]) == (free[0], free[-1])


@given(st.integers(1, 40), st.integers(1, 60))
def test_no_second_order_product_hits_a_line(n, lowest):
    lines = grids.free_of_intermodulation(n, lowest)
    assert len(lines) == n
    excited = set(lines.tolist())
    sums = {a + b for a in excited for b in excited}
    differences = {abs(a - b) for a in excited for b in excited} - {0}
    assert not excited & sums
    assert not excited & differences


def test_odd_odd_products_of_third_order_fall_between():
    lines = grids.odd_odd(61)
    assert np.all(lines % 4 == 1)
    assert not set(lines.tolist()) & {3 * int(h) for h in lines}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grids.odd(0), "highest is 0"),
        (lambda: grids.random_odd(9, 1), "group is 1"),
        (lambda: grids.quasi_logarithmic(1, 5, 9), "only 5 harmonics lie from 1 to 5"),
        (lambda: grids.quasi_logarithmic(5, 1, 2), "1 <= lowest <= highest"),
        (lambda: grids.free_of_intermodulation(0), "n is 0"),
        (lambda: grids.free_of_intermodulation(3, 0), "lowest is 0"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_runs_of_few_numbers_far_apart():
    few = grids.interleaved_runs([1, 3, 10**7, 10**7 + 2], 2, tones=2)
    assert [each.tolist() for each in few] == [[1, 10**7], [3, 10**7 + 2]]
    for numbers in ([1, 10**12], [1.5, 2.5], ["a"]):
        with pytest.raises(ValueError, match="harmonic number"):
            grids.interleaved_runs(numbers, 1)
    with pytest.raises(ValueError, match="no 2 runs"):
        grids.interleaved_runs([1, 2, 4, 10**7], 2, tones=2)
