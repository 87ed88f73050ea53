"""The original question's descent arrives from every start; the accepted answer's does not."""

import numpy as np
import pytest
import torch

from crestfall.torch import phase_optimize
from crestfall.torch.accepted import accepted_answer_run
from crestfall.torch.curvature import most_negative_curvature
from crestfall.torch.descent import EqualWaves


def direct_maximum(phases, s, amplitudes=None):
    """The question's own sum, term by term."""
    t = np.linspace(0, 2 * np.pi, s)
    total = np.zeros(s)
    for phase, amplitude in zip(phases, np.ones(len(phases)) if amplitudes is None else amplitudes, strict=True):
        total += amplitude * np.sin(t + phase)
    return np.max(np.abs(total))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("start", ["zeros", "one_moved", "noise"])
@pytest.mark.parametrize("n", [2, 3, 5, 20, 100])
def test_it_arrives_from_every_start(n, start, dtype):
    result = phase_optimize(n, s=48_000, nsteps=1000, start=start, dtype=dtype)
    assert result.maximum <= 1e-5
    assert direct_maximum(result.phases, 48_000) <= 1e-5
    assert len(result.history) == 1000
    codes = [finding.code for finding in result.findings]
    if start == "zeros":
        assert codes[0] == "saddle-at-start"
        assert f"{n} phases are equal" in result.findings[0].message
    if start == "one_moved":
        assert codes == (["saddle-on-the-way"] if n > 2 else [])
    if start == "noise":
        assert codes == []


@pytest.mark.parametrize("start", ["zeros", "one_moved", "noise"])
@pytest.mark.parametrize(("n", "rate"), [(5, 0.1), (5, 0.5), (20, 0.1)])
def test_it_arrives_at_the_questions_own_rate(n, start, rate):
    result = phase_optimize(n, s=480, learning_rate=rate, start=start)
    assert result.maximum <= 1e-5
    assert [finding.code for finding in result.findings] == {
        "zeros": ["saddle-at-start"],
        "one_moved": ["saddle-on-the-way"],
        "noise": [],
    }[start]


def test_swinging_about_a_saddle_is_noticed_though_the_gradient_never_vanishes():
    (finding,) = phase_optimize(20, s=480, learning_rate=0.1, start="one_moved").findings
    assert "swings about a saddle: the loss no longer falls, 19 phases are equal" in finding.message


@pytest.mark.parametrize(
    "start",
    [[0, 0, 0, np.pi, np.pi], [0, 0, 0, 1, 1.5], [0, 2 * np.pi, -2 * np.pi, 0, 1], np.zeros(5), torch.zeros(5)],
    ids=["two groups", "three equal", "equal but for turns", "array", "tensor"],
)
def test_saddles_of_any_grouping_are_left(start):
    result = phase_optimize(5, s=480, start=start)
    assert result.maximum <= 1e-5
    assert result.findings[0].code.startswith("saddle-")


def test_a_tensor_to_start_from_is_left_alone():
    start = torch.zeros(4, requires_grad=True)
    phase_optimize(4, s=480, nsteps=20, start=start)
    assert torch.equal(start.detach(), torch.zeros(4))
    assert start.grad is None


@pytest.mark.parametrize("start", ["zeros", "noise"])
def test_a_rate_that_is_too_large_is_named(start):
    result = phase_optimize(100, s=480, nsteps=300, learning_rate=0.1, start=start)
    assert result.maximum > 1.0
    assert result.findings[-1].code == "learning-rate-too-large"
    assert "0.04" in result.findings[-1].message


def test_too_few_steps_are_named():
    result = phase_optimize(20, s=480, nsteps=3)
    assert [finding.code for finding in result.findings] == ["not-arrived"]
    assert phase_optimize(20, s=480, nsteps=0).history == []


@pytest.mark.parametrize("scale", [1e-10, 1e10])
def test_any_unit_will_do_in_float32(scale):
    amplitudes = scale * np.array([1.0, 1.0, 2.0, 0.3])
    result = phase_optimize(4, s=480, amplitudes=amplitudes, start="zeros", dtype=torch.float32)
    assert result.maximum <= 1e-5 * scale
    assert [finding.code for finding in result.findings] == ["saddle-at-start"]


@pytest.mark.parametrize("s", [2, 3, 4, 7, 48, 481])
def test_maxima_are_those_over_all_samples(s):
    waves = EqualWaves(torch.ones(3, dtype=torch.float64), s)
    starts = 7 * torch.randn(200, 3, generator=torch.Generator().manual_seed(s), dtype=torch.float64)
    found = waves.maxima([waves.exact_phasor(theta) for theta in starts])
    np.testing.assert_allclose(found, [direct_maximum(theta.tolist(), s) for theta in starts], atol=1e-13)


def test_the_history_goes_with_the_maxima():
    result = phase_optimize(5, s=480, nsteps=30, seed=3)
    # A square of a sine averages to half of its peak, but for the end point that is there twice.
    np.testing.assert_allclose(np.sqrt(2 * np.array(result.history)), result.maxima, rtol=5e-3)
    assert len(result.maxima) == 30
    assert result.maxima[0] == pytest.approx(direct_maximum(phase_optimize(5, s=480, nsteps=0, seed=3).phases, 480))


@pytest.mark.parametrize(("n", "stuck_at"), [(2, 0.0), (5, 3.0), (20, 18.0)])
def test_the_accepted_answer_is_trapped(n, stuck_at):
    result = accepted_answer_run(n)  # for n = 20 it is still on its way down to 18 after 1000 steps
    assert result.maximum == pytest.approx(stuck_at, abs=2e-3)
    assert direct_maximum(result.phases, 48_000) == pytest.approx(result.maximum, abs=1e-6)
    # The group that starts equal is still one, to the last rounding of a vectorised sine.
    assert np.ptp(result.phases[1:]) < 1e-5


