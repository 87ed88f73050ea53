"""The answer does not depend on who ran which task when, how often, and on what was shared between them."""

import sys
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.search.budget import Budget
from crestfall.search.effort import Effort
from crestfall.search.executors import Here, WorkersLostError
from crestfall.search.explore import Search
from crestfall.search.link import SearchLink
from crestfall.search.proposal import PerturbedStarts, RandomStarts
from crestfall.search.refine import Candidate
from crestfall.search.round_reduction import reduce_round
from crestfall.search.run import Run
from crestfall.search.strategy import Redraw, Shake
from crestfall.search.task import Task

MS = cf.Multisine.harmonics(range(1, 13))
STARTS = 1300  # two rounds, the second from perturbed copies of the best


class Unreliable:
    """Runs tasks in any order, some twice, some with a shared best that comes too early, too late, or is wrong."""

    width = 3

    def __init__(self, rng, shared):
        self.rng, self.shared = rng, shared

    def run(self, tasks):
        places = list(self.rng.permutation(len(tasks)))
        for place in places:
            for _ in range(1 if self.rng.random() < 0.7 else 2):
                found = tasks[place].run(SearchLink(shared_best=lambda: self.rng.choice(self.shared)))
            yield int(place), found

    def share(self, value):
        return

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return


def search(executor, starts=STARTS):
    with Budget(None) as budget, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["crestfall.search.explore"], "executor_for", lambda *_, **__: executor)
        run = Run(CompiledProblem(cf.Problem(MS)), Effort(seed=5), budget)
        done = Search(run, starts)
        done.run()
    return done


@pytest.fixture(scope="module")
def alone():
    return search(Here(SearchLink()))


@pytest.mark.parametrize("shared", [[inf], [0.0], [inf, 1.40, 1.385, 1.0]], ids=["nothing", "lies", "anything"])
def test_luck_does_not_change_the_answer(alone, shared):
    lucky = search(Unreliable(np.random.default_rng(len(shared)), shared))
    here, there = alone.outcome, lucky.outcome
    assert there.done == here.done == STARTS
    np.testing.assert_array_equal(there.best, here.best)
    assert there.best_value == here.best_value
    assert lucky.pool.values == alone.pool.values
    np.testing.assert_array_equal(lucky.pool.variables, alone.pool.variables)
    assert there.history[-1][1] == here.history[-1][1] == here.best_figure


def one(value, gain=None):
    refined = None if gain is None else value / gain
    return Candidate(value, np.array([value]), refined, None if gain is None else np.array([value, gain]))


ends = st.tuples(st.floats(1.3, 1.5), st.floats(1.0, 1.02))


@settings(max_examples=200, deadline=None)
@given(st.lists(ends, max_size=12, unique_by=lambda end: end[0]), st.floats(1.3, 1.5), st.data())
def test_which_refinements_were_done_does_not_matter(candidates, best_before, data):
    gains = dict(candidates)

    def refined(candidate):
        return one(candidate.value, gains[candidate.value])

    def outcome(done):
        return [c.best[0] for c in reduce_round(done, best_before, 1.004, refined)]

    nothing = [one(value) for value in gains]
    everything = [refined(candidate) for candidate in nothing]
    some = [a if data.draw(st.booleans()) else b for a, b in zip(nothing, everything, strict=True)]
    some = data.draw(st.permutations(some))
    assert outcome(some) == outcome(nothing) == outcome(everything)
    # Independent: the rule in its own words.
    best, expected = best_before, []
    for value in sorted(gains):
        expected.append(value / gains[value] if value <= 1.004 * best else value)
        best = min(best, expected[-1])
    assert outcome(some) == expected


def test_a_shared_best_saves_refinements():
    task = Task(cf.Problem(MS), RandomStarts(0, 10, 32), inf, 1.004, False, None)
    alone, told = (task.run(SearchLink(shared_best=lambda best=best: best)).candidates for best in (inf, 1.3))
    assert [c.value for c in told] == [c.value for c in alone]
    assert sum(c.refined_value is not None for c in alone) > 0
    assert all(c.refined_value is None for c in told)


def test_a_proposal_gives_the_same_starts_wherever_they_are_made():
    problem = CompiledProblem(cf.Problem(MS))
    pool = (np.zeros(12), np.ones(12))
    for perturbation in (Shake(1.3), Redraw(0.5)):
        proposal = PerturbedStarts(perturbation, pool, 9, (1, 2, 3))
        again = proposal.starts(CompiledProblem(cf.Problem(MS)))
        np.testing.assert_array_equal(proposal.starts(problem), again)
        assert proposal.starts(problem).shape == (9, 12)
    random = RandomStarts(7, 5, 4).starts(problem)
    np.testing.assert_array_equal(random[1:], RandomStarts(7, 6, 3).starts(problem))


def test_many_starts_make_many_tasks_a_round_and_a_time_limit_as_many_as_there_are_workers():
    problem = CompiledProblem(cf.Problem(MS))

    def sizes(total, width, number=30):
        with Budget(None) as budget:
            search = Search(Run(problem, Effort(), budget), total)
            return [task.proposal.count for task in search._round(number, width)]

    assert [sum(sizes(None, 1, number)) for number in range(6)] == [64, 128, 256, 512, 1024, 1024]
    assert sizes(2200, 1) == sizes(2200, 1000) == [256] * 4
    assert len(sizes(10**6, 1)) == len(sizes(10**6, 1000)) == 10**6 // (32 * 256)
    assert len(sizes(10**9, 1)) == 1024
    assert [len(sizes(None, width)) for width in (1, 4, 7, 300)] == [4, 4, 7, 300]


def test_lost_workers_end_the_search_with_what_there_is():
    class Lost(Here):
        def run(self, tasks):
            yield from super().run(tasks[:2])
            raise WorkersLostError("scheduler lost")

    lost = search(Lost(SearchLink()), starts=5000)
    assert lost.budget.reason == "scheduler lost"
    assert lost.outcome.done == 32 + 2 * 32
    assert lost.outcome.best_figure < 1.40
