"""Problems to begin with: one of each field, read from the problem files that come with crestfall."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

_FIELDS = {
    "impedance": "Impedance spectroscopy",
    "audio": "Loudspeaker, pink noise",
    "elevator": "Flight test, one surface",
    "shaker": "Shaker with limits",
    "tweezers": "Optical tweezers",
    "mri": "Multiband MRI",
    "detector": "Detector read-out",
    "ofdm": "OFDM preamble",
    "converter": "Interleaved converters",
    "channels": "Three actuators, three experiments",
    "flight_test": "Flight test, three surfaces",
    "beats": "A window without a period",
}
"""Problem files, as ``examples/`` names them, and what people call the field."""

FIRST = """# Equal tones at 10, 20, … 310 Hz.

[tones]
harmonics = "1:31"
fundamental_hz = 10.0
"""


@dataclass(frozen=True)
class Preset:
    """A problem to begin with.

    Attributes:
        name: A word for links and tests.
        title: What the menu says.
        text: The problem file.
    """

    name: str
    title: str
    text: str


def presets() -> tuple[Preset, ...]:
    """All of them, the simplest first.

    Example:
        >>> [preset.name for preset in presets()][:3]
        ['flat', 'impedance', 'audio']
    """
    fields = [Preset(name, title, _text(name)) for name, title in _FIELDS.items()]
    return (Preset("flat", "31 equal harmonics", FIRST), *fields)


def _text(name: str) -> str:
    packaged = files("crestfall.studio") / "problems" / f"{name}.toml"
    if packaged.is_file():
        return packaged.read_text("utf-8")
    # In a checkout the files are where a reader looks for them; the wheel takes them along (see pyproject.toml).
    return (Path(__file__).parents[3] / "examples" / f"{name}.toml").read_text("utf-8")
