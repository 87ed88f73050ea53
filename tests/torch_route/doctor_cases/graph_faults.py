"""Kind 4: not differentiable on the way; and graphs that are cut or stale."""

import numpy as np
import torch
from torch import nn

from .case import Case, data, fault, labels, network, usual_step, vector

STEP = ("not-differentiable",)
CUT = ("detached",)


@fault(*STEP)
def rounded_plain():
    theta = vector(spread=3.0)
    return Case(lambda: (theta.round() - 1).square().sum(), theta)


@fault(*STEP)
def floor_plain():
    theta = vector(spread=3.0)
    optimizer = torch.optim.Adam([theta], lr=0.1)

    def loss():
        return (torch.floor(theta * 4) / 4 - 0.5).abs().mean()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault(*STEP)
def sign_plain():
    theta = vector()
    return Case(lambda: (torch.sign(theta) - torch.ones(5)).square().sum(), theta)


@fault(*STEP)
def sign_of_a_network():
    model = network()
    x, y = data()
    return Case(lambda: (model(x).sign() - y.sign()).square().mean(), model, None, model)


@fault(*STEP)
def comparison_plain():
    theta = vector()
    x = torch.linspace(-2, 2, 50)
    return Case(lambda: ((x[:, None] > theta).float().sum(1) - 2).square().mean(), theta)


@fault(*STEP)
def accuracy_as_loss():
    model = network(outputs=3)
    x, y = labels()
    return Case(lambda: 1 - (model(x).argmax(1) == y).float().mean(), model, None, model)


@fault(*STEP)
def thresholded_predictions():
    model = network()
    x, y = data()
    return Case(lambda: nn.functional.mse_loss((model(x) > 0).float(), (y > 0).float()), model, None, model)


@fault(*STEP)
def argmax_plain():
    theta = vector(6)
    positions = torch.arange(6.0)
    return Case(lambda: (positions[theta.argmax()] - 3.3).square(), theta)


@fault(*STEP)
def integer_index_plain():
    theta = torch.tensor([2.3], requires_grad=True)
    table = torch.linspace(0, 1, 100).square()
    return Case(lambda: (table[(theta * 10).long()] - 0.5).square().sum(), theta)


@fault(*STEP)
def cast_to_int():
    theta = torch.tensor([2.3, 5.6], requires_grad=True)
    table = torch.linspace(0, 1, 100)
    return Case(lambda: (table[theta.to(torch.int64) * 10] - 0.5).square().sum(), theta)


@fault(*STEP)
def histogram_plain():
    theta = vector(200)
    target = torch.full((10,), 20.0)
    return Case(lambda: (torch.histc(theta, 10, -3, 3) - target).square().mean(), theta)


@fault(*STEP)
def bucketized_plain():
    theta = vector(50)
    edges = torch.linspace(-2, 2, 9)
    return Case(lambda: (torch.bucketize(theta, edges).float().mean() - 6).square(), theta)


@fault(*STEP)
def quantised_waveform():
    theta = vector(8, spread=3.0)
    t = torch.linspace(0, 6.283, 64)

    def loss():
        x = torch.sin(t[:, None] + theta).sum(1) / 8
        return (torch.round(127 * x) / 127).square().mean()

    return Case(loss, theta)


@fault(*STEP)
def floor_division():
    theta = vector(spread=9.0)
    return Case(lambda: (torch.div(theta, 2, rounding_mode="floor") - 1).square().sum(), theta)


@fault(*STEP)
def sampling_from_a_categorical():
    theta = vector(4)
    values = torch.tensor([0.0, 1.0, 2.0, 3.0])

    def loss():
        drawn = torch.distributions.Categorical(logits=theta).sample((200,))
        return values[drawn].mean()

    return Case(loss, theta)


