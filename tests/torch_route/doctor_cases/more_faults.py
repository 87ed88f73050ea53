"""More faults, as they are asked about in forums: other instances of the same kinds."""

import math

import numpy as np
import torch
from torch import nn

from .case import Case, data, fault, labels, network, regression, usual_step, vector

F = nn.functional


@fault("other-tensors", "detached", "constant-loss")
def functional_with_cloned_params():
    case = regression()
    clones = [p.detach().clone().requires_grad_() for p in case.model.parameters()]
    opt = torch.optim.Adam(clones, lr=1e-2)
    return Case(case.loss, case.model, usual_step(case.loss, opt), case.model, opt)


@fault("parameter-rebound")
def clamp_rebinds():
    theta = vector()
    opt = torch.optim.SGD([theta], lr=0.1)

    def loss():
        return (theta - 1).square().sum()

    def step():
        nonlocal theta
        opt.zero_grad()
        loss().backward()
        opt.step()
        theta = torch.clamp(theta, -2, 2)

    return Case(loss, theta, step)


@fault("detached")
def parameter_wrapped_in_forward():
    class M(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.randn(4, 1))

        def forward(self, x):
            w = nn.Parameter(self.w.data)
            return x @ w

    torch.manual_seed(0)
    m = M()
    x, y = data()
    opt = torch.optim.SGD(m.parameters(), lr=0.1)

    def loss():
        return F.mse_loss(m(x), y)

    return Case(loss, m, usual_step(loss, opt), m, opt)


@fault("other-tensors", "constant-loss")
def parameter_recreated_in_the_loss():
    theta = vector()

    def loss():
        t = torch.zeros(5, requires_grad=True)
        return (t - 1).square().sum()

    opt = torch.optim.SGD([theta], lr=0.1)
    return Case(loss, theta, usual_step(loss, opt))


@fault("step-undone")
def normalised_radially():
    theta = torch.tensor([3.0, 4.0], requires_grad=True)
    opt = torch.optim.SGD([theta], lr=0.1)

    def loss():
        return (theta.norm() - 1) ** 2

    def step():
        opt.zero_grad()
        loss().backward()
        opt.step()
        with torch.no_grad():
            theta.mul_(5 / theta.norm())

    return Case(loss, theta, step)


@fault("rate-too-small")
def clipped_to_nothing():
    c = regression(optimizer=torch.optim.SGD, rate=0.1)

    def step():
        c.optimizer.zero_grad()
        c.loss().backward()
        nn.utils.clip_grad_norm_(c.model.parameters(), 1e-7)
        c.optimizer.step()

    c.step = step
    return c


@fault("rate-too-small")
def adam_big_eps():
    return regression(rate=1e-3, eps=1e5)


@fault("rate-too-small")
def rate_1e5_sgd_sum():
    theta = torch.zeros(4, requires_grad=True)
    opt = torch.optim.SGD([theta], lr=1e-5)

    def loss():
        return (theta - 10).square().mean()

    return Case(loss, theta, usual_step(loss, opt))


@fault("rate-too-small", "below-precision")
def loss_times_1e10():
    c = regression(optimizer=torch.optim.SGD, rate=0.1)
    old = c.loss

    def loss():
        return old() * 1e-10

    return Case(loss, c.model, usual_step(loss, c.optimizer), c.model, c.optimizer)


@fault("rate-too-large")
def slowly_diverging():
    theta = vector()
    opt = torch.optim.SGD([theta], lr=1.02)

    def loss():
        return (theta - 1).square().sum()

    return Case(loss, theta, usual_step(loss, opt))


@fault("rate-too-large", "dead-units")
def relu_killed_by_rate():
    return regression(optimizer=torch.optim.SGD, rate=5.0, activation=nn.ReLU)


@fault("rate-too-large")
def adam_rate_ten_plain():
    theta = torch.full((4,), 0.1).requires_grad_()
    opt = torch.optim.Adam([theta], lr=100.0)

    def loss():
        return (theta - 0.2).square().sum()

    return Case(loss, theta, usual_step(loss, opt))


