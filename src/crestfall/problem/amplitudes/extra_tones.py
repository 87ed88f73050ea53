"""Extra tones, of free amplitudes and phases, which are added only to lower the peak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crestfall.problem.arguments import real_numbers
from crestfall.problem.arrays import ComparedByValue


@dataclass(frozen=True, eq=False)
class ExtraTones(ComparedByValue):
    """Frequencies at which tones may be added, and how large.

    Called snow tones in system identification and tone reservation in communication.

    Attributes:
        frequencies: ``(m,)`` frequencies [Hz], none of them a frequency of the signal.
        largest: Largest amplitude of each, ``(m,)`` or one for all, in the unit of the signal's amplitudes.

    Raises:
        ValueError: There are no frequencies, one is not finite, or a largest amplitude is not above 0.

    Source:
        Tellado, *Peak to Average Power Reduction for Multicarrier Modulation*, PhD thesis, Stanford, 2000 (tone
        reservation); Guillaume, Schoukens, Pintelon & Kollár, IEEE Trans. Instrum. Meas. 40(6):982, 1991 (snow).

    Example:
        >>> ExtraTones([40.0, 42.0], largest=0.5).frequencies.tolist()
        [40.0, 42.0]
    """

    frequencies: npt.ArrayLike
    largest: npt.ArrayLike = 1.0

    def __post_init__(self) -> None:
        frequencies = real_numbers("extra tones: frequencies", self.frequencies, "give them in Hz", unit="Hz")
        frequencies = np.atleast_1d(frequencies)
        largest = real_numbers("extra tones: largest", self.largest, "give one amplitude for all, or one for each")
        if frequencies.ndim != 1 or frequencies.size == 0:
            raise ValueError("extra tones: frequencies are empty; give at least one, in Hz, or leave extra out")
        if not np.all(np.isfinite(frequencies)):
            k = int(np.argmin(np.isfinite(frequencies)))
            raise ValueError(f"extra tones: frequencies[{k}] is {frequencies[k]}; give finite frequencies in Hz")
        if largest.shape not in ((), frequencies.shape):
            raise ValueError(
                f"extra tones: largest has shape {largest.shape}, but there are {frequencies.size} frequencies; "
                "give one amplitude for all, or one for each"
            )
        largest = np.broadcast_to(largest, frequencies.shape).copy()
        if not np.all(np.isfinite(largest) & (largest > 0)):
            k = int(np.argmin(np.isfinite(largest) & (largest > 0)))
            raise ValueError(f"extra tones: largest[{k}] is {largest[k]}; it must be a finite amplitude above 0")
        for name, value in (("frequencies", frequencies), ("largest", largest)):
            object.__setattr__(self, name, value)
        super().__post_init__()
