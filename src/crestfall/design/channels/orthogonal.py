"""Orthogonal sets: all inputs at the same frequencies, told apart by as many experiments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from crestfall.design.channels.design_set import PHASES, DesignSet
from crestfall.design.channels.matrices import turns_of
from crestfall.design.channels.problem import SharedPhases
from crestfall.design.channels.search import search_each
from crestfall.design.channels.tones import require_channels, require_same_tones
from crestfall.problem.goal import Measure
from crestfall.problem.multisine import Multisine
from crestfall.search.budget import ProgressCallback


def orthogonal_set(
    inputs: Multisine | Sequence[Multisine],
    count: int | None = None,
    *,
    matrix: str = "hadamard",
    phases: str = "common",
    limits: Sequence[float] | None = None,
    names: Sequence[str] | None = None,
    measure: Measure = "peak",
    starts: int | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    progress: ProgressCallback | None = None,
    workers: int | None = None,
    use_atlas: bool = True,
) -> DesignSet:
    r"""Phases for ``m`` inputs in ``m`` experiments, orthogonal at every frequency, the worst peak of all minimised.

    At frequency ``k`` the coefficients of inputs by experiments are

    .. math:: U_k = \operatorname{diag}(A_i(k)\, e^{iφ_i(k)})\; T, \qquad T\,T^H = m\,I,

    so that :math:`U_k U_k^H = m \operatorname{diag}(A_i(k)^2)`: a frequency response matrix follows from the responses
    ``Y_k`` by ``Y_k U_k^{-1}`` with the least variance. Each of the ``m²`` signals is one set of phases, turned by a
    constant; all of them count.

    Args:
        inputs: Tones of each input, the same frequencies in all; or those of every input, with ``count``. Phases that
            they came with are a start: an input's phases before the matrix turns them.
        count: Number of inputs, where all have the same tones.
        matrix: ``"hadamard"`` (powers of two: only signs, which cost nothing), ``"chirp"`` (any number of inputs, fewer
            different turns) or ``"dft"`` (any number, the matrix of the textbooks).
        phases: ``"common"``: all inputs share one set of phases (random orthogonal multisines have this form);
            ``"own"``: each input has its own (full random orthogonal multisines), found from other random starts.
        limits: Largest peak that is allowed to each input; the largest peak relative to its limit is minimised. By
            default the RMS of each input: the largest crest factor is minimised.
        names: What the inputs are called.
        measure: ``"peak"``, or ``"range"`` (half of max − min).
        starts: Number of starts of each search; by default what the size deserves.
        time_limit: Seconds for the whole set.
        seed: Seed of the random starts.
        progress: Called with a ``Progress`` now and then; it may raise ``StopIteration``.
        workers: Processes that compute (see ``minimize_peak``).
        use_atlas: Begin with the atlas where one search is about one plain signal and the phases are common.

    Returns:
        The set; Ctrl-C and the time limit return the best so far.

    Raises:
        ValueError: Inputs of different frequencies, no such matrix for this number of inputs, a limit not above 0, or
            an argument out of range.

    Example:
        >>> found = orthogonal_set(Multisine.harmonics(range(1, 16)), 3, matrix="chirp", starts=16)
        >>> found.worst.crest_factor < 1.6, found.orthogonality < 1e-12, found.certificates[0].is_stationary
        (True, True, True)
    """
    tones = _inputs(inputs, count)
    require_same_tones(tones)
    called, allowed = require_channels(tones, names, limits, measure)
    if phases not in PHASES:
        raise ValueError(
            f"phases is {phases!r}; choose 'common' (all inputs share one set) or 'own' (each input has its own, as "
            "in full random orthogonal multisines)"
        )
    turns = turns_of(matrix, len(tones))[:, :, None]
    everyone = list(range(len(tones)))
    groups = [everyone] if phases == "common" else [[i] for i in everyone]
    problems = [
        SharedPhases.of(
            [tones[i] for i in group],
            turns[group],
            None if allowed is None else [allowed[i] for i in group],
            [called[i] for i in group],
            measure,
        )
        for group in groups
    ]
    found = search_each(
        problems,
        [called[group[0]] if len(group) == 1 else "" for group in groups],
        [seed + number for number in range(len(groups))],
        time_limit=time_limit,
        progress=progress,
        starts=starts,
        workers=workers,
        use_atlas=use_atlas and phases == "common",
        closed_forms=phases == "common",  # else several inputs could end at the one design that begins there
    )
    chosen, statuses, provenances = np.zeros((len(tones), tones[0].n)), [""] * len(tones), {}
    for group, problem, design in zip(groups, problems, found, strict=True):
        for place, i in enumerate(group):
            # The shift of the first experiment without the matrix's turn is what this input's own phases are.
            chosen[i] = design.phases + problem.shifts[place, 0] - turns[i, 0]
            statuses[i], provenances[i] = design.status, replace(design.provenance, history=())
    return DesignSet.orthogonal(
        tones,
        chosen,
        matrix=matrix,
        names=called,
        limits=allowed,
        measure=measure,
        sharing=phases,
        statuses=statuses,
        provenances=[provenances[i] for i in everyone],
    )


def _inputs(inputs: Multisine | Sequence[Multisine], count: int | None) -> list[Multisine]:
    if isinstance(inputs, Multisine):
        if count is None:
            raise ValueError("count is missing; say how many inputs have these tones, or give a list of multisines")
        if count != int(count) or count < 1:
            raise ValueError(f"count is {count}; give an integer of at least 1")
        return [inputs] * int(count)
    if count is not None and count != len(inputs):
        raise ValueError(f"count is {count}, but there are {len(inputs)} inputs; leave out count")
    return list(inputs)
