r"""The two parts of a complex signal, ``z = I + iQ``: the larger of their peaks is what a pair of converters limits.

.. math:: M = \max_t \max(|I(t)|, |Q(t)|), \qquad
          I = \operatorname{Re} \sum_k c_k e^{2\pi i f_k t}, \quad
          Q = \operatorname{Re} \sum_k (-i c_k) e^{2\pi i f_k t}

Both are real trigonometric polynomials of degree :math:`\max|f_k|`, so that each is certified as any real signal is.
With :math:`P = \max|z|` it follows from :math:`|z|^2 = I^2 + Q^2` that :math:`M \le P \le \sqrt2 M`. A common rotation
of all phases changes :math:`M`, unless it is by a multiple of 90°; a shift in time does not. In a narrow band far from
zero both parts are nearly as high as the magnitude (see ``crestfall.certainty.narrow_band``).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from crestfall.certainty.certified_maximum import Maximum, certified_maximum
from crestfall.certainty.measures import in_unit, true_peak_maximum
from crestfall.certainty.narrow_band import narrow_band_maximum
from crestfall.certainty.window_maximum import window_maximum
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.times import Window

TURNS = (1.0, -1j)
"""Factors of all coefficients with which the real part of the signal is ``I``, and ``Q``."""


def components_peak(ms: Multisine, phases: npt.ArrayLike) -> float:
    """``max(|I|, |Q|)`` over continuous time, in the unit of the amplitudes. Complex signals only.

    Args:
        ms: Complex tones.
        phases: ``(n,)`` phases [rad].

    Raises:
        ValueError: The signal is real.

    Example:
        >>> ms = Multisine([0.0, 1.0], complex=True)  # 1 + e^{it}: I up to 2, Q up to 1
        >>> round(components_peak(ms, [0.0, 0.0]), 9)
        2.0
        >>> round(components_peak(ms, [np.pi / 4, 0.0]), 9)  # 1 + 1/√2 for both
        1.707106781
    """
    return components_maximum(ms, ms.require_phases(phases)).value


def components_maximum(ms: Multisine, phases: npt.ArrayLike, window: Window | None = None) -> Maximum:
    """The certified larger peak of ``I`` and ``Q`` over a period or a window.

    Its angle is the phase of one period, or of the window.
    """
    if not ms.complex:
        raise ValueError("I and Q are those of a complex signal; give complex tones: complex=True, or ms.as_complex()")
    both = [_part(ms, phases, window, turn) for turn in TURNS]
    higher = max(both, key=lambda part: part.value)
    return Maximum(higher.value, max(part.low for part in both), max(part.high for part in both), higher.angle)


def _part(ms: Multisine, phases: npt.ArrayLike, window: Window | None, turn: complex) -> Maximum:
    real = ms.real_part()
    if window is not None:
        return window_maximum(real, window, phases, turn=turn)
    if real.is_narrow_band:
        return _part_of_narrow_band(ms, np.asarray(phases, dtype=np.float64), turn)
    scale = ms.amplitude_scale
    return in_unit(certified_maximum(turn * ms.coefficients(phases, scale), ms.harmonic_numbers), scale)


def _part_of_narrow_band(ms: Multisine, phases: FloatArray, turn: complex) -> Maximum:
    """The real part of ``turn`` times the signal; of tones below 0 Hz it is that of their conjugate, above 0 Hz."""
    if np.all(ms.frequencies < 0.0):
        ms, phases, turn = ms.mirrored(), -phases, turn.conjugate()
    return narrow_band_maximum(ms.real_part(), phases, true_peak_maximum(ms, phases), turn=turn)
