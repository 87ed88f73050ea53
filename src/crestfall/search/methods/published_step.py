"""What a method of the literature is: from a start, one iteration after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine


class Step(NamedTuple):
    """Where an iteration stands.

    Attributes:
        phases: ``(n,)`` phases [rad].
        sample_peak: Largest ``|x|`` over the method's own grid, in the unit of the amplitudes. The true peak is not
            below it, so whoever keeps the best need not measure phases whose samples are already too high.
    """

    phases: FloatArray
    sample_peak: float


Method = Callable[[Multisine, FloatArray], Iterator[Step]]
"""The tones and a start ``(n,)`` [rad] to the steps of the method, the first of which, if any, is the start."""
