"""The convex step of the polish against SciPy's solvers of linear and quadratic programs, and its own conditions."""

import numpy as np
import pytest
from scipy.optimize import linprog, minimize

from crestfall.engine.polish.quadratic_program import NotConvexError, central_level, solve_qp

CASES = [(n, m, seed) for n, m in ((1, 2), (2, 7), (5, 9), (8, 6), (12, 30)) for seed in range(3)]


def program(n, m, seed):
    """Heights of order 1, gradients that a convex combination brings near zero, and a definite Hessian."""
    rng = np.random.default_rng([n, m, seed])
    rows = rng.standard_normal((m, n))
    rows -= rng.uniform(0.5, 1.0) * rows.mean(axis=0)
    half = rng.standard_normal((n, n))
    return half @ half.T + 0.1 * np.eye(n), rows, 1.0 - rng.uniform(0.0, 0.3, m)


def solved(hessian, rows, heights, **options):
    m = len(heights)
    return solve_qp(hessian, rows, heights, np.full(m, 1.0 / m), 1e-3 / m, **options)


@pytest.mark.parametrize(("n", "m", "seed"), CASES)
def test_it_is_the_minimum_that_another_solver_finds(n, m, seed):
    hessian, rows, heights = program(n, m, seed)
    found = solved(hessian, rows, heights)
    other = minimize(
        lambda z: z[n] + 0.5 * z[:n] @ hessian @ z[:n],
        np.append(np.zeros(n), heights.max()),
        jac=lambda z: np.append(hessian @ z[:n], 1.0),
        constraints={
            "type": "ineq",
            "fun": lambda z: z[n] - heights - rows @ z[:n],
            "jac": lambda z: np.hstack([-rows, np.ones((m, 1))]),
        },
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert other.success
    assert found.level + 0.5 * found.step @ hessian @ found.step == pytest.approx(other.fun, abs=1e-10)
    np.testing.assert_allclose(found.step, other.x[:n], atol=1e-5)


@pytest.mark.parametrize(("n", "m", "seed"), CASES)
def test_step_level_and_multipliers_meet_the_conditions_of_a_minimum(n, m, seed):
    hessian, rows, heights = program(n, m, seed)
    found = solved(hessian, rows, heights)
    reached = heights + rows @ found.step
    assert np.all(found.multipliers >= 0)
    assert found.multipliers.sum() == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(hessian @ found.step + rows.T @ found.multipliers, 0.0, atol=1e-11)
    assert found.level == pytest.approx(reached.max(), abs=1e-11)
    assert found.multipliers @ (found.level - reached) < 1e-12
    assert found.iterations < 30


@pytest.mark.parametrize("seed", range(4))
def test_with_hardly_any_curvature_it_is_the_linear_program(seed):
    """Rows of which none can fall but others rise keep the minimum finite without a Hessian."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((14, 4))
    rows[-1] = -rows[:-1].sum(axis=0)
    heights = 1.0 - rng.uniform(0.0, 0.1, 14)
    found = solved(1e-7 * np.eye(4), rows, heights)
    bounds = [(None, None)] * 5
    exact = linprog([0, 0, 0, 0, 1], np.hstack([rows, -np.ones((14, 1))]), -heights, bounds=bounds)
    assert found.level == pytest.approx(exact.fun, abs=1e-6)


def test_negative_curvature_that_constraints_hold_is_allowed_and_other_is_not():
    rows, heights = np.array([[1.0, 0.0], [-1.0, 0.0]]), np.ones(2)
    found = solved(np.diag([-0.1, 1.0]), rows, heights)  # |d₁| makes a peak rise faster than the parabola falls
    np.testing.assert_allclose(found.step, 0.0, atol=1e-9)
    with pytest.raises(NotConvexError):
        solved(np.diag([1.0, -0.1]), rows, heights)


def test_a_warm_start_and_a_wide_tolerance_change_the_work_and_not_the_answer():
    hessian, rows, heights = program(12, 30, 5)
    cold = solved(hessian, rows, heights)
    warm = solve_qp(hessian, rows, heights, cold.multipliers, 1e-3 / 30)
    np.testing.assert_allclose(warm.step, cold.step, atol=1e-7)
    loose = solved(hessian, rows, heights, tolerance=1e-5)
    assert loose.iterations < cold.iterations
    assert loose.level == pytest.approx(cold.level, abs=1e-4)


@pytest.mark.parametrize("tolerance", [1e-12, 1e-10, 1e-8])
def test_the_gap_is_closed_to_any_tolerance(tolerance):
    """An error below the tolerance does not say so: of a wide one it is reached long before."""
    for n, m in ((2, 7), (5, 9), (8, 6), (12, 30)):
        for seed in range(20):
            hessian, rows, heights = program(n, m, seed)
            found = solved(hessian, rows, heights, tolerance=tolerance)
            reached = heights + rows @ found.step
            assert found.multipliers @ (found.level - reached) < 10 * tolerance
            assert found.level - reached.max() < 10 * tolerance


@pytest.mark.parametrize("mu", [1e-12, 1e-6, 1e-2])
def test_the_central_level_balances_its_weights(mu):
    heights = np.array([1.0, 1.0 - 1e-9, 0.9, 0.3])
    level = central_level(heights, mu)
    assert level > heights.max()
    assert np.sum(mu / (level - heights)) == pytest.approx(1.0, abs=1e-9 + 1e-15 / mu)  # rounding of the level


@pytest.mark.parametrize("mu", [1e-3, 1e-15, 1e-20, 1e-300])
def test_the_central_level_is_above_all_heights_however_small_the_barrier(mu):
    heights = np.array([1.0, 1.0 - 1e-9, 0.5])
    level = central_level(heights, mu)
    assert level > 1.0
    assert np.sum(mu / (level - heights)) <= 1.0 + 1e-9
