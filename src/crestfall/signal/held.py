"""Signals that keep each sample until the next: pulses and other shapes with edges on the steps of a period."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.notes import note
from crestfall.problem.readable import readable
from crestfall.problem.times import MAX_SAMPLES, samples_per_period

_EDGE = 1e-9
"""Part of a step by which a time may be rounded below an edge."""


def held_at(samples: npt.NDArray[Any], turns: FloatArray) -> npt.NDArray[Any]:
    """Values at times counted in periods, each sample held until the next.

    Example:
        >>> held_at(np.array([1.0, 2.0]), np.array([0.0, 0.4, 0.5, 1.2])).tolist()
        [1.0, 1.0, 2.0, 1.0]
    """
    return samples[np.floor(turns * samples.size + _EDGE).astype(np.int64) % samples.size]


def held_waveform(samples: npt.NDArray[Any], ms: Multisine, sample_rate: float, periods: int) -> npt.NDArray[Any]:
    """Samples at a rate of at least one a step, over whole periods.

    Args:
        samples: ``(n,)`` steps of one period.
        ms: For the period.
        sample_rate: Samples per second [Hz].
        periods: Number of periods.

    Raises:
        ValueError: There would be too many samples, or a step would be shorter than a sample.

    Warns:
        CrestfallWarning: Steps are not a whole number of samples.

    Example:
        >>> held_waveform(np.array([1.0, 2.0]), Multisine([1.0]), 4.0, 1).tolist()
        [1.0, 1.0, 2.0, 2.0]
    """
    require_steps_at(samples.size, ms, sample_rate)
    ratio = samples_per_period(ms, sample_rate) or Fraction(sample_rate / ms.fundamental)
    count = ceil(periods * ratio)
    if count > MAX_SAMPLES:
        raise ValueError(
            f"sample_rate {readable(sample_rate, 'Hz', 12)} over {periods} period(s) makes {count} samples, more than "
            f"{MAX_SAMPLES}; lower the rate or the number of periods"
        )
    if ratio.numerator % (samples.size * ratio.denominator):
        note(
            f"the rate of {readable(sample_rate, 'Hz', 12)} is not a multiple of "
            f"{readable(samples.size * ms.fundamental, 'Hz', 12)}, that of the steps: edges move by up to one sample"
        )
    per_sample = samples.size * float(1 / ratio)
    j = np.arange(count)
    if ratio.numerator * samples.size < 2**31:  # exact: edges fall where they are
        return samples[j * samples.size * ratio.denominator // ratio.numerator % samples.size]
    return samples[np.floor(j * per_sample + _EDGE).astype(np.int64) % samples.size]


def require_steps_at(steps: int, ms: Multisine, sample_rate: float, name: str = "sample_rate") -> None:
    """Raise a ``ValueError`` unless every step gets a sample at a rate, which is called ``name``."""
    if not (np.isfinite(sample_rate) and sample_rate > 0):
        raise ValueError(f"{name} is {sample_rate}; it must be a finite number of samples per second above 0")
    least = steps * ms.fundamental
    if sample_rate < least * (1.0 - _EDGE):
        raise ValueError(
            f"{name} is {readable(sample_rate, 'Hz', 12)}, but {steps} steps of a period need at least "
            f"{readable(least, 'Hz', 12)}; give a multiple of that, or shapes with fewer steps"
        )
