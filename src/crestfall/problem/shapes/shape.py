"""One period of a waveform as people say it: a pulse with a duty cycle, a triangle, samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np

from crestfall.problem.arguments import finite_number, real_numbers, shown, whole_number
from crestfall.problem.arrays import FloatArray, IntArray

MOST_STEPS = 2**16
"""Most steps of a period, and the largest denominator of a duty cycle."""


class Shape(Protocol):
    """A periodic waveform: anything with these members.

    Attributes:
        repeats: Periods of it in one common period.
    """

    @property
    def repeats(self) -> int: ...

    @property
    def steps(self) -> int:
        """The least number of equal steps of one of its periods in which all its edges lie on steps."""
        ...

    def at(self, places: IntArray, steps: int) -> FloatArray:
        """Its values at ``places / steps`` of its period, 0 … 1: at an edge the value that follows."""
        ...


@dataclass(frozen=True)
class Pulse:
    """A pulse of ``amplitude`` for a part of the period, ``low`` for the rest of it: PWM.

    Attributes:
        duty: Part of the period, between 0 and 1, as a number or as a text such as ``"5/12"``. Decimals are taken as
            they are written: 0.275 is 11/40.
        amplitude: Value during the pulse.
        low: Value besides it.
        repeats: Periods of the pulse in one common period.

    Raises:
        ValueError: A value is out of range.

    Example:
        >>> Pulse("5/12", 4.0).steps, Pulse(0.275, 6.0).steps
        (12, 40)
    """

    duty: float | str | Fraction
    amplitude: float = 1.0
    low: float = 0.0
    repeats: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "duty", _part("pulse: duty", self.duty))
        for name in ("amplitude", "low"):
            object.__setattr__(self, name, finite_number(f"pulse: {name}", getattr(self, name), "a finite number"))
        if self.amplitude == self.low:
            raise ValueError(f"pulse: amplitude and low are both {self.low:g}; give two different values")
        object.__setattr__(self, "repeats", _repeats("pulse", self.repeats))

    @property
    def steps(self) -> int:
        """Both edges lie on these."""
        return Fraction(self.duty).denominator

    def at(self, places: IntArray, steps: int) -> FloatArray:
        """``amplitude`` from 0 to ``duty``, without its end."""
        duty = Fraction(self.duty)
        return np.where(places * duty.denominator < duty.numerator * steps, self.amplitude, self.low)


@dataclass(frozen=True)
class Triangle:
    """A triangle between ``-amplitude`` and ``amplitude``: a ripple current.

    Attributes:
        amplitude: Largest value.
        rise: Part of the period in which it rises, between 0 and 1; 1/2 is symmetric.
        repeats: Periods of the triangle in one common period.

    Raises:
        ValueError: A value is out of range.

    Example:
        >>> Triangle(2.0, rise="1/4").at(np.array([0, 1, 2, 5]), 8).tolist()
        [-2.0, 0.0, 2.0, 0.0]
    """

    amplitude: float = 1.0
    rise: float | str | Fraction = Fraction(1, 2)
    repeats: int = 1

    def __post_init__(self) -> None:
        need = "a finite number above 0"
        amplitude = finite_number("triangle: amplitude", self.amplitude, need, above_zero=True)
        object.__setattr__(self, "amplitude", amplitude)
        object.__setattr__(self, "rise", _part("triangle: rise", self.rise))
        object.__setattr__(self, "repeats", _repeats("triangle", self.repeats))

    @property
    def steps(self) -> int:
        """Both corners lie on these."""
        return Fraction(self.rise).denominator

    def at(self, places: IntArray, steps: int) -> FloatArray:
        """From the minimum at 0 to the maximum at ``rise`` and back."""
        rise = Fraction(self.rise)
        done, up, down = places * rise.denominator, rise.numerator * steps, (rise.denominator - rise.numerator) * steps
        return np.asarray(self.amplitude * np.where(done < up, 2.0 * done / up - 1.0, 1.0 - 2.0 * (done - up) / down))


@dataclass(frozen=True)
class Sampled:
    """Samples of one period, each held until the next.

    Attributes:
        values: ``(N,)`` samples, two or more.
        repeats: Periods of it in one common period.

    Raises:
        ValueError: The samples are not finite numbers, or all are the same.

    Example:
        >>> Sampled([1.0, 3.0, 2.0]).at(np.array([0, 3, 4]), 6).tolist()
        [1.0, 3.0, 2.0]
    """

    values: Sequence[float]
    repeats: int = 1

    def __post_init__(self) -> None:
        found = real_numbers("samples: values", self.values, "give finite numbers")
        if found.ndim != 1 or not 2 <= found.size <= MOST_STEPS or not np.all(np.isfinite(found)):
            raise ValueError(f"samples: values have shape {found.shape}; give 2 to {MOST_STEPS} finite numbers")
        if float(np.ptp(found)) == 0.0:
            raise ValueError("samples: values are all the same; a constant has no delay, give it as a fixed waveform")
        object.__setattr__(self, "values", tuple(found.tolist()))
        object.__setattr__(self, "repeats", _repeats("samples", self.repeats))

    @property
    def steps(self) -> int:
        """As many as samples."""
        return len(self.values)

    def at(self, places: IntArray, steps: int) -> FloatArray:
        """The sample that holds at each place."""
        return np.asarray(self.values)[places * len(self.values) // steps]


def _part(name: str, value: float | str | Fraction) -> Fraction:
    """A part of a period as a fraction with a denominator that can be computed."""
    try:
        written = str(value)  # a decimal is taken as it is written
    except Exception:
        written = shown(value)
    try:
        found = value if isinstance(value, Fraction) else Fraction(written.replace(" ", ""))
    except (ValueError, ZeroDivisionError):
        found = _quotient(name, written)
    if not 0 < found < 1:
        raise ValueError(f"{name} is {written}; give a part of the period between 0 and 1, such as 0.3 or '5/12'")
    # As it is written, or where that is a rounded quotient the quotient: 0.4166666666666667 is 5/12.
    simple = found.limit_denominator(1000)
    if abs(simple - found) < Fraction(1, 10**12):
        return simple
    return found if found.denominator <= MOST_STEPS else found.limit_denominator(MOST_STEPS)


def _quotient(name: str, text: str) -> Fraction:
    """A quotient of decimals: 3.3/12."""
    above, _, below = text.partition("/")
    try:
        return Fraction(above.strip()) / Fraction(below.strip())
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{name} is {shown(text)}; give a part of the period such as 0.3 or '5/12'") from None


def _repeats(name: str, value: int) -> int:
    return whole_number(f"{name}: repeats", value, 1, "an integer of at least 1")
