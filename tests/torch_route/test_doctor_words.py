"""What a finding says is true of the case, and whoever obeys its remedy does not run into the next error."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from crestfall.torch import doctor, watch
from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.report import Report

sys.path.insert(0, str(Path(__file__).parent))
from doctor_cases.case import usual_step

X = torch.linspace(-1.0, 1.0, 12).reshape(6, 2)


def vector(*values):
    return torch.tensor(values, requires_grad=True)


# ------------------------------------------------------------------ errors


class ForgottenReturn(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 1)

    def forward(self, x):
        self.linear(x)


def test_a_forward_without_return_keeps_its_own_error():
    model = ForgottenReturn()

    def loss():
        return (model(X) - 1).square().mean()

    with pytest.raises(TypeError, match="NoneType"):
        doctor(loss, model)
    with pytest.raises(TypeError, match="NoneType"):
        doctor(lambda: model.linear(X).mean(), model, step=usual_step(loss, torch.optim.SGD(model.parameters(), 0.1)))
    with pytest.raises(TypeError, match="NoneType"), watch(model) as watched:
        loss().backward()
    assert watched.report.codes == []


def test_an_attribute_of_none_in_the_step_keeps_its_own_error():
    theta, config = vector(1.0, 2.0), None

    def step():
        theta.grad = None
        theta.square().sum().backward()
        theta.data -= config.rate * theta.grad.sign()

    def step_without_grad():
        theta.data -= config.rate

    for one in (step, step_without_grad):
        with pytest.raises(AttributeError, match="NoneType"):
            doctor(lambda: theta.square().sum(), theta, step=one)


def test_a_method_of_a_grad_that_is_none():
    theta = vector(1.0, 2.0)

    def step():
        theta.grad.zero_()

    (found,) = doctor(lambda: theta.square().sum(), theta, step=step)
    assert found.code == "grad-is-none"
    assert found.message.startswith("the step raised AttributeError on a .grad that is None")


def test_a_grad_that_is_none_is_named_with_its_error():
    theta = vector(1.0, 2.0)

    def step():
        theta.data -= 0.1 * theta.grad

    (found,) = doctor(lambda: theta.square().sum(), theta, step=step)
    assert found.code == "grad-is-none"
    assert found.message.startswith("the step raised TypeError on a .grad that is None: unsupported operand")
    with pytest.raises(TypeError), watch(theta) as watched:
        step()
    assert watched.report.codes == ["grad-is-none"]


@pytest.mark.parametrize(
    "loss",
    [
        lambda theta: torch.tensor(np.sin(theta.detach().numpy())).sum(),
        lambda theta: torch.tensor([math.sin(value) for value in theta.data.tolist()]).sum(),
        lambda theta: torch.from_numpy(np.sin(theta.numpy())).sum(),
    ],
    ids=["detach and numpy", "data and tolist", "numpy"],
)
def test_who_leaves_pytorch_is_told_to_stay_there(loss):
    theta = vector(1.0, 2.0)
    (found,) = doctor(lambda: loss(theta), theta)
    assert found.code == "detached"
    assert found.remedy == "stay in PyTorch: use its own functions instead of NumPy's, math's and .item()"
    assert "backward()" not in found.message


def test_a_plain_detach_is_still_to_be_removed():
    theta = vector(1.0, 2.0)
    assert "remove .detach()" in doctor(lambda: theta.detach().sin().sum(), theta)[0].remedy


# ------------------------------------------------------------------ rates and momentum


class Signs(torch.optim.Optimizer):
    """An optimiser of somebody's own, with an option that nobody else has."""

    def __init__(self, parameters, lr, *, temperature):
        super().__init__(parameters, {"lr": lr, "temperature": temperature})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for tensor in group["params"]:
                tensor -= group["lr"] * tensor.grad


@pytest.mark.parametrize(
    "make",
    [
        lambda theta: torch.optim.SGD([theta], lr=1e-6, momentum=0.5),
        lambda theta: Signs([theta], 1e-6, temperature=3.0),
        lambda theta: torch.optim.SGD([theta], lr=2.5),
    ],
    ids=["momentum", "own class", "too large"],
)
def test_the_suggested_rate_can_be_set_on_the_optimiser_as_it_is(make):
    theta = vector(3.0, 4.0)
    optimizer = make(theta)

    def loss():
        return 0.5 * theta.square().sum()

    step = usual_step(loss, optimizer)
    (found,) = doctor(loss, theta, step=step)
    assert found.code in {"rate-too-small", "rate-too-large"}
    kept = {key: value for key, value in optimizer.param_groups[0].items() if key != "lr"}
    exec(found.fix, {"optimizer": optimizer})
    assert {key: value for key, value in optimizer.param_groups[0].items() if key != "lr"} == kept
    assert f"lr={optimizer.param_groups[0]['lr']:.1g}" in found.remedy
    assert doctor(loss, theta, step=step).findings == ()


