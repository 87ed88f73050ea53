"""Lines that may move: each tone to another multiple of a raster, within a tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor

import numpy as np
import numpy.typing as npt

from crestfall.problem.arguments import finite_number, real_numbers, whole_number
from crestfall.problem.arrays import ComparedByValue, FloatArray, IntArray
from crestfall.problem.fixed_waveform import FixedWaveform
from crestfall.problem.grids import MAX_CARRIER, MAX_HARMONIC, is_narrow
from crestfall.problem.multisine import Multisine
from crestfall.problem.readable import readable

_OFF_RASTER = 1e-6
_ROUNDING = 1e-9
_FARTHEST = 2**60
"""More steps than any problem may have, and few enough to be counted."""


@dataclass(frozen=True, eq=False)
class MovableLines(ComparedByValue):
    r"""How far each tone may move from the requested frequency, and where to.

    Tone ``k`` may be at every multiple :math:`h_k r` of the raster ``r`` with

    .. math:: |h_k r - f_k| \le t_k, \qquad t_k = \text{steps} \cdot r, \quad \text{hz} \quad\text{or}\quad
              \tfrac{\text{percent}}{100} |f_k| .

    Tones of one signal keep their order, and no two tones of a problem meet. A tone keeps its amplitude, and whatever
    else belongs to it, when it moves; a law over frequency is evaluated at the requested frequency.

    Attributes:
        steps: Multiples of the raster by which a tone may move.
        hz: Instead: by how much [Hz].
        percent: Instead: by how much of its frequency [%].
        raster: Spacing of the allowed lines [Hz]; by default the fundamental of the tones, which is their greatest
            common divisor: 2 Hz for tones at 4 and 6 Hz. A finer raster makes the period longer.
        excluded: Frequencies [Hz] to which no tone may move: mains, known resonances.
        around: ``(n,)`` frequencies [Hz] that were asked for; by default those of the problem's tones. In the problem
            of a design, whose tones have moved, they say from where.

    Raises:
        ValueError: None or several of steps, hz and percent are given, or one is out of range.

    Example:
        >>> MovableLines(percent=5.0).ranges(Multisine([1.0, 10.0, 40.0])).low.tolist()
        [1, 10, 38]
    """

    steps: int | None = None
    hz: float | None = None
    percent: float | None = None
    raster: float | None = None
    excluded: npt.ArrayLike = ()
    around: npt.ArrayLike | None = None

    def __post_init__(self) -> None:
        said = [name for name in ("steps", "hz", "percent") if getattr(self, name) is not None]
        if len(said) != 1:
            raise ValueError(
                f"lines: {' and '.join(said) or 'nothing'} given; give one of steps, hz and percent, such as "
                "MovableLines(2)"
            )
        if self.steps is not None:
            steps = whole_number("lines: steps", self.steps, 1, "a whole number of raster steps of at least 1")
            object.__setattr__(self, "steps", steps)
        needs = {"hz": "a finite frequency above 0 Hz", "percent": "a number of percent above 0 and below 100"}
        for name, need in (needs | {"raster": "a finite frequency above 0 Hz, or None"}).items():
            value = getattr(self, name)
            if value is not None:
                unit = "" if name == "percent" else "Hz"
                object.__setattr__(self, name, finite_number(f"lines: {name}", value, need, above_zero=True, unit=unit))
        if self.percent is not None and self.percent >= 100.0:
            raise ValueError(f"lines: percent is {self.percent}; give {needs['percent']}")
        for name, need in (("excluded", "a list of frequencies in Hz"), ("around", "a frequency in Hz for each tone")):
            if getattr(self, name) is None:
                continue
            values = real_numbers(f"lines: {name}", getattr(self, name), f"give {need}", unit="Hz")
            if values.ndim != 1 or not np.all(np.isfinite(values)):
                raise ValueError(f"lines: {name} is not a list of finite numbers; give {need}")
            object.__setattr__(self, name, values)
        super().__post_init__()

    @property
    def tolerance(self) -> str:
        """The tolerance in words.

        Example:
            >>> MovableLines(2).tolerance, MovableLines(hz=0.5).tolerance, MovableLines(percent=5).tolerance
            ('2 lines', '500 mHz', '5 %')
        """
        if self.steps is not None:
            return f"{self.steps} line{'s' * (self.steps > 1)}"
        return readable(self.hz, "Hz", 6) if self.hz is not None else f"{self.percent:g} %"

    def resolved(self, ms: Multisine) -> MovableLines:
        """The same for these tones: it says around which frequencies, and on which raster."""
        around = np.array(ms.frequencies) if self.around is None else self.around
        raster = self.raster
        if raster is None:
            if not ms.has_period:
                raise ValueError("lines: raster is missing; give the distance of the allowed lines, such as raster=0.1")
            raster = ms.fundamental
        return replace(self, around=around, raster=raster)

    def ranges(self, ms: Multisine, extra: npt.ArrayLike = ()) -> LineRanges:
        """Where each tone is, and where it may be, in multiples of the raster.

        Args:
            ms: The tones where they are now.
            extra: Frequencies of tones that stay, and that no other may meet [Hz].

        Raises:
            ValueError: A tone is not a multiple of the raster, or not within the tolerance; or the order changed.
        """
        lines = self.resolved(ms)
        raster, wanted = float(lines.raster or 0.0), np.asarray(lines.around)
        if wanted.shape != (ms.n,):
            raise ValueError(f"lines: around has {wanted.size} frequencies, but there are {ms.n} tones; leave it out")
        centre, now = _multiples(wanted, raster), _multiples(ms.frequencies, raster)
        reach = lines._reach(wanted, raster)
        low, high = centre - reach, centre + reach
        if not ms.complex:
            low = np.maximum(low, 1)
        farthest = int(max(np.max(np.abs(low)), np.max(np.abs(high))))
        if farthest > MAX_HARMONIC and not is_narrow(np.array([np.min(low), np.max(high)])):
            raise ValueError(
                f"lines: raster is {readable(raster, 'Hz')}, of which the lines reach {farthest} multiples, more than "
                f"{MAX_HARMONIC}; give a coarser raster or a smaller tolerance"
            )
        for k in np.flatnonzero((now < low) | (now > high)):
            raise ValueError(
                f"lines: tone {k} is at {readable(ms.frequencies[k], 'Hz')}, further than {self.tolerance} from the "
                f"{readable(wanted[k], 'Hz')} that were asked for; leave out around"
            )
        taken = _multiples(np.asarray(extra, dtype=np.float64), raster)
        excluded = np.rint(np.asarray(self.excluded) / raster)
        away = np.abs(np.asarray(self.excluded) - excluded * raster) > _OFF_RASTER * raster
        away |= np.abs(excluded) > MAX_CARRIER
        forbidden = frozenset(excluded[~away].astype(np.int64).tolist()) | frozenset(taken.tolist())
        return LineRanges(raster, centre, now, low, high, forbidden)

    def require_on_raster(self, fixed: FixedWaveform, ms: Multisine) -> None:
        """Raise a ``ValueError`` unless the tones of a fixed waveform lie on the raster: they share its period."""
        raster = float(self.resolved(ms).raster or 0.0)
        if fixed.tones is None:
            return
        try:
            _multiples(fixed.tones.frequencies, raster)
        except ValueError:
            raise ValueError(
                f"lines: the fixed waveform has tones between the multiples of the raster of {readable(raster, 'Hz')}; "
                "give a raster of which they are multiples"
            ) from None

    def _reach(self, wanted: FloatArray, raster: float) -> IntArray:
        """``(n,)`` steps by which each tone may move."""
        if self.steps is not None:
            return np.full(wanted.size, min(self.steps, _FARTHEST), dtype=np.int64)
        sizes = np.full(wanted.size, self.hz) if self.hz is not None else abs(wanted) * float(self.percent or 0) / 100.0
        return np.array([floor(min(one, _FARTHEST)) for one in sizes / raster * (1.0 + _ROUNDING)], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class LineRanges(ComparedByValue):
    """The lines that the tones of a problem may take, in multiples of a raster.

    Attributes:
        raster: Distance of the lines [Hz].
        centre: ``(n,)`` lines that were asked for.
        now: ``(n,)`` lines of the tones.
        low: ``(n,)`` lowest line of each.
        high: ``(n,)`` highest line of each.
        forbidden: Lines to which no tone moves.
    """

    raster: float
    centre: IntArray
    now: IntArray
    low: IntArray
    high: IntArray
    forbidden: frozenset[int]

    def of(self, which: IntArray) -> LineRanges:
        """The same for some of the tones, which keep clear of the others."""
        others = np.delete(self.now, which).tolist()
        centre, now, low, high = (each[which] for each in (self.centre, self.now, self.low, self.high))
        return LineRanges(self.raster, centre, now, low, high, self.forbidden | frozenset(others))

    def within(self, share: float) -> LineRanges:
        """A share of the way in both directions, at least one step where there is one; where the tones are stays."""
        down, up = self.centre - self.low, self.high - self.centre
        down, up = (np.maximum(np.floor(share * way).astype(np.int64), np.minimum(way, 1)) for way in (down, up))
        low, high = np.minimum(self.centre - down, self.now), np.maximum(self.centre + up, self.now)
        return LineRanges(self.raster, self.centre, self.now, low, high, self.forbidden)

    @property
    def may_move(self) -> bool:
        """Whether any tone has another line to go to."""
        taken = self.forbidden | frozenset(self.now.tolist())
        spans = zip(self.low.tolist(), self.high.tolist(), strict=True)
        return any(line not in taken for low, high in spans for line in range(low, high + 1))

    def tones(self, ms: Multisine, which: IntArray, numbers: IntArray) -> Multisine:
        """The tones with some of them at other lines; the same object where none of them moves."""
        lines = self.now.copy()
        lines[which] = numbers
        if np.array_equal(lines, self.now):
            return ms
        return Multisine.harmonics(
            lines.tolist(), self.raster, ms.amplitudes, ms.complex, initial_phases=ms.initial_phases
        )


def _multiples(frequencies: FloatArray, raster: float) -> IntArray:
    """``(n,)`` frequencies in multiples of the raster."""
    ratios = frequencies / raster
    numbers = np.rint(ratios)
    off = (np.abs(numbers) > MAX_CARRIER) | (np.abs(ratios - numbers) > _OFF_RASTER)
    off |= (numbers == 0) & (frequencies != 0.0)
    for k in np.flatnonzero(off):
        raise ValueError(
            f"lines: {readable(frequencies[k], 'Hz')} is not a multiple of the raster of {readable(raster, 'Hz')}; "
            "round the tones to it first, or give another raster"
        )
    return np.asarray(numbers.astype(np.int64))


def moved_lines(lines: MovableLines, ms: Multisine) -> Sequence[tuple[int, float, float]]:
    """Index, frequency asked for and frequency [Hz] of each tone that has moved.

    Example:
        >>> moved_lines(MovableLines(1, raster=1.0, around=[1.0, 4.0]), Multisine([1.0, 5.0]))
        [(1, 4.0, 5.0)]
    """
    ranges = lines.ranges(ms)
    wanted = np.asarray(lines.resolved(ms).around)
    moved = np.flatnonzero(ranges.now != ranges.centre)
    return [(int(k), float(wanted[k]), float(ms.frequencies[k])) for k in moved]
