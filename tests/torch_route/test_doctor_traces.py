"""The doctor leaves everything as it was, also what only the user's functions know, and also after an interruption."""

import random

import numpy as np
import pytest
import torch
from torch import nn

from crestfall.torch import doctor


class Counting(nn.Module):
    """A module with buffers, a counter, a cache and a random draw of each kind."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 1))
        self.calls = 0
        self.cache = []

    def forward(self, x):
        self.calls += 1
        self.cache.append(self.calls)
        self.last = x
        noise = random.random() + np.random.standard_normal()  # noqa: NPY002
        return self.body(x) + 0.01 * noise * torch.rand(1)


def parts():
    model, x = Counting(), torch.randn(16, 3, generator=torch.Generator().manual_seed(1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    generator, history = torch.Generator().manual_seed(4), []

    def loss():
        return (model(x) - torch.randn(16, 1, generator=generator)).square().mean()

    def step():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        scheduler.step()
        history.append(value.item())

    for _ in range(3):
        step()
    return model, optimizer, scheduler, generator, history, loss, step


def trace(model, optimizer, scheduler, generator, history):
    found = [[t.detach().numpy().tobytes() for t in (*model.parameters(), *model.buffers())]]
    found.append([None if p.grad is None else p.grad.numpy().tobytes() for p in model.parameters()])
    found.append([(id(p.grad), p.requires_grad, p._backward_hooks) for p in model.parameters()])
    for group in optimizer.param_groups:
        found.append({key: value for key, value in group.items() if key != "params"})
    for state in optimizer.state.values():
        found.append({key: (id(value), value.numpy().tobytes()) for key, value in state.items()})
    found.append({key: value for key, value in vars(scheduler).items() if isinstance(value, (int, float, list))})
    found.append((model.calls, list(model.cache), id(model.last), model.training, list(history)))
    found.append([(m.training, len(m._forward_hooks), len(m._forward_pre_hooks)) for m in model.modules()])
    found.append((random.getstate(), np.random.get_state()[1].tobytes(), np.random.get_state()[2]))  # noqa: NPY002
    found.append((torch.get_rng_state().numpy().tobytes(), generator.get_state().numpy().tobytes()))
    return found


@pytest.mark.parametrize("given", ["module", "optimizer", "parameters"])
def test_bit_for_bit(given):
    model, optimizer, scheduler, generator, history, loss, step = parts()
    before = trace(model, optimizer, scheduler, generator, history)
    what = {"module": model, "optimizer": optimizer, "parameters": list(model.parameters())}[given]
    report = doctor(loss, what, step=step)
    assert report.passes > 5
    assert trace(model, optimizer, scheduler, generator, history) == before
    assert int(model.body[1].num_batches_tracked) == 3


@pytest.mark.parametrize("when", [0, 1, 3, 10, 25])
@pytest.mark.parametrize("error", [KeyboardInterrupt, KeyError, MemoryError])
def test_bit_for_bit_after_an_interruption(error, when):
    model, optimizer, scheduler, generator, history, loss, _step = parts()
    left = [when]

    def failing():
        if left[0] == 0:
            raise error("now")
        left[0] -= 1
        return loss()

    def step_of_it():
        optimizer.zero_grad()
        failing().backward()
        optimizer.step()
        scheduler.step()

    before = trace(model, optimizer, scheduler, generator, history)
    try:
        doctor(failing, model, step=step_of_it)
    except (KeyboardInterrupt, KeyError, MemoryError) as raised:
        assert isinstance(raised, error)  # noqa: PT017
    left[0] = when
    assert trace(model, optimizer, scheduler, generator, history) == before
    assert torch.Tensor.backward.__qualname__ == "Tensor.backward"


def test_it_raises_what_interrupts_it():
    theta = torch.ones(3, requires_grad=True)

    def loss():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        doctor(loss, theta)


def test_modules_in_evaluation_mode_stay_there():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    model[1].eval()

    def loss():
        model.train()
        return model(torch.ones(5, 3)).square().mean()

    doctor(loss, model)
    assert [m.training for m in model] == [True, False, True]


def test_names_and_lists_that_the_step_rebinds_are_put_back():
    theta, log, numbers = torch.ones(3, requires_grad=True), [], np.zeros(2)
    first = theta

    def loss():
        return (theta - 2).square().sum()

    def step():
        nonlocal theta
        loss().backward()
        theta = (theta - 0.1 * theta.grad).detach().requires_grad_()
        log.append(1)
        numbers[0] += 1

    assert doctor(loss, theta, step=step).findings == ()
    assert theta is first
    assert theta.tolist() == [1, 1, 1]
    assert theta.grad is None
    assert log == []
    assert numbers.tolist() == [0, 0]


def test_classes_of_iterators_are_left_alone():
    space = {}
    code = (
        "from itertools import chain\ndef loss(): return sum(x.square().sum() for x in chain([theta - 1], [theta - 3]))"
    )
    exec(code, space)
    space["theta"] = theta = torch.ones(2, requires_grad=True)
    assert doctor(space["loss"], theta).findings == ()
    assert isinstance(space["chain"], type)


def test_a_leaf_that_was_not_given_keeps_its_gradient():
    a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    b.grad = torch.full((2,), 7.0)

    def step():
        a.grad = None
        (a * b).sum().backward()
        a.data -= 0.1 * a.grad

    doctor(lambda: (a * b - 3).square().sum(), a, step=step)
    assert b.grad.tolist() == [7, 7]


def test_a_large_model_takes_few_passes():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1000, 2000), nn.ReLU(), nn.Linear(2000, 2000), nn.ReLU(), nn.Linear(2000, 1000))
    assert sum(p.numel() for p in model.parameters()) > 8e6
    x, y = torch.randn(8, 1000), torch.randn(8, 1000)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    counted = [0]

    def loss():
        counted[0] += 1
        return nn.functional.mse_loss(model(x), y)

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()

    snapshot = model[0].weight.detach().clone()
    report = doctor(loss, model, step=step)
    assert report.findings == (), str(report)
    assert report.passes <= 36
    assert torch.equal(model[0].weight, snapshot)


@pytest.mark.parametrize("mode", ["module", "function"])
@pytest.mark.filterwarnings("ignore")
def test_compiled_models(mode):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
    x = torch.randn(16, 3)
    compiled = torch.compile(model, backend="aot_eager")
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def plain_loss():
        return (compiled(x) - x.sum(1, keepdim=True)).square().mean()

    loss = plain_loss if mode == "module" else torch.compile(plain_loss, backend="aot_eager")

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()

    report = doctor(loss, compiled if mode == "module" else model, step=step)
    assert report.findings == (), str(report)
