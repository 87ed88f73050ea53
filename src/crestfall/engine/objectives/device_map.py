"""Constrained phases on a device: a phase map whose arrays live where the solver's do."""

from __future__ import annotations

from dataclasses import dataclass

from crestfall.problem.arrays import Array
from crestfall.problem.constraints.phase_map import PhaseMap
from crestfall.signal.backend import Backend


@dataclass(frozen=True, eq=False)
class DevicePhaseMap:
    """``θ_k = θ₀_k + s_k φ_v(k)`` and its transpose with PyTorch arrays (see ``PhaseMap``)."""

    offsets: Array
    slopes: Array
    variables: Array
    n_free: int

    @classmethod
    def of(cls, phase_map: PhaseMap, backend: Backend) -> DevicePhaseMap:
        """The map with its arrays on the backend's device."""
        return cls(
            backend.reals(phase_map.offsets),
            backend.reals(phase_map.slopes),
            backend.as_they_are(phase_map.variables),
            phase_map.n_free,
        )

    def phases(self, free: Array) -> Array:
        """``(…, n_free)`` variables to ``(…, n)`` phases [rad]."""
        if not self.n_free:
            return self.offsets.expand(*free.shape[:-1], -1)
        return self.offsets + self.slopes * free[..., self.variables]

    def pull(self, gradient: Array) -> Array:
        """Gradients by the phases ``(…, n)`` to gradients by the variables ``(…, n_free)``."""
        if not self.n_free:
            return gradient[..., :0]
        sums = gradient.new_zeros((*gradient.shape[:-1], self.n_free))
        return sums.index_add(-1, self.variables, gradient * self.slopes)  # a held phase adds its slope's 0
