"""Healthy optimisations that somebody new to the doctor brought: adversarial, reinforcement learning, without .grad."""

import torch
from torch import nn

from .case import Case, data, healthy, network, usual_step, vector

F = nn.functional


def adversarial(which, critic=False):
    """The two networks of an adversarial training, its step, and the loss of the one that is examined."""
    torch.manual_seed(0)
    g, d = network(16, 2, 2, nn.ReLU), network(16, 2, 1, nn.ReLU)
    real = torch.randn(64, 2, generator=torch.Generator().manual_seed(0)) + 2.0
    z = torch.randn(64, 2, generator=torch.Generator().manual_seed(1))
    make = torch.optim.RMSprop if critic else torch.optim.Adam
    rate = 5e-5 if critic else 2e-4
    of_g, of_d = make(g.parameters(), lr=rate), make(d.parameters(), lr=rate)
    if critic:
        for p in d.parameters():
            p.data.clamp_(-0.01, 0.01)

    def judged(x, target):
        return F.binary_cross_entropy_with_logits(d(x), torch.full((64, 1), target))

    def loss_of_d():
        if critic:
            return d(g(z).detach()).mean() - d(real).mean()
        return judged(real, 1.0) + judged(g(z).detach(), 0.0)

    def loss_of_g():
        return -d(g(z)).mean() if critic else judged(g(z), 1.0)

    def step():
        d.zero_grad()
        fake = g(z)
        if critic:
            (d(fake.detach()).mean() - d(real).mean()).backward()
        else:
            judged(real, 1.0).backward()
            judged(fake.detach(), 0.0).backward()
        of_d.step()
        if critic:
            for p in d.parameters():
                p.data.clamp_(-0.01, 0.01)
        g.zero_grad()
        loss_of_g().backward()
        of_g.step()

    if which == "both":
        return Case(lambda: loss_of_d() + loss_of_g(), [*d.parameters(), *g.parameters()], step)
    if which == "g":
        return Case(loss_of_g, g, step, g, of_g)
    return Case(loss_of_d, d, step, d, of_d)


@healthy
def dcgan_generator():
    return adversarial("g")


@healthy
def dcgan_discriminator():
    return adversarial("d")


@healthy
def dcgan_both():
    return adversarial("both")


@healthy
def wgan_critic_with_clamped_weights():
    return adversarial("d", critic=True)


@healthy
def wgan_generator():
    return adversarial("g", critic=True)


def ddpg(which):
    """An actor and a critic that train each other."""
    torch.manual_seed(0)
    actor, critic = network(16, 3, 1), network(16, 4, 1)
    state = torch.randn(64, 3, generator=torch.Generator().manual_seed(0))
    action = torch.randn(64, 1, generator=torch.Generator().manual_seed(1))
    reward = -(action - state.sum(1, keepdim=True)).square()
    of_actor = torch.optim.Adam(actor.parameters(), lr=1e-3)
    of_critic = torch.optim.Adam(critic.parameters(), lr=1e-3)

    def loss_of_critic():
        return F.mse_loss(critic(torch.cat([state, action], 1)), reward)

    def loss_of_actor():
        return -critic(torch.cat([state, actor(state)], 1)).mean()

    def step():
        of_critic.zero_grad()
        loss_of_critic().backward()
        of_critic.step()
        of_actor.zero_grad()
        loss_of_actor().backward()
        of_actor.step()

    if which == "actor":
        return Case(loss_of_actor, actor, step, actor, of_actor)
    return Case(loss_of_critic, critic, step, critic, of_critic)


@healthy
def ddpg_actor():
    return ddpg("actor")


@healthy
def ddpg_critic():
    return ddpg("critic")


