"""Kind 1: the step does not move the parameters."""

import copy

import torch
from torch import nn

from .case import Case, data, fault, network, regression, usual_step, vector


@fault("no-step")
def no_step_network():
    case = regression()

    def step():
        case.optimizer.zero_grad()
        case.loss().backward()

    case.step = step
    return case


@fault("no-step")
def no_step_plain():
    theta = vector()

    def step():
        theta.grad = None
        (theta - 1).square().sum().backward()

    return Case(lambda: (theta - 1).square().sum(), theta, step)


@fault("no-step")
def step_without_brackets():
    case = regression(optimizer=torch.optim.SGD)

    def step():
        case.optimizer.zero_grad()
        case.loss().backward()
        case.optimizer.step  # noqa: B018

    case.step = step
    return case


@fault("no-step")
def local_name_rebound_in_a_loop():
    a, b = vector(3), vector(2, seed=1)
    parameters = [a, b]

    def loss():
        return (a - 1).square().sum() + (b + 1).square().sum()

    def step():
        for p in parameters:
            p.grad = None
        loss().backward()
        with torch.no_grad():
            for p in parameters:
                p = p - 0.1 * p.grad

    return Case(loss, parameters, step)


@fault("no-step")
def one_of_two_tensors_is_never_updated():
    w, b = vector(3), vector(1, seed=1)
    x, y = torch.randn(20, 3, generator=torch.Generator().manual_seed(3)), torch.ones(20)

    def loss():
        return ((x @ w + b) - y).square().mean()

    def step():
        w.grad = b.grad = None
        loss().backward()
        with torch.no_grad():
            w.sub_(0.1 * w.grad)

    return Case(loss, [w, b], step)


@fault("no-backward")
def no_backward_network():
    case = regression()

    def step():
        case.optimizer.zero_grad()
        case.loss()
        case.optimizer.step()

    case.step = step
    return case


@fault("no-backward")
def backward_without_brackets():
    case = regression()

    def step():
        case.optimizer.zero_grad()
        loss = case.loss()
        loss.backward  # noqa: B018
        case.optimizer.step()

    case.step = step
    return case


@fault("no-backward")
def loss_computed_and_nothing_else():
    theta = vector()
    return Case(lambda: theta.square().sum(), theta, lambda: theta.square().sum())


@fault("scheduler-not-optimizer")
def scheduler_instead_of_optimizer():
    case = regression(optimizer=torch.optim.SGD, rate=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(case.optimizer, 10)

    def step():
        case.optimizer.zero_grad()
        case.loss().backward()
        scheduler.step()

    case.step = step
    return case


@fault("scheduler-not-optimizer")
def cosine_scheduler_instead_of_optimizer_plain():
    theta = vector()
    optimizer = torch.optim.Adam([theta], lr=0.1)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 100)

    def loss():
        return (theta - 2).square().sum()

    def step():
        optimizer.zero_grad()
        loss().backward()
        scheduler.step()

    return Case(loss, theta, step, optimizer=optimizer)


@fault("scheduler-not-optimizer")
def plateau_scheduler_instead_of_optimizer():
    case = regression()
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(case.optimizer)

    def step():
        case.optimizer.zero_grad()
        value = case.loss()
        value.backward()
        scheduler.step(value.detach())

    case.step = step
    return case


@fault("zeroed-before-step")
def zeroed_between_network():
    case = regression()

    def step():
        case.loss().backward()
        case.optimizer.zero_grad()
        case.optimizer.step()

    case.step = step
    return case


@fault("zeroed-before-step")
def zeroed_between_by_the_model():
    case = regression(optimizer=torch.optim.SGD, rate=0.1)

    def step():
        case.loss().backward()
        case.model.zero_grad()
        case.optimizer.step()

    case.step = step
    return case


@fault("zeroed-before-step")
def zeroed_between_plain():
    theta = vector()
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def step():
        (theta - 1).square().sum().backward()
        optimizer.zero_grad(set_to_none=False)
        optimizer.step()

    return Case(lambda: (theta - 1).square().sum(), theta, step, optimizer=optimizer)


