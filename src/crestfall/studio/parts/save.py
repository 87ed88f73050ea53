"""A button that saves a file which is made when it is pressed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent


class Save(JSComponent):
    """Asks ``on_press`` for a file; ``hand_over`` gives it to the browser."""

    label = param.String("Save", doc="What the button says.")
    disabled = param.Boolean(default=False, doc="Whether there is nothing to save.")

    _esm = Path(__file__).with_name("save.js")

    def __init__(self, on_press: Callable[[], None], **params: Any) -> None:
        super().__init__(**params)
        self._on_press = on_press

    def hand_over(self, name: str, data: bytes) -> None:
        """Let the browser save a file."""
        self._send_msg({"name": name, "data": b64encode(data).decode("ascii")})

    def _handle_msg(self, message: Any) -> None:
        if message == "press" and not self.disabled:
            self._on_press()
