"""Samples that count, but are too few to show every tone: allowed, as it may be meant, and said."""

from __future__ import annotations

import numpy as np

from crestfall.problem.notes import note
from crestfall.problem.problem import Problem
from crestfall.problem.readable import readable
from crestfall.problem.times import Samples


def note_undersampling(problem: Problem) -> None:
    """Note that the samples that count are not above the Nyquist rate of the tones.

    Real tones need more than two samples in a period of the highest one, complex ones more than one in that of their
    band; with fewer, two tones can have the same samples. Delays in steps are of signals that hold their samples, in
    which nothing happens between them.

    Warns:
        CrestfallWarning: They are not; the message names the least rate.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> note_undersampling(Problem(Multisine.harmonics([1, 2, 3], 10.0), over=Samples(7)))  # enough
    """
    if not isinstance(problem.over, Samples) or problem.held_samples is not None:
        return
    tones = problem.measured_tones(problem.tones)
    rate = problem.over.rate if problem.over.n is None else problem.over.n * tones.fundamental
    highest = float(np.max(np.abs(tones.frequencies)))
    least = float(np.ptp(tones.frequencies)) if tones.complex else 2.0 * highest
    if rate is None or rate > least * (1.0 + 1e-12):
        return
    what = "the band of the tones" if tones.complex else f"twice the highest tone, {readable(highest, 'Hz')}"
    note(
        f"samples: {rate:.9g} samples per second count, no more than {what}, so that several tones can look alike and "
        f"what happens between them is not seen; give more than {readable(least, 'Hz')}, unless that is meant"
    )
