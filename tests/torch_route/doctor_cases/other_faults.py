"""Still more faults, written after the doctor was, to see what it does with instances that it has not met."""

import numpy as np
import torch
from torch import nn

from .case import Case, data, fault, labels, network, regression, usual_step, vector

F = nn.functional


def zero_all(module):
    for p in module.parameters():
        nn.init.zeros_(p)


def fill_all(module, value):
    for p in module.parameters():
        nn.init.constant_(p, value)


@fault("other-tensors", "parameter-rebound")
def moved_device_like_copy():
    th = vector()
    p = th.to(torch.float64).detach().requires_grad_()
    o = torch.optim.Adam([p], lr=0.1)

    def loss():
        return (th - 1).square().sum()

    return Case(loss, th, usual_step(loss, o))


@fault("step-undone", "no-step", "other-tensors")
def steps_on_data_copy():
    th = vector()

    def loss():
        return (th - 1).square().sum()

    def step():
        th.grad = None
        loss().backward()
        d = th.data.clone()
        d.sub_(0.1 * th.grad)

    return Case(loss, th, step)


@fault("zeroed-before-step")
def zero_in_closure_after_backward():
    c = regression()

    def step():
        value = c.loss()
        value.backward()
        nn.utils.clip_grad_norm_(c.model.parameters(), 0.0)
        c.optimizer.step()

    c.step = step
    return c


@fault("zeroed-before-step")
def grads_set_none():
    c = regression()

    def step():
        c.loss().backward()
        for p in c.model.parameters():
            p.grad = None
        c.optimizer.step()

    c.step = step
    return c


@fault("step-undone")
def reinit_each_step():
    c = regression()
    init = {k: v.clone() for k, v in c.model.state_dict().items()}

    def step():
        c.model.load_state_dict(init)
        c.optimizer.zero_grad()
        c.loss().backward()
        c.optimizer.step()
        c.model.load_state_dict(init)

    c.step = step
    return c


@fault("rate-zero")
def lr_tensor_zero():
    th = vector()
    o = torch.optim.SGD([th], lr=torch.tensor(0.0))

    def loss():
        return (th - 1).square().sum()

    return Case(loss, th, usual_step(loss, o))


@fault("rate-zero", "rate-too-small")
def scheduler_decays_to_zero():
    c = regression(optimizer=torch.optim.SGD, rate=0.1)
    s = torch.optim.lr_scheduler.ExponentialLR(c.optimizer, 1e-4)
    for _ in range(6):
        c.optimizer.step()
        s.step()
    return c


@fault("no-step")
def manual_no_update_network():
    m = network()
    x, y = data()

    def loss():
        return F.mse_loss(m(x), y)

    def step():
        m.zero_grad()
        loss().backward()
        for p in m.parameters():
            _ = p.data - 0.1 * p.grad

    return Case(loss, m, step, m)


@fault("no-step")
def grad_only_autograd():
    th = vector()

    def loss():
        return (th - 1).square().sum()

    def step():
        torch.autograd.grad(loss(), th)

    return Case(loss, th, step)


@fault("uphill")
def uphill_adam_plain():
    th = vector()
    o = torch.optim.Adam([th], lr=0.05, maximize=True)

    def loss():
        return (th - 1).square().sum()

    return Case(loss, th, usual_step(loss, o))


@fault("uphill")
def uphill_complex():
    z = torch.randn(3, dtype=torch.complex64).requires_grad_()

    def loss():
        return (z - 1).abs().square().sum()

    def step():
        z.grad = None
        loss().backward()
        z.data += 0.05 * z.grad

    return Case(loss, z, step)


@fault("rate-too-large")
def complex_diverges():
    z = torch.randn(3, dtype=torch.complex64).requires_grad_()
    o = torch.optim.SGD([z], lr=2.0)

    def loss():
        return (z - 1).abs().square().sum()

    return Case(loss, z, usual_step(loss, o))


