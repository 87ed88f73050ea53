"""Every code that the doctor can report: the case in a few words, why it stops an optimisation, and the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crestfall.torch.findings import Finding


@dataclass(frozen=True)
class Entry:
    """What is said about a code, whatever the numbers.

    Attributes:
        case: The case in a few words.
        why: Why that stops the optimisation.
        remedy: What to do, in a sentence.
        fix: The same as code, two lines at most.
    """

    case: str
    why: str
    remedy: str
    fix: str = ""


CATALOGUE: dict[str, Entry] = {
    # The loss is not what was meant.
    "loss-not-a-function": Entry(
        "a tensor was given instead of a function",
        "the tensor was computed once and does not change when the parameters do",
        "give a function that computes the loss from the parameters each time it is called",
        "doctor(lambda: loss_of(parameters), parameters)",
    ),
    "loss-not-a-tensor": Entry(
        "the loss function returns nothing, a number or an array",
        "only a tensor carries the graph through which a gradient can flow back",
        "return the loss as a tensor: no .item(), float() or .numpy() before backward(), and no forgotten return",
        "return (model(x) - y).square().mean()  # a tensor, not .item()",
    ),
    "loss-not-scalar": Entry(
        "the loss has many elements",
        "backward() without arguments needs a scalar",
        "reduce the loss to one number",
        "loss = loss.mean()\nloss.backward()",
    ),
    "loss-not-real": Entry(
        "the loss is complex",
        "only a real number can be made small",
        "minimise a real-valued function of it, such as .abs().square()",
        "loss = z.abs().square().sum()",
    ),
    "not-finite": Entry(
        "the loss or its gradient is nan or infinite",
        "one nan reaches every parameter with the next step",
        "look for a division by zero, a logarithm or square root of zero, or an overflow",
        "torch.autograd.set_detect_anomaly(True)\nloss = torch.log(p.clamp_min(1e-12)).mean()",
    ),
    "constant-loss": Entry(
        "the loss does not depend on the parameters",
        "whatever the parameters do, the loss stays the same, and no gradient reaches them",
        "compute the loss from the parameters or the model's output, not from a copy or from the targets alone",
        "loss = criterion(model(x), y)",
    ),
    "no-lower-bound": Entry(
        "the loss has no lower bound",
        "it can be made smaller for ever, so that the parameters grow and no good values are reached",
        "check the sign of the loss: what is to become large is subtracted, an error is added",
        "loss = error  # not -error",
    ),
    "broadcast": Entry(
        "shapes such as (N, 1) and (N,) are broadcast to (N, N)",
        "every prediction is compared with every target, so the best the model can do is predict the "
        "mean of the targets",
        "give prediction and target the same shape",
        "loss = criterion(prediction.squeeze(-1), target)",
    ),
    "constant-output": Entry(
        "the model predicts the same for every sample",
        "the best that one prediction for all can do is the mean of the targets, and the loss stops there",
        "look for inputs that are all the same, normalisation over a single element, such as LayerNorm(1) or GroupNorm "
        "of 1 × 1, and dropout of everything",
        "print(x.std(0), model(x).std(0))  # neither should be 0",
    ),
    "softmax-twice": Entry(
        "softmax or sigmoid before a loss that applies it again",
        "the loss applies softmax (or sigmoid) to values that are already squashed, so gradients are small and the "
        "loss cannot approach zero",
        "give the loss the raw outputs (logits)",
        "loss = torch.nn.functional.cross_entropy(logits, target)  # no softmax before",
    ),
    "nll-without-log": Entry(
        "nll_loss is given values that are not log-probabilities",
        "the loss is then linear in the outputs and has no minimum where the predictions are right",
        "use cross_entropy on the raw outputs, or log_softmax before nll_loss",
        "loss = torch.nn.functional.cross_entropy(logits, target)",
    ),
    "one-output-softmax": Entry(
        "softmax over a single output",
        "softmax over one element is 1 whatever the input, so that nothing depends on the parameters",
        "use a sigmoid for one output, or two outputs",
        "loss = torch.nn.functional.binary_cross_entropy_with_logits(output.squeeze(-1), target)",
    ),
    # The graph.
    "gradients-off": Entry(
        "gradients are switched off for everything",
        "no operation is recorded, so that there is no graph for backward() to go through",
        "switch them on again, and use no_grad() as a context, which ends by itself, around validation",
        "torch.set_grad_enabled(True)\nwith torch.no_grad(): validate(model)",
    ),
    "requires-grad-off": Entry(
        "requires_grad is False for every parameter",
        "no gradient is computed for them, so that no step can change them",
        "set requires_grad=True before the loss is computed",
        "parameter.requires_grad_(True)",
    ),
    "not-a-leaf": Entry(
        "a parameter is the result of a computation",
        "its gradient goes on to what it was computed from, and its own .grad stays None",
        "optimise the tensors it was computed from, or make a leaf of it",
        "parameter = parameter.detach().requires_grad_()  # before the optimiser is created",
    ),
    "stale-graph": Entry(
        "part of the loss was computed once, outside the loop",
        "the loss does not change when the parameters do, and a second backward() fails because the graph has "
        "been freed",
        "recompute everything that depends on the parameters in every step, and detach a hidden state that is "
        "carried on, h = h.detach(); do not silence the error with retain_graph=True",
        "for _ in range(steps):\n    loss = loss_of(parameters)  # inside the loop",
    ),
    "detached": Entry(
        "the loss depends on the parameters, but no gradient reaches them",
        "the graph is cut on the way, so that backward() never reaches the parameters",
        "use PyTorch operations from the parameters to the loss: no .detach(), .data, .item(), .numpy(), "
        "torch.tensor(…) or no_grad()",
        "loss = torch.sin(theta).sum()  # torch's functions on the tensor itself",
    ),
    "not-differentiable": Entry(
        "a step function between the parameters and the loss",
        "its derivative is zero or undefined, so that no gradient reaches the parameters, wherever they start",
        "replace it by a smooth function, or use a straight-through estimator",
        "y = x + (x.round() - x).detach()  # straight-through",
    ),
    "gradient-wrong": Entry(
        "the gradient disagrees with finite differences",
        "the step goes where the gradient points, not where the loss falls",
        "check the custom backward with torch.autograd.gradcheck",
        "torch.autograd.gradcheck(MyFunction.apply, (x.double().requires_grad_(),))",
    ),
    "in-place-change": Entry(
        "a value that backward() needs was changed in place",
        "backward() stops with an error, and no step is taken",
        "write the operation out of place, and change parameters only after backward(), under no_grad()",
        "x = x + y  # not x += y",
    ),
    # The step.
    "no-backward": Entry(
        "the step never calls backward()",
        "without it .grad stays None, and the optimiser has nothing to follow",
        "call backward(), with the parentheses, before the step",
        "loss.backward()\noptimizer.step()",
    ),
    "no-step": Entry(
        "gradients are computed, but nothing changes the parameters",
        "backward() only computes gradients; something has to apply them",
        "call optimizer.step(), with the parentheses, after backward(); without an optimiser, update the "
        "tensors in place",
        "loss.backward()\noptimizer.step()",
    ),
    "scheduler-not-optimizer": Entry(
        "the scheduler steps, the optimiser does not",
        "a scheduler changes the learning rate only; the optimiser moves the parameters",
        "call optimizer.step() in every iteration, and scheduler.step() after it",
        "optimizer.step()\nscheduler.step()",
    ),
    "zeroed-before-step": Entry(
        "gradients are zeroed between backward() and step()",
        "the optimiser finds no gradient",
        "call zero_grad() before backward()",
        "optimizer.zero_grad(); loss.backward()\noptimizer.step()",
    ),
    "other-tensors": Entry(
        "the optimiser, or the list of parameters, holds other tensors than the loss uses",
        "it moves copies, or parameters of an old model, and the loss never sees them",
        "create the optimiser after the model is complete, from the parameters of the model that computes the loss",
        "optimizer = torch.optim.Adam(model.parameters())  # after the model is complete",
    ),
    "parameter-rebound": Entry(
        "the step binds the name of a parameter to a new tensor",
        "the new tensor is not a leaf with requires_grad=True, or the optimiser still holds the old one",
        "change the parameter in place, under no_grad()",
        "with torch.no_grad():\n    theta -= rate * theta.grad",
    ),
    "rate-zero": Entry(
        "the learning rate is 0",
        "the optimiser multiplies every step by it",
        "set a positive learning rate, and check what the scheduler does to it",
        'for group in optimizer.param_groups:\n    group["lr"] = 1e-3',
    ),
    "step-undone": Entry(
        "something after the step puts the parameters back",
        "a clamp, a projection or a copy undoes what the optimiser did",
        "start inside the allowed range, or map free parameters into it",
        "x = low + (high - low) * torch.sigmoid(free)  # optimise free",
    ),
    "skipped-by-scaler": Entry(
        "the gradient scaler skips every step",
        "it skips steps with infinite gradients, and without scaler.update() its scale never falls",
        "call scaler.update() after scaler.step(optimizer)",
        "scaler.step(optimizer)\nscaler.update()",
    ),
    "grad-is-none": Entry(
        "the step uses a .grad that is None",
        "no backward() has reached that parameter yet",
        "call backward() first, on a loss that is computed from this very tensor, which must be a leaf",
        "loss.backward()\nassert theta.grad is not None",
    ),
    "gradients-accumulate": Entry(
        "gradients are never zeroed",
        "backward() adds to .grad, so the gradients of all earlier steps soon outweigh the current one",
        "call optimizer.zero_grad(), or set .grad to None, before every backward()",
        "optimizer.zero_grad()\nloss.backward()",
    ),
    # The parameters move, but to no effect.
    "rate-too-small": Entry(
        "the learning rate is far too small",
        "each step gains so little that nothing seems to happen",
        "raise the learning rate",
        'for group in optimizer.param_groups:\n    group["lr"] *= 1000',
    ),
    "below-precision": Entry(
        "the step is smaller than the spacing of the numbers",
        "the sum of parameter and step is rounded to the parameter itself",
        "keep the parameters in float32 or float64, scale them to about 1, or take larger steps",
        "model = model.float()  # before the optimiser is created",
    ),
    "underflow": Entry(
        "gradients underflow to zero in half precision",
        "float16 rounds everything below 3e-8 to zero",
        "scale the loss with a GradScaler, or compute in bfloat16 or float32",
        "scaler.scale(loss).backward()\nscaler.step(optimizer); scaler.update()",
    ),
    "rate-too-large": Entry(
        "the learning rate is so large that the steps overshoot",
        "each step overshoots the minimum and ends higher than it began",
        "lower the learning rate",
        'for group in optimizer.param_groups:\n    group["lr"] *= 0.1',
    ),
    "uphill": Entry(
        "the step goes uphill",
        "it moves along the gradient, not against it, so that the loss rises",
        "subtract the gradient; check signs, and maximize= of the optimiser",
        "with torch.no_grad():\n    theta -= rate * theta.grad  # minus",
    ),
    "weight-decay-dominates": Entry(
        "weight decay outweighs the gradient of the loss",
        "the step mostly pulls the parameters to zero",
        "lower weight_decay",
        'for group in optimizer.param_groups:\n    group["weight_decay"] *= 0.01',
    ),
    "momentum-dominates": Entry(
        "momentum outweighs the gradient",
        "the step follows old gradients, so it overshoots, or responds only slowly to the current one",
        "lower the momentum, and create a new optimiser after a change of the problem",
        "optimizer = torch.optim.SGD(parameters, lr=rate, momentum=0.9)",
    ),
    # Part of the model gets no gradient.
    "dead-units": Entry(
        "units whose activation is zero for every sample",
        "the derivative of a unit that is switched off is zero, so that nothing before it learns",
        "lower the learning rate, normalise the inputs, or use an activation whose slope is never zero",
        "torch.nn.LeakyReLU()  # instead of ReLU()",
    ),
    "saturated-units": Entry(
        "units at the flat ends of sigmoid, tanh, softmax or a clamp",
        "the derivative there is almost zero, so that nothing before them learns",
        "scale the inputs to about ±1 and start from smaller weights",
        "x = (x - x.mean(0)) / x.std(0)",
    ),
    "vanishing-gradient": Entry(
        "the gradient vanishes towards the first layers",
        "the first layers hardly move while the last ones do",
        "use ReLU or GELU, normalisation layers or skip connections",
        "torch.nn.Sequential(torch.nn.Linear(n, n), torch.nn.LayerNorm(n), torch.nn.GELU())",
    ),
    "constant-initialisation": Entry(
        "weights that start all equal or all zero",
        "units with equal weights get equal gradients, so they stay identical",
        "start from random weights",
        "torch.nn.init.xavier_uniform_(layer.weight)",
    ),
    "not-given": Entry(
        "parameters of the loss are not among those given",
        "an optimiser that does not hold them never moves them",
        "give them to the optimiser, too, or set requires_grad=False",
        "optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()])",
    ),
    "not-registered": Entry(
        "layers or tensors of a module that are not registered with it",
        "parameters() does not return them, so the optimiser never moves them",
        "keep layers in a ModuleList, ModuleDict or ParameterList, and tensors as nn.Parameter",
        "self.layers = torch.nn.ModuleList(layers)",
    ),
    "unused-parameters": Entry(
        "parameters that the loss does not use",
        "no gradient reaches them, and .grad stays None",
        "use them in forward(), or remove them",
        "x = self.second(x)  # in forward()",
    ),
    "frozen": Entry(
        "some of the tensors given have requires_grad=False",
        "their .grad stays None and they never move",
        "set requires_grad=True",
        "parameter.requires_grad_(True)",
    ),
    # Landscape.
    "shared-gradient": Entry(
        "parameters that are equal and get equal gradients",
        "the loss is symmetric in them, so that gradient descent can never separate them",
        "start them at different values, for instance random ones",
        "with torch.no_grad():\n    theta += 0.1 * torch.randn_like(theta)",
    ),
    "stationary-saddle": Entry(
        "the start is a saddle point or a maximum",
        "the gradient vanishes there, although the loss falls in some direction",
        "start from random values, or take one step along the direction of negative curvature",
        "with torch.no_grad():\n    theta += 0.1 * torch.randn_like(theta)",
    ),
    "stationary-plateau": Entry(
        "the loss is flat around the start",
        "gradient and curvature vanish, so that no direction is better than another",
        "start elsewhere, or use a loss that is not saturated or clipped there",
        "with torch.no_grad():\n    theta.copy_(torch.randn_like(theta))",
    ),
    "stationary-minimum": Entry(
        "the start is a minimum already",
        "the gradient vanishes, and no direction leads down",
        "nothing is left to do here; for another minimum, start elsewhere",
        "with torch.no_grad():\n    theta.copy_(torch.randn_like(theta))",
    ),
    "bad-basin": Entry(
        "the start leads to a poor local minimum",
        "gradient descent ends in the nearest local minimum, and this start leads to a poor one",
        "try several starts, or find a coarse start first (a grid, or the peak of a Fourier transform)",
        "starts = [descend(theta0) for theta0 in torch.linspace(low, high, 50)]",
    ),
}


def finding(
    code: str,
    message: str,
    parameters: Iterable[str] = (),
    *,
    remedy: str | None = None,
    fix: str | None = None,
    why: str | None = None,
) -> Finding:
    """A finding with the words of the catalogue, except where the case knows better ones.

    Args:
        code: Key of the catalogue.
        message: What was seen.
        parameters: Names of the parameters that it is about.
        remedy: Instead of the catalogue's.
        fix: Instead of the catalogue's.
        why: Instead of the catalogue's.

    Example:
        >>> finding("rate-zero", "lr is 0 in both groups").why
        'the optimiser multiplies every step by it'
    """
    entry = CATALOGUE[code]
    return Finding(
        code,
        message,
        entry.remedy if remedy is None else remedy,
        entry.why if why is None else why,
        entry.fix if fix is None else fix,
        tuple(parameters),
    )
