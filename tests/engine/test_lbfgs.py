"""The batched L-BFGS: it only ever goes down, each start goes its own way, and it ends where the gradient vanishes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crestfall.engine.objectives.p_norm import PNorm
from crestfall.engine.objectives.phase_space import PhaseSpace
from crestfall.engine.solvers.lbfgs import LBFGS
from crestfall.signal.synthesis import Synthesis


def never():
    return False


def make_space(n=12, squarings=2, is_complex=False):
    return PhaseSpace(Synthesis(np.arange(1, n + 1), 16 * n, complex=is_complex), np.ones(n), PNorm(squarings))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32), st.booleans(), st.integers(1, 40))
def test_no_start_ends_higher_than_it_began(seed, is_complex, rounds):
    space = make_space(is_complex=is_complex)
    phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, (6, 12))
    before, _ = space.value_and_gradient(phases)
    after_phases, after = LBFGS(rounds, 0.0).minimize(space, phases, never)
    assert np.all(after <= before)
    np.testing.assert_allclose(space.value_and_gradient(after_phases)[0], after, rtol=0, atol=1e-12)


@pytest.mark.parametrize("is_complex", [False, True])
def test_it_reaches_a_stationary_point(is_complex):
    space = make_space(is_complex=is_complex)
    phases = np.random.default_rng(3).uniform(0, 2 * np.pi, (8, 12))
    phases, _ = LBFGS(2000, 1e-15).minimize(space, phases, never)
    _, gradient = space.value_and_gradient(phases)
    assert np.max(np.abs(gradient)) < 1e-5


def test_a_start_does_not_depend_on_its_companions():
    space = make_space()
    phases = np.random.default_rng(4).uniform(0, 2 * np.pi, (5, 12))
    _, together = LBFGS(400, 1e-12).minimize(space, phases, never)
    for row in range(5):
        _, alone = LBFGS(400, 1e-12).minimize(space, phases[row : row + 1], never)
        assert alone[0] == pytest.approx(together[row], abs=1e-7)


def test_it_stops_when_asked_and_leaves_the_starts_alone():
    space = make_space()
    phases = np.random.default_rng(5).uniform(0, 2 * np.pi, (3, 12))
    original = phases.copy()
    calls = iter([False] * 3 + [True] * 100)
    stopped, values = LBFGS(100, 0.0).minimize(space, phases, lambda: next(calls))
    np.testing.assert_array_equal(phases, original)
    assert np.all(values <= space.value_and_gradient(phases)[0])
    assert next(calls) is True
    assert stopped.shape == phases.shape
