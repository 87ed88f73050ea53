"""Optimisations without a fault, many of them unusual: none of these may be accused."""

import random

import numpy as np
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

import crestfall as cf

from .case import Case, data, healthy, labels, network, regression, usual_step, vector

F = nn.functional


# ------------------------------------------------------------------ ordinary networks and tensors


@healthy
def adam_network():
    return regression()


@healthy
def sgd_network():
    return regression(optimizer=torch.optim.SGD, rate=0.05)


@healthy
def sgd_momentum_network():
    return regression(optimizer=torch.optim.SGD, rate=0.01, momentum=0.9, nesterov=True)


@healthy
def adamw_network():
    return regression(optimizer=torch.optim.AdamW, rate=3e-3, weight_decay=1e-2)


@healthy
def rmsprop_network():
    return regression(optimizer=torch.optim.RMSprop, rate=1e-3)


@healthy
def adagrad_network():
    return regression(optimizer=torch.optim.Adagrad, rate=1e-2)


@healthy
def adadelta_network():
    return regression(optimizer=torch.optim.Adadelta, rate=1.0)


@healthy
def rprop_network():
    return regression(optimizer=torch.optim.Rprop, rate=1e-3)


@healthy
def relu_network():
    return regression(activation=nn.ReLU, hidden=32)


@healthy
def gelu_network_float64():
    case = regression(activation=nn.GELU)
    case.model.double()
    x, y = case.extra["x"].double(), case.extra["y"].double()

    def loss():
        return F.mse_loss(case.model(x), y)

    return Case(loss, case.model, usual_step(loss, case.optimizer), case.model, case.optimizer)


@healthy
def fine_tuning_rate():
    return regression(rate=2e-5, optimizer=torch.optim.AdamW)


