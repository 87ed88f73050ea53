"""The state of one window: its problem, its search and its designs. It knows no widgets.

Nothing here waits: measuring runs in a thread and searching in a process, and both leave what they find in a queue,
which the page empties now and then (``drain``).
"""

from __future__ import annotations

import queue
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from crestfall.design.design import Design
from crestfall.design.explain import Explanation, explain
from crestfall.problem.readable import readable_figure
from crestfall.studio.curves import prepared
from crestfall.studio.draft import Draft
from crestfall.studio.messages import Order, Step
from crestfall.studio.run import BusyError, Event, Failed, Finished, Improved, Run, Workers
from crestfall.studio.saved import MOST, Saved, free_name

_LEAST_S = 0.05
"""Least time limit of a band [s], also where those before it have taken longer than they should."""


@dataclass
class Band:
    """What is known about one of the problems of a window; most windows have one.

    Attributes:
        draft: The problem.
        present: The signal before any search, once it was measured.
        shown: The best design of the latest search so far, or the present one.
        step: How far the search is.
        history: ``(seconds, figure of merit)`` of the latest search, as it was reported.
        explanation: The words about ``shown``, once they were found.
    """

    draft: Draft
    present: Design | None = None
    shown: Design | None = None
    step: Step | None = None
    history: list[tuple[float, float]] = field(default_factory=list)
    explanation: Explanation | None = None


