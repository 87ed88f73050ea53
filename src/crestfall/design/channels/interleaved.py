"""Interleaved sets: each input has frequencies of its own, so that one experiment tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from crestfall.design.channels.design_set import DesignSet
from crestfall.design.channels.problem import SharedPhases
from crestfall.design.channels.search import search_each
from crestfall.design.channels.tones import require_channels, union_of
from crestfall.problem.goal import Measure
from crestfall.problem.multisine import Multisine
from crestfall.search.budget import ProgressCallback


def interleaved_set(
    inputs: Sequence[Multisine],
    *,
    limits: Sequence[float] | None = None,
    names: Sequence[str] | None = None,
    measure: Measure = "peak",
    start_at_zero: bool = False,
    starts: int | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    progress: ProgressCallback | None = None,
    workers: int | None = None,
    use_atlas: bool = True,
) -> DesignSet:
    """Phases for inputs with frequencies of their own, orthogonal over one period, each channel minimised by itself.

    Args:
        inputs: Tones of each input, no frequency in two of them, all with one common period. ``crestfall.problem.grids.deal``
            deals harmonics out.
        limits: What each channel's measure is divided by in the reports; by default its RMS (for a range √2 RMS).
        names: What the inputs are called.
        measure: ``"peak"``, or ``"range"`` (max − min, for a relative peak factor).
        start_at_zero: Shift each channel in time so that it begins and ends at an upward zero crossing; neither its
            peak nor the orthogonality changes.
        starts: Number of starts of each search; by default what the size deserves.
        time_limit: Seconds for the whole set.
        seed: Seed of the random starts.
        progress: Called with a ``Progress`` now and then; it may raise ``StopIteration``.
        workers: Processes that compute (see ``minimize_peak``).
        use_atlas: Begin with the atlas, where it knows the problem of a channel.

    Returns:
        The set; Ctrl-C and the time limit return the best so far.

    Raises:
        ValueError: Two inputs share a frequency, the frequencies have no common period, or an argument is out of range.

    Example:
        >>> from crestfall.problem.grids import deal
        >>> inputs = [Multisine.harmonics(numbers, 0.1) for numbers in deal(range(2, 21), 3)]
        >>> found = interleaved_set(inputs, measure="range", names=["elevator", "aileron", "rudder"], starts=32)
        >>> found.worst.name, found.worst.relative_peak_factor < 1.3, found.orthogonality
        ('rudder', True, 0.0)
    """
    inputs = list(inputs)
    union_of(inputs)
    called, allowed = require_channels(inputs, names, limits, measure)
    alone = np.zeros((1, 1, 1))
    problems = [SharedPhases.of([ms], alone, None, [name], measure) for ms, name in zip(inputs, called, strict=True)]
    found = search_each(
        problems,
        called,
        [seed] * len(inputs),
        time_limit=time_limit,
        progress=progress,
        starts=starts,
        workers=workers,
        use_atlas=use_atlas,
        start_at_zero=start_at_zero,
    )
    return DesignSet.interleaved(
        inputs,
        [design.phases for design in found],
        names=called,
        limits=allowed,
        measure=measure,
        statuses=[design.status for design in found],
        provenances=[replace(design.provenance, history=()) for design in found],
    )
