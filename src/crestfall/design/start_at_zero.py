"""Where a period begins: at a zero crossing, so that the waveform starts and ends at rest."""

from __future__ import annotations

from math import ceil

import numpy as np
from scipy.optimize import brentq

from crestfall.certainty.measures import rms
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine

_STEPS_PER_CYCLE = 16
_CHUNK = 64


def start_at_zero(ms: Multisine, phases: FloatArray) -> FloatArray:
    r"""Phases of the same signal, begun at an upward zero crossing.

    A shift by the angle ``α`` of one period, :math:`θ_k → θ_k + h_k α`, moves the waveform in time and changes neither
    its peak nor its RMS. ``α`` is the first upward crossing after the present beginning.

    Args:
        ms: Real tones. Their mean is zero, so the signal crosses it.
        phases: ``(n,)`` phases [rad].

    Returns:
        ``(n,)`` phases [rad] in ``[0, 2π)``; unchanged for tones that cancel.

    Raises:
        ValueError: The signal is complex.

    Example:
        >>> shifted = start_at_zero(Multisine([1.0, 2.0]), np.array([0.3, 1.0]))
        >>> bool(abs(np.cos(shifted).sum()) < 1e-12), bool(-np.sin(shifted) @ [1.0, 2.0] > 0)
        (True, True)
    """
    if ms.complex:
        raise ValueError("start_at_zero needs a real signal; a complex one need not pass through zero")
    phases = ms.require_phases(phases)
    if rms(ms, phases) <= 1e-12 * float(np.sum(ms.amplitudes)):
        return phases
    angle = _first_upward_crossing(ms, phases)
    return np.mod(phases + ms.harmonic_numbers * angle, 2.0 * np.pi)


def _first_upward_crossing(ms: Multisine, phases: FloatArray) -> float:
    """Angle in one period at which the signal first turns from below zero to above."""
    numbers = ms.harmonic_numbers.astype(float)

    def value(angle: float) -> float:
        return float(np.sum(ms.amplitudes * np.cos(phases + numbers * angle)))

    steps = ceil(_STEPS_PER_CYCLE * float(np.max(np.abs(numbers))))
    # Step by step from the beginning: a crossing is rarely more than a cycle or two of the strongest tones away.
    for first in range(0, steps, _CHUNK):
        angles = np.arange(first, first + _CHUNK + 1) * (2.0 * np.pi / steps)
        heights = np.cos(phases + angles[:, None] * numbers) @ ms.amplitudes
        rising = np.flatnonzero((heights[:-1] < 0.0) & (heights[1:] >= 0.0))
        if rising.size:
            below, above = float(angles[rising[0]]), float(angles[rising[0] + 1])
            first_value, last_value = value(below), value(above)
            if first_value >= 0.0 or last_value < 0.0:  # a crossing on the grid, where rounding decides the sign
                return below if abs(first_value) <= abs(last_value) else above
            return float(brentq(value, below, above, xtol=1e-16, rtol=1e-15))
    return 0.0  # only rounding is left of the signal
