"""Texts of the command line to values."""

import pytest

import crestfall as cf
from crestfall.cli.parsing import duration, harmonic_numbers, size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10), ("10", 10), ("0.5", 0.5), (".5s", 0.5), ("2min", 120), ("2 m", 120), ("1h", 3600), ("500MS", 0.5)],
)
def test_durations(text, seconds):
    assert duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "0", "0s", "-1s", "ten", "10x", "nan", "inf", "1s2s"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="--time-limit"):
        duration(text)


@pytest.mark.parametrize(("text", "amount"), [("4GB", 4e9), ("500 mb", 5e8), ("2GiB", 2**31), ("1e9", 1e9), ("7", 7)])
def test_amounts_of_memory(text, amount):
    assert size(text) == amount


@pytest.mark.parametrize("text", ["", "0", "-1GB", "much", "4 parsecs", "nan", "inf", "1e999GB"])
def test_what_is_no_amount_of_memory_is_refused(text):
    with pytest.raises(ValueError, match="--max-memory"):
        size(text)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("5", [5]), ("1:3", [1, 2, 3]), ("1:2:7", [1, 3, 5, 7]), ("1:2:6", [1, 3, 5]), ("1, 3 ,7:9", [1, 3, 7, 8, 9])],
)
def test_harmonics(text, numbers):
    assert harmonic_numbers(text) == numbers


@pytest.mark.parametrize("text", ["", "1:", "a", "3:1", "1:0:5", "1:2:3:4", "1,,2", "1:99999999999", "1.5"])
def test_what_is_no_list_of_harmonics_is_refused(text):
    with pytest.raises(ValueError, match="--harmonics") as caught:
        harmonic_numbers(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("odd:7", [1, 3, 5, 7]),
        ("odd-odd:9", [1, 5, 9]),
        ("random-odd:31:4", cf.grids.random_odd(31, 4).excited.tolist()),
        ("random-odd:31:4:7", cf.grids.random_odd(31, 4, 7).excited.tolist()),
        ("log:1:1000:4", [1, 10, 100, 1000]),
        ("odd-log:1:1001:4", cf.grids.quasi_logarithmic(1, 1001, 4, odd=True).tolist()),
        ("intermodulation-free:5:10", cf.grids.free_of_intermodulation(5, 10).tolist()),
    ],
)
def test_grids_in_the_words_of_the_field(text, expected):
    assert harmonic_numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("odd", "'odd' needs 1 numbers after it"),
        ("odd:x", "are whole numbers"),
        ("log:1:1000", "'log' needs 3 numbers"),
        ("log:1:10:100", "harmonics is 'log:1:10:100'"),
        ("odd:99999999999", "is above 4194304, the highest harmonic number here"),
        ("even:8", "is not a number or range"),
    ],
)
def test_words_that_say_nothing_are_refused(text, message):
    with pytest.raises(ValueError, match=message):
        harmonic_numbers(text)
