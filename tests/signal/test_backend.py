"""PyTorch computes what NumPy computes: values, gradients, designs; and what is not there is said.

Every test that takes ``device`` runs on the CPU, and on each GPU where PyTorch finds one.
"""

import sys

import numpy as np
import pytest
import torch

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import PATH
from crestfall.engine.solvers.lbfgs import LBFGS
from crestfall.problem.amplitudes import ExtraTones
from crestfall.problem.constraints import Delays, Hold, Link
from crestfall.signal.backend import NUMPY, backend_of, to_host

DEVICES = ["cpu"] + [f"cuda:{k}" for k in range(torch.cuda.device_count())]
REAL, COMPLEX = (cf.Multisine.harmonics(range(1, 17), complex=kind) for kind in (False, True))
OUTPUTS = (cf.Output(), cf.Output(lambda f: 1 / (1 + 0.3j * f), limit=2.0, name="low-pass"))


def delays():
    return cf.Multisine.harmonics([1, 2, 3, 1, 2, 3], amplitudes=[1, 0.5, 0.2, 1, 0.5, 0.2])


PROBLEMS = {
    "real": cf.Problem(REAL),
    "complex": cf.Problem(COMPLEX),
    "samples": cf.Problem(REAL, over=cf.Samples(40)),
    "window": cf.Problem(REAL, over=cf.Window(0.1, 1.7)),
    "range": cf.Problem(REAL, measure="range"),
    "one-sided": cf.Problem(REAL, measure="one-sided"),
    "envelope": cf.Problem(REAL, measure="envelope"),
    "outputs": cf.Problem(REAL, outputs=OUTPUTS),
    "held and linked": cf.Problem(REAL, phases=[Hold({0: 0.3, 7: 1.0}), Link((1, 2, 5))]),
    "delays": cf.Problem(delays(), phases=[Delays([[0, 1, 2], [3, 4, 5]])]),
}


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", PROBLEMS)
def test_values_and_gradients_are_numpys(name, device):
    problem = PROBLEMS[name]
    here, there = CompiledProblem(problem), CompiledProblem(problem, backend_of(device))
    variables = np.random.default_rng(0).uniform(0, here.ranges, (5, here.ranges.size))
    on_device = there.backend.reals(variables)
    for stage in here.path:
        value, gradient = here.space(stage).value_and_gradient(variables)
        values, gradients = there.space(stage).value_and_gradient(on_device)
        assert values.device.type == torch.device(device).type
        np.testing.assert_allclose(to_host(values), value, rtol=0, atol=1e-9)
        np.testing.assert_allclose(to_host(gradients), gradient, rtol=0, atol=1e-9)
    np.testing.assert_allclose(to_host(there.sampled_values(on_device)), here.sampled_values(variables), rtol=1e-9)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("constraints", [(), (Hold({0: 0.3}),), (Hold(dict.fromkeys(range(18), 1.0)),)])
def test_free_amplitudes_are_numpys(constraints, device):
    problem = cf.Problem(REAL, tolerance_db=0.5, extra=ExtraTones([18.0, 20.0], 0.3), phases=constraints)
    here, there = CompiledProblem(problem), CompiledProblem(problem, backend_of(device))
    variables = np.random.default_rng(1).uniform(0, 3, (4, here.ranges.size))
    value, gradient = here.space(PATH[1]).value_and_gradient(variables)
    values, gradients = there.space(PATH[1]).value_and_gradient(there.backend.reals(variables))
    np.testing.assert_allclose(to_host(values), value, rtol=0, atol=1e-9)
    np.testing.assert_allclose(to_host(gradients), gradient, rtol=0, atol=1e-9)


