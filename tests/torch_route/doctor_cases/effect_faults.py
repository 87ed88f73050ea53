"""Kind 2: the parameters move, but to no effect."""

import torch
from torch import nn

from .case import Case, data, fault, network, regression, usual_step, vector


@fault("rate-too-small")
def tiny_rate_network():
    return regression(optimizer=torch.optim.SGD, rate=1e-7)


@fault("rate-too-small")
def tiny_rate_of_adam():
    return regression(rate=1e-9)


@fault("rate-too-small")
def tiny_rate_plain():
    theta = vector(spread=3.0)
    optimizer = torch.optim.SGD([theta], lr=1e-6)

    def loss():
        return (theta - 5).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault("rate-too-small")
def tiny_rate_by_hand():
    theta = vector(8)

    def loss():
        return (theta.cos().sum() - 3) ** 2

    def step():
        theta.grad = None
        loss().backward()
        theta.data -= 1e-7 * theta.grad

    return Case(loss, theta, step)


@fault("rate-too-small")
def tiny_rate_of_scaled_loss():
    theta = vector()
    optimizer = torch.optim.SGD([theta], lr=0.01)

    def loss():
        return 1e-7 * (theta - 5).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault("below-precision")
def below_the_spacing_plain():
    theta = torch.full((4,), 1e6).requires_grad_()
    optimizer = torch.optim.SGD([theta], lr=1e-3)

    def loss():
        return (theta - 1.00001e6).abs().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault("below-precision")
def below_the_spacing_bfloat16():
    torch.manual_seed(0)
    model = nn.Linear(4, 1).bfloat16()
    with torch.no_grad():
        model.weight += 4
        model.bias += 4
    x, y = data()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)

    def loss():
        return nn.functional.mse_loss(model(x.bfloat16()), y.bfloat16())

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@fault("below-precision")
def below_the_spacing_by_hand():
    theta = torch.full((3,), 2e8).requires_grad_()

    def loss():
        return (theta / 1e8 - 3).square().sum()

    def step():
        theta.grad = None
        loss().backward()
        with torch.no_grad():
            theta.sub_(0.1 * theta.grad)

    return Case(loss, theta, step)


@fault("below-precision")
def below_the_spacing_adam():
    theta = torch.full((4,), 3e5).requires_grad_()
    optimizer = torch.optim.Adam([theta], lr=1e-3)

    def loss():
        return (theta / 1e5 - 4).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault("underflow")
def underflow_in_float16_network():
    model = network(hidden=8).half()
    x, y = data()

    def loss():
        return (1e-8 * (model(x.half()).float() - y).square()).mean()

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@fault("underflow")
def underflow_in_float16_plain():
    theta = torch.ones(5).half().requires_grad_()

    def loss():
        return ((theta - 2).float() * 1e-5).square().sum()

    return Case(loss, theta)


@fault("rate-too-large")
def diverging_network():
    return regression(optimizer=torch.optim.SGD, rate=50.0, activation=nn.ReLU)


@fault("rate-too-large")
def diverging_plain():
    theta = vector()
    optimizer = torch.optim.SGD([theta], lr=1.5)

    def loss():
        return (theta - 1).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault("rate-too-large")
def diverging_to_nan():
    theta = vector()
    optimizer = torch.optim.SGD([theta], lr=10.0)

    def loss():
        return (theta - 1).pow(4).sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault("rate-too-large")
def bouncing_between_two_walls():
    theta = torch.tensor([3.0], requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=1.0)

    def loss():
        return (theta - 1).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault("rate-too-large")
def unnormalised_inputs_diverge():
    torch.manual_seed(0)
    model = nn.Linear(4, 1)
    x, y = data()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def loss():
        return nn.functional.mse_loss(model(1000 * x), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@fault("rate-too-large")
def huge_rate_of_adam():
    return regression(rate=100.0)


@fault("uphill")
def sign_error_by_hand():
    theta = vector()

    def loss():
        return (theta - 1).square().sum()

    def step():
        theta.grad = None
        loss().backward()
        theta.data += 0.1 * theta.grad

    return Case(loss, theta, step)


@fault("uphill")
def maximize_by_mistake():
    return regression(optimizer=torch.optim.SGD, rate=0.01, maximize=True)


@fault("uphill")
def negative_loss_in_the_step():
    case = regression()

    def step():
        case.optimizer.zero_grad()
        (-case.loss()).backward()
        case.optimizer.step()

    case.step = step
    return case


@fault("uphill")
def uphill_phases():
    theta = vector(8, spread=3.0)

    def loss():
        return theta.cos().sum() ** 2 + theta.sin().sum() ** 2

    def step():
        theta.grad = None
        loss().backward()
        with torch.no_grad():
            theta.add_(theta.grad, alpha=0.01)

    return Case(loss, theta, step)


@fault("weight-decay-dominates")
def decay_dominates_network():
    return regression(optimizer=torch.optim.SGD, rate=0.01, weight_decay=10.0)


@fault("weight-decay-dominates")
def decay_dominates_plain():
    theta = torch.zeros(5, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=0.01, weight_decay=20.0)

    def loss():
        return (theta - 5).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault("weight-decay-dominates")
def decay_dominates_adamw():
    return regression(optimizer=torch.optim.AdamW, rate=0.01, weight_decay=50.0)


@fault("weight-decay-dominates")
def decay_dominates_adam():
    theta = torch.full((6,), 0.5).requires_grad_()
    optimizer = torch.optim.Adam([theta], lr=0.01, weight_decay=10.0)

    def loss():
        return (theta - torch.arange(6.0)).square().mean()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault("momentum-dominates")
def momentum_dominates_plain():
    theta = vector()
    optimizer = torch.optim.SGD([theta], lr=0.05, momentum=0.9999)

    def loss():
        return (theta - 3).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault("momentum-dominates")
def momentum_of_one_diverges():
    return regression(optimizer=torch.optim.SGD, rate=0.1, momentum=1.0)


@fault("momentum-dominates")
def momentum_kept_from_another_problem():
    theta = torch.zeros(4, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=0.01, momentum=0.99)
    for _ in range(50):
        optimizer.zero_grad()
        (-20 * theta.sum()).backward()
        optimizer.step()

    def loss():
        return (theta + 1).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)