@healthy
def adversarial_by_hand():
    """Each side is moved without an optimiser, and zeroed before its own backward only."""
    torch.manual_seed(0)
    g, d = network(8, 2, 2), network(8, 2, 1)
    real, z = torch.randn(32, 2) + 2.0, torch.randn(32, 2)

    def loss():
        return F.softplus(-d(real)).mean() + F.softplus(d(g(z).detach())).mean()

    def descend(model):
        with torch.no_grad():
            for p in model.parameters():
                p -= 0.05 * p.grad

    def step():
        d.zero_grad()
        loss().backward()
        descend(d)
        g.zero_grad()
        F.softplus(-d(g(z))).mean().backward()
        descend(g)

    return Case(loss, d, step, d)


@healthy
def actor_and_critic_of_one_optimizer():
    torch.manual_seed(0)
    policy, value = network(32, 4, 2), network(32, 4, 1)
    state, _ = data()
    action = torch.randint(0, 2, (64,), generator=torch.Generator().manual_seed(2))
    returns = 1.0 + 0.3 * state.sum(1)
    parameters = [*policy.parameters(), *value.parameters()]
    opt = torch.optim.Adam(parameters, lr=1e-3)

    def loss():
        advantage = returns - value(state).squeeze(-1)
        chosen = torch.log_softmax(policy(state), -1).gather(1, action[:, None]).squeeze(-1)
        return -(chosen * advantage.detach()).mean() + 0.5 * advantage.square().mean()

    return Case(loss, parameters, usual_step(loss, opt))


@healthy
def gradient_of_torch_func():
    """torch.func needs no requires_grad."""
    theta = vector().detach()

    def loss_of(p):
        return (p - 1.0).square().sum()

    def step():
        theta.sub_(0.1 * torch.func.grad(loss_of)(theta))

    return Case(lambda: loss_of(theta), theta, step)


@healthy
def evolution_strategy():
    """No gradient at all."""
    theta = vector().detach()
    generator = torch.Generator().manual_seed(0)

    def loss_of(p):
        return (p - 1.0).square().sum()

    def step():
        noise = torch.randn(50, 5, generator=generator)
        scores = torch.stack([loss_of(theta + 0.1 * row) for row in noise])
        theta.sub_(0.05 * ((scores - scores.mean())[:, None] * noise).mean(0) / 0.1)

    return Case(lambda: loss_of(theta), theta, step)


def converged(dtype):
    """Least squares at its solution."""
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(40, 4, generator=generator, dtype=torch.float64)
    b = torch.randn(40, generator=generator, dtype=torch.float64)
    theta = torch.linalg.lstsq(a, b[:, None]).solution[:, 0].to(dtype).requires_grad_()
    a, b = a.to(dtype), b.to(dtype)
    opt = torch.optim.SGD([theta], lr=1e-3)

    def loss():
        return (a @ theta - b).square().mean()

    return Case(loss, theta, usual_step(loss, opt), None, opt)


def damped_oscillation(start):
    """A damped oscillation that Adam fits from this start in the end."""
    t = torch.linspace(0.0, 4.0, 200)
    y = 2.0 * torch.exp(-0.5 * t) * torch.cos(3.0 * t)
    p = torch.tensor(start, requires_grad=True)
    opt = torch.optim.Adam([p], lr=0.01)

    def loss():
        return (p[0] * torch.exp(-p[1] * t) * torch.cos(p[2] * t) - y).square().mean()

    return Case(loss, p, usual_step(loss, opt), None, opt)


@healthy
def damped_oscillation_from_far_off():
    return damped_oscillation([1.0, 1.0, 40.0])


@healthy
def damped_oscillation_from_near():
    return damped_oscillation([1.0, 1.0, 5.0])


@healthy
def weights_held_by_a_clamp():
    """Most weights stay at the ends of the allowed range, where their gradient pushes them outwards."""
    theta = torch.tensor([0.01, -0.01, 0.01, 0.005, -0.002], requires_grad=True)
    goal = torch.tensor([5.0, -5.0, 5.0, 0.01, 0.01])
    opt = torch.optim.RMSprop([theta], lr=5e-5)

    def loss():
        return (theta - goal).square().sum()

    def step():
        opt.zero_grad()
        loss().backward()
        opt.step()
        with torch.no_grad():
            theta.clamp_(-0.01, 0.01)

    return Case(loss, theta, step, None, opt)
