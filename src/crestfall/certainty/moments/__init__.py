"""Lower bounds by moments: sums of squares that prove what no phases can beat, checked in integers."""

from crestfall.certainty.moments.bound import (
    MomentBound,
    NextStep,
    moment_bound,
    moment_bounds,
    next_step,
    peak_proved,
    steps_up_to,
)
from crestfall.certainty.moments.bound_proof import BoundProof
from crestfall.certainty.moments.certificate import Certificate
from crestfall.certainty.moments.square import Square
from crestfall.certainty.moments.tones import has_moments

__all__ = [
    "BoundProof",
    "Certificate",
    "MomentBound",
    "NextStep",
    "Square",
    "has_moments",
    "moment_bound",
    "moment_bounds",
    "next_step",
    "peak_proved",
    "steps_up_to",
]
