"""The link that restores the problem: in the address of the page, so that a reload restores it, and to be copied."""

from __future__ import annotations

from pathlib import Path

import param
from panel.custom import JSComponent


class Link(JSComponent):
    """Writes ``query`` into the address; a press copies the whole address."""

    query = param.String("", doc="What follows the path, from the question mark on; empty for none.")

    _esm = Path(__file__).with_name("link.js")
