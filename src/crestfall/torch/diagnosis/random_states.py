"""The states of all random generators: Python's, NumPy's, PyTorch's on every device, and the user's own."""

from __future__ import annotations

import copy
import random
from typing import Any

import numpy as np
import torch


class RandomStates:
    """The states as they are now, to go back to.

    Args:
        generators: Generators that the user's functions hold.

    Example:
        >>> states = RandomStates()
        >>> first = torch.rand(2)
        >>> states.restore()
        >>> bool((torch.rand(2) == first).all())
        True
    """

    def __init__(self, generators: list[Any] | None = None) -> None:
        self.python = random.getstate()
        self.numpy = np.random.get_state()  # noqa: NPY002 - the user's loss may draw from it
        self.cpu = torch.get_rng_state()
        self.cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
        self.generators = [
            # Entropy of the operating system has no state.
            (generator, _state(generator))
            for generator in generators or []
            if not isinstance(generator, random.SystemRandom)
        ]

    def restore(self) -> None:
        """Put every generator back."""
        random.setstate(self.python)
        np.random.set_state(self.numpy)  # noqa: NPY002
        torch.set_rng_state(self.cpu)
        if self.cuda is not None:
            torch.cuda.set_rng_state_all(self.cuda)
        for generator, state in self.generators:
            _set_state(generator, state)


def _state(generator: Any) -> Any:
    if isinstance(generator, np.random.Generator):
        return copy.deepcopy(generator.bit_generator.state)
    if isinstance(generator, (torch.Generator, np.random.RandomState)):
        return generator.get_state()
    return generator.getstate()


def _set_state(generator: Any, state: Any) -> None:
    if isinstance(generator, np.random.Generator):
        generator.bit_generator.state = state
    elif isinstance(generator, (torch.Generator, np.random.RandomState)):
        generator.set_state(state)
    else:
        generator.setstate(state)
