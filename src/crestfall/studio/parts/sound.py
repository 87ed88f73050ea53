"""A button that plays the signal through the loudspeaker."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent


class Sound(JSComponent):
    """Asks ``on_press`` for samples; ``play`` gives them to the browser, which repeats them until the next press."""

    disabled = param.Boolean(default=False, doc="Whether there is nothing to play.")

    _esm = Path(__file__).with_name("sound.js")

    def __init__(self, on_press: Callable[[], None], **params: Any) -> None:
        super().__init__(**params)
        self._on_press = on_press

    def play(self, rate_hz: int, samples: bytes) -> None:
        """Play 16-bit samples, over and over."""
        self._send_msg({"rate": rate_hz, "data": b64encode(samples).decode("ascii")})

    def _handle_msg(self, message: Any) -> None:
        if message == "play":
            self._on_press()
