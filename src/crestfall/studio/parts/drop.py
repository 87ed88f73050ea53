"""A place to drop a file, or to choose one."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent


class Drop(JSComponent):
    """Takes one file of at most ``most_bytes`` and gives name and content to ``on_file``.

    The browser refuses larger ones before they are sent; whoever bypasses the browser meets the server's own limit.
    """

    label = param.String("", doc="What to do here.")
    accept = param.String("", doc="Endings, separated by commas.")
    most_bytes = param.Integer(default=2**20, doc="Largest file [bytes].")

    _esm = Path(__file__).with_name("drop.js")

    def __init__(self, on_file: Callable[[str, bytes], None], **params: Any) -> None:
        super().__init__(**params)
        self._on_file = on_file

    def _handle_msg(self, message: Any) -> None:
        if not isinstance(message, dict):
            return
        name, data = message.get("name"), message.get("data")
        if not isinstance(name, str) or not isinstance(data, str) or len(data) > 4 * (self.most_bytes // 3 + 2):
            return
        try:
            content = b64decode(data, validate=True)
        except binascii.Error:
            return
        self._on_file(name[-256:], content)
