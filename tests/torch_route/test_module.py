"""The module computes the same samples and gradients as the core."""

import numpy as np
import pytest
import torch

import crestfall as cf
from crestfall.engine.objectives.p_norm import PNorm
from crestfall.engine.objectives.phase_space import PhaseSpace
from crestfall.signal.synthesis import Synthesis
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
    with pytest.raises(ValueError, match=r"times\[1\] is nan; give finite times"):
        MultisineModule(ms, times=[0.0, np.nan, np.inf])


@pytest.mark.parametrize("is_complex", [False, True])
def test_gradients_are_those_of_the_core(is_complex):
    ms = cf.Multisine.harmonics([1, 2, 5, 7], amplitudes=[1, 2, 0.5, 1], complex=is_complex)
    count, norm = 64, PNorm(1)
    module = MultisineModule(ms, np.arange(count) / count * ms.period, seed=2)
    loss = module().abs().pow(norm.exponent).mean().log() / norm.exponent
    (gradient,) = torch.autograd.grad(loss, module.phases)
    core = PhaseSpace(Synthesis(ms.harmonic_numbers, count, complex=is_complex), ms.amplitudes, norm)
    value, expected = core.value_and_gradient(module.phases.detach().numpy()[None])
    assert float(loss.detach()) == pytest.approx(float(value[0]), rel=1e-12)
    np.testing.assert_allclose(gradient.numpy(), expected[0], rtol=1e-11, atol=1e-13)


def test_sine_waves():
    ms = cf.Multisine.harmonics([1, 2], amplitudes=[1.0, 2.0], initial_phases=[0.1, 0.2])
    t = np.arange(16) / 16
    sine = MultisineModule(ms, t, [0.3, 0.4], sine=True)
    expected = np.sin(2 * np.pi * t + 0.3) + 2 * np.sin(4 * np.pi * t + 0.4)
    np.testing.assert_allclose(sine().detach().numpy(), expected, atol=1e-14)
    same = MultisineModule(ms, t, sine=True)().detach()
    np.testing.assert_allclose(same.numpy(), MultisineModule(ms, t)().detach().numpy(), atol=1e-14)
