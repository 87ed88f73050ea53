"""How high a multisine with given phases reaches: sample peak, certified true peak, crest factor and its relatives."""

from __future__ import annotations

from math import inf, log, log10, nan, pi, sqrt

import numpy as np
import numpy.typing as npt

from crestfall.certainty.certified_maximum import Maximum, certified_maximum, rounding_allowance
from crestfall.certainty.narrow_band import narrow_band_maximum
from crestfall.problem.arguments import finite_number, whole_number
from crestfall.problem.arrays import ComplexArray, FloatArray, IntArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.times import MAX_SAMPLES, Samples
from crestfall.problem.tones_argument import takes_tones
from crestfall.signal.synthesis import Synthesis, band_numbers, grid_size


@takes_tones
def rms(ms: Multisine, phases: npt.ArrayLike) -> float:
    """Root mean square over one period: ``√(Σ|C_g|²/2)`` real, ``√(Σ|C_g|²)`` complex.

    ``C_g`` is the phasor of one distinct frequency; when no frequency repeats, ``|C_g| = a_g`` and the phases do not
    matter.

    Example:
        >>> rms(Multisine([1, 2]), [0.3, 0.7])
        1.0
    """
    phases = ms.require_phases(phases)
    if not ms.has_repeated_frequencies:
        return ms.nominal_rms
    scale = ms.amplitude_scale
    _, first, group = np.unique(ms.harmonic_numbers, return_index=True, return_inverse=True)
    c = ms.coefficients(phases) / scale
    squares = np.bincount(group, c.real) ** 2 + np.bincount(group, c.imag) ** 2
    return scale * sqrt(float(np.sum(squares * ms.power_factors[first])))


@takes_tones
def sample_peak(
    ms: Multisine, phases: npt.ArrayLike, *, sample_rate: float | None = None, n_points: int | None = None
) -> float:
    """Largest ``|x|`` over samples taken at ``sample_rate`` [Hz], or over ``n_points`` points of one period.

    Raises:
        ValueError: Both or neither are given, or one is out of range (see ``Samples``); phases of the wrong length.

    Example:
        >>> sample_peak(Multisine([1, 2]), [0, 0], sample_rate=8)
        2.0
    """
    phases = ms.require_phases(phases)
    if (sample_rate is None) == (n_points is None):
        raise ValueError("give either sample_rate (in Hz) or n_points (points over one period, both ends included)")
    if n_points is None:
        need = "a finite number of samples per second above 0"
        rate = finite_number("sample_rate", sample_rate, need, above_zero=True, unit="Hz")
        over = Samples(rate=rate)
    else:
        points = whole_number("n_points", n_points, 1, f"an integer from 1 to {MAX_SAMPLES}", MAX_SAMPLES)
        over = Samples(max(points - 1, 1))
    n_samples = over.count(ms)
    synthesis = Synthesis(ms.harmonic_numbers, n_samples, complex=ms.complex)
    return float(np.max(np.abs(synthesis.samples(ms.coefficients(phases)))))


def true_peak_maximum(ms: Multisine, phases: npt.ArrayLike) -> Maximum:
    """The certified maximum behind ``true_peak`` and ``peak_interval``; its angle is the phase of one period."""
    phases = ms.require_phases(phases)
    scale = ms.amplitude_scale
    c = ms.coefficients(phases, scale)
    if ms.is_narrow_band:
        return narrow_band_maximum(ms, phases, true_peak_maximum(ms.as_complex(), phases))
    if not ms.complex:
        return in_unit(certified_maximum(c, ms.harmonic_numbers), scale)
    numbers = band_numbers(ms)
    power, degrees, rounding = _instantaneous_power(c, numbers)
    squared = certified_maximum(power, degrees, magnitude_of=(c, numbers))
    low, high = sqrt(max(squared.low - rounding, 0.0)) * _DOWN, sqrt(squared.high + rounding) * _UP
    value = min(max(sqrt(max(squared.value, 0.0)), low), high)
    # The envelope may repeat several times in one period of the signal; its angle counts the first of them.
    repeats = int(np.ptp(ms.harmonic_numbers)) // max(int(numbers.max()), 1)
    return in_unit(Maximum(value, low, high, squared.angle / max(repeats, 1)), scale)


