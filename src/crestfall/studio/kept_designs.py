"""Finished designs: what the browser keeps of them, and what a visitor does with the list."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from crestfall.studio.controls import Controls, styled
from crestfall.studio.limits import Limits
from crestfall.studio.parts import SavedDesigns
from crestfall.studio.saved import Saved, saved_of_entries
from crestfall.studio.session import Session

_KEEP_S = 2.0
"""Time between two designs of a running search that the window keeps."""


class KeptDesigns:
    """The list of finished designs, here and in the browser's storage.

    Args:
        session: Where they come from.
        controls: The fields of the comparison.
        limits: What is taken from a browser.
        restore: Called with a design that is to be shown again.
        save: Called with a design of which a file is wanted.
        look_again: Called when something has changed.

    Attributes:
        part: The list on the page.
    """

    def __init__(
        self,
        session: Session,
        controls: Controls,
        limits: Limits,
        restore: Callable[[Saved], None],
        save: Callable[[Saved], None],
        look_again: Callable[[], None],
    ) -> None:
        self._session, self._controls, self._limits = session, controls, limits
        self._restore, self._save, self._look_again = restore, save, look_again
        self._stored: set[str] = set()
        self._running: tuple[Any, float] = (None, 0.0)
        self.part = SavedDesigns(self.chosen, **styled())

    def chosen(self, message: dict[str, Any]) -> None:
        """What a visitor does with a finished design, or the browser has kept."""
        kind = message.get("kind")
        if kind == "loaded":
            self._loaded(message.get("entries"))
            return
        saved = next((one for one in self._session.saved if one.id == message.get("id")), None)
        if saved is None:
            return
        if kind == "restore":
            self._restore(saved)
        elif kind == "compare":
            self._controls.view.value = "Compare"
            self._controls.right.value = saved.name
        elif kind == "save":
            self._save(saved)
        elif kind == "rename" and isinstance(message.get("name"), str):
            renamed = saved.renamed(message["name"])
            self._session.saved[self._session.saved.index(saved)] = renamed
            self.part.keep(renamed.entry())
        elif kind == "remove":
            self._session.saved.remove(saved)
            self.part.remove(saved.id)
        self._look_again()

    def _loaded(self, entries: Any) -> None:
        """Take over what the browser has kept."""
        found = saved_of_entries(entries, self._limits)
        ids = {one.id for one in self._session.saved}
        self._session.saved[:0] = [one for one in found if one.id not in ids]
        self._stored = {one.id for one in found} | self._stored
        self._look_again()

    def show(self) -> None:
        """List what was found, let the browser keep it, and during a search its best so far."""
        session = self._session
        for one in session.saved:
            if one.id not in self._stored:
                self._stored.add(one.id)
                self.part.keep(one.entry())
        rows = [[one.id, one.name, one.about] for one in reversed(session.saved)]
        if self.part.rows != rows:
            self.part.rows = rows
        if self.part.searching is not session.searching:
            self.part.searching = session.searching
            self.part.keep_running(None)
            self._running = (None, 0.0)
        design, now = session.shown, perf_counter()
        new = session.searching and design is not session.present and design is not self._running[0]
        if new and now - self._running[1] >= _KEEP_S:
            self._running = (design, now)
            self.part.keep_running(session.unfinished())
