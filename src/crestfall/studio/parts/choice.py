"""One of a few, all in sight: native radio buttons in a group with a name."""

from __future__ import annotations

from pathlib import Path

import param
from panel.custom import JSComponent


class Choice(JSComponent):
    """A row of radio buttons; ``value`` is one of ``options``."""

    label = param.String("", doc="Name of the group.")
    options = param.List([], item_type=str, doc="What can be chosen.")
    value = param.String("", doc="What is chosen.")

    _esm = Path(__file__).with_name("choice.js")
