r"""The true peak of real tones in a narrow band on a high carrier, without a single sample at the carrier's rate.

The signal is the real part of an envelope on a carrier, :math:`x(t) = \operatorname{Re} z(t)` with
:math:`z = \sum_k a_k e^{i(2\pi f_k t + θ_k)}`, so its peak is at most that of :math:`|z|`, which does not change when
all frequencies move down to zero and is certified there. It is nearly reached: around a top of the envelope, the
carrier passes through a crest within half of its own period, in which the envelope hardly falls,

.. math:: P \cos\Bigl(\frac{\pi B}{4 f_{\min}}\Bigr) \le \max|x| \le P

for bandwidth :math:`B` and lowest frequency :math:`f_{\min}` (a trigonometric polynomial of degree ``d`` that has its
largest magnitude ``P`` at 0 is at least ``P cos(d t)`` nearby: Riesz). The lower end of the interval given here is
better than that: it is a value that the signal takes, summed tone by tone at the crests near the highest tops.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log2, pi

import numpy as np

from crestfall.certainty.certified_maximum import Maximum
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.signal.synthesis import Synthesis, band_numbers, grid_size

_OVERSAMPLING = 16.0
_NEAR_TOP = 0.98
_MOST_TOPS = 64
_STEPS = 32
_NEWTON_STEPS = 4


def narrow_band_maximum(
    ms: Multisine,
    phases: FloatArray,
    envelope: Maximum,
    size: Callable[[FloatArray], FloatArray] = np.abs,
    *,
    turn: complex = 1.0,
) -> Maximum:
    """Largest ``|x|`` of real tones in a narrow band, between two certified numbers.

    Args:
        ms: Real tones.
        phases: ``(n,)`` phases [rad].
        envelope: The certified maximum of their complex envelope.
        size: What is largest: ``abs``, or the identity for ``max x``.
        turn: What the coefficients are multiplied by: 1, −1, or ±i.
    """
    numbers = band_numbers(ms.as_complex())
    repeats = max(int(np.ptp(ms.harmonic_numbers)) // max(int(numbers.max()), 1), 1)
    count = grid_size(int(numbers.max()), _OVERSAMPLING)
    c = turn * ms.coefficients(phases)
    tops = _tops(np.abs(Synthesis(numbers, count, complex=True).samples(c)))
    # Exact turns of each tone at the top: the beat in units of the envelope's grid, the lowest tone in those of time.
    lowest = int(ms.harmonic_numbers.min())
    carrier = np.array([lowest * int(top) % (count * repeats) / (count * repeats) for top in tops])
    beats = np.multiply.outer(tops, numbers) % count / count
    at_tops = c * np.exp(2j * pi * (carrier[:, None] + beats))
    delays = _to_tops(at_tops, ms.frequencies, 1.0 / (count * repeats * ms.fundamental))
    # A delay may be 10⁸ turns of the carrier, but is few of the beats; what rounding does to the carrier's turns is the
    # same for all tones: a tiny shift in time, in which the envelope stands still.
    carrier_turns = delays * float(ms.frequencies.min())
    beat_turns = np.multiply.outer(delays, numbers * (repeats * ms.fundamental))
    at_tops = at_tops * np.exp(2j * pi * (carrier_turns[:, None] % 1.0 + beat_turns))
    offsets = np.linspace(-1.0, 1.0, 2 * _STEPS + 1) / (2.0 * float(ms.frequencies.min()))
    heights = (at_tops @ np.exp(2j * pi * np.multiply.outer(ms.frequencies, offsets))).real
    nearest = offsets[np.argmax(size(heights), axis=1)]
    steps, values = _to_crests(at_tops, ms.frequencies, nearest)
    delays += steps
    best = int(np.argmax(size(values)))
    value = min(float(size(values)[best]), envelope.high)
    epsilon, turns = float(np.finfo(np.float64).eps), 2.0 + float(np.max(np.abs(beat_turns[best])))
    rounding = epsilon * (4.0 * (log2(count) + 8.0) + 4.0 * pi * turns) * float(np.sum(ms.amplitudes))
    angle = 2.0 * pi * (tops[best] / (count * repeats) + delays[best] * ms.fundamental)
    return Maximum(value, max(value - rounding, 0.0), envelope.high, float(angle % (2.0 * pi)))


def _tops(magnitudes: FloatArray) -> np.ndarray:
    """Grid points at the highest local maxima of the envelope."""
    local = (magnitudes >= np.roll(magnitudes, 1)) & (magnitudes >= np.roll(magnitudes, -1))
    high = np.flatnonzero(local & (magnitudes >= _NEAR_TOP * magnitudes.max()))
    return np.asarray(high[np.argsort(-magnitudes[high], kind="stable")[:_MOST_TOPS]])


def _to_tops(near_tops: np.ndarray, frequencies: FloatArray, cell: float) -> FloatArray:
    """Newton's method for ``|z|²`` in time: how long after [s] each grid point its top comes."""
    omega = 2.0 * pi * (frequencies - 0.5 * (float(frequencies.min()) + float(frequencies.max())))
    delays = np.zeros(len(near_tops))
    for _ in range(2 * _NEWTON_STEPS):
        tones = near_tops * np.exp(1j * np.multiply.outer(delays, omega))
        z, first, second = tones.sum(axis=1), 1j * (tones @ omega), -(tones @ omega**2)
        slope = (z.conj() * first).real
        bend = (z.conj() * second).real + np.abs(first) ** 2
        delays = delays + np.clip(np.where(bend < 0.0, -slope / np.where(bend < 0.0, bend, 1.0), 0.0), -cell, cell)
    return np.clip(delays, -cell, cell)


def _to_crests(at_tops: np.ndarray, frequencies: FloatArray, delays: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Newton's method in time from the best of the points around each top: delays [s] and values of the signal."""
    omega = 2.0 * pi * frequencies
    longest = 1.0 / float(frequencies.max()) / _STEPS
    values = np.zeros(len(delays))
    for step in range(_NEWTON_STEPS + 1):
        tones = at_tops * np.exp(1j * np.multiply.outer(delays, omega))
        now = tones.sum(axis=1).real
        worse = np.abs(now) < np.abs(values)
        if step == _NEWTON_STEPS or np.all(worse):
            break
        values = now
        slope, bend = -(tones @ omega).imag, -(tones @ omega**2).real
        move = np.where(bend != 0.0, -slope / np.where(bend != 0.0, bend, 1.0), 0.0)
        delays = delays + np.clip(move, -longest, longest)
    return delays, np.where(worse, values, now)
