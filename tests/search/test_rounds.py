"""What the rounds of a search consist of: which starts, from which stage, of which designs; and what comes of them."""

import sys

import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import LATE, VERY_LATE
from crestfall.search.budget import Budget
from crestfall.search.effort import Effort
from crestfall.search.executors import Here
from crestfall.search.explore import Search
from crestfall.search.link import SearchLink
from crestfall.search.proposal import PerturbedStarts, RandomStarts
from crestfall.search.refine import Candidate
from crestfall.search.round_reduction import PolishStatistics
from crestfall.search.run import Run
from crestfall.search.starts import Starts
from crestfall.search.strategy import MULTI_START, SHAKE, SHAKE_AND_REDRAW, Strategy
from crestfall.search.task import Found

FIVE = cf.Multisine.harmonics(range(1, 6))
WHOLE = 4
"""Of five tones, the number of the first round that is as large as a round may be."""


def search_of(ms, total, strategy=SHAKE_AND_REDRAW, seed=3):
    return Search(Run(CompiledProblem(cf.Problem(ms)), Effort(seed=seed), Budget(None)), total, strategy=strategy)


class Fixed(Here):
    """Says of every task that it has found the same value at its first start, and keeps all tasks."""

    def __init__(self, value, rounds, budget):
        super().__init__(SearchLink())
        self.value, self.rounds, self.budget, self.seen = value, rounds, budget, []

    def run(self, tasks):
        self.seen.append(tasks)
        for place, task in enumerate(tasks):
            yield place, Found([Candidate(self.value, np.full(5, 0.1 * len(self.seen)))], task.proposal.count)
        if len(self.seen) == self.rounds:
            self.budget.end("enough")


def rounds_of(search, executor, monkeypatch):
    """The tasks of each round, where the executor is asked instead of the solver."""
    monkeypatch.setattr(sys.modules["crestfall.search.explore"], "executor_for", lambda *_, **__: executor)
    search.run()
    return executor.seen


def test_whole_rounds_perturb_the_pool_and_the_smaller_ones_before_them_do_not():
    search = search_of(FIVE, 4000)
    search.pool.offer(1.5, np.full(5, 0.5))
    search.pool.offer(1.6, np.full(5, 0.6))
    for number in range(WHOLE):
        assert all(isinstance(task.proposal, RandomStarts) for task in search._round(number, 1))
    proposals = [task.proposal for task in search._round(WHOLE, 1)]
    assert len(proposals) > 3
    assert {proposal.perturbation for proposal in proposals} == set(SHAKE_AND_REDRAW.perturbations)
    for proposal in proposals:
        np.testing.assert_array_equal(proposal.pool, [np.full(5, 0.5), np.full(5, 0.6)])


def test_no_two_tasks_of_two_searches_have_the_same_starts():
    starts = []
    for seed in (3, 4):
        search = search_of(FIVE, 4000, SHAKE, seed)
        search.pool.offer(1.5, np.zeros(5))
        tasks = [task for number in range(WHOLE, WHOLE + 3) for task in search._round(number, 1)]
        starts += [task.proposal.starts(search.problem) for task in tasks]
    starts = np.concatenate(starts)
    assert len(starts) > 6000
    assert len(np.unique(starts, axis=0)) == len(starts)


def test_random_starts_are_counted_through():
    search = search_of(FIVE, 4000, MULTI_START)
    first = [(task.proposal.first, task.proposal.count) for number in range(3) for task in search._round(number, 1)]
    numbers = [number for begin, count in first for number in range(begin, begin + count)]
    assert sorted(numbers) == list(range(len(numbers)))


@pytest.mark.parametrize(("n", "stages"), [(7, {0, 2, LATE, VERY_LATE}), (20, {0, LATE}), (40, {0})])
def test_few_tones_begin_the_path_in_several_places(n, stages):
    search = search_of(cf.Multisine.harmonics(range(1, n + 1)), 8000)
    assert {task.first_stage for number in range(6) for task in search._round(number, 1)} == stages


