"""Controls that browsers make better than widget libraries: plain HTML with labels, for keyboard and screen reader."""

from __future__ import annotations

from crestfall.studio.parts.choice import Choice
from crestfall.studio.parts.drop import Drop
from crestfall.studio.parts.fold import Fold
from crestfall.studio.parts.form import Field, Form
from crestfall.studio.parts.keys import Keys
from crestfall.studio.parts.link import Link
from crestfall.studio.parts.save import Save
from crestfall.studio.parts.saved_designs import SavedDesigns
from crestfall.studio.parts.sound import Sound
from crestfall.studio.parts.text import Text
from crestfall.studio.parts.theme import Theme
from crestfall.studio.parts.tone_table import ToneTable

__all__ = [
    "Choice",
    "Drop",
    "Field",
    "Fold",
    "Form",
    "Keys",
    "Link",
    "Save",
    "SavedDesigns",
    "Sound",
    "Text",
    "Theme",
    "ToneTable",
]
