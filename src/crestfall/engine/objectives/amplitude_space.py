r"""An objective of samples, seen as a function of phases and amplitudes, relative to the RMS of the wanted tones.

With ``c_k = a_k(v) e^{iθ_k}`` and ``w = ∂f/∂y`` the same adjoint synthesis that gives the derivatives by the phases
gives those by the amplitudes:

.. math:: \frac{\partial f}{\partial a_k} = \operatorname{Re}\bigl(e^{-iθ_k} (S^H w)_k\bigr), \qquad
          F = f - \tfrac12\log\sum_{\text{wanted}} a_k^2 .
"""

from __future__ import annotations

from dataclasses import dataclass

from array_api_compat import array_namespace

from crestfall.engine.objectives.device_map import DevicePhaseMap
from crestfall.engine.objectives.phase_space import Objective
from crestfall.problem.amplitudes import AmplitudeFreedom
from crestfall.problem.arrays import Array
from crestfall.problem.constraints.phase_map import PhaseMap
from crestfall.signal.synthesis import LinearMap


@dataclass(frozen=True)
class AmplitudeSpace:
    """What a solver minimises: ``variables (batch, m + free) → values (batch,), gradients (batch, m + free)``.

    Attributes:
        synthesis: Coefficients to the samples of all signals that count.
        freedom: Variables to amplitudes.
        scale: What amplitudes are divided by, so that no power of them is out of range.
        objective: Samples to a number that grows by ``log s`` when they grow by a factor ``s``.
        phase_map: The first ``m`` variables to phases.
    """

    synthesis: LinearMap
    freedom: AmplitudeFreedom
    scale: float
    objective: Objective
    phase_map: PhaseMap | DevicePhaseMap

    def value_and_gradient(self, phases: Array) -> tuple[Array, Array]:
        """Values ``(batch,)`` and gradients ``(batch, m + free)`` at phases and, after them, amplitude variables."""
        xp = array_namespace(phases)
        variables, m, freedom = phases, self.phase_map.n_free, self.freedom
        amplitudes = freedom.amplitudes(variables[..., m:]) / self.scale
        turns = xp.exp(1j * self.phase_map.phases(variables[..., :m]))
        value, weights = self.objective.value_and_weights(self.synthesis.samples(amplitudes * turns))
        back = xp.conj(turns) * self.synthesis.adjoint(weights)
        by_phase = self.phase_map.pull(amplitudes * back.imag)
        wanted = xp.where(freedom.wanted, amplitudes, xp.zeros_like(amplitudes))
        power = xp.sum(wanted**2, axis=-1, keepdims=True)
        by_amplitude = (back.real - wanted / power)[..., freedom.free]
        by_variable = by_amplitude * freedom.slopes(variables[..., m:]) / self.scale
        return value - 0.5 * xp.log(power[..., 0]), xp.concat((by_phase, by_variable), axis=-1)
