"""A case for each finding, and healthy optimisations with none."""

import numpy as np
import pytest
import torch

import crestfall as cf
from crestfall.torch import MultisineModule, doctor
from crestfall.torch.original import broken_parts

DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])


def codes(*arguments, **options):
    return [finding.code for finding in doctor(*arguments, **options)]


def noise(n, dtype=torch.float64, seed=0):
    return torch.randn(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


# ------------------------------------------------------------------ faults


@pytest.mark.parametrize("n", [2, 5, 20])
def test_the_questions_code_has_three_faults(n):
    loss, theta, step = broken_parts(n, s=480)
    assert codes(loss, theta, step=step) == ["stale-graph", "gradients-accumulate", "shared-gradient"]


@DTYPES
def test_a_graph_built_once_is_stale(dtype):
    theta = noise(4, dtype).requires_grad_()
    angles = theta + 1.0
    assert "stale-graph" in codes(lambda: angles.sin().sum() ** 2, theta)


def test_a_tensor_is_not_a_function():
    theta = noise(3).requires_grad_()
    assert codes(theta.square().sum(), theta) == ["loss-not-a-function"]


def test_requires_grad_off():
    theta = noise(3)
    assert codes(lambda: theta.square().sum(), theta) == ["requires-grad-off"]


def test_a_result_is_no_parameter():
    theta = noise(3).requires_grad_() * 2.0
    assert codes(lambda: theta.square().sum(), theta) == ["not-a-leaf"]


@pytest.mark.parametrize(
    "cut",
    [lambda theta: theta.detach(), lambda theta: theta.data, lambda theta: torch.tensor(theta.tolist())],
    ids=["detach", "data", "tolist"],
)
def test_a_cut_graph_is_detached(cut):
    theta = noise(3).requires_grad_()
    assert codes(lambda: cut(theta).square().sum(), theta) == ["detached"]


def test_a_copy_made_before_is_constant():
    theta = noise(3).requires_grad_()
    copy = theta.detach().clone()
    assert codes(lambda: copy.square().sum(), theta) == ["constant-loss"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite(value):
    theta = noise(3).requires_grad_()
    assert codes(lambda: theta.sum() * value, theta) == ["not-finite"]


def test_a_gradient_that_is_not_finite():
    theta = torch.zeros(1, requires_grad=True)
    assert codes(lambda: theta.abs().sqrt().sum() + 1.0, theta)[0] == "not-finite"


class WrongBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.square()

    @staticmethod
    def backward(ctx, gradient):
        return gradient * 0.7


@DTYPES
def test_a_wrong_gradient(dtype):
    theta = noise(5, dtype).requires_grad_()
    assert codes(lambda: WrongBackward.apply(theta).sum(), theta) == ["gradient-wrong"]


@pytest.mark.parametrize("zero", ["never", "before", "after", "to none"])
def test_gradients_that_accumulate(zero):
    theta = noise(5).requires_grad_()

    def loss():
        return (theta - torch.arange(5.0)).square().sum()

    optimizer = torch.optim.SGD([theta], lr=0.1)

    def step():
        if zero == "before":
            optimizer.zero_grad(set_to_none=False)
        if zero == "to none":
            theta.grad = None
        loss().backward()
        optimizer.step()
        if zero == "after":
            optimizer.zero_grad()

    assert codes(loss, theta, step=step) == (["gradients-accumulate"] if zero == "never" else [])


@pytest.mark.parametrize("clip", [False, True], ids=["", "clipped"])
@pytest.mark.parametrize("zero", [False, True], ids=["never", "zeroed"])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e3, 1e6])
@pytest.mark.parametrize("n", [1, 5])
def test_gradients_accumulate_at_any_size(n, scale, zero, clip):
    theta = noise(n).requires_grad_()

    def loss():
        return scale * (theta - 1.0 - torch.arange(float(n))).square().sum()

    def step():
        if zero:
            theta.grad = None
        loss().backward()
        if clip:
            torch.nn.utils.clip_grad_norm_([theta], 1.0)
        theta.data -= 1e-9 * theta.grad

    assert ("gradients-accumulate" in codes(loss, theta, step=step)) is not zero


