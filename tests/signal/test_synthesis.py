"""Samples against direct summation, and the adjoint against its definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.signal.backend import Backend
from crestfall.signal.synthesis import Synthesis, band_numbers, grid_size, summed


def direct(numbers, n_samples, c, complex):
    # Reducing h·j modulo N first keeps the angles small, so that huge harmonic numbers stay exact.
    turns = np.outer(np.arange(n_samples), numbers) % n_samples / n_samples
    z = c @ np.exp(2j * np.pi * turns).T
    return z if complex else z.real


def inner(a, b):
    return np.sum(a * np.conj(b), axis=-1)


CASES = [
    ([1, 2, 3], 16),
    ([1, 2, 3], 17),
    ([0, 4, 8], 16),  # constant and Nyquist bins
    ([5, 5, 2, 5], 12),  # repeated numbers
    ([7, 9, 16, 23, 40], 10),  # far above Nyquist: everything folds
    ([3, 13, 8], 16),  # 3 and 13 fold onto each other, 8 is Nyquist
    ([-3, 0, 5], 9),
    ([1], 1),
    ([1, 2], 2),
    ([4_000_001, 3], 64),
    ([7] * 1000 + [3, 5] * 37 + [1], 24),  # bins that many tones share
]


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize(("numbers", "n_samples"), CASES)
def test_samples_and_adjoint_against_direct_sums(numbers, n_samples, complex):
    rng = np.random.default_rng(len(numbers) + n_samples)
    numbers = np.array(numbers)
    synthesis = Synthesis(numbers, n_samples, complex=complex)
    c = rng.normal(size=(2, 3, numbers.size)) + 1j * rng.normal(size=(2, 3, numbers.size))
    y = synthesis.samples(c)
    assert y.shape == (2, 3, n_samples)
    assert np.iscomplexobj(y) == complex
    np.testing.assert_allclose(y, direct(numbers, n_samples, c, complex), atol=1e-12)
    w = rng.normal(size=y.shape) + (1j * rng.normal(size=y.shape) if complex else 0.0)
    back = synthesis.adjoint(w)
    assert back.shape == c.shape
    left, right = inner(y, w), inner(c, back)
    np.testing.assert_allclose(left if complex else left.real, right if complex else right.real, atol=1e-10)
    turns = np.outer(numbers, np.arange(n_samples)) % n_samples / n_samples
    np.testing.assert_allclose(back, w @ np.exp(-2j * np.pi * turns).T, atol=1e-11)


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=10),
    st.integers(1, 70),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
@settings(deadline=None, max_examples=80)
def test_adjointness_for_any_numbers_and_any_grid(numbers, n_samples, complex, seed):
    rng = np.random.default_rng(seed)
    synthesis = Synthesis(np.array(numbers), n_samples, complex=complex)
    c = rng.normal(size=len(numbers)) + 1j * rng.normal(size=len(numbers))
    w = rng.normal(size=n_samples) + (1j * rng.normal(size=n_samples) if complex else 0.0)
    y = synthesis.samples(c)
    np.testing.assert_allclose(y, direct(np.array(numbers), n_samples, c, complex), atol=1e-11)
    difference = inner(y, w) - inner(c, synthesis.adjoint(w))
    assert abs(difference if complex else difference.real) < 1e-10


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize(("numbers", "n_samples"), CASES)
def test_pytorch_arrays_give_the_same(numbers, n_samples, complex):
    torch = pytest.importorskip("torch")
    xp = pytest.importorskip("array_api_compat.torch")
    rng = np.random.default_rng(1)
    numbers = np.array(numbers)
    c = rng.normal(size=(4, numbers.size)) + 1j * rng.normal(size=(4, numbers.size))
    w = rng.normal(size=(4, n_samples)) + (1j * rng.normal(size=(4, n_samples)) if complex else 0.0)
    here = Synthesis(numbers, n_samples, complex=complex)
    there = Synthesis(numbers, n_samples, complex=complex, backend=Backend(xp))
    y = there.samples(torch.asarray(c))
    assert y.dtype == (torch.complex128 if complex else torch.float64)
    np.testing.assert_allclose(y.numpy(), here.samples(c), atol=1e-12)
    np.testing.assert_allclose(there.adjoint(torch.asarray(w)).numpy(), here.adjoint(w), atol=1e-12)


def test_the_band_of_a_real_signal_is_its_harmonic_numbers():
    ms = cf.Multisine([100e6, 101e6, 102.5e6])
    np.testing.assert_array_equal(band_numbers(ms), [200, 202, 205])


@pytest.mark.parametrize(
    ("numbers", "band"),
    [([1001, 1003, 1007], [0, 1, 3]), ([-4, 4, 0], [0, 2, 1]), ([7], [0]), ([5, 5], [0, 0]), ([-1, 0, 1], [0, 1, 2])],
)
def test_the_band_of_a_complex_signal_forgets_the_carrier(numbers, band):
    assert band_numbers(cf.Multisine.harmonics(numbers, complex=True)).tolist() == band


@pytest.mark.parametrize("band", [0, 1, 31, 4096])
def test_grids_are_as_fine_as_asked(band):
    assert max(8, 4 * band) <= grid_size(band, 4.0) <= max(8, 4.4 * band)


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-1000, 1000)), min_size=1, max_size=40))
def test_sums_of_equal_numbers(pairs):
    numbers, values = (np.array(column) for column in zip(*pairs, strict=True))
    sums, different, additions = summed(values.astype(float), numbers)
    expected = {}
    for number, value in pairs:
        expected[number] = expected.get(number, 0) + value
    assert dict(zip(different.tolist(), sums.tolist(), strict=True)) == expected
    copies = max(np.count_nonzero(numbers == number) for number in expected)
    assert additions == np.ceil(np.log2(copies))
