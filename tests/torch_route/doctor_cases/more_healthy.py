"""More healthy optimisations, unusual in how they are written."""

import copy
import itertools

import torch
from torch import nn

from .case import Case, data, healthy, labels, network, regression, usual_step, vector

F = nn.functional


@healthy
def loader_iterator():
    c = regression()
    x, y = c.extra["x"], c.extra["y"]
    it = iter([(x[i : i + 8], y[i : i + 8]) for i in range(0, 64, 8)])

    def step():
        a, b = next(it)
        c.optimizer.zero_grad()
        F.mse_loss(c.model(a), b).backward()
        c.optimizer.step()

    c.step = step
    return c


@healthy
def dataloader_cycle():
    c = regression()
    x, y = c.extra["x"], c.extra["y"]
    ds = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), 8, shuffle=True)
    it = itertools.cycle(ds)

    def loss():
        a, b = next(it)
        return F.mse_loss(c.model(a), b)

    return Case(loss, c.model, usual_step(loss, c.optimizer), c.model, c.optimizer)


@healthy
def generator_of_batches():
    c = regression(optimizer=torch.optim.SGD, rate=0.05)
    x, y = c.extra["x"], c.extra["y"]

    def gen():
        while True:
            i = torch.randint(64, (16,))
            yield x[i], y[i]

    g = gen()

    def loss():
        a, b = next(g)
        return F.mse_loss(c.model(a), b)

    return Case(loss, c.model, usual_step(loss, c.optimizer), c.model, c.optimizer)


class Trainer:
    def __init__(self):
        self.c = regression()
        self.model = self.c.model
        self.opt = self.c.optimizer
        self.n = 0

    def loss(self):
        return F.mse_loss(self.model(self.c.extra["x"]), self.c.extra["y"])

    def step(self):
        self.n += 1
        self.opt.zero_grad()
        self.loss().backward()
        self.opt.step()


@healthy
def trainer_methods():
    t = Trainer()
    return Case(t.loss, t.model, t.step, t.model, t.opt)


@healthy
def sam_two_steps():
    c = regression(optimizer=torch.optim.SGD, rate=0.05)

    def step():
        ps = list(c.model.parameters())
        c.optimizer.zero_grad()
        c.loss().backward()
        e = [0.01 * p.grad / p.grad.norm() for p in ps]
        with torch.no_grad():
            for p, d in zip(ps, e, strict=False):
                p.add_(d)
        c.optimizer.zero_grad()
        c.loss().backward()
        with torch.no_grad():
            for p, d in zip(ps, e, strict=False):
                p.sub_(d)
        c.optimizer.step()

    c.step = step
    return c


@healthy
def optimizer_in_backward():
    m = network()
    x, y = data()
    opts = {p: torch.optim.SGD([p], lr=0.05) for p in m.parameters()}

    def hook(p):
        opts[p].step()
        opts[p].zero_grad()

    for p in m.parameters():
        p.register_post_accumulate_grad_hook(hook)

    def loss():
        return F.mse_loss(m(x), y)

    return Case(loss, m, lambda: loss().backward(), m)


@healthy
def weight_norm():
    torch.manual_seed(0)
    m = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(4, 8)), nn.Tanh(), nn.Linear(8, 1))
    x, y = data()

    def loss():
        return F.mse_loss(m(x), y)

    o = torch.optim.Adam(m.parameters(), lr=0.01)
    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def linear_interpolation_index():
    k = torch.tensor([2.3], requires_grad=True)
    table = torch.linspace(0, 1, 20).square()
    o = torch.optim.SGD([k], lr=0.5)

    def loss():
        i = k.floor().long()
        f = k - i
        return ((1 - f) * table[i] + f * table[i + 1] - 0.2).square().sum()

    return Case(loss, k, usual_step(loss, o))


@healthy
def soft_histogram():
    th = vector(50)
    c = torch.linspace(-2, 2, 9)
    tgt = torch.full((9,), 5.0)
    o = torch.optim.Adam([th], lr=0.01)

    def loss():
        return (torch.exp(-0.5 * ((th[:, None] - c) / 0.3) ** 2).sum(0) - tgt).square().mean()

    return Case(loss, th, usual_step(loss, o))