@fault("other-tensors")
def optimizer_of_an_old_model():
    old, model = network(), network(seed=1)
    x, y = data()
    optimizer = torch.optim.Adam(old.parameters(), lr=1e-2)

    def loss():
        return nn.functional.mse_loss(model(x), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@fault("other-tensors")
def optimizer_of_a_deep_copy():
    case = regression()
    optimizer = torch.optim.Adam(copy.deepcopy(case.model).parameters(), lr=1e-2)
    case.optimizer, case.step = optimizer, usual_step(case.loss, optimizer)
    return case


@fault("other-tensors")
def optimizer_of_clones():
    theta = vector()
    optimizer = torch.optim.SGD([theta.detach().clone().requires_grad_()], lr=0.1)

    def loss():
        return (theta - 1).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault("other-tensors")
def layer_replaced_after_the_optimizer():
    case = regression()
    case.model[2] = nn.Linear(16, 1)
    return case


@fault("other-tensors")
def parameter_replaced_after_the_optimizer():
    torch.manual_seed(0)
    model = nn.Linear(4, 1)
    x, y = data()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.weight = nn.Parameter(torch.randn(1, 4))
    model.bias = nn.Parameter(torch.zeros(1))

    def loss():
        return nn.functional.mse_loss(model(x), y)

    return Case(loss, model, usual_step(loss, optimizer), model, optimizer)


@fault("other-tensors")
def the_optimizer_given_holds_an_old_model():
    old, model = network(), network(seed=1)
    x, y = data()
    optimizer = torch.optim.Adam(old.parameters(), lr=1e-2)

    def loss():
        return nn.functional.mse_loss(model(x), y)

    return Case(loss, optimizer, None, model, optimizer)


@fault("other-tensors")
def one_tensor_missing_in_the_optimizer():
    w, b = vector(3), vector(1, seed=1)
    x = torch.randn(20, 3, generator=torch.Generator().manual_seed(3))
    y = x.sum(1) + 2
    optimizer = torch.optim.SGD([w], lr=0.1)

    def loss():
        return ((x @ w + b) - y).square().mean()

    return Case(loss, [w, b], usual_step(loss, optimizer), optimizer=optimizer)


@fault("rate-zero")
def rate_zero_network():
    return regression(rate=0.0)


@fault("rate-zero")
def rate_zero_by_integer_division():
    theta = vector()
    optimizer = torch.optim.SGD([theta], lr=1 // 10)

    def loss():
        return (theta - 1).square().sum()

    return Case(loss, theta, usual_step(loss, optimizer), optimizer=optimizer)


@fault("rate-zero")
def rate_zero_by_scheduler():
    case = regression(optimizer=torch.optim.SGD, rate=0.1)
    scheduler = torch.optim.lr_scheduler.LambdaLR(case.optimizer, lambda epoch: epoch // 1000)

    def step():
        case.optimizer.zero_grad()
        case.loss().backward()
        case.optimizer.step()
        scheduler.step()

    case.step = step
    return case


@fault("step-undone")
def clamp_undoes_the_step():
    theta = torch.zeros(3, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def loss():
        return (theta + 1).square().sum()

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        with torch.no_grad():
            theta.clamp_(0, 1)

    return Case(loss, theta, step, optimizer=optimizer)


@fault("step-undone")
def data_clamp_undoes_the_step():
    theta = torch.ones(4, requires_grad=True)
    optimizer = torch.optim.Adam([theta], lr=0.1)

    def loss():
        return (theta - 3).square().sum()

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        theta.data = theta.data.clamp(-1, 1)

    return Case(loss, theta, step, optimizer=optimizer)


@fault("step-undone")
def old_weights_loaded_after_each_step():
    case = regression()
    kept = copy.deepcopy(case.model.state_dict())

    def step():
        case.optimizer.zero_grad()
        case.loss().backward()
        case.optimizer.step()
        case.model.load_state_dict(kept)

    case.step = step
    return case


@fault("step-undone")
def weights_initialised_anew_in_each_step():
    case = regression()

    def step():
        case.optimizer.zero_grad()
        case.loss().backward()
        case.optimizer.step()
        torch.manual_seed(3)
        for module in case.model.modules():
            if hasattr(module, "reset_parameters"):
                module.reset_parameters()

    case.step = step
    return case


@fault("step-undone")
def weights_loaded_in_each_step():
    case = regression()
    state = {name: value.clone() for name, value in case.model.state_dict().items()}
    usual = case.step

    def step():
        case.model.load_state_dict(state)
        usual()

    case.step = step
    return case


@fault("step-undone")
def weights_drawn_anew_in_each_step():
    case = regression(optimizer=torch.optim.SGD, rate=0.05)
    usual = case.step

    def step():
        usual()
        with torch.no_grad():
            for parameter in case.model.parameters():
                parameter.normal_(0.0, 0.3)

    case.step = step
    return case


@fault("step-undone")
def rounding_projection_undoes_the_step():
    theta = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=0.01)

    def loss():
        return (theta - 5).square().sum()

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        with torch.no_grad():
            theta.copy_(theta.round())

    return Case(loss, theta, step, optimizer=optimizer)


@fault("parameter-rebound")
def rebound_to_a_result():
    theta = vector()

    def step():
        nonlocal theta
        (theta - 1).square().sum().backward()
        theta = theta - 0.1 * theta.grad

    return Case(lambda: (theta - 1).square().sum(), theta, step)


@fault("parameter-rebound")
def rebound_under_no_grad():
    theta = vector()

    def step():
        nonlocal theta
        (theta - 1).square().sum().backward()
        with torch.no_grad():
            theta = theta - 0.1 * theta.grad

    return Case(lambda: (theta - 1).square().sum(), theta, step)


@fault("parameter-rebound", "other-tensors")
def rebound_away_from_the_optimizer():
    theta = vector()
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def step():
        nonlocal theta
        theta = theta.detach().clone().requires_grad_()
        optimizer.zero_grad()
        (theta - 1).square().sum().backward()
        optimizer.step()

    return Case(lambda: (theta - 1).square().sum(), theta, step, optimizer=optimizer)


@fault("gradients-accumulate")
def never_zeroed_network():
    case = regression(optimizer=torch.optim.SGD, rate=0.05)

    def step():
        case.loss().backward()
        case.optimizer.step()

    case.step = step
    return case


@fault("gradients-accumulate")
def never_zeroed_plain():
    theta = vector()

    def step():
        (theta - 1).square().sum().backward()
        theta.data -= 0.1 * theta.grad

    return Case(lambda: (theta - 1).square().sum(), theta, step)


@fault("gradients-accumulate")
def closure_of_lbfgs_never_zeroes():
    theta = vector()
    optimizer = torch.optim.LBFGS([theta], lr=0.1)

    def closure():
        value = (theta - 1).pow(4).sum()
        value.backward()
        return value

    return Case(lambda: (theta - 1).pow(4).sum(), theta, lambda: optimizer.step(closure), optimizer=optimizer)


@fault("skipped-by-scaler")
def scaler_without_update():
    theta = vector()
    optimizer = torch.optim.SGD([theta], lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**120)

    def loss():
        return ((theta - 1) * 1e8).square().sum()

    def step():
        optimizer.zero_grad()
        scaler.scale(loss()).backward()
        scaler.step(optimizer)
        scaler._per_optimizer_states.clear()

    return Case(loss, theta, step, optimizer=optimizer)


@fault("grad-is-none", "not-a-leaf")
def grad_of_a_result_is_none():
    theta = torch.ones(3, requires_grad=True) * 2

    def step():
        (theta - 1).square().sum().backward()
        theta.data -= 0.1 * theta.grad

    return Case(lambda: (theta - 1).square().sum(), theta, step)


@fault("in-place-change")
def leaf_changed_in_place():
    theta = vector()

    def step():
        theta.grad = None
        (theta - 1).square().sum().backward()
        theta.sub_(0.1 * theta.grad)

    return Case(lambda: (theta - 1).square().sum(), theta, step)


@fault("in-place-change")
def value_changed_before_backward():
    theta = vector()

    def loss():
        y = theta.exp()
        z = y.square().sum()
        y += 1
        return z

    return Case(loss, theta)