@healthy
def classifier():
    model = network(outputs=3)
    x, y = labels()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def loss():
        return F.cross_entropy(model(x), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def classifier_with_log_softmax():
    model = network(outputs=3)
    model.append(nn.LogSoftmax(dim=1))
    x, y = labels()
    return Case(lambda: F.nll_loss(model(x), y), model, None, model)


@healthy
def binary_classifier():
    model = network()
    x, y = data()
    target = (y > 0).float()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def loss():
        return F.binary_cross_entropy_with_logits(model(x), target)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def binary_classifier_with_sigmoid():
    model = network()
    model.append(nn.Sigmoid())
    x, y = data()
    return Case(lambda: F.binary_cross_entropy(model(x), (y > 0).float()), model, None, model)


@healthy
def convolutional():
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 3)
    )
    x, y = torch.randn(32, 1, 8, 8), torch.arange(32) % 3
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)

    def loss():
        return F.cross_entropy(model(x), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def recurrent():
    torch.manual_seed(0)
    cell, head = nn.LSTM(4, 8, batch_first=True), nn.Linear(8, 1)
    model = nn.ModuleDict({"cell": cell, "head": head})
    x = torch.randn(16, 6, 4)
    y = x.sum((1, 2))[:, None]
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def loss():
        return F.mse_loss(head(cell(x)[0][:, -1]), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def transformer():
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True), nn.Flatten(), nn.Linear(40, 3)
    )
    x, y = torch.randn(16, 5, 8), torch.arange(16) % 3
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)

    def loss():
        return F.cross_entropy(model(x), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def dropout_network():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 1))
    x, y = data()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def loss():
        return F.mse_loss(model(x), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def quadratic_plain():
    theta = vector()
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def loss():
        return (theta - torch.arange(5.0)).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def mean_of_many_plain():
    theta = vector(500)
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def loss():
        return (theta - 2).square().mean()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def rosenbrock():
    theta = torch.tensor([-1.2, 1.0], requires_grad=True)
    optimizer = torch.optim.Adam([theta], lr=1e-2)

    def loss():
        return 100 * (theta[1] - theta[0] ** 2) ** 2 + (1 - theta[0]) ** 2

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def random_phases_by_hand():
    theta = vector(8, spread=3.0)

    def loss():
        return theta.cos().sum() ** 2 + theta.sin().sum() ** 2

    def step():
        theta.grad = None
        loss().backward()
        theta.data -= 0.05 * theta.grad

    return Case(loss, theta, step)


@healthy
def multisine_module():
    module = cf.torch.MultisineModule(cf.Multisine.harmonics(range(1, 20)))
    optimizer = torch.optim.Adam(module.parameters(), lr=0.05)

    def loss():
        return module().abs().pow(8).mean().pow(1 / 8)

    return Case(loss, module, usual_step(loss, optimizer), module, optimizer)


@healthy
def peak_of_a_sum_of_sines():
    theta = vector(6, spread=3.0)
    t = torch.linspace(0, 6.2832, 200)
    harmonics = torch.arange(1.0, 7.0)
    optimizer = torch.optim.Adam([theta], lr=0.02)

    def loss():
        return torch.sin(t[:, None] * harmonics + theta).sum(1).abs().max()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def frequency_close_enough():
    t = torch.linspace(0, 10, 300)
    frequency = torch.tensor([2.25], requires_grad=True)
    optimizer = torch.optim.Adam([frequency], lr=0.01)

    def loss():
        return (torch.sin(frequency * t) - torch.sin(2.3 * t)).square().mean()

    return Case(loss, frequency, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def linear_regression_from_zero():
    w, b = torch.zeros(4, requires_grad=True), torch.zeros(1, requires_grad=True)
    x, y = data()
    optimizer = torch.optim.SGD([w, b], lr=0.05)

    def loss():
        return ((x @ w + b) - y[:, 0]).square().mean()

    return Case(loss, [w, b], usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def softmax_regression_from_zero():
    model = nn.Linear(4, 3)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    x, y = labels()
    return Case(lambda: F.cross_entropy(model(x), y), model, None, model)


@healthy
def last_layer_from_zero():
    case = regression()
    nn.init.zeros_(case.model[2].weight)
    nn.init.zeros_(case.model[2].bias)
    return case


@healthy
def low_rank_adapter():
    torch.manual_seed(0)
    base = torch.randn(4, 4)
    a, b = (torch.randn(2, 4) * 0.5).requires_grad_(), torch.zeros(4, 2, requires_grad=True)
    x = torch.randn(50, 4)
    y = x @ torch.randn(4, 4)
    optimizer = torch.optim.Adam([a, b], lr=0.01)

    def loss():
        return (x @ (base + b @ a).T - y).square().mean()

    return Case(loss, [a, b], usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def duplicate_features_in_a_convex_problem():
    w = torch.zeros(4, requires_grad=True)
    x, y = data()
    x = torch.stack([x[:, 2], x[:, 2], x[:, 0], x[:, 0]], dim=1)
    optimizer = torch.optim.SGD([w], lr=0.05)

    def loss():
        return (x @ w - y[:, 0]).square().mean()

    return Case(loss, w, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def duplicate_features_in_logistic_regression():
    model = nn.Linear(2, 1)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    x, y = data()
    x = torch.stack([x[:, 2], x[:, 2]], dim=1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)

    def loss():
        return F.binary_cross_entropy_with_logits(model(x), (y > 0).float())

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def equal_independent_elements():
    theta = torch.ones(6, requires_grad=True)
    return Case(lambda: (theta**4 + theta).sum(), theta)


# ------------------------------------------------------------------ what may look like a fault


class RoundThrough(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.round()

    @staticmethod
    def backward(ctx, gradient):
        return gradient


class Binarize(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sign()

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * (x.abs() <= 1)


@healthy
def straight_through_detach():
    theta = vector(spread=3.0)
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def loss():
        y = theta + (theta.round() - theta).detach()
        return (y - 1).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def straight_through_function():
    theta = vector(spread=3.0)
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def loss():
        return (RoundThrough.apply(theta) - 1).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def binary_network():
    model = network()
    x, y = data()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def loss():
        h = torch.tanh(F.linear(x, Binarize.apply(model[0].weight), model[0].bias))
        return F.mse_loss(model[2](h), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def straight_through_gumbel():
    theta = vector(4)
    values = torch.tensor([0.0, 1.0, 2.0, 3.0])
    optimizer = torch.optim.Adam([theta], lr=0.05)

    def loss():
        return (F.gumbel_softmax(theta.expand(64, 4), hard=True) @ values).mean()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def detached_target():
    model = network()
    x, y = data()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

    def loss():
        target = y + 0.9 * model(x.flip(0)).detach()
        return F.mse_loss(model(x), target)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def target_network():
    model, target = network(), network()
    x, y = data()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def loss():
        with torch.no_grad():
            bootstrap = y + 0.9 * target(x)
        return F.smooth_l1_loss(model(x), bootstrap)

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        with torch.no_grad():
            for p, q in zip(target.parameters(), model.parameters(), strict=True):
                p.lerp_(q, 0.01)

    return Case(loss, model, step, model, optimizer)


@healthy
def contrastive_with_stop_gradient():
    model = network(outputs=4)
    x, _ = data()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

    def loss():
        a, b = model(x), model(x + 0.1 * torch.randn(64, 4))
        return -F.cosine_similarity(a, b.detach()).mean() + 0.1 * (a.norm(dim=1) - 1).square().mean()

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def generator_step_of_an_adversarial_pair():
    generator, discriminator = network(outputs=4), network(seed=1)
    z = torch.randn(64, 4, generator=torch.Generator().manual_seed(5))
    optimizer = torch.optim.Adam(generator.parameters(), lr=1e-3)
    torch.optim.Adam(discriminator.parameters(), lr=1e-3)

    def loss():
        return F.binary_cross_entropy_with_logits(discriminator(generator(z)), torch.ones(64, 1))

    return Case(loss, generator, usual_step(loss, optimizer), generator, optimizer)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.embedding = nn.Embedding(10, 8)
        self.head = nn.Linear(8, 10, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, i):
        return self.head(torch.tanh(self.embedding(i)))


@healthy
def tied_weights_given_twice():
    model = Tied()
    i = torch.arange(10)
    given = [model.embedding.weight, model.head.weight]
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

    def loss():
        return F.cross_entropy(model(i), (i + 1) % 10)

    return Case(loss, given, usual_step(loss, optimizer), model, optimizer)


@healthy
def deliberately_frozen_layer():
    model = network()
    model[0].requires_grad_(False)
    x, y = data()
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.05)

    def loss():
        return F.mse_loss(model(x), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def only_the_head_is_trained():
    model = network()
    x, y = data()
    optimizer = torch.optim.SGD(model[2].parameters(), lr=0.05)

    def loss():
        return F.mse_loss(model(x), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def gradient_accumulation_by_counter():
    case = regression()
    count = 0

    def step():
        nonlocal count
        (case.loss() / 4).backward()
        count += 1
        if count % 4 == 0:
            case.optimizer.step()
            case.optimizer.zero_grad()

    case.step = step
    return case


@healthy
def gradient_accumulation_within_a_step():
    case = regression(optimizer=torch.optim.SGD, rate=0.05)

    def step():
        case.optimizer.zero_grad()
        for _ in range(4):
            (case.loss() / 4).backward()
        case.optimizer.step()

    case.step = step
    return case


@healthy
def long_gradient_accumulation():
    case = regression(optimizer=torch.optim.SGD, rate=0.05)
    state = {"i": 0}

    def step():
        (case.loss() / 32).backward()
        state["i"] += 1
        if state["i"] % 32 == 0:
            case.optimizer.step()
            case.optimizer.zero_grad()

    case.step = step
    return case


@healthy
def gradient_left_over():
    case = regression()
    case.loss().backward()
    return case


@healthy
def gradient_left_over_without_step():
    theta = vector()
    theta.square().sum().backward()
    return Case(lambda: (theta - 1).square().sum(), theta)


@healthy
def noise_of_torch():
    case = regression()
    x, y = case.extra["x"], case.extra["y"]

    def loss():
        return F.mse_loss(case.model(x + 0.1 * torch.randn(64, 4)), y)

    return Case(loss, case.model, usual_step(loss, case.optimizer), case.model, case.optimizer)


@healthy
def noise_of_python():
    theta = vector()

    def loss():
        return (theta - 1 + random.gauss(0, 0.3)).square().sum()

    optimizer = torch.optim.SGD([theta], lr=0.05)
    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def noise_of_numpy():
    theta = vector()

    def loss():
        noise = torch.as_tensor(np.random.standard_normal(5), dtype=torch.float32)  # noqa: NPY002
        return (theta - 1 + 0.3 * noise).square().sum()

    optimizer = torch.optim.SGD([theta], lr=0.05)
    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def noise_of_a_held_numpy_generator():
    theta = vector()
    draw = np.random.default_rng(3)

    def loss():
        return (theta - 1 + 0.5 * torch.as_tensor(draw.standard_normal(5), dtype=torch.float32)).square().sum()

    optimizer = torch.optim.Adam([theta], lr=0.05)
    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def noise_of_a_held_torch_generator():
    case = regression(optimizer=torch.optim.SGD, rate=0.05)
    draw = torch.Generator().manual_seed(7)
    x, y = case.extra["x"], case.extra["y"]

    def loss():
        batch = torch.randint(64, (16,), generator=draw)
        return F.mse_loss(case.model(x[batch]), y[batch])

    return Case(loss, case.model, usual_step(loss, case.optimizer), case.model, case.optimizer)


@healthy
def noise_that_cannot_be_repeated():
    theta = vector()

    def loss():
        return (theta - 1 + 0.3 * torch.as_tensor(np.random.default_rng().standard_normal(5))).square().sum()

    optimizer = torch.optim.SGD([theta], lr=0.05)
    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def noise_from_system_random():
    theta = vector()
    draw = random.SystemRandom()

    def loss():
        return (theta - 1).square().sum() * (1 + 0.5 * draw.random())

    optimizer = torch.optim.SGD([theta], lr=0.05)
    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def lbfgs():
    theta = vector()
    optimizer = torch.optim.LBFGS([theta])

    def loss():
        return (theta - torch.arange(5.0)).square().sum() + theta.pow(4).sum()

    def closure():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    return Case(loss, theta, lambda: optimizer.step(closure), optimizer=optimizer)


@healthy
def lbfgs_network_with_line_search():
    case = regression(optimizer=torch.optim.LBFGS, rate=1.0, line_search_fn="strong_wolfe")

    def closure():
        case.optimizer.zero_grad()
        value = case.loss()
        value.backward()
        return value

    case.step = lambda: case.optimizer.step(closure)
    return case


@healthy
def mixed_precision_bfloat16():
    case = regression()
    x, y = case.extra["x"], case.extra["y"]

    def loss():
        with torch.autocast("cpu", dtype=torch.bfloat16):
            out = case.model(x)
        return F.mse_loss(out.float(), y)

    return Case(loss, case.model, usual_step(loss, case.optimizer), case.model, case.optimizer)


@healthy
def mixed_precision_with_scaler():
    case = regression(optimizer=torch.optim.SGD, rate=0.05)
    scaler = torch.amp.GradScaler("cpu")

    def step():
        case.optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.float16):
            value = case.loss()
        scaler.scale(value).backward()
        scaler.step(case.optimizer)
        scaler.update()

    case.step = step
    return case


@healthy
def scaler_that_skips_its_first_steps():
    case = regression(optimizer=torch.optim.SGD, rate=0.05)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**127)

    def step():
        case.optimizer.zero_grad()
        scaler.scale(case.loss()).backward()
        scaler.step(case.optimizer)
        scaler.update()

    case.step = step
    return case


@healthy
def bfloat16_network():
    torch.manual_seed(0)
    model = network().bfloat16()
    x, y = data()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def loss():
        return F.mse_loss(model(x.bfloat16()), y.bfloat16())

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def sparse_embedding():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Embedding(20, 4, sparse=True), nn.Flatten(), nn.Linear(12, 1))
    model[2].requires_grad_(False)
    i = torch.randint(12, (30, 3))
    optimizer = torch.optim.SparseAdam(model[0].parameters(), lr=0.05)

    def loss():
        return (model(i) - 1).square().mean()

    return Case(loss, model[0].weight, usual_step(loss, optimizer), model, optimizer)


@healthy
def sparse_embedding_with_sgd():
    torch.manual_seed(0)
    table = nn.Embedding(20, 4, sparse=True)
    i = torch.randint(12, (30,))
    optimizer = torch.optim.SGD(table.parameters(), lr=0.5)

    def loss():
        return (table(i) - 1).square().mean()

    return Case(loss, table, usual_step(loss, optimizer), table, optimizer)


@healthy
def embedding_with_rows_never_used():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Embedding(200, 4), nn.Flatten(), nn.Linear(12, 1))
    i = torch.randint(20, (30, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

    def loss():
        return (model(i) - i.float().mean(1, keepdim=True) / 10).square().mean()

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def complex_parameters():
    z = torch.randn(4, dtype=torch.complex64, generator=torch.Generator().manual_seed(1)).requires_grad_()
    target = torch.tensor([1 + 1j, -1j, 2, 0.5j])
    optimizer = torch.optim.SGD([z], lr=0.1)

    def loss():
        return (z - target).abs().square().sum()

    return Case(loss, z, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def complex_parameters_by_hand():
    z = torch.randn(4, dtype=torch.complex128, generator=torch.Generator().manual_seed(1)).requires_grad_()

    def loss():
        return ((z * z).real - 1).square().sum() + z.imag.square().sum()

    def step():
        z.grad = None
        loss().backward()
        with torch.no_grad():
            z.sub_(0.02 * z.grad)

    return Case(loss, z, step)


@healthy
def named_parameters():
    case = regression()
    case.parameters = case.model.named_parameters()
    return case


@healthy
def parameter_groups():
    case = regression()
    case.parameters = [{"params": case.model[0].parameters(), "lr": 0.1}, {"params": list(case.model[2].parameters())}]
    return case


@healthy
def optimizer_given():
    case = regression()
    case.parameters, case.step = case.optimizer, None
    return case


@healthy
def optimizer_given_lbfgs():
    theta = vector()
    optimizer = torch.optim.LBFGS([theta], line_search_fn="strong_wolfe")
    return Case(lambda: (theta - 1).square().sum() + theta.pow(4).sum(), optimizer, None, optimizer=optimizer)


@healthy
def no_reduction_but_mean_in_the_step():
    case = regression()
    x, y = case.extra["x"], case.extra["y"]

    def loss():
        return F.mse_loss(case.model(x), y, reduction="none")

    def step():
        case.optimizer.zero_grad()
        loss().mean().backward()
        case.optimizer.step()

    return Case(loss, case.model, step, case.model, case.optimizer)


@healthy
def rebinding_inside_the_step():
    theta = vector()

    def loss():
        return (theta - 1).square().sum()

    def step():
        nonlocal theta
        loss().backward()
        theta = (theta - 0.1 * theta.grad).detach().requires_grad_()

    return Case(loss, theta, step)


@healthy
def rebinding_in_a_list():
    parameters = [vector(3), vector(2, seed=1)]

    def loss():
        return (parameters[0] - 1).square().sum() + (parameters[1] + 1).square().sum()

    def step():
        slopes = torch.autograd.grad(loss(), parameters)
        for k, slope in enumerate(slopes):
            parameters[k] = (parameters[k] - 0.1 * slope).detach().requires_grad_()

    return Case(loss, list(parameters), step)


@healthy
def autograd_grad_in_the_step():
    theta = vector(4)

    def step():
        theta.data -= 0.1 * torch.autograd.grad(theta.square().sum(), theta)[0]

    return Case(lambda: theta.square().sum(), theta, step)


class Checkpointed(nn.Module):
    def __init__(self, reentrant):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second, self.reentrant = nn.Linear(4, 8), nn.Linear(8, 1), reentrant

    def forward(self, x):
        x = torch.tanh(self.first(x))
        return checkpoint(self.second, x, use_reentrant=self.reentrant)


@healthy
def checkpointed_non_reentrant():
    model = Checkpointed(False)
    x, y = data()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def loss():
        return F.mse_loss(model(x), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def checkpointed_reentrant():
    model = Checkpointed(True)
    x, y = data()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def loss():
        return F.mse_loss(model(x), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def physics_informed():
    model = network(features=1, hidden=16)
    x = torch.linspace(0, 1, 30)[:, None].requires_grad_()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def loss():
        u = model(x)
        (slope,) = torch.autograd.grad(u.sum(), x, create_graph=True)
        return (slope + u).square().mean() + (model(torch.zeros(1, 1)) - 1).square().mean()

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def warm_up_from_zero():
    case = regression(optimizer=torch.optim.SGD, rate=0.1)
    scheduler = torch.optim.lr_scheduler.LambdaLR(case.optimizer, lambda epoch: min(epoch / 100, 1))

    def step():
        case.optimizer.zero_grad()
        case.loss().backward()
        case.optimizer.step()
        scheduler.step()

    case.step = step
    return case


@healthy
def one_cycle_schedule():
    case = regression(optimizer=torch.optim.SGD, rate=0.1)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(case.optimizer, max_lr=0.1, total_steps=500)

    def step():
        case.optimizer.zero_grad()
        case.loss().backward()
        case.optimizer.step()
        scheduler.step()

    case.step = step
    return case


@healthy
def clipped_gradients():
    case = regression(optimizer=torch.optim.SGD, rate=0.05)

    def step():
        case.optimizer.zero_grad()
        case.loss().backward()
        nn.utils.clip_grad_norm_(case.model.parameters(), 1.0)
        case.optimizer.step()

    case.step = step
    return case


@healthy
def langevin_dynamics():
    theta = vector(20, spread=3.0)
    optimizer = torch.optim.SGD([theta], lr=0.05)

    def loss():
        return 0.5 * theta.square().sum()

    usual = usual_step(loss, optimizer)

    def step():
        usual()
        with torch.no_grad():
            theta.add_(torch.randn(20), alpha=0.3)

    return Case(loss, theta, step, optimizer=optimizer)


@healthy
def weights_kept_on_the_unit_sphere():
    theta = vector(6)
    target = torch.nn.functional.normalize(torch.arange(1.0, 7.0), dim=0)
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def loss():
        return (theta - target).square().sum()

    usual = usual_step(loss, optimizer)

    def step():
        usual()
        with torch.no_grad():
            theta.div_(theta.norm())

    return Case(loss, theta, step, optimizer=optimizer)


@healthy
def inner_steps_of_meta_learning():
    case = regression(optimizer=torch.optim.SGD, rate=0.05)

    def step():
        old = [parameter.detach().clone() for parameter in case.model.parameters()]
        for _ in range(2):
            case.optimizer.zero_grad()
            case.loss().backward()
            case.optimizer.step()
        with torch.no_grad():
            for parameter, before in zip(case.model.parameters(), old, strict=True):
                parameter.copy_(before + 0.5 * (parameter - before))

    case.step = step
    return case


@healthy
def projected_descent():
    theta = torch.full((4,), 0.5).requires_grad_()
    optimizer = torch.optim.SGD([theta], lr=0.05)

    def loss():
        return (theta - torch.tensor([0.2, 0.9, 2.0, -1.0])).square().sum()

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        with torch.no_grad():
            theta.clamp_(0, 1)

    return Case(loss, theta, step, optimizer=optimizer)


@healthy
def alternating_descent():
    a, b = vector(3), vector(3, seed=1)
    first, second = torch.optim.SGD([a], lr=0.1), torch.optim.SGD([b], lr=0.1)
    state = {"i": 0}

    def loss():
        return (a * b - 1).square().sum()

    def step():
        optimizer = (first, second)[state["i"] % 2]
        state["i"] += 1
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        a.grad = b.grad = None

    return Case(loss, [a, b], step)


@healthy
def half_of_the_units_off():
    model = network(activation=nn.ReLU, hidden=16)
    with torch.no_grad():
        model[0].bias[:8].fill_(-30.0)
    x, y = data()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def loss():
        return F.mse_loss(model(x), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def hinge_loss():
    w, b = vector(4), torch.zeros(1, requires_grad=True)
    x, y = data()
    sign = y[:, 0].sign()
    optimizer = torch.optim.SGD([w, b], lr=0.05)

    def loss():
        return torch.relu(1 - sign * (x @ w + b)).mean() + 1e-3 * w.square().sum()

    return Case(loss, [w, b], usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def pairwise_ranking():
    model = network()
    x, y = data()
    order = (y - y.T).sign()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def loss():
        s = model(x)[:, 0]
        return F.softplus(-order * (s[:, None] - s)).mean()

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def radial_basis_with_equal_sizes():
    centres, v = torch.linspace(-2, 2, 12).requires_grad_(), vector(12)
    t = torch.linspace(-2, 2, 12)
    optimizer = torch.optim.Adam([centres, v], lr=0.02)

    def loss():
        return (torch.exp(-(t[:, None] - centres).square()) @ v - t.sin()).square().mean()

    return Case(loss, [centres, v], usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def logging_inside_the_loss():
    case = regression()
    history = []

    def loss():
        value = F.mse_loss(case.model(case.extra["x"]), case.extra["y"])
        history.append(value.item())
        return value

    return Case(loss, case.model, usual_step(loss, case.optimizer), case.model, case.optimizer)


@healthy
def accuracy_logged_beside_the_loss():
    model = network(outputs=3)
    x, y = labels()
    log = []
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def loss():
        out = model(x)
        log.append((out.argmax(1) == y).float().mean().item())
        return F.cross_entropy(out, y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def batch_norm_and_spectral_norm():
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.utils.parametrizations.spectral_norm(nn.Linear(4, 16)), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 1)
    )
    x, y = data()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def loss():
        return F.mse_loss(model(x), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def attention_softmax_before_the_loss():
    torch.manual_seed(0)
    query, head = nn.Linear(4, 5), nn.Linear(5, 3)
    model = nn.ModuleList([query, head])
    x, y = labels()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    def loss():
        return F.cross_entropy(head(torch.softmax(query(x), 1)), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@healthy
def policy_gradient():
    policy = network(outputs=3)
    x, y = labels()
    optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)

    def loss():
        choice = torch.distributions.Categorical(logits=policy(x))
        action = choice.sample()
        reward = (action == y).float() - 0.5
        return -(choice.log_prob(action) * reward).mean()

    return Case(loss, policy, usual_step(loss, optimizer), policy, optimizer)


@healthy
def variational_autoencoder():
    torch.manual_seed(0)
    encoder, decoder = nn.Linear(4, 4), nn.Linear(2, 4)
    x, _ = data()
    parameters = [*encoder.parameters(), *decoder.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=1e-2)

    def loss():
        mean, logs = encoder(x).chunk(2, dim=1)
        z = torch.distributions.Normal(mean, (0.5 * logs).exp()).rsample()
        return F.mse_loss(decoder(z), x) - 0.1 * (1 + logs - mean.square() - logs.exp()).mean()

    return Case(loss, parameters, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def nearly_converged():
    case = regression(rate=1e-2)
    for _ in range(400):
        case.step()
    return case


@healthy
def confident_classifier():
    model = network(outputs=1)
    model.append(nn.Sigmoid())
    x, _y = data()
    target = (x[:, :1] > 0).float()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)

    def loss():
        return F.binary_cross_entropy(model(x), target)

    step = usual_step(loss, optimizer)
    for _ in range(300):
        step()
    return Case(loss, model, step, model, optimizer)


@healthy
def periodic_wrap_with_floor():
    theta = vector(spread=3.0)
    optimizer = torch.optim.SGD([theta], lr=0.01)

    def loss():
        turn = theta - torch.floor(theta)
        return (turn - 0.5).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def median_and_sort():
    theta = vector(9)
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def loss():
        return (theta.sort().values - torch.linspace(-1, 1, 9)).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def largest_of_many():
    theta = vector(6)
    optimizer = torch.optim.SGD([theta], lr=0.05)

    def loss():
        return (theta - 3).abs().max()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@healthy
def learned_step_with_history_and_counter():
    theta, velocity, history = vector(), torch.zeros(5), []

    def loss():
        return (theta - 2).square().sum()

    def step():
        nonlocal velocity
        (slope,) = torch.autograd.grad(loss(), theta)
        velocity = 0.9 * velocity - 0.02 * slope
        theta.data += velocity
        history.append(theta.detach().clone())

    return Case(loss, theta, step)


@healthy
def wide_range_of_scales():
    a, b = torch.tensor([1e4], requires_grad=True), torch.tensor([1e-4], requires_grad=True)
    optimizer = torch.optim.Adam([{"params": [a], "lr": 10.0}, {"params": [b], "lr": 1e-6}])

    def loss():
        return (a / 1e4 - 1.3).square().sum() + (1e4 * b - 0.2).square().sum()

    return Case(loss, [a, b], usual_step(loss, optimizer), optimizer=optimizer)