@dataclass
class Session:
    """One window's state.

    Attributes:
        workers: Where searches run.
        draft: The problem, or ``None`` while what was typed is none.
        bands: What is known about it, band by band.
        band: Number of the band that is shown.
        saved: Finished designs, the newest last, those that the browser had kept before them.
        found: The best design of the latest search.
        message: What went wrong lately, if anything did.
        version: Counts up with every change.
    """

    workers: Workers
    draft: Draft | None = None
    bands: list[Band] = field(default_factory=list)
    band: int = 0
    saved: list[Saved] = field(default_factory=list)
    found: Design | None = None
    message: str = ""
    version: int = 0

    def __post_init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[Callable[[Any], None], Any]] = queue.SimpleQueue()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="crestfall-session")
        self._run: Run | None = None
        self._searches = 0
        self._closed = False
        self._at_work = 0
        self._order: Order | None = None
        self._left_s = self._share_s = 0.0
        self._stopped = False
        self._id = ""

    @property
    def _shown_band(self) -> Band | None:
        return self.bands[self.band] if self.bands else None

    @property
    def present(self) -> Design | None:
        """The signal of the shown band before any search, once it was measured."""
        return None if self._shown_band is None else self._shown_band.present

    @property
    def shown(self) -> Design | None:
        """The best design of the shown band so far, or the present one."""
        return None if self._shown_band is None else self._shown_band.shown

    @property
    def step(self) -> Step | None:
        """How far the search of the shown band is."""
        return None if self._shown_band is None else self._shown_band.step

    @property
    def history(self) -> list[tuple[float, float]]:
        """``(seconds, figure of merit)`` of the latest search of the shown band."""
        return [] if self._shown_band is None else self._shown_band.history

    @property
    def explanation(self) -> Explanation | None:
        """The words about the design that is shown, once they were found."""
        return None if self._shown_band is None else self._shown_band.explanation

    @property
    def is_optimised(self) -> bool:
        """Whether every band has a design of a search, or one that was restored."""
        return all(one.shown is not one.present for one in self.bands)

    # ------------------------------------------------------------------ what a visitor does

    def take(self, draft: Draft) -> None:
        """Change to another problem; a running search is ended, and the best that it has found is kept.

        If only what is played differs, everything that was found stays.
        """
        if draft.asks_the_same(self.draft):
            self._adopt(draft)
        else:
            self._begin_with(draft)

    def _adopt(self, draft: Draft) -> None:
        """The same problem in another text."""
        self.draft = draft
        for band, part in zip(self.bands, draft.parts or (draft,), strict=True):
            band.draft = part
        self.version += 1

    def _begin_with(self, draft: Draft) -> None:
        if self.searching:
            band = self.bands[self._at_work]
            if band.shown is not None and band.shown is not band.present:
                self._keep(band, band.shown)
        self._give_up()
        self.draft, self.message = draft, ""
        self.bands, self.band = [Band(part) for part in draft.parts or (draft,)], 0
        self.version += 1
        for band in self.bands:
            self._measure(band)

    def _measure(self, band: Band) -> None:
        self.later(lambda: (band, prepared(band.draft.present())), self._measured)

    def restore(self, draft: Draft, design: Design) -> None:
        """Change to the problem of a design, and show the design."""
        self._begin_with(draft)
        band = self.bands[0]
        band.shown, band.history = design, [(0.0, design.figure)]
        self._explain(band, design)

    def choose_band(self, number: int) -> None:
        """Show another band."""
        if 0 <= number < len(self.bands) and number != self.band:
            self.band = number
            self.version += 1

    def begin(self, seconds: float, seed: int = 0, **effort: Any) -> None:
        """Search; of several bands one after the other, within one time limit.

        Args:
            seconds: Time limit [s].
            seed: Seed of everything random.
            effort: The other fields of ``Order``.

        Raises:
            BusyError: All places are taken.
            ValueError: There is no problem to search.
        """
        if self.draft is None:
            raise ValueError("there is no problem yet; choose a field, or correct what is marked")
        self._give_up()
        self._searches += 1
        self._order, self._left_s, self._stopped = Order("", seconds, seed, **effort), seconds, False
        self._begin_band(0)

    def _begin_band(self, number: int) -> None:
        assert self._order is not None
        band, search = self.bands[number], self._searches
        self._share_s = max(self._left_s / (len(self.bands) - number), _LEAST_S)
        order = replace(self._order, text=band.draft.text, seconds=self._share_s)
        start = inf if band.present is None else band.present.figure
        self._id = secrets.token_hex(8)
        self._run = Run(
            self.workers, band.draft, order, lambda event: self._queue.put((self._receive, (search, event))), start
        )
        self._at_work = self.band = number
        band.step, self.message, band.explanation = None, "", None
        band.history = [] if band.present is None else [(0.0, start)]
        self.version += 1

    def stop(self) -> None:
        """End the search soon; its best comes as if it had finished."""
        self._stopped = True
        if self._run is not None:
            self._run.stop()

    def close(self) -> None:
        """The window is gone: nothing of it must go on."""
        self._closed = True
        self._give_up()
        self._thread.shutdown(wait=False, cancel_futures=True)

    @property
    def elapsed_s(self) -> float:
        """How long the latest search has taken so far, or took [s]."""
        if self.searches_shown:
            return 0.0 if self.step is None else self.step.elapsed_s
        return 0.0 if self.shown is None else self.shown.provenance.seconds

    @property
    def searching(self) -> bool:
        """Whether a search is at work."""
        return self._run is not None

    @property
    def searches_shown(self) -> bool:
        """Whether a search is at work on the band that is shown."""
        return self.searching and self.band == self._at_work

    # ------------------------------------------------------------------ what comes back

    def drain(self) -> None:
        """Take in what threads and processes have found since; nothing once the window is gone."""
        while not self._closed:
            try:
                receive, value = self._queue.get_nowait()
            except queue.Empty:
                return
            receive(value)
            self.version += 1

    def _receive(self, numbered: tuple[int, Event]) -> None:
        number, event = numbered
        if number != self._searches:  # from a search that was given up
            return
        band = self.bands[self._at_work]
        if isinstance(event, Improved):
            band.step = event.step
            if event.design is not None:
                _show(band, event.design, event.step.elapsed_s)
            return
        self._run = None
        if isinstance(event, Failed):
            self.message = event.message
        elif isinstance(event, Finished):
            _show(band, event.design, event.design.provenance.seconds)
            self._keep(band, event.design)
            self._explain(band, event.design)
            self._go_on(event.design.provenance.seconds)

    def _go_on(self, spent_s: float) -> None:
        """Search the next band, if there is one and nobody has stopped the search."""
        assert self._order is not None
        # The time for a bound comes on top of the time limit, and takes nothing from the other bands.
        self._left_s -= spent_s if self._order.bound_time is None else min(spent_s, self._share_s)
        if self._at_work + 1 < len(self.bands) and not self._stopped:
            try:
                self._begin_band(self._at_work + 1)
            except BusyError as error:
                self.message = str(error)

    def _keep(self, band: Band, design: Design) -> None:
        name = free_name(self.saved, f"{design.own_tones.n} tones, {design.figure:.4f}")
        about = f"{band.draft.sentence}; {design.problem.figure} {readable_figure(design.figure)}, {design.status}"
        self.saved.append(Saved.of(name, band.draft.text, about, design))
        self.found = design
        del self.saved[:-MOST]

    def unfinished(self) -> dict[str, str] | None:
        """The best so far of a running search as a browser stores it: always under one id."""
        if not self.bands or (design := self.bands[self._at_work].shown) is None:
            return None
        draft = self.bands[self._at_work].draft
        name = free_name(self.saved, f"{design.own_tones.n} tones, {design.figure:.4f}, not finished")
        figure = f"{design.problem.figure} {readable_figure(design.figure)}"
        about = f"{draft.sentence}; {figure}, interrupted by a reload"
        return {**Saved.of(name, draft.text, about, design).entry(), "id": self._id}

    def _measured(self, found: tuple[Band, Design]) -> None:
        band, design = found
        if not any(band is one for one in self.bands):
            return
        band.present = design
        if band.shown is None:
            band.shown = design
            band.history = [(0.0, design.figure)]
            self._explain(band, design)

    def _explain(self, band: Band, design: Design) -> None:
        name = f"crestfall-{design.own_tones.n}-tones.json"
        self.later(lambda: (band, design, explain(design, name)), self._explained)

    def _explained(self, found: tuple[Band, Design, Explanation]) -> None:
        band, design, explanation = found
        if design is band.shown:
            band.explanation = explanation

    # ------------------------------------------------------------------ parts

    def _give_up(self) -> None:
        self._searches += 1  # whatever it still reports is old
        if self._run is not None:
            self._run.close()
            self._run = None

    def later(
        self,
        work: Callable[[], Any],
        receive: Callable[[Any], None],
        failed: Callable[[str], None] | None = None,
    ) -> None:
        """Do some work in the thread.

        The next ``drain`` calls ``receive`` with its result, or ``failed`` with the reason why there is none; by
        default that becomes the message of the page.
        """

        def carry_out() -> None:
            try:
                self._queue.put((receive, work()))
            except (ValueError, ImportError, MemoryError) as error:
                why = str(error) or "this needs more memory than is available"
                self._queue.put((failed or self._failed, why))

        self._thread.submit(carry_out)

    def _failed(self, message: str) -> None:
        self.message = message


def _show(band: Band, design: Design, seconds: float) -> None:
    band.shown = design
    band.history.append((seconds, design.figure))
