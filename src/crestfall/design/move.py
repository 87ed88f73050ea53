r"""A move of tones from the frequencies of one design to those of another: traps that are carried along.

Tone ``k`` goes from :math:`f_k` to :math:`g_k` within the time ``T``, with :math:`u = t/T`:

.. math:: f_k(t) = f_k + (g_k - f_k)\,s(u) + δ_k\,b(u), \qquad
          φ_k(t) = θ_k + 2π T \bigl(f_k u + (g_k - f_k)\,S(u) + δ_k B(u)\bigr)

with the profile ``s`` from 0 to 1, its integral ``S``, and a bump ``b`` that begins and ends at 0, of area 1 and
integral ``B``. The correction :math:`δ_k`, at most :math:`1/(2T)` (and a whole number of :math:`1/T` more where that
lowers the peak), makes the phase at the end that of the second design, so that all three parts join without a jump in
phase or frequency.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil

import numpy as np
import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.problem.arguments import finite_number, generator_of, whole_number
from crestfall.problem.arrays import ComparedByValue, FloatArray
from crestfall.problem.readable import readable
from crestfall.problem.times import MAX_SAMPLES

PROFILES = ("linear", "smooth")
_OVERSAMPLING, _LEAST = 8.0, 1024
_MOST_POINTS = 2**22
_MOST_TRIES = 10**6
_CHUNK = 2**22
_BETTER = 1e-9


@dataclass(frozen=True, eq=False)
class Move(ComparedByValue):
    """A sweep that is played between two designs with different frequencies. Made by ``Move.between``.

    Attributes:
        begin: The design played before it; the move begins where its period does.
        end: The design played after it, shifted in time so that it continues the move; its period, peak and proof do
            not change.
        duration: Time of the move [s].
        profile: ``"linear"``: frequencies change at a constant rate; ``"smooth"``: with least jerk, from rest to rest.
        turns: ``(n,)`` whole turns that each tone makes more than the nearest correction, chosen for a low peak.
    """

    begin: Design
    end: Design
    duration: float
    profile: str
    turns: npt.NDArray[np.int64]

    @classmethod
    def between(
        cls, begin: Design, end: Design, duration: float, *, profile: str = "linear", tries: int = 16, seed: int = 0
    ) -> Move:
        """The move with the lowest peak of those that were tried.

        Two things are chosen: where in its period the second design begins, and how many whole turns each tone makes on
        the way. Tone ``k`` of the first goes to tone ``k`` of the second, in the given order.

        Args:
            begin: The design before.
            end: The design after the move, with as many tones.
            duration: Time of the move [s].
            profile: ``"linear"`` or ``"smooth"``.
            tries: How many beginnings of the second design are tried; the best is then improved by whole turns.
            seed: Seed of their choice.

        Raises:
            ValueError: The designs have different numbers of tones, several inputs or a window, or one is complex; or
                the move is too long to be computed.

        Example:
            >>> import crestfall as cf
            >>> first, second = (cf.minimize_peak(cf.Multisine(f), starts=8) for f in ([90.0, 100.0], [95.0, 120.0]))
            >>> move = Move.between(first, second, 0.5)
            >>> after = move.end.phases - move.phases_at([0.5])[0]
            >>> bool(np.allclose(np.exp(1j * after), 1.0))
            True
        """
        _require_alike(begin, end)
        duration = finite_number("duration", duration, "a finite time in seconds above 0", above_zero=True, unit="s")
        if profile not in PROFILES:
            raise ValueError(f"profile is {profile!r}; choose one of {', '.join(map(repr, PROFILES))}")
        tries = whole_number("tries", tries, 1, "an integer of at least 1", _MOST_TRIES)
        still = cls(begin, end, duration, profile, np.zeros(begin.multisine.n, dtype=np.int64))
        still._require_size()
        rng = generator_of(seed)
        period = end.multisine.period
        shifts = np.append(0.0, rng.uniform(0.0, period, tries - 1))
        found = min((still._shifted(float(shift)) for shift in shifts), key=lambda move: move.peak)
        return found._with_best_turns()

    # ------------------------------------------------------------------ the path

    @property
    def corrections_hz(self) -> FloatArray:
        """``(n,)`` mean corrections ``δ`` of the frequencies [Hz]; at its highest the bump is 1.875 times as large."""
        mean = 0.5 * (self.begin.multisine.frequencies + self.end.multisine.frequencies)
        missing = (self.end.phases - self.begin.phases) / (2.0 * np.pi) - mean * self.duration
        return (missing - np.rint(missing) + self.turns) / self.duration

    def frequencies_at(self, times: npt.ArrayLike) -> FloatArray:
        """``(m, n)`` frequencies [Hz] at times ``(m,)`` [s] since the move began."""
        u = (np.asarray(times, dtype=np.float64) / self.duration)[:, None]
        first, second = self.begin.multisine.frequencies, self.end.multisine.frequencies
        s = u if self.profile == "linear" else u**3 * (10.0 - 15.0 * u + 6.0 * u**2)
        return np.asarray(first + (second - first) * s + self.corrections_hz * 30.0 * u**2 * (1.0 - u) ** 2)

    def phases_at(self, times: npt.ArrayLike) -> FloatArray:
        """``(m, n)`` phases [rad] of the tones at times ``(m,)`` [s] since the move began."""
        return np.asarray(self.begin.phases + 2.0 * np.pi * self._cycles(np.asarray(times, dtype=np.float64)))

    def _cycles(self, times: FloatArray, carrier: float = 0.0) -> FloatArray:
        """``(m, n)`` cycles since the beginning, less those of a carrier; whole ones left out for accuracy."""
        u = (times / self.duration)[:, None]
        first, second = self.begin.multisine.frequencies - carrier, self.end.multisine.frequencies - carrier
        area = 0.5 * u**2 if self.profile == "linear" else u**4 * (2.5 - 3.0 * u + u**2)
        bump = u**3 * (10.0 - 15.0 * u + 6.0 * u**2)
        cycles = self.duration * (first * u + (second - first) * area + self.corrections_hz * bump)
        return np.asarray(cycles - np.rint(cycles))

    def _amplitudes(self, times: FloatArray) -> FloatArray:
        u = (times / self.duration)[:, None]
        first, second = self.begin.multisine.amplitudes, self.end.multisine.amplitudes
        return np.asarray(first + (second - first) * u)

    # ------------------------------------------------------------------ figures and samples

    @cached_property
    def peak(self) -> float:
        """Highest value of the envelope ``|Σ a e^{iφ}|`` during the move, which the signal never exceeds.

        From samples eight times as dense as the band needs; it is not certified.
        """
        times = np.linspace(0.0, self.duration, self._points())
        first, second = self.begin.multisine.frequencies, self.end.multisine.frequencies
        carrier = 0.5 * float(min(first.min(), second.min()) + max(first.max(), second.max()))
        best, step = 0.0, max(1, _CHUNK // first.size)
        for start in range(0, times.size, step):
            part = times[start : start + step]
            turn = np.exp(1j * (self.begin.phases + 2.0 * np.pi * self._cycles(part, carrier)))
            best = max(best, float(np.max(np.abs(np.sum(self._amplitudes(part) * turn, axis=1)))))
        return best

    def samples(self, sample_rate: float) -> FloatArray:
        """``(N,)`` samples of the move, to be played between a period of ``begin`` and one of ``end``.

        Args:
            sample_rate: Samples per second [Hz]; the duration must be a whole number of samples.

        Raises:
            ValueError: It is not, a tone reaches half the rate on its way, or there would be too many samples.
        """
        need = "a finite number of samples per second above 0"
        rate = finite_number("sample_rate", sample_rate, need, above_zero=True, unit="Hz")
        count = round(self.duration * rate)
        if count < 1 or abs(count / rate - self.duration) > 1e-9 * self.duration:
            raise ValueError(
                f"duration is {readable(self.duration, 's')}, which is not a whole number of samples at "
                f"{readable(rate, 'Hz', 12)}; give {readable(max(count, 1) / rate, 's')}"
            )
        if count > MAX_SAMPLES:
            raise ValueError(
                f"sample_rate {readable(rate, 'Hz', 12)} makes {count} samples, more than {MAX_SAMPLES}; lower it"
            )
        times = np.arange(count) / rate
        found, step = np.empty(count), max(1, _CHUNK // self.begin.multisine.n)
        for start in range(0, count, step):
            part = slice(start, start + step)
            if float(np.max(self.frequencies_at(times[part]))) >= 0.5 * rate:
                raise ValueError(
                    f"sample_rate is {readable(rate, 'Hz', 12)}, of which a tone reaches half on its way; raise it"
                )
            phases = self.phases_at(times[part])
            found[part] = np.sum(self._amplitudes(times[part]) * np.cos(phases), axis=1)
        return found

    # ------------------------------------------------------------------ the choice

    def _points(self) -> int:
        first, second = self.begin.multisine.frequencies, self.end.multisine.frequencies
        band = max(float(np.ptp(first)), float(np.ptp(second))) + 4.0 / self.duration
        return max(_LEAST, ceil(_OVERSAMPLING * band * self.duration))

    def _require_size(self) -> None:
        if self._points() > _MOST_POINTS:
            raise ValueError(
                f"duration is {readable(self.duration, 's', 6)}, in which the tones beat too often to be computed; "
                f"give at most {readable(self.duration * _MOST_POINTS / self._points(), 's', 3)}"
            )

    def _shifted(self, seconds: float) -> Move:
        """The same move to the second design as it is some time later."""
        end, period = self.end, self.end.multisine.period
        turns = self.end.multisine.harmonic_numbers * (seconds / period)
        phases = np.mod(end.phases + 2.0 * np.pi * (turns - np.rint(turns)), 2.0 * np.pi)
        shifted = Design(end.problem, end.multisine, phases, end.status, end.provenance)
        return replace(self, end=shifted)

    def _with_best_turns(self) -> Move:
        """The move after whole turns more or less of single tones, each kept if it lowers the peak."""
        best = self
        for k in range(self.turns.size):
            for more in (-1, 1):
                turns = best.turns.copy()
                turns[k] += more
                moved = replace(best, turns=turns)
                if abs(turns[k]) <= 1 and moved.peak < best.peak * (1.0 - _BETTER):
                    best = moved
        return best


def _require_alike(begin: Design, end: Design) -> None:
    for name, design in (("begin", begin), ("end", end)):
        if not isinstance(design, Design):
            raise TypeError(f"{name} is {design!r}; give a Design, such as load('traps.json')")
        if design.problem.channels is not None or design.problem.window is not None:
            raise ValueError(f"{name} has several inputs or a window; give a design of one drive over a period")
        if design.multisine.complex or design.problem.held_samples is not None:
            raise ValueError(f"{name} is not a design of real tones; a move is one of real tones")
    if begin.multisine.n != end.multisine.n:
        raise ValueError(
            f"begin has {begin.multisine.n} tones and end {end.multisine.n}; give as many, tone k of one goes to tone "
            "k of the other"
        )
