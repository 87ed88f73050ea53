"""A text of the page, which changes often."""

from __future__ import annotations

from pathlib import Path

import param
from panel.custom import JSComponent


class Text(JSComponent):
    """HTML in which all that comes from a visitor is escaped.

    Panel's own pane sends its style sheets again with each text, and Bokeh then searches the whole page.
    """

    html = param.String("", doc="The text.")

    _esm = Path(__file__).with_name("text.js")
