"""Kind 5: the loss is not what was meant."""

import torch
from torch import nn

from .case import Case, data, fault, labels, network, regression, usual_step, vector

F = nn.functional


@fault("broadcast")
def broadcast_mse():
    model = network()
    x, y = data()
    return Case(lambda: F.mse_loss(model(x), y[:, 0]), model, None, model)


@fault("broadcast")
def broadcast_by_hand():
    w, b = vector(4), vector(1, seed=1)
    x, y = data()
    return Case(lambda: (((x @ w + b) - y) ** 2).mean(), [w, b])


@fault("broadcast")
def broadcast_l1():
    model = network()
    x, y = data()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

    def loss():
        return (model(x) - y.squeeze()).abs().mean()

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@fault("broadcast")
def broadcast_with_module_loss():
    model = network()
    x, y = data()
    criterion = nn.SmoothL1Loss()
    return Case(lambda: criterion(model(x), y.flatten()), model, None, model)


@fault("broadcast")
def broadcast_target_minus_prediction():
    model = network()
    x, y = data()
    return Case(lambda: torch.sqrt(torch.mean((y.squeeze() - model(x)) ** 2)), model, None, model)


@fault("softmax-twice")
def softmax_before_cross_entropy():
    model = network(outputs=3)
    model.append(nn.Softmax(dim=1))
    x, y = labels()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

    def loss():
        return F.cross_entropy(model(x), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@fault("softmax-twice")
def softmax_before_cross_entropy_plain():
    w = vector(12)
    x, y = labels()
    return Case(lambda: nn.CrossEntropyLoss()(torch.softmax(x @ w.reshape(4, 3), -1), y), w)


@fault("softmax-twice")
def sigmoid_before_bce_with_logits():
    model = network()
    model.append(nn.Sigmoid())
    x, y = data()
    return Case(lambda: F.binary_cross_entropy_with_logits(model(x), (y > 0).float()), model, None, model)


@fault("softmax-twice")
def softmax_with_soft_targets():
    model = network(outputs=3)
    x, y = labels()
    target = F.one_hot(y, 3).float()
    return Case(lambda: F.cross_entropy(model(x).softmax(1), target), model, None, model)


@fault("nll-without-log")
def nll_of_probabilities():
    model = network(outputs=3)
    x, y = labels()
    return Case(lambda: F.nll_loss(torch.softmax(model(x), 1), y), model, None, model)


@fault("nll-without-log")
def nll_of_raw_outputs():
    model = network(outputs=3)
    x, y = labels()
    return Case(lambda: F.nll_loss(model(x), y), model, None, model)


@fault("one-output-softmax")
def softmax_over_one_output():
    model = network()
    model.append(nn.Softmax(dim=1))
    x, y = data()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

    def loss():
        return F.binary_cross_entropy(model(x), (y > 0).float())

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@fault("one-output-softmax")
def cross_entropy_with_one_output():
    model = network()
    x, _ = data()
    y = torch.zeros(64, dtype=torch.long)
    return Case(lambda: F.cross_entropy(model(x), y), model, None, model)


@fault("one-output-softmax")
def softmax_over_one_output_plain():
    theta = vector(1)
    return Case(lambda: (torch.softmax(theta, 0) - 0.3).square().sum(), theta)


@fault("constant-loss")
def targets_against_themselves():
    case = regression()
    y = case.extra["y"]

    def loss():
        case.model(case.extra["x"])
        return F.mse_loss(y, y + 1)

    return Case(loss, case.model, None, case.model)


@fault("constant-loss")
def output_not_used_but_penalty():
    model = network()
    x, y = data()

    def loss():
        model(x)
        return F.mse_loss(y, y + 1) + 1e-3 * sum(p.square().sum() for p in model.parameters())

    return Case(loss, model, None, model)


@fault("constant-loss")
def copy_made_before_plain():
    theta = vector()
    copy = theta.detach().clone()
    return Case(lambda: (copy - 1).square().sum(), theta)


@fault("other-tensors")
def loss_of_another_model():
    model, other = network(), network(seed=1)
    x, y = data()
    return Case(lambda: F.mse_loss(other(x), y), model, None, model)


@fault("loss-not-scalar")
def no_reduction():
    model = network()
    x, y = data()
    return Case(lambda: F.mse_loss(model(x), y, reduction="none"), model, None, model)


@fault("loss-not-scalar")
def no_reduction_in_the_step():
    theta = vector()
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def loss():
        return (theta - 1).square()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault("loss-not-a-tensor")
def forgotten_return():
    theta = vector()

    def loss():
        (theta - 1).square().sum()

    return Case(loss, theta)


@fault("loss-not-real")
def complex_loss():
    theta = vector()
    return Case(lambda: (torch.exp(1j * theta).sum()) ** 2, theta)


@fault("not-finite")
def logarithm_of_zero():
    theta = torch.zeros(3, requires_grad=True)
    return Case(lambda: -torch.log(theta.relu()).sum(), theta)


@fault("not-finite")
def gradient_of_a_root_at_zero():
    theta = torch.zeros(3, requires_grad=True)
    return Case(lambda: theta.norm(p=0.5) + (theta - 1).square().sum() + theta.abs().sqrt().sum(), theta)
