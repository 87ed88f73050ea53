"""Texts of the command line to values."""

import pytest

from crestfall.cli.parsing import duration, harmonic_numbers


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
