"""The batched L-BFGS: it only ever goes down, each start goes its own way, and it ends where the gradient vanishes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crestfall.engine.objectives.p_norm import PNorm
from crestfall.engine.objectives.phase_space import PhaseSpace
from crestfall.engine.solvers.lbfgs import LBFGS, _Run
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


class Slope:
    """Falls by the same amount at each evaluation, whatever the phases; counts them."""

    def __init__(self, fall):
        self.fall, self.calls = fall, 0

    def value_and_gradient(self, phases):
        self.calls += 1
        return np.full(len(phases), -self.fall * self.calls), np.full(phases.shape, 1e-9)


def test_a_start_is_followed_while_it_falls_by_the_tolerance_in_eight_rounds():
    for fall, rounds in ((2e-5, 40), (0.5e-5, 8)):
        space = Slope(fall / 8)
        LBFGS(40, 1e-5).minimize(space, np.zeros((3, 4)), never)
        assert space.calls == rounds + 1


class Bowl:
    """A quadratic of 30 variables whose curvatures span a factor of 1000; counts evaluations."""

    curvatures = np.geomspace(1.0, 1000.0, 30)

    def __init__(self):
        self.calls = 0

    def value_and_gradient(self, phases):
        self.calls += 1
        return 0.5 * (phases**2) @ self.curvatures, phases * self.curvatures


def test_a_quadratic_takes_far_fewer_evaluations_than_steepest_descent():
    """Steepest descent falls by a factor of ((κ − 1)/(κ + 1))² = 0.996 a step: that is 4000 steps for seven digits."""
    space = Bowl()
    start = np.random.default_rng(0).uniform(-1.0, 1.0, (1, 30))
    before, _ = Bowl().value_and_gradient(start)
    _, value = LBFGS(110, 0.0).minimize(space, start, never)
    assert space.calls <= 111
    assert value[0] < 1e-7 * before[0]


def test_changes_of_the_gradient_whose_squares_underflow_are_not_divided_by():
    x = np.ones((2, 30))
    run = _Run(LBFGS(20, 0.0), np, x, *Bowl().value_and_gradient(x))
    before = run.scale.copy()
    with np.errstate(divide="raise", invalid="raise"):
        run._remember(x, 1e-170 * x)
    np.testing.assert_array_equal(run.scale, before)
