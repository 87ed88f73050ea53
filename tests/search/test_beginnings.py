"""Some of the best designs are reached from one beginning of the path only: the portfolio has several."""

import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import LATE
from crestfall.search.elimination import run_batches
from crestfall.search.link import SearchLink
from crestfall.search.proposal import RandomStarts
from crestfall.search.task import Task

SPARSE = cf.Multisine.harmonics(
    [2, 15, 28, 34, 36, 51, 60], amplitudes=[0.244, 0.385, 0.308, 0.495, 0.899, 0.321, 0.544]
)
FEW = cf.Multisine.harmonics([2, 5, 7, 11])


def lowest(ms, first_stage, count=128):
    task = Task(cf.Problem(ms), RandomStarts(0, 10, count), np.inf, 1.1, False, None, first_stage)
    value, _ = min((one.best for one in task.run(SearchLink()).candidates), key=lambda best: best[0])
    return value


def test_a_late_beginning_reaches_what_an_early_one_does_not():
    assert lowest(FEW, LATE) < 0.995 * lowest(FEW, 0)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("ms", "known"),
    [
        (FEW, 2.02911),  # only from p = 66
        (cf.Multisine.harmonics(range(1, 14)), 1.38231),  # one start in 300 from p = 66
        (cf.Multisine.harmonics(range(1, 8)), 1.41082),
        (SPARSE, 2.236203),  # only from p = 258; branch and bound came across it
    ],
    ids=["2, 5, 7, 11", "1..13", "1..7", "sparse"],
)
def test_the_best_known_by_default(ms, known, seed):
    assert cf.minimize_peak(ms, seed=seed, use_atlas=False).crest_factor < known * 1.00001


def test_stages_that_are_left_out_cut_nothing():
    problem = CompiledProblem(cf.Problem(cf.Multisine.harmonics(range(1, 12))))
    starts = np.random.default_rng(0).uniform(0, 6, (32, 11))
    stages = []
    (ends,) = run_batches(problem, starts, [32], lambda: False, stages.append, first_stage=LATE)
    assert stages == ["p = 66", "p = 130", "p = 258", "p = 514", "p = 1026"]
    assert 1 <= len(ends) <= 2
