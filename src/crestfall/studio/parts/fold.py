"""The heading of a section that is folded away until somebody wants it."""

from __future__ import annotations

from pathlib import Path

import param
from panel.custom import JSComponent


class Fold(JSComponent):
    """A button that opens and closes what follows it; ``open`` says which it is."""

    label = param.String("", doc="What the section is about.")
    open = param.Boolean(default=False, doc="Whether the section is shown.")
    set = param.Integer(0, doc="How many of its fields say something: a closed section must not hide that.")

    _esm = Path(__file__).with_name("fold.js")