@healthy
def backward_ones():
    th = vector()
    o = torch.optim.SGD([th], lr=0.1)

    def loss():
        return (th - 1).square()

    def step():
        o.zero_grad()
        value = loss()
        value.backward(torch.ones_like(value))
        o.step()

    return Case(loss, th, step)


@healthy
def fake_quantised():
    th = vector(spread=2.0)
    o = torch.optim.SGD([th], lr=0.05)

    def loss():
        return (torch.fake_quantize_per_tensor_affine(th, 0.1, 0, -128, 127) - 0.5).square().sum()

    return Case(loss, th, usual_step(loss, o))


@healthy
def gradient_reversal():
    class GradReverse(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.view_as(x)

        @staticmethod
        def backward(ctx, g):
            return -0.1 * g

    m = network(outputs=8)
    a, b = nn.Linear(8, 1), nn.Linear(8, 2)
    x, y = data()
    d = torch.arange(64) % 2
    ps = [*m.parameters(), *a.parameters(), *b.parameters()]
    o = torch.optim.Adam(ps, lr=0.01)

    def loss():
        return F.mse_loss(a(m(x)), y) + 0.1 * F.cross_entropy(b(GradReverse.apply(m(x))), d)

    return Case(loss, ps, usual_step(loss, o))


@healthy
def momentum_99():
    return regression(optimizer=torch.optim.SGD, rate=0.001, momentum=0.99)


@healthy
def tiny_data_single_sample():
    m = network(activation=nn.ReLU)
    x, y = data()

    def loss():
        return F.mse_loss(m(x[:1]), y[:1])

    o = torch.optim.Adam(m.parameters(), lr=0.01)
    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def eval_backbone_not_frozen():
    b, h = network(outputs=8).eval(), nn.Linear(8, 1)
    x, y = data()

    def loss():
        return F.mse_loss(h(b(x)), y)

    o = torch.optim.Adam(h.parameters(), lr=0.01)
    return Case(loss, h, usual_step(loss, o), h, o)


@healthy
def rezero():
    class B(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.f = nn.Linear(4, 4)
            self.a = nn.Parameter(torch.zeros(1))
            self.o = nn.Linear(4, 1)

        def forward(self, x):
            return self.o(x + self.a * torch.tanh(self.f(x)))

    m = B()
    x, y = data()

    def loss():
        return F.mse_loss(m(x), y)

    o = torch.optim.SGD(m.parameters(), lr=0.05)
    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def hypernetwork_functional_call():
    m = network()
    params = {k: v.detach().clone().requires_grad_() for k, v in m.named_parameters()}
    x, y = data()

    def loss():
        return F.mse_loss(torch.func.functional_call(m, params, (x,)), y)

    o = torch.optim.Adam(list(params.values()), lr=0.01)
    return Case(loss, params, usual_step(loss, o), None, o)


@healthy
def two_optimizers():
    m = network()
    x, y = data()
    a, b = torch.optim.SGD(m[0].parameters(), lr=0.05), torch.optim.Adam(m[2].parameters(), lr=0.01)

    def loss():
        return F.mse_loss(m(x), y)

    def step():
        a.zero_grad()
        b.zero_grad()
        loss().backward()
        a.step()
        b.step()

    return Case(loss, m, step, m)


@healthy
def ema_copy():
    c = regression()
    e = copy.deepcopy(c.model)

    def step():
        c.optimizer.zero_grad()
        c.loss().backward()
        c.optimizer.step()
        with torch.no_grad():
            for p, q in zip(e.parameters(), c.model.parameters(), strict=False):
                p.mul_(0.99).add_(q, alpha=0.01)

    c.step = step
    return c


@healthy
def l1_proximal():
    th = vector(8)
    x = torch.randn(40, 8, generator=torch.Generator().manual_seed(2))
    y = x[:, 0] * 2

    def loss():
        return (x @ th - y).square().mean()

    def step():
        th.grad = None
        loss().backward()
        with torch.no_grad():
            th.sub_(0.05 * th.grad)
            th.copy_(th.sign() * (th.abs() - 0.01).clamp(min=0))

    return Case(loss, th, step)


@healthy
def reduce_on_plateau():
    c = regression(optimizer=torch.optim.SGD, rate=0.05)
    s = torch.optim.lr_scheduler.ReduceLROnPlateau(c.optimizer)

    def step():
        c.optimizer.zero_grad()
        value = c.loss()
        value.backward()
        c.optimizer.step()
        s.step(value.item())

    c.step = step
    return c


@healthy
def float64_large_values():
    th = (1e6 * torch.ones(3, dtype=torch.float64)).requires_grad_()
    o = torch.optim.Adam([th], lr=100.0)

    def loss():
        return ((th - 1.1e6) / 1e5).square().sum()

    return Case(loss, th, usual_step(loss, o))


@healthy
def triplet():
    m = network(outputs=4)
    x, _ = data()
    o = torch.optim.Adam(m.parameters(), lr=0.01)

    def loss():
        return F.triplet_margin_loss(m(x), m(x.flip(0)), m(x.roll(3, 0)))

    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def cosine_loss_wide():
    m = network(hidden=256, activation=nn.ReLU)
    x, y = data()
    o = torch.optim.SGD(m.parameters(), lr=0.01)

    def loss():
        return F.smooth_l1_loss(m(x), y)

    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def deep_relu_net():
    torch.manual_seed(1)
    ls = [nn.Linear(4, 32), nn.ReLU()]
    for _ in range(5):
        ls += [nn.Linear(32, 32), nn.ReLU()]
    m = nn.Sequential(*ls, nn.Linear(32, 1))
    x, y = data()
    o = torch.optim.Adam(m.parameters(), lr=1e-3)

    def loss():
        return F.mse_loss(m(x), y)

    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def gru_net():
    torch.manual_seed(0)
    g = nn.GRU(3, 8, batch_first=True)
    h = nn.Linear(8, 2)
    m = nn.ModuleList([g, h])
    x = torch.randn(12, 7, 3)
    y = torch.arange(12) % 2
    o = torch.optim.Adam(m.parameters(), lr=0.01)

    def loss():
        return F.cross_entropy(h(g(x)[0][:, -1]), y)

    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def adam_small_sum_of_phases():
    th = (6.28 * torch.rand(20, generator=torch.Generator().manual_seed(1))).requires_grad_()
    o = torch.optim.Adam([th], lr=0.05)

    def loss():
        return th.cos().sum() ** 2 + th.sin().sum() ** 2

    return Case(loss, th, usual_step(loss, o))


@healthy
def distillation():
    t, s = network(outputs=3, seed=3).eval(), network(outputs=3)
    x, _y = labels()
    for p in t.parameters():
        p.requires_grad_(False)
    o = torch.optim.Adam(s.parameters(), lr=0.01)

    def loss():
        return F.kl_div(F.log_softmax(s(x), 1), F.softmax(t(x), 1), reduction="batchmean")

    return Case(loss, s, usual_step(loss, o), s, o)


@healthy
def meta_inner_loop():
    m = nn.Linear(4, 1)
    torch.manual_seed(0)
    x, y = data()

    def loss():
        w = m.weight
        b = m.bias
        value = F.mse_loss(F.linear(x, w, b), y)
        g = torch.autograd.grad(value, [w, b], create_graph=True)
        return F.mse_loss(F.linear(x, w - 0.1 * g[0], b - 0.1 * g[1]), y)

    o = torch.optim.Adam(m.parameters(), lr=0.01)
    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def masked_loss_nan_to_zero():
    m = network()
    x, y = data()
    mask = (torch.arange(64) % 3 > 0).float()[:, None]
    o = torch.optim.Adam(m.parameters(), lr=0.01)

    def loss():
        return ((m(x) - y).square() * mask).sum() / mask.sum()

    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def double_precision_default_noise_dropout_bn():
    torch.manual_seed(0)
    m = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3))
    x, y = labels()
    o = torch.optim.AdamW(m.parameters(), lr=3e-3, weight_decay=0.1)

    def loss():
        return F.cross_entropy(m(x), y)

    return Case(loss, m, usual_step(loss, o), m, o)
