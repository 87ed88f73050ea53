"""What was given as parameters: tensors, names with tensors, groups, a module or an optimiser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from crestfall.torch.diagnosis.references import References


@dataclass
class Parameter:
    """One tensor that is optimised.

    Attributes:
        name: As the model calls it, or as the variable is called, or its number.
        tensor: The tensor.
    """

    name: str
    tensor: torch.Tensor

    @property
    def active(self) -> bool:
        """Whether it can receive a gradient at all."""
        return self.tensor.requires_grad and self.tensor.is_leaf


@dataclass
class Given:
    """What was given, and what it was taken from.

    Attributes:
        parameters: Each tensor once.
        module: The module, if one was given.
        optimizer: The optimiser, if one was given.
    """

    parameters: list[Parameter]
    module: torch.nn.Module | None = None
    optimizer: torch.optim.Optimizer | None = None


def resolve(parameters: Any) -> Given:
    """Find the tensors, each once, however they were given.

    Args:
        parameters: A tensor, tensors, ``(name, tensor)`` pairs, a mapping, parameter groups, a module or an optimiser.

    Raises:
        ValueError: There is no tensor among them, or one without values; the message says what there is.

    Example:
        >>> [p.name for p in resolve(torch.nn.Linear(2, 1)).parameters]
        ['weight', 'bias']
    """
    module = parameters if isinstance(parameters, torch.nn.Module) else None
    optimizer = parameters if isinstance(parameters, torch.optim.Optimizer) else None
    pairs: list[tuple[str, torch.Tensor]]
    if module is not None:
        pairs = [(name.replace("_orig_mod.", ""), tensor) for name, tensor in module.named_parameters()]
    elif optimizer is not None:
        pairs = _pairs([tensor for group in optimizer.param_groups for tensor in group["params"]])
    else:
        pairs = _pairs(parameters)
    found: dict[int, Parameter] = {}
    for name, tensor in pairs:
        found.setdefault(id(tensor), Parameter(name, tensor))
    if not found:
        what = "the module has no parameters" if module is not None else "parameters are empty"
        raise ValueError(f"{what}; give the tensors that are optimised")
    given = [parameter for parameter in found.values() if _usable(parameter, len(found))]
    if not given:
        raise ValueError("all parameters are empty: they have no elements; give the tensors that are optimised")
    return Given(given, module, optimizer)


def _usable(parameter: Parameter, count: int) -> bool:
    """Whether a tensor has elements to examine; one that cannot have any yet is refused."""
    tensor = parameter.tensor
    name = f"parameter {parameter.name}" if parameter.name else "a parameter" if count > 1 else "the parameter"
    if torch.nn.parameter.is_lazy(tensor):
        raise ValueError(f"{name} is not initialised yet; call the lazy module once, model(x), before")
    if tensor.device.type == "meta":
        raise ValueError(f"{name} is on the meta device and has no values; load or initialise it on another one before")
    if tensor.is_floating_point() and tensor.element_size() == 1:
        kind = str(tensor.dtype).removeprefix("torch.")
        raise ValueError(f"{name} is of type {kind}, which PyTorch cannot optimise; keep it in float32 or bfloat16")
    return tensor.numel() > 0


def _pairs(given: Any) -> list[tuple[str, torch.Tensor]]:
    if isinstance(given, torch.Tensor):
        return [("", given)]
    if isinstance(given, torch.nn.Module):
        return list(given.named_parameters())
    if isinstance(given, Mapping):
        if "params" in given:
            return _pairs(given["params"])
        return [(str(name), tensor) for name, tensor in given.items() if isinstance(tensor, torch.Tensor)]
    if isinstance(given, tuple) and len(given) == 2 and isinstance(given[0], str):
        return [(given[0], pair[1]) for pair in _pairs(given[1])]
    if isinstance(given, Iterable) and not isinstance(given, (str, bytes)):
        return [pair for item in given for pair in _pairs(item)]
    raise ValueError(
        f"parameters hold a {type(given).__name__}; give tensors, (name, tensor) pairs, groups, a module or an "
        "optimiser"
    )


def name_all(given: Given, references: References, variables: Mapping[str, Any]) -> None:
    """Give a name to each parameter that has none: the model's, else the variable's, else a number.

    Args:
        given: What was given; changed in place.
        references: What the user's functions can reach.
        variables: Of the caller, whose names are a last resort.
    """
    outer = {id(value): name for name, value in variables.items() if isinstance(value, torch.Tensor)}
    names: dict[int, str] = {}
    for module in references.modules:
        for name, tensor in module.named_parameters():
            names.setdefault(id(tensor), name.replace("_orig_mod.", ""))
    used: set[str] = {parameter.name for parameter in given.parameters if parameter.name}
    for k, parameter in enumerate(given.parameters):
        if parameter.name:
            continue
        name = names.get(id(parameter.tensor)) or _variable(references.names.get(id(parameter.tensor), ""))
        if not name or name in used:
            name = outer.get(id(parameter.tensor), f"parameter {k}")
        parameter.name = name
        used.add(name)


def _variable(name: str) -> str:
    return "" if "param_groups" in name or "defaults" in name or name.startswith(("given", "[")) else name
