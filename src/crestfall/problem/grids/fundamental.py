"""Frequency grids: the common fundamental of a set of frequencies, found exactly.

A harmonic grid is a set of frequencies that are all integer multiples ``h_k`` of one fundamental ``f0``; the signal
then repeats after ``1 / f0``. Finding ``f0`` from floating-point numbers is a question about what the numbers *mean*,
and there are two honest readings, tried in this order:

1. **As written.** ``102.5e6`` means the decimal number 102 500 000; the greatest common divisor of such decimals is
   exact.
2. **As computed.** ``3 * 0.1`` gives ``0.30000000000000004``, a number nobody wrote. The ratios to the smallest
   frequency are then approximated by fractions, and accepted only when every frequency is met within a few units in
   the last place.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

import numpy as np

from crestfall.problem.arrays import FloatArray, IntArray

MAX_HARMONIC = 2**24
"""Largest harmonic number of a usable grid: a period is then at most some 10⁸ samples. What lies in a narrow band on a
high carrier is computed at the carrier's distance, so only its width counts."""

MAX_CARRIER = 2**53
"""Largest harmonic number that a floating-point number holds exactly."""

LEAST_FUNDAMENTAL = float(np.finfo(np.float64).tiny)
"""Smallest fundamental [Hz]: a period must be a finite number."""

_ULPS = 4
_NARROW = 16
"""Lowest frequency of a narrow band over its width: the real signal's peak is then within 0.2 % of the envelope's."""


_MOST_DECIMALS = 9
_UNIQUE_BELOW = 10**15
"""A decimal of at most 15 digits is the only one of them that reads back as its float: it is the shortest."""


def common_fundamental(frequencies_hz: FloatArray) -> tuple[float, IntArray] | None:
    """Largest ``f0`` of which every frequency is an integer multiple, and the multiples.

    Args:
        frequencies_hz: ``(n,)`` finite frequencies [Hz]; zero and negative ones are allowed, repeated ones too.

    Returns:
        ``(f0, h)`` with ``f0 > 0`` [Hz] and ``h`` the ``(n,)`` integers with ``frequencies_hz == h * f0``, to within
        rounding; or ``None`` when there is no such grid with ``max |h| <= MAX_HARMONIC``, nor one of a narrow band
        (see ``is_narrow``). All-zero frequencies have ``f0 = 1``.

    Example:
        >>> f0, h = common_fundamental(np.array([100e6, 101e6, 102.5e6]))
        >>> f0, h.tolist()
        (500000.0, [200, 202, 205])
        >>> f0, h = common_fundamental(0.1 * np.arange(1, 5))
        >>> round(f0, 15), h.tolist()
        (0.1, [1, 2, 3, 4])
        >>> common_fundamental(np.array([1.0, np.sqrt(2.0)])) is None
        True
    """
    distinct = np.unique(np.abs(frequencies_hz[frequencies_hz != 0.0]))
    if distinct.size == 0:
        return 1.0, np.zeros(frequencies_hz.shape, dtype=np.int64)
    fundamental = _as_written(distinct)
    if fundamental is None:
        fundamental = _as_computed(distinct)
    if fundamental is None:
        return _narrow(frequencies_hz)
    if fundamental < LEAST_FUNDAMENTAL:
        return None
    harmonics = np.rint(frequencies_hz / float(fundamental)).astype(np.int64)
    return float(fundamental), harmonics


def is_narrow(numbers: IntArray) -> bool:
    """Whether harmonic numbers lie in a band of at most 1/16 of its lowest one and ``MAX_HARMONIC`` common spacings.

    Example:
        >>> is_narrow(np.array([10**12, 10**12 + 7, 10**12 + 1000])), is_narrow(np.array([1, 2, 2**40]))
        (True, False)
    """
    apart = numbers - numbers.min()
    band, spacing = int(apart.max()), int(np.gcd.reduce(apart)) or 1
    return _NARROW * band <= int(np.min(np.abs(numbers))) and band // spacing <= MAX_HARMONIC


def _narrow(frequencies_hz: FloatArray) -> tuple[float, IntArray] | None:
    """The grid of frequencies as written, however fine, if the band is narrow."""
    written = [Fraction(repr(float(value))) for value in frequencies_hz]
    fundamental = Fraction(0)
    for value in written:
        fundamental = _gcd(fundamental, abs(value))
    if fundamental < LEAST_FUNDAMENTAL or max(abs(value) for value in written) / fundamental > MAX_CARRIER:
        return None
    harmonics = np.array([int(value / fundamental) for value in written], dtype=np.int64)
    return (float(fundamental), harmonics) if is_narrow(harmonics) else None


def _as_written(distinct_hz: FloatArray) -> Fraction | None:
    """Exact greatest common divisor of the shortest decimals that read back as these floats."""
    for digits in range(_MOST_DECIMALS + 1):
        scaled = np.rint(distinct_hz * 10.0**digits)
        if scaled[-1] >= _UNIQUE_BELOW:
            break
        if np.array_equal(scaled / 10.0**digits, distinct_hz):
            fundamental = Fraction(int(np.gcd.reduce(scaled.astype(np.int64))), 10**digits)
            return fundamental if Fraction(int(scaled[-1]), 10**digits) / fundamental <= MAX_HARMONIC else None
    fundamental = Fraction(0)
    largest = Fraction(repr(float(distinct_hz[-1])))
    for value in distinct_hz:
        fundamental = _gcd(fundamental, Fraction(repr(float(value))))
        if largest / fundamental > MAX_HARMONIC:
            return None
    return fundamental


def _as_computed(distinct_hz: FloatArray) -> Fraction | None:
    """Common divisor of ratios to the smallest frequency, each within a few units in the last place."""
    smallest = float(distinct_hz[0])
    if float(distinct_hz[-1]) / smallest > MAX_HARMONIC:
        return None
    denominator = 1
    for value in distinct_hz:
        ratio = Fraction(float(value) / smallest).limit_denominator(MAX_HARMONIC)
        denominator = lcm(denominator, ratio.denominator)
        if denominator * float(distinct_hz[-1]) / smallest > MAX_HARMONIC:
            return None
    harmonics = np.rint(distinct_hz / smallest * denominator)
    # The largest frequency carries the least relative error of a fundamental, so divide by it, not by the smallest.
    fundamental = float(distinct_hz[-1]) / float(harmonics[-1])
    if np.any(np.abs(distinct_hz - harmonics * fundamental) > _ULPS * np.spacing(distinct_hz)):
        return None
    # The denominator is the least common one, so the harmonic numbers have no divisor left to take out.
    return Fraction(fundamental)


def _gcd(a: Fraction, b: Fraction) -> Fraction:
    return Fraction(gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator)
