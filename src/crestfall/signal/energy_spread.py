"""How evenly the energy of each part of the band is spread over the period: noise-like, or a sweep."""

from __future__ import annotations

import numpy as np
from scipy.fft import ifft, next_fast_len

from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine

_MOST_SAMPLES = 2**24
_PER_OSCILLATION = 2.0
"""Samples for each oscillation of an envelope: its square has the same mean over a few of them."""


def largest_energy_share(ms: Multisine, phases: FloatArray, *, bands: int = 8, segments: int = 16) -> float | None:
    r"""Largest share of the energy of any part of the band that lies in any of equal segments of the period.

    The tones are divided by frequency into ``bands`` groups of equal number. Group ``b`` has the envelope
    :math:`z_b(t) = \sum_{k \in b} a_k e^{i(2\pi f_k t + \theta_k)}`; the share of segment ``s`` is the mean of
    :math:`|z_b|^2` over it, relative to the sum of those of all segments. ``1 / segments`` is perfectly even, 1 is a
    burst. A sweep excites each frequency for a moment only: a system that changes with time looks like another one.

    Args:
        ms: Tones with a common period.
        phases: ``(n,)`` phases [rad].
        bands: Groups of tones.
        segments: Segments of the period.

    Returns:
        The share, or ``None`` where a group has fewer than 8 tones or needs more than 2²⁴ samples.

    Example:
        >>> from crestfall.engine.closed_form import random_phases, schroeder
        >>> ms = Multisine.harmonics(range(1, 4097))
        >>> round(largest_energy_share(ms, schroeder(ms)), 1)
        0.5
        >>> 1 / 16 < largest_energy_share(ms, random_phases(ms, seed=0)) < 0.1
        True
    """
    order = np.argsort(ms.harmonic_numbers, kind="stable")
    coefficients, numbers = ms.coefficients(phases, ms.amplitude_scale)[order], ms.harmonic_numbers[order]
    largest = 0.0
    for c, h in zip(np.array_split(coefficients, bands), np.array_split(numbers, bands), strict=True):
        if h.size < 8:
            return None
        wanted = max(_PER_OSCILLATION * (int(h[-1] - h[0]) + 1), 64 * segments)
        if wanted > _MOST_SAMPLES:
            return None
        size = next_fast_len(int(wanted))
        size += -size % segments
        spectrum = np.zeros(size, complex)
        np.add.at(spectrum, h - h[0], c)
        z = ifft(spectrum)
        energy = np.sum((z.real**2 + z.imag**2).reshape(segments, -1), axis=1)
        largest = max(largest, float(energy.max() / energy.sum()))
    return largest
