"""The answer does not depend on who ran which task when, how often, and on what they had heard of each other."""

import sys
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.engine.solvers.continuation import Problem
from crestfall.problem.goal import Goal
from crestfall.search.budget import Budget
from crestfall.search.draw import Changed, Fresh
from crestfall.search.executors import Here, WorkersLostError
from crestfall.search.explore import Search
from crestfall.search.refine import Candidate
from crestfall.search.settle import settle
from crestfall.search.strategy import Redraw, Shake
from crestfall.search.task import Task, run_task

MS = cf.Multisine.harmonics(range(1, 13))
STARTS = 1300  # two rounds, the second from changed copies of the best


class Unreliable:
    """Runs tasks in any order, some of them twice, some with news that come too early, too late, or are false."""

    width = 3

    def __init__(self, rng, heard):
        self.rng, self.heard = rng, heard

    def run(self, tasks):
        places = list(self.rng.permutation(len(tasks)))
        for place in places:
            for _ in range(1 if self.rng.random() < 0.7 else 2):
                found = run_task(tasks[place], lambda: False, heard=lambda: self.rng.choice(self.heard))
            yield int(place), found

    def share(self, goal):
        return

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return


def search(executor, starts=STARTS):
    with Budget(None) as budget, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["crestfall.search.explore"], "executor_for", lambda *_, **__: executor)
        done = Search(Problem(MS), 5, starts, budget)
        done.run()
    return done


@pytest.fixture(scope="module")
def alone():
    return search(Here(lambda: False, lambda stage: None))


@pytest.mark.parametrize("heard", [[inf], [0.0], [inf, 1.40, 1.385, 1.0]], ids=["nothing", "lies", "anything"])
def test_luck_does_not_change_the_answer(alone, heard):
    lucky = search(Unreliable(np.random.default_rng(len(heard)), heard))
    assert lucky.done == alone.done == STARTS
    np.testing.assert_array_equal(lucky.best, alone.best)
    assert lucky.best_goal == alone.best_goal
    assert lucky.pool.goals == alone.pool.goals
    np.testing.assert_array_equal(lucky.pool.phases, alone.pool.phases)
    assert lucky.history[-1][1] == alone.history[-1][1] == alone.best_crest_factor


def one(goal, gained=None):
    refined = None if gained is None else goal / gained
    return Candidate(goal, np.array([goal]), refined, None if gained is None else np.array([goal, gained]))


ends = st.tuples(st.floats(1.3, 1.5), st.floats(1.0, 1.02))


@settings(max_examples=200, deadline=None)
@given(st.lists(ends, max_size=12, unique_by=lambda end: end[0]), st.floats(1.3, 1.5), st.data())
def test_which_refinements_were_done_does_not_matter(candidates, bar, data):
    gains = dict(candidates)

    def refined(candidate):
        return one(candidate.goal, gains[candidate.goal])

    def outcome(done):
        return [c.best[0] for c in settle(done, bar, 1.004, refined)]

    nothing = [one(goal) for goal in gains]
    everything = [refined(candidate) for candidate in nothing]
    some = [a if data.draw(st.booleans()) else b for a, b in zip(nothing, everything, strict=True)]
    some = data.draw(st.permutations(some))
    assert outcome(some) == outcome(nothing) == outcome(everything)
    # Independent: the rule in its own words.
    best, expected = bar, []
    for goal in sorted(gains):
        expected.append(goal / gains[goal] if goal <= 1.004 * best else goal)
        best = min(best, expected[-1])
    assert outcome(some) == expected


def test_news_save_refinements():
    task = Task(MS, Goal(), Fresh(0, 10, 32), inf, 1.004, False, None)
    alone, told = (run_task(task, lambda: False, heard=lambda best=best: best) for best in (inf, 1.3))
    assert [c.goal for c in told.candidates] == [c.goal for c in alone.candidates]
    assert sum(c.refined_goal is not None for c in alone.candidates) > 0
    assert all(c.refined_goal is None for c in told.candidates)


def test_a_recipe_gives_the_same_starts_wherever_it_is_carried_out():
    problem = Problem(MS)
    pool = (np.zeros(12), np.ones(12))
    for change in (Shake(1.3), Redraw(0.5)):
        draw = Changed(change, pool, 9, (1, 2, 3))
        np.testing.assert_array_equal(draw.starts(problem), draw.starts(Problem(MS)))
        assert draw.starts(problem).shape == (9, 12)
    fresh = Fresh(7, 5, 4).starts(problem)
    np.testing.assert_array_equal(fresh[1:], Fresh(7, 6, 3).starts(problem))


def test_many_starts_make_many_tasks_a_round_and_a_time_limit_as_many_as_there_are_workers():
    problem = Problem(MS)

    def sizes(total, width):
        with Budget(None) as budget:
            return [task.draw.count for task in Search(problem, 0, total, budget)._round(0, width)]

    assert sizes(2200, 1) == sizes(2200, 1000) == [256] * 4
    assert len(sizes(10**6, 1)) == len(sizes(10**6, 1000)) == 10**6 // (32 * 256)
    assert len(sizes(10**9, 1)) == 1024
    assert [len(sizes(None, width)) for width in (1, 4, 7, 300)] == [4, 4, 7, 300]


def test_lost_workers_end_the_search_with_what_there_is():
    class Lost(Here):
        def run(self, tasks):
            yield from super().run(tasks[:2])
            raise WorkersLostError("scheduler lost")

    lost = search(Lost(lambda: False, lambda stage: None), starts=5000)
    assert lost.budget.reason == "scheduler lost"
    assert lost.done == 4 + 2 * 256
    assert lost.best_crest_factor < 1.40
