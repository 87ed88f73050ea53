"""What the stages of a path see and how long they go on: many tones, samples that count, sparse tones, ranges."""

import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import PATH


def never():
    return False


def test_many_tones_come_down_in_more_and_smaller_steps(counted):
    problem = CompiledProblem(cf.Problem(cf.Multisine.harmonics(range(1, 161))))
    starts = np.random.default_rng(0).uniform(0.0, 2.0 * np.pi, (2, 160))
    found = {}
    for name, stage in (("few", PATH[1]), ("many", problem.path[1])):
        space = counted(problem.space(stage))
        _, values = stage.solver.minimize(space, starts, never)
        found[name] = space.calls, float(np.mean(values))
    assert found["many"][0] > 1.4 * found["few"][0]
    assert found["many"][1] < found["few"][1]


def test_few_sparse_and_very_many_tones_have_no_smaller_tolerances():
    def tolerances(numbers):
        path = CompiledProblem(cf.Problem(cf.Multisine.harmonics(numbers))).path
        return {stage.exponent: stage.solver.tolerance for stage in path}

    few, many = tolerances(range(1, 101)), tolerances(range(1, 201))
    assert all(many[p] < few[p] for p in few)
    sparse = tolerances(20 * np.arange(1, 201) + np.arange(200) ** 2 % 7)
    assert all(sparse[p] == few[p] for p in sparse)


@pytest.mark.parametrize("samples", [40, 1000])
def test_where_samples_count_the_last_norm_is_their_peak(samples):
    """A p-norm lies below the peak by at most a factor of N^(1/p)."""
    problem = CompiledProblem(cf.Problem(cf.Multisine.harmonics(range(1, 13)), over=cf.Samples(samples)))
    last = problem.path[-1]
    assert problem.samples_at(last) == samples
    phases = np.random.default_rng(1).uniform(0.0, 2.0 * np.pi, (5, 12))
    norms, _ = problem.space(last).value_and_gradient(phases)
    t = np.arange(samples) / samples
    for theta, norm in zip(phases, norms, strict=True):
        peak = np.abs(np.cos(2 * np.pi * np.outer(t, np.arange(1, 13)) + theta).sum(axis=1)).max()
        assert peak * 0.999 <= np.exp(norm) * problem.ms.amplitude_scale <= peak


@pytest.mark.parametrize("complex", [False, True])
def test_no_peak_hides_between_the_samples_at_the_end_of_the_path(complex):
    """At most 1 − cos(π/32) of it, half a percent, whatever the phases."""
    ms = cf.Multisine.harmonics([1, 2, 3, 4, 5, 6, 7], complex=complex)
    problem = CompiledProblem(cf.Problem(ms))
    phases = np.random.default_rng(2).uniform(0.0, 2.0 * np.pi, (200, 7))
    sampled = problem.sampled_values(phases)
    true = np.array([cf.true_peak(ms, theta) for theta in phases])
    assert np.all(sampled <= true * (1 + 1e-12))
    assert np.all(sampled >= true * np.cos(np.pi / 32))


@pytest.mark.parametrize("numbers", [2 ** np.arange(22), [3, 96, 768, 6144, 49152, 393216]])
def test_no_two_tones_of_octaves_coincide_on_a_coarse_grid(numbers):
    """Tones of numbers whose sum or difference is a multiple of the samples would be one tone there."""
    problem = CompiledProblem(cf.Problem(cf.Multisine.harmonics(numbers)))
    assert problem.is_sparse
    for stage in problem.path:
        count = problem.samples_at(stage)
        folded = np.minimum(np.array(numbers) % count, -np.array(numbers) % count)
        assert count < 16 * max(numbers)
        assert len(np.unique(folded)) == len(numbers)
        assert folded.min() > 0


@pytest.mark.parametrize("measure", ["peak", "range", "one-sided", "envelope"])
def test_sampled_values_are_the_measure_of_the_samples(measure):
    ms = cf.Multisine.harmonics([1, 2, 5, 7], amplitudes=[1.0, 0.5, 2.0, 1.0])
    outputs = [cf.Output(limit=2.0), cf.Output(lambda f: 1.0 / (1.0 + 0.2j * f), 0.7, "y")]
    problem = cf.Problem(ms, over=cf.Samples(90), outputs=outputs, measure=measure)
    phases = np.random.default_rng(3).uniform(0.0, 2.0 * np.pi, (6, 4))
    found = CompiledProblem(problem).sampled_values(phases)
    t = np.arange(90) / 90
    for theta, value in zip(phases, found, strict=True):
        shares = []
        for factor, limit in ((1.0, 2.0), (1.0 / (1.0 + 0.2j * ms.frequencies), 0.7)):
            z = np.exp(2j * np.pi * np.outer(t, ms.frequencies)) @ (factor * ms.amplitudes * np.exp(1j * theta))
            of = {"peak": abs(z.real), "one-sided": z.real, "envelope": abs(z)}.get(measure)
            shares.append((np.ptp(z.real) / 2 if of is None else of.max()) / limit)
        assert value == pytest.approx(max(shares), rel=1e-12)
