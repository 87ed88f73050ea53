"""A campaign: search after search over many problems, each from the best that the store has, until the time is up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from time import monotonic

import numpy as np

from crestfall.design import Design, Provenance
from crestfall.multisine import Multisine
from crestfall.search import Progress, minimize_peak
from crestfall.store.database import Store
from crestfall.store.improvement import Improvement
from crestfall.store.tones import Tones

_WORTH_A_ROW = 1e-9
"""Relative: what is less is the same local minimum, polished once more."""


@dataclass(frozen=True)
class Plan:
    """How much to search.

    Attributes:
        seconds: Time of one search [s].
        rounds: Searches of each problem in this campaign.
        seed: Together with the number of the search in the store it seeds the random starts.
        time_limit: Time of the whole campaign [s], or ``None``.
        workers: Processes that compute, as for ``minimize_peak``.
        use_atlas: Begin with the designs of the atlas.
    """

    seconds: float = 10.0
    rounds: int = 1
    seed: int = 0
    time_limit: float | None = None
    workers: int | None = None
    use_atlas: bool = True

    def __post_init__(self) -> None:
        for name, value in (("seconds", self.seconds), ("time_limit", self.time_limit)):
            if value is not None and not (isfinite(value) and value > 0):
                raise ValueError(f"{name} is {value}; give a finite number of seconds above 0")
        for name, value, least in (("rounds", self.rounds, 1), ("seed", self.seed, 0)):
            if value < least:
                raise ValueError(f"{name} is {value}; give an integer of at least {least}")


@dataclass(frozen=True)
class Visit:
    """One search of a campaign, when it is over and what it found is saved.

    Attributes:
        tones: The problem.
        before: Certified peak of the best design before, in units of the largest amplitude; infinite without one.
        saved: The better design that is now in the store, or ``None``.
        best: Certified peak of the best design now.
        done: Searches done in this campaign.
        total: Searches planned.
    """

    tones: Tones
    before: float
    saved: Improvement | None
    best: float
    done: int
    total: int


class NotSavedError(Exception):
    """A better design was found and could not be saved; ``tones`` and ``improvement`` are what would have been lost."""

    def __init__(self, tones: Tones, improvement: Improvement) -> None:
        super().__init__(f"a better design for {tones.name} could not be saved")
        self.tones, self.improvement = tones, improvement


def run_campaign(
    store: Store,
    problems: Sequence[Multisine],
    plan: Plan,
    *,
    on_visit: Callable[[Visit], object] = lambda visit: None,
    on_progress: Callable[[Tones, Progress], object] = lambda tones, progress: None,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Search all problems in turn, those first that the store has searched least; save what is better at once.

    Args:
        store: Where the designs are.
        problems: The tones; equal problems count once, and phases that they came with are saved if they are better.
        plan: How much to search.
        on_visit: Told after each search.
        on_progress: Told during each search.
        stop: Asked often; ends the running search, whose result is still saved, and the campaign.

    Returns:
        Number of searches done.

    Raises:
        NotSavedError: A better design could not be saved; its cause says why.
        OSError: The store cannot be read or written.
    """
    unique: dict[str, Tones] = {}
    for ms in problems:
        tones = Tones(ms)
        unique.setdefault(tones.identifier, tones)
        if tones.given_phases is not None:
            _save(store, tones, Improvement.measured(tones, tones.given_phases, Provenance("given phases")))
    left = dict.fromkeys(unique, plan.rounds)
    total, end = len(unique) * plan.rounds, inf if plan.time_limit is None else monotonic() + plan.time_limit
    done = 0
    while left and not stop() and (time_left := end - monotonic()) > 0:
        efforts = store.efforts()
        chosen = min(left, key=lambda key: (-left[key], efforts[key].rounds if key in efforts else 0))
        left[chosen] -= 1
        if left[chosen] == 0:
            del left[chosen]
        tones = unique[chosen]
        best = store.best(tones)
        found = _search(store, tones, best, min(plan.seconds, time_left), plan, on_progress, stop)
        done += 1
        saved = _save_if_better(store, tones, best, found)
        store.spend(tones, found.provenance.seconds)
        now = store.best(tones)
        before, after = (inf if row is None else row.peak_high for row in (best, now))
        on_visit(Visit(tones, before, saved, after, done, total))
    return done


def _search(
    store: Store,
    tones: Tones,
    best: Improvement | None,
    seconds: float,
    plan: Plan,
    on_progress: Callable[[Tones, Progress], object],
    stop: Callable[[], bool],
) -> Design:
    """One search, from the best design of the store and with a seed that no search of this problem has had."""
    number = store.begin_round(tones)
    ms = tones.canonical
    if best is not None:
        ms = Multisine.harmonics(
            tones.key.numbers, 1.0, tones.key.amplitudes, complex=ms.complex, initial_phases=best.phases_rad
        )

    def progress(report: Progress) -> None:
        on_progress(tones, report)
        if stop():
            raise StopIteration

    return minimize_peak(
        ms,
        time_limit=seconds,
        seed=int(np.random.SeedSequence([plan.seed, number]).generate_state(1)[0]),
        progress=progress,
        workers=plan.workers,
        use_atlas=plan.use_atlas,
    )


def _save_if_better(store: Store, tones: Tones, best: Improvement | None, found: Design) -> Improvement | None:
    if best is not None and not found.peak_interval[1] < best.peak_high * (1.0 - _WORTH_A_ROW):
        return None
    improvement = Improvement.measured(tones, found.phases, found.provenance)
    return improvement if _save(store, tones, improvement) else None


def _save(store: Store, tones: Tones, improvement: Improvement) -> bool:
    try:
        return store.add(tones, improvement)
    except (OSError, ValueError) as error:
        raise NotSavedError(tones, improvement) from error
