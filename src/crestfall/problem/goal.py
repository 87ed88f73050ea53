"""What is to be small, and which phases may be chosen for it: all that a search knows besides the tones."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from crestfall.certainty.measures import true_peak, true_range, true_top
from crestfall.problem.amplitudes import AmplitudeFreedom
from crestfall.problem.arrays import ComplexArray, FloatArray
from crestfall.problem.constraints import Constraint, Hold, Link, PhaseMap, phase_map
from crestfall.problem.multisine import Multisine
from crestfall.problem.outputs import Output

Measure = Literal["peak", "range", "one-sided", "envelope"]
MEASURES: tuple[str, ...] = get_args(Measure)


class Signal(NamedTuple):
    """One signal that must stay small.

    Attributes:
        tones: Its tones: those of the drive, with the amplitudes that the response gives them.
        turns: ``(n,)`` angles [rad] that the response adds to the drive's phases.
        limit: What its measure is divided by.
        name: What it is called.
    """

    tones: Multisine
    turns: FloatArray
    limit: float
    name: str


@dataclass(frozen=True, eq=False)
class Goal:
    """What is minimised: the largest measure of any output, each relative to its limit.

    Free amplitudes must not be lowered for the sake of a lower peak; the measure then counts relative to the RMS that
    the wanted tones come out with.

    Attributes:
        samples: Equally spaced samples of one period that count; ``None`` for continuous time.
        outputs: Signals that must be small; none means the drive, relative to its RMS.
        constraints: What the phases must obey.
        measure: ``"peak"`` is ``max |y|``, ``"range"`` half of ``max y − min y``, ``"one-sided"`` ``max y``, and
            ``"envelope"`` the peak of the complex envelope ``|Σ a e^{i(2π f t + θ)}|`` of real tones.
        freedom: Ranges of the amplitudes, if they may be chosen, too; all is then relative to the RMS of the tones that
            were asked for.
        alphabet: Number of equally spaced phases that are allowed; ``None`` for all. Only the discrete search sees it.
    """

    samples: int | None = None
    outputs: tuple[Output, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    measure: Measure = "peak"
    freedom: AmplitudeFreedom | None = None
    alphabet: int | None = None

    @property
    def is_about_drive(self) -> bool:
        """Whether what is to be small is the drive's own true peak, its amplitudes as they are."""
        return self.samples is None and not self.outputs and self.measure == "peak" and self.freedom is None

    @property
    def is_plain(self) -> bool:
        """Whether the goal is the drive's own true peak, all phases free and no more: what the atlas is about."""
        return self.is_about_drive and not self.constraints and self.alphabet is None

    def require_fit(self, ms: Multisine) -> None:
        """Raise a ``ValueError`` if the goal makes no sense for these tones."""
        if self.measure not in MEASURES:
            raise ValueError(f"measure is {self.measure!r}; choose one of {', '.join(map(repr, MEASURES))}")
        if ms.complex and self.measure in ("range", "one-sided"):
            raise ValueError(f"measure {self.measure!r} needs a real signal; a complex one has no minimum and maximum")
        if ms.is_narrow_band and self.measure in ("range", "one-sided"):
            raise ValueError(
                f"measure {self.measure!r} is that of the envelope for a narrow band on a high carrier; use 'envelope'"
            )
        names = [output.name for output in self.outputs]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"outputs: two are called {name!r}; give each a name of its own")
        if self.freedom is not None:
            self.freedom.require_fit(ms)
            if not all(isinstance(constraint, Hold | Link) for constraint in self.constraints):
                raise ValueError(
                    "constraints: mirrored and delayed tones need their amplitudes as they are; leave out the "
                    "tolerance and the extra tones, or those constraints"
                )
        self.signals(ms)
        self.phase_map(ms)

    def is_about_magnitudes(self, ms: Multisine) -> bool:
        """Whether the magnitudes of complex samples are what is lowered.

        The peak of real tones in a narrow band is that of their envelope, but for a part that the carrier decides.
        """
        continuous = self.measure == "peak" and self.samples is None
        return ms.complex or self.measure == "envelope" or (continuous and ms.is_narrow_band)

    def signals(self, ms: Multisine) -> list[Signal]:
        """The signals that count."""
        tones = ms.as_complex() if self.measure == "envelope" else ms
        if not self.outputs:
            return [Signal(tones, np.zeros(ms.n), 1.0, "drive")]
        return [Signal(*output.signal(tones), output.limit, output.name) for output in self.outputs]

    def responses(self, ms: Multisine) -> ComplexArray | None:
        """``(outputs, n)`` responses over limits, or ``None`` for the drive alone."""
        if not self.outputs:
            return None
        return np.stack([output.responses(ms) / output.limit for output in self.outputs])

    def phase_map(self, ms: Multisine) -> PhaseMap:
        """The phases that the constraints leave."""
        return phase_map(ms, self.constraints)

    def value(self, ms: Multisine, phases: FloatArray) -> float:
        """What is minimised, over continuous time: relative to the limits, or without outputs to the RMS of the tones.

        Tones of one frequency count apart in that RMS: what they really add up to is up to the phases, and a louder
        signal is not a flatter one.
        """
        signals = self.signals(ms)
        values = [self.measured(signal, phases) / signal.limit for signal in signals]
        return max(values) / self.loudness(ms) if self.outputs else values[0] / self._nominal_rms(signals[0].tones)

    def loudness(self, ms: Multisine) -> float:
        """RMS of the wanted tones relative to that of the largest amplitudes allowed: 1 where nothing is free."""
        if self.freedom is None:
            return 1.0
        wanted, largest = (
            float(self.freedom.wanted_rms(amplitudes / ms.amplitude_scale, complex=ms.complex))
            for amplitudes in (ms.amplitudes, self.freedom.high)
        )
        return wanted / largest

    def _nominal_rms(self, ms: Multisine) -> float:
        scale = ms.amplitude_scale
        counted = ms.amplitudes if self.freedom is None else ms.amplitudes[self.freedom.wanted]
        return scale * sqrt(float(np.sum((counted / scale) ** 2)) * (1.0 if ms.complex else 0.5))

    def measure_of_samples(self, samples: NDArray[np.inexact]) -> float:
        """The measure of given samples ``(N,)``."""
        if self.measure == "range":
            return 0.5 * float(np.ptp(samples.real))
        return float(np.max(samples.real if self.measure == "one-sided" else np.abs(samples)))

    def measured(self, signal: Signal, phases: FloatArray) -> float:
        """The measure of one signal over continuous time, in its own unit."""
        measure = {"range": true_range, "one-sided": true_top}.get(self.measure, true_peak)
        value = measure(signal.tones, phases + signal.turns)
        return 0.5 * value if self.measure == "range" else value
