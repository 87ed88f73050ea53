"""Tones in a window: where their phases are counted from, how fast they turn, and what power they have there."""

from __future__ import annotations

from math import sqrt

import numpy as np
import numpy.typing as npt

from crestfall.problem.arrays import ComplexArray, FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.times import Window

_BLOCK = 512
_CHUNK = 2**22


def offsets(ms: Multisine) -> FloatArray:
    """``(n,)`` frequencies [Hz] that the peak depends on: an envelope is the same wherever its band lies."""
    if not ms.complex:
        return ms.frequencies
    low, high = float(ms.frequencies.min()), float(ms.frequencies.max())
    return ms.frequencies - (low + 0.5 * (high - low))


def cycles(ms: Multisine, window: Window) -> float:
    """Oscillations of the fastest tone in the window; of a complex signal, of its band.

    Example:
        >>> cycles(Multisine([10.0, 20.0]), Window(0.0, 0.05))
        1.0
    """
    band = float(np.ptp(ms.frequencies)) if ms.complex else float(np.abs(ms.frequencies).max())
    return band * window.duration


def turns_to_middle(ms: Multisine, window: Window) -> ComplexArray:
    """``(n,)`` unit phasors that take phases at time 0 to the middle of the window."""
    turns = ms.frequencies * window.middle
    return np.asarray(np.exp(2j * np.pi * (turns - np.rint(turns))))


def middle_coefficients(ms: Multisine, window: Window, phases: npt.ArrayLike) -> ComplexArray:
    """``(…, n)`` phasors at the middle of the window, for phases [rad] at time 0."""
    # Two factors: a sum would lose the digits of phases of many turns.
    return ms.coefficients(phases) * turns_to_middle(ms, window)


def grid(ms: Multisine, window: Window, oversampling: float) -> int:
    """An odd number of samples of the window, at least ``oversampling`` for each oscillation of the fastest tone."""
    return max(9, int(np.ceil(oversampling * (cycles(ms, window) + 1.0)))) | 1


def window_rms(ms: Multisine, window: Window, phases: npt.ArrayLike) -> float:
    r"""RMS over the window, in closed form; tones that do not fit a whole number of times are not orthogonal.

    With phasors ``d_k`` at the middle of the window:

    .. math:: \overline{|z|^2} = \sum_{kl} d_k \bar d_l\,\operatorname{sinc}((f_k - f_l) T), \qquad
              \overline{x^2} = \tfrac12\overline{|z|^2}
              + \tfrac12\operatorname{Re}\sum_{kl} d_k d_l\,\operatorname{sinc}((f_k + f_l) T)

    Example:
        >>> round(window_rms(Multisine([1.0, 2.0]), Window(0.0, 1.0), [0.0, 1.0]), 12)
        1.0
    """
    scale = float(ms.amplitudes.max())
    d = middle_coefficients(ms, window, ms.require_phases(phases)) / scale
    power = 0.0
    for first in range(0, ms.n, _BLOCK):
        part = slice(first, first + _BLOCK)
        apart = np.sinc((ms.frequencies[part, None] - ms.frequencies) * window.duration)
        power += float(np.real(d[part] @ (apart @ d.conj())))
        if not ms.complex:
            together = np.sinc((ms.frequencies[part, None] + ms.frequencies) * window.duration)
            power += float(np.real(d[part] @ (together @ d)))
    return scale * sqrt(max(power if ms.complex else 0.5 * power, 0.0))


def samples_from(ms: Multisine, phases: FloatArray, start: float, sample_rate: float, count: int) -> npt.NDArray:
    """``x(start + j / sample_rate)``, tone by tone; complex for a complex signal."""
    c = ms.coefficients(phases)
    samples = np.empty(count, dtype=np.complex128)
    step = max(1, _CHUNK // ms.n)
    for first in range(0, count, step):
        t = start + np.arange(first, min(first + step, count)) / sample_rate
        turns = np.multiply.outer(t, ms.frequencies)
        samples[first : first + step] = np.exp(2j * np.pi * (turns - np.rint(turns))) @ c
    return samples if ms.complex else samples.real


def schroeder_in_window(ms: Multisine, window: Window) -> FloatArray:
    r"""Schroeder's idea for a window: one tone after the other, each for its share of the power; phases at time 0.

    The group delay at frequency ``f_k`` is ``T (q_k - 1/2)`` from the middle, ``q_k`` the power share up to there.
    """
    order = np.argsort(ms.frequencies, kind="stable")
    shares = np.cumsum((ms.amplitudes[order] / ms.amplitudes.max()) ** 2)
    delays = window.duration * (shares / shares[-1] - 0.5)
    phases = np.zeros(ms.n)
    phases[order[1:]] = -2.0 * np.pi * np.cumsum(np.diff(ms.frequencies[order]) * delays[:-1])
    return np.mod(phases - np.angle(turns_to_middle(ms, window)), 2.0 * np.pi)
