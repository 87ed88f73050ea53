"""The path of rising exponents: it ends below where it began, near a minimum of the true peak, on NumPy and PyTorch."""

import numpy as np
import pytest
from array_api_compat import torch as xp_torch

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import PATH, SAMPLED_PATH, follow
from crestfall.signal.backend import Backend


def never():
    return False


@pytest.mark.parametrize("is_complex", [False, True])
def test_the_path_lowers_the_true_peak_of_every_start(is_complex):
    ms = cf.Multisine.harmonics(range(1, 25), complex=is_complex)
    starts = np.random.default_rng(0).uniform(0, 2 * np.pi, (8, 24))
    ends, _ = follow(CompiledProblem(cf.Problem(ms)), starts, PATH, never)
    before = [cf.crest_factor(ms, phases) for phases in starts]
    after = [cf.crest_factor(ms, phases) for phases in ends]
    assert np.all(np.array(after) < np.array(before))
    assert np.median(after) < (1.28 if is_complex else 1.45)


def test_the_sampled_peak_is_close_to_the_true_peak_at_the_end_of_the_path():
    ms = cf.Multisine.harmonics([3, 4, 7, 12, 13, 29], amplitudes=[1, 2, 0.5, 1, 1, 3])
    problem = CompiledProblem(cf.Problem(ms))
    phases = np.random.default_rng(1).uniform(0, 2 * np.pi, (4, 6))
    for sampled, theta in zip(problem.sampled_values(phases), phases, strict=True):
        true = cf.true_peak(ms, theta)
        assert sampled <= true * (1 + 1e-12)
        assert sampled >= true * np.cos(np.pi / 32)


def test_samples_rise_to_higher_exponents():
    ms = cf.Multisine.harmonics(range(1, 9))
    problem = CompiledProblem(cf.Problem(ms, over=cf.Samples(20)))
    assert problem.path == SAMPLED_PATH
    assert {problem.samples_at(stage) for stage in problem.path} == {20}


@pytest.mark.parametrize("is_complex", [False, True])
def test_pytorch_computes_the_same_values_and_gradients(is_complex):
    ms = cf.Multisine.harmonics(range(1, 17), complex=is_complex)
    phases = np.random.default_rng(2).uniform(0, 2 * np.pi, (3, 16))
    on_torch = xp_torch.asarray(phases)
    for stage in PATH:
        here, there = CompiledProblem(cf.Problem(ms)), CompiledProblem(cf.Problem(ms), Backend(xp_torch))
        value, gradient = here.space(stage).value_and_gradient(phases)
        torch_value, torch_gradient = there.space(stage).value_and_gradient(on_torch)
        np.testing.assert_allclose(torch_value.numpy(), value, rtol=1e-9)
        np.testing.assert_allclose(torch_gradient.numpy(), gradient, rtol=1e-7, atol=1e-9)


def test_pytorch_follows_the_path_too():
    ms = cf.Multisine.harmonics(range(1, 17))
    phases = np.random.default_rng(2).uniform(0, 2 * np.pi, (4, 16))
    ends, values = follow(CompiledProblem(cf.Problem(ms), Backend(xp_torch)), xp_torch.asarray(phases), PATH, never)
    _, reference = follow(CompiledProblem(cf.Problem(ms)), phases, PATH, never)
    assert ends.shape == (4, 16)
    # Rounding may send a start another way at a fork; the crowd arrives at the same heights.
    assert float(values.median()) == pytest.approx(np.median(reference), abs=0.02)
