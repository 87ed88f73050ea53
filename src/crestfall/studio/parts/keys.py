"""Keys that work everywhere on the page: Ctrl+Enter starts, Escape stops."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent


class Keys(JSComponent):
    """Calls ``on_key`` with ``"go"`` or ``"stop"``, and names the figures for screen readers."""

    figures = param.List([], item_type=str, doc="What the figures show, in their order on the page.")

    _esm = Path(__file__).with_name("keys.js")

    def __init__(self, on_key: Callable[[str], None], **params: Any) -> None:
        super().__init__(**params)
        self._on_key = on_key

    def _handle_msg(self, message: Any) -> None:
        if message in ("go", "stop"):
            self._on_key(message)