_UP, _DOWN = 1.0 + 4.0 * float(np.finfo(np.float64).eps), 1.0 - 4.0 * float(np.finfo(np.float64).eps)


def in_unit(maximum: Maximum, scale: float) -> Maximum:
    """A maximum times a power of two; only results next to zero round, and they round outwards."""
    value, low, high = (scale * number for number in maximum[:3])
    if low / scale > maximum.low:
        low = float(np.nextafter(low, 0.0))
    if high / scale < maximum.high:
        high = float(np.nextafter(high, inf))
    return Maximum(min(max(value, low), high), low, high, maximum.angle)


def _instantaneous_power(c: ComplexArray, numbers: IntArray) -> tuple[ComplexArray, IntArray, float]:
    """``|z|²`` as a trigonometric polynomial: coefficients, degrees, and a bound on its rounding error."""
    degree = int(numbers.max())
    if c.size * (c.size - 1) < degree:
        return _power_of_pairs(c, numbers)
    n_samples = grid_size(degree, 2.125)
    z = Synthesis(numbers, n_samples, complex=True).samples(c)
    power = z.real**2 + z.imag**2
    coefficients = np.fft.rfft(power, norm="forward")[: degree + 1]
    coefficients[1:] *= 2.0
    error = rounding_allowance(c, n_samples)
    # Between the samples their errors can add up, at worst by the Lebesgue constant of the cut-off at the degree.
    lebesgue = 2.0 + log(degree + 1.0)
    rounding = lebesgue * error * (2.0 * sqrt(float(power.max())) + error)
    # The FFT back errs by a fraction of the samples' 2-norm, which Cauchy and Schwarz spread over all coefficients.
    unit = np.full(1, sqrt((2.0 * degree + 1.0) * float(np.mean(power**2))))
    return coefficients, np.arange(degree + 1), rounding + rounding_allowance(unit, n_samples)


def _power_of_pairs(c: ComplexArray, numbers: IntArray) -> tuple[ComplexArray, IntArray, float]:
    """The same for few tones far apart: ``Σ|c_k|² + 2 Re Σ_{k>l} c_k \bar c_l e^{i(h_k - h_l)t}``."""
    order = np.argsort(numbers)
    c, numbers = c[order], numbers[order]
    low, high = np.triu_indices(c.size, 1)
    degrees, place = np.unique(numbers[high] - numbers[low], return_inverse=True)
    products = 2.0 * c[high] * c[low].conj()
    sums = np.bincount(place, products.real, degrees.size) + 1j * np.bincount(place, products.imag, degrees.size)
    coefficients = np.append(np.sum(np.abs(c) ** 2) + 0j, sums)
    rounding = (c.size + 8.0) * float(np.finfo(np.float64).eps) * float(np.sum(np.abs(c))) ** 2
    return coefficients, np.append(0, degrees), rounding


@takes_tones
def true_peak(ms: Multisine, phases: npt.ArrayLike) -> float:
    """Largest ``|x(t)|`` over continuous time, inter-sample peaks included (``peak_interval`` says how exactly).

    Example:
        >>> round(true_peak(Multisine([1, 2]), [0, np.pi / 2]), 6)   # cos t - sin 2t
        1.760173
    """
    return true_peak_maximum(ms, phases).value


@takes_tones
def peak_interval(ms: Multisine, phases: npt.ArrayLike) -> tuple[float, float]:
    """Two numbers between which the true peak certainly lies (proof: ``crestfall.certainty.certified_maximum``).

    Example:
        >>> low, high = peak_interval(Multisine([1, 2, 3]), [0, 0, 0])
        >>> low <= 3.0 <= high, high - low < 1e-9
        (True, True)
    """
    maximum = true_peak_maximum(ms, phases)
    return maximum.low, maximum.high


