"""Samples of a multisine at any sample rate above Nyquist."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, pi
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.readable import readable
from crestfall.problem.times import MAX_SAMPLES, samples_per_period
from crestfall.signal.synthesis import Synthesis

_CHUNK = 2**22
_ADVICE = {
    False: "lower the rate or the number of periods",
    True: "a narrow band on a high carrier is best played from the samples of its envelope, ms.as_complex(), mixed up",
}


def waveform(ms: Multisine, phases: npt.ArrayLike, sample_rate: float, periods: int = 1) -> npt.NDArray[Any]:
    """Samples ``x(j / sample_rate)`` over whole periods.

    When ``sample_rate`` is a whole multiple of the fundamental, the last sample leads back to the first without a seam.
    Otherwise the samples are those with ``0 <= t < periods / fundamental``.

    Args:
        ms: The tones.
        phases: ``(n,)`` phases [rad], cosine convention.
        sample_rate: Samples per second [Hz], more than twice the highest frequency.
        periods: Number of periods, at least 1.

    Returns:
        ``(N,)`` float64 samples, complex128 for a complex signal.

    Raises:
        ValueError: A tone reaches half the sample rate, or ``periods`` is not a positive integer, or there would be too
            many samples.

    Example:
        >>> waveform(Multisine([1.0]), [np.pi / 3], sample_rate=4).round(3).tolist()
        [0.5, -0.866, -0.5, 0.866]
    """
    phases = ms.require_phases(phases)
    count, ratio = count_samples(ms, sample_rate, periods)
    c = ms.coefficients(phases)
    if ratio is not None and ratio.numerator <= max(4 * count, _CHUNK):
        # Sampling visits the ratio.numerator points of one period in steps of ratio.denominator.
        points = Synthesis(ms.harmonic_numbers, ratio.numerator, complex=ms.complex).samples(c)
        return points[np.arange(count) * ratio.denominator % ratio.numerator]
    samples = _direct_sum(ms.frequencies, c, sample_rate, count)
    return samples if ms.complex else samples.real


def count_samples(ms: Multisine, sample_rate: float, periods: int = 1) -> tuple[int, Fraction | None]:
    """Number of samples that ``waveform`` makes, and ``sample_rate / fundamental`` if that is a usable fraction.

    Raises:
        ValueError: As ``waveform``.
    """
    require_nyquist(ms, sample_rate)
    if not (1 <= periods <= 2**63 and periods == int(periods)):
        raise ValueError(f"periods is {periods}; it must be an integer of at least 1, and of at most 2^63")
    ratio = samples_per_period(ms, sample_rate)
    count = ceil(periods * (ratio if ratio is not None else sample_rate / ms.fundamental))
    if count > MAX_SAMPLES:
        raise ValueError(
            f"sample_rate {readable(sample_rate, 'Hz', 12)} over {periods} period(s) of {readable(ms.period, 's', 6)} "
            f"makes {count} samples, more than {MAX_SAMPLES}; {_ADVICE[ms.is_above_samples]}"
        )
    return count, ratio


def require_nyquist(ms: Multisine, sample_rate: float, name: str = "sample_rate") -> None:
    """Raise a ``ValueError`` unless every tone lies below half the sample rate, which is called ``name``."""
    if not (np.isfinite(sample_rate) and sample_rate > 0):
        raise ValueError(f"{name} is {sample_rate}; it must be a finite number of samples per second above 0")
    highest = float(np.max(np.abs(ms.frequencies)))
    if highest >= sample_rate / 2:
        raise ValueError(
            f"{name} is {readable(sample_rate, 'Hz', 12)}, but the highest tone is at {readable(highest, 'Hz', 12)}; "
            f"a waveform needs more than {2 * highest:.12g} samples per second; raise it"
        )


def _direct_sum(frequencies: FloatArray, c: npt.NDArray[np.complex128], sample_rate: float, count: int) -> Any:
    samples = np.empty(count, dtype=np.complex128)
    step = max(1, _CHUNK // c.size)
    for start in range(0, count, step):
        j = np.arange(start, min(start + step, count))
        turns = np.multiply.outer(j, frequencies / sample_rate)
        samples[j] = np.exp(2j * pi * (turns - np.rint(turns))) @ c
    return samples
