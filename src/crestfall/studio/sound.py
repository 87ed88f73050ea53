"""A design as sound: samples for the loudspeaker, at a level that hurts nobody."""

from __future__ import annotations

from math import ceil

import numpy as np

from crestfall.design.design import Design

RATE_HZ = 48_000
"""Samples per second."""

PEAK = 0.1
"""Peak of the samples, where 1 is full scale: 20 dB below the loudest."""

_AUDIBLE_HZ = 20_000.0
_LEAST_S, _LONGEST_S = 1.0, 20.0


def why_silent(design: Design) -> str:
    """Why a loudspeaker cannot play a design; nothing if it can."""
    ms = design.multisine
    if ms.complex or design.problem.window is not None:
        return "only a real signal that repeats can be played through the loudspeaker"
    if not float(np.max(np.abs(ms.frequencies))) <= _AUDIBLE_HZ or not ms.period <= _LONGEST_S:
        return "only tones up to 20 kHz and periods up to 20 s can be played through the loudspeaker"
    return ""


def sound_of(design: Design) -> bytes:
    """16-bit samples of whole periods, little-endian, to be repeated; one second at least.

    Raises:
        ValueError: A loudspeaker cannot play it: it is complex, not periodic, too long or too high.

    Example:
        >>> import crestfall as cf
        >>> samples = np.frombuffer(sound_of(cf.Design.of(cf.Multisine([100.0, 300.0]), [0.0, 1.0])), "<i2")
        >>> samples.size, round(float(abs(samples).max()) / 2**15, 2)
        (48000, 0.1)
    """
    if why := why_silent(design):
        raise ValueError(why)
    ms = design.multisine
    periods = ceil(_LEAST_S / ms.period - 1e-9)
    count = round(periods * ms.period * RATE_HZ)
    spectrum = np.zeros(count // 2 + 1, dtype=np.complex128)
    np.add.at(spectrum, ms.harmonic_numbers * periods, ms.coefficients(design.phases))
    samples = np.fft.irfft(spectrum, count)
    scaled = samples * (PEAK * (2**15 - 1) / np.max(np.abs(samples)))
    return np.rint(scaled).astype("<i2").tobytes()