def test_a_pool_that_brings_nothing_better_is_given_up(monkeypatch):
    search = search_of(FIVE, None, Strategy(SHAKE_AND_REDRAW.perturbations, patience=2))
    executor = Fixed(9.0, 9, search.budget)
    kinds = [
        {type(task.proposal) for task in tasks} for tasks in rounds_of(search, executor, monkeypatch)
    ]  # all of a round are alike
    random, perturbed = {RandomStarts}, {PerturbedStarts}
    # The first starts have filled the pool, which nothing beats; twice in vain, and all begins again.
    assert kinds == [*[random] * WHOLE, perturbed, random, perturbed, perturbed, random]


def test_what_arrived_before_a_round_was_stopped_counts(monkeypatch):
    search = search_of(FIVE, 10**6)

    class Stopped(Fixed):
        def run(self, tasks):
            yield 0, Found([Candidate(1.2, np.full(5, 0.7))], 3)
            self.budget.end("interrupted")

    rounds_of(search, Stopped(1.0, 1, search.budget), monkeypatch)
    assert search.outcome.best_value == 1.2
    np.testing.assert_array_equal(search.outcome.best, np.full(5, 0.7))
    assert search.outcome.done == 32 + 3


def test_what_a_worker_refined_by_luck_does_not_count(monkeypatch):
    """It stood too high to be refined once the other was known; who comes first is a matter of chance."""
    search = search_of(FIVE, 32 + 2)
    here, there = np.full(5, 0.1), np.full(5, 0.2)

    class Lucky(Fixed):
        def run(self, tasks):
            lucky = Candidate(1.19, there, 1.0, there)
            yield 0, Found([lucky, Candidate(1.1, here, 1.09, here)], tasks[0].proposal.count)

    rounds_of(search, Lucky(1.0, 1, search.budget), monkeypatch)
    assert search.outcome.best_value == search.pool.values[0] == 1.09
    np.testing.assert_array_equal(search.outcome.best, here)
    assert [figure for _, figure in search.outcome.history][-1] == search.problem.problem.figure_of(1.09)


def test_only_what_is_better_is_kept_and_a_target_ends_the_search():
    problem = CompiledProblem(cf.Problem(FIVE))
    run = Run(problem, Effort(target=1.5), Budget(None))
    offered = [(1.8, True), (1.9, False), (1.8, False), (1.6, True), (1.7, False)]
    assert [run.offer(value, np.full(5, value)) for value, _ in offered] == [better for _, better in offered]
    assert (run.best_value, run.best[0]) == (1.6, 1.6)
    assert [figure for _, figure in run.history] == [1.8, 1.6]
    assert not run.spent()
    run.offer(1.5, np.zeros(5))
    assert run.spent()
    assert run.budget.reason == "target reached"


def test_the_largest_of_the_last_gains_is_what_may_come_again():
    statistics = PolishStatistics(1.01)
    statistics.add([1.001] * 15)
    assert statistics.expected_gain == 1.01  # too few to tell
    statistics.add([1.005])
    assert 1.005 < statistics.expected_gain < 1.0065
    statistics.add([1.0] * 16)
    assert 1.0 < statistics.expected_gain < 1.0015


def test_random_starts_cover_their_ranges_and_follow_seed_and_number():
    problem = CompiledProblem(cf.Problem(cf.Multisine.harmonics(range(1, 41))))
    starts = Starts(problem, 7).batch(1, 50)
    assert 0.0 <= starts.min() < 0.02
    assert 2 * np.pi - 0.02 < starts.max() < 2 * np.pi
    assert starts.mean() == pytest.approx(np.pi, abs=0.15)  # of 2000 numbers of standard deviation 1.8
    assert len(np.unique(starts)) == starts.size
    assert not np.isin(starts, Starts(problem, 8).batch(1, 50)).any()


def test_the_best_is_polished_to_its_end_even_where_others_are_not(monkeypatch):
    module = sys.modules["crestfall.search.refine"]
    monkeypatch.setattr(module, "_MOST_TONES_TO_THE_END", 5)
    monkeypatch.setattr(module, "_LEAST_FALL", 0.05)
    design = cf.minimize_peak(cf.Multisine.harmonics(range(1, 17)), starts=2, use_atlas=False, closed_forms=False)
    assert design.certificate.is_stationary
    assert design.status.startswith("local minimax")
