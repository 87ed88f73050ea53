import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crestfall as cf
from crestfall.problem.constraints import PhaseMap, Relation, phase_map


def angle(x):
    return np.angle(np.exp(1j * np.asarray(x)))


@given(st.integers(0, 10**6), st.integers(2, 12))
def test_every_phase_of_the_map_obeys_every_relation(seed, n):
    rng = np.random.default_rng(seed)
    # relations of a tree never contradict each other
    relations = [
        Relation(k, int(rng.integers(k)), float(rng.choice([1.0, -1.0, 2.0, 0.5])), float(rng.uniform(-3, 3)), "r")
        for k in range(1, n)
        if rng.random() < 0.6
    ]
    found = PhaseMap.of(n, relations)
    assert found.n_free == n - len(relations)
    phases = found.phases(rng.uniform(-9, 9, found.n_free))
    for tone, other, factor, offset, _ in relations:
        assert phases[tone] == pytest.approx(factor * phases[other] + offset, abs=1e-9)


@given(st.integers(0, 10**6))
def test_the_pull_is_the_transpose_and_nearest_inverts_the_map(seed):
    rng = np.random.default_rng(seed)
    ms = cf.Multisine.harmonics(range(1, 8))
    found = phase_map(ms, [cf.Delays([[0, 2, 3], [1, 6]], rng.uniform(0, 6, 7)), cf.Hold({4: 0.3})])
    variables, gradient = rng.normal(size=found.n_free), rng.normal(size=7)
    change = found.phases(variables + 1e-3 * found.pull(gradient)) - found.phases(variables)
    assert change @ gradient == pytest.approx(1e-3 * np.sum(found.pull(gradient) ** 2), rel=1e-9)
    turns = (found.nearest(found.phases(variables)) - variables) / found.ranges
    np.testing.assert_allclose(turns, np.rint(turns), atol=1e-9)


def test_one_span_of_a_delay_is_a_whole_period_of_all_its_tones():
    ms = cf.Multisine.harmonics([4, 6, 9])
    found = phase_map(ms, [cf.Delays([[0, 1, 2]])])
    assert found.n_free == 1
    turns = (found.phases(found.ranges) - found.phases(np.zeros(1))) / (2 * np.pi)
    np.testing.assert_allclose(turns, np.rint(turns), atol=1e-9)
    assert np.gcd.reduce(np.rint(turns).astype(int)) == 1


def test_contradictions_name_both_sides():
    ms = cf.Multisine([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="link of tones 0 and 1 contradicts hold of tone 1"):
        phase_map(ms, [cf.Hold({0: 0.0, 1: 1.0}), cf.Link((0, 1))])
    assert phase_map(ms, [cf.Hold({0: 0.0, 1: 2 * np.pi}), cf.Link((0, 1))]).n_free == 1


def test_held_phases_are_held_and_the_others_help():
    ms = cf.Multisine.harmonics(range(1, 21))
    held = {0: 0.3, 7: 1.0, 12: -2.0}
    design = cf.minimize_peak(ms, constraints=[cf.Hold(held)], starts=64)
    np.testing.assert_allclose(angle(design.phases[list(held)] - list(held.values())), 0.0, atol=1e-12)
    assert design.crest_factor < 1.48


def test_everything_held_is_measured_as_it_is():
    ms = cf.Multisine([1.0, 2.0])
    design = cf.minimize_peak(ms, constraints=[cf.Hold({0: 0.0, 1: np.pi / 2})])
    assert design.peak == pytest.approx(1.760173, abs=1e-6)
    assert "nothing to choose" in design.status


def test_conjugate_symmetric_pulses_have_a_real_envelope():
    ms = cf.Multisine.harmonics(range(7), complex=True)
    design = cf.minimize_peak(ms, constraints=[cf.ConjugateSymmetric()], starts=64)
    t = np.arange(512) / 512
    z = np.exp(2j * np.pi * np.outer(t, np.arange(7) - 3.0)) @ np.exp(1j * design.phases)
    assert np.max(np.abs(z.imag)) < 1e-12 * 7
    assert np.max(np.abs(z)) <= design.peak * (1 + 1e-12)


def test_tones_that_are_not_mirrored_are_refused():
    with pytest.raises(ValueError, match="symmetric about the middle"):
        cf.minimize_peak(cf.Multisine.harmonics([1, 2, 4], complex=True), constraints=[cf.ConjugateSymmetric()])


def test_interleaved_copies_are_only_delayed():
    pulse = np.array([0.2, 0.5, 0.1])
    ms = cf.Multisine.harmonics([1, 2, 3] * 3)
    groups = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    design = cf.minimize_peak(ms, constraints=[cf.Delays(groups, np.tile(pulse, 3))], starts=64)
    t = np.arange(600) / 600
    copies = [np.cos(2 * np.pi * np.outer(t, [1, 2, 3]) + design.phases[group]).sum(axis=1) for group in groups]
    original = np.cos(2 * np.pi * np.outer(t, [1, 2, 3]) + pulse).sum(axis=1)
    for copy, group in zip(copies, groups, strict=True):
        delay = -angle(design.phases[group[0]] - pulse[0]) / (2 * np.pi)
        moved = np.cos(2 * np.pi * np.outer(t - delay, [1, 2, 3]) + pulse).sum(axis=1)
        np.testing.assert_allclose(copy, moved, atol=1e-9)
    together = np.max(np.abs(3 * original))
    assert design.peak < 0.7 * together
    # three delays, one of which does not matter: brute force over the other two
    grid = np.arange(60) * 10
    peaks = [np.abs(original + np.roll(original, a) + np.roll(original, b)).max() for a in grid for b in grid]
    assert design.peak <= min(peaks) * (1 + 1e-3)
