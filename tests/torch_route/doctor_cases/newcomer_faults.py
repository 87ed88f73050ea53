"""Faults that somebody new to the doctor brought: lost gradients, gradients switched off, rates that die."""

import torch
from torch import nn

from .case import Case, data, fault, labels, network, regression, usual_step, vector

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
