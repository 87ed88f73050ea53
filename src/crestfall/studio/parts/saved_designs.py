"""The list of finished designs, kept in the storage of the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent


class SavedDesigns(JSComponent):
    """Rows of designs; ``on_message`` gets what a visitor does with one, or what the browser has kept.

    Messages are ``{"kind": "restore" | "compare" | "save" | "remove", "id": …}``, ``{"kind": "rename", "id": …,
    "name": …}`` and ``{"kind": "loaded", "entries": […]}`` with the entries that ``keep`` was given earlier. All of it
    comes from the browser and is checked by who gets it.
    """

    rows = param.List([], doc="[id, name, what it is] of each design.")
    searching = param.Boolean(default=False, doc="Whether leaving the page would end a search.")

    _esm = Path(__file__).with_name("saved_designs.js")

    def __init__(self, on_message: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(**params)
        self._on_message = on_message

    def keep(self, entry: dict[str, str]) -> None:
        """Let the browser keep an entry, or change the one with the same id."""
        self._send_msg({"kind": "keep", "entry": entry})

    def keep_running(self, entry: dict[str, str] | None) -> None:
        """Let the window keep the best so far of a search; ``None`` when it has ended."""
        self._send_msg({"kind": "rest"} if entry is None else {"kind": "running", "entry": entry})

    def remove(self, id: str) -> None:
        """Let the browser forget an entry."""
        self._send_msg({"kind": "remove", "id": id})

    def _handle_msg(self, message: Any) -> None:
        if isinstance(message, dict):
            self._on_message(message)
