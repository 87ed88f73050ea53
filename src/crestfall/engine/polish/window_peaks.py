r"""The peaks of tones in a window: those between its ends, and the ends themselves where the signal is high there.

The window is an angle from 0 to π, so that ``2 f T`` is the number of a tone, and its ends are not neighbours on the
circle of ``Signal``. A peak at an end stays where it is when the phases move, like a sample.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crestfall.engine.polish.peaks import Peaks, Signal, highest_of
from crestfall.problem.arrays import ComplexArray, FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.times import Window
from crestfall.signal.window_signal import offsets, turns_to_middle
from crestfall.signal.window_synthesis import WindowSynthesis

ANGLE = np.pi
"""The angle of a whole window."""
_OVERSAMPLING = 16.0
_FEWEST = 33
_SAME = 0.05
_FLAT = 0.03


@dataclass(frozen=True)
class WindowSignal(Signal):
    """Tones whose peaks within a window are wanted; phases [rad] at time 0."""

    @classmethod
    def within(cls, ms: Multisine, window: Window, *, one_sided: bool = False) -> WindowSignal:
        """The signal of a multisine without repeated frequencies."""
        numbers = 2.0 * offsets(ms) * window.duration
        return cls(numbers, ms.amplitudes * turns_to_middle(ms, window), ms.complex, None, one_sided)

    @property
    def shifts_in_time(self) -> bool:
        """A shift brings other parts of the signal into the window."""
        return False

    @property
    def degree(self) -> float:
        """Highest number of ripples of |x| per full turn (half of them for real signals)."""
        return max(float(np.ptp(self.numbers) if self.is_complex else np.abs(self.numbers).max()), 1.0)

    def grid(self, oversampling: float = 1.0) -> int:
        """Points on a full turn; the window has half of them, an odd number."""
        return 2 * (max(_FEWEST, int(np.ceil(0.5 * _OVERSAMPLING * oversampling * self.degree))) | 1)

    @cached_property
    def _syntheses(self) -> dict[int, WindowSynthesis]:
        return {}

    def values(self, phases: FloatArray, n_samples: int) -> NDArray[np.inexact]:
        """The signal at the start of the window, in the middle of equal cells, and at its end."""
        count = n_samples // 2
        if count not in self._syntheses:
            self._syntheses[count] = WindowSynthesis(
                np.asarray(0.5 * self.numbers, dtype=np.float64), 1.0, count, complex=self.is_complex
            )
        c = self.amplitudes * np.exp(1j * phases)
        inside = self._syntheses[count].samples(c)
        ends = self._rotations(np.array([0.0, ANGLE])) @ c
        values = (
            np.concatenate((ends[:1], inside, ends[1:]))
            if self.is_complex
            else np.concatenate((ends[:1].real, inside, ends[1:].real))
        )
        return np.asarray(values if self.is_complex else values + self.offset)

    def peaks(
        self, phases: FloatArray, window: float = 0.1, *, oversampling: float = 1.0, most: int | None = None
    ) -> Peaks:
        """As for ``Signal``; the ends are included where they are peaks."""
        n_samples = self.grid(oversampling)
        cell = ANGLE / (n_samples // 2)
        m = self.heights(phases, n_samples)
        angles = np.concatenate(([0.0], (np.arange(n_samples // 2) + 0.5) * cell, [ANGLE]))
        top = float(m.max())
        least = top - (window + 0.03) * abs(top)
        inside = np.flatnonzero((m[1:-1] >= m[:-2]) & (m[1:-1] > m[2:]) & (m[1:-1] >= least)) + 1
        found = self._climbed(phases, angles[inside], cell)
        flat = found.times[found.curvature > -_FLAT * np.abs(found.heights) * self.degree**2]
        if len(flat):  # a flat top may be two tops closer together than the grid resolves: climb it from both sides
            found = Peaks.join(found, self._climbed(phases, np.concatenate([flat - cell, flat + cell]), cell))
        found = Peaks.join(found, self._at_ends(phases, least, cell))
        found = found.pick(np.argsort(found.times, kind="stable"))
        if not len(found.times) and np.any(m):  # a constant height, which rounding makes fall towards both ends
            found = replace(self.at(phases, np.array([0.0]))[0], fixed=np.ones(1, bool))
        if not len(found.times):  # a signal that is 0 throughout
            return found
        gaps = np.diff(found.times, append=found.times[-1] + ANGLE)
        highest = float(found.heights.max())
        found = found.pick((gaps > _SAME * cell) & (found.heights >= highest - window * abs(highest)))
        return found.pick(highest_of(found.heights, most))

    def _climbed(self, phases: FloatArray, angles: NDArray[np.floating], cell: float) -> Peaks:
        """The tops near these angles that lie within the window."""
        if not len(angles):
            return self.at(phases, np.zeros(0))[0]
        tops = self.climb(phases, np.clip(angles, 0.0, ANGLE), cell)
        return tops.pick((tops.times > 0.0) & (tops.times < ANGLE) & (tops.curvature < 0.0))

    def _at_ends(self, phases: FloatArray, least: float, cell: float) -> Peaks:
        """The ends that are peaks, and the tops within the first and the last half cell."""
        ends, slope, _ = self.at(phases, np.array([0.0, ANGLE]))
        outwards = slope * np.array([-1.0, 1.0]) >= 0.0
        fixed = replace(ends, fixed=np.ones(2, bool)).pick(outwards & (ends.heights >= least))
        return Peaks.join(fixed, self._climbed(phases, ends.times[~outwards], cell))

    def _within(self, times: NDArray[np.floating]) -> FloatArray:
        return np.asarray(times, dtype=np.float64)

    def _rotations(self, times: NDArray[np.floating]) -> ComplexArray:
        """``exp(i h t)``, ``(m, n)``, counted from the middle of the window."""
        return np.asarray(np.exp(1j * np.multiply.outer(times - 0.5 * ANGLE, self.numbers)))
