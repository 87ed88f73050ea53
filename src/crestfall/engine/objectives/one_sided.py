r"""Smooth approximations of ``max y`` and ``max y − min y``, from p-norms of the positive and negative parts.

.. math:: f_{\text{top}} = \log\lVert y^+\rVert_p, \qquad
          f_{\text{range}} = \log\tfrac12\bigl(\lVert y^+\rVert_p + \lVert y^-\rVert_p\bigr), \qquad
          y^\pm = \max(\pm y, 0)

A signal of zero mean has both parts. In a window a signal may stay on one side of zero: a constant ``s`` above all of
its values is then added before, and taken off again, so that both parts are always there,

.. math:: f_{\text{range}} = \log\tfrac12\bigl(\lVert (y+s)^+\rVert_p + \lVert (s-y)^+\rVert_p - 2s\bigr).
"""

from __future__ import annotations

from dataclasses import dataclass

from array_api_compat import array_namespace

from crestfall.engine.objectives.p_norm import PNorm
from crestfall.problem.arrays import Array

_LEAST = 1e-12
"""Least range that is told from zero, relative to the largest amplitude."""


@dataclass(frozen=True)
class TopNorm:
    """``log‖(y + s)⁺‖_p`` of real samples; for several outputs side by side, the largest top of any.

    Attributes:
        squarings: Chooses ``p`` (see ``PNorm``).
        shift: The constant ``s``.
    """

    squarings: int
    shift: float = 0.0

    def value_and_weights(self, samples: Array) -> tuple[Array, Array]:
        """``f`` of shape ``(…)`` and its derivatives ``(…, N)`` by the samples ``(…, N)``."""
        xp = array_namespace(samples)
        shifted = samples + self.shift
        positive = xp.where(shifted > 0, shifted, xp.zeros_like(shifted))
        return PNorm(self.squarings).value_and_weights(positive)


@dataclass(frozen=True)
class RangeNorm:
    """Half the range of real samples; for several outputs side by side, the p-norm of their ranges.

    Attributes:
        squarings: Chooses ``p`` (see ``PNorm``).
        outputs: Number of outputs, each with the same number of samples.
        shift: The constant ``s``.
    """

    squarings: int
    outputs: int = 1
    shift: float = 0.0

    def value_and_weights(self, samples: Array) -> tuple[Array, Array]:
        """``f`` of shape ``(…)`` and its derivatives ``(…, N)`` by the samples ``(…, N)``."""
        xp = array_namespace(samples)
        each = xp.reshape(samples, (*samples.shape[:-1], self.outputs, -1))
        norm = TopNorm(self.squarings, self.shift)
        top, up = norm.value_and_weights(each)
        bottom, down = norm.value_and_weights(-each)
        both = xp.exp(top) + xp.exp(bottom) - 2.0 * self.shift
        # Norms lie below what they stand for: next to a range of zero, as in a very short window, nothing is left.
        both = xp.where(both > _LEAST, both, xp.full_like(both, _LEAST))
        weights = (xp.exp(top)[..., None] * up - xp.exp(bottom)[..., None] * down) / both[..., None]
        p = PNorm(self.squarings).exponent
        ranges = xp.log(0.5 * both)
        highest = xp.max(ranges, axis=-1, keepdims=True)
        shares = xp.exp(p * (ranges - highest))
        total = xp.sum(shares, axis=-1, keepdims=True)
        value = highest[..., 0] + xp.log(total[..., 0] / self.outputs) / p
        weights = weights * (shares / total)[..., None]
        return value, xp.reshape(weights, samples.shape)
