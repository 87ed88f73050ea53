"""What became of free amplitudes: wanted and extra power apart, and how far the wanted tones moved."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from crestfall.problem.amplitudes.freedom import AmplitudeFreedom
from crestfall.problem.arrays import ComparedByValue, FloatArray
from crestfall.problem.multisine import Multisine


@dataclass(frozen=True, eq=False)
class AmplitudeReport(ComparedByValue):
    """A signal whose amplitudes were chosen, too.

    Attributes:
        wanted_rms: RMS of the tones that were asked for.
        extra_rms: RMS of the extra tones.
        extra_power_share: Power of the extra tones over that of all.
        crest_factor: Peak of all tones over the RMS of the wanted ones: what was minimised.
        lower_bound: What no phases and no allowed amplitudes can beat.
        changes_db: ``(wanted,)`` change of each wanted amplitude from the middle of its range in decibels [dB].

    Example:
        >>> freedom = AmplitudeFreedom(np.array([0.5, 0.1]), np.array([2.0, 3.0]), np.array([True, False]))
        >>> report = AmplitudeReport.of(freedom, Multisine([1.0, 2.0], [2.0, 2.0]), peak=3.0)
        >>> report.extra_power_share, report.changes_db.round(3).tolist()
        (0.5, [6.021])
    """

    wanted_rms: float
    extra_rms: float
    extra_power_share: float
    crest_factor: float
    lower_bound: float
    changes_db: FloatArray

    @classmethod
    def of(cls, freedom: AmplitudeFreedom, ms: Multisine, peak: float, *, components: bool = False) -> AmplitudeReport:
        """Measure tones ``ms`` that came out with this peak: of ``I`` and ``Q`` where these count as ``components``."""
        scale = ms.amplitude_scale
        powers = (ms.amplitudes / scale) ** 2 * (1.0 if ms.complex else 0.5)
        wanted, extra = float(powers[freedom.wanted].sum()), float(powers[~freedom.wanted].sum())
        middle = np.sqrt(freedom.low[freedom.wanted]) * np.sqrt(freedom.high[freedom.wanted])
        return cls(
            wanted_rms=scale * sqrt(wanted),
            extra_rms=scale * sqrt(extra),
            extra_power_share=extra / (wanted + extra),
            crest_factor=peak / (scale * sqrt(wanted)),
            lower_bound=freedom.lower_bound(ms, components=components),
            changes_db=20.0 * np.log10(ms.amplitudes[freedom.wanted] / middle),
        )