@fault("rate-too-large")
def rosenbrock_sgd_big():
    theta = torch.tensor([-1.2, 1.0], requires_grad=True)
    opt = torch.optim.SGD([theta], lr=0.01)

    def loss():
        return 100 * (theta[1] - theta[0] ** 2) ** 2 + (1 - theta[0]) ** 2

    return Case(loss, theta, usual_step(loss, opt))


@fault("weight-decay-dominates")
def wd_one_adam_net():
    return regression(rate=1e-3, weight_decay=3.0)


@fault("below-precision")
def half_parameters():
    theta = torch.full((5,), 100.0).half().requires_grad_()
    opt = torch.optim.SGD([theta], lr=1e-3)

    def loss():
        return (theta.float() - 105).square().mean()

    return Case(loss, theta, usual_step(loss, opt))


@fault("constant-initialisation")
def lstm_constant():
    torch.manual_seed(0)
    cell = nn.LSTM(3, 6, batch_first=True)
    h = nn.Linear(6, 1)
    m = nn.ModuleList([cell, h])
    for p in m.parameters():
        nn.init.constant_(p, 0.1)
    x = torch.randn(8, 5, 3)
    y = x.sum((1, 2))[:, None]

    def loss():
        return F.mse_loss(h(cell(x)[0][:, -1]), y)

    return Case(loss, m, None, m)


@fault("constant-initialisation")
def conv_constant():
    torch.manual_seed(0)
    m = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 2))
    for p in m.parameters():
        nn.init.constant_(p, 0.05)
    x = torch.randn(8, 1, 8, 8)
    y = torch.arange(8) % 2

    def loss():
        return F.cross_entropy(m(x), y)

    return Case(loss, m, None, m)


@fault("constant-initialisation")
def hidden_zero_relu():
    m = network(activation=nn.ReLU)
    nn.init.zeros_(m[0].weight)
    nn.init.zeros_(m[0].bias)
    x, y = data()

    def loss():
        return F.mse_loss(m(x), y)

    return Case(loss, m, None, m)


@fault("constant-initialisation", "stationary-saddle")
def zeros_sgd_mse_plain_bias():
    w1 = torch.zeros(4, 8, requires_grad=True)
    b1 = torch.zeros(8, requires_grad=True)
    w2 = torch.zeros(8, 1, requires_grad=True)
    b2 = torch.zeros(1, requires_grad=True)
    x, y = data()
    y = y - y.mean()

    def loss():
        return (torch.relu(x @ w1 + b1) @ w2 + b2 - y).square().mean()

    return Case(loss, [w1, b1, w2, b2])


@fault("not-registered")
def params_in_list():
    class M(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.ws = [nn.Parameter(torch.randn(4, 4)) for _ in range(2)]
            self.out = nn.Linear(4, 1)

        def forward(self, x):
            for w in self.ws:
                x = torch.tanh(x @ w)
            return self.out(x)

    m = M()
    x, y = data()

    def loss():
        return F.mse_loss(m(x), y)

    opt = torch.optim.Adam(m.parameters(), lr=0.01)
    return Case(loss, m, usual_step(loss, opt), m, opt)


@fault("not-given")
def decoder_forgotten():
    e, d = network(outputs=4), network(seed=1)
    x, y = data()

    def loss():
        return F.mse_loss(d(e(x)), y)

    opt = torch.optim.Adam(e.parameters(), lr=0.01)
    return Case(loss, e.parameters(), usual_step(loss, opt), None, opt)


@fault("unused-parameters")
def dropout_of_everything():
    torch.manual_seed(0)
    m = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Dropout(1.0), nn.Linear(8, 1))
    x, y = data()

    def loss():
        return F.mse_loss(m(x), y)

    return Case(loss, m, None, m)


@fault("not-differentiable")
def where_constants():
    theta = vector()
    return Case(lambda: (torch.where(theta > 0, 1.0, 0.0) - 1).square().sum(), theta)


@fault("detached")
def heaviside():
    theta = vector()
    return Case(lambda: (torch.heaviside(theta.detach(), torch.tensor(0.0)) - 1).square().sum(), theta)


@fault("not-differentiable")
def one_hot_argmax():
    m = network(outputs=3)
    x, y = labels()

    def loss():
        return (F.one_hot(m(x).argmax(1), 3).float() - F.one_hot(y, 3)).square().mean()

    return Case(loss, m, None, m)


