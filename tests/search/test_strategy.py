import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.search import strategy
from crestfall.search.budget import Budget
from crestfall.search.effort import Effort
from crestfall.search.explore import Search
from crestfall.search.run import Run
from crestfall.search.strategy import Cross, Redraw, Shake, _aligned


def dense_peak(ms, phases):
    t = np.arange(4096) / 4096
    z = np.exp(2j * np.pi * np.outer(t, ms.harmonic_numbers) + 1j * phases) @ ms.amplitudes
    return np.max(np.abs(z if ms.complex else z.real))


@pytest.mark.parametrize("complex", [False, True])
def test_alignment_is_a_symmetry_and_finds_the_shift(complex):
    ms = cf.Multisine.harmonics([1, 2, 3, 5, 8, 9], complex=complex)
    rng = np.random.default_rng(3)
    phases = rng.uniform(0, 2 * np.pi, 6)
    moved = phases + 2 * np.pi * 0.3125 * ms.harmonic_numbers + (1.1 if complex else 0.0)
    back = _aligned(ms, moved, phases)
    # 0.3125 of a period need not be a point of the search for the shift, hence the tolerance of a grid cell
    assert np.max(np.abs(np.angle(np.exp(1j * (back - phases))))) < np.pi / 2
    assert dense_peak(ms, back) == pytest.approx(dense_peak(ms, moved), rel=1e-3)


@pytest.mark.parametrize("perturbation", [Shake(1.3), Redraw(0.5), Cross(0.5)])
def test_perturbations_make_new_starts_of_the_pool_alone(perturbation):
    ms = cf.Multisine.harmonics(range(1, 9))
    pool = [np.full(8, 1.0), np.linspace(0, 3, 8)]
    starts = perturbation(ms, pool, 5, np.random.default_rng(0))
    assert starts.shape == (5, 8)
    assert len(np.unique(starts.round(9), axis=0)) == 5
    np.testing.assert_array_equal(starts, perturbation(ms, pool, 5, np.random.default_rng(0)))


def test_redraw_keeps_about_the_share_it_says():
    ms = cf.Multisine.harmonics(range(1, 1001))
    starts = Redraw(0.25)(ms, [np.zeros(1000)], 4, np.random.default_rng(1))
    assert np.mean(starts == 0.0) == pytest.approx(0.75, abs=0.05)


@pytest.mark.parametrize("name", ["MULTI_START", "SHAKE", "REDRAW", "SHAKE_AND_REDRAW", "CROSS", "HALF_RANDOM"])
def test_every_strategy_reaches_the_optimum_of_five_tones(name):
    ms = cf.Multisine.harmonics(range(1, 6))
    with Budget(None) as budget:
        run = Run(CompiledProblem(cf.Problem(ms)), Effort(), budget)
        Search(run, 1200, strategy=getattr(strategy, name)).run()
    assert run.done == 1200
    assert run.best_figure == pytest.approx(1.482170, abs=2e-6)  # proven by branch and bound
    assert dense_peak(ms, run.best) / np.sqrt(2.5) <= run.best_figure * (1 + 1e-12)
