r"""Sequences of symbols, one for each free group of tones, and the samples of their signals.

Symbol ``m`` of an alphabet of ``M`` levels is the phase :math:`φ = 2πm/M`. A group ``g`` of tones that share it adds

.. math:: \cos φ\, A_g(t) + \sin φ\, B_g(t), \qquad A_g = \sum_k u_k(t), \quad B_g = i \sum_k s_k u_k(t),

with the tones :math:`u_k(t) = a_k e^{i(θ_{0,k} + 2π f_k t)}` of the group and their slopes :math:`s_k = ±1` (−1 where
the phase is mirrored); for real signals the real parts. So all groups are alike, linked and mirrored ones, too, and
with two levels, where every sine is 0, half of the work is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from math import cos, pi

import numpy as np
from numpy.typing import NDArray

from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.signal.synthesis import band_numbers, grid_size, odd_grid_size
from crestfall.signal.window_signal import grid, offsets, turns_to_middle

Sampled = NDArray[np.inexact]

_OVERSAMPLING = 8.0
_SAMPLES_PER_TONE = 1024
"""Samples that are enough for a search where few tones are spread over a wide band; what is offered is certified."""
_MOST_ENTRIES = 2**24
"""Tones times samples up to which the samples of all groups are kept."""
_AT_ONCE = 2**16
"""Numbers that are computed at once: they fit the cache, and take milliseconds."""
_EXPONENT = 24
"""Of the norm that is lowered: the plain maximum is flat, as most changes leave it where it is."""
_TINY = 1e-300


class Sequences:
    """All sequences of symbols for the free phases of a problem.

    Args:
        problem: What is asked, of one drive.
        levels: Size of the alphabet; by default that of the problem. Symbols of a divisor of it are some of its own.
        tones: The tones, where their amplitudes have been chosen; by default those of the problem.

    Attributes:
        n: Symbols of a sequence: the tones, or groups of linked ones, that are not held.

    Example:
        >>> from crestfall.problem.constraints import Alphabet
        >>> sequences = Sequences(Problem(Multisine.harmonics(range(1, 9)), phases=[Alphabet(2)]))
        >>> sequences.n, sequences.total
        (8, 128)
        >>> round(float(sequences.height(sequences.samples(np.zeros(8, dtype=np.int64)))), 6)  # all in phase: 8 / 2
        4.0
    """

    def __init__(self, problem: Problem, levels: int | None = None, tones: Multisine | None = None) -> None:
        asked = problem.alphabet if levels is None else levels
        if asked is None:
            raise ValueError("the problem has no alphabet; add Alphabet(levels) to its phases")
        self.problem, self.levels = problem, asked
        self.tones = problem.tones if tones is None else tones
        self.phase_map = problem.phase_map
        self.n = self.phase_map.n_free
        self.is_complex = problem.is_about_magnitudes
        self.signals = max(1, len(problem.outputs))
        symbols = np.exp(2j * np.pi * np.arange(asked) / asked)
        self._cosines, self._sines = np.round(symbols.real, 16), np.round(symbols.imag, 16)
        self._has_sines = bool(self._sines.any())
        # Tones in order of their groups; held ones behind them.
        held = self.phase_map.slopes == 0.0
        self._order = np.lexsort((self.phase_map.variables, held))
        self._first = np.searchsorted(self.phase_map.variables[self._order[: int(np.sum(~held))]], np.arange(self.n + 1))
        self._factors = self._relative_factors()

    # ------------------------------------------------------------------ symbols and phases

    def variables(self, symbols: IntArray) -> FloatArray:
        """``(…, n)`` symbols to ``(…, n)`` free variables of the phase map [rad]."""
        return np.asarray(2.0 * np.pi * (np.asarray(symbols) % self.levels) / self.levels)

    def phasors(self, symbols: IntArray) -> tuple[FloatArray, FloatArray]:
        """Cosines and sines of the phases of symbols, exact where they lie on an axis."""
        return self._cosines[symbols], self._sines[symbols]

    def rounded(self, phases: FloatArray) -> IntArray:
        """The nearest sequence ``(n,)`` to phases of all tones [rad].

        Example:
            >>> from crestfall.problem.constraints import Alphabet
            >>> problem = Problem(Multisine([1.0, 2.0]), phases=[Alphabet(4)])
            >>> Sequences(problem).rounded(np.array([0.2, -1.4])).tolist()
            [0, 3]
        """
        steps = self.phase_map.nearest(phases) * self.levels / (2.0 * np.pi)
        return np.rint(steps).astype(np.int64) % self.levels

    @property
    def first_symbols(self) -> int:
        """Values of the first symbol that are enough: a turn of all phases brings the others to one of them."""
        magnitudes = self.tones.complex or self.problem.measure == "envelope"
        slopes, variables = self.phase_map.slopes, self.phase_map.variables
        if np.any(slopes == 0.0):  # a turn would move the held tones, too
            return self.levels
        same = all(np.ptp(slopes[variables == group]) == 0.0 for group in range(self.n))
        if magnitudes and same:
            return 1
        # Half a turn changes the sign, mirrored phases included; a one-sided maximum would notice.
        even = self.levels % 2 == 0 and self.problem.measure != "one-sided"
        return self.levels // 2 if even else self.levels

    @property
    def total(self) -> int:
        """Number of sequences that have to be looked at to have seen all."""
        return int(self.first_symbols) * int(self.levels) ** (self.n - 1) if self.n else 1

    # ------------------------------------------------------------------ samples

    @cached_property
    def size(self) -> int:
        """Numbers that the samples of all signals are."""
        return self.signals * self._carriers(np.arange(1)).shape[1]

    @property
    def block(self) -> int:
        """Groups whose samples are computed at once."""
        return max(1, _AT_ONCE // self.size)

    def samples(self, symbols: IntArray) -> Sampled:
        """``(n,)`` symbols to ``(signals · N,)`` samples, those of one signal after the other, relative to the limits.

        They are a function of the symbols alone, to the last bit, whatever was computed before.
        """
        total = np.array(self.held)
        cosines, sines = self.phasors(symbols)
        for first in range(0, self.n, self.block):
            part = slice(first, min(first + self.block, self.n))
            a, b = self.rows(part)
            total += cosines[part] @ a
            if b is not None:
                total += sines[part] @ b
        return total

    def rows(self, groups: slice) -> tuple[Sampled, Sampled | None]:
        """``(groups, signals · N)`` samples ``A`` and ``B`` of some groups; no ``B`` where all sines are 0."""
        if self._kept is None:
            return self._new_rows(groups)
        a, b = self._kept
        return a[groups], None if b is None else b[groups]

    def changed(self, symbols: IntArray, samples: Sampled, groups: slice, turn: int, rows: tuple) -> Sampled:
        """``(groups, signals · N)`` samples where the symbol of one of the groups has moved on by ``turn``."""
        old = symbols[groups]
        new = (old + turn) % self.levels
        a, b = rows
        after = (self._cosines[new] - self._cosines[old])[:, None] * a
        if b is not None:
            after += (self._sines[new] - self._sines[old])[:, None] * b
        after += samples
        return np.asarray(after)

    # ------------------------------------------------------------------ what is lowered

    def height(self, samples: Sampled) -> FloatArray:
        """``(…, signals · N)`` samples to the problem's measure of them ``(…,)``, relative to the limits or the RMS.

        It is what the certified value is, but of samples: never above it, and equal where samples are what counts and
        all of them are kept.
        """
        if self.problem.measure == "range":
            each = samples.reshape(*samples.shape[:-1], self.signals, -1)
            return np.asarray(0.5 * np.max(np.ptp(each, axis=-1), axis=-1))
        return np.asarray(np.max(samples if self.problem.measure == "one-sided" else np.abs(samples), axis=-1))

    @cached_property
    def margin(self) -> float:
        """Factor that takes a sampled height to a lower bound of the certified value.

        Where the peak of real tones in a narrow band is computed as that of their envelope, it is a little lower.
        """
        if not self.is_complex or self.tones.complex or self.problem.measure == "envelope":
            return 1.0
        frequencies = self.tones.frequencies
        return max(0.0, cos(min(pi / 2, pi * float(np.ptp(frequencies)) / (4.0 * float(frequencies.min())))))

    def norms(self, samples: Sampled, unit: float) -> FloatArray:
        """``(…, signals · N)`` samples to smooth stand-ins ``(…,)`` for their heights.

        Args:
            samples: Overwritten.
            unit: About the largest magnitude; what samples are divided by, so that no power of them is out of range.
        """
        if self.problem.measure in ("peak", "envelope"):
            squares = (samples.real**2 + samples.imag**2) if self.is_complex else np.multiply(samples, samples, samples)
            squares /= max(unit * unit, _TINY)
            power = squares * squares
            power *= squares
            power *= power
            power *= power  # the 12th power of squares
            return np.asarray(unit * np.mean(power, axis=-1) ** (1.0 / _EXPONENT))
        samples *= _EXPONENT / unit
        np.exp(samples, samples)
        if self.problem.measure == "one-sided":
            return np.asarray(unit / _EXPONENT * np.log(np.mean(samples, axis=-1)))
        each = samples.reshape(*samples.shape[:-1], self.signals, -1)
        top, bottom = np.mean(each, axis=-1), np.mean(1.0 / each, axis=-1)
        ranges = np.maximum(0.5 / _EXPONENT * np.log(top * bottom), 0.0)
        return np.asarray(unit * np.mean(ranges**_EXPONENT, axis=-1) ** (1.0 / _EXPONENT))

    # ------------------------------------------------------------------ tables

    def _relative_factors(self) -> NDArray[np.complex128]:
        """``(signals, tones)`` of each tone in each signal, in the order of the groups, at symbols 0."""
        problem, tones = self.problem, self.tones
        steps = np.rint(self.phase_map.offsets * self.levels / (2.0 * np.pi)).astype(np.int64) % self.levels
        turns = self._cosines[steps] + 1j * self._sines[steps]
        if problem.responses is None:
            relative = np.asarray(tones.amplitudes / problem.nominal_rms(tones))[None]
        else:
            relative = tones.amplitudes * problem.responses / problem.loudness(tones)
        return np.asarray((relative * turns)[:, self._order], dtype=np.complex128)

    @cached_property
    def _carriers(self) -> Callable[[IntArray], NDArray[np.complex128]]:
        """Indices of tones to their samples ``(tones, N)`` at amplitude 1 and phase 0."""
        ms = self.tones.as_complex() if self.is_complex else self.tones
        window, n, counted = self.problem.window, self.tones.n, self.problem.samples
        if window is not None:
            count = min(grid(ms, window, _OVERSAMPLING), max(9, _SAMPLES_PER_TONE * n) | 1)
            cells = (np.arange(count) - (count - 1) // 2) * (window.duration / count)
            times = np.append(cells, [-0.5 * window.duration, 0.5 * window.duration])
            frequencies, turned = offsets(ms), turns_to_middle(ms, window)
            return lambda which: turned[which, None] * _rotors(np.multiply.outer(frequencies[which], times))
        if counted is None:
            numbers = band_numbers(ms)
            every_peak = grid_size(int(np.max(np.abs(numbers))), _OVERSAMPLING)
            size = every_peak if every_peak <= _SAMPLES_PER_TONE * n else odd_grid_size(_SAMPLES_PER_TONE * n)
            places = np.arange(size)
        else:
            numbers, size = self.tones.harmonic_numbers, counted
            # So many samples that no table holds them: some of them guide the search, and all count in the end.
            places = np.arange(0, size, -(-size // max(_MOST_ENTRIES // n, _SAMPLES_PER_TONE)))
        roots = _rotors(np.arange(size) / size)
        return lambda which: roots[np.multiply.outer(numbers[which] % size, places) % size]

    @cached_property
    def held(self) -> Sampled:
        """``(signals · N,)`` samples of the tones that are held."""
        total = np.zeros(self.size, dtype=np.complex128)
        for k in range(int(self._first[-1]), self.tones.n):
            total += self._tones(slice(k, k + 1))[0]
        return total if self.is_complex else total.real

    def _tones(self, places: slice) -> NDArray[np.complex128]:
        """``(tones, signals · N)`` samples of some tones in the order of the groups."""
        carriers = self._carriers(self._order[places])
        if self.signals == 1:
            carriers *= self._factors[0, places, None]
            return carriers
        each = self._factors[:, places].T[:, :, None] * carriers[:, None, :]
        return each.reshape(len(carriers), -1)

    @cached_property
    def _kept(self) -> tuple[Sampled, Sampled | None] | None:
        """Rows of all groups, where there is room for them."""
        if self.n * self.size > _MOST_ENTRIES:
            return None
        kind = np.complex128 if self.is_complex else np.float64
        a = np.empty((self.n, self.size), dtype=kind)
        b = np.empty((self.n, self.size), dtype=kind) if self._has_sines else None
        for first in range(0, self.n, self.block):
            part = slice(first, min(first + self.block, self.n))
            a[part], more = self._new_rows(part)
            if b is not None:
                b[part] = more
        return a, b

    def _new_rows(self, groups: slice) -> tuple[Sampled, Sampled | None]:
        ends = self._first[groups.start : groups.stop + 1]
        tones = self._tones(slice(int(ends[0]), int(ends[-1])))
        starts = ends[:-1] - ends[0]
        alone = len(starts) == len(tones)
        a = tones if alone else np.add.reduceat(tones, starts, axis=0)
        b = None
        if self._has_sines:
            slopes = self.phase_map.slopes[self._order[int(ends[0]) : int(ends[-1])]]
            turned = (1j * slopes)[:, None] * tones
            b = turned if alone else np.add.reduceat(turned, starts, axis=0)
        if self.is_complex:
            return a, b
        return a.real, None if b is None else b.real


def _rotors(cycles: FloatArray) -> NDArray[np.complex128]:
    """``exp(2πi c)``, whole cycles taken away before they cost digits."""
    return np.asarray(np.exp(2j * np.pi * (cycles - np.rint(cycles))), dtype=np.complex128)
