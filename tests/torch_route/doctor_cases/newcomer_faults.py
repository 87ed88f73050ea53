"""Faults that somebody new to the doctor brought: lost gradients, gradients switched off, rates that die."""

import torch
from torch import nn

from .case import Case, data, fault, network, regression, trained, usual_step, vector

F = nn.functional


@fault("gradients-off")
def validation_leaves_gradients_off():
    case = regression()

    def validate():
        torch.set_grad_enabled(False)
        return case.loss()

    def step():
        case.optimizer.zero_grad()
        case.loss().backward()
        case.optimizer.step()
        validate()

    case.step = step
    return case


class _Forgetful(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return torch.zeros_like(gradient)


@fault("gradient-wrong")
def custom_backward_of_zeros():
    theta = vector()
    opt = torch.optim.SGD([theta], lr=0.1)

    def loss():
        return (_Forgetful.apply(theta) - 1).square().sum()

    return Case(loss, theta, usual_step(loss, opt), None, opt)


@fault("gradient-wrong")
def hook_on_the_parameter_gives_zeros():
    theta = vector()
    theta.register_hook(lambda gradient: gradient * 0)
    opt = torch.optim.SGD([theta], lr=0.1)

    def loss():
        return (theta - 1).square().sum()

    return Case(loss, theta, usual_step(loss, opt), None, opt)


@fault("gradient-wrong")
def hook_on_an_activation_gives_zeros():
    case = regression()
    x, y = case.extra["x"], case.extra["y"]

    def loss():
        output = case.model(x)
        output.register_hook(lambda gradient: gradient * 0)
        return F.mse_loss(output, y)

    return Case(loss, case.model, usual_step(loss, case.optimizer), case.model, case.optimizer)


@fault("gradient-wrong")
def module_backward_hook_gives_zeros():
    case = regression()
    case.model[2].register_full_backward_hook(lambda module, into, out: tuple(g if g is None else 0 * g for g in into))
    case.model[0].register_full_backward_hook(lambda module, into, out: None)
    case.model[2].weight.requires_grad_(False)
    case.model[2].bias.requires_grad_(False)
    return case


@fault("underflow")
def half_precision_and_a_tiny_loss():
    model = network().half()
    x, y = (part.half() for part in data())
    opt = torch.optim.SGD(model.parameters(), lr=0.1)

    def loss():
        return F.mse_loss(model(x), y).float() * 1e-7

    return Case(loss, model, usual_step(loss, opt), model, opt)


@fault("not-differentiable")
def histogram_by_comparisons():
    s = vector(50)
    edges = torch.linspace(-2, 2, 9)
    wanted = torch.full((8,), 50.0 / 8.0)
    opt = torch.optim.SGD([s], lr=0.1)

    def loss():
        inside = (s[:, None] > edges[:-1]) & (s[:, None] <= edges[1:])
        h = inside.float().sum(0) + 0 * s.mean()
        return (h - wanted).square().mean()

    return Case(loss, s, usual_step(loss, opt), None, opt)


@fault("rate-too-small")
def scheduler_steps_with_every_batch():
    case = regression(optimizer=torch.optim.SGD, rate=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(case.optimizer, 1, 0.1)
    inner = case.step

    def step():
        inner()
        scheduler.step()

    case.step = step
    return case


@fault("no-lower-bound")
def negative_squared_error():
    case = regression(optimizer=torch.optim.SGD, rate=1e-3)
    right = case.loss

    def loss():
        return -right()

    return Case(loss, case.model, usual_step(loss, case.optimizer), case.model, case.optimizer)


@fault("rate-too-small")
def gradient_clipped_to_nothing():
    case = regression(optimizer=torch.optim.SGD, rate=0.1)

    def step():
        case.optimizer.zero_grad()
        case.loss().backward()
        nn.utils.clip_grad_norm_(case.model.parameters(), 1e-6)
        case.optimizer.step()

    case.step = step
    return case


@fault("not-given", "not-registered")
def layer_built_in_forward():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Linear(4, 8)

        def forward(self, x):
            head = nn.Linear(8, 1)
            return head(self.body(x).tanh())

    torch.manual_seed(0)
    model = Net()
    return trained(model, torch.optim.SGD(model.parameters(), lr=0.1))


@fault("detached")
def matrix_put_together_by_torch_tensor():
    angle = torch.tensor(0.3, requires_grad=True)
    opt = torch.optim.SGD([angle], lr=0.1)
    point = torch.tensor([1.0, 2.0])

    def loss():
        c, s = angle.cos(), angle.sin()
        turn = torch.tensor([[c, -s], [s, c]], requires_grad=True)
        return (turn @ point - 1).square().sum()

    return Case(loss, angle, usual_step(loss, opt), None, opt)


@fault("not-differentiable")
def boolean_loss():
    theta = vector()
    return Case(lambda: (theta > 0).all(), theta)


@fault("constant-output")
def normalised_over_a_single_element():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1), nn.LayerNorm(1))
    return trained(model, torch.optim.Adam(model.parameters(), lr=1e-2))


@fault("constant-output")
def inputs_all_zero():
    case = regression()
    zero, y = torch.zeros(64, 4), case.extra["y"]

    def loss():
        return F.mse_loss(case.model(zero), y)

    return Case(loss, case.model, usual_step(loss, case.optimizer), case.model, case.optimizer)


@fault("constant-output", "dead-units", "detached", "unused-parameters")
def everything_dropped():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Dropout(1.0), nn.Linear(8, 1))
    return trained(model, torch.optim.Adam(model.parameters(), lr=1e-2))


@fault("stale-graph")
def hidden_state_carried_on():
    torch.manual_seed(0)
    cell, head = nn.GRU(4, 8, batch_first=True), nn.Linear(8, 1)
    model = nn.ModuleList([cell, head])
    x, y = data()
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    h = torch.zeros(1, 8, 8)

    def loss():
        nonlocal h
        out, h = cell(x.reshape(8, 8, 4), h)
        return F.mse_loss(head(out).reshape(64, 1), y)

    return Case(loss, model, usual_step(loss, opt), model, opt)


@fault("dead-units")
def frozen_first_layer_switched_off():
    case = regression(activation=nn.ReLU, optimizer=torch.optim.SGD)
    with torch.no_grad():
        case.model[0].bias.fill_(-100.0)
    case.model[0].requires_grad_(False)
    return case


@fault("rate-too-large")
def units_that_die_of_the_rate():
    return regression(activation=nn.ReLU, rate=5.0)