@fault("rate-too-large")
def rmsprop_big():
    return regression(optimizer=torch.optim.RMSprop, rate=10.0)


@fault("rate-too-large")
def phases_big():
    th = vector(8, spread=3.0)
    o = torch.optim.SGD([th], lr=3.0)

    def loss():
        return th.cos().sum() ** 2 + th.sin().sum() ** 2

    return Case(loss, th, usual_step(loss, o))


@fault("rate-too-small")
def phases_tiny():
    th = vector(8, spread=3.0)
    o = torch.optim.Adam([th], lr=1e-6)

    def loss():
        return th.cos().sum() ** 2 + th.sin().sum() ** 2

    return Case(loss, th, usual_step(loss, o))


@fault("rate-too-small")
def rate_1e6_net_adam():
    return regression(rate=1e-6)


@fault("rate-too-small")
def rate_1e6_net_sgd_momentum():
    return regression(optimizer=torch.optim.SGD, rate=1e-6, momentum=0.9)


@fault("rate-too-small")
def classifier_rate():
    m = network(outputs=3)
    x, y = labels()
    o = torch.optim.SGD(m.parameters(), lr=1e-6)

    def loss():
        return F.cross_entropy(m(x), y)

    return Case(loss, m, usual_step(loss, o), m, o)


@fault("below-precision")
def bf16_net_adam():
    torch.manual_seed(0)
    m = network().bfloat16()
    with torch.no_grad():
        for p in m.parameters():
            p.add_(1.0)
    x, y = data()
    o = torch.optim.Adam(m.parameters(), lr=1e-4)

    def loss():
        return F.mse_loss(m(x.bfloat16()), y.bfloat16())

    return Case(loss, m, usual_step(loss, o), m, o)


@fault("below-precision")
def half_sgd():
    th = torch.full((4,), 2000.0).half().requires_grad_()

    def loss():
        return ((th.float() / 1000 - 3) ** 2).sum()

    def step():
        th.grad = None
        loss().backward()
        th.data -= 0.1 * th.grad

    return Case(loss, th, step)


@fault("underflow")
def autocast_half_underflow():
    th = (torch.ones(6) * 1e-4).half().requires_grad_()
    x = torch.full((6,), 1e-3).half()

    def loss():
        return (th * x).float().square().sum()

    return Case(loss, th)


@fault("weight-decay-dominates")
def wd_classifier():
    m = network(outputs=3)
    x, y = labels()
    o = torch.optim.SGD(m.parameters(), lr=0.01, weight_decay=5.0)

    def loss():
        return F.cross_entropy(m(x), y)

    return Case(loss, m, usual_step(loss, o), m, o)


@fault("momentum-dominates")
def momentum_999_net():
    return regression(optimizer=torch.optim.SGD, rate=0.1, momentum=0.999)


@fault("momentum-dominates")
def adam_beta():
    th = vector()
    o = torch.optim.Adam([th], lr=0.1, betas=(0.9999, 0.999))

    def loss():
        return (th - 3).square().sum()

    return Case(loss, th, usual_step(loss, o))


@fault("saturated-units", "stationary-plateau")
def sigmoid_mix():
    th = torch.full((3,), -25.0).requires_grad_()
    o = torch.optim.Adam([th], lr=0.001)

    def loss():
        return -(torch.sigmoid(th)).sum()

    return Case(loss, th, usual_step(loss, o))


@fault("saturated-units", "dead-units", "stationary-plateau")
def hardtanh_out():
    m = network()
    m.append(nn.Hardtanh())
    with torch.no_grad():
        m[2].bias.fill_(20)
    x, y = data()

    def loss():
        return F.mse_loss(m(x), y)

    return Case(loss, m, None, m)


@fault("dead-units")
def dead_plain_batch():
    w = torch.full((4, 6), -1.0).requires_grad_()
    v = vector(6)
    x, y = data()
    x = x.abs()

    def loss():
        return ((x @ w).relu() @ v - y[:, 0]).square().mean()

    return Case(loss, [w, v])


