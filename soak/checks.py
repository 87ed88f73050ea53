"""What must hold for any design, found by other means than the package's own: each returns what does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import mpmath as mp
import numpy as np
from exact import Tones, precise_peak, refined_peak, scaled

import crestfall as cf

_WIDE_ROUNDING = 1e-17
"""Of the sum of the amplitudes: what the 80-bit peak may be off."""


class Measured(NamedTuple):
    """Figures of one design that the record keeps the worst of."""

    place: float
    """Distance of the peak from the middle of its interval, in halves of its width: above 1, the interval is wrong."""
    width: float
    """Width of the interval, relative to its upper end."""
    above_bound: float
    """Crest factor over lower bound, less 1: below 0 the bound is wrong."""


def measure(design: cf.Design, *, precise: bool) -> tuple[list[str], Measured]:
    """Compare interval and bounds of a design with its true peak.

    Args:
        design: Any design.
        precise: With fifty digits, not with 80-bit floats.
    """
    ms = design.multisine
    tones = Tones(ms.harmonic_numbers, ms.amplitudes, design.phases, ms.complex)
    with mp.workdps(40):
        peak = precise_peak(tones) if precise else _exactly(refined_peak(tones))
        rounding = mp.mpf(0 if precise else _WIDE_ROUNDING) * float(tones.amplitudes.sum())
        low, high = (scaled(end, tones) for end in design.peak_interval)
        found = []
        if not low <= peak + rounding:
            found.append(f"the peak {mp.nstr(peak, 20)} is below its interval {mp.nstr(low, 20)}")
        if not peak - rounding <= high:
            found.append(f"the peak {mp.nstr(peak, 20)} is above its interval {mp.nstr(high, 20)}")
        if not scaled(design.peak_lower_bound, tones) <= (peak + rounding) * (1 + mp.mpf(10) ** -15):
            found.append(f"the peak {mp.nstr(peak, 20)} is below the bound {design.peak_lower_bound!r}")
        half = (high - low) / 2
        place = float(abs(peak - low - half) / half) if half else 0.0
        width = 0.0 if np.isnan(design.crest_factor) else float(2 * half / high)
    above = float("inf")
    if not np.isnan(design.crest_factor):
        above = design.peak_interval[1] / design.rms / design.lower_bound - 1.0
        if above < -1e-12:
            found.append(f"the crest factor is {-above:.3g} below its bound {design.lower_bound!r}")
    return found, Measured(place, width, above)


def certificate_faults(design: cf.Design, rng: np.random.Generator) -> Iterator[str]:
    """The certificate against direct sums at its own times, and against small steps in random directions."""
    ms, certificate = design.multisine, design.certificate
    turns = np.multiply.outer(certificate.times * ms.fundamental, ms.harmonic_numbers - ms.harmonic_numbers.min())
    if not ms.complex:
        turns = np.multiply.outer(certificate.times * ms.fundamental, ms.harmonic_numbers)
    tones = (ms.amplitudes / design.peak) * np.exp(1j * (2 * np.pi * turns + design.phases))
    z = tones.sum(axis=1)
    heights = np.abs(z) if ms.complex else np.abs(z.real)
    towards = np.conj(z) / np.abs(z) if ms.complex else np.sign(z.real)
    gradients = (1j * tones * towards[:, None]).real
    claimed = certificate.heights / design.peak
    loudness = float(np.sum(ms.amplitudes)) / design.peak
    if np.max(np.abs(heights - claimed)) > 1e-10 * loudness:
        yield f"the certificate's heights are off by {np.max(np.abs(heights - claimed)):.3g}"
    if np.min(certificate.multipliers) < 0 or abs(np.sum(certificate.multipliers) - 1.0) > 1e-9:
        yield "the certificate's multipliers are not weights"
    residual = float(np.linalg.norm(certificate.multipliers @ gradients))
    if residual > certificate.residual + 1e-9 * loudness:
        yield f"the residual is {residual:.3g}, not {certificate.residual:.3g}"
    if certificate.is_strict_minimum:
        for size in (1e-6, 1e-5, 1e-4):
            step = size * rng.standard_normal(ms.n) / np.sqrt(ms.n)
            fall = 1.0 - cf.true_peak(ms, design.phases + step) / design.peak
            if fall > 1e-10 * loudness + 2e-8 * size:
                yield f"a step of {size:g} lowers a strict minimum by {fall:.3g}"


def _exactly(value: np.longdouble) -> mp.mpf:
    """An 80-bit float as the sum of two floats."""
    mantissa, exponent = np.frexp(value)
    high = float(mantissa)
    return mp.ldexp(mp.mpf(high) + mp.mpf(float(mantissa - np.longdouble(high))), int(exponent))
