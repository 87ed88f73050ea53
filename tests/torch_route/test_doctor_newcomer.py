"""What somebody new to the doctor stumbled over: unusual tensors, converged fits, and what watch says of nothing."""

import contextlib
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from crestfall.torch import doctor, watch

sys.path.insert(0, str(Path(__file__).parent))
from doctor_cases.case import usual_step
from doctor_cases.newcomer_healthy import converged


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_at_a_converged_optimum_no_rate_is_too_small(dtype):
    case = converged(dtype)
    assert doctor(case.loss, case.parameters, step=case.step).codes == ["stationary-minimum"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("scripted", [True, False])
def test_scripted_and_traced_models(scripted):
    torch.manual_seed(0)
    x = torch.randn(16, 3)
    model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
    model = torch.jit.script(model) if scripted else torch.jit.trace(model, x)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def loss():
        return (model(x) - x.sum(1, keepdim=True)).square().mean()

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()

    before = [p.detach().clone() for p in model.parameters()]
    assert doctor(loss, model, step=step).codes == []
    assert all(torch.equal(p, q) for p, q in zip(before, model.parameters(), strict=True))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: nn.Linear(2, 1, device="meta"), "on the meta device"),
        (lambda: nn.LazyLinear(1), "not initialised yet"),
        (
            lambda: torch.ones(3).to(torch.float8_e4m3fn).requires_grad_(),
            "float8_e4m3fn, which PyTorch cannot optimise",
        ),
        (lambda: torch.ones(0, requires_grad=True), "no elements"),
    ],
)
def test_tensors_without_values_are_refused_in_one_line(made, message):
    parameters = made()
    with pytest.raises(ValueError, match=message):
        doctor(lambda: torch.zeros(()), parameters)
    with pytest.raises(ValueError, match=message):
        watch(parameters)


@pytest.mark.parametrize("tolerance", ["a", float("nan"), float("inf"), -1])
def test_a_tolerance_that_is_no_number_is_refused(tolerance):
    theta = torch.ones(2, requires_grad=True)
    with pytest.raises(ValueError, match="tolerance must be"):
        doctor(lambda: theta.sum(), theta, tolerance=tolerance)


def test_a_loss_that_is_no_function_is_refused():
    with pytest.raises(TypeError, match="the loss must be a function"):
        doctor(None, torch.ones(2, requires_grad=True))


def test_gradients_switched_off_by_a_call():
    theta = torch.ones(2, requires_grad=True)
    torch.set_grad_enabled(False)
    assert doctor(lambda: theta.square().sum(), theta).codes == ["gradients-off"]
    assert not torch.is_grad_enabled()
    with watch(theta) as watched:
        theta.square().sum()
    assert watched.report.codes == ["gradients-off"]


def test_an_empty_context_shows_no_fault():
    theta = torch.ones(2, requires_grad=True)
    theta.sum().backward()
    with watch(theta) as watched:
        pass
    assert watched.report.codes == []
    assert "no backward() and no step was seen inside the context" in watched.report.notes


def test_a_loss_that_was_made_a_leaf():
    theta = torch.ones(2, requires_grad=True)
    with watch(theta) as watched:
        for _ in range(3):
            value = torch.tensor(theta.detach().sum().item())
            value.requires_grad = True
            value.backward()
    assert watched.report.codes == ["detached"]
    assert not any("replaced" in note for note in watched.report.notes)


def test_a_doctor_within_a_watch_is_not_heard():
    theta = torch.ones(2, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def loss():
        return (theta - 3).square().sum()

    step = usual_step(loss, optimizer)
    with watch(theta) as watched:
        step()
        doctor(loss, theta, step=step)
        step()
        step()
    assert watched.report.findings == ()
    assert watched.report.checked == ("3 backward passes", "3 optimiser steps")


def test_watch_tells_a_carried_state_from_one_computed_once():
    torch.manual_seed(0)
    cell, x, h = nn.GRU(4, 8, batch_first=True), torch.randn(2, 3, 4), torch.zeros(1, 2, 8)
    watched = watch(cell)
    with contextlib.suppress(RuntimeError), watched:
        for _ in range(3):
            out, h = cell(x, h)
            out.sum().backward()
    assert watched.report.codes == ["stale-graph"]
    assert "h.detach()" in watched.report[0].fix
    assert "Backward" not in watched.report[0].message


def test_a_rate_that_is_suggested_lowers_the_loss():
    theta = torch.tensor([3.0, -2.0], requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=1e-7)

    def loss():
        return (theta**4).sum() + theta.square().sum()

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()

    report = doctor(loss, theta, step=step)
    assert report.codes == ["rate-too-small"]
    exec(report[0].fix, {"optimizer": optimizer})
    first = loss().item()
    for _ in range(20):
        step()
    assert loss().item() < 0.9 * first
