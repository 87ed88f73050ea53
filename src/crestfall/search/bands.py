"""Several problems, one after the other, within one effort: the bands of a signal over many decades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import Unpack

from crestfall.design.design import Design
from crestfall.problem.arguments import items
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.search.asking import ShortForm, problem_and_effort
from crestfall.search.budget import Budget, ProgressCallback
from crestfall.search.effort import Effort
from crestfall.search.method import Method
from crestfall.search.minimize_peak import minimize_within

_AT_ONCE_S = 1e-3


def minimize_bands(
    bands: Sequence[Problem | Multisine],
    *,
    effort: Effort | None = None,
    method: Method | str | None = None,
    progress: ProgressCallback | None = None,
    **short: Unpack[ShortForm],
) -> list[Design]:
    """A design for each band. The time limit is for all of them together; time that one band leaves goes to the next.

    After Ctrl-C, finished bands keep their designs, the current band gets its best so far, and later bands get the
    phases with which a search begins.

    Args:
        bands: The problem of each band, or its tones (see ``crestfall.split_bands``).
        effort: How hard to try (see ``Effort``), with its time limit for all bands together.
        method: As in ``minimize_peak``.
        progress: As in ``minimize_peak``; it may raise ``StopIteration`` to end the band at work.
        short: As in ``minimize_peak``.

    Raises:
        ValueError: There are no bands, or as ``minimize_peak``.
        TypeError: It is one band, not a list.

    Example:
        >>> from crestfall.problem.bands import split_bands
        >>> ms = Multisine([1.0, 2.0, 3.0, 10.0, 20.0, 30.0, 40.0])
        >>> [design.multisine.fundamental for design in minimize_bands(split_bands(ms, 2), starts=4)]
        [1.0, 10.0]
    """
    if isinstance(bands, Problem | Multisine):
        raise TypeError("bands is one band; give a list of them, such as split_bands(ms, 2)")
    each = items("bands", bands, "a list of bands, such as split_bands(ms, 2)")
    asked = [problem_and_effort(one, effort, short) for one in each]
    if not asked:
        raise ValueError("bands is empty; give the tones of at least one, such as split_bands(ms, 2)")
    if asked[0][1].checkpoint is not None and len(asked) > 1:
        raise ValueError(f"checkpoint is for the proof of one design, and there are {len(asked)} bands; leave it out")
    limit, bound_time = asked[0][1].time_limit, asked[0][1].bound_time or 0.0
    left, found = limit or 0.0, []
    with Budget(None if limit is None else limit + len(asked) * bound_time) as budget:
        for number, (problem, own) in enumerate(asked):
            share, begin = max(left / (len(asked) - number), _AT_ONCE_S), perf_counter()
            if limit is not None:
                own = replace(own, time_limit=share)
            found.append(minimize_within(budget, problem, own, method, progress))
            spent = perf_counter() - begin
            left -= min(spent, share) if bound_time else spent  # the bounds of one band take no time from the others
    return found
