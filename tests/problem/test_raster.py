import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crestfall as cf


@given(st.integers(0, 10**6), st.booleans())
def test_every_tone_is_on_the_raster_and_moved_by_half_a_step_at_most(seed, complex):
    rng = np.random.default_rng(seed)
    frequencies = rng.choice(np.arange(1.0, 400.0, 1.7), 12, replace=False) + rng.uniform(0, 0.3, 12)
    if complex:
        frequencies -= 200.0
    ms, errors = cf.snap(frequencies, 1000.0, 4000, complex=complex)
    turns = ms.frequencies * 4.0
    np.testing.assert_allclose(turns, np.rint(turns), atol=1e-9)
    assert np.max(np.abs(errors)) <= 0.125 * (1 + 1e-9)
    np.testing.assert_allclose(frequencies + errors, ms.frequencies)


def test_a_multisine_snaps_with_all_it_has():
    ms = cf.Multisine([1.0, 2.5, 7.0], [1, 2, 3], initial_phases=[0, 1, 2])
    snapped = ms.snap(sample_rate=64.0, n_samples=64).multisine
    assert snapped.frequencies.tolist() == [1.0, 2.0, 7.0]
    assert snapped.amplitudes.tolist() == [1, 2, 3]
    assert snapped.initial_phases.tolist() == [0, 1, 2]


def test_frequencies_without_a_common_period_become_a_problem():
    frequencies = [np.sqrt(2.0), np.pi, np.e * 2]
    with pytest.raises(ValueError, match="no usable common period"):
        cf.minimize_peak(cf.Multisine(frequencies), starts=1)
    ms, errors = cf.snap(frequencies, 100.0, 100_000)
    assert np.max(np.abs(errors)) < 5.1e-4
    assert cf.minimize_peak(ms, starts=4).peak < 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 1.1], 10.0, 10), r"frequencies\[0\] and frequencies\[1\] both fall on 1 Hz"),
        (([0.1, 2.0], 10.0, 10), r"frequencies\[0\] is 100 mHz, which falls on 0 Hz"),
        (([1.0, 4.9], 10.0, 10), r"frequencies\[1\] is 4.9 Hz, which reaches half"),
        (([1.0], 0.0, 10), "sample_rate is 0.0"),
        (([1.0], 10.0, 2.5), "n_samples is 2.5"),
        (([np.nan], 10.0, 10), "finite"),
    ],
)
def test_what_cannot_be_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        cf.snap(*arguments)
