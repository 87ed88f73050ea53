"""A period that begins at a zero crossing is the same signal: checked by direct summation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.problem.constraints import Hold


def direct(ms, phases, times):
    """Samples by direct summation."""
    angles = 2.0 * np.pi * ms.frequencies * np.asarray(times)[:, None] + phases
    return np.cos(angles) @ ms.amplitudes


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_it_is_the_same_signal_later_and_rises_through_zero(data):
    numbers = data.draw(st.lists(st.integers(1, 60), min_size=1, max_size=12, unique=True))
    amplitudes = data.draw(st.lists(st.floats(0.1, 10.0), min_size=len(numbers), max_size=len(numbers)))
    phases = data.draw(st.lists(st.floats(-7.0, 7.0), min_size=len(numbers), max_size=len(numbers)))
    ms = cf.Multisine.harmonics(numbers, 2.0, amplitudes)
    before = cf.Design.of(ms, phases)
    after = before.starting_at_zero()
    size = ms.amplitudes.sum()
    step = ms.period * 1e-4 / max(numbers)
    start = direct(ms, after.phases, [0.0, step, ms.period])
    assert abs(start[0]) < 1e-11 * size
    assert abs(start[2]) < 1e-11 * size
    assert start[1] > -1e-7 * size  # a touching zero rises only to second order
    assert after.peak == pytest.approx(before.peak, rel=1e-10)
    # One shift in time explains all phases: the same power spectrum and the same products of neighbours.
    times = np.arange(512) / 512 * ms.period
    shift = np.angle(np.exp(1j * (after.phases - before.phases)))
    candidates = (shift[0] + 2.0 * np.pi * np.arange(ms.harmonic_numbers[0])) / ms.harmonic_numbers[0]
    errors = [
        np.abs(direct(ms, before.phases, times + angle / (2.0 * np.pi) * ms.period) - direct(ms, after.phases, times))
        for angle in candidates
    ]
    assert min(error.max() for error in errors) < 1e-9 * size


def test_the_search_and_the_proof_survive_the_shift():
    ms = cf.Multisine.harmonics(range(1, 7), fundamental=10.0)
    plain = cf.minimize_peak(ms)
    shifted = cf.minimize_peak(ms, start_at_zero=True)
    assert abs(shifted.waveform(sample_rate=1000.0)[0]) < 1e-12
    assert shifted.peak == pytest.approx(plain.peak, rel=1e-12)
    assert shifted.status == plain.status
    assert shifted.proven_peak_bound == pytest.approx(plain.proven_peak_bound, rel=1e-12)
    assert shifted.certificate.is_stationary


@pytest.mark.parametrize("options", [{"method": "schroeder"}, {"starts": 4, "use_atlas": False}, {"measure": "range"}])
def test_every_way_to_a_design_starts_at_zero(options):
    ms = cf.Multisine.harmonics([1, 3, 4, 9], fundamental=10.0)
    design = cf.minimize_peak(ms, start_at_zero=True, **options)
    assert abs(direct(ms, design.phases, [0.0])[0]) < 1e-12


def test_a_single_tone_and_cancelling_tones():
    assert cf.minimize_peak(cf.Multisine([5.0]), start_at_zero=True).phases[0] == pytest.approx(1.5 * np.pi)
    silent = cf.minimize_peak(cf.Multisine([5.0, 5.0]), start_at_zero=True)
    assert silent.peak < 1e-12


@pytest.mark.parametrize(
    ("ms", "options", "words"),
    [
        (cf.Multisine.harmonics(range(4), complex=True), {}, "complex"),
        (cf.Multisine.harmonics(range(1, 4)), {"constraints": [Hold({0: 0.0})]}, "constraints"),
        (cf.Multisine.harmonics(range(1, 4)), {"over": cf.Samples(rate=100.0)}, "samples"),
    ],
)
def test_what_has_no_zero_crossing_or_a_fixed_place_is_refused(ms, options, words):
    with pytest.raises(ValueError, match=f"start_at_zero.*{words}"):
        cf.minimize_peak(ms, start_at_zero=True, **options)
