"""Light or dark: as the visitor's machine has it, unless the visitor wants it otherwise."""

from __future__ import annotations

from pathlib import Path

import param
from panel.custom import JSComponent


class Theme(JSComponent):
    """A button that turns the page dark or light; ``dark`` says which it is."""

    dark = param.Boolean(default=False, doc="Whether the page is dark.")

    _esm = Path(__file__).with_name("theme.js")
