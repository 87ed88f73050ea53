"""The problem in the address of the page: a reload and Back restore it, and it can be copied as a link."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent


class Link(JSComponent):
    """Writes the problem into the address, or into the browser's storage where it is too long; a press copies it.

    ``on_address`` gets the query of an address that the visitor went back to, and the text that was stored for it:
    ``None`` where the address has the problem itself, empty where the browser has forgotten it.
    """

    query = param.String("", doc="What follows the path, from the question mark on; empty if that is too long.")
    text = param.String("", doc="The problem, where it is too long for the address.")
    key = param.String("", doc="Name of the stored problem; empty where the address has it.")
    version = param.Integer(0, doc="Counts up when all of it is to be shown.")

    _esm = Path(__file__).with_name("link.js")

    def __init__(self, on_address: Callable[[str, str | None], None], **params: Any) -> None:
        super().__init__(**params)
        self._on_address = on_address

    def show(self, packet: str | None, text: str) -> None:
        """Put a problem into the address: packed, or by its text if that is ``None``."""
        key = "" if packet is not None else sha256(text.encode()).hexdigest()[:16]
        query = "" if packet is None else f"?problem={packet}"
        self.param.update(query=query, text=text if key else "", key=key)
        self.version += 1

    def restore_address(self) -> None:
        """Put what is shown into the address again, after somebody went back and then did not want to."""
        self._send_msg("show")

    def _handle_msg(self, message: Any) -> None:
        if isinstance(message, dict) and isinstance(message.get("search"), str):
            text = message.get("text")
            self._on_address(message["search"], text if isinstance(text, str) else None)
