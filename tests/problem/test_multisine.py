"""The problem: what goes in comes out exact, what is wrong is refused in one line, and nothing can be changed."""

import copy
import pickle

import numpy as np
import pytest

import crestfall as cf
from crestfall.problem.grids import MAX_HARMONIC


def error_of(call):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the caller looks at the message
        call()
    message = str(caught.value)
    assert message
    assert "\n" not in message
    return message


def test_rf_tones():
    ms = cf.Multisine([100e6, 101e6, 102.5e6], [1, 0.8, 1])
    assert (ms.n, ms.fundamental, ms.period) == (3, 0.5e6, 2e-6)
    assert ms.harmonic_numbers.tolist() == [200, 202, 205]
    assert ms.frequencies.tolist() == [100e6, 101e6, 102.5e6]
    assert ms.amplitudes.tolist() == [1.0, 0.8, 1.0]
    assert not ms.complex
    assert ms.initial_phases is None


def test_order_is_kept_and_shuffles_agree():
    order = np.array([2, 0, 3, 1])
    f, a = np.array([0.3, 0.5, 1.1, 0.7]), np.array([1.0, 2.0, 3.0, 4.0])
    ms, shuffled = cf.Multisine(f, a), cf.Multisine(f[order], a[order])
    assert shuffled.fundamental == ms.fundamental == 0.1
    np.testing.assert_array_equal(shuffled.harmonic_numbers, ms.harmonic_numbers[order])


def test_harmonics_and_frequencies_are_the_same_problem():
    assert cf.Multisine.harmonics([2, 4, 6], 5.0) == cf.Multisine([10.0, 20.0, 30.0])
    assert cf.Multisine.harmonics([2, 4, 6], 5.0).fundamental == 10.0
    assert cf.Multisine.harmonics(range(3), complex=True).harmonic_numbers.tolist() == [0, 1, 2]
    assert cf.Multisine.harmonics([-2, 0, 4], 3.0, complex=True).frequencies.tolist() == [-6.0, 0.0, 12.0]
    assert cf.Multisine.harmonics([0, 0], complex=True).harmonic_numbers.tolist() == [0, 0]
    assert cf.Multisine.harmonics([MAX_HARMONIC * 10, 10]).harmonic_numbers.tolist() == [MAX_HARMONIC, 1]


def test_one_amplitude_for_all_and_phases_that_came_along():
    ms = cf.Multisine([1, 2, 3], 0.5, initial_phases=[0, 1, 2])
    assert ms.amplitudes.tolist() == [0.5] * 3
    assert ms.initial_phases.tolist() == [0.0, 1.0, 2.0]


def test_repeated_frequencies():
    assert cf.Multisine([5.0, 5.0]).has_one_frequency
    assert cf.Multisine([5.0, 5.0, 10.0]).has_repeated_frequencies
    assert not cf.Multisine([5.0, 5.0, 10.0]).has_one_frequency
    assert not cf.Multisine([5.0, 10.0]).has_repeated_frequencies


@pytest.mark.parametrize(
    ("frequencies", "value"),
    [([0.0, 1.0], "frequencies[0] is 0"), ([1.0, -2.5], "frequencies[1] is -2.5"), ([1.0, np.nan], "[1] is nan")],
)
def test_real_tones_need_positive_finite_frequencies(frequencies, value):
    message = error_of(lambda: cf.Multisine(frequencies))
    assert message.startswith("frequencies")
    assert value in message


@pytest.mark.parametrize("name", ["frequencies", "amplitudes", "initial_phases"])
@pytest.mark.parametrize(
    ("bad", "value"),
    [
        ([], "empty"),
        ([1.0, np.nan], "[1] is nan"),
        ([np.inf, 1.0], "[0] is inf"),
        ([1.0, None], "[1] is nan"),
        ([[1.0, 2.0]], "shape (1, 2)"),
        (["one", "two"], ""),
        (["1 V", "2 V"], ""),
        ([1.0, 2.0j], "complex128"),
        ([[1.0], [1.0, 2.0]], "inhomogeneous"),
        ({1.0: 2.0}, "dict"),
    ],
)
def test_bad_vectors_are_refused_by_name_and_value(name, bad, value):
    arguments = {"frequencies": [1.0, 2.0], "amplitudes": [1.0, 1.0], "initial_phases": [0.0, 0.0], name: bad}
    message = error_of(lambda: cf.Multisine(**arguments))
    assert message.startswith(name)
    assert value in message


@pytest.mark.parametrize("name", ["amplitudes", "initial_phases"])
def test_lengths_must_agree(name):
    message = error_of(lambda: cf.Multisine([1.0, 2.0], **{name: [1.0, 1.0, 1.0]}))
    assert name in message
    assert "length 3" in message
    assert "2 tones" in message


@pytest.mark.parametrize("bad", [[1.0, 0.0], [1.0, -0.5], 0.0, -1, np.nan, "loud", None])
def test_amplitudes_must_be_above_zero(bad):
    assert error_of(lambda: cf.Multisine([1.0, 2.0], bad)).startswith("amplitudes")


