from math import inf

import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.search.elimination import run_batches
from crestfall.search.link import SearchLink
from crestfall.search.refine import refine, will_be_polished


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
