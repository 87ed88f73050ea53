"""The fields and buttons of the page; ``page`` connects them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import panel as pn

from crestfall.studio import field_specs as specs
from crestfall.studio import palette
from crestfall.studio.downloads import FORMATS
from crestfall.studio.field_specs import FieldSpec
from crestfall.studio.parts import Choice, Field, Fold, Form, Text
from crestfall.studio.presets import presets

STYLE = Path(__file__).with_name("studio.css").read_text("utf-8")
LAYOUT = Path(__file__).with_name("layout.css").read_text("utf-8")

OWN = "Your own problem"
PROBLEM_FILE = "Problem file (.toml)"
_BEGIN = FieldSpec(
    "preset",
    "Begin with",
    "An example from one of the fields, to adapt to your problem.",
    options=(*((preset.name, preset.title) for preset in presets()), ("", OWN)),
)
_FORMAT = FieldSpec(
    "format",
    "File",
    "What to save: samples for an instrument, tables, a picture, or the problem itself.",
    options=tuple((title, title) for title in (*FORMATS, PROBLEM_FILE)),
)
_DEFAULTS = {"seconds": "10", "seed": "0"}


def boxed(name: str, *parts: Any, **options: Any) -> pn.Column:
    """A container that ``layout.css`` arranges."""
    root = palette.css() if name == "page" else ""
    made = _Page if name == "page" else pn.Column
    return made(*parts, css_classes=[name], stylesheets=[root + LAYOUT], sizing_mode="stretch_width", **options)


def text_of(html: str = "", **options: Any) -> Text:
    """A text; its HTML is escaped in ``studio.words``."""
    return Text(html=html, **styled(**options))


def styled(**options: Any) -> dict[str, Any]:
    """What all parts have in common."""
    return {"stylesheets": [STYLE], "sizing_mode": "stretch_width", "margin": 0, **options}


class _Page(pn.Column):
    """The whole page, with a short ``repr``: Panel's template makes one of all it contains, slowly and for nobody."""

    def __repr__(self, depth: int = 0, max_depth: int = 10) -> str:
        return "the page"


class Section:
    """Fields that few need, folded away; the heading says how many of them are set.

    Args:
        label: What they are about.
        fields: All fields of the page, by name.
        form: Those of this section.
        parts: What else is in it.
    """

    def __init__(self, label: str, fields: dict[str, Field], form: Form, *parts: Any) -> None:
        self._names = [spec["name"] for spec in form.specs]
        self._fields = fields
        self.fold = Fold(label=label, **styled())
        self._parts = [form, *parts]
        self._inside = boxed("stack", visible=False)
        self.whole = boxed("stack", self.fold, self._inside)
        self.fold.param.watch(lambda event: self._show(), "open")
        for name in self._names:
            fields[name].param.watch(lambda event: self._look(), ["value", "error"])

    def _show(self) -> None:
        if not self._inside.objects:  # made when first opened, so that the page loads sooner
            self._inside.objects = self._parts
        self._inside.visible = self.fold.open

    def _look(self) -> None:
        """Count what is set, and open where something is wrong."""
        fields = [self._fields[name] for name in self._names]
        self.fold.set = sum(field.value.strip() != field.default for field in fields)
        if any(field.error for field in fields):
            self.fold.open = True


class Controls:
    """All fields and buttons, with their labels.

    Attributes:
        fields: The fields, by the names of ``field_specs``.
        forms: Groups of them, as they are shown together.
    """

    def __init__(self) -> None:
        groups = {
            "begin": (_BEGIN,),
            "tones": specs.TONES,
            "shapes": specs.SHAPES,
            "text": specs.TEXT,
            "file": specs.FILE,
            "goal": specs.GOAL,
            "more_tones": specs.MORE_TONES,
            "added": specs.ADDED,
            "search": specs.SEARCH,
            "more_search": specs.MORE_SEARCH,
            "format": (_FORMAT, *specs.SAVE),
            "more_save": specs.MORE_SAVE,
        }
        self.fields = {
            spec.name: Field(spec, _DEFAULTS.get(spec.name, "")) for group in groups.values() for spec in group
        }
        self.forms = {
            name: Form([self.fields[spec.name] for spec in group], **styled()) for name, group in groups.items()
        }
        self.mode = Choice(
            label="Describe the tones by",
            options=["Harmonics", "Table", "Shapes", "Text", "File"],
            value="Harmonics",
            **styled(),
        )
        self.plain = _button("Keep only the tones")
        self.go = _button("Go", css_classes=["go"])
        self.stop = _button("Stop, keep best", disabled=True)
        self.undo, self.redo = (_button(name, disabled=True, css_classes=["small"]) for name in ("Undo", "Redo"))
        self.longer = _button("Search for 60 s")
        self.others = _button("Try other random starts")
        self.change = _button("End the search, keep its best, and make the change")
        self.go_on = _button("Keep searching", css_classes=["go"])
        self.view = Choice(
            label="Show",
            options=["Proof", "Compare", "Designs"],
            value="Proof",
            **styled(),
        )
        self.band = _select("Band", visible=False)
        self.drive = _select("Waveform of", visible=False)
        self.left, self.right = _select("Left"), _select("Right")

    def value(self, name: str) -> str:
        """What a field shows."""
        return self.fields[name].value

    def values(self, group: Iterable[FieldSpec]) -> dict[str, str]:
        """What several fields show, by their names."""
        return {spec.name: self.value(spec.name) for spec in group}

    def fill(self, values: dict[str, str]) -> None:
        """Let fields show these values."""
        with ExitStack() as stack:
            for form in self.forms.values():
                stack.enter_context(form.together())
            for name, value in values.items():
                self.fields[name].value = value

    def mark(self, errors: dict[str, str], among: Iterable[str]) -> None:
        """Mark the fields that are wrong, among those that were looked at."""
        for name in among:
            self.fields[name].error = errors.get(name, "")


def _button(name: str, **options: Any) -> Any:
    small = "small" in options.get("css_classes", [])
    size = {"width": 76} if small else {"sizing_mode": "stretch_width"}
    return pn.widgets.Button(label=name, stylesheets=[STYLE], margin=0, **size, **options)


def _select(name: str, **options: Any) -> Any:
    return pn.widgets.Select(label=name, options=[], **styled(**options))
