"""The module computes the same samples and gradients as the core."""

import numpy as np
import pytest
import torch

import crestfall as cf
from crestfall.torch import MultisineModule


@pytest.mark.parametrize("is_complex", [False, True])
def test_samples_are_those_of_the_core(is_complex):
    ms = cf.Multisine.harmonics([1, 2, 5, 7], fundamental=3.0, amplitudes=[1, 2, 0.5, 1], complex=is_complex)
    phases = cf.random_phases(ms, seed=1)
    times = np.arange(64) / 64 * ms.period
    module = MultisineModule(ms, times, phases)
    expected = cf.Design.of(ms, phases).waveform(64 * 3.0)
    np.testing.assert_allclose(module().detach().numpy(), expected, atol=1e-12)


def test_it_trains_inside_a_larger_model():
    module = MultisineModule(cf.Multisine.harmonics(range(1, 9)), seed=3)
    amplifier = torch.nn.Sequential(torch.nn.Linear(1, 4, dtype=torch.float64), torch.nn.Tanh())
    loss = amplifier(module()[:, None]).square().mean()
    loss.backward()
    assert module.phases.grad is not None
    assert torch.isfinite(module.phases.grad).all()
    assert set(module.state_dict()) == {"phases", "amplitudes", "cos", "sin"}


def test_gradients_agree_with_finite_differences():
    module = MultisineModule(cf.Multisine.harmonics(range(1, 6), complex=True), seed=0)
    weights = torch.linspace(-1, 1, module().numel(), dtype=torch.float64)
    (gradient,) = torch.autograd.grad((weights * module().abs()).sum(), module.phases)
    for k in range(5):
        values = []
        for step in (1e-6, -1e-6):
            with torch.no_grad():
                module.phases[k] += step
                values.append(float((weights * module().abs()).sum()))
                module.phases[k] -= step
        assert float(gradient[k]) == pytest.approx((values[0] - values[1]) / 2e-6, rel=1e-5, abs=1e-6)


def test_types_and_starts():
    ms = cf.Multisine([1, 2, 3], initial_phases=[0.1, 0.2, 0.3])
    assert MultisineModule(ms).phases.tolist() == pytest.approx([0.1, 0.2, 0.3])
    assert MultisineModule(ms, dtype=torch.float32)().dtype == torch.float32
    assert MultisineModule(ms).to(torch.float32)().dtype == torch.float32
    with pytest.raises(ValueError, match="phases have length 1"):
        MultisineModule(ms, phases=[0.0])
    with pytest.raises(ValueError, match="times have shape"):
        MultisineModule(ms, times=[[0.0]])