def test_a_step_that_leaves_grad_alone_is_healthy():
    theta = noise(4).requires_grad_()

    def step():
        theta.data -= 0.1 * torch.autograd.grad(theta.square().sum(), theta)[0]

    assert codes(lambda: theta.square().sum(), theta, step=step) == []


def test_a_gradient_that_is_there_already_is_no_fault():
    theta = noise(4).requires_grad_()
    theta.square().sum().backward()
    assert codes(lambda: (theta - 1.0).square().sum(), theta) == []


@pytest.mark.parametrize("whole", [False, True], ids=["step only", "loss too"])
def test_a_graph_used_up_by_its_first_backward_is_stale(whole):
    theta = noise(4).requires_grad_()
    once = theta.sin().sum()

    def step():
        theta.grad = None
        once.backward()
        theta.data -= 0.1 * theta.grad

    assert codes(lambda: once if whole else theta.sin().sum(), theta, step=step) == ["stale-graph"]
    with pytest.raises(RuntimeError, match="size"):
        doctor(lambda: theta.sin().sum(), theta, step=lambda: torch.zeros(2) + torch.zeros(3))


def test_a_graph_used_up_before_is_stale():
    theta = noise(4).requires_grad_()
    once = theta.sin().sum()
    once.backward()
    theta.grad = None
    assert codes(lambda: once, theta) == ["stale-graph"]


def test_one_parameter_of_two_is_detached():
    x, y = noise(3).requires_grad_(), noise(3, seed=1).requires_grad_()
    found = doctor(lambda: x.square().sum() + (y.detach() - 1.0).square().sum(), [x, y])
    assert [finding.code for finding in found] == ["detached"]
    assert found[0].parameters == ("y",)
    assert ".detach()" in found[0].message or "detach()" in found[0].message


def test_parameters_that_are_not_used_are_one_finding():
    x, y, z = noise(3).requires_grad_(), noise(3, seed=1).requires_grad_(), noise(2).requires_grad_()
    found = doctor(lambda: x.square().sum(), [x, y, z])
    assert [(one.code, one.parameters) for one in found] == [("unused-parameters", ("y", "z"))]


