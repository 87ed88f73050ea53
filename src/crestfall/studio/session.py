"""The state of one window: its problem, its search and its designs. It knows no widgets.

Nothing here waits: measuring runs in a thread and searching in a process, and both leave what they find in a queue,
which the page empties now and then (``drain``).
"""

from __future__ import annotations

import queue
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import inf
from typing import Any

from crestfall.design.design import Design
from crestfall.design.explain import Explanation, explain
from crestfall.studio.curves import prepared
from crestfall.studio.draft import Draft
from crestfall.studio.messages import Order, Step
from crestfall.studio.run import Event, Failed, Finished, Improved, Run, Workers
from crestfall.studio.saved import MOST, Saved, free_name


@dataclass
class Session:
    """One window's state.

    Attributes:
        workers: Where searches run.
        draft: The problem, or ``None`` while what was typed is none.
        present: The signal before any search, once it was measured.
        shown: The best design of the latest search so far, or the present one.
        step: How far the search is.
        history: ``(seconds, figure of merit)`` of the latest search, as it was reported.
        saved: Finished designs, the newest last, those that the browser had kept before them.
        found: The best design of the latest search.
        message: What went wrong lately, if anything did.
        explanation: The words about ``shown``, once they were found.
        version: Counts up with every change.
    """

    workers: Workers
    draft: Draft | None = None
    present: Design | None = None
    shown: Design | None = None
    step: Step | None = None
    history: list[tuple[float, float]] = field(default_factory=list)
    saved: list[Saved] = field(default_factory=list)
    found: Design | None = None
    message: str = ""
    explanation: Explanation | None = None
    version: int = 0

    def __post_init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[Callable[[Any], None], Any]] = queue.SimpleQueue()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="crestfall-session")
        self._run: Run | None = None
        self._searches = 0
        self._id = ""

    # ------------------------------------------------------------------ what a visitor does

    def take(self, draft: Draft) -> None:
        """Change to another problem; a running search is ended, and the best that it has found is kept."""
        if self.searching and self.shown is not None and self.shown is not self.present:
            self._keep(self.shown)
        self._give_up()
        self.draft, self.present, self.shown, self.step = draft, None, None, None
        self.history, self.message, self.explanation = [], "", None
        self.version += 1
        self.later(lambda: (draft, prepared(draft.present())), self._measured)

    def restore(self, draft: Draft, design: Design) -> None:
        """Change to the problem of a design, and show the design."""
        self.take(draft)
        self.shown, self.history = design, [(0.0, design.figure)]
        self._explain(design)

    def begin(self, seconds: float, seed: int = 0, **effort: Any) -> None:
        """Search.

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
        number, self._id = self._searches, secrets.token_hex(8)
        order = Order(self.draft.text, seconds, seed, **effort)
        start = inf if self.present is None else self.present.figure
        self._run = Run(
            self.workers, self.draft, order, lambda event: self._queue.put((self._receive, (number, event))), start
        )
        self.step, self.message, self.explanation = None, "", None
        self.history = [] if self.present is None else [(0.0, start)]
        self.version += 1

    def stop(self) -> None:
        """End the search soon; its best comes as if it had finished."""
        if self._run is not None:
            self._run.stop()

    def close(self) -> None:
        """The window is gone: nothing of it must go on."""
        self._give_up()
        self._thread.shutdown(wait=False, cancel_futures=True)

    @property
    def elapsed_s(self) -> float:
        """How long the latest search has taken so far, or took [s]."""
        if self.searching:
            return 0.0 if self.step is None else self.step.elapsed_s
        return 0.0 if self.shown is None else self.shown.provenance.seconds

    @property
    def searching(self) -> bool:
        """Whether a search is at work."""
        return self._run is not None

    # ------------------------------------------------------------------ what comes back

    def drain(self) -> None:
        """Take in what threads and processes have found since."""
        while True:
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
        if isinstance(event, Improved):
            self.step = event.step
            if event.design is not None:
                self._show(event.design, event.step.elapsed_s)
            return
        self._run = None
        if isinstance(event, Failed):
            self.message = event.message
        elif isinstance(event, Finished):
            self._show(event.design, event.design.provenance.seconds)
            self._keep(event.design)
            self._explain(event.design)

    def _show(self, design: Design, seconds: float) -> None:
        self.shown = design
        self.history.append((seconds, design.figure))

    def _keep(self, design: Design) -> None:
        assert self.draft is not None
        name = free_name(self.saved, f"{design.multisine.n} tones, {design.figure:.4f}")
        about = f"{self.draft.sentence}; {design.problem.figure} {design.figure:.4f}, {design.status}"
        self.saved.append(Saved.of(name, self.draft.text, about, design))
        self.found = design
        del self.saved[:-MOST]

    def unfinished(self) -> dict[str, str] | None:
        """The best so far of a running search as a browser stores it: always under one id."""
        if self.draft is None or self.shown is None:
            return None
        name = free_name(self.saved, f"{self.shown.multisine.n} tones, {self.shown.figure:.4f}, not finished")
        about = f"{self.draft.sentence}; {self.shown.problem.figure} {self.shown.figure:.4f}, interrupted by a reload"
        return {**Saved.of(name, self.draft.text, about, self.shown).entry(), "id": self._id}

    def _measured(self, found: tuple[Draft, Design]) -> None:
        draft, design = found
        if draft is not self.draft:
            return
        self.present = design
        if self.shown is None:
            self.shown = design
            self.history = [(0.0, design.figure)]
            self._explain(design)

    def _explain(self, design: Design) -> None:
        name = f"crestfall-{design.multisine.n}-tones.json"
        self.later(lambda: (design, explain(design, name)), self._explained)

    def _explained(self, found: tuple[Design, Explanation]) -> None:
        design, explanation = found
        if design is self.shown:
            self.explanation = explanation

    # ------------------------------------------------------------------ parts

    def _give_up(self) -> None:
        self._searches += 1  # whatever it still reports is old
        if self._run is not None:
            self._run.close()
            self._run = None

    def later(self, work: Callable[[], Any], receive: Callable[[Any], None]) -> None:
        """Do some work in the thread, and receive its result with the next ``drain``."""

        def carry_out() -> None:
            try:
                self._queue.put((receive, work()))
            except (ValueError, ImportError, MemoryError) as error:
                self._queue.put((self._failed, str(error) or "this needs more memory than is available"))

        self._thread.submit(carry_out)

    def _failed(self, message: str) -> None:
        self.message = message
