"""One optimisation to examine, and the registry of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

FAULTS: dict[str, tuple[set[str], Callable[[], Case]]] = {}
HEALTHY: dict[str, Callable[[], Case]] = {}


@dataclass
class Case:
    """What ``doctor`` is given; and for tools that need them, the model, its optimiser and a batch."""

    loss: Any
    parameters: Any
    step: Any = None
    model: nn.Module | None = None
    optimizer: torch.optim.Optimizer | None = None
    extra: dict[str, Any] = field(default_factory=dict)


def fault(*codes: str):
    """Register a builder of a case whose true cause has one of these codes."""

    def register(build):
        FAULTS[build.__name__] = (set(codes), build)
        return build

    return register


def healthy(build):
    """Register a builder of a case without a fault."""
    HEALTHY[build.__name__] = build
    return build


def usual_step(loss, optimizer):
    """Zero, backward, step."""

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()

    return step


def data(n=64, features=4, seed=0):
    """Inputs and targets of a smooth function with a little noise."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, features, generator=generator)
    y = (x[:, :1] * x[:, 1:2]).tanh() + 0.5 * x[:, 2:3] + 0.05 * torch.randn(n, 1, generator=generator)
    return x, y


def labels(n=64, features=4, classes=3, seed=0):
    """Inputs and classes that depend on them."""
    x, _ = data(n, features, seed)
    return x, (x[:, :classes] + 0.3 * x[:, 1:2]).argmax(dim=1)


def network(hidden=16, features=4, outputs=1, activation=nn.Tanh, seed=0):
    """A small network with its usual initialisation."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(features, hidden), activation(), nn.Linear(hidden, outputs))


def regression(hidden=16, rate=1e-2, optimizer=torch.optim.Adam, activation=nn.Tanh, seed=0, **options):
    """A network, its mean squared error, optimiser and usual step."""
    model = network(hidden, activation=activation, seed=seed)
    x, y = data(seed=seed)
    made = optimizer(model.parameters(), lr=rate, **options)

    def loss():
        return nn.functional.mse_loss(model(x), y)

    return Case(loss, model, usual_step(loss, made), model, made, {"x": x, "y": y})


def trained(model, optimizer):
    """A given network on the usual data: mean squared error and the usual step."""
    x, y = data()

    def loss():
        return nn.functional.mse_loss(model(x), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


def vector(n=5, seed=0, spread=1.0):
    """A plain tensor of random values that asks for gradients."""
    return (spread * torch.randn(n, generator=torch.Generator().manual_seed(seed))).requires_grad_()
