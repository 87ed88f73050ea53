"""The fields of the page; ``page`` connects them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import panel as pn

from crestfall.problem.problem import MEASURES
from crestfall.studio import palette
from crestfall.studio.downloads import FORMATS
from crestfall.studio.help_texts import HELP
from crestfall.studio.limits import Limits
from crestfall.studio.parts import Choice
from crestfall.studio.playback_form import BITS, LENGTH, LEVEL, RATE
from crestfall.studio.presets import presets

STYLE = Path(__file__).with_name("studio.css").read_text("utf-8")
LAYOUT = Path(__file__).with_name("layout.css").read_text("utf-8")

MEASURE_TITLES = {
    "peak": "Peak",
    "range": "Range (max − min)",
    "one-sided": "Highest value",
    "envelope": "Peak of the envelope",
    "components": "Larger peak of I and Q",
}
OWN = "Your own problem"
PROBLEM_FILE = "Problem file (.toml)"
assert set(MEASURE_TITLES) == set(MEASURES)


def boxed(name: str, *parts: Any, **options: Any) -> pn.Column:
    """A container that ``layout.css`` arranges."""
    root = palette.css() if name == "page" else ""
    return pn.Column(*parts, css_classes=[name], stylesheets=[root + LAYOUT], sizing_mode="stretch_width", **options)


def text_pane(html: str = "", **options: Any) -> pn.pane.HTML:
    """A text; its HTML is escaped in ``studio.words``."""
    return pn.pane.HTML(html, **{"stylesheets": [STYLE], "sizing_mode": "stretch_width", "margin": 0, **options})


def _field(kind: Any, name: str, **options: Any) -> Any:
    if name in HELP:
        options["description"] = HELP[name]
    return kind(label=name, stylesheets=[STYLE], sizing_mode="stretch_width", margin=0, **options)


class Controls:
    """All fields and buttons, with their labels."""

    def __init__(self, limits: Limits) -> None:
        text, select = pn.widgets.TextInput, pn.widgets.Select
        self.preset = _field(
            select, "Begin with", options={preset.title: preset.name for preset in presets()} | {OWN: ""}
        )
        self.mode = Choice(
            label="Describe the tones by",
            options=["Harmonics", "Table", "Shapes", "Text", "File"],
            value="Harmonics",
            stylesheets=[STYLE],
            sizing_mode="stretch_width",
            margin=0,
        )
        long = {"max_length": limits.text_bytes}
        self.harmonics = _field(text, "Harmonics, such as 1:31 or odd:63, or 20..2000 in Hz", **long)
        self.fundamental = _field(text, "Fundamental (Hz)")
        self.amplitudes = _field(text, "Amplitude, one for each, or a law such as pink", **long)
        self.signal = _field(select, "Signal", options={"Real": "real", "Complex baseband": "complex"})
        self.text = _field(pn.widgets.TextAreaInput, "Problem file (TOML)", rows=14, **long)
        self.measure = _field(select, "Lower the", options={title: key for key, title in MEASURE_TITLES.items()})
        self.times = _field(text, "Times that count: rate (Hz), or start:end (s)", placeholder="the whole period")
        self.alphabet = _field(text, "Allowed phases", placeholder="all")
        self.lines = _field(text, "Lines may move by: 2 lines, 0.5 Hz, 5 %", placeholder="fixed", max_length=40)
        self.shapes = _field(text, "Shapes, such as pulse:5/12:4 triangle:2", **long)
        self.shape_frequency = _field(text, "Frequency of the period (Hz)", max_length=40)
        self.offset = _field(text, "Added constant", placeholder="none", max_length=40)
        self.plain = _button("Keep only the tones")
        self.seconds = _field(text, "Time limit (s)", value="10")
        self.seed = _field(text, "Seed", value="0")
        self.origin = _field(
            select, "Start from", options={"Best design known": "atlas", "Schroeder's and random phases": "scratch"}
        )
        self.go = _button("Go", css_classes=["go"])
        self.stop = _button("Stop, keep best", disabled=True)
        self.undo, self.redo = (_button(name, disabled=True, css_classes=["small"]) for name in ("Undo", "Redo"))
        self.longer = _button("Search for 60 s")
        self.others = _button("Try other random starts")
        self.change = _button("End the search, keep its best, and make the change")
        self.go_on = _button("Keep searching", css_classes=["go"])
        self.format = _field(select, "File", options=[*FORMATS, PROBLEM_FILE])
        self.file_rate = _field(text, RATE, placeholder="automatic", max_length=40)
        self.file_length = _field(text, LENGTH, placeholder="as few as will loop", max_length=40)
        self.file_level = _field(text, LEVEL, placeholder="1 Vpp, -1 dBFS", max_length=40)
        self.file_bits = _field(text, BITS, placeholder="as the format needs", max_length=40)
        self.view = Choice(
            label="Show",
            options=["Proof", "Compare", "Designs"],
            value="Proof",
            stylesheets=[STYLE],
            width=300,
            margin=0,
        )
        self.drive = _field(select, "Waveform of", options=[], visible=False)
        self.left = _field(select, "Left", options=[])
        self.right = _field(select, "Right", options=[])

    def typed(self) -> list[Any]:
        """The fields that describe tones by harmonics."""
        return [self.harmonics, self.fundamental, self.amplitudes, self.signal]


def _button(name: str, **options: Any) -> Any:
    small = "small" in options.get("css_classes", [])
    size = {"width": 76} if small else {"sizing_mode": "stretch_width"}
    return pn.widgets.Button(label=name, stylesheets=[STYLE], margin=0, **size, **options)