@takes_tones
def crest_factor(ms: Multisine, phases: npt.ArrayLike) -> float:
    """True peak over RMS; ``nan`` for a sum that is silent (tones of one frequency that cancel).

    Example:
        >>> round(crest_factor(Multisine([50.0]), [0.0]) ** 2, 9)
        2.0
    """
    return ratio_to_rms(true_peak(ms, phases), ms, phases)


@takes_tones
def papr_db(ms: Multisine, phases: npt.ArrayLike) -> float:
    """Peak-to-average power ratio, ``20 log10`` of the crest factor [dB]; for complex signals also called PMEPR.

    Example:
        >>> round(papr_db(Multisine([50.0]), [0.0]), 6)
        3.0103
    """
    return decibels(crest_factor(ms, phases))


@takes_tones
def relative_peak_factor(ms: Multisine, phases: npt.ArrayLike) -> float:
    r"""``(max x - min x) / (2√2 · rms)`` over continuous time; 1 for a single sine. Real signals only.

    Source: Morelli, IFAC SYSID 2003.

    Raises:
        ValueError: The signal is complex.

    Example:
        >>> round(relative_peak_factor(Multisine([50.0]), [0.0]), 9)
        1.0
    """
    if ms.complex:
        raise ValueError("relative_peak_factor needs a real signal; a complex one has no minimum and maximum")
    return ratio_to_rms(true_range(ms, phases) / (2.0 * sqrt(2.0)), ms, phases)


def true_top(ms: Multisine, phases: npt.ArrayLike) -> float:
    """``max x(t)`` over continuous time. Real signals only.

    Example:
        >>> round(true_top(Multisine([1, 2]), [0, np.pi]), 9)   # cos t - cos 2t
        1.125
    """
    return true_top_maximum(ms, phases).value


def true_top_maximum(ms: Multisine, phases: npt.ArrayLike) -> Maximum:
    """The certified maximum behind ``true_top``; its angle is the phase of one period."""
    phases = ms.require_phases(phases)
    if ms.is_narrow_band:
        return narrow_band_maximum(ms, phases, true_peak_maximum(ms.as_complex(), phases), size=np.asarray)
    # |x + s| for a shift s above any peak is largest where x is: this turns a one-sided maximum into a two-sided one.
    scale = ms.amplitude_scale
    shift = float(np.sum(ms.amplitudes / scale))
    c = np.append(ms.coefficients(phases, scale), shift + 0j)
    shifted = certified_maximum(c, np.append(ms.harmonic_numbers, 0))
    value, low, high = (scale * (number - shift) for number in shifted[:3])
    return Maximum(value, low, high, shifted.angle)


def true_range(ms: Multisine, phases: npt.ArrayLike) -> float:
    """``max x(t) - min x(t)`` over continuous time. Real signals only.

    Example:
        >>> round(true_range(Multisine([1, 2]), [0, np.pi]), 9)
        3.125
    """
    phases = ms.require_phases(phases)
    return true_top(ms, phases) + true_top(ms, phases + np.pi)


def ratio_to_rms(value: float, ms: Multisine, phases: npt.ArrayLike) -> float:
    """``value / rms``, or ``nan`` when the tones cancel to rounding."""
    effective = rms(ms, phases)
    silent = effective <= 1e-12 * float(np.sum(ms.amplitudes))
    return nan if silent else value / effective


def decibels(ratio: float) -> float:
    """``20 log10(ratio)``."""
    return 20.0 * log10(ratio) if ratio > 0 else nan


def angle_to_seconds(ms: Multisine, angle: float) -> float:
    """Phase of one period (0 … 2π) to seconds."""
    return angle / (2.0 * pi) * ms.period


def sampled(ms: Multisine, phases: FloatArray, n_samples: int) -> npt.NDArray[np.inexact]:
    """``n_samples`` equally spaced samples of one period, complex for a complex signal."""
    return Synthesis(ms.harmonic_numbers, n_samples, complex=ms.complex).samples(ms.coefficients(phases))
