"""One channel in figures."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from crestfall.certainty.measures import relative_peak_factor
from crestfall.design.design import Design
from crestfall.problem.goal import Goal, Measure, Signal
from crestfall.problem.multisine import Multisine


@dataclass(frozen=True)
class ChannelReport:
    """One input in one experiment.

    Attributes:
        name: What the input is called.
        experiment: Number of the experiment, from 0.
        peak: Certified true peak, in the unit of the amplitudes.
        peak_interval: Certified ``(low, high)`` around it.
        crest_factor: Peak over RMS.
        relative_peak_factor: ``(max − min) / (2√2 rms)``; ``None`` for complex signals.
        limit: What the measure is divided by.
        share: Measure over limit: the largest of all channels is what was minimised. Without limits of its own it is
            the crest factor, or for measure ``"range"`` the relative peak factor.
    """

    name: str
    experiment: int
    peak: float
    peak_interval: tuple[float, float]
    crest_factor: float
    relative_peak_factor: float | None
    limit: float
    share: float

    @classmethod
    def of(cls, design: Design, name: str, experiment: int, limit: float, measure: Measure) -> ChannelReport:
        """Measure one design."""
        ms = design.multisine
        factor = None if ms.complex else relative_peak_factor(ms, design.phases)
        value = design.peak
        if measure != "peak":
            value = Goal(measure=measure).measured(Signal(ms, np.zeros(ms.n), 1.0, name), design.phases)
        return cls(
            name, experiment, design.peak, design.peak_interval, design.crest_factor, factor, limit, value / limit
        )


def default_limit(ms: Multisine, measure: Measure) -> float:
    """The RMS, or for a range the amplitude of a sine of this RMS.

    Example:
        >>> round(default_limit(Multisine([1.0, 2.0]), "peak"), 9), round(default_limit(Multisine([1.0]), "range"), 9)
        (1.0, 1.0)
    """
    scale = ms.amplitude_scale
    rms = scale * sqrt(float(np.sum((ms.amplitudes / scale) ** 2)) * (1.0 if ms.complex else 0.5))
    return rms * (sqrt(2.0) if measure == "range" else 1.0)
