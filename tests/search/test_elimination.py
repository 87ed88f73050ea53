"""Which starts go on along the path, and how many evaluations that saves: with solvers that do nothing."""

from math import inf

import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.solvers.continuation import LATE, PATH, Stage
from crestfall.search.elimination import run_batches
from crestfall.search.link import SearchLink
from crestfall.search.proposal import RandomStarts
from crestfall.search.task import Task


def never():
    return False


class Nothing:
    """A solver that leaves its starts alone and says that their value is their only variable."""

    def __init__(self, seen):
        self.seen = seen

    def minimize(self, space, phases, stop):
        self.seen.append(len(phases))
        return phases, phases[:, 0].copy()


class Path:
    """A path of the same length and cuts as the true one, whose stages count their starts."""

    def __init__(self):
        self.seen = []
        self.path = tuple(Stage(one.squarings, 1.0, inf, Nothing(self.seen), cut=one.cut) for one in PATH)

    def space(self, stage):
        return None

    def samples_at(self, stage):
        return 64

    def sampled_values(self, variables):
        return variables[:, 0].copy()


def run(values, sizes, **options):
    """Values of the starts that reach the end, batch by batch, and how many each stage computed."""
    problem = Path()
    ends = run_batches(problem, np.array(values, dtype=float)[:, None], sizes, options.pop("stop", never), **options)
    return [[float(one[0]) for one in batch] for batch in ends], problem.seen


def test_one_in_eight_goes_on_and_one_in_four_of_those():
    values = np.random.default_rng(0).permutation(256)
    ends, seen = run(values, [256])
    assert ends == [list(range(8))]
    assert seen == [256, 256, *[32] * 3, *[8] * 4]


def test_parts_of_a_start_are_rounded_up():
    ends, seen = run(np.arange(17), [17])
    assert ends == [[0.0]]
    assert seen == [17, 17, *[3] * 3, *[1] * 4]


def test_starts_compete_within_their_batch():
    ends, seen = run([*range(100, 132), *range(64)], [32, 64])
    assert ends == [[100.0], [0.0, 1.0]]
    assert seen[2] == 4 + 8


def test_copies_do_not_displace_the_others():
    values = np.repeat([1.0, 1.0 + 1e-6, 2.0, 3.0, 4.0], [20, 4, 4, 2, 2])
    ends, seen = run(values, [32])
    assert seen[2] == 4  # one in eight, all of them different
    assert ends == [[1.0]]
    _, seen = run(np.ones(32), [32])
    assert seen[2] == 1


def test_a_late_beginning_cuts_once_one_in_sixteen():
    ends, seen = run(np.arange(64), [64], first_stage=LATE)
    assert ends == [[0.0, 1.0, 2.0, 3.0]]
    assert seen == [64, *[4] * 4]


def test_what_is_stopped_is_the_best_of_each_batch():
    calls = iter([False] * 3 + [True] * 99)
    ends, seen = run([5.0, 3.0, 4.0, 9.0, 8.0], [3, 2], stop=lambda: next(calls))
    assert len(seen) < len(PATH)
    assert ends == [[3.0], [8.0]]
    ends, seen = run([5.0, 3.0, 4.0], [3], stop=lambda: True)
    assert (ends, seen) == ([[3.0]], [])


def test_the_best_of_each_stage_but_the_last_arrives():
    arrived = []
    run([5.0, 3.0, 4.0], [3], arrived=lambda one: arrived.append(float(one[0])))
    assert arrived == [3.0] * (len(PATH) - 1)


def test_a_task_whose_time_is_over_returns_what_it_began_with():
    ms = cf.Multisine.harmonics(range(1, 8))
    task = Task(cf.Problem(ms), RandomStarts(0, 1, 6), inf, 1.004, False, 0.0)
    found = task.run(SearchLink())
    assert found.starts_done == 0
    (candidate,) = found.candidates
    starts = [np.random.default_rng([0, number]).uniform(0.0, 2.0 * np.pi, 7) for number in range(1, 7)]
    assert any(np.array_equal(candidate.variables, start) for start in starts)
    assert candidate.value <= min(cf.crest_factor(ms, start) for start in starts) * 1.02  # by samples of a fine grid
    assert candidate.best[0] == pytest.approx(cf.crest_factor(ms, candidate.variables), rel=1e-12)


@pytest.mark.parametrize("eager", [False, True])
def test_an_eager_task_offers_the_best_of_every_exponent(eager):
    ms, offers = cf.Multisine.harmonics(range(1, 8)), []
    task = Task(cf.Problem(ms), RandomStarts(0, 1, 3), inf, 1.004, False, None, eager=eager)
    found = task.run(SearchLink(offer=lambda value, variables: offers.append((value, variables))))
    assert len(offers) == (len(PATH) - 1 if eager else 0) + 1
    for value, variables in offers:
        assert value == pytest.approx(cf.crest_factor(ms, variables), rel=1e-12)
    assert offers[-1][0] == found.candidates[0].value  # the end of the path
    assert offers[-1][0] < 1.01 * min(value for value, _ in offers)
    assert not eager or offers[0][0] > offers[-1][0]