@fault(*STEP)
def rounded_network_output():
    model = network(outputs=1)
    x, y = data()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def loss():
        return nn.functional.mse_loss(torch.round(model(x)), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@fault(*STEP)
def rounding_hidden_behind_weight_penalty():
    theta = vector(8, spread=4.0)
    other = vector(3, seed=1)

    def loss():
        return (theta.round() - 2).square().sum() + (other - 1).square().sum()

    return Case(loss, [theta, other])


@fault(*CUT)
def detour_through_numpy():
    theta = vector()

    def loss():
        x = np.sin(theta.detach().numpy())
        return torch.from_numpy(x).square().sum()

    return Case(loss, theta)


@fault(*CUT)
def detour_through_numpy_wrapped():
    theta = vector()

    def loss():
        x = torch.tensor(np.cos(theta.detach().cpu().numpy()), requires_grad=True)
        return x.square().sum()

    return Case(loss, theta)


@fault(*CUT)
def item_in_the_loss():
    theta = torch.tensor([0.7], requires_grad=True)
    t = torch.linspace(0, 1, 100)
    return Case(lambda: (torch.sin(6 * theta.item() * t) - torch.sin(4 * t)).square().mean(), theta)


@fault(*CUT)
def item_of_one_element_of_two():
    theta = torch.tensor([0.7, 2.0], requires_grad=True)
    t = torch.linspace(0, 1, 100)

    def loss():
        return (theta[1] * torch.sin(6 * theta[0].item() * t) - torch.sin(4 * t)).square().mean()

    return Case(loss, theta)


@fault(*CUT)
def detached_plain():
    theta = vector()
    return Case(lambda: (theta.detach() - 1).square().sum(), theta)


@fault(*CUT)
def data_plain():
    theta = vector()
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def loss():
        return (theta.data - 1).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault(*CUT)
def tensor_of_a_list():
    a, b = torch.tensor(1.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    return Case(lambda: (torch.tensor([a, b]) - 3).square().sum(), [a, b])


@fault(*CUT)
def model_under_no_grad():
    model = network()
    x, y = data()

    def loss():
        with torch.no_grad():
            out = model(x)
        return nn.functional.mse_loss(out, y)

    return Case(loss, model, None, model)


class DetachesInTheMiddle(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.encoder, self.decoder = nn.Linear(4, 8), nn.Linear(8, 1)

    def forward(self, x):
        return self.decoder(torch.tanh(self.encoder(x)).detach())


@fault(*CUT)
def detached_between_encoder_and_decoder():
    model = DetachesInTheMiddle()
    x, y = data()
    return Case(lambda: nn.functional.mse_loss(model(x), y), model, None, model)


@fault("detached", "loss-not-a-tensor")
def loss_as_a_number():
    model = network()
    x, y = data()
    return Case(lambda: nn.functional.mse_loss(model(x), y).item(), model, None, model)


@fault("loss-not-a-tensor", "detached")
def loss_from_numpy():
    theta = vector()
    return Case(lambda: np.mean((theta.detach().numpy() - 1) ** 2), theta)


@fault("stale-graph")
def angles_outside_the_loop():
    theta = vector()
    t = torch.linspace(0, 6.283, 50)
    angles = t[:, None] + theta

    def step():
        theta.grad = None
        angles.sin().sum(1).square().mean().backward(retain_graph=True)
        theta.data -= 0.1 * theta.grad

    return Case(lambda: angles.sin().sum(1).square().mean(), theta, step)


@fault("stale-graph")
def features_outside_the_loop():
    torch.manual_seed(0)
    encoder, head = nn.Linear(4, 8), nn.Linear(8, 1)
    x, y = data()
    features = torch.tanh(encoder(x))
    parameters = [*encoder.parameters(), *head.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=0.1)

    def loss():
        return nn.functional.mse_loss(head(features), y)

    return Case(loss, parameters, usual_step(loss, optimizer), optimizer=optimizer)


@fault("stale-graph")
def whole_loss_outside_the_loop():
    model = network()
    x, y = data()
    once = nn.functional.mse_loss(model(x), y)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def step():
        optimizer.zero_grad()
        once.backward(retain_graph=True)
        optimizer.step()

    return Case(lambda: once, model, step, model, optimizer)


@fault("stale-graph")
def hidden_state_carried_along():
    torch.manual_seed(0)
    cell, head = nn.RNNCell(4, 8), nn.Linear(8, 1)
    x, y = data()
    state = torch.zeros(64, 8)
    parameters = [*cell.parameters(), *head.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=0.01)

    def loss():
        return nn.functional.mse_loss(head(cell(x, state)), y)

    def step():
        nonlocal state
        optimizer.zero_grad()
        state = cell(x, state)
        nn.functional.mse_loss(head(state), y).backward()
        optimizer.step()

    return Case(loss, parameters, step, optimizer=optimizer)


class WrongBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.square()

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return -gradient * x


@fault("gradient-wrong")
def wrong_custom_backward():
    theta = vector()
    return Case(lambda: WrongBackward.apply(theta - 1).sum(), theta)
