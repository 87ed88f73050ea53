"""Searches that leave nothing out, against trying everything: sequences of symbols, and delays in steps."""

from itertools import product

import numpy as np
import pytest

import crestfall as cf
from crestfall.certainty.delayed_waveforms import DelayedWaveforms
from crestfall.certainty.value import value_of
from crestfall.engine.discrete.delay_search import DelayTree
from crestfall.engine.discrete.exhaustive import try_all
from crestfall.engine.discrete.sequences import Sequences


def never():
    return False


@pytest.mark.parametrize(("complex", "levels", "n"), [(False, 2, 7), (False, 4, 4), (False, 3, 4), (True, 3, 5)])
def test_a_sequence_that_is_a_little_better_than_what_is_known_is_found(complex, levels, n):
    amplitudes = np.random.default_rng(n).uniform(0.5, 1.5, n)
    ms = cf.Multisine.harmonics(range(1, n + 1), amplitudes=amplitudes, complex=complex)
    problem = cf.Problem(ms, phases=[cf.Alphabet(levels)])
    sequences = Sequences(problem)

    def value(symbols):
        return value_of(problem, ms, 2.0 * np.pi * np.asarray(symbols) / levels)

    values = np.unique(np.round([value(each) for each in product(range(levels), repeat=n)], 10))
    for least in values[1:4]:
        found = []
        seen = try_all(sequences, least * (1 - 1e-9), value, never, lambda *one, found=found: found.append(one[0]))
        assert seen == sequences.total
        assert found[-1] == pytest.approx(values[0], rel=1e-9)
    assert try_all(sequences, values[0] * (1 - 1e-9), value, never, lambda *_: pytest.fail("nothing is better"))


def waves(kind, rng):
    """Three waveforms of eight samples, of two signals side by side, and what stays where it is."""
    waveforms, held = rng.normal(size=(3, 2, 8)), np.zeros((2, 8))
    if kind == "held":
        held = rng.normal(size=(2, 8))
    if kind == "complex":
        waveforms, held = waveforms + 1j * rng.normal(size=(3, 2, 8)), held + 0j
    if kind == "two alike":
        waveforms[2] = waveforms[1]
    return waveforms, held


@pytest.mark.parametrize("measure", ["peak", "range", "one-sided"])
@pytest.mark.parametrize("kind", ["free", "held", "two alike", "complex"])
def test_branch_and_bound_over_delays_is_brute_force(kind, measure):
    if kind == "complex" and measure != "peak":
        return
    for seed in range(6):
        waveforms, held = waves(kind, np.random.default_rng(seed))
        sums = DelayedWaveforms(waveforms, held, np.full(3, 8), 1, measure, np.zeros(3), np.ones(3))
        values = []
        for delays in product(range(8), repeat=3):
            total = held + sum(np.roll(one, k, axis=-1) for one, k in zip(waveforms, delays, strict=True))
            each = {
                "peak": np.abs(total).max(-1),
                "range": np.ptp(total.real, axis=-1) / 2,
                "one-sided": total.real.max(-1),
            }
            values.append(each[measure].max())
        tree, found = DelayTree(sums, 1e9), []
        tree.run(never, lambda value, delays, found=found: found.append((value, delays)))
        assert tree.is_proven
        assert tree.best == pytest.approx(min(values), rel=1e-12)
        assert tree.lower <= min(values) * (1 + 1e-12)
        value, delays = found[-1]
        assert value == tree.best
        assert float(sums.measured(sums.sum_at(delays))) == pytest.approx(min(values), rel=1e-12)
        assert sums.bound() <= min(values)