@fault("not-differentiable")
def topk_indices():
    theta = vector(6)

    def loss():
        return (theta.topk(2).indices.float() - 3).square().sum()

    return Case(loss, theta)


@fault("not-differentiable")
def int8_waveform():
    theta = vector(5, spread=3.0)
    t = torch.linspace(0, 6.28, 60)

    def loss():
        return ((127 * torch.sin(t[:, None] + theta).sum(1) / 5).to(torch.int8).float() / 127).square().mean()

    return Case(loss, theta)


@fault("not-differentiable")
def rounded_decimals():
    theta = vector()
    return Case(lambda: (torch.round(theta, decimals=1) - 0.5).square().sum(), theta)


@fault("not-differentiable")
def slicing_by_int():
    theta = torch.tensor([3.4], requires_grad=True)
    x = torch.linspace(0, 1, 20)
    return Case(lambda: (x[: int(theta)].sum() - 2) ** 2, theta)


@fault("not-differentiable")
def counting_zero_crossings():
    theta = vector(4, spread=3.0)
    t = torch.linspace(0, 6.28, 80)

    def loss():
        return (
            (torch.sin(t[:, None] * torch.arange(1.0, 5) + theta).sum(1) > 0).float().diff().abs().sum() - 3
        ).square()

    return Case(loss, theta)


@fault("not-differentiable", "detached")
def np_round_detour():
    theta = vector(spread=3.0)
    return Case(lambda: torch.as_tensor(np.round(theta.detach().numpy())).square().sum(), theta)


@fault("detached")
def math_sin_of_float():
    theta = torch.tensor(0.4, requires_grad=True)
    return Case(lambda: torch.tensor((math.sin(float(theta)) - 0.9) ** 2, requires_grad=True), theta)


@fault("detached")
def full_of_parameter():
    theta = torch.tensor(0.4, requires_grad=True)
    return Case(lambda: (torch.full((3,), theta.item()) - 1).square().sum(), theta)


@fault("detached")
def linspace_from_parameter():
    theta = torch.tensor(2.0, requires_grad=True)
    return Case(lambda: (torch.linspace(0, float(theta), 10).sin().sum() - 3) ** 2, theta)


@fault("detached")
def tolist_stack():
    theta = vector()
    return Case(lambda: torch.stack([torch.tensor(v) for v in theta.tolist()]).square().sum(), theta)


