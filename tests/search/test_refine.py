import sys
from math import inf

import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.polish import polish
from crestfall.engine.solvers.continuation import PATH, follow
from crestfall.search.elimination import run_batches
from crestfall.search.link import SearchLink
from crestfall.search.refine import Candidate, refine, refined, will_be_polished


def never():
    return False


@pytest.mark.parametrize(("n", "complex"), [(20, False), (20, True), (600, False)])
def test_refining_lowers_what_may_win_and_leaves_the_rest(n, complex):
    ms = cf.Multisine.harmonics(range(1, n + 1), complex=complex)
    problem = CompiledProblem(cf.Problem(ms))
    starts = np.random.default_rng(n).uniform(0, 2 * np.pi, (8, n))
    ends = run_batches(problem, starts, [len(starts)], never)[0]
    poor = starts[0]
    before = [problem.value(phases) for phases in [*ends, poor]]
    candidates = refine(problem, [*ends, poor], float("inf"), SearchLink())
    assert [candidate.value for candidate in candidates] == sorted(before)
    assert candidates[-1].refined_value is None
    np.testing.assert_array_equal(candidates[-1].best[1], poor)
    value, phases = candidates[0].best
    assert value < min(before) * (1 - 2e-4)
    size = 64 * n
    spectrum = np.zeros(size, np.complex128)
    spectrum[1 : n + 1] = np.exp(1j * phases)
    z = np.fft.ifft(spectrum) * size
    highest = np.max(np.abs(z if complex else z.real))
    assert highest / np.sqrt(n if complex else n / 2) <= value * (1 + 1e-12)
    assert will_be_polished(problem) == (n <= 512)


def test_nothing_is_refined_that_cannot_win_or_after_the_end():
    problem = CompiledProblem(cf.Problem(cf.Multisine.harmonics(range(1, 11))))
    phases = np.random.default_rng(0).uniform(0, 2 * np.pi, 10)
    for best, ended, shared in ((1.0, never, inf), (inf, lambda: True, inf), (inf, never, 1.0)):
        link = SearchLink(stop=ended, shared_best=lambda shared=shared: shared)
        (candidate,) = refine(problem, [phases], best, link)
        assert candidate.best == (problem.value(phases), candidate.variables)
        np.testing.assert_array_equal(candidate.variables, phases)


def test_the_last_exponents_come_near_the_minimum_without_a_polish(monkeypatch):
    """Half a thousandth above it; the end of the path is two thousandths above, p = 2050 one."""
    monkeypatch.setattr(sys.modules["crestfall.search.refine"], "_MOST_TONES_TO_CONVERGE", 10)
    problem = CompiledProblem(cf.Problem(cf.Multisine.harmonics(range(1, 41))))
    starts = np.random.default_rng(60).uniform(0, 2 * np.pi, (4, 40))
    ends, _ = follow(problem, starts, PATH, never)
    above = []
    for end in ends:
        found = refined(problem, Candidate(problem.value(end), end), SearchLink(), thorough=False)
        minimum = problem.value(polish(problem.problem, found.best[1]).variables)
        above.append(found.best[0] / minimum - 1.0)
    assert 0.0 < np.median(above) < 7.5e-4


def test_what_a_refinement_would_lift_stays_as_it_is(monkeypatch):
    problem = CompiledProblem(cf.Problem(cf.Multisine.harmonics(range(1, 9))))
    end = polish(problem.problem, np.random.default_rng(1).uniform(0, 6, 8)).variables
    monkeypatch.setattr(sys.modules["crestfall.search.refine"], "_lowered", lambda *asked: np.zeros(8))
    found = refined(problem, Candidate(problem.value(end), end), SearchLink(), thorough=True)
    assert found.best[0] == found.value == problem.value(end)
    np.testing.assert_array_equal(found.best[1], end)
    assert found.gain == 1.0


def test_what_stands_a_little_above_the_best_may_still_become_the_best():
    ms = cf.Multisine.harmonics(range(1, 13))
    problem = CompiledProblem(cf.Problem(ms))
    end = follow(problem, np.random.default_rng(3).uniform(0, 6, (1, 12)), PATH, never)[0][0]
    later = end + 0.7 * ms.harmonic_numbers  # the same signal later, and as high
    far = np.random.default_rng(4).uniform(0, 6, 12)
    candidates = refine(problem, [end, later, far], inf, SearchLink(), expected_gain=1.02)
    assert [candidate.refined_value is not None for candidate in candidates] == [True, True, False]
    assert candidates[1].best[0] == pytest.approx(candidates[0].best[0], rel=1e-6)


def test_the_lowest_end_is_offered_before_anything_is_refined(monkeypatch):
    problem = CompiledProblem(cf.Problem(cf.Multisine.harmonics(range(1, 9))))
    ends, events = list(np.random.default_rng(5).uniform(0, 6, (3, 8))), []

    def lowered(problem, variables, *asked):
        events.append("refined")
        return variables

    monkeypatch.setattr(sys.modules["crestfall.search.refine"], "_lowered", lowered)
    refine(problem, ends, inf, SearchLink(offer=lambda value, variables: events.append(value)))
    assert events[0] == min(problem.value(end) for end in ends)
    assert events[1] == "refined"