@fault("vanishing-gradient")
def deep_sigmoid_10():
    torch.manual_seed(0)
    ls = [nn.Linear(4, 8)]
    for _ in range(10):
        ls += [nn.Sigmoid(), nn.Linear(8, 8)]
    m = nn.Sequential(*ls, nn.Linear(8, 1))
    x, y = data()

    def loss():
        return F.mse_loss(m(x), y)

    o = torch.optim.Adam(m.parameters(), lr=1e-3)
    return Case(loss, m, usual_step(loss, o), m, o)


@fault("constant-initialisation", "stationary-saddle")
def zero_net_optimizer_given():
    m = network()
    zero_all(m)
    x, y = data()
    o = torch.optim.SGD(m.parameters(), lr=0.1)

    def loss():
        return F.mse_loss(m(x), y)

    return Case(loss, o, None, m, o)


@fault("constant-initialisation")
def embedding_constant():
    torch.manual_seed(0)
    m = nn.Sequential(nn.Embedding(10, 6), nn.Flatten(), nn.Linear(18, 8), nn.ReLU(), nn.Linear(8, 2))
    fill_all(m, 0.1)
    i = torch.randint(10, (20, 3))
    y = torch.arange(20) % 2

    def loss():
        return F.cross_entropy(m(i), y)

    return Case(loss, m, None, m)