@fault("detached")
def legacy_constructor():
    a, b = torch.tensor(1.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    return Case(lambda: (torch.Tensor([a, b]) - 3).square().sum(), [a, b])


@fault("detached")
def step_under_no_grad():
    c = regression()

    def step():
        with torch.no_grad():
            c.optimizer.zero_grad()
            c.loss().backward()
            c.optimizer.step()

    c.step = step
    return c


@fault("detached")
def inference_mode():
    m = network()
    x, y = data()

    def loss():
        with torch.inference_mode():
            o = m(x)
        return F.mse_loss(o, y)

    return Case(loss, m, None, m)


@fault("broadcast")
def sequence_broadcast():
    torch.manual_seed(0)
    m = nn.Linear(4, 1)
    x = torch.randn(9, 9, 4)
    y = torch.randn(9, 9)

    def loss():
        return F.mse_loss(m(x), y)

    return Case(loss, m, None, m)


@fault("softmax-twice")
def softmax_of_softmax():
    m = network(outputs=3)
    x, y = labels()
    t = F.one_hot(y, 3).float()

    def loss():
        return -(t * torch.log(torch.softmax(torch.softmax(m(x), 1), 1))).sum(1).mean()

    return Case(loss, m, None, m)


@fault("softmax-twice")
def module_losses():
    m = nn.Sequential(network(outputs=3), nn.Softmax(-1))
    x, y = labels()
    c = nn.CrossEntropyLoss(label_smoothing=0.1)
    opt = torch.optim.SGD(m.parameters(), lr=0.1)

    def loss():
        return c(m(x), y)

    return Case(loss, m, usual_step(loss, opt), m, opt)


@fault("stationary-plateau", "stationary-saddle", "bad-basin")
def pulse_far_away():
    t = torch.linspace(0, 100, 400)
    m = torch.tensor([80.0], requires_grad=True)

    def loss():
        return (torch.exp(-((t - m) ** 2)) - torch.exp(-((t - 20) ** 2))).square().sum()

    return Case(loss, m)


@fault("bad-basin")
def rastrigin():
    p = torch.tensor([3.1, -2.9], requires_grad=True)

    def loss():
        return 20 + (p**2 - 10 * torch.cos(2 * math.pi * p)).sum()

    opt = torch.optim.SGD([p], lr=0.001)
    return Case(loss, p, usual_step(loss, opt))


@fault("bad-basin")
def two_tones_far():
    t = torch.linspace(0, 10, 300)
    p = torch.tensor([9.0, 1.0], requires_grad=True)

    def loss():
        return (p[1] * torch.sin(p[0] * t) - 1.5 * torch.sin(3 * t)).square().mean()

    return Case(loss, p)


@fault("stationary-saddle")
def maximum():
    th = torch.zeros(1, requires_grad=True)

    def loss():
        return th.cos().sum()

    return Case(loss, th)


@fault("shared-gradient", "stationary-saddle", "constant-initialisation")
def equal_freqs():
    t = torch.linspace(0, 6.0, 200)
    f = torch.full((2,), 1.5).requires_grad_()
    y = torch.sin(1.2 * t) + torch.sin(1.9 * t)

    def loss():
        return (torch.sin(t[:, None] * f).sum(1) - y).square().mean()

    return Case(loss, f)


@fault("loss-not-scalar")
def per_sample_ce():
    m = network(outputs=3)
    x, y = labels()
    return Case(lambda: F.cross_entropy(m(x), y, reduction="none"), m, None, m)


@fault("gradients-accumulate")
def zero_grad_without_brackets():
    c = regression(optimizer=torch.optim.SGD, rate=0.05)

    def step():
        c.optimizer.zero_grad  # noqa: B018
        c.loss().backward()
        c.optimizer.step()

    c.step = step
    return c


@fault("gradients-accumulate")
def zeroes_other_optimizer():
    c = regression()
    other = torch.optim.Adam([torch.zeros(1, requires_grad=True)])

    def step():
        other.zero_grad()
        c.loss().backward()
        c.optimizer.step()

    c.step = step
    return c


@fault("uphill")
def grad_times_minus():
    c = regression(optimizer=torch.optim.SGD, rate=0.05)

    def step():
        c.optimizer.zero_grad()
        c.loss().backward()
        for p in c.model.parameters():
            p.grad.neg_()
        c.optimizer.step()

    c.step = step
    return c


@fault("saturated-units")
def sigmoid_big_inputs():
    torch.manual_seed(0)
    m = nn.Sequential(nn.Linear(2, 8), nn.Sigmoid(), nn.Linear(8, 1))
    x = torch.rand(50, 2) * 2000 + 500
    y = (x[:, :1] / 1000).sin()

    def loss():
        return F.mse_loss(m(x), y)

    opt = torch.optim.SGD(m.parameters(), lr=0.01)
    return Case(loss, m, usual_step(loss, opt), m, opt)


@fault("saturated-units")
def plain_tanh_net_saturated():
    torch.manual_seed(0)
    w = (100 * torch.randn(4, 8)).requires_grad_()
    v = torch.randn(8, 1).requires_grad_()
    x, y = data()
    x = x * 10

    def loss():
        return (torch.tanh(x @ w) @ v - y).square().mean()

    return Case(loss, [w, v])


@fault("dead-units")
def dead_by_negative_weights():
    m = network(activation=nn.ReLU)
    x, y = data()
    x = x.abs()
    with torch.no_grad():
        m[0].weight.copy_(-m[0].weight.abs())
        m[0].bias.fill_(-0.1)

    def loss():
        return F.mse_loss(m(x), y)

    return Case(loss, m, None, m)


@fault("dead-units")
def dead_relu6():
    torch.manual_seed(0)
    m = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))

    with torch.no_grad():
        m[2].bias.fill_(-100)
    x, y = data()

    def loss():
        return F.mse_loss(m(x), y)

    opt = torch.optim.Adam(m.parameters(), lr=1e-3)
    return Case(loss, m, usual_step(loss, opt), m, opt)
