"""The tones and the window in which they are heard. Validated here, once."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from crestfall.problem.arrays import ComplexArray, FloatArray
from crestfall.problem.multisine import Multisine, _require, _require_sum, _vector

_MOST_TURNS = 2.0**52


@dataclass(frozen=True, eq=False)
class WindowedMultisine:
    r"""``n`` sine waves of any frequencies, from ``start`` to ``start + duration``.

    .. math:: x(t) = \sum_k a_k \cos(2\pi f_k t + \theta_k), \qquad t_0 \le t \le t_0 + T,

    or ``z(t)`` with ``e^{i…}`` if complex. Unlike in a ``Multisine`` the frequencies need no common period, and what
    happens outside the window does not count.

    Attributes:
        frequencies: ``(n,)`` frequencies [Hz]; real tones need frequencies above zero.
        amplitudes: ``(n,)`` linear peak amplitudes above zero, or one number for all.
        duration: Length ``T`` of the window [s].
        start: Beginning ``t₀`` of the window [s].
        complex: Complex baseband instead of a real signal.

    Raises:
        ValueError: An argument is empty, of the wrong shape, not finite or out of range. The message names it.

    Example:
        >>> tones = WindowedMultisine([1.0, 2**0.5, 3**0.5], duration=10.0)
        >>> tones.n, round(tones.cycles, 6)
        (3, 17.320508)
    """

    frequencies: FloatArray
    amplitudes: FloatArray
    duration: float
    start: float
    complex: bool

    def __init__(
        self,
        frequencies: npt.ArrayLike,
        amplitudes: npt.ArrayLike = 1.0,
        *,
        duration: float,
        start: float = 0.0,
        complex: bool = False,
    ) -> None:
        frequencies = _vector("frequencies", frequencies, "every tone needs a finite frequency in Hz")
        if not complex:
            _require(frequencies > 0, "frequencies", frequencies, "a real tone needs a frequency above 0 Hz")
        amplitudes = _vector(
            "amplitudes", amplitudes, "every tone needs a finite amplitude", frequencies.size, one_for_all=True
        )
        _require(amplitudes > 0, "amplitudes", amplitudes, "an amplitude must be above 0")
        if not (np.isfinite(duration) and duration > 0):
            raise ValueError(f"duration is {duration}; a window needs a finite length above 0 s")
        if not np.isfinite(start):
            raise ValueError(f"start is {start}; a window begins at a finite time in s")
        _require_sum(amplitudes)
        _require(np.abs(frequencies) <= 1e300, "frequencies", frequencies, "a window takes at most 1e300 Hz")
        farthest = max(abs(float(start)), abs(float(start) + float(duration)))
        if not farthest * float(np.max(np.abs(frequencies)) or 1.0) <= _MOST_TURNS:
            raise ValueError(
                f"the window lasts from {start} to {start + duration} s, where a tone of "
                f"{np.max(np.abs(frequencies)):.9g} Hz has turned more than 2^52 times and its phase is lost in "
                "rounding; count time from the window"
            )
        for name, value in (("frequencies", frequencies), ("amplitudes", amplitudes)):
            value.flags.writeable = False
            object.__setattr__(self, name, value)
        object.__setattr__(self, "duration", float(duration))
        object.__setattr__(self, "start", float(start))
        object.__setattr__(self, "complex", bool(complex))

    @classmethod
    def of(cls, ms: Multisine, duration: float, start: float = 0.0) -> WindowedMultisine:
        """The tones of a multisine over a window that need not be its period.

        Example:
            >>> WindowedMultisine.of(Multisine([10.0, 20.0]), duration=0.05).cycles
            1.0
        """
        return cls(ms.frequencies, ms.amplitudes, duration=duration, start=start, complex=ms.complex)

    @property
    def n(self) -> int:
        """Number of tones."""
        return self.frequencies.size

    @property
    def middle(self) -> float:
        """Middle of the window [s]."""
        return self.start + 0.5 * self.duration

    @property
    def offsets(self) -> FloatArray:
        """``(n,)`` frequencies [Hz] that the peak depends on: an envelope is the same wherever its band lies."""
        if not self.complex:
            return self.frequencies
        low, high = float(self.frequencies.min()), float(self.frequencies.max())
        return self.frequencies - (low + 0.5 * (high - low))

    @property
    def cycles(self) -> float:
        """Oscillations of the fastest tone in the window; of a complex signal, of its band."""
        band = float(np.ptp(self.frequencies)) if self.complex else float(self.frequencies.max())
        return band * self.duration

    @property
    def nominal_rms(self) -> float:
        """RMS that the tones have over a very long time."""
        scale = float(self.amplitudes.max())
        return scale * sqrt(float(np.sum((self.amplitudes / scale) ** 2)) * (1.0 if self.complex else 0.5))

    def middle_coefficients(self, phases: FloatArray) -> ComplexArray:
        """``(…, n)`` phasors at the middle of the window, for phases [rad] at time 0."""
        turns = self.frequencies * self.middle
        # Two factors: a sum would lose the digits of phases of many turns.
        return self.amplitudes * np.exp(1j * phases) * np.exp(2j * np.pi * (turns - np.rint(turns)))

    def require_phases(self, phases: npt.ArrayLike) -> FloatArray:
        """The phases as a float array ``(n,)``, or a ``ValueError`` that says what is wrong with them."""
        return _vector("phases", phases, "every phase must be finite, in radians", self.n)

    def rms(self, phases: npt.ArrayLike) -> float:
        r"""RMS over the window, in closed form; tones that do not fit a whole number of times are not orthogonal.

        With phasors ``d_k`` at the middle of the window:

        .. math:: \overline{|z|^2} = \sum_{kl} d_k \bar d_l\,\operatorname{sinc}((f_k - f_l) T), \qquad
                  \overline{x^2} = \tfrac12\overline{|z|^2}
                  + \tfrac12\operatorname{Re}\sum_{kl} d_k d_l\,\operatorname{sinc}((f_k + f_l) T)

        Example:
            >>> round(WindowedMultisine([1.0, 2.0], duration=1.0).rms([0.0, 1.0]), 12)
            1.0
        """
        d = self.middle_coefficients(self.require_phases(phases))
        scale = float(self.amplitudes.max())
        d = d / scale
        power = 0.0
        for first in range(0, self.n, _BLOCK):
            part = slice(first, first + _BLOCK)
            apart = np.sinc((self.frequencies[part, None] - self.frequencies) * self.duration)
            power += float(np.real(d[part] @ (apart @ d.conj())))
            if not self.complex:
                together = np.sinc((self.frequencies[part, None] + self.frequencies) * self.duration)
                power += float(np.real(d[part] @ (together @ d)))
        return scale * sqrt(max(power if self.complex else 0.5 * power, 0.0))


_BLOCK = 512
