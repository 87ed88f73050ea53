r"""Smooth stand-ins for ``max y`` and for the range ``max y − min y``, from p-norms of the positive and negative parts.

.. math:: f_{\text{top}} = \log\lVert y^+\rVert_p, \qquad
          f_{\text{range}} = \log\tfrac12\bigl(\lVert y^+\rVert_p + \lVert y^-\rVert_p\bigr), \qquad
          y^\pm = \max(\pm y, 0)

A signal of zero mean has both parts. The range does not change when a constant is added at the end, and that is what a
relative peak factor measures.
"""

from __future__ import annotations

from dataclasses import dataclass

from array_api_compat import array_namespace

from crestfall.engine.objectives.p_norm import PNorm
from crestfall.problem.arrays import Array


@dataclass(frozen=True)
class TopNorm:
    """``log‖y⁺‖_p`` of real samples; for several outputs side by side, the largest top of any.

    Attributes:
        squarings: Chooses ``p`` (see ``PNorm``).
    """

    squarings: int

    def value_and_weights(self, samples: Array) -> tuple[Array, Array]:
        """``f`` of shape ``(…)`` and its derivatives ``(…, N)`` by the samples ``(…, N)``."""
        xp = array_namespace(samples)
        positive = xp.where(samples > 0, samples, xp.zeros_like(samples))
        return PNorm(self.squarings).value_and_weights(positive)


@dataclass(frozen=True)
class RangeNorm:
    """Half the range of real samples; for several outputs side by side, the p-norm of their ranges.

    Attributes:
        squarings: Chooses ``p`` (see ``PNorm``).
        outputs: Number of outputs, each with the same number of samples.
    """

    squarings: int
    outputs: int = 1

    def value_and_weights(self, samples: Array) -> tuple[Array, Array]:
        """``f`` of shape ``(…)`` and its derivatives ``(…, N)`` by the samples ``(…, N)``."""
        xp = array_namespace(samples)
        each = xp.reshape(samples, (*samples.shape[:-1], self.outputs, -1))
        top, up = TopNorm(self.squarings).value_and_weights(each)
        bottom, down = TopNorm(self.squarings).value_and_weights(-each)
        half = xp.exp(top) + xp.exp(bottom)
        weights = (xp.exp(top)[..., None] * up - xp.exp(bottom)[..., None] * down) / half[..., None]
        p = PNorm(self.squarings).exponent
        ranges = xp.log(0.5 * half)
        highest = xp.max(ranges, axis=-1, keepdims=True)
        shares = xp.exp(p * (ranges - highest))
        total = xp.sum(shares, axis=-1, keepdims=True)
        value = highest[..., 0] + xp.log(total[..., 0] / self.outputs) / p
        weights = weights * (shares / total)[..., None]
        return value, xp.reshape(weights, samples.shape)
