"""Arrays of other libraries and precisions as frequencies and amplitudes."""

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import crestfall as cf


def test_pytorch_counts_in_float32():
    ms = cf.Multisine(torch.arange(1, 5) * 0.1)
    assert ms.harmonic_numbers.tolist() == [1, 2, 3, 4]
    assert ms.fundamental == 0.1
    assert ms.frequencies.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4], rel=1e-15)
    assert cf.Multisine(torch.arange(1, 32) * 0.1).harmonic_numbers.tolist() == list(range(1, 32))
    assert cf.Multisine(torch.linspace(10, 20, 11)).fundamental == 1.0
    assert cf.Multisine(np.float32([100e6, 101e6, 102.4e6])).fundamental == 200e3


@given(
    st.lists(st.integers(1, 2000), min_size=3, max_size=20, unique=True),
    st.sampled_from([0.1, 0.3, 1 / 3, 12.5, 2.2e6, 1e-3]),
    st.booleans(),
)
def test_multiples_rounded_to_float32_keep_their_harmonics(numbers, fundamental, by_product):
    numbers = np.array([1 + numbers[0] % 20, *numbers])  # one of them low enough to tell what the rest are counted in
    single = np.float32(fundamental) * numbers.astype(np.float32) if by_product else np.float32(numbers * fundamental)
    ms = cf.Multisine(single)
    divisor = np.gcd.reduce(numbers)
    assert ms.harmonic_numbers.tolist() == (numbers // divisor).tolist()
    np.testing.assert_allclose(ms.frequencies, numbers * fundamental, rtol=1e-6)


def test_float32_without_a_period_is_named():
    with pytest.warns(cf.CrestfallWarning, match="frequencies are float32"):
        assert not cf.Multisine(np.float32([1.0, np.sqrt(2.0), np.pi])).has_period


def test_float32_frequencies_that_differ_stay_apart():
    close = np.float32([1000.0, 1000.1, 1000.2])
    assert cf.Multisine(close).frequencies.tolist() == [1000.0, 1000.1, 1000.2]


def test_what_is_masked_is_refused_and_what_is_not_is_taken():
    values = np.ma.masked_array([10.0, 20.0, 30.0], mask=[False, True, False])
    with pytest.raises(ValueError, match=r"^frequencies are masked at \[1\]; leave those tones out"):
        cf.Multisine(values)
    with pytest.raises(ValueError, match=r"^amplitudes are masked at \[1\]"):
        cf.Multisine([1.0, 2.0, 3.0], values)
    assert cf.Multisine(values.compressed()) == cf.Multisine([10.0, 30.0])
    assert cf.Multisine(np.ma.masked_array([10.0, 20.0], mask=[False, False])).n == 2


EXPECTED = cf.Multisine([10.0, 20.0, 40.0], [1.0, 0.5, 0.25])


@pytest.mark.parametrize(
    "make",
    [
        list,
        tuple,
        iter,
        np.array,
        pd.Series,
        xr.DataArray,
        torch.tensor,
        lambda values: (value for value in values),
        lambda values: pd.array(values, dtype="Float64"),
        lambda values: torch.tensor(values, dtype=torch.float64, requires_grad=True),
    ],
)
def test_vectors_of_other_libraries(make):
    assert cf.Multisine(make([10.0, 20.0, 40.0]), make([1.0, 0.5, 0.25])) == EXPECTED


def test_ranges_and_plain_numbers():
    assert cf.Multisine(range(10, 40, 10)) == cf.Multisine([10.0, 20.0, 30.0])
    assert cf.Multisine(50) == cf.Multisine([50.0])
    assert cf.Multisine(50.0, 2) == cf.Multisine([50.0], [2.0])


def test_a_table_is_no_vector():
    with pytest.raises(ValueError, match=r"frequencies are a table of type DataFrame; .* Multisine.from_table"):
        cf.Multisine(pd.DataFrame({"f_Hz": [1.0]}))
