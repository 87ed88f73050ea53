"""Several periodic shapes whose sum is to be small: their tones, their delays, and the samples that count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from crestfall.problem.arguments import finite_number, items, shown, whole_number
from crestfall.problem.arrays import FloatArray
from crestfall.problem.constraints import Delays
from crestfall.problem.fixed_waveform import FixedWaveform
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.problem.shapes.shape import MOST_STEPS, Shape
from crestfall.problem.times import Samples

_LEAST_STEPS = 64
_LARGEST = 1e150
"""Largest value of a shape: squares and sums of such values stay within range."""
_ROUNDING = 1e-13
_MOST_SHAPES, _MOST_TONES = 64, 2**18


@dataclass(frozen=True)
class Shapes:
    r"""Periodic shapes that may only be delayed, so that the peak of their sum is small.

    .. math:: x(t) = \sum_g s_g(t - τ_g)

    Each shape is represented by ``steps`` samples of the common period, and delayed by whole steps. All edges of pulses
    and all samples lie on steps, so their sums, held from one sample to the next, are exact at all times. If any delays
    are rounded down to steps, every value of the new sum is also a value of the old one. So no delays between the steps
    are better, and a global optimum over the steps is one over all delays. Triangles have their corners on steps; their
    least peak over all delays is lower by at most half a step times :math:`\sum_g \max|s_g'|`, and more steps reduce
    that difference.

    Attributes:
        shapes: ``Pulse``, ``Triangle``, ``Sampled``, or objects of your own (see ``Shape``).
        fundamental: Frequency of the common period [Hz].
        steps: Steps of the common period. By default the fewest on which all edges lie, and at least 64 (360 with
            triangles).

    Raises:
        ValueError: An edge lies on no step, or there are too many.

    Example:
        >>> from crestfall import minimize_peak
        >>> from crestfall.problem.shapes import Pulse
        >>> stages = Shapes([Pulse("5/12", 4.0), Pulse("3.3/12", 6.0), Pulse("1.8/12", 10.0)], fundamental=100e3)
        >>> design = minimize_peak(stages.problem())
        >>> round(design.worst.value, 12), stages.steps
        (10.0, 120)
    """

    shapes: Sequence[Shape]
    fundamental: float = 1.0
    steps: int | None = None

    def __post_init__(self) -> None:
        need = "a list of shapes, such as [Pulse(0.3, 1.0), Triangle(2.0)]"
        object.__setattr__(self, "shapes", items("shapes", self.shapes, need, is_one=_is_shape))
        for number, shape in enumerate(self.shapes):
            if not _is_shape(shape):
                raise TypeError(f"shapes[{number}] is {shown(shape)}; give a Pulse, a Triangle or a Sampled")
        if not 1 <= len(self.shapes) <= _MOST_SHAPES:
            raise ValueError(f"shapes: there are {len(self.shapes)}; give 1 to {_MOST_SHAPES}")
        fundamental = finite_number(
            "fundamental", self.fundamental, "a finite frequency above 0 Hz", above_zero=True, unit="Hz"
        )
        object.__setattr__(self, "fundamental", fundamental)
        object.__setattr__(self, "steps", self._fitting_steps())

    def _fitting_steps(self) -> int:
        fewest = lcm(*(shape.repeats * shape.steps for shape in self.shapes))
        if fewest > MOST_STEPS:
            raise ValueError(
                f"shapes: all edges lie on no fewer than {fewest} steps of the period, more than {MOST_STEPS}; "
                "round the duty cycles, for instance to the counts of the timer"
            )
        if self.steps is None:
            least = _LEAST_STEPS if all(_holds(shape) for shape in self.shapes) else 360
            return fewest * -(-least // fewest)
        steps = whole_number("steps", self.steps, 2, "an integer of at least 2")
        if steps % fewest or steps > MOST_STEPS:
            raise ValueError(
                f"steps is {steps}, but the edges lie on {fewest} steps of the period; give a multiple of {fewest} up "
                f"to {MOST_STEPS}"
            )
        return steps

    def samples(self, number: int) -> FloatArray:
        """``(steps,)`` samples of a shape over the common period, without delay."""
        steps, shape = int(self.steps or 0), self.shapes[number]
        return shape.at(np.arange(steps) * shape.repeats % steps, steps)

    def problem(self, **fields: Any) -> Problem:
        """The problem of these shapes.

        Args:
            fields: Fields of ``Problem``, such as ``measure="range"`` or ``outputs=…``; ``fixed`` is added to the mean
                of the shapes.

        Raises:
            ValueError: As ``Problem``.
        """
        steps = int(self.steps or 0)
        numbers: list[int] = []
        c: list[complex] = []
        groups, mean = [], 0.0
        for number in range(len(self.shapes)):
            samples = self.samples(number)
            if not np.max(np.abs(samples)) <= _LARGEST:
                raise ValueError(f"shapes[{number}] reaches more than {_LARGEST:g}; give the values in a larger unit")
            own, lines = _lines(samples)
            groups.append(list(range(len(numbers), len(numbers) + len(own))))
            numbers += own
            c += lines
            mean += float(np.mean(samples))
            if len(numbers) > _MOST_TONES:
                raise ValueError(f"steps is {steps}: the shapes have more than {_MOST_TONES} lines; give fewer steps")
        phases = np.angle(c)
        ms = Multisine.harmonics(numbers, self.fundamental, np.abs(c), initial_phases=phases)
        fixed = _with(mean, fields.pop("fixed", None))
        steps = self._steps_of(ms if fixed is None else fixed.joined_to(ms))
        fields.setdefault("over", Samples(steps))
        constraints = [Delays(groups, phases.tolist(), steps), *fields.pop("phases", ())]
        return Problem(ms, phases=constraints, fixed=fixed, **fields)

    def _steps_of(self, tones: Multisine) -> int:
        """Steps of the period of all tones: shorter where all shapes repeat, longer where something fixed is slower."""
        steps = Fraction(tones.period * self.fundamental).limit_denominator(MOST_STEPS) * int(self.steps or 0)
        if steps.denominator != 1:
            raise ValueError(
                f"shapes: all together repeat every {float(steps):.6g} steps, not a whole number; give another "
                "number of steps"
            )
        return steps.numerator


def _holds(shape: Shape) -> bool:
    """Whether a shape keeps its value between steps; those of callers are taken not to."""
    from crestfall.problem.shapes.shape import Pulse, Sampled

    return isinstance(shape, Pulse | Sampled)


def _lines(samples: FloatArray) -> tuple[list[int], list[complex]]:
    """Harmonic numbers and phasors ``a e^{iθ}`` of one period of samples, its mean left out."""
    n = samples.size
    c = 2.0 * np.fft.rfft(samples, norm="forward")
    if n % 2 == 0:
        c[-1] /= 2.0
    size = np.abs(c)
    kept = np.flatnonzero(size > _ROUNDING * np.max(np.abs(samples)))
    kept = kept[kept > 0]
    return kept.tolist(), c[kept].tolist()


def _with(mean: float, fixed: FixedWaveform | None) -> FixedWaveform | None:
    """A fixed waveform, its constant raised by the mean of the shapes."""
    offset = mean + (0.0 if fixed is None else fixed.offset)
    tones = None if fixed is None else fixed.tones
    return None if tones is None and not offset else FixedWaveform(tones, offset)


def _is_shape(value: object) -> bool:
    return not isinstance(value, type) and all(hasattr(value, name) for name in ("repeats", "steps", "at"))
