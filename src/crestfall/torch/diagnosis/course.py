"""How the losses, gradients and parameters of a real loop go, seen without computing anything anew."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.evaluation import Evaluation
from crestfall.torch.diagnosis.events import Events, rates
from crestfall.torch.findings import Finding

_TOO_MANY_STEPS = 5e4  # of the mean gain; more than in progress.py, because the least loss is not known here
_SEVERAL = 3  # iterations from which a trend counts


class Course:
    """Notes of each backward pass.

    Attributes:
        losses: The value that each backward began from.
        first: The gradients after the first backward.
        cleared: Whether they were ever found zeroed when another backward began.
    """

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.first: list[torch.Tensor | None] | None = None
        self.cleared = False
        self._slopes: list[float] = []
        self._cosines: list[float] = []
        self._at: torch.Tensor | None = None
        self._gradient: torch.Tensor | None = None

    def before(self, value: torch.Tensor, evaluation: Evaluation) -> None:
        """Note the loss, the way since the last backward, and whether gradients were zeroed.

        Args:
            value: What backward is called on.
            evaluation: The parameters.
        """
        self.losses.append(
            float(value.detach().abs().double().mean()) if value.is_complex() else float(value.detach().double().mean())
        )
        position = evaluation.flatten(evaluation.tensors)
        self.cleared |= self.first is not None and all(
            t.grad is None or not bool(t.grad.to_dense().any()) for t in evaluation.tensors
        )
        if self._at is not None and self._gradient is not None:
            move = position - self._at
            if bool((move != 0).any()):
                slope = float(self._gradient @ move)
                self._slopes.append(slope)
                self._cosines.append(slope / max(float(self._gradient.norm() * move.norm()), 1e-300))
        self._at = position

    def after(self, evaluation: Evaluation) -> None:
        """Note the gradients.

        Args:
            evaluation: The parameters.
        """
        parts = [None if t.grad is None else t.grad.detach().clone() for t in evaluation.tensors]
        if self.first is None:
            self.first = parts
        self._gradient = evaluation.filled(parts)

    def falls(self) -> bool:
        """Whether the loss went down by a tenth."""
        return len(self.losses) > 1 and self.losses[-1] < 0.9 * self.losses[0]

    def check_effect(self, events: Events, evaluation: Evaluation) -> Iterator[Finding]:
        """Rates, the direction and weight decay, as far as the losses show them.

        Args:
            events: Of the loop.
            evaluation: The parameters, at the start of the loop.
        """
        if len(self.losses) < _SEVERAL or not self._slopes:
            return
        optimizers = events.optimizers()
        rate = f"with lr={rates(optimizers[0])[0]:g} " if optimizers else ""
        losses = " → ".join(f"{loss:.3g}" for loss in self.losses[:5])
        decay = max((float(g.get("weight_decay") or 0.0) for o in optimizers for g in o.param_groups), default=0.0)
        assert self._gradient is not None
        if (
            decay * float(evaluation.start.norm()) > 10.0 * float(self._gradient.norm())
            and decay >= 0.1
            and not self.falls()
        ):
            yield finding(
                "weight-decay-dominates", f"weight_decay={decay:g} pulls more than ten times as hard as the gradient"
            )
        elif min(self._cosines) > 0.1 and self.losses[-1] > self.losses[0]:
            yield finding("uphill", f"every step goes along the gradient, and the loss rises: {losses}")
        elif any(loss != loss or abs(loss) == float("inf") for loss in self.losses) or self._grows():
            yield finding("rate-too-large", f"{rate}the loss goes {losses} …")
        else:
            gain = max(-sum(self._slopes) / len(self._slopes), 0.0)
            spread = abs(self.losses[-1] - self.losses[0])
            growing = len(self._slopes) > 1 and abs(self._slopes[-1]) > 2.0 * abs(self._slopes[0])
            if (
                0.0 < gain < abs(self.losses[0]) / _TOO_MANY_STEPS
                and spread < 1e-3 * abs(self.losses[0])
                and not growing
            ):
                yield finding(
                    "rate-too-small",
                    f"{rate}each step lowers the loss of {self.losses[0]:.4g} by about {gain:.2g}; at that pace it "
                    f"needs about {abs(self.losses[0]) / gain:.1g} steps",
                    remedy="raise the learning rate a thousandfold, or let doctor(loss, model, step=step) suggest one",
                )

    def _grows(self) -> bool:
        rises = [later > earlier for earlier, later in zip(self.losses, self.losses[1:], strict=False)]
        if all(rises) and self.losses[-1] > 10.0 * abs(self.losses[0]):
            return True
        return len(self.losses) > _SEVERAL and self.losses[0] > 0 and min(self.losses[1:]) > 1.5 * self.losses[0]
