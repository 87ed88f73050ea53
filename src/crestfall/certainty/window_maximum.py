r"""The certified peak within a window: the method of ``certified_maximum`` without a period.

Cells tile the window. On each, ``u = x`` or, complex, ``u = |z|²`` is a Taylor polynomial about its middle plus a
remainder. Without a period there is no Bernstein inequality for the window alone, but the derivatives are bounded by
the tones themselves:

.. math:: |x^{(m)}| \le \sum_k a_k (2\pi |f_k|)^m, \qquad
          |(|z|^2)^{(m)}| \le \sum_{kl} a_k a_l (2\pi |f_k - f_l|)^m \le (2\pi B)^m \Bigl(\sum_k a_k\Bigr)^2

with the bandwidth ``B``. Cells that cannot reach the best sample are dropped; on the others the polynomial is bounded
by its Bernstein coefficients, and they are halved until nothing is left to win.
"""

from __future__ import annotations

from math import factorial, log2, pi, sqrt

import numpy as np
import numpy.typing as npt

from crestfall.certainty.certified_maximum import BISECTION_ROUNDING, TERMS, Maximum, largest_on_cells
from crestfall.problem.arrays import ComplexArray, FloatArray, IntArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.times import Window
from crestfall.signal.window_signal import cycles, grid, middle_coefficients, offsets
from crestfall.signal.window_synthesis import ACCURACY, WindowSynthesis

_OVERSAMPLING = 8.0
_SCREEN_TERMS = 3
_TOLERANCE = 1e-13


def window_maximum(
    ms: Multisine, window: Window, phases: npt.ArrayLike, *, one_sided: bool = False, turn: complex = 1.0
) -> Maximum:
    """Largest ``|x|`` (complex: ``|z|``) within the window, between two certified numbers.

    Args:
        ms: The tones.
        window: The window.
        phases: ``(n,)`` phases [rad] at time 0.
        one_sided: Largest ``x`` of real tones instead of largest ``|x|``; it may be below 0.
        turn: What the phasors are multiplied by: 1, −1, or ±i.

    Returns:
        The maximum; its ``angle`` is the phase of the window, 0 at its start and 2π at its end.

    Example:
        >>> ms, window = Multisine([1.0]), Window(0.1, 0.1)  # the sine has long passed its top
        >>> peak = window_maximum(ms, window, [0.0])
        >>> round(peak.value, 9), peak.high - peak.low < 1e-9, peak.angle
        (0.809016994, True, 0.0)
    """
    d = turn * middle_coefficients(ms, window, ms.require_phases(phases))
    scale = float(ms.amplitudes.max())
    # |x + s| for a shift s above any peak is largest where x is.
    shift = float(np.sum(np.abs(d))) / scale if one_sided else 0.0
    d, count = d / scale, grid(ms, window, _OVERSAMPLING)
    places = offsets(ms)
    if one_sided:
        d, places = np.append(d, shift), np.append(places, 0.0)
    omega = 2.0 * pi * places
    radius = 0.5 * window.duration / count
    synthesis = WindowSynthesis(places, window.duration, count, complex=ms.complex)
    cells, taylor = _candidates(synthesis, d, omega, radius)
    value, upper, angle = largest_on_cells(cells, taylor, pi / count, _TOLERANCE)
    angle = float(np.clip(angle + pi / count, 0.0, 2.0 * pi))  # cells are counted by their middles
    rounding = (_rounding(ms, window, synthesis) + BISECTION_ROUNDING) * float(np.sum(np.abs(d)))
    remainder = _remainder(d, omega, radius, TERMS, complex=ms.complex)
    if not ms.complex:
        slack = remainder + rounding
        low, high = value - slack - shift, upper + slack - shift
        return Maximum(scale * (value - shift), scale * (low if one_sided else max(low, 0.0)), scale * high, angle)
    # Errors of z count twice in its square, for each derivative that enters the polynomial.
    slack = remainder + 4.0 * rounding * float(np.sum(np.abs(d)))
    low, high = sqrt(max(value - slack, 0.0)), sqrt(upper + slack)
    return Maximum(scale * sqrt(max(value, 0.0)), scale * low, scale * high, angle)


def _candidates(
    synthesis: WindowSynthesis, d: ComplexArray, omega: FloatArray, radius: float
) -> tuple[IntArray, FloatArray]:
    """Cells that may hold the maximum, and their Taylor coefficients in ``s = (t - t_j) / r``."""

    def terms(order: int) -> ComplexArray:
        return np.asarray(d * (1j * radius * omega) ** order / factorial(order), dtype=np.complex128)

    def derivative(order: int) -> npt.NDArray[np.inexact]:
        return np.asarray(synthesis.samples(terms(order)))

    z = [derivative(order) for order in range(_SCREEN_TERMS)]
    screen = np.stack(_squared(z) if synthesis.complex else z)
    best = float(np.max(np.abs(screen[0])))
    rest = _remainder(d, omega, radius, _SCREEN_TERMS, complex=synthesis.complex)
    cells = np.flatnonzero(np.sum(np.abs(screen), axis=0) + rest >= best)
    z = [part[cells] for part in z]
    if synthesis.is_exact or cells.size * d.size > synthesis.n_samples:
        z += [derivative(order)[cells] for order in range(_SCREEN_TERMS, TERMS)]
    else:  # few tones at few cells: less work than nine transforms
        z += list(synthesis.at(cells, np.stack([terms(order) for order in range(_SCREEN_TERMS, TERMS)], axis=1)).T)
    taylor = np.stack(_squared(z) if synthesis.complex else z, axis=1).astype(np.float64)
    if synthesis.complex:
        return cells, taylor
    # Within a window a steep signal may change its sign between the middle of a cell and its end: both signs count.
    return np.concatenate((cells, cells)), np.concatenate((taylor, -taylor))


def _squared(z: list[npt.NDArray[np.inexact]]) -> list[npt.NDArray[np.inexact]]:
    """Taylor coefficients of ``|z|²`` from those of ``z``."""
    return [np.sum([(z[k] * z[order - k].conj()).real for k in range(order + 1)], axis=0) for order in range(len(z))]


def _remainder(d: ComplexArray, omega: FloatArray, radius: float, terms: int, *, complex: bool) -> float:
    """Bound on what a Taylor polynomial of so many terms leaves out."""
    sizes = np.abs(d)
    if complex:
        return float((np.ptp(omega) * radius) ** terms / factorial(terms) * np.sum(sizes) ** 2)
    return float(np.sum(sizes * (np.abs(omega) * radius) ** terms) / factorial(terms))


def _rounding(ms: Multisine, window: Window, synthesis: WindowSynthesis) -> float:
    """Bound on the error of a sample, relative to the sum of all amplitudes."""
    epsilon = float(np.finfo(np.float64).eps)
    farthest = max(abs(window.start), abs(window.end))
    # Turns are rounded before the sine is taken.
    turns = float(np.max(np.abs(ms.frequencies))) * farthest + cycles(ms, window)
    exact = epsilon * (4.0 * (log2(synthesis.n_samples) + 8.0) + ms.n + 4.0 * pi * turns)
    return exact if synthesis.is_exact else exact + 10.0 * ACCURACY