class TenPercentTooSmall(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return 0.9 * gradient


def test_tolerance_decides_what_is_wrong():
    theta = noise(5).requires_grad_()

    def loss():
        return TenPercentTooSmall.apply((theta - 1.0).square()).sum()

    assert codes(loss, theta) == ["gradient-wrong"]
    assert codes(loss, theta, tolerance=0.2) == []


@DTYPES
def test_equal_parameters_of_one_element_share_one_gradient(dtype):
    parameters = [torch.zeros((), dtype=dtype, requires_grad=True) for _ in range(4)]
    assert codes(lambda: (torch.stack(parameters) + 0.3).sin().sum() ** 2, parameters) == ["shared-gradient"]


@pytest.mark.parametrize("n", [1, 5])
def test_the_questions_run_does_not_move(n):
    loss, theta, step = broken_parts(n, s=480, rate=0.1)
    before, history = theta.detach().clone(), []
    for _ in range(20):
        history.append(float(loss().detach()))
        step()
    assert len(set(history)) == 1
    assert n == 1 or not torch.equal(theta, before)  # the phases turn together
    sums = np.sin(np.linspace(0.0, 2.0 * np.pi, 480) + theta.detach().double().numpy()).sum(axis=0)
    assert np.max(np.abs(sums)) == pytest.approx(n, rel=1e-3)


@DTYPES
def test_a_saddle(dtype):
    theta = torch.zeros(2, dtype=dtype, requires_grad=True)
    assert codes(lambda: theta[0] ** 2 - theta[1] ** 2 + theta[1] ** 4, theta) == ["stationary-saddle"]


@DTYPES
def test_a_minimum(dtype):
    theta = torch.tensor([1.0, 2.0], dtype=dtype, requires_grad=True)
    target = torch.tensor([1.0, 2.0], dtype=dtype)
    assert codes(lambda: ((theta - target) ** 2 * torch.tensor([1.0, 3.0], dtype=dtype)).sum(), theta) == [
        "stationary-minimum"
    ]


@DTYPES
def test_a_plateau(dtype):
    theta = torch.tensor([-5.0, -6.0], dtype=dtype, requires_grad=True)
    assert codes(lambda: torch.relu(theta).sum() + 1.0, theta) == ["stationary-plateau"]


def test_a_saddle_among_many_parameters():
    theta = torch.zeros(200, dtype=torch.float64, requires_grad=True)
    signs = torch.linspace(-1, 2, 200, dtype=torch.float64)
    assert codes(lambda: (signs * theta**2).sum() + (theta**4).sum(), theta) == ["stationary-saddle"]


@DTYPES
def test_equal_phases_share_one_gradient(dtype):
    theta = torch.zeros(5, dtype=dtype)
    theta[0] = 1.0
    theta.requires_grad_()

    def loss():
        return theta.cos().sum() ** 2 + theta.sin().sum() ** 2

    assert codes(loss, theta) == ["shared-gradient"]
    assert "4 elements" in doctor(loss, theta)[0].message


def test_the_mended_question_starts_on_a_saddle_with_shared_gradients():
    theta = torch.zeros(5, dtype=torch.float64, requires_grad=True)
    found = codes(lambda: theta.cos().sum() ** 2 + theta.sin().sum() ** 2, theta)
    assert found == ["stationary-saddle", "shared-gradient"]


# ------------------------------------------------------------------ health


@DTYPES
def test_a_quadratic_is_healthy(dtype):
    theta = noise(6, dtype).requires_grad_()
    target = noise(6, dtype, seed=1)
    assert codes(lambda: ((theta - target) ** 2).sum(), theta) == []


def test_equal_elements_that_do_not_feel_each_other_are_healthy():
    theta = torch.ones(6, dtype=torch.float64, requires_grad=True)
    assert codes(lambda: (theta**4 + theta).sum(), theta) == []


@DTYPES
def test_a_short_length_scale_is_healthy(dtype):
    theta = (1e-3 * noise(6, dtype)).requires_grad_()
    shift = noise(6, dtype, seed=3)
    assert codes(lambda: (1e3 * theta - shift).sin().sum(), theta) == []


@DTYPES
def test_random_phases_are_healthy(dtype):
    theta = (3 * noise(8, dtype)).requires_grad_()

    def loss():
        return theta.cos().sum() ** 2 + theta.sin().sum() ** 2

    def step():
        theta.grad = None
        loss().backward()
        theta.data -= 0.1 * theta.grad

    assert codes(loss, theta, step=step) == []


@DTYPES
def test_a_multisine_is_healthy(dtype):
    module = MultisineModule(cf.Multisine.harmonics(range(1, 20)), dtype=dtype)
    assert codes(lambda: module().pow(8).mean().pow(1 / 8), module.parameters()) == []


@DTYPES
def test_a_small_network_is_healthy(dtype):
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)).to(dtype)
    x, y = noise((20, 3), dtype), noise((20, 1), dtype, seed=1)
    optimizer = torch.optim.Adam(network.parameters())

    def loss():
        return torch.nn.functional.mse_loss(network(x), y)

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()

    assert codes(loss, network.parameters(), step=step) == []


def test_dropout_does_not_confuse_it():
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(3, 16), torch.nn.Dropout(0.5), torch.nn.Linear(16, 1)).double()
    x = noise((20, 3))
    assert codes(lambda: network(x).square().mean(), network.parameters()) == []


# ------------------------------------------------------------------ manners


def test_everything_is_put_back():
    theta = noise(4).requires_grad_()
    theta.grad = torch.full((4,), 0.5, dtype=torch.float64)
    value = theta.detach().clone()
    random_state = torch.get_rng_state()

    def step():
        theta.data -= 1.0

    doctor(lambda: theta.square().sum() * torch.rand(()), theta, step=step)
    assert torch.equal(theta.detach(), value)
    assert torch.equal(theta.grad, torch.full((4,), 0.5, dtype=torch.float64))
    assert theta.requires_grad
    assert torch.equal(torch.get_rng_state(), random_state)


