"""At which instants a box is judged: the highest peaks of its centre, and a step to either side of them.

Any instants give a valid bound, and good ones a high bound; so nothing here needs to be exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from crestfall.certainty.proof.signal import SAMPLES_PER_CYCLE, Signal
from crestfall.problem.arrays import ComplexArray, FloatArray

_LEAST_BEND = 1e-300
_WIDE = 0.1
"""Half width [rad] above which ``n + 1`` peaks are enough; near a symmetric optimum twice as many bind."""


def instants(signal: Signal, centre: FloatArray, half: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Times and directions ``(batch, m)`` [rad] for boxes with centres ``(batch, n)`` and half widths ``(batch, d)``.

    The height in direction ``ψ`` is ``Re(e^{−iψ} z)``, never above the peak; ``ψ`` is 0 or π for a real signal.
    """
    count = signal.n + 1 if half.max() > _WIDE else 2 * signal.n
    peak, z = highest_peaks(signal, centre, count)
    step = np.minimum(0.5 * half.mean(1), 0.7)[:, None] / signal.degree
    times = np.concatenate([peak, peak - step, peak + step], 1)
    if signal.complex:
        waves = signal.waves_at(times)
        return times, np.angle(np.matmul(waves, (signal.a * np.exp(1j * centre))[..., None])[..., 0])
    return times, np.tile(np.where(z.real < 0, np.pi, 0.0), 3)


def estimated_peak(signal: Signal, phases: FloatArray) -> float:
    """True peak of ``(n,)`` phases to about 1e-7, cheaply: the highest of its refined maxima."""
    times, _ = highest_peaks(signal, phases[None], 4 * signal.n)
    waves = signal.waves_at(times[0]).T
    return float(signal.height((signal.a * np.exp(1j * phases)) @ waves).max())


def highest_peaks(signal: Signal, phases: FloatArray, count: int) -> tuple[FloatArray, ComplexArray]:
    """Times ``(batch, m ≤ count)`` of the highest peaks, by parabola and Newton, and the samples next to them."""
    z, v = signal.heights(phases)
    count, size = min(count, 2 * signal.degree), v.shape[1]
    is_peak = (v >= np.roll(v, 1, 1)) & (v > np.roll(v, -1, 1))
    index = np.argpartition(np.where(is_peak, -v, 1.0), count - 1, axis=1)[:, :count]
    row = np.arange(len(v))[:, None]
    left, mid, right = v[row, index - 1], v[row, index], v[row, (index + 1) % size]
    bend = np.minimum(left - 2.0 * mid + right, -_LEAST_BEND)
    with np.errstate(over="ignore"):
        rough = (index + (0.5 * (left - right) / bend).clip(-0.5, 0.5)) * signal.grid[1]
    return _newton(signal, signal.a * np.exp(1j * phases), rough), z[row, index]


def _newton(signal: Signal, c: ComplexArray, times: FloatArray) -> FloatArray:
    """One Newton step of ``(batch, m)`` times towards stationary points of the squared height, where it curves down."""
    waves = signal.waves_at(times)
    derivatives = np.stack([c, 1j * signal.h * c, -(signal.h**2) * c], 2)
    z: Any
    slope: Any
    bend: Any
    z, slope, bend = np.moveaxis(np.matmul(waves, derivatives), 2, 0)
    if not signal.complex:
        z, slope, bend = z.real, slope.real, bend.real
    first = (z.conj() * slope).real
    second = np.minimum((z.conj() * bend).real + np.abs(slope) ** 2, -_LEAST_BEND)
    limit = 0.5 / (SAMPLES_PER_CYCLE * signal.degree)
    with np.errstate(over="ignore"):
        return times - (first / second).clip(-limit, limit)
