"""Samples of one period to the tones in it: the way back from a waveform to the problem."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.problem.arguments import detached
from crestfall.problem.arrays import ComplexArray, FloatArray, IntArray
from crestfall.problem.grids import MAX_HARMONIC
from crestfall.problem.multisine import Multisine
from crestfall.problem.notes import note
from crestfall.signal.partial_period import notes_partial_period
from crestfall.signal.synthesis import Synthesis

# A bin below this many rounding errors of the largest sample holds no tone, only what the FFT left behind.
_ROUNDING = 16.0 * float(np.finfo(np.float64).eps)


def tones_of_period(samples: npt.ArrayLike, sample_rate: float, drop_below_db: float = -60.0) -> Multisine:
    r"""The tones of one period of samples, by FFT: magnitudes kept, phases kept as ``initial_phases``.

    With ``N`` samples at rate ``r``, bin ``k`` is the tone :math:`f_k = k r / N`,

    .. math::
        a_k e^{i\theta_k} = \frac{2}{N} \sum_j x_j e^{-2\pi i k j / N}
        \quad\text{(real, } 0 < k < N/2\text{)}, \qquad
        \frac{1}{N} \sum_j z_j e^{-2\pi i k j / N}
        \quad\text{(complex, } -N/2 \le k < N/2\text{)}.

    The constant part of a real period, and its bin at half the sample rate (which shows only the cosine of a tone),
    have no phase to choose and are dropped, with a note where they are above the level; they do not count as the
    strongest tone either. A complex period keeps both. A record that is not a whole number of periods shows many
    more tones than its signal has: a note says so, and where to cut it. When the samples hold several whole periods,
    the tones have a common divisor and the fundamental is found from it.

    Args:
        samples: ``(N,)`` real or complex samples of whole periods, in any unit.
        sample_rate: Samples per second [Hz].
        drop_below_db: Tones weaker than this, relative to the strongest [dB], are dropped; at most 0.

    Returns:
        The tones, with amplitudes in the unit of the samples.

    Raises:
        ValueError: The samples are empty, not one-dimensional, not finite numbers or hold no tone; the sample rate is
            not above 0 or the level above 0 dB; or the tones span more than ``MAX_HARMONIC`` times their common
            divisor.

    Warns:
        CrestfallWarning: A constant part or half the sample rate is dropped, or the periods are not whole.

    Example:
        >>> t = np.arange(96) / 48  # two seconds at 48 Hz
        >>> ms = tones_of_period(np.sin(2 * np.pi * 5 * t) + 0.5 * np.cos(2 * np.pi * 10 * t + 1), 48)
        >>> ms, ms.amplitudes.round(12).tolist(), ms.initial_phases.round(3).tolist()
        (Multisine(n=2, 5 … 10 Hz, fundamental 5 Hz, real), [1.0, 0.5], [-1.571, 1.0])
    """
    x = _require_samples(samples)
    if not (np.isfinite(sample_rate) and sample_rate > 0):
        raise ValueError(f"sample_rate is {sample_rate}; it must be a finite number of samples per second above 0")
    numbers, c, divisor = _strong_bins(x, drop_below_db)
    if not notes_partial_period(x, sample_rate, numbers.size, lambda whole: _strong_bins(whole, drop_below_db)[0].size):
        _note_dropped(x, float(np.max(np.abs(c))), drop_below_db)
    return Multisine.harmonics(
        (numbers // divisor).tolist(),
        float(sample_rate) * divisor / x.size,
        np.abs(c),
        complex=np.iscomplexobj(x),
        initial_phases=np.angle(c),
    )


_LARGEST = 1e150
_NOTED = 1e-3
"""Share of the largest sample from which a change by dropped lines is reported."""


def lines_of_period(
    samples: npt.ArrayLike, sample_rate: float, drop_below_db: float = -80.0
) -> tuple[Multisine | None, float]:
    """All lines of whole periods of samples, with their phases as ``initial_phases``, and the mean of real ones.

    Unlike ``tones_of_period`` it keeps what has no phase to choose: the mean, and the line at half the sample rate.

    Args:
        samples: ``(N,)`` samples.
        sample_rate: Samples per second [Hz].
        drop_below_db: Lines weaker than this, relative to the strongest [dB], are dropped; at most 0.

    Raises:
        ValueError: As ``tones_of_period``, but a constant is not an error.

    Warns:
        CrestfallWarning: What is dropped moves a sample by more than 0.1 % of the largest one.

    Example:
        >>> tones, mean = lines_of_period([1.0, 1.0, 3.0, 3.0], 4.0)
        >>> tones.frequencies.tolist(), mean
        ([1.0], 2.0)
    """
    x = _require_samples(samples)
    largest = float(np.max(np.maximum(np.abs(x.real), np.abs(x.imag))))
    if not largest <= _LARGEST:
        raise ValueError(f"samples reach {largest:g}, more than {_LARGEST:g}; give them in a larger unit")
    is_complex, n = np.iscomplexobj(x), x.size
    mean = 0.0 if is_complex else float(np.mean(x))
    mean = mean if abs(mean) > _ROUNDING * largest else 0.0
    if not is_complex and float(np.ptp(x)) <= _ROUNDING * largest:
        return None, mean
    if not drop_below_db <= 0.0:
        raise ValueError(f"drop_below_db is {drop_below_db}; it must be a level of at most 0 dB, such as -80")
    numbers, c = _bins(x)
    if not is_complex and n % 2 == 0:
        half = np.mean(x * np.where(np.arange(n) % 2, -1.0, 1.0))
        numbers, c = np.append(numbers, n // 2), np.append(c, half)
    magnitudes = np.abs(c)
    kept = magnitudes >= max(magnitudes.max() * 10.0 ** (drop_below_db / 20.0), _ROUNDING * largest)
    numbers, c = numbers[kept], c[kept]
    divisor = int(np.gcd.reduce(numbers)) or 1
    ms = Multisine.harmonics(
        (numbers // divisor).tolist(),
        sample_rate * divisor / n,
        np.abs(c),
        complex=is_complex,
        initial_phases=np.angle(c),
    )
    lost = float(np.max(np.abs(Synthesis(numbers, n, complex=is_complex).samples(c) + mean - x)))
    if lost > _NOTED * largest:
        note(
            f"fixed waveform: {int(np.sum(~kept))} lines below {drop_below_db:g} dB are left out, which moves samples "
            f"by up to {lost:.3g} ({lost / largest:.2%} of the largest)"
        )
    return ms, mean


def _strong_bins(x: npt.NDArray[Any], drop_below_db: float) -> tuple[IntArray, ComplexArray, int]:
    """Numbers and phasors of the bins with a tone above the level, and the largest common divisor of the numbers."""
    if not drop_below_db <= 0.0:
        raise ValueError(f"drop_below_db is {drop_below_db}; it must be a level of at most 0 dB, such as -60")
    numbers, c = _bins(x)
    magnitudes = np.abs(c)
    strongest = float(np.max(magnitudes, initial=0.0))
    rounding = _ROUNDING * float(np.max(np.abs(x)))
    if strongest <= rounding:
        raise ValueError(
            f"samples hold no tone: the {x.size} samples are silent or constant; "
            "give whole periods of a signal with at least one tone between 0 Hz and half the sample rate"
        )
    kept = magnitudes >= max(strongest * 10.0 ** (drop_below_db / 20.0), rounding)
    numbers, c = numbers[kept], c[kept]
    divisor = int(np.gcd.reduce(numbers)) or 1
    highest = int(np.max(np.abs(numbers))) // divisor
    if highest > MAX_HARMONIC:
        raise ValueError(
            f"samples hold {x.size} points, with tones up to {highest} times their common divisor, more than "
            f"{MAX_HARMONIC}; cut them to a single period, or raise drop_below_db above {drop_below_db:g} dB"
        )
    return numbers, c, divisor


def _bins(x: npt.NDArray[Any]) -> tuple[IntArray, ComplexArray]:
    """Bin numbers and phasors of the bins that can be free tones, by rising frequency."""
    n = x.size
    if np.iscomplexobj(x):
        return np.arange(n) - n // 2, np.fft.fftshift(np.fft.fft(x, norm="forward"))
    last = (n - 1) // 2
    return np.arange(1, last + 1), 2.0 * np.fft.rfft(x, norm="forward")[1 : last + 1]


def _note_dropped(x: npt.NDArray[Any], strongest: float, drop_below_db: float) -> None:
    """Report a constant part, or a tone at half the sample rate, that a real period has besides its tones."""
    if np.iscomplexobj(x):
        return
    least = max(strongest * 10.0 ** (max(drop_below_db, -200.0) / 20.0), _ROUNDING * float(np.max(np.abs(x))))
    constant = float(np.mean(x))
    if abs(constant) >= least:
        note(f"the samples have an offset of {constant:.6g}, which is left out: it has no phase to choose")
    if x.size % 2 == 0:
        half = float(np.mean(x * np.where(np.arange(x.size) % 2, -1.0, 1.0)))
        if abs(half) >= least:
            note(
                f"the samples have a part of {half:.6g} at half the sample rate, which is left out: "
                "samples show only its cosine"
            )


def _require_samples(samples: npt.ArrayLike) -> FloatArray | ComplexArray:
    """The samples as float64 or complex128 ``(N,)``, or a one-line error."""
    x = np.asarray(detached(samples))
    if x.dtype.kind not in "buifc":
        raise ValueError(f"samples are of type {x.dtype}; give real or complex numbers")
    if x.ndim != 1:
        raise ValueError(f"samples have shape {x.shape}; give one channel, a one-dimensional array")
    if x.size == 0:
        raise ValueError("samples are empty; give at least one whole period")
    x = x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)
    finite = np.isfinite(x)
    if not np.all(finite):
        k = int(np.argmin(finite))
        raise ValueError(f"samples[{k}] is {x[k]}; every sample must be a finite number")
    return x
