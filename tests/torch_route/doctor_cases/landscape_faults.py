"""Kind 6: the code is right, the landscape is the cause."""

import torch
from torch import nn

from .case import Case, fault, usual_step


@fault("stationary-saddle")
def saddle_plain():
    theta = torch.zeros(2, requires_grad=True)
    return Case(lambda: theta[0] ** 2 - theta[1] ** 2 + theta[1] ** 4, theta)


@fault("stationary-saddle")
def saddle_of_a_product():
    a, b = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    return Case(lambda: (a * b - 1).square().sum(), [a, b])


@fault("stationary-saddle", "constant-initialisation")
def saddle_of_a_factorisation():
    torch.manual_seed(0)
    target = torch.randn(5, 2) @ torch.randn(2, 6)
    u, v = torch.zeros(5, 2, requires_grad=True), torch.zeros(2, 6, requires_grad=True)
    return Case(lambda: (u @ v - target).square().mean(), [u, v])


@fault("stationary-saddle", "shared-gradient")
def equal_phases_zero():
    theta = torch.zeros(5, requires_grad=True)
    return Case(lambda: theta.cos().sum() ** 2 + theta.sin().sum() ** 2, theta)


@fault("shared-gradient")
def equal_phases_but_one():
    theta = torch.tensor([1.0, 0, 0, 0, 0], requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=0.02)

    def loss():
        return theta.cos().sum() ** 2 + theta.sin().sum() ** 2

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault("shared-gradient")
def equal_centres():
    centres = torch.full((3,), 0.5).requires_grad_()
    x = torch.cat([torch.linspace(-3.2, -2.8, 20), torch.linspace(-0.2, 0.2, 20), torch.linspace(2.8, 3.2, 20)])

    def loss():
        return -torch.logsumexp(-(x[:, None] - centres).square(), dim=1).mean()

    return Case(loss, centres)


@fault("shared-gradient")
def equal_scalars():
    parameters = [torch.zeros((), requires_grad=True) for _ in range(4)]
    return Case(lambda: (torch.stack(parameters) + 0.3).sin().sum() ** 2, parameters)


@fault("stationary-plateau")
def plateau_of_a_pulse():
    theta = torch.tensor([40.0, -35.0], requires_grad=True)
    return Case(lambda: 1 - torch.exp(-theta.square()).sum(), theta)


@fault("stationary-plateau", "dead-units")
def plateau_of_a_relu():
    theta = torch.tensor([-5.0, -6.0], requires_grad=True)
    return Case(lambda: torch.relu(theta).sum() + 1.0, theta)


@fault("stationary-minimum")
def minimum_plain():
    theta = torch.tensor([1.0, 2.0], requires_grad=True)
    target = torch.tensor([1.0, 2.0])
    return Case(lambda: ((theta - target) ** 2 * torch.tensor([1.0, 3.0])).sum(), theta)


@fault("bad-basin")
def frequency_too_far_off():
    t = torch.linspace(0, 10, 300)
    frequency = torch.tensor([5.0], requires_grad=True)
    optimizer = torch.optim.Adam([frequency], lr=0.01)

    def loss():
        return (torch.sin(frequency * t) - torch.sin(2.3 * t)).square().mean()

    return Case(loss, frequency, usual_step(loss, optimizer), optimizer=optimizer)


@fault("bad-basin")
def frequency_and_amplitude_too_far_off():
    t = torch.linspace(0, 20, 400)
    p = torch.tensor([0.8, 3.0], requires_grad=True)

    def loss():
        return (p[0] * torch.sin(p[1] * t) - torch.sin(1.3 * t)).square().mean()

    return Case(loss, p)


@fault("bad-basin")
def frequency_module_too_far_off():
    class Tone(nn.Module):
        def __init__(self):
            super().__init__()
            self.frequency = nn.Parameter(torch.tensor(6.0))
            self.phase = nn.Parameter(torch.tensor(0.1))

        def forward(self, t):
            return torch.cos(self.frequency * t + self.phase)

    model, t = Tone(), torch.linspace(0, 12, 300)
    y = torch.cos(2.0 * t)

    def loss():
        return nn.functional.mse_loss(model(t), y)

    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@fault("bad-basin")
def wrong_valley_of_two():
    theta = torch.tensor([2.1], requires_grad=True)
    return Case(lambda: 0.3 * (theta.square() - 4).square().sum() + 0.1 * (theta + 2).square().sum() + 0.001, theta)


@fault("bad-basin")
def second_echo_taken_for_the_first():
    t = torch.linspace(-10, 10, 400)
    shift = torch.tensor([-2.0], requires_grad=True)
    optimizer = torch.optim.Adam([shift], lr=0.05)

    def pulses(u):
        return torch.exp(-u.square()) + 0.5 * torch.exp(-(u - 5).square())

    def loss():
        return (pulses(t - shift) - pulses(t - 3)).square().mean()

    return Case(loss, shift, usual_step(loss, optimizer), optimizer=optimizer)
