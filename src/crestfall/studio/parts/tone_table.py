"""The table of tones: cells that are typed into, or pasted into from a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

MOST_ROWS = 256
"""More tones are edited as text; a page with thousands of fields is slow."""


class ToneTable(JSComponent):
    """Rows of frequency [Hz], amplitude and phase [rad]; ``on_rows`` gets them as lines of text when one changes.

    The lines are what ``studio.pasted`` reads: values separated by tabs, as a spreadsheet copies them.
    """

    rows = param.List([], doc="Rows of texts: frequency [Hz], amplitude, phase [rad] or nothing.")
    too_many = param.Integer(0, doc="Tones of a problem that has too many for rows; else 0.")

    error = param.String("", doc="What is wrong with what was typed; it begins with the number of the tone.")

    _esm = Path(__file__).with_name("tone_table.js")

    def __init__(self, on_rows: Callable[[str], None], **params: Any) -> None:
        super().__init__(**params)
        self._on_rows = on_rows

    def _handle_msg(self, message: Any) -> None:
        if isinstance(message, str) and not self.too_many:
            self._on_rows(message)
