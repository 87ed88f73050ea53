from math import inf

import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.solvers.continuation import Problem
from crestfall.search.race import run_heat
from crestfall.search.refine import converges, goal_of, refine


def never():
    return False


@pytest.mark.parametrize(("n", "complex"), [(20, False), (20, True), (600, False)])
def test_refining_lowers_what_may_win_and_leaves_the_rest(n, complex):
    ms = cf.Multisine.harmonics(range(1, n + 1), complex=complex)
    problem = Problem(ms)
    starts = np.random.default_rng(n).uniform(0, 2 * np.pi, (8, n))
    ends = run_heat(problem, starts, never)
    poor = starts[0]
    before = [goal_of(problem, phases) for phases in [*ends, poor]]
    candidates = refine(problem, [*ends, poor], float("inf"), never)
    assert [candidate.goal for candidate in candidates] == sorted(before)
    assert candidates[-1].refined_goal is None
    np.testing.assert_array_equal(candidates[-1].best[1], poor)
    goal, phases = candidates[0].best
    assert goal < min(before) * (1 - 2e-4)
    size = 64 * n
    spectrum = np.zeros(size, np.complex128)
    spectrum[1 : n + 1] = np.exp(1j * phases)
    z = np.fft.ifft(spectrum) * size
    highest = np.max(np.abs(z if complex else z.real))
    assert highest / np.sqrt(n if complex else n / 2) <= goal * (1 + 1e-12)
    assert converges(problem) == (n <= 512)


def test_nothing_is_refined_below_the_bar_or_after_the_end():
    problem = Problem(cf.Multisine.harmonics(range(1, 11)))
    phases = np.random.default_rng(0).uniform(0, 2 * np.pi, 10)
    for bar, ended, heard in ((1.0, never, inf), (inf, lambda: True, inf), (inf, never, 1.0)):
        (candidate,) = refine(problem, [phases], bar, ended, heard=lambda heard=heard: heard)
        assert candidate.best == (goal_of(problem, phases), candidate.phases)
        np.testing.assert_array_equal(candidate.phases, phases)