@pytest.mark.parametrize(
    ("code", "key", "value"),
    [
        ("rate-too-small", "lr", 500.0),
        ("rate-too-large", "lr", 0.05),
        ("rate-zero", "lr", 1e-3),
        ("weight-decay-dominates", "weight_decay", 0.1),
    ],
)
def test_a_fix_changes_one_option_of_the_optimiser_that_there_is(code, key, value):
    optimizer = torch.optim.SGD([vector(1.0)], lr=0.5, momentum=0.9, weight_decay=10.0)
    before = dict(optimizer.param_groups[0])
    exec(finding(code, "seen").fix, {"optimizer": optimizer})
    assert optimizer.param_groups[0] == {**before, key: pytest.approx(value)}


def test_two_groups_keep_the_ratio_of_their_rates():
    a, b = vector(3.0), vector(4.0)
    optimizer = torch.optim.SGD([{"params": [a], "lr": 1e-6}, {"params": [b], "lr": 2e-6}], lr=1e-6)

    def loss():
        return 0.5 * (a.square() + b.square()).sum()

    (found,) = doctor(loss, [a, b], step=usual_step(loss, optimizer))
    exec(found.fix, {"optimizer": optimizer})
    assert optimizer.param_groups[1]["lr"] == pytest.approx(2.0 * optimizer.param_groups[0]["lr"])


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.AdamW])
def test_too_much_momentum_of_adam_is_its_beta1(kind):
    theta = vector(2.0, 1.0)
    optimizer = kind([theta], lr=0.1, betas=(0.9999, 0.999))

    def loss():
        return theta.square().sum()

    (found,) = doctor(loss, theta, step=usual_step(loss, optimizer))
    assert found.code == "momentum-dominates"
    assert "beta1 0.9999" in found.message
    assert "lower beta1" in found.remedy
    assert found.fix == f"optimizer = torch.optim.{kind.__name__}(parameters, betas=(0.9, 0.999))"


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.SGD])
def test_an_optimiser_that_maximises_keeps_its_class(kind):
    theta = vector(2.0, 1.0)
    optimizer = kind([theta], lr=0.1, maximize=True)

    def loss():
        return theta.square().sum()

    (found,) = doctor(loss, theta, step=usual_step(loss, optimizer))
    assert found.code == "uphill"
    assert found.fix == f"optimizer = torch.optim.{kind.__name__}(parameters, lr=rate)  # without maximize"


def test_momentum_of_another_problem_is_mended_by_a_new_optimiser():
    theta = vector(2.0, 1.0)
    optimizer = torch.optim.Adam([theta], lr=0.1)
    for _ in range(20):
        usual_step(lambda: -theta.sum() * 100, optimizer)()

    def loss():
        return theta.square().sum()

    (found,) = doctor(loss, theta, step=usual_step(loss, optimizer))
    assert found.code == "momentum-dominates"
    assert found.fix == "optimizer = torch.optim.Adam(parameters, lr=rate)  # new, with an empty state"


@pytest.mark.parametrize(
    ("dtype", "value", "expected"),
    [(torch.float16, 1000.0, "float()"), (torch.float32, 1e8, "double()"), (torch.float64, 1e17, "optimise free")],
)
def test_steps_rounded_away_are_mended_by_a_finer_type_than_there_is(dtype, value, expected):
    theta = torch.tensor([value, value], dtype=dtype, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=1e-3)

    def loss():
        return (theta / value - 2.0).square().sum()

    (found,) = doctor(loss, theta, step=usual_step(loss, optimizer))
    assert found.code == "below-precision"
    assert expected in found.fix
    assert "detach()" not in found.fix


# ------------------------------------------------------------------ loops that end early, or have not stepped yet


def test_an_error_that_is_explained_is_not_followed_by_what_was_not_reached():
    theta = vector(1.0, 2.0)
    once = theta.sin().sum()
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def loop():
        optimizer.zero_grad()
        once.backward()
        once.backward()
        optimizer.step()

    with pytest.raises(RuntimeError, match="second time"), watch(theta, optimizer) as watched:
        loop()
    assert watched.report.codes == ["stale-graph"]
    assert watched.report.notes == ()

    with pytest.raises(RuntimeError, match="scalar"), watch(theta, optimizer) as watched:
        theta.sin().backward()
    assert watched.report.codes[0] == "loss-not-scalar"
    assert "no-step" not in watched.report.codes
    assert watched.report.notes == ()


@pytest.mark.parametrize("count", [1, 2])
def test_gradients_that_are_still_collected(count):
    theta = vector(1.0, 2.0)
    optimizer = torch.optim.SGD([theta], lr=0.1)
    with watch(theta, optimizer) as watched:
        for k in range(count):
            theta.sin().sum().backward()
            if k == 10:
                optimizer.step()
    passes = {1: "1 backward pass", 2: "2 backward passes"}[count]
    assert watched.report.notes == (f"no optimiser step yet after {passes}",)
    assert watched.report.checked == (passes, "0 optimiser steps")