@fault("not-registered")
def tuple_layers():
    class M(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.b = (nn.Linear(4, 4), nn.Linear(4, 4))
            self.o = nn.Linear(4, 1)

        def forward(self, x):
            for layer in self.b:
                x = layer(x).tanh()
            return self.o(x)

    m = M()
    x, y = data()
    o = torch.optim.Adam(m.parameters())

    def loss():
        return F.mse_loss(m(x), y)

    return Case(loss, o, None, m, o)


@fault("not-differentiable")
def argmin_dist():
    th = vector(3)
    pts = torch.randn(10)

    def loss():
        return (pts[(pts[:, None] - th).abs().argmin(0)]).square().sum()

    return Case(loss, th)


@fault("not-differentiable")
def count_peaks():
    th = vector(4)
    torch.linspace(0, 6, 100)

    def loss():
        return ((th.cumsum(0) > 0).sum() - 2).float().square()

    return Case(loss, th)


@fault("not-differentiable")
def trunc_net():
    m = network()
    x, y = data()

    def loss():
        return (m(x).trunc() - y.trunc()).abs().mean()

    return Case(loss, m, None, m)


@fault("not-differentiable")
def unique_count():
    th = vector(9, spread=3.0)

    def loss():
        return th.int().unique().numel() * torch.ones(())

    return Case(loss, th)


@fault("not-differentiable")
def dac_levels():
    th = vector(6, spread=3.0)
    t = torch.linspace(0, 6.28, 50)

    def loss():
        return (torch.floor(8 * torch.cos(t[:, None] * torch.arange(1, 7.0) + th).sum(1)) / 8).abs().max()

    o = torch.optim.Adam([th], lr=0.1)
    return Case(loss, th, usual_step(loss, o))


@fault("detached", "not-differentiable")
def numpy_fft():
    th = vector(8)

    def loss():
        return torch.tensor(np.abs(np.fft.fft(th.detach().numpy())).max(), requires_grad=True)

    o = torch.optim.SGD([th], lr=0.1)
    return Case(loss, th, usual_step(loss, o))


@fault("detached")
def from_numpy_model():
    m = network()
    x, y = data()

    def loss():
        return F.mse_loss(torch.from_numpy(m(x).detach().numpy()).requires_grad_(), y)

    o = torch.optim.Adam(m.parameters())
    return Case(loss, m, usual_step(loss, o), m, o)


@fault("detached")
def variable_data():
    th = vector()

    def loss():
        return (torch.autograd.Variable(th.data, requires_grad=True) - 1).square().sum()

    return Case(loss, th)


@fault("broadcast")
def two_d_param_target():
    p = torch.randn(20, 1, requires_grad=True)
    y = torch.linspace(0, 1, 20)
    o = torch.optim.SGD([p], lr=0.1)

    def loss():
        return ((p - y) ** 2).mean()

    return Case(loss, p, usual_step(loss, o))


@fault("broadcast")
def huber():
    m = network()
    x, y = data()
    o = torch.optim.Adam(m.parameters(), lr=0.01)

    def loss():
        return F.huber_loss(m(x), y.view(-1))

    return Case(loss, m, usual_step(loss, o), m, o)


@fault("softmax-twice")
def sigmoid_ce():
    m = network(outputs=3)
    m.append(nn.Sigmoid())
    x, y = labels()

    def loss():
        return F.cross_entropy(m(x), y)

    return Case(loss, m, None, m)


@fault("constant-loss")
def loss_of_inputs():
    m = network()
    x, y = data()

    def loss():
        return F.mse_loss(x[:, :1], y)

    o = torch.optim.Adam(m.parameters())
    return Case(loss, m, None, m, o)


@fault("constant-loss", "detached", "stale-graph")
def prediction_made_before():
    m = network()
    x, y = data()
    p = m(x).detach()

    def loss():
        return F.mse_loss(p, y)

    return Case(loss, m, None, m)


@fault("loss-not-real", "loss-not-scalar")
def complex_fft_loss():
    th = vector(8)

    def loss():
        return torch.fft.fft(th).sum()

    return Case(loss, th)


@fault("stationary-saddle", "shared-gradient")
def mixture_equal_means():
    mu = torch.zeros(2, requires_grad=True)
    x = torch.cat([torch.linspace(-3.5, -2.5, 20), torch.linspace(2.5, 3.5, 20)])

    def loss():
        return -torch.logsumexp(-0.5 * (x[:, None] - mu) ** 2, 1).mean()

    return Case(loss, mu)


@fault("stationary-saddle", "constant-initialisation", "shared-gradient")
def matrix_factor_ones():
    u, v = torch.ones(5, 3, requires_grad=True), torch.ones(3, 6, requires_grad=True)
    torch.manual_seed(0)
    t = torch.randn(5, 6)

    def loss():
        return (u @ v - t).square().mean()

    o = torch.optim.SGD([u, v], lr=0.05)
    return Case(loss, [u, v], usual_step(loss, o))


@fault("stationary-plateau", "saturated-units", "bad-basin")
def logistic_far():
    a = torch.tensor(60.0, requires_grad=True)
    x = torch.linspace(-1, 1, 50)
    y = torch.sigmoid(3 * x)

    def loss():
        return (torch.sigmoid(x + a) - y).square().mean()

    return Case(loss, a)


@fault("bad-basin")
def phase_freq_amp():
    t = torch.linspace(0, 10, 400)
    p = torch.tensor([1.0, 7.0, 0.0], requires_grad=True)
    y = 2 * torch.sin(3 * t + 0.5)
    o = torch.optim.Adam([p], lr=0.01)

    def loss():
        return (p[0] * torch.sin(p[1] * t + p[2]) - y).square().mean()

    return Case(loss, p, usual_step(loss, o))


@fault("bad-basin")
def chirp_rate():
    t = torch.linspace(0, 5, 500)
    k = torch.tensor(4.0, requires_grad=True)
    y = torch.sin(1.5 * t**2)
    o = torch.optim.SGD([k], lr=1e-3)

    def loss():
        return (torch.sin(k * t**2) - y).square().mean()

    return Case(loss, k, usual_step(loss, o))


@fault("bad-basin")
def double_well():
    x = torch.tensor([1.2], requires_grad=True)
    o = torch.optim.SGD([x], lr=0.01)

    def loss():
        return ((x**2 - 1) ** 2 + 0.4 * (x + 1)).sum()

    return Case(loss, x, usual_step(loss, o))
