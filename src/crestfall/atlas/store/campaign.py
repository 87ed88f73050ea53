"""A campaign: search after search over many problems, each from the best that the store has, until the time is up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf, isfinite
from time import monotonic
from typing import Any

import numpy as np
from numpy.linalg import LinAlgError

from crestfall.atlas.store.database import Spent, Store
from crestfall.atlas.store.improvement import Improvement
from crestfall.atlas.store.stored_tones import StoredTones
from crestfall.certainty.measures import peak_interval
from crestfall.design.design import Design
from crestfall.design.provenance import Provenance
from crestfall.problem.arrays import FloatArray
from crestfall.problem.compatibility import require_compatible
from crestfall.problem.multisine import Multisine
from crestfall.search import Effort, Progress, minimize_peak
from crestfall.search.executors.dask_client import require_client

_LEAST_GAIN = 1e-9
"""Relative: what is less is the same local minimum, polished once more."""
_LEAST_S = 1e-3


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
        if not (isfinite(self.seconds) and self.seconds > 0):
            raise ValueError(f"seconds is {self.seconds}; give a finite number of seconds above 0")
        if self.rounds < 1:
            raise ValueError(f"rounds is {self.rounds}; give an integer of at least 1")
        Effort(time_limit=self.time_limit, seed=self.seed, workers=self.workers)  # names what is out of range

    def effort(self, number: int, seconds_left: float, client: Any = None) -> Effort:
        """The effort of one search.

        Args:
            number: The number of the search: each has a seed that no other search of its problem has.
            seconds_left: Time that is left of the campaign [s].
            client: ``distributed.Client`` that computes, or ``None``.
        """
        return Effort(
            time_limit=min(self.seconds, max(seconds_left, _LEAST_S)),
            seed=int(np.random.SeedSequence([self.seed, number]).generate_state(1)[0]),
            workers=self.workers,
            client=client,
            use_atlas=self.use_atlas,
        )


@dataclass(frozen=True)
class Visit:
    """One search of a campaign, when it is over and what it found is saved.

    Attributes:
        tones: The problem.
        before: Certified peak of the best design before, in units of the largest amplitude; infinite without one.
        saved: The better design that is now in the store, or ``None``.
        done: Searches done in this campaign; 0 for a design that was given with the tones.
        total: Searches planned.
        failure: Why the search failed, or ``None``.
    """

    tones: StoredTones
    before: float
    saved: Improvement | None
    done: int
    total: int
    failure: str | None = None


class NotSavedError(Exception):
    """A better design was found and could not be saved; ``tones`` and ``improvement`` are what would have been lost."""

    def __init__(self, tones: StoredTones, improvement: Improvement) -> None:
        super().__init__(f"a better design for {tones.name} could not be saved")
        self.tones, self.improvement = tones, improvement


OnVisit = Callable[[Visit], object]
OnProgress = Callable[[StoredTones, Progress], object]


def run_campaign(
    store: Store,
    problems: Iterable[Multisine],
    plan: Plan,
    *,
    on_visit: OnVisit = lambda visit: None,
    on_progress: OnProgress = lambda tones, progress: None,
    stop: Callable[[], bool] = lambda: False,
    client: Any = None,
) -> int:
    """Search all problems in turn, those first that the store has searched least; save what is better at once.

    Args:
        store: Where the designs are.
        problems: The tones; equal problems count once, and phases that they came with are saved if they are better.
        plan: How much to search.
        on_visit: Called after each search.
        on_progress: Called during each search.
        stop: Asked often; ends the running search, whose result is still saved, and the campaign.
        client: ``distributed.Client`` of a cluster that computes instead of the plan's processes. When it loses its
            scheduler, what the running search has found is saved, and the campaign ends.

    Returns:
        Number of searches done.

    Raises:
        NotSavedError: A better design could not be saved; its cause says why.
        OSError: The store cannot be read or written, or the client has lost its scheduler before it began.
        ValueError: The amplitudes of a problem differ too much, the store is damaged, or the client is none or does not
            go with the plan's workers.
    """
    if client is not None:
        require_compatible(plan.effort(0, plan.seconds, client).abilities)
        require_client(client)
    return _Campaign(store, problems, plan, on_visit, on_progress, stop, client).run()


class _Campaign:
    """The searches that are left to do, by problem."""

    def __init__(
        self,
        store: Store,
        problems: Iterable[Multisine],
        plan: Plan,
        on_visit: OnVisit,
        on_progress: OnProgress,
        stop: Callable[[], bool],
        client: Any,
    ) -> None:
        self.store, self.plan, self.stop, self.client = store, plan, stop, client
        self.on_visit, self.on_progress = on_visit, on_progress
        self.given = [StoredTones(ms) for ms in problems]
        self.unique = {tones.identifier: tones for tones in reversed(self.given)}
        self.left = dict.fromkeys((tones.identifier for tones in self.given), plan.rounds)
        self.total, self.done = len(self.left) * plan.rounds, 0
        self.end = inf if plan.time_limit is None else monotonic() + plan.time_limit

    def run(self) -> int:
        for tones in self.given:
            if tones.given_phases is not None:
                self._keep(tones, self.store.best(tones), tones.given_phases, Provenance("given phases"))
        while self.left and not self.stop() and monotonic() < self.end and self._can_compute():
            self._visit(self._next())
        return self.done

    def _can_compute(self) -> bool:
        return self.client is None or self.client.status == "running"

    def _next(self) -> StoredTones:
        """A problem with most searches left; of these, one that the store has searched least."""
        spent = self.store.spent()
        chosen = min(self.left, key=lambda key: (-self.left[key], spent.get(key, Spent()).rounds))
        self.left[chosen] -= 1
        if self.left[chosen] == 0:
            del self.left[chosen]
        return self.unique[chosen]

    def _visit(self, tones: StoredTones) -> None:
        best = self.store.best(tones)
        number = self.store.begin_round(tones)
        began = monotonic()
        try:
            found = self._search(tones, best, number)
        except (ValueError, ArithmeticError, LinAlgError) as error:
            # One problem that cannot be solved must not end the campaign for all the others.
            self.done += 1
            self.store.spend(tones, monotonic() - began)
            self.on_visit(Visit(tones, inf, None, self.done, self.total, failure=str(error)))
            return
        self.done += 1
        self._keep(tones, best, found.phases, found.provenance)
        self.store.spend(tones, found.provenance.seconds)

    def _search(self, tones: StoredTones, best: Improvement | None, number: int) -> Design:
        """From the best design of the store."""

        def progress(report: Progress) -> None:
            self.on_progress(tones, report)
            if self.stop():
                raise StopIteration

        return minimize_peak(
            tones.starting_from(None if best is None else best.phases_rad),
            effort=self.plan.effort(number, self.end - monotonic(), self.client),
            progress=progress,
        )

    def _keep(self, tones: StoredTones, best: Improvement | None, phases: FloatArray, provenance: Provenance) -> None:
        """Save the phases if they are better, and only then say so."""
        before = inf if best is None else best.peak_high
        saved = None
        if peak_interval(tones.canonical, phases)[1] < before * (1.0 - _LEAST_GAIN):
            improvement = Improvement.measured(tones, phases, provenance)
            try:
                saved = improvement if self.store.add(tones, improvement) else None
            except (OSError, ValueError) as error:
                raise NotSavedError(tones, improvement) from error
        self.on_visit(Visit(tones, before, saved, self.done, self.total))