def test_gradients_that_nothing_uses():
    theta = vector(1.0, 2.0)

    def loss():
        return (theta - 3).square().sum()

    def step():
        loss().backward()

    (found,) = doctor(loss, theta, step=step)
    use = "gradients are computed, but neither optimizer.step() nor an in-place update uses them; theta did not change"
    assert found.message == use
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def zeroing_step():
        loss().backward()
        optimizer.zero_grad()

    (found,) = doctor(loss, theta, step=zeroing_step)
    assert found.message == f"{use} (the gradients are zeroed without being used)"


def test_a_rate_that_is_not_known_is_not_spoken_of():
    theta, loose = vector(1.0), 1e-9
    with watch(theta) as watched:
        for _ in range(5):
            theta.grad = None
            (theta - 3).square().sum().backward()
            with torch.no_grad():
                theta.copy_(theta.double() - loose * 1e3 * theta.grad)
    (found,) = watched.report
    assert found.code == "rate-too-small"
    assert found.message.startswith("each step lowers the loss of 4 by about ")
    assert "; at that pace it needs about " in found.message


# ------------------------------------------------------------------ kinds of stationary points


@pytest.mark.parametrize(
    ("loss", "kind"),
    [
        (lambda theta: -theta.square().sum(), "local maximum"),
        (lambda theta: theta[0].square() - theta[1].square() + theta[1] ** 4, "saddle point"),
        (lambda theta: theta[0] ** 4 - theta[1].square(), "saddle point"),
        (lambda theta: theta.cos().sum().square() + theta.sin().sum().square(), "local maximum"),
        (lambda theta: theta.square().sum().square() - theta.square().sum(), "local maximum"),
    ],
    ids=["maximum", "saddle", "flat and rising", "flat along a symmetry", "rising farther away"],
)
def test_a_maximum_is_not_called_a_saddle(loss, kind):
    theta = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    found = doctor(lambda: loss(theta), theta)[0]
    assert found.code == "stationary-saddle"
    assert f"the start is a {kind}: the gradient vanishes" in found.message


# ------------------------------------------------------------------ the report


def test_notes_of_a_healthy_report_stand_apart():
    report = Report((), ("everything & more " * 10,), ("one < two", "three"))
    assert max(map(len, str(report).splitlines())) <= 100
    assert report._repr_html_().count("<p>") == 3
    assert "<p>note: one &lt; two</p><p>note: three</p>" in report._repr_html_()


# ------------------------------------------------------------------ one case, one wording


def both(loss, model, optimizer):
    """The finding of doctor, and that of watch."""
    step = usual_step(loss, optimizer)
    (of_doctor,) = doctor(loss, model, step=step)
    with watch(model, optimizer) as watched:
        for _ in range(3):
            step()
    return of_doctor, watched.report[0]


def test_equal_weights_have_one_wording():
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    for layer, value in ((model[0], 0.5), (model[2], 0.25)):
        nn.init.constant_(layer.weight, value)
        nn.init.zeros_(layer.bias)
    ours, watched = both(lambda: (model(X) - 1).square().mean(), model, torch.optim.SGD(model.parameters(), 0.1))
    assert ours == watched
    assert ours.message == (
        "all weights of 0.weight are 0.5 and all weights of 2.weight are 0.25, so the units of a layer compute the "
        "same and get equal gradients"
    )


def test_dead_units_have_one_wording():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    nn.init.constant_(model[0].bias, -50.0)
    ours, watched = both(lambda: (model(X) - 1).square().mean(), model, torch.optim.SGD(model.parameters(), 0.1))
    assert ours == watched
    assert ours.message == "after 0.weight, 0.bias, all 4 relu units output zero for every sample"


def test_saturated_units_have_one_wording():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    nn.init.constant_(model[0].bias, 50.0)
    optimizer = torch.optim.SGD(model.parameters(), 1e-3)
    ours, watched = both(lambda: (model(1e3 * X) - 1).square().mean(), model, optimizer)
    assert ours == watched
    assert ours.message == (
        "after 0.weight, 0.bias, 96% of the 24 inputs of tanh lie where its slope is less than 0.1% of the largest"
    )


def test_weights_that_are_written_between_steps_are_not_said_to_be_projected():
    model, state = nn.Linear(2, 1), nn.Linear(2, 1).state_dict()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)

    def loss():
        return (model(X) - 1).square().mean()

    usual = usual_step(loss, optimizer)

    def step():
        model.load_state_dict(state)
        usual()

    (found,) = doctor(loss, model, step=step)
    assert found.code == "step-undone"
    assert "every step starts from the same values" in found.message
    assert "clamp" not in found.why