@pytest.mark.parametrize("n", [2, 5, 20])
def test_the_second_answer_arrives_from_noise(n):
    assert accepted_answer_run(n, s=480, start="noise", seed=1).maximum <= 1e-5


def test_the_accepted_answer_takes_amplitudes():
    result = accepted_answer_run(3, s=480, dtype=torch.float64, amplitudes=[3.0, 1.0, 1.0])
    assert result.maximum == pytest.approx(1.0, abs=1e-3)
    assert direct_maximum(result.phases, 480, [3.0, 1.0, 1.0]) == pytest.approx(result.maximum, rel=1e-9)


def test_the_loss_is_the_questions():
    n, s = 7, 480
    generator = torch.Generator().manual_seed(1)
    theta = torch.rand(n, generator=generator, dtype=torch.float64).requires_grad_()
    amplitudes = torch.rand(n, generator=generator, dtype=torch.float64) + 0.1
    t = torch.as_tensor(np.linspace(0, 2 * np.pi, s))
    naive = ((amplitudes[:, None] * torch.sin(t + theta[:, None])).sum(0) ** 2).sum() / s
    ours = EqualWaves(amplitudes, s).loss(theta)
    assert float(ours.detach()) == pytest.approx(float(naive.detach()), rel=1e-12)
    (expected,) = torch.autograd.grad(naive, theta)
    (gradient,) = torch.autograd.grad(ours, theta)
    np.testing.assert_allclose(gradient.numpy(), expected.numpy(), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("n", [5, 300])
def test_the_curvature_is_the_least_eigenvalue(n):
    theta = torch.zeros(n, dtype=torch.float64)
    waves = EqualWaves(torch.ones(n, dtype=torch.float64), 481)
    value, direction = most_negative_curvature(waves.loss, theta, torch.Generator().manual_seed(0))
    hessian = torch.autograd.functional.hessian(waves.loss, theta)
    assert value == pytest.approx(float(torch.linalg.eigvalsh(hessian)[0]), rel=1e-6)
    assert float(direction @ hessian @ direction) == pytest.approx(value, rel=1e-6)
    assert torch.unique(direction).numel() == n


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda parameters: torch.optim.Adam(parameters, lr=0.05),
        lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.5),
        lambda parameters: torch.optim.Adagrad(parameters, lr=0.5),
        torch.optim.LBFGS,
    ],
    ids=["Adam", "SGD with momentum", "Adagrad", "LBFGS"],
)
@pytest.mark.parametrize("start", ["zeros", "one_moved"])
def test_any_optimizer_may_be_passed(optimizer, start):
    assert phase_optimize(5, s=480, nsteps=600, start=start, optimizer=optimizer).maximum <= 1e-5


def test_an_optimizer_class_takes_the_learning_rate():
    assert phase_optimize(4, s=480, learning_rate=0.2, optimizer=torch.optim.SGD).maximum <= 1e-5


@pytest.mark.parametrize("start", ["zeros", "noise"])
def test_unequal_amplitudes_reach_the_polygon_value(start):
    closed = [1.0, 2.0, 2.5, 0.5]
    assert phase_optimize(4, s=480, amplitudes=closed, start=start).maximum <= 1e-5
    open_ = [5.0, 1.0, 1.0]
    result = phase_optimize(3, s=481, amplitudes=open_, start=start)
    assert result.maximum == pytest.approx(3.0, abs=1e-4)
    assert result.findings[-1].code == "minimum-reached"


def test_one_wave_has_nothing_to_choose():
    result = phase_optimize(1, s=48_001)
    assert result.maximum == pytest.approx(1.0, abs=1e-6)
    assert result.findings[0].code == "one-wave"


def test_the_same_seed_gives_the_same_phases():
    runs = [phase_optimize(6, s=480, nsteps=50, seed=seed).phases for seed in (1, 1, 2)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


def test_many_waves_leave_the_saddle_by_lanczos():
    assert phase_optimize(1000, s=480, start="zeros", nsteps=300).maximum <= 1e-5


def test_progress_is_told():
    told = []
    phase_optimize(3, s=480, nsteps=250, progress=lambda step, loss: told.append((step, loss)))
    assert [step for step, _ in told] == [100, 200]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n is 0"),
        ({"n": 3, "s": 1}, "s is 1"),
        ({"n": 3, "nsteps": -1}, "nsteps is -1"),
        ({"n": 3, "learning_rate": 0.0}, "learning_rate is 0"),
        ({"n": 3, "start": "middle"}, "start is 'middle'"),
        ({"n": 3, "start": [0.0]}, "start has shape"),
        ({"n": 3, "start": [0.0, 0.0, float("nan")]}, "finite"),
        ({"n": 2, "start": ["a", "b"]}, "start holds no real numbers"),
        ({"n": 2.5}, "n is 2.5"),
        ({"n": "three"}, "n is 'three'"),
        ({"n": 3, "s": float("nan")}, "s is nan"),
        ({"n": 3, "amplitudes": [1.0, 2.0]}, r"amplitudes have shape \(2,\)"),
        ({"n": 3, "amplitudes": "loud"}, "amplitudes are not real numbers"),
        ({"n": 3, "amplitudes": 1e-25, "dtype": torch.float32}, r"amplitudes\[0\] is 1e-25"),
        ({"n": 3, "optimizer": torch.optim.SGD([torch.zeros(1)], lr=0.1)}, "optimizer is a SGD made already"),
        ({"n": 3, "amplitudes": [1.0, -1.0, 1.0]}, r"amplitudes\[1\] is -1"),
        ({"n": 3, "dtype": torch.int32}, "dtype is torch.int32"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        phase_optimize(**arguments)
