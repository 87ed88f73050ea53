"""Does each step begin where the one before it ended, or has something else moved the parameters in between?"""

from __future__ import annotations

import torch

# A projection to the nearest allowed point never moves farther than the step that left the allowed range; the margin is
# for optimisers whose state turns the step.
_MOST_PROJECTED = 3.0


class Restarts:
    """What happens to the parameters between an optimiser's step and the next backward pass."""

    def __init__(self) -> None:
        self._start: torch.Tensor | None = None
        self._end: torch.Tensor | None = None
        self._same: list[bool] = []
        self._factors: list[float] = []

    def before_backward(self, position: torch.Tensor) -> None:
        """Compare with the end of the last step.

        Args:
            position: The parameters as a vector.
        """
        if self._start is not None and self._end is not None:
            step, jump = float((self._end - self._start).norm()), float((position - self._end).norm())
            if 0.0 < step < float("inf"):
                self._same.append(torch.equal(position, self._start))
                self._factors.append(jump / step)
        self._start, self._end = position, None

    def after_step(self, position: torch.Tensor) -> None:
        """Keep the end of an optimiser's step.

        Args:
            position: The parameters as a vector.
        """
        self._end = position

    def untouched(self) -> bool:
        """Whether nothing but the optimiser moves the parameters, no clamp for instance."""
        return not any(factor > 0.0 for factor in self._factors)

    def explanation(self) -> str | None:
        """What is seen, if every step but the first starts over."""
        pairs = list(zip(self._same, self._factors, strict=True))
        if len(pairs) < 2 or not all(same or factor > _MOST_PROJECTED for same, factor in pairs):
            return None
        if all(self._same[1:]):
            return "every step starts from the same values"
        least = min(self._factors)
        return f"between steps other code moves them at least {least:.3g} times as far as the optimiser does"
