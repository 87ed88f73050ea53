r"""How far each amplitude may move, as smooth functions of free variables that cannot leave their range.

.. math:: a_k(v) = \tfrac12(\text{high}_k + \text{low}_k) + \tfrac12(\text{high}_k - \text{low}_k)\,\sin v_k
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from array_api_compat import array_namespace

from crestfall.problem.amplitudes.extra_tones import ExtraTones
from crestfall.problem.arguments import real_numbers
from crestfall.problem.arrays import Array, ComparedByValue, FloatArray, IntArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.readable import readable

if TYPE_CHECKING:
    from crestfall.signal.backend import Backend

FLOOR = 1e-6
"""An extra tone is at least this fraction of its largest amplitude: a multisine has no tones of amplitude 0."""
_LARGEST_TOLERANCE_DB = 60.0
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class AmplitudeFreedom(ComparedByValue):
    """Ranges of the amplitudes of all tones, wanted and extra.

    Attributes:
        low: ``(n,)`` least amplitudes, above 0.
        high: ``(n,)`` largest amplitudes.
        wanted: ``(n,)`` whether a tone was asked for; the others are extra. The peak is minimised relative to the RMS
            of the wanted tones.

    Example:
        >>> freedom = AmplitudeFreedom(np.array([0.5, 1.0]), np.array([1.5, 1.0]), np.array([True, True]))
        >>> freedom.amplitudes(np.array([np.pi / 2])).tolist()
        [1.5, 1.0]
    """

    low: FloatArray
    high: FloatArray
    wanted: npt.NDArray[np.bool_]

    @cached_property
    def free(self) -> IntArray:
        """Indices of the tones whose amplitudes may move."""
        indices: IntArray = array_namespace(self.low).nonzero(self.high > self.low)[0]
        return indices

    def on(self, backend: Backend) -> AmplitudeFreedom:
        """The same ranges as arrays of another library."""
        if backend.is_numpy:
            return self
        return AmplitudeFreedom(backend.reals(self.low), backend.reals(self.high), backend.as_they_are(self.wanted))

    def amplitudes(self, variables: Array) -> Array:
        """``(…, free)`` variables to ``(…, n)`` amplitudes."""
        xp = array_namespace(variables)
        amplitudes = xp.asarray(xp.broadcast_to(self.low, (*variables.shape[:-1], self.low.shape[0])), copy=True)
        low, high = self.low[self.free], self.high[self.free]
        moved = 0.5 * (high + low) + 0.5 * (high - low) * xp.sin(variables)
        amplitudes[..., self.free] = xp.clip(moved, low, high)  # rounding, too, stays within
        return amplitudes

    def variables(self, amplitudes: FloatArray) -> FloatArray:
        """``(free,)`` variables of amplitudes ``(n,)`` within their ranges."""
        low, high = self.low[self.free], self.high[self.free]
        place = (amplitudes[self.free] - 0.5 * (high + low)) / (0.5 * (high - low))
        return np.asarray(np.arcsin(np.clip(place, -1.0, 1.0)))

    def slopes(self, variables: Array) -> Array:
        """``(…, free)`` derivatives of the free amplitudes by their variables."""
        return 0.5 * (self.high - self.low)[self.free] * array_namespace(variables).cos(variables)

    def wanted_rms(self, amplitudes: Array, *, complex: bool) -> Array:
        """``(…,)`` RMS of the wanted tones."""
        xp = array_namespace(amplitudes)
        power = xp.sum(xp.where(self.wanted, amplitudes, xp.zeros_like(amplitudes)) ** 2, axis=-1)
        return xp.sqrt(power if complex else 0.5 * power)

    def require_fit(self, ms: Multisine) -> None:
        """Raise a ``ValueError`` unless the ranges are those of these tones."""
        for name, values in (("low", self.low), ("high", self.high), ("wanted", self.wanted)):
            if np.shape(values) != (ms.n,):
                raise ValueError(f"amplitudes.{name} has shape {np.shape(values)}; give one value for each tone")
        for k in range(ms.n):
            if not 0.0 < self.low[k] <= self.high[k] < np.inf:
                raise ValueError(
                    f"amplitudes.low[{k}] is {self.low[k]} and high[{k}] {self.high[k]}; they must be finite, above 0, "
                    "and in this order"
                )
            # Halves: the largest amplitude may be next to the largest number.
            low, high = 0.5 * self.low[k] * (1.0 - _ROUNDING), 0.5 * self.high[k] * (1.0 + _ROUNDING)
            if not low <= 0.5 * ms.amplitudes[k] <= high:
                raise ValueError(
                    f"amplitudes[{k}] is {ms.amplitudes[k]}, outside its range {self.low[k]} … {self.high[k]}"
                )
        if not np.any(self.wanted):
            raise ValueError("amplitudes.wanted has no tone; at least one must be asked for")
        if ms.has_repeated_frequencies:
            raise ValueError(
                "a frequency occurs twice, and free amplitudes need distinct ones; put the two into one tone, or "
                "leave the extra tone out"
            )

    def least_mean_square(self, factors: FloatArray) -> float:
        r"""Least :math:`\sum a_k^2 w_k / \sum a_k^2` over the wanted tones that any allowed amplitudes can reach.

        A mean is least when all weights below some factor are at their largest and the others at their least.

        Args:
            factors: ``(n,)`` factors ``w`` of all tones.
        """
        order = np.flatnonzero(self.wanted)[np.argsort(factors[self.wanted])]
        scale = float(np.max(self.high))
        low, high = (self.low[order] / scale) ** 2, (self.high[order] / scale) ** 2
        return min(
            float(np.average(factors[order], weights=np.where(np.arange(order.size) < count, high, low)))
            for count in range(order.size + 1)
        )

    def lower_bound(self, ms: Multisine, *, components: bool = False) -> float:
        r"""Peak over the RMS of the wanted tones that no phases and no allowed amplitudes can beat.

        Bernstein–Szegő for all tones gives ``peak² ≥ ½ Σ a_k² (1 + (f_k/K)²)`` with the highest frequency ``K``, extra
        tones included; dropping the extra ones from the sum leaves

        .. math:: \frac{\text{peak}^2}{\text{rms}^2} \ge 1 + \min_a \frac{\sum a_k^2 (f_k/K)^2}{\sum a_k^2}
                  \qquad\text{over the wanted tones.}

        Complex signals: Parseval, 1; the larger of ``I`` and ``Q``: the same as for real ones, times ``1/√2``.

        Args:
            ms: The tones.
            components: Whether ``I`` and ``Q`` of a complex signal count, each by itself.
        """
        if ms.complex and not components:
            return 1.0
        half = sqrt(0.5) if components else 1.0
        return half * sqrt(1.0 + self.least_mean_square(relative_squares(ms))) * (1.0 - 1e-12)


def relative_squares(ms: Multisine) -> FloatArray:
    """``(n,)`` squares of the frequencies over the highest one's; 0 where all are 0."""
    highest = float(np.max(np.abs(ms.frequencies)))
    return np.asarray((ms.frequencies / (highest or 1.0)) ** 2)