def test_no_common_period_is_refused_where_one_is_needed_and_says_what_to_do():
    ms = cf.Multisine([1.0, np.sqrt(2.0)])
    assert not ms.has_period
    uses = (lambda: ms.fundamental, lambda: ms.period, lambda: ms.harmonic_numbers, lambda: cf.Problem(ms))
    for use in uses:
        message = error_of(use)
        assert "frequencies have no usable common period" in message
        assert "round them" in message
        assert "over=Window(0.0, duration)" in message
    assert cf.Problem(ms, over=cf.Window(0.0, 3.0)).tones is not None
    assert repr(ms) == "Multisine(n=2, 1 … 1.41421356 Hz, no common period, real)"
    assert ms == cf.Multisine([1.0, np.sqrt(2.0)])


@pytest.mark.parametrize(
    ("numbers", "value"),
    [
        ([1, 2.5], "numbers[1] is 2.5"),
        ([0, 1], "numbers[0] is 0"),
        ([-1], "numbers[0] is -1"),
        ([1e300], "2^53"),
        ([1, MAX_HARMONIC + 1], str(MAX_HARMONIC)),
        ([], "empty"),
        (["a"], "<U1"),
    ],
)
def test_bad_harmonic_numbers(numbers, value):
    message = error_of(lambda: cf.Multisine.harmonics(numbers))
    assert message.startswith("numbers")
    assert value in message


@pytest.mark.parametrize("fundamental", [0.0, -1.0, np.nan, np.inf, 1.7e308, "ten", None, [1.0, 2.0]])
def test_bad_fundamentals(fundamental):
    assert error_of(lambda: cf.Multisine.harmonics([1, 2], fundamental)).startswith("fundamental is")


@pytest.mark.parametrize(
    ("phases", "value"),
    [
        ([0.0], "length 1"),
        ([0.0, np.nan], "phases[1] is nan"),
        (["a", "b"], "phases[0] is 'a'; give an angle"),
        (0.0, "shape ()"),
    ],
)
def test_bad_phases(phases, value):
    message = error_of(lambda: cf.true_peak(cf.Multisine([1.0, 2.0]), phases))
    assert message.startswith("phases")
    assert value in message


def test_it_cannot_be_changed():
    source = np.array([1.0, 2.0])
    ms = cf.Multisine(source, initial_phases=[0.0, 1.0])
    source[0] = 9.0
    assert ms.frequencies.tolist() == [1.0, 2.0]
    for name in ("frequencies", "amplitudes", "harmonic_numbers", "initial_phases"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(ms, name)[0] = 3
        with pytest.raises(AttributeError, match="immutable"):
            setattr(ms, name, None)
    with pytest.raises(AttributeError):
        ms.something_new = 1


@pytest.mark.parametrize(
    "ms",
    [
        cf.Multisine([100e6, 101e6], [1, 0.5]),
        cf.Multisine.harmonics([0, 3], 0.1, complex=True),
        cf.Multisine.harmonics([1, 2, 2], 0.1, initial_phases=[1, 2, 3]),
        cf.Multisine([1.0, np.sqrt(2.0)], complex=True),
    ],
)
def test_copies_are_equal_and_as_immutable(ms):
    for other in (pickle.loads(pickle.dumps(ms)), copy.deepcopy(ms), copy.copy(ms)):
        assert other == ms
        assert hash(other) == hash(ms)
        assert other.has_period == ms.has_period
        if ms.has_period:
            assert other.fundamental == ms.fundamental
        assert not other.frequencies.flags.writeable


def test_equality_and_hash():
    ms = cf.Multisine([1.0, 2.0])
    assert ms == cf.Multisine([1, 2], [1, 1])
    assert len({ms, cf.Multisine([1, 2])}) == 1
    assert ms != cf.Multisine([2.0, 1.0])
    assert ms != cf.Multisine([1.0, 2.0], [1.0, 2.0])
    assert ms != cf.Multisine([1.0, 2.0], complex=True)
    assert ms != cf.Multisine([1.0, 2.0], initial_phases=[0, 0])
    assert ms != "Multisine"


def test_zero_has_one_sign():
    positive, negative = (cf.Multisine([zero, 1.0], complex=True) for zero in (0.0, -0.0))
    assert positive == negative
    assert hash(positive) == hash(negative)


def test_repr_says_what_it_is():
    assert repr(cf.Multisine([10.0, 20.0])) == "Multisine(n=2, 10 … 20 Hz, fundamental 10 Hz, real)"
    assert repr(cf.Multisine([-1.0, 1.5], complex=True)) == "Multisine(n=2, -1 … 1.5 Hz, fundamental 0.5 Hz, complex)"


def test_coefficients_carry_leading_axes():
    ms = cf.Multisine([1.0, 2.0], [2.0, 3.0])
    c = ms.coefficients([[0.0, np.pi / 2], [np.pi, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(c, [[2, 3j], [-2, 3], [2, 3]], atol=1e-15)


@pytest.mark.parametrize("largest", [1e-300, 1e-3, 1.0, 1.5, 2.0, 1e300, 1.1e308])
def test_the_amplitude_scale_is_a_power_of_two_near_the_largest(largest):
    scale = cf.Multisine([1.0, 2.0], [largest, largest / 2]).amplitude_scale
    assert np.frexp(scale)[0] == 0.5
    assert 0.5 <= largest / scale < 2.0
