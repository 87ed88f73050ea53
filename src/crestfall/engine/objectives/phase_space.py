r"""An objective of samples, seen as a function of the phases.

With ``y = S c`` and weights ``w = ∂f/∂y``, the chain rule needs one adjoint synthesis and no automatic differentiation:

.. math:: \frac{\partial f}{\partial\theta_k} = \operatorname{Re}\bigl(i c_k\,\overline{(S^H w)_k}\bigr)
          = \operatorname{Im}\bigl(\bar c_k (S^H w)_k\bigr).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from array_api_compat import array_namespace

from crestfall.engine.objectives.device_map import DevicePhaseMap
from crestfall.problem.arrays import Array
from crestfall.problem.constraints.phase_map import PhaseMap
from crestfall.signal.synthesis import LinearMap


class Objective(Protocol):
    """Samples ``(…, N)`` to a number each, and its derivatives by the samples."""

    def value_and_weights(self, samples: Array) -> tuple[Array, Array]: ...


class Space(Protocol):
    """What a solver minimises: variables ``(batch, m)`` to values ``(batch,)`` and gradients ``(batch, m)``."""

    def value_and_gradient(self, phases: Array) -> tuple[Array, Array]: ...


@dataclass(frozen=True)
class PhaseSpace:
    """What a solver minimises: ``variables (batch, m) → values (batch,), gradients (batch, m)``.

    Attributes:
        synthesis: Coefficients to the samples of all signals that count.
        amplitudes: ``(n,)`` amplitudes of the tones.
        objective: Samples to a number.
        phase_map: Free variables to phases; ``None`` where the phases themselves are free, ``m = n``.
    """

    synthesis: LinearMap
    amplitudes: Array
    objective: Objective
    phase_map: PhaseMap | DevicePhaseMap | None = None

    def coefficients(self, phases: Array) -> Array:
        """``a_k exp(i θ_k)`` of the phases that belong to the variables."""
        xp = array_namespace(phases)
        if self.phase_map is not None:
            phases = self.phase_map.phases(phases)
        return self.amplitudes * xp.exp(1j * phases)

    def value_and_gradient(self, phases: Array) -> tuple[Array, Array]:
        """Values ``(batch,)`` and gradients ``(batch, m)`` at the variables ``(batch, m)`` [rad]."""
        c = self.coefficients(phases)
        value, weights = self.objective.value_and_weights(self.synthesis.samples(c))
        back = self.synthesis.adjoint(weights)
        gradient = c.real * back.imag - c.imag * back.real
        return value, gradient if self.phase_map is None else self.phase_map.pull(gradient)
