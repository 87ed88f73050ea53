"""Are gradients switched off for the whole program, by something that was never switched back?"""

from __future__ import annotations

import gc

import torch

from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.findings import Finding

_CONTEXTS = (torch.no_grad, torch.set_grad_enabled)


def inside_a_context() -> bool:
    """Whether the program stands within a ``with torch.no_grad()``, which ends by itself.

    A call of ``torch.set_grad_enabled(False)`` as a function leaves no such object behind.
    """
    # type(), because isinstance asks lazy proxies of other libraries to load themselves.
    contexts = [value for value in gc.get_objects() if issubclass(type(value), _CONTEXTS)]
    return torch.is_inference_mode_enabled() or any(context.prev for context in contexts)


def gradients_off(where: str) -> Finding:
    """The finding for a program that has switched gradients off.

    Args:
        where: When that was seen.
    """
    return finding(
        "gradients-off",
        f"{where} torch.is_grad_enabled() is False, left behind by torch.set_grad_enabled(False), no_grad() or "
        "inference_mode(); the loss gets no graph",
    )