def test_requires_grad_and_the_gradient_itself_are_put_back():
    theta = noise(4).requires_grad_()
    gradient = theta.grad = torch.full((4,), 0.5, dtype=torch.float64)

    def step():
        theta.grad.zero_()
        theta.requires_grad_(False)

    doctor(lambda: theta.square().sum(), theta, step=step)
    assert theta.requires_grad
    assert theta.grad is gradient
    assert torch.equal(gradient, torch.full((4,), 0.5, dtype=torch.float64))


def test_everything_is_put_back_after_an_error():
    theta = noise(4).requires_grad_()
    value = theta.detach().clone()

    def step():
        theta.data -= 1.0
        raise KeyError("the user's own")

    with pytest.raises(KeyError):
        doctor(lambda: theta.square().sum(), theta, step=step)
    assert torch.equal(theta.detach(), value)
    assert theta.grad is None


def test_it_works_where_gradients_are_switched_off():
    theta = noise(4).requires_grad_()
    with torch.no_grad():
        assert codes(lambda: (theta - 1.0).square().sum(), theta) == []


def test_what_it_cannot_examine_is_an_error():
    theta = noise(4).requires_grad_()
    with pytest.raises(ValueError, match="parameters are empty"):
        doctor(lambda: theta.sum(), [])
    with pytest.raises(ValueError, match="str"):
        doctor(lambda: theta.sum(), ["theta"])
    with pytest.raises(ValueError, match="no parameters"):
        doctor(lambda: theta.sum(), torch.nn.ReLU())


@pytest.mark.parametrize(
    ("loss", "code"),
    [(lambda theta: theta * 2, "loss-not-scalar"), (lambda theta: 3.0, "loss-not-a-tensor")],
    ids=["vector", "number"],
)
def test_what_cannot_be_minimised_is_a_finding(loss, code):
    theta = noise(4).requires_grad_()
    assert codes(lambda: loss(theta), theta) == [code]


def test_findings_are_sentences():
    loss, theta, step = broken_parts(3, s=100)
    for finding in doctor(loss, theta, step=step):
        assert "; " in str(finding)
        assert "\n" not in str(finding)
        assert np.all([finding.code, finding.message, finding.remedy])


# ------------------------------------------------------------------ the report


def test_a_report_prints_why_and_a_remedy_in_code():
    case, theta, step = broken_parts(3, s=100)
    report = doctor(case, theta, step=step)
    text = str(report)
    assert text.startswith("3 findings\n1. stale-graph: ")
    assert max(map(len, text.splitlines())) <= 110
    assert text.count("remedy:") == text.count("why:") == 3
    assert "loss = loss_of(parameters)" in text
    assert report.codes == ["stale-graph", "gradients-accumulate", "shared-gradient"]
    assert all(code in report._repr_html_() for code in report.codes)
    assert "<script" not in report._repr_html_()


def test_a_healthy_report_is_one_line_of_what_was_checked():
    theta = noise(3).requires_grad_()
    report = doctor(lambda: (theta - 1).square().sum(), theta)
    assert not report
    assert report == []
    assert "1 parameter tensor (3 elements)" in str(report).replace("\n", " ")


def test_parameters_are_called_as_the_model_calls_them():
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    x = noise((5, 3), torch.float32)
    report = doctor(lambda: network[2](network[0](x).detach()).square().mean(), list(network.parameters()))
    assert report[0].parameters == ("0.weight", "0.bias")
    assert "network[0](x).detach()" in report[0].message


def test_the_rate_is_suggested_by_a_line_search():
    theta = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=1e-6)

    def loss():
        return 0.5 * (theta - 1).square().sum()  # a rate of 1 arrives in one step

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()

    (found,) = doctor(loss, theta, step=step)
    assert found.code == "rate-too-small"
    suggested = float(found.remedy.rpartition("lr=")[2])
    assert 0.1 <= suggested <= 1.0
    assert "5e+05 steps" in found.message  # the loss is 0.5, and a step gains 1e-6


def test_a_rate_that_a_scheduler_brings_to_zero():
    theta = noise(4).requires_grad_()
    optimizer = torch.optim.SGD([theta], lr=0.01)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.0)

    def loss():
        return (theta - 1).square().sum()

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        scheduler.step()

    assert codes(loss, theta, step=step) == ["rate-zero"]
