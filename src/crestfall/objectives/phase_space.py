r"""An objective of samples, seen as a function of the phases.

With ``y = S c`` and weights ``w = ∂f/∂y``, the chain rule needs one adjoint synthesis and no automatic differentiation:

.. math:: \frac{\partial f}{\partial\theta_k} = \operatorname{Re}\bigl(i c_k\,\overline{(S^H w)_k}\bigr)
          = \operatorname{Im}\bigl(\bar c_k (S^H w)_k\bigr).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from array_api_compat import array_namespace

from crestfall._types import Array
from crestfall.synthesis import Synthesis


class Objective(Protocol):
    """Samples ``(…, N)`` to a number each, and its derivatives by the samples."""

    def value_and_weights(self, samples: Array) -> tuple[Array, Array]: ...


@dataclass(frozen=True)
class PhaseSpace:
    """What a solver minimises: ``phases (batch, n) → values (batch,), gradients (batch, n)``."""

    synthesis: Synthesis
    amplitudes: Array
    objective: Objective

    def coefficients(self, phases: Array) -> Array:
        """``a_k exp(i θ_k)``."""
        xp = array_namespace(phases)
        return self.amplitudes * xp.exp(1j * phases)

    def value_and_gradient(self, phases: Array) -> tuple[Array, Array]:
        """Values ``(batch,)`` and gradients ``(batch, n)`` at the phases ``(batch, n)`` [rad]."""
        c = self.coefficients(phases)
        value, weights = self.objective.value_and_weights(self.synthesis.samples(c))
        back = self.synthesis.adjoint(weights)
        return value, c.real * back.imag - c.imag * back.real
