"""Kind 3: part of the model gets no gradient."""

import torch
from torch import nn

from .case import Case, data, fault, labels, network, usual_step, vector


def mse(model, x, y):
    return lambda: nn.functional.mse_loss(model(x), y)


def trained(model, rate=1e-2, kind=torch.optim.SGD, x=None, y=None):
    if x is None:
        x, y = data()
    loss = mse(model, x, y)
    optimizer = kind([p for p in model.parameters() if p.requires_grad] or model.parameters(), lr=rate)
    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@fault("dead-units")
def dead_relu_by_bias():
    model = network(activation=nn.ReLU)
    with torch.no_grad():
        model[0].bias.fill_(-50.0)
    return trained(model)


@fault("dead-units")
def dead_relu_plain():
    w, b, v = vector(12), torch.full((3,), -100.0).requires_grad_(), vector(3, seed=2)
    x, y = data()

    def loss():
        return ((torch.relu(x @ w.reshape(4, 3) + b) @ v) - y[:, 0]).square().mean()

    return Case(loss, [w, b, v])


@fault("dead-units")
def dead_output_relu():
    model = network()
    model.append(nn.ReLU())
    with torch.no_grad():
        model[2].bias.fill_(-9.0)
    return trained(model)


@fault("dead-units")
def dead_middle_layer():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
    with torch.no_grad():
        model[2].weight.copy_(-model[2].weight.abs())
        model[2].bias.fill_(-1.0)
    return trained(model)


@fault("dead-units")
def dead_convolution():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 36, 1))
    with torch.no_grad():
        model[0].bias.fill_(-20.0)
    x = torch.randn(16, 1, 8, 8)
    return trained(model, x=x, y=torch.randn(16, 1))


@fault("saturated-units")
def saturated_tanh_by_inputs():
    x, y = data()
    return trained(network(), x=5000 * x, y=y)


@fault("saturated-units")
def saturated_sigmoid_by_weights():
    model = network(activation=nn.Sigmoid)
    with torch.no_grad():
        model[0].weight.mul_(500)
        model[0].bias.add_(300)
    return trained(model)


@fault("saturated-units")
def saturated_output_sigmoid():
    model = network()
    model.append(nn.Sigmoid())
    with torch.no_grad():
        model[2].bias.fill_(60.0)
    x, y = data()
    return trained(model, x=x, y=(y > 0).float())


@fault("saturated-units", "stationary-plateau")
def saturated_plain_sigmoid():
    theta = torch.tensor([30.0, -40.0, 35.0], requires_grad=True)
    target = torch.tensor([0.2, 0.7, 0.5])
    return Case(lambda: (torch.sigmoid(theta) - target).square().sum(), theta)


@fault("saturated-units", "stationary-plateau")
def clamp_outside_its_range():
    theta = torch.tensor([3.0, -4.0, 5.0], requires_grad=True)
    target = torch.tensor([0.2, 0.7, 0.5])
    return Case(lambda: (theta.clamp(0, 1) - target).square().sum(), theta)


@fault("constant-initialisation")
def all_zeros_relu():
    model = network(activation=nn.ReLU)
    for p in model.parameters():
        nn.init.zeros_(p)
    return trained(model)


@fault("constant-initialisation")
def all_zeros_tanh_without_step():
    model = network(activation=nn.Tanh)
    for p in model.parameters():
        nn.init.zeros_(p)
    x, y = data()
    return Case(mse(model, x, y), model, None, model)


@fault("constant-initialisation")
def all_zeros_classifier():
    model = network(outputs=3)
    for p in model.parameters():
        nn.init.zeros_(p)
    x, y = labels()
    return Case(lambda: nn.functional.cross_entropy(model(x), y), model.parameters(), None, model)


@fault("constant-initialisation")
def constant_weights():
    model = network()
    for p in model.parameters():
        nn.init.constant_(p, 0.5)
    return trained(model)


@fault("constant-initialisation")
def ones_in_a_deep_network():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1))
    for layer in (model[0], model[2], model[4]):
        nn.init.constant_(layer.weight, 0.1)
        nn.init.zeros_(layer.bias)
    return trained(model, kind=torch.optim.Adam)


