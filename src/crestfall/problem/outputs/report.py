"""How large an output is, and how much of its limit that takes."""

from __future__ import annotations

from dataclasses import dataclass

from crestfall.certainty.measures import ratio_to_rms, true_peak_maximum
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.outputs.output import Output


@dataclass(frozen=True)
class OutputReport:
    """An output at the chosen phases.

    Attributes:
        name: What it is called.
        peak: True peak, in the unit of the output.
        peak_interval: Certified ``(low, high)`` around it.
        crest_factor: Peak over RMS.
        limit: What is allowed.
        share: ``peak / limit``; the largest share of all outputs is what was minimised, if the measure was the peak.

    Example:
        >>> import numpy as np
        >>> report = OutputReport.of(Output(2.0, limit=8.0), Multisine([1.0, 2.0, 3.0]), np.zeros(3))
        >>> round(report.peak, 9), round(report.share, 9)
        (6.0, 0.75)
    """

    name: str
    peak: float
    peak_interval: tuple[float, float]
    crest_factor: float
    limit: float
    share: float

    @classmethod
    def of(cls, output: Output, ms: Multisine, phases: FloatArray) -> OutputReport:
        """Measure an output of these tones at phases ``(n,)`` [rad] of the drive."""
        tones, turns = output.signal(ms)
        maximum = true_peak_maximum(tones, phases + turns)
        crest_factor = ratio_to_rms(maximum.value, tones, phases + turns)
        interval = (maximum.low, maximum.high)
        return cls(output.name, maximum.value, interval, crest_factor, output.limit, maximum.value / output.limit)
