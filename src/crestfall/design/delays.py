"""The delays of waveforms that are only shifted in time, from their phases."""

from __future__ import annotations

import numpy as np

from crestfall.certainty.delayed_waveforms import DelayedWaveforms
from crestfall.problem.arrays import FloatArray
from crestfall.problem.constraints import Delays
from crestfall.problem.problem import Problem

_ROUNDING = 1e-9


def delays_of(problem: Problem, phases: FloatArray) -> tuple[float, ...] | None:
    """Delay [s] of each group of ``Delays``, from 0 to the period of its tones; ``None`` without, or in own phases.

    Args:
        problem: The problem.
        phases: ``(n,)`` phases [rad].
    """
    groups = [group for one in problem.phases if isinstance(one, Delays) for group in one.groups]
    if not groups or phases.ndim != 1:
        return None
    phase_map = problem.phase_map
    variables = phase_map.nearest(phases)
    steps = None if problem.delay_steps is None else DelayedWaveforms.of(problem).delays(variables)
    found = []
    for group in groups:
        moving = [tone for tone in group if phase_map.slopes[tone] and problem.tones.frequencies[tone]]
        if not moving:  # held, or a constant
            found.append(0.0)
            continue
        lead = moving[0]
        if steps is not None:
            found.append(
                float(steps[phase_map.variables[lead]]) * problem.tones.period / float(problem.delay_steps or 1)
            )
            continue
        frequencies = problem.tones.frequencies[moving]
        phase = phase_map.offsets[lead] + phase_map.slopes[lead] * variables[phase_map.variables[lead]]
        delay = float(problem.delay_origin[lead] - phase) / (2.0 * np.pi * frequencies[0])
        found.append(_within_a_period(delay, problem, moving))
    return tuple(found)


def _within_a_period(delay: float, problem: Problem, tones: list[int]) -> float:
    """The delay from 0 to the period of some tones [s]; as it is where they have none."""
    if not problem.tones.has_period:
        return delay
    period = problem.tones.period / int(np.gcd.reduce(problem.tones.harmonic_numbers[tones]))
    turns = delay / period
    return float(np.mod(turns, 1.0) if abs(turns - np.rint(turns)) > _ROUNDING else 0.0) * period