@fault("constant-initialisation")
def equal_hidden_units_plain():
    w, v = torch.full((4, 6), 0.3).requires_grad_(), torch.full((6, 1), 0.2).requires_grad_()
    x, y = data()
    return Case(lambda: (torch.tanh(x @ w) @ v - y).square().mean(), [w, v])


@fault("constant-initialisation")
def zeros_plain():
    w, v = torch.zeros(4, 6, requires_grad=True), torch.zeros(6, 1, requires_grad=True)
    x, y = data()
    optimizer = torch.optim.Adam([w, v], lr=0.01)

    def loss():
        return (torch.tanh(x @ w) @ v - y).square().mean()

    return Case(loss, [w, v], usual_step(loss, optimizer), optimizer=optimizer)


class ListOfLayers(nn.Module):
    def __init__(self, kind=list):
        super().__init__()
        torch.manual_seed(0)
        self.layers = [nn.Linear(4, 8), nn.Linear(8, 8)]
        if kind is dict:
            self.layers = dict(enumerate(self.layers))
        self.out = nn.Linear(8, 1)

    def forward(self, x):
        layers = self.layers.values() if isinstance(self.layers, dict) else self.layers
        for layer in layers:
            x = torch.tanh(layer(x))
        return self.out(x)


@fault("not-registered")
def layers_in_a_list():
    return trained(ListOfLayers())


@fault("not-registered")
def layers_in_a_dict():
    return trained(ListOfLayers(dict), kind=torch.optim.Adam)


@fault("not-registered")
def layers_in_a_list_without_step():
    model = ListOfLayers()
    x, y = data()
    return Case(mse(model, x, y), model.parameters(), None, model)


class PlainTensorInModule(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.scale = torch.ones(4, requires_grad=True)
        self.out = nn.Linear(4, 1)

    def forward(self, x):
        return self.out(x * self.scale)


@fault("not-registered")
def tensor_in_place_of_parameter():
    return trained(PlainTensorInModule())


@fault("not-given")
def one_plain_tensor_not_given():
    w, b = vector(3), vector(1, seed=1)
    x = torch.randn(20, 3, generator=torch.Generator().manual_seed(3))
    y = x.sum(1) + 2

    def loss():
        return ((x @ w + b) - y).square().mean()

    optimizer = torch.optim.SGD([w], lr=0.1)
    return Case(loss, [w], usual_step(loss, optimizer), optimizer=optimizer)


class SkipsALayer(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second, self.out = nn.Linear(4, 8), nn.Linear(8, 8), nn.Linear(8, 1)

    def forward(self, x):
        return self.out(torch.tanh(self.first(x)))


@fault("unused-parameters")
def layer_never_called():
    return trained(SkipsALayer())


@fault("unused-parameters")
def unused_plain():
    a, b = vector(3), vector(4, seed=1)
    return Case(lambda: (a - 1).square().sum(), {"a": a, "b": b})


@fault("requires-grad-off")
def everything_frozen():
    model = network()
    for p in model.parameters():
        p.requires_grad_(False)
    x, y = data()
    return Case(mse(model, x, y), model, None, model)


@fault("requires-grad-off")
def plain_without_gradient():
    theta = torch.zeros(3)
    return Case(lambda: (theta - 1).square().sum(), theta)


@fault("frozen")
def one_plain_tensor_forgot_to_ask():
    a, b = vector(3), torch.zeros(2)
    return Case(lambda: (a - 1).square().sum() + (b - 1).square().sum(), [a, b])


@fault("vanishing-gradient")
def deep_sigmoid():
    torch.manual_seed(0)
    layers = [nn.Linear(4, 16)]
    for _ in range(12):
        layers += [nn.Sigmoid(), nn.Linear(16, 16)]
    model = nn.Sequential(*layers, nn.Sigmoid(), nn.Linear(16, 1))
    return trained(model)


@fault("vanishing-gradient")
def deep_tanh_with_small_weights():
    torch.manual_seed(0)
    layers = [nn.Linear(4, 16)]
    for _ in range(8):
        layers += [nn.Tanh(), nn.Linear(16, 16)]
    model = nn.Sequential(*layers, nn.Tanh(), nn.Linear(16, 1))
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(0.2)
    return trained(model)
