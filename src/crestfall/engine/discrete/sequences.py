r"""Sequences of symbols, one for each free group of tones, and the samples of their signals.

Symbol ``m`` of an alphabet of ``M`` levels is the phase :math:`φ = 2πm/M`. A group ``g`` of tones that share it adds

.. math:: \cos φ\, A_g(t) + \sin φ\, B_g(t), \qquad A_g = \sum_k u_k(t), \quad B_g = i \sum_k s_k u_k(t),

with the tones :math:`u_k(t) = a_k e^{i(θ_{0,k} + 2π f_k t)}` of the group and their slopes :math:`s_k = ±1` (−1 where
the phase is mirrored); for real signals the real parts. So all groups are alike, linked and mirrored ones, too, and
with two levels, where every sine is 0, half of the work is left out.

Samples of all signals stand side by side in one row of real numbers, where magnitudes count with the imaginary parts
after the real ones.
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
from crestfall.problem.times import Window
from crestfall.signal.synthesis import band_numbers, grid_size, odd_grid_size
from crestfall.signal.window_signal import grid, offsets, turns_to_middle

Carriers = Callable[[IntArray], NDArray[np.complex128]]
"""Indices of tones to their samples ``(tones, N)`` at amplitude 1 and phase 0."""
Stop = Callable[[], bool]
"""Asked every few milliseconds; ``True`` ends the computation with a ``StoppedError``."""

_OVERSAMPLING = 8.0
_SAMPLES_PER_TONE = 1024
"""Samples that are enough for a search where few tones are spread over a wide band; what is offered is certified."""
_LEAST_PER_TONE = 32
"""Samples for each of very many tones, where more than a million would be too many."""
_MOST_KEPT = 2**28
"""Bytes up to which the samples of all groups are kept."""
_MOST_COUNTED, _MOST_ENTRIES = 2**20, 2**24
"""Samples that count, and tones times samples, up to which all of them guide the search."""
_AT_ONCE = 2**16
"""Numbers that are computed at once: they fit the cache, and take milliseconds."""
_EXPONENT = 24
"""Of the norm that is lowered: the plain maximum is flat, as most changes leave it where it is."""
_MOST_STEPS, _RANDOM_STEPS = 256, 24
"""Changes of a symbol up to which all are tried; else steps of powers of 2 both ways, and some random ones."""
_ROW_S, _CHANGE_S = 4e-8, 4e-9
"""About how long [s] a machine needs for a number of a row, and for one of a row that a change gives."""


class StoppedError(Exception):
    """There was no time to compute what was asked for."""


def never() -> bool:
    """Never ask to stop."""
    return False


class Sequences:
    """All sequences of symbols for the free phases of a problem.

    Args:
        problem: What is asked, of one drive.
        levels: Size of the alphabet; by default that of the problem. Symbols of a divisor of it are some of its own.
        tones: The tones, where their amplitudes have been chosen; by default those of the problem.
        memory: Bytes that tables may take; what does not fit is computed again and again, to the same bits.

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

    def __init__(
        self,
        problem: Problem,
        levels: int | None = None,
        tones: Multisine | None = None,
        memory: float = _MOST_KEPT,
    ) -> None:
        asked = problem.alphabet if levels is None else levels
        if asked is None:
            raise ValueError("the problem has no alphabet; add Alphabet(levels) to its phases")
        self.problem, self.levels, self.memory = problem, asked, memory
        self.tones = problem.tones if tones is None else tones
        self.phase_map = problem.phase_map
        self.n = self.phase_map.n_free
        self.is_complex = problem.is_about_magnitudes
        self.signals = 1 if problem.rows is None else len(problem.rows)
        symbols = np.exp(2j * np.pi * np.arange(asked) / asked)
        self._cosines, self._sines = np.round(symbols.real, 16), np.round(symbols.imag, 16)
        self._has_sines = bool(self._sines.any())
        # Tones in order of their groups; held ones after them.
        held = self.phase_map.slopes == 0.0
        self._order = np.lexsort((self.phase_map.variables, held))
        self._first = np.searchsorted(
            self.phase_map.variables[self._order[: int(np.sum(~held))]], np.arange(self.n + 1)
        )
        self._factors = self._relative_factors()
        self._table: tuple[FloatArray, FloatArray | None] | None = None
        self._held: FloatArray | None = None

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
        """Values of the first symbol that are enough: a common rotation of all phases maps the others to these."""
        components = self.problem.is_about_components
        magnitudes = self.problem.measured_tones(self.tones).complex and not components
        slopes, variables = self.phase_map.slopes, self.phase_map.variables
        if np.any(slopes == 0.0):  # a rotation would move the held tones, too
            return self.levels
        one_way = np.abs(np.bincount(variables, slopes)) == np.bincount(variables)
        if magnitudes and np.all(one_way):
            return 1
        if components and self.levels % 4 == 0 and np.all(one_way):  # by a right angle: I for Q
            return self.levels // 4
        # Rotation by π changes the sign, with mirrored phases, too; only a one-sided maximum depends on it.
        even = self.levels % 2 == 0 and self.problem.measure != "one-sided"
        return self.levels // 2 if even else self.levels

    @property
    def total(self) -> int:
        """Number of sequences that have to be looked at to have seen all."""
        return int(self.first_symbols) * int(self.levels) ** (self.n - 1) if self.n else 1

    @cached_property
    def steps(self) -> tuple[int, ...]:
        """By how much a symbol may move on in a single change: all, or a sample where there are very many levels.

        Example:
            >>> from crestfall.problem.constraints import Alphabet
            >>> Sequences(Problem(Multisine([1.0]), phases=[Alphabet(4)])).steps
            (1, 2, 3)
            >>> Sequences(Problem(Multisine([1.0]), phases=[Alphabet(2**20)])).steps[:5]
            (1, 1048575, 2, 1048574, 4)
        """
        levels = self.levels
        if levels <= _MOST_STEPS:
            return tuple(range(1, levels))
        powers = [2**k for k in range((levels - 1).bit_length()) if 2**k <= levels // 2]
        near = [step for power in powers for step in (power, levels - power)]
        far = np.random.default_rng(levels).integers(1, levels, _RANDOM_STEPS).tolist()
        return tuple(dict.fromkeys(near + far))

    @property
    def tries_all_steps(self) -> bool:
        """Whether a search over single changes looks at all symbols."""
        return len(self.steps) == self.levels - 1

    @property
    def seconds(self) -> float:
        """About how long it takes to look at all single changes once [s]."""
        rows = 0.0 if self._fits_in_memory else 2.0 * _ROW_S * (1 + self._has_sines)
        return self.n * self.size * (rows + _CHANGE_S * len(self.steps))

    # ------------------------------------------------------------------ samples

    @cached_property
    def size(self) -> int:
        """Numbers in a row of samples: signals times samples, twice where magnitudes count."""
        return self.signals * self._carriers(np.arange(1)).shape[1] * (1 + self.is_complex)

    @property
    def block(self) -> int:
        """Groups whose samples are computed at once."""
        return max(1, _AT_ONCE // self.size)

    def steps_at_once(self, groups: int) -> list[IntArray]:
        """The steps in parts ``(k, 1)``, such that about as many numbers are computed at once for some groups."""
        count = max(1, _AT_ONCE // (groups * self.size))
        return [self._steps[first : first + count, None] for first in range(0, len(self._steps), count)]

    @cached_property
    def _steps(self) -> IntArray:
        return np.array(self.steps)

    def samples(self, symbols: IntArray, stop: Stop = never) -> FloatArray:
        """``(n,)`` symbols to a row of samples ``(size,)``, relative to the limits or the RMS.

        They are a function of the symbols alone, to the last bit, whatever was computed before, and wherever.
        """
        total = self.held(stop).copy()
        cosines, sines = self.phasors(symbols)
        for first in range(0, self.n, self.block):
            part = slice(first, min(first + self.block, self.n))
            a, b = self.rows(part, stop)
            # No BLAS, whose sums depend on the number of its threads.
            total += np.einsum("g,gs->s", cosines[part], a)
            if b is not None:
                total += np.einsum("g,gs->s", sines[part], b)
        return total

    def rows(self, groups: slice, stop: Stop = never) -> tuple[FloatArray, FloatArray | None]:
        """``(groups, size)`` samples ``A`` and ``B`` of some groups; no ``B`` where all sines are 0."""
        if not self._fits_in_memory:
            _raise_if(stop)
            return self._new_rows(groups)
        if self._table is None:
            self._table = self._all_rows(stop)
        a, b = self._table
        return a[groups], None if b is None else b[groups]

    def changed(
        self,
        symbols: IntArray,
        samples: FloatArray,
        groups: slice,
        step: int | IntArray,
        rows: tuple[FloatArray, FloatArray | None],
    ) -> FloatArray:
        """``(groups, size)`` samples where the symbol of one of the groups has moved on by ``step``.

        Steps ``(k, 1)`` give samples ``(k, groups, size)``.
        """
        old = symbols[groups]
        new = (old + step) % self.levels
        a, b = rows
        after = np.multiply((self._cosines[new] - self._cosines[old])[..., None], a)
        if b is not None:
            after += (self._sines[new] - self._sines[old])[..., None] * b
        after += samples
        return after

    # ------------------------------------------------------------------ what is lowered

    def height(self, samples: FloatArray) -> FloatArray:
        """Rows of samples ``(…, size)`` to the problem's measure of them ``(…,)``.

        It is what the certified value is, but of samples: never above it, and equal where samples are what counts and
        all of them are kept.
        """
        if self.is_complex:
            return np.asarray(np.sqrt(np.max(self._squares(samples), axis=-1)))
        if self.problem.measure == "range":
            each = samples.reshape(*samples.shape[:-1], self.signals, -1)
            return np.asarray(0.5 * np.max(np.ptp(each, axis=-1), axis=-1))
        return np.asarray(np.max(samples if self.problem.measure == "one-sided" else np.abs(samples), axis=-1))

    @cached_property
    def margin(self) -> float:
        """Factor that takes a sampled height to a lower bound of the certified value.

        Where the peak of a narrow band is computed as that of its envelope, it is a little lower.
        """
        if not self.problem.is_through_envelope:
            return 1.0
        frequencies = np.abs(self.tones.frequencies)
        return max(0.0, cos(min(pi / 2, pi * float(np.ptp(frequencies)) / (4.0 * float(frequencies.min())))))

    def norms(self, samples: FloatArray, unit: float) -> FloatArray:
        """Rows of samples ``(…, size)`` to smooth approximations ``(…,)`` of their heights.

        Args:
            samples: Overwritten.
            unit: About the largest magnitude; what samples are divided by, so that no power of them is out of range.
        """
        if self.problem.measure in ("peak", "envelope", "components"):
            squares = self._squares(samples)
            squares /= unit * unit
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

    def _squares(self, samples: FloatArray) -> FloatArray:
        """Squared magnitudes."""
        squares = samples * samples
        half = self.size // 2
        if self.is_complex:
            squares[..., :half] += squares[..., half:]
            return squares[..., :half]
        return squares

    # ------------------------------------------------------------------ tables

    def _relative_factors(self) -> NDArray[np.complex128]:
        """``(signals, tones)`` of each tone in each signal, in the order of the groups, at symbols 0."""
        problem, tones = self.problem, self.tones
        steps = np.rint(self.phase_map.offsets * self.levels / (2.0 * np.pi)).astype(np.int64) % self.levels
        rotations = self._cosines[steps] + 1j * self._sines[steps]
        rows = np.ones((1, tones.n)) if problem.rows is None else problem.rows
        level = problem.loudness(tones) if problem.outputs else problem.nominal_rms(problem.measured_tones(tones))
        factors = tones.amplitudes * rows / level * rotations
        return np.asarray(factors[:, self._order], dtype=np.complex128)

    @cached_property
    def _carriers(self) -> Carriers:
        ms = self.problem.computed_tones
        if self.problem.window is not None:
            return _in_window(ms, self.problem.window)
        n, counted = self.tones.n, self.problem.samples
        if counted is None:
            numbers = band_numbers(ms)
            every_peak = grid_size(int(np.max(np.abs(numbers))), _OVERSAMPLING)
            size = every_peak if every_peak <= _enough(n) else odd_grid_size(_enough(n))
            return _in_period(numbers, size, 1)
        # Where there are very many samples, some of them guide the search, and all count in the end.
        most = min(_MOST_COUNTED, max(_MOST_ENTRIES // n, _SAMPLES_PER_TONE))
        return _in_period(self.tones.harmonic_numbers, counted, -(-counted // most))

    def held(self, stop: Stop = never) -> FloatArray:
        """``(size,)`` samples of the tones that are held."""
        if self._held is None:
            total = np.zeros(self.size)
            for k in range(int(self._first[-1]), self.tones.n):
                _raise_if(stop)
                total += self._as_reals(self._tones(slice(k, k + 1)))[0]
            self._held = total
        return self._held

    def _tones(self, places: slice) -> NDArray[np.complex128]:
        """``(tones, signals · N)`` samples of some tones in the order of the groups."""
        carriers = self._carriers(self._order[places])
        if self.signals == 1:
            carriers *= self._factors[0, places, None]
            return carriers
        each = self._factors[:, places].T[:, :, None] * carriers[:, None, :]
        return each.reshape(len(carriers), -1)

    @property
    def _fits_in_memory(self) -> bool:
        return 8 * self.n * self.size * (1 + self._has_sines) <= self.memory

    def _all_rows(self, stop: Stop) -> tuple[FloatArray, FloatArray | None]:
        """Rows of all groups, to be kept."""
        a = np.empty((self.n, self.size))
        b = np.empty((self.n, self.size)) if self._has_sines else None
        for first in range(0, self.n, self.block):
            _raise_if(stop)
            part = slice(first, min(first + self.block, self.n))
            a[part], more = self._new_rows(part)
            if b is not None and more is not None:
                b[part] = more
        return a, b

    def _new_rows(self, groups: slice) -> tuple[FloatArray, FloatArray | None]:
        ends = self._first[groups.start : groups.stop + 1]
        if len(ends) < 2:
            return np.zeros((0, self.size)), np.zeros((0, self.size)) if self._has_sines else None
        places = slice(int(ends[0]), int(ends[-1]))
        tones, starts = self._tones(places), ends[:-1] - ends[0]
        alone = len(starts) == len(tones)
        a = self._as_reals(tones if alone else np.add.reduceat(tones, starts, axis=0))
        if not self._has_sines:
            return a, None
        tones *= (1j * self.phase_map.slopes[self._order[places]])[:, None]
        return a, self._as_reals(tones if alone else np.add.reduceat(tones, starts, axis=0))

    def _as_reals(self, samples: NDArray[np.complex128]) -> FloatArray:
        return np.concatenate((samples.real, samples.imag), axis=-1) if self.is_complex else samples.real.copy()


def _raise_if(stop: Stop) -> None:
    if stop():
        raise StoppedError


def _enough(n: int) -> int:
    """Samples that are enough for ``n`` tones."""
    return min(_SAMPLES_PER_TONE * n, max(_MOST_COUNTED, _LEAST_PER_TONE * n))


def _in_period(numbers: IntArray, size: int, step: int) -> Carriers:
    """Every ``step``-th of ``size`` samples of a period."""
    places = np.arange(0, size, step)
    if step > 1:
        return lambda which: _rotors(np.multiply.outer(numbers[which] % size, places) % size / size)
    roots = _rotors(places / size)
    return lambda which: roots[np.multiply.outer(numbers[which] % size, places) % size]


def _in_window(ms: Multisine, window: Window) -> Carriers:
    """Samples in the middle of equal cells of the window, as ``WindowSynthesis`` has them, and at its two ends."""
    count = min(grid(ms, window, _OVERSAMPLING), max(9, _enough(ms.n)) | 1)
    cells = (np.arange(count) - (count - 1) // 2) * (window.duration / count)
    times = np.append(cells, [-0.5 * window.duration, 0.5 * window.duration])
    frequencies, turned = offsets(ms), turns_to_middle(ms, window)
    return lambda which: turned[which, None] * _rotors(np.multiply.outer(frequencies[which], times))


def _rotors(cycles: FloatArray) -> NDArray[np.complex128]:
    """``exp(2πi c)``, whole cycles taken away before they cost digits."""
    return np.asarray(np.exp(2j * np.pi * (cycles - np.rint(cycles))), dtype=np.complex128)
