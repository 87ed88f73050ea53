"""Samples so dense that the true peak is searched in their place: the answer is as good over the samples themselves."""

import numpy as np
import pytest

import crestfall as cf

TONES = cf.Multisine.harmonics(range(1, 8), fundamental=10.0)
OPTIMUM = 1.410821  # of the true peak, proved by branch and bound (docs/proof.md)


def sample_crest_factor(design, n):
    """By direct summation."""
    angles = 2.0 * np.pi * np.outer(np.arange(n) / n, TONES.harmonic_numbers)
    x = np.cos(angles + design.phases) @ TONES.amplitudes
    return np.abs(x).max() / np.sqrt(np.mean(x**2))


@pytest.mark.parametrize("n", [7 * 1024, 48_000])
def test_the_answer_is_the_optimum_over_the_samples(n):
    design = cf.minimize_peak(TONES, over=cf.Samples(n), use_atlas=False)
    assert sample_crest_factor(design, n) == pytest.approx(OPTIMUM, rel=1e-5)
    assert "true peak" in design.status


def test_it_is_no_worse_than_a_search_over_samples_that_are_a_little_less_dense():
    dense = cf.minimize_peak(TONES, over=cf.Samples(7 * 1024), use_atlas=False)
    less = cf.minimize_peak(TONES, over=cf.Samples(7 * 1000), use_atlas=False)
    assert "true peak" not in less.status
    assert sample_crest_factor(dense, 7 * 1000) <= 1.00001 * sample_crest_factor(less, 7 * 1000)


def test_thirty_million_samples_take_no_longer():
    """A search over all of them takes an hour."""
    design = cf.minimize_peak(TONES, over=cf.Samples(rate=3e8), starts=8, use_atlas=False)
    assert design.provenance.starts == 8
    assert design.crest_factor < 1.42


def test_a_target_and_measures_are_those_of_the_samples():
    reached = cf.minimize_peak(TONES, over=cf.Samples(48_000), target=1.45, use_atlas=False)
    assert sample_crest_factor(reached, 48_000) <= 1.45
    ranged = cf.minimize_peak(TONES, over=cf.Samples(48_000), measure="range", starts=8)
    angles = 2.0 * np.pi * np.outer(np.arange(48_000) / 48_000, TONES.harmonic_numbers)
    x = np.cos(angles + ranged.phases) @ TONES.amplitudes
    relative_peak_factor = np.ptp(x) / (2.0 * np.sqrt(2.0) * np.sqrt(np.mean(x**2)))
    assert ranged.figure == pytest.approx(relative_peak_factor, rel=1e-5)


@pytest.mark.parametrize("measure", ["peak", "range"])
def test_the_certificate_is_that_of_what_was_searched(measure):
    """Samples on both sides of a peak differ by less than 5e-6, but then no two of them are equally high."""
    ms = cf.Multisine.harmonics(range(1, 5), amplitudes=[1.0, 0.7, 0.9, 0.4])
    design = cf.minimize_peak(ms, over=cf.Samples(4096), measure=measure, starts=4, use_atlas=False)
    assert design.status.startswith("local minimax")
    assert design.certificate.is_stationary


def test_one_side_needs_more_samples():
    """A maximum of 1 next to a minimum of −20 has a curvature of up to that of both."""
    for measure, least in (("peak", 4096), ("range", 4096), ("one-sided", 16_384)):
        ms = cf.Multisine.harmonics(range(1, 5))
        dense = [cf.Problem(ms, over=cf.Samples(n), measure=measure).has_dense_samples for n in (least, least - 1)]
        assert dense == [True, False]
