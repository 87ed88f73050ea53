"""Every rebuilt fault is named, every healthy optimisation is left alone, and nothing stays changed behind either."""

import importlib
import pkgutil
import random
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from crestfall.torch import doctor, watch

sys.path.insert(0, str(Path(__file__).parent))
import doctor_cases
from doctor_cases.case import FAULTS, HEALTHY

for module in pkgutil.iter_modules(doctor_cases.__path__):
    importlib.import_module(f"doctor_cases.{module.name}")


def state_of(case):
    """Everything that must be as before, as plain bytes and numbers, gathered without the doctor's own snapshot."""
    parts = []
    for holder in (case.model, case.optimizer):
        if holder is not None:
            parts.append(plain(holder.state_dict()))
    for module in case.model.modules() if case.model is not None else ():
        hooks = (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks)
        parts.append((module.training, [len(hook) for hook in hooks]))
        parts.append([(p.requires_grad, plain(p.grad), p._backward_hooks) for p in module.parameters()])
    if isinstance(case.parameters, torch.Tensor):
        tensors = [case.parameters]
    else:
        tensors = list(case.parameters) if isinstance(case.parameters, list) else []
    parts += [
        (plain(t), t.requires_grad, plain(t.grad) if t.is_leaf else None)
        for t in tensors
        if isinstance(t, torch.Tensor)
    ]
    parts.append((random.getstate(), plain(list(np.random.get_state())), plain(torch.get_rng_state())))  # noqa: NPY002
    parts.append((torch.is_grad_enabled(), torch.Tensor.backward, torch.autograd.grad, torch.optim.Optimizer.zero_grad))
    return parts


def plain(value):
    if isinstance(value, torch.Tensor):
        dense = value.detach().to_dense() if value.layout != torch.strided else value.detach()
        real = torch.view_as_real(dense) if dense.is_complex() else dense
        return (str(value.dtype), tuple(value.shape), real.double().numpy().tobytes())
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


@pytest.mark.parametrize("name", FAULTS)
def test_the_true_cause_is_named_first_and_nothing_is_left_changed(name):
    codes, build = FAULTS[name]
    case = build()
    before = state_of(case)
    report = doctor(case.loss, case.parameters, step=case.step)
    assert set(report.codes[:1]) & codes, str(report)
    assert all(one.message and one.remedy and len(one.fix.splitlines()) <= 2 for one in report)
    assert state_of(case) == before


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_optimisation_is_not_accused_and_nothing_is_left_changed(name):
    case = HEALTHY[name]()
    before = state_of(case)
    if not isinstance(case.parameters, (torch.Tensor, torch.nn.Module, torch.optim.Optimizer, dict)):
        case.parameters = list(case.parameters)
    report = doctor(case.loss, case.parameters, step=case.step)
    assert report.findings == (), str(report)
    assert str(report).startswith("no fault found; checked: ")
    assert state_of(case) == before


def has_loop(build):
    """Whether a case has a step to watch."""
    return build().step is not None


# What needs more evaluations of the loss than the loop itself makes is left to doctor.
ONLY_WITH_A_FUNCTION = {
    *("one_plain_tensor_not_given", "bouncing_between_two_walls", "negative_loss_in_the_step", "decay_dominates_plain"),
    *(
        "decay_dominates_adam",
        "momentum_dominates_plain",
        "momentum_of_one_diverges",
        "momentum_kept_from_another_problem",
    ),
    *("equal_phases_but_one", "frequency_too_far_off", "frequency_module_too_far_off", "clamp_rebinds"),
    *("parameter_recreated_in_the_loss", "slowly_diverging", "decoder_forgotten", "rastrigin"),
    *("sigmoid_big_inputs", "phases_big", "rate_1e6_net_sgd_momentum", "momentum_999_net"),
    *("adam_beta", "sigmoid_mix", "phase_freq_amp", "chirp_rate"),
    *("double_well", "rebound_to_a_result", "rebound_under_no_grad", "rebound_away_from_the_optimizer"),
    "second_echo_taken_for_the_first",
    *("custom_backward_of_zeros", "hook_on_the_parameter_gives_zeros", "hook_on_an_activation_gives_zeros"),
    *("module_backward_hook_gives_zeros", "histogram_by_comparisons", "scheduler_steps_with_every_batch"),
    *("negative_squared_error", "layer_built_in_forward", "normalised_over_a_single_element", "inputs_all_zero"),
    *("everything_dropped", "frozen_first_layer_switched_off"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "name", [name for name in FAULTS if has_loop(FAULTS[name][1]) and name not in ONLY_WITH_A_FUNCTION]
)
def test_watch_names_the_cause_from_the_loop_alone(name):
    codes, build = FAULTS[name]
    case = build()
    watched = watch(case.parameters, case.optimizer)
    try:
        with watched:
            for _ in range(5):
                case.step()
    except (RuntimeError, TypeError):
        pass  # the loop's own error, of which the report says the cause
    assert set(watched.report.codes) & codes, str(watched.report)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in HEALTHY if has_loop(HEALTHY[name])])
def test_watch_does_not_accuse_a_healthy_loop(name):
    case = HEALTHY[name]()
    with watch(case.parameters, case.optimizer) as watched:
        for _ in range(5):
            case.step()
    assert watched.report.findings == (), str(watched.report)
