"""One set of phases as it is drawn: the samples of one period, and a closer look at any part of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from crestfall.certainty.measures import crest_factor, sampled
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.signal.synthesis import band_numbers, grid_size

_MAX_POINTS = 200_000
_CHUNK = 2**21


@dataclass(frozen=True)
class Curve:
    """``x`` of a real signal or ``|z|`` of a complex one, for one set of phases.

    Attributes:
        label: Its name in the legends.
        colour: Its colour.
        phases: ``(n,)`` phases [rad].
        values: ``(N,)`` equally spaced samples of one period.
        crest_factor: Its true crest factor; ``nan`` for silence.
    """

    label: str
    colour: str
    phases: FloatArray
    values: FloatArray
    crest_factor: float


def curve_of(ms: Multisine, phases: FloatArray, label: str, colour: str) -> Curve:
    """Sample one period as finely as a picture can show."""
    drawn = as_drawn(ms)
    n_samples = int(np.clip(grid_size(oscillations(ms), 16.0), 1024, _MAX_POINTS))
    values = _shown(drawn, sampled(drawn, phases, n_samples))
    return Curve(label, colour, phases, values, crest_factor(ms, phases))


def oscillations(ms: Multisine) -> int:
    """Fastest oscillation of what is drawn, per period."""
    return max(1, int(np.max(np.abs(band_numbers(as_drawn(ms))))))


def as_drawn(ms: Multisine) -> Multisine:
    """The tones themselves; of a narrow band on a high carrier, the envelope."""
    return ms.as_complex() if ms.is_narrow_band else ms


def values_at(ms: Multisine, phases: FloatArray, times: FloatArray) -> FloatArray:
    """What is drawn, at any times [s]."""
    c = ms.coefficients(phases)
    total = np.zeros(times.size, dtype=np.complex128)
    step = max(1, _CHUNK // times.size)
    for first in range(0, ms.n, step):
        part = slice(first, first + step)
        total += np.exp(2j * pi * np.multiply.outer(times, ms.frequencies[part])) @ c[part]
    drawn = as_drawn(ms)
    return _shown(drawn, total if drawn.complex else total.real)


def _shown(ms: Multisine, values: np.ndarray) -> FloatArray:
    return np.abs(values) if ms.complex else np.asarray(values, dtype=np.float64)
