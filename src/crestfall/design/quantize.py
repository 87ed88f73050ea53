"""Samples of a design as the integers of a converter, and what rounding costs."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crestfall.problem.arguments import finite_number, whole_number

if TYPE_CHECKING:
    from crestfall.design.design import Design

_MOST_BITS = 32


@dataclass(frozen=True, eq=False)
class Quantized:
    """A design in the steps of a converter.

    Attributes:
        samples: ``(N,)`` integers, or ``(N, 2)`` in-phase and quadrature for a complex signal.
        step: Signal per step, in the unit of the amplitudes.
        bits: Bits of the converter, sign included.
        peak: Largest integer used, in magnitude.
        clipped: Number of samples that were cut off.
        crest_factor: Peak over RMS of the integers.
        snr_db: Signal-to-quantisation-noise ratio over these samples [dB]; infinite if nothing was rounded.
    """

    samples: npt.NDArray[np.int64]
    step: float
    bits: int
    peak: int
    clipped: int
    crest_factor: float
    snr_db: float


def quantize(
    design: Design, bits: int, sample_rate: float, periods: int = 1, *, full_scale: float | None = None
) -> Quantized:
    r"""Round the waveform to the steps of a converter.

    With the largest sample at the last step the noise of rounding is near
    :math:`6.02\,b + 1.76 - 20 \log_{10}(\mathrm{CF}/\sqrt2)` dB below a real signal of crest factor CF: each decibel of
    crest factor costs a decibel.

    Args:
        design: The design.
        bits: Bits of the converter, sign included, 2 to 32.
        sample_rate: Samples per second [Hz].
        periods: Number of periods.
        full_scale: Signal that the last step stands for; what is larger is clipped. By default the largest sample.

    Raises:
        ValueError: ``bits`` or ``full_scale`` is out of range, or the waveform cannot be sampled so.

    Example:
        >>> from crestfall import Multisine, minimize_peak
        >>> design = minimize_peak(Multisine.harmonics(range(1, 32)), starts=16)
        >>> played = quantize(design, bits=14, sample_rate=4096.0)
        >>> played.peak, played.clipped, 80 < played.snr_db < 90
        (8191, 0, True)
    """
    bits = whole_number("bits", bits, 2, f"an integer from 2 to {_MOST_BITS}, sign included", _MOST_BITS)
    x: npt.NDArray[Any] = design.waveform(sample_rate, periods)
    parts = np.stack([x.real, x.imag], axis=1) if design.multisine.complex else np.asarray(x)
    largest = float(np.max(np.abs(parts)))
    if full_scale is None:
        full_scale = largest
    full_scale = finite_number("full_scale", full_scale, "a finite number above 0", above_zero=True, unit="V")
    last = 2 ** (int(bits) - 1) - 1
    step = full_scale / last
    exact = parts / step
    rounded = np.rint(exact)
    samples = np.clip(rounded, -last, last)
    noise, power = float(np.mean((samples - exact) ** 2)), float(np.mean(exact**2))
    # a complex sample has the power of both parts
    rms = sqrt(float(np.mean(samples**2)) * (2.0 if design.multisine.complex else 1.0))
    magnitude = np.hypot(samples[:, 0], samples[:, 1]) if design.multisine.complex else np.abs(samples)
    return Quantized(
        samples=samples.astype(np.int64),
        step=step,
        bits=int(bits),
        peak=int(np.max(np.abs(samples))),
        clipped=int(np.count_nonzero(rounded != samples)),
        crest_factor=float(np.max(magnitude)) / rms if rms else float("nan"),
        snr_db=10.0 * log10(power / noise) if noise > 0.0 else float("inf"),
    )