def with_freedom(
    ms: Multisine, tolerance_db: npt.ArrayLike | None, extra: ExtraTones | None
) -> tuple[Multisine, AmplitudeFreedom | None]:
    """The tones with the extra ones after them, and how far their amplitudes may move.

    Args:
        ms: The wanted tones, with their nominal amplitudes.
        tolerance_db: ``(n,)`` largest deviation of each amplitude in either direction [dB], or one for all.
        extra: Tones that may be added.

    Returns:
        All tones, the extra ones with half their largest amplitude, and the freedom; ``None`` without any.

    Raises:
        ValueError: A tolerance below 0 or above 60 dB, an extra tone at a frequency of the signal, or frequencies
            without a common period.

    Example:
        >>> ms, freedom = with_freedom(Multisine([1.0, 2.0]), 0.5, ExtraTones([5.0], 0.3))
        >>> ms.n, freedom.high.round(3).tolist()
        (3, [1.059, 1.059, 0.3])
    """
    tolerance = _tolerance(ms, tolerance_db)
    if extra is None and not np.any(tolerance > 0.0):
        return ms, None
    factor = 10.0 ** (tolerance / 20.0)
    low, high, wanted = ms.amplitudes / factor, ms.amplitudes * factor, np.ones(ms.n, dtype=bool)
    if extra is None:
        return ms, AmplitudeFreedom(low, high, wanted)
    frequencies, largest = np.asarray(extra.frequencies), np.asarray(extra.largest)
    phases = None if ms.initial_phases is None else np.append(ms.initial_phases, np.zeros(frequencies.size))
    together = Multisine(
        np.append(ms.frequencies, frequencies),
        np.append(ms.amplitudes, 0.5 * largest),
        complex=ms.complex,
        initial_phases=phases,
    )
    values = together.harmonic_numbers if together.has_period else together.frequencies
    for k in range(ms.n, together.n):
        if np.count_nonzero(values == values[k]) > 1:
            raise ValueError(
                f"extra tones: frequencies[{k - ms.n}] is {readable(together.frequencies[k], 'Hz', 12)}, which the "
                "signal or another extra tone has already; leave it out"
            )
    return together, AmplitudeFreedom(
        np.append(low, FLOOR * largest),
        np.append(high, largest),
        np.append(wanted, np.zeros(frequencies.size, dtype=bool)),
    )


def tolerance_of(values: npt.ArrayLike) -> FloatArray:
    """Tolerances [dB], one for all or for each tone, as numbers."""
    return real_numbers("tolerance_db: values", values, "give a number of dB for all tones, or for each", unit="dB")


def _tolerance(ms: Multisine, tolerance_db: npt.ArrayLike | None) -> FloatArray:
    tolerance = tolerance_of(0.0 if tolerance_db is None else tolerance_db)
    if tolerance.shape not in ((), (ms.n,)):
        raise ValueError(
            f"tolerance_db has shape {tolerance.shape}, but there are {ms.n} tones; give one value for all, or for each"
        )
    tolerance = np.broadcast_to(tolerance, (ms.n,))
    fine = (tolerance >= 0.0) & (tolerance <= _LARGEST_TOLERANCE_DB)
    if not np.all(fine):
        k = int(np.argmin(fine))
        raise ValueError(
            f"tolerance_db[{k}] is {tolerance[k]}; give decibels from 0 (exact) to {_LARGEST_TOLERANCE_DB:g}"
        )
    return tolerance
