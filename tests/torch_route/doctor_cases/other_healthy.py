"""Still more healthy optimisations, written after the doctor was."""

import torch
from torch import nn

from .case import Case, data, healthy, labels, network, regression, usual_step

F = nn.functional


@healthy
def rnn_zero_state():
    torch.manual_seed(0)
    c = nn.RNNCell(4, 8)
    h = nn.Linear(8, 1)
    m = nn.ModuleList([c, h])
    x, y = data()
    o = torch.optim.Adam(m.parameters(), lr=0.01)

    def loss():
        return F.mse_loss(h(c(x)), y)

    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def max_of_two_scalars():
    a, b = torch.tensor(3.0, requires_grad=True), torch.tensor(1.0, requires_grad=True)
    o = torch.optim.SGD([a, b], lr=0.1)
    log = []

    def loss():
        value = torch.stack([a**2, b**2]).max()
        log.append(value.item())
        return value

    return Case(loss, [a, b], usual_step(loss, o))


@healthy
def unbalanced_weights_big_scale():
    w = (1e3 * torch.randn(5, generator=torch.Generator().manual_seed(0))).requires_grad_()
    o = torch.optim.Adam([w], lr=10.0)

    def loss():
        return ((w - 500) / 100).square().sum()

    return Case(loss, w, usual_step(loss, o))


@healthy
def cnn_gn_silu():
    torch.manual_seed(0)
    m = nn.Sequential(
        nn.Conv1d(1, 8, 5), nn.GroupNorm(2, 8), nn.SiLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(8, 2)
    )
    x = torch.randn(16, 1, 30)
    y = torch.arange(16) % 2
    o = torch.optim.AdamW(m.parameters(), lr=1e-3)

    def loss():
        return F.cross_entropy(m(x), y)

    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def vq_straight_through():
    torch.manual_seed(0)
    e, d = nn.Linear(4, 3), nn.Linear(3, 4)
    cb = nn.Parameter(torch.randn(8, 3))
    ps = [*e.parameters(), *d.parameters(), cb]
    x, _ = data()
    o = torch.optim.Adam(ps, lr=0.01)

    def loss():
        z = e(x)
        k = torch.cdist(z, cb).argmin(1)
        q = cb[k]
        zq = z + (q - z).detach()
        return F.mse_loss(d(zq), x) + F.mse_loss(q, z.detach()) + 0.25 * F.mse_loss(z, q.detach())

    return Case(loss, ps, usual_step(loss, o))


@healthy
def kmeans_hard():
    c = (torch.randn(3, 2, generator=torch.Generator().manual_seed(1))).requires_grad_()
    x = torch.randn(60, 2, generator=torch.Generator().manual_seed(2))
    o = torch.optim.SGD([c], lr=0.1)

    def loss():
        return torch.cdist(x, c).square().min(1).values.mean()

    return Case(loss, c, usual_step(loss, o))


@healthy
def wgan_critic():
    g, d = network(outputs=4), network(seed=2)
    x, _ = data()
    z = torch.randn(64, 4)
    o = torch.optim.RMSprop(d.parameters(), lr=5e-4)
    torch.optim.RMSprop(g.parameters(), lr=5e-4)

    def loss():
        return d(g(z).detach()).mean() - d(x).mean()

    def step():
        o.zero_grad()
        loss().backward()
        o.step()
        with torch.no_grad():
            for p in d.parameters():
                p.clamp_(-0.5, 0.5)

    return Case(loss, d, step, d, o)


@healthy
def negative_loss():
    m = network()
    x, _ = data()
    o = torch.optim.Adam(m.parameters(), lr=0.01)

    def loss():
        return -torch.tanh(m(x)).mean()

    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def mixed_bf16_params():
    torch.manual_seed(0)
    m = network().bfloat16()
    x, y = data()
    o = torch.optim.Adam(m.parameters(), lr=1e-2)

    def loss():
        return F.mse_loss(m(x.bfloat16()).float(), y)

    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def ridge():
    return regression(optimizer=torch.optim.SGD, rate=0.05, weight_decay=0.01)


@healthy
def asgd_radam():
    return regression(optimizer=torch.optim.RAdam, rate=1e-2)


@healthy
def nadam():
    return regression(optimizer=torch.optim.NAdam, rate=1e-2)


@healthy
def adamax():
    return regression(optimizer=torch.optim.Adamax, rate=1e-2)


@healthy
def asgd():
    return regression(optimizer=torch.optim.ASGD, rate=1e-2)


@healthy
def linear_big_batch_sum():
    torch.manual_seed(0)
    m = nn.Linear(4, 1)
    x, y = data()
    o = torch.optim.SGD(m.parameters(), lr=1e-3)

    def loss():
        return F.mse_loss(m(x), y, reduction="sum")

    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def poisson_nll():
    torch.manual_seed(0)
    m = nn.Linear(4, 1)
    x, y = data()
    k = y.exp().round()
    o = torch.optim.Adam(m.parameters(), lr=0.01)

    def loss():
        return F.poisson_nll_loss(m(x), k)

    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def ctc():
    torch.manual_seed(0)
    m = nn.Linear(4, 6)
    x = torch.randn(12, 3, 4)
    t = torch.randint(1, 6, (3, 4))
    o = torch.optim.Adam(m.parameters(), lr=0.01)

    def loss():
        return F.ctc_loss(m(x).log_softmax(2), t, torch.full((3,), 12), torch.full((3,), 4))

    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def focal():
    m = network(outputs=3)
    x, y = labels()
    o = torch.optim.Adam(m.parameters(), lr=0.01)

    def loss():
        lp = F.log_softmax(m(x), 1).gather(1, y[:, None])
        return (-((1 - lp.exp()) ** 2) * lp).mean()

    return Case(loss, m, usual_step(loss, o), m, o)


@healthy
def attention_masked():
    torch.manual_seed(0)
    m = nn.MultiheadAttention(8, 2, batch_first=True)
    h = nn.Linear(8, 1)
    ps = nn.ModuleList([m, h])
    x = torch.randn(6, 5, 8)
    y = x.mean((1, 2))[:, None]
    o = torch.optim.Adam(ps.parameters(), lr=0.003)

    def loss():
        return F.mse_loss(h(m(x, x, x)[0].mean(1)), y)

    return Case(loss, ps, usual_step(loss, o), ps, o)


@healthy
def wgan_critic_clipped_to_the_published_bound():
    torch.manual_seed(1)
    critic = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
    real, fake = torch.randn(64, 2) + 2, torch.randn(64, 2)
    o = torch.optim.RMSprop(critic.parameters(), lr=5e-5)

    def loss():
        return critic(fake).mean() - critic(real).mean()

    def step():
        o.zero_grad()
        loss().backward()
        o.step()
        with torch.no_grad():
            for p in critic.parameters():
                p.clamp_(-0.01, 0.01)

    return Case(loss, critic, step, critic, o)