@pytest.mark.parametrize("device", DEVICES)
def test_single_precision_stays_single(device):
    problem = CompiledProblem(cf.Problem(REAL), backend_of(device, "float32"))
    variables = np.random.default_rng(2).uniform(0, 6, (3, 16))
    value, gradient = problem.space(PATH[0]).value_and_gradient(problem.backend.reals(variables))
    assert value.dtype == gradient.dtype == torch.float32
    expected, slope = CompiledProblem(cf.Problem(REAL)).space(PATH[0]).value_and_gradient(variables)
    np.testing.assert_allclose(to_host(value), expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(to_host(gradient), slope, rtol=0, atol=1e-5)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    ("ms", "arguments"),
    [
        (REAL, {"starts": 300}),
        (COMPLEX, {"starts": 60, "seed": 4}),
        (REAL, {"starts": 40, "constraints": [Hold({0: 0.3, 7: 1.0})]}),
        (REAL, {"starts": 40, "outputs": OUTPUTS}),
    ],
)
def test_the_same_seed_and_starts_give_the_same_crest_factor(ms, arguments, device):
    here = cf.minimize_peak(ms, use_atlas=False, **arguments)
    there = cf.minimize_peak(ms, use_atlas=False, device=device, **arguments)
    assert there.crest_factor == pytest.approx(here.crest_factor, rel=1e-9)
    assert there.provenance.starts == here.provenance.starts
    assert there.status.split(",")[0] == here.status.split(",")[0]
    dense = np.exp(2j * np.pi * np.outer(np.arange(4096) / 4096, ms.harmonic_numbers)) @ np.exp(1j * there.phases)
    dense = np.abs(dense if ms.complex else dense.real).max()
    assert dense <= there.peak * (1 + 1e-12)
    assert dense >= there.peak * np.cos(np.pi * 16 / 4096)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_saddle_is_no_trouble(dtype, device):
    problem = CompiledProblem(cf.Problem(REAL), backend_of(device, dtype))
    ends, values = LBFGS(20, 0.0).minimize(
        problem.space(PATH[0]), problem.backend.reals(np.zeros((1, 16))), lambda: False
    )
    assert np.all(np.isfinite(to_host(ends)))
    assert np.all(np.isfinite(to_host(values)))


def test_nobody_waits_for_the_device_within_a_round(counted, monkeypatch):
    """Asking a tensor for a Python number is what makes a GPU's caller wait: at most three times in eight rounds."""
    problem = CompiledProblem(cf.Problem(REAL), backend_of("cpu"))
    space = counted(problem.space(PATH[1]))
    starts = problem.backend.reals(np.random.default_rng(3).uniform(0, 6, (6, 16)))
    asked = []
    for name in ("__bool__", "__float__", "__int__", "__index__", "item", "tolist", "numpy", "cpu", "nonzero"):
        original = getattr(torch.Tensor, name)
        monkeypatch.setattr(
            torch.Tensor, name, lambda self, *rest, _o=original, _n=name: (asked.append(_n), _o(self, *rest))[1]
        )
    LBFGS(80, 0.0).minimize(space, starts, lambda: False)
    assert space.calls == 81
    assert asked.count("__bool__") == len(asked) <= 3 * 10


def test_numpy_asks_as_often_as_it_likes_and_gets_the_same(monkeypatch):
    problem = CompiledProblem(cf.Problem(REAL))
    starts = np.random.default_rng(3).uniform(0, 6, (6, 16))
    _, values = LBFGS(40, 0.0).minimize(problem.space(PATH[0]), starts, lambda: False)
    monkeypatch.setattr("crestfall.engine.solvers.lbfgs.is_numpy_array", lambda array: False)
    _, blindly = LBFGS(40, 0.0).minimize(problem.space(PATH[0]), starts, lambda: False)
    np.testing.assert_array_equal(values, blindly)


def test_without_pytorch_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"torch is not installed; pip install 'crestfall\[torch\]' brings it"):
        cf.minimize_peak(REAL, device="cpu")


def test_without_a_gpu_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="device is 'cuda', but PyTorch finds no CUDA device; leave it out") as caught:
        cf.minimize_peak(REAL, device="cuda")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"device": "abacus"}, "device is 'abacus'"),
        ({"device": 3.5}, "device is 3.5"),
        ({"device": "meta", "dtype": "float16"}, "dtype is 'float16'"),
        ({"dtype": "float32"}, "without a device"),
        ({"device": "cpu", "workers": 2}, "in one process"),
        ({"device": "cpu", "method": "l2p"}, "method 'l2p' does not use device"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        cf.minimize_peak(REAL, **arguments)


def test_a_torch_device_and_a_torch_dtype_do_too():
    assert backend_of(torch.device("cpu"), torch.float32) == backend_of("cpu", "float32")
    assert backend_of() is NUMPY


@pytest.mark.parametrize("device", DEVICES)
def test_tensors_may_describe_the_tones(device):
    frequencies, amplitudes = torch.arange(1.0, 9.0, device=device), torch.full((8,), 0.5, device=device)
    assert cf.Multisine(frequencies, amplitudes) == cf.Multisine(np.arange(1.0, 9.0), 0.5)
