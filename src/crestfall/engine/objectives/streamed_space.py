r"""A p-norm as a function of the phases, for very many tones: computed grid by grid, never all samples at once.

Each shifted grid (see ``crestfall.signal.shifted_grids``) gives its highest square ``m``, the sum
:math:`s = \sum_j (y_j^2/m)^{p/2}` and the adjoint ``b`` of :math:`y_j (y_j^2/m)^{p/2-1}`. Two parts add up once both
are relative to the higher of their peaks ``m⁺``,

.. math:: s^+ = s_1 \Bigl(\frac{m_1}{m^+}\Bigr)^{p/2} + s_2 \Bigl(\frac{m_2}{m^+}\Bigr)^{p/2}, \qquad
          b^+ = b_1 \Bigl(\frac{m_1}{m^+}\Bigr)^{p/2-1} + b_2 \Bigl(\frac{m_2}{m^+}\Bigr)^{p/2-1}.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import log

import numpy as np

from crestfall.engine.objectives.p_norm import PNorm
from crestfall.problem.arrays import Array, FloatArray
from crestfall.problem.constraints.phase_map import PhaseMap
from crestfall.signal.shifted_grids import ShiftedGrids

_LANES = 8
"""Parts that may be computed side by side. Fixed, so that rounding does not depend on the number of cores."""


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, eq=False)
class StreamedSpace:
    """What a solver minimises: ``variables (batch, m) → values (batch,), gradients (batch, m)``.

    Attributes:
        grids: The samples, grid by grid.
        amplitudes: ``(n,)`` amplitudes of the tones.
        objective: The p-norm.
        threads: Threads that compute at once; NumPy and SciPy release the interpreter's lock meanwhile.
        phase_map: Free variables to phases; ``None`` where the phases themselves are free.
    """

    grids: ShiftedGrids
    amplitudes: FloatArray
    objective: PNorm
    threads: int
    phase_map: PhaseMap | None = None

    def value_and_gradient(self, phases: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Values ``(batch,)`` and gradients ``(batch, m)`` at the variables ``(batch, m)`` [rad]."""
        values, gradients = np.empty(phases.shape[0]), np.empty_like(phases)
        with ThreadPoolExecutor(min(self.threads, self.grids.count, _LANES)) as pool:
            for row, variables in enumerate(phases):
                values[row], gradients[row] = self._one(variables, pool)
        return values, gradients

    def peaks(self, phases: FloatArray) -> FloatArray:
        """Largest magnitudes ``(batch,)`` of all samples at the variables ``(batch, m)`` [rad]."""
        highest = np.zeros(phases.shape[0])
        for row, variables in enumerate(phases):
            c = self._coefficients(variables)
            for shift in range(self.grids.count):
                highest[row] = max(highest[row], float(np.max(np.abs(self.grids.samples(c, shift)))))
        return highest

    def _coefficients(self, variables: FloatArray) -> Array:
        phases = variables if self.phase_map is None else self.phase_map.phases(variables)
        return self.grids.coefficients(self.amplitudes, phases)

    def _one(self, variables: FloatArray, pool: ThreadPoolExecutor) -> tuple[float, FloatArray]:
        c = self._coefficients(variables)
        count = self.grids.count
        lanes = [range(first, count, _LANES) for first in range(min(count, _LANES))]
        whole = None
        for part in pool.map(lambda shifts: self._lane(c, shifts), lanes):
            whole = part if whole is None else whole.plus(part, self.objective.exponent)
        assert whole is not None
        p, n_samples = self.objective.exponent, count * self.grids.synthesis.n_samples
        value = log(whole.total / n_samples) / p + 0.5 * log(whole.highest)
        gradient = c.real * whole.back.imag
        gradient -= c.imag * whole.back.real
        gradient = gradient.astype(np.float64) / (whole.highest * whole.total)
        return value, gradient if self.phase_map is None else self.phase_map.pull(gradient)

    def _lane(self, c: Array, shifts: range) -> _Part:
        whole = None
        for shift in shifts:
            samples = self.grids.samples(c, shift)
            highest, total = self.objective.weigh(samples)
            part = _Part(highest, total, self.grids.adjoint(samples, shift))
            whole = part if whole is None else whole.plus(part, self.objective.exponent)
        assert whole is not None
        return whole


@dataclass(frozen=True, eq=False)
class _Part:
    """What some of the samples contribute."""

    highest: float
    total: float
    back: Array

    def plus(self, other: _Part, p: int) -> _Part:
        """Both parts together; the sums ``back`` are changed in place."""
        highest = max(self.highest, other.highest)
        mine, theirs = self.highest / highest, other.highest / highest
        for part, share in ((self, mine), (other, theirs)):
            if share != 1.0:
                part.back[...] *= share ** (p // 2 - 1)
        self.back[...] += other.back
        total = self.total * mine ** (p // 2) + other.total * theirs ** (p // 2)
        return _Part(highest, total, self.back)
